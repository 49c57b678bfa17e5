// What roles are called (api/roles.ts).
import { catalogue, writerOf } from '../words.ts'

export const roleWords = catalogue({
  en: {
    admin: 'administration',
    operator: 'operations',
    quality: 'quality',
    engineer: 'engineering',
    integration: 'integration',
    viewer: 'read only',
  },
  de: {
    admin: 'Administration',
    operator: 'Betrieb',
    quality: 'Qualität',
    engineer: 'Technik',
    integration: 'Anbindung',
    viewer: 'nur lesen',
  },
  fr: {
    admin: 'administration',
    operator: 'exploitation',
    quality: 'qualité',
    engineer: 'technique',
    integration: 'intégration',
    viewer: 'lecture seule',
  },
  es: {
    admin: 'administración',
    operator: 'operaciones',
    quality: 'calidad',
    engineer: 'ingeniería',
    integration: 'integración',
    viewer: 'solo lectura',
  },
})

const write = writerOf(roleWords)

/** A role of a newer server keeps its own name. */
export const nameOfRole = (role: string): string =>
  Object.hasOwn(roleWords.en, role) ? write(role as 'admin') : role

// Messages of choosing a password.
import { catalogue, writerOf } from '../words.ts'

export const password = catalogue({
  en: {
    title: 'Choose a password',
    must: 'The first password is valid once. Choose your own to continue.',
    old: 'Current password',
    'new': 'New password',
    changed: 'Password changed. Other sessions have ended.',
  },
  de: {
    title: 'Passwort wählen',
    must: 'Das erste Passwort gilt einmal. Wählen Sie ein eigenes, um fortzufahren.',
    old: 'Bisheriges Passwort',
    'new': 'Neues Passwort',
    changed: 'Geändert. Andere Sitzungen sind beendet.',
  },
  fr: {
    title: 'Choisir un mot de passe',
    must: 'Le premier mot de passe ne vaut qu’une fois. Choisissez le vôtre pour continuer.',
    old: 'Mot de passe actuel',
    'new': 'Nouveau mot de passe',
    changed: 'Modifié. Les autres sessions sont closes.',
  },
  es: {
    title: 'Elegir una contraseña',
    must: 'La primera contraseña vale una vez. Elija la suya para continuar.',
    old: 'Contraseña actual',
    'new': 'Contraseña nueva',
    changed: 'Cambiada. Las demás sesiones han terminado.',
  },
})

export const write = writerOf(password)

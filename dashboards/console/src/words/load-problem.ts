// What a panel says in the place of what could not be loaded; the reason stands above the page.
import { catalogue, writerOf } from '../words.ts'

export const loadProblem = catalogue({
  en: { missing: 'This could not be loaded.' },
  de: { missing: 'Dies konnte nicht geladen werden.' },
  fr: { missing: 'Ceci n’a pas pu être chargé.' },
  es: { missing: 'Esto no se pudo cargar.' },
})

export const write = writerOf(loadProblem)

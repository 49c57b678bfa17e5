// Messages of the button that saves a printed report.
import { catalogue, writerOf } from '../words.ts'

export const reportWords = catalogue({
  en: { save: 'Save report (PDF)', making: 'Report is being made …' },
  de: { save: 'Bericht sichern (PDF)', making: 'Bericht wird erstellt …' },
  fr: { save: 'Enregistrer le rapport (PDF)', making: 'Rapport en cours …' },
  es: { save: 'Guardar informe (PDF)', making: 'Se prepara el informe …' },
})

export const writeReport = writerOf(reportWords)

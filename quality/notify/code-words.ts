// Words for codes in messages to people, in their languages: kinds of cases, and why something
// changed. A code that is not known here stays as it is.
import type { Language } from './terms.ts'

const words: Readonly<Record<Language, Readonly<Record<string, string>>>> = {
  en: {
    ...{ 'off-market': 'outside its market', 'silent-unpack': 'unrecorded unpacking' },
    ...{ 'logger-divorce': 'logger separated from its goods', clone: 'copied serial numbers' },
    ...{ 'return-fraud': 'return fraud', enumeration: 'guessed serial numbers' },
    ...{
      'late-reading': 'late reading',
      asked: 'a re-evaluation',
      exposures: 'exposures',
      started: 'its start',
    },
    ...{ opened: 'its opening', evidence: 'new evidence', reopened: 'its reopening' },
    'evidence withdrawn': 'withdrawn evidence',
  },
  de: {
    ...{ theft: 'Diebstahl', diversion: 'Abzweigung', 'off-market': 'außerhalb seines Marktes' },
    ...{ 'silent-unpack': 'unbemerkt ausgepackt' },
    ...{ 'logger-divorce': 'Logger von der Ware getrennt', clone: 'kopierte Seriennummern' },
    ...{ 'return-fraud': 'Retourenbetrug', enumeration: 'durchprobierte Nummern' },
    ...{ reading: 'Messwert', 'late-reading': 'verspäteter Messwert', event: 'Ereignis' },
    ...{
      readings: 'Messwerte',
      asked: 'erneute Auswertung',
      events: 'Ereignisse',
      label: 'Etikett',
      profile: 'Profiländerung',
    },
    ...{ device: 'Änderung am Logger', clock: 'Uhr des Loggers', silence: 'Schweigen' },
    ...{ closing: 'Schließen', exposures: 'Belastung', started: 'Beginn', opened: 'Eröffnung' },
    ...{ evidence: 'neue Belege', reopened: 'Wiedereröffnung' },
    'evidence withdrawn': 'Rücknahme von Belegen',
  },
  fr: {
    ...{ theft: 'vol', diversion: 'détournement', 'off-market': 'hors de son marché' },
    ...{ 'silent-unpack': 'déballé à l’insu', clone: 'numéros de série copiés' },
    'logger-divorce': 'enregistreur séparé de la marchandise',
    ...{ 'return-fraud': 'fraude au retour', enumeration: 'numéros essayés' },
    ...{ reading: 'mesure', 'late-reading': 'mesure tardive', event: 'événement' },
    ...{
      readings: 'mesures',
      asked: 'nouvelle évaluation',
      events: 'événements',
      label: 'étiquette',
      profile: 'modification du profil',
    },
    ...{ device: 'modification de l’enregistreur', clock: 'horloge de l’enregistreur' },
    ...{ silence: 'silence', closing: 'clôture', exposures: 'expositions' },
    ...{ started: 'lancement', opened: 'ouverture', evidence: 'nouvelles preuves' },
    ...{ reopened: 'réouverture', 'evidence withdrawn': 'retrait de preuves' },
  },
  es: {
    ...{ theft: 'robo', diversion: 'desvío', 'off-market': 'fuera de su mercado' },
    ...{ 'silent-unpack': 'desempaquetado sin constancia', clone: 'números de serie copiados' },
    'logger-divorce': 'registrador separado de la mercancía',
    ...{ 'return-fraud': 'fraude de devolución', enumeration: 'números probados' },
    ...{ reading: 'lectura', 'late-reading': 'lectura tardía', event: 'evento' },
    ...{
      readings: 'lecturas',
      asked: 'nueva evaluación',
      events: 'eventos',
      label: 'etiqueta',
      profile: 'cambio de perfil',
    },
    ...{ device: 'cambio del registrador', clock: 'reloj del registrador', silence: 'silencio' },
    ...{ closing: 'cierre', exposures: 'exposiciones', started: 'inicio', opened: 'apertura' },
    ...{ evidence: 'nuevas pruebas', reopened: 'reapertura' },
    'evidence withdrawn': 'retirada de pruebas',
  },
}

export const codeWord = (code: string, language: Language): string => words[language][code] ?? code

// What codes in the cells of workbooks are called in the languages of people, as the console calls
// them. CSV, NDJSON and Parquet keep the codes of the API; so does what is not known here.
import { codeWord } from '../../quality/report/code-words.ts'
import { decisionWords, type ReportLanguage, reportWords } from '../../quality/report/words.ts'

type Words = Readonly<Record<string, string>>

/** No code means two things; `open` is of alerts and of cases, so that its word has no gender. */
const words: Readonly<Record<ReportLanguage, Words>> = {
  en: {
    ...{ proposed: 'proposed, not signed', signed: 'signed, in force', rejected: 'declined' },
    ...{ 'quality/stale': 'what it is about has changed', 'quality/decided': 'decided by now' },
    ...{ take: 'take', leave: 'leave', 'whole container': 'take the whole container' },
    ...{ 'leave container': 'leave it closed', alert: 'alert', recall: 'recall', list: 'list' },
    ...{ excursion: 'excursion', silence: 'logger silent', 'off-market': 'outside its market' },
    ...{ 'silent-unpack': 'unrecorded unpacking', clone: 'copied serial numbers' },
    'logger-divorce': 'logger separated from its goods',
    ...{ 'return-fraud': 'return fraud', enumeration: 'guessed serial numbers' },
  },
  de: {
    ...{ proposed: 'vorgeschlagen, nicht unterschrieben', signed: 'unterschrieben, in Kraft' },
    ...{ rejected: 'abgelehnt', 'quality/stale': 'der Gegenstand hat sich geändert' },
    ...{ 'quality/decided': 'inzwischen entschieden', take: 'nehmen', leave: 'lassen' },
    ...{ 'whole container': 'den ganzen Behälter nehmen', alert: 'Alarm', recall: 'Rückruf' },
    ...{ 'leave container': 'geschlossen lassen', list: 'Liste', excursion: 'Abweichung' },
    ...{ silence: 'Logger schweigt', open: 'offen', closed: 'geschlossen' },
    ...{ superseded: 'ersetzt', retracted: 'zurückgenommen', confirmed: 'bestätigt' },
    ...{ dismissed: 'verworfen', withdrawn: 'zurückgezogen', theft: 'Diebstahl' },
    ...{ diversion: 'Abzweigung', 'off-market': 'außerhalb seines Marktes' },
    ...{ 'silent-unpack': 'unbemerkt ausgepackt', clone: 'kopierte Seriennummern' },
    'logger-divorce': 'Logger von der Ware getrennt',
    ...{ 'return-fraud': 'Retourenbetrug', enumeration: 'durchprobierte Nummern' },
  },
  fr: {
    ...{ proposed: 'proposée, non signée', signed: 'signée, en vigueur', rejected: 'refusée' },
    ...{ 'quality/stale': 'ce qu’elle concerne a changé', 'quality/decided': 'décidée depuis' },
    ...{ take: 'prendre', leave: 'laisser', 'whole container': 'prendre le contenant entier' },
    ...{ 'leave container': 'le laisser fermé', alert: 'alerte', recall: 'rappel', list: 'liste' },
    ...{ excursion: 'excursion', silence: 'enregistreur muet', superseded: 'remplacée' },
    ...{
      retracted: 'annulée',
      open: 'en cours',
      closed: 'close',
      confirmed: 'confirmé',
      dismissed: 'écarté',
    },
    ...{ withdrawn: 'retiré', theft: 'vol', diversion: 'détournement' },
    ...{ 'off-market': 'hors de son marché', 'silent-unpack': 'déballé à l’insu' },
    ...{ 'logger-divorce': 'enregistreur séparé de la marchandise' },
    ...{ clone: 'numéros de série copiés', 'return-fraud': 'fraude au retour' },
    enumeration: 'numéros essayés',
  },
  es: {
    ...{ proposed: 'propuesta, sin firmar', signed: 'firmada, en vigor', rejected: 'rechazada' },
    ...{ 'quality/stale': 'aquello a lo que se refiere ha cambiado' },
    ...{ 'quality/decided': 'ya decidida', take: 'tomar', leave: 'dejar' },
    ...{ 'whole container': 'tomar el contenedor entero', 'leave container': 'dejarlo cerrado' },
    ...{ alert: 'alerta', recall: 'retirada', list: 'lista', excursion: 'excursión' },
    ...{ silence: 'registrador en silencio', superseded: 'sustituida', retracted: 'anulada' },
    ...{ open: 'en curso', closed: 'cerrada', confirmed: 'confirmado', dismissed: 'descartado' },
    ...{ withdrawn: 'retirado', theft: 'robo', diversion: 'desvío' },
    ...{ 'off-market': 'fuera de su mercado', 'silent-unpack': 'desempaquetado sin constancia' },
    ...{ 'logger-divorce': 'registrador separado de la mercancía' },
    ...{ clone: 'números de serie copiados', 'return-fraud': 'fraude de devolución' },
    enumeration: 'números probados',
  },
}

/** The code itself where there is no word. */
export function cellWord(code: string, language: ReportLanguage): string {
  const { inVerdict, out, indeterminate } = reportWords[language]
  const verdicts: Words = { in: inVerdict, out, indeterminate }
  const decisions: Words = decisionWords[language]
  return words[language][code] ?? decisions[code] ?? verdicts[code] ?? codeWord(code, language)
}

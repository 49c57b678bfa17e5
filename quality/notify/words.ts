// The words of messages to people in four languages. A table: what is said when is
// quality/notify/letter.ts. {name} stands for what is filled in.
import type { Severity } from '../../domain/profile/profile.ts'
import { typesetAll } from '../../domain/typography.ts'
import type { Language } from './terms.ts'

export interface NotifyWords {
  locale: string
  /** Between a word and what it announces: French sets it apart. */
  colon: string
  severity: Record<Severity, string>
  excursion: string
  silence: string
  /** Before the title of what changed. */
  changed: string
  closed: string
  retracted: string
  workflow: Record<'acknowledged' | 'investigating' | 'decided' | 'closed' | 'other', string>
  recallStarted: string
  recallChanged: string
  drill: string
  caseOpened: string
  caseChanged: string
  disposition: string
  conflict: string
  report: string
  period: string
  attached: string
  capture: string
  other: string
  test: string
  testBody: string
  summary: string
  counts: string
  more: string
  othersOfBreach: string
  container: string
  product: string
  device: string
  place: string
  limit: string
  peak: string
  lastValue: string
  minutes: string
  silentMinutes: string
  since: string
  until: string
  lasting: string
  units: string
  verdict: string
  verdicts: Record<'in' | 'out' | 'indeterminate', string>
  cause: string
  by: string
  happened: string
  open: string
  inbox: string
  unacknowledged: string
  because: string
  becauseMany: string
}

const en: NotifyWords = {
  locale: 'en-GB',
  colon: ': ',
  severity: { info: 'Info', minor: 'Minor', major: 'Major', critical: 'Critical' },
  excursion: 'temperature excursion',
  silence: 'logger silent',
  changed: 'Changed',
  closed: 'Closed',
  retracted: 'Retracted',
  workflow: {
    acknowledged: 'Acknowledged',
    investigating: 'Under investigation',
    decided: 'Decided',
    closed: 'Closed',
    other: 'Noted',
  },
  recallStarted: 'Recall started',
  recallChanged: 'Recall changed',
  drill: 'drill',
  caseOpened: 'Case opened',
  caseChanged: 'Case changed',
  disposition: 'Decision signed',
  conflict: 'Events contradict each other',
  report: 'Report',
  period: 'Period',
  attached: 'Attached',
  capture: 'Events captured',
  other: 'Notification',
  test: 'Test message',
  testBody: 'This channel works: messages from Isotherm arrive here.',
  summary: '{count} notifications',
  counts: 'By severity',
  more: 'and {count} more in Isotherm',
  othersOfBreach: 'Further alerts of the same breach: {count}',
  container: 'Container',
  product: 'Product (GTIN)',
  device: 'Logger',
  place: 'Place',
  limit: 'Limit',
  peak: 'Peak',
  lastValue: 'Last known value',
  minutes: 'Minutes out of range',
  silentMinutes: 'Minutes without readings',
  since: 'Since',
  until: 'Until',
  lasting: 'ongoing',
  units: 'Units affected',
  verdict: 'Verdict',
  verdicts: { in: 'within limits', out: 'out of limits', indeterminate: 'indeterminate' },
  cause: 'Cause',
  by: 'By',
  happened: 'Time',
  open: 'Open in Isotherm',
  inbox: 'Open the alerts',
  unacknowledged: 'Nobody has acknowledged this within {minutes} min.',
  because: 'You receive this because of the rule: {rules}.',
  becauseMany: 'You receive this because of the rules: {rules}.',
}

const de: NotifyWords = {
  locale: 'de-DE',
  colon: ': ',
  severity: { info: 'Hinweis', minor: 'Leicht', major: 'Schwer', critical: 'Kritisch' },
  excursion: 'Temperaturabweichung',
  silence: 'Logger meldet sich nicht',
  changed: 'Geändert',
  closed: 'Geschlossen',
  retracted: 'Zurückgenommen',
  workflow: {
    acknowledged: 'Quittiert',
    investigating: 'In Untersuchung',
    decided: 'Entschieden',
    closed: 'Geschlossen',
    other: 'Vermerkt',
  },
  recallStarted: 'Rückruf begonnen',
  recallChanged: 'Rückruf geändert',
  drill: 'Übung',
  caseOpened: 'Fall eröffnet',
  caseChanged: 'Fall geändert',
  disposition: 'Entscheidung unterschrieben',
  conflict: 'Ereignisse widersprechen sich',
  report: 'Bericht',
  period: 'Zeitraum',
  attached: 'Im Anhang',
  capture: 'Ereignisse übernommen',
  other: 'Benachrichtigung',
  test: 'Testnachricht',
  testBody: 'Dieser Kanal funktioniert: Nachrichten von Isotherm kommen hier an.',
  summary: '{count} Benachrichtigungen',
  counts: 'Nach Schwere',
  more: 'und {count} weitere in Isotherm',
  othersOfBreach: 'Weitere Alarme derselben Abweichung: {count}',
  container: 'Behälter',
  product: 'Produkt (GTIN)',
  device: 'Logger',
  place: 'Ort',
  limit: 'Grenze',
  peak: 'Extremwert',
  lastValue: 'Zuletzt bekannt',
  minutes: 'Minuten außerhalb',
  silentMinutes: 'Minuten ohne Messwerte',
  since: 'Seit',
  until: 'Bis',
  lasting: 'dauert an',
  units: 'Betroffene Einheiten',
  verdict: 'Urteil',
  verdicts: { in: 'eingehalten', out: 'außerhalb', indeterminate: 'unbestimmt' },
  cause: 'Grund',
  by: 'Von',
  happened: 'Zeitpunkt',
  open: 'In Isotherm öffnen',
  inbox: 'Alarme öffnen',
  unacknowledged: 'Seit {minutes} min von niemandem quittiert.',
  because: 'Sie erhalten dies wegen der Regel: {rules}.',
  becauseMany: 'Sie erhalten dies wegen der Regeln: {rules}.',
}

const fr: NotifyWords = {
  locale: 'fr-FR',
  colon: ' : ',
  severity: { info: 'Information', minor: 'Mineure', major: 'Majeure', critical: 'Critique' },
  excursion: 'excursion de température',
  silence: 'l’enregistreur ne répond plus',
  changed: 'Modifiée',
  closed: 'Close',
  retracted: 'Annulée',
  workflow: {
    acknowledged: 'Acquittée',
    investigating: 'En cours d’enquête',
    decided: 'Décidée',
    closed: 'Close',
    other: 'Annotée',
  },
  recallStarted: 'Rappel lancé',
  recallChanged: 'Rappel modifié',
  drill: 'exercice',
  caseOpened: 'Dossier ouvert',
  caseChanged: 'Dossier modifié',
  disposition: 'Décision signée',
  conflict: 'Des événements se contredisent',
  report: 'Rapport',
  period: 'Période',
  attached: 'En pièce jointe',
  capture: 'Événements intégrés',
  other: 'Notification',
  test: 'Message de test',
  testBody: 'Ce canal fonctionne : les messages d’Isotherm arrivent ici.',
  summary: '{count} notifications',
  counts: 'Par gravité',
  more: 'et {count} de plus dans Isotherm',
  othersOfBreach: 'Autres alertes de la même excursion : {count}',
  container: 'Contenant',
  product: 'Produit (GTIN)',
  device: 'Enregistreur',
  place: 'Lieu',
  limit: 'Limite',
  peak: 'Valeur extrême',
  lastValue: 'Dernière valeur connue',
  minutes: 'Minutes hors limites',
  silentMinutes: 'Minutes sans mesures',
  since: 'Depuis',
  until: 'Jusqu’à',
  lasting: 'toujours en cours',
  units: 'Unités concernées',
  verdict: 'Verdict',
  verdicts: { in: 'conforme', out: 'hors limites', indeterminate: 'indéterminé' },
  cause: 'Motif',
  by: 'Par',
  happened: 'Date',
  open: 'Ouvrir dans Isotherm',
  inbox: 'Ouvrir les alertes',
  unacknowledged: 'Toujours pas d’acquittement après {minutes} min.',
  because: 'Vous recevez ce message en raison de la règle : {rules}.',
  becauseMany: 'Vous recevez ce message en raison des règles : {rules}.',
}

const es: NotifyWords = {
  locale: 'es-ES',
  colon: ': ',
  severity: { info: 'Información', minor: 'Leve', major: 'Grave', critical: 'Crítica' },
  excursion: 'excursión de temperatura',
  silence: 'el registrador no responde',
  changed: 'Modificada',
  closed: 'Cerrada',
  retracted: 'Anulada',
  workflow: {
    acknowledged: 'Reconocida',
    investigating: 'En investigación',
    decided: 'Decidida',
    closed: 'Cerrada',
    other: 'Anotada',
  },
  recallStarted: 'Retirada iniciada',
  recallChanged: 'Retirada modificada',
  drill: 'simulacro',
  caseOpened: 'Caso abierto',
  caseChanged: 'Caso modificado',
  disposition: 'Decisión firmada',
  conflict: 'Hay eventos que se contradicen',
  report: 'Informe',
  period: 'Periodo',
  attached: 'Adjunto',
  capture: 'Eventos incorporados',
  other: 'Notificación',
  test: 'Mensaje de prueba',
  testBody: 'Este canal funciona: los mensajes de Isotherm llegan aquí.',
  summary: '{count} notificaciones',
  counts: 'Por gravedad',
  more: 'y {count} más en Isotherm',
  othersOfBreach: 'Otras alertas de la misma excursión: {count}',
  container: 'Contenedor',
  product: 'Producto (GTIN)',
  device: 'Registrador',
  place: 'Lugar',
  limit: 'Límite',
  peak: 'Valor extremo',
  lastValue: 'Último valor conocido',
  minutes: 'Minutos fuera de límites',
  silentMinutes: 'Minutos sin lecturas',
  since: 'Desde',
  until: 'Hasta',
  lasting: 'continúa',
  units: 'Unidades afectadas',
  verdict: 'Veredicto',
  verdicts: { in: 'conforme', out: 'fuera de límites', indeterminate: 'indeterminado' },
  cause: 'Motivo',
  by: 'Por',
  happened: 'Fecha',
  open: 'Abrir en Isotherm',
  inbox: 'Abrir las alertas',
  unacknowledged: 'Nadie lo ha reconocido en {minutes} min.',
  because: 'Recibe este mensaje por la regla: {rules}.',
  becauseMany: 'Recibe este mensaje por las reglas: {rules}.',
}

export const notifyWords: Readonly<Record<Language, NotifyWords>> = {
  ...{ en, de, es },
  fr: typesetAll(fr, 'fr'),
}

/** Puts values in the places that are named. */
export const fill = (text: string, values: Readonly<Record<string, string | number>>): string =>
  text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole))

// Messages of stated corrections of a logger's clock, on its page and in the audit log.
import { catalogue, writerOf } from '../words.ts'

export const clock = catalogue({
  en: {
    list: 'Corrections of its clock',
    none: 'Nothing was stated of its clock: readings count at the times it sent.',
    hint: 'Its readings stay as they were sent; alerts, charts and passports count them at the right times.',
    state: 'State that its clock was wrong',
    from: 'From, by its own clock',
    to: 'To, by its own clock',
    zone: 'Time of {zone}',
    'to.hint': 'Empty: to this day. {zone}',
    way: 'Its clock was',
    ahead: 'ahead',
    behind: 'behind',
    much: 'By how much',
    'much.hint': 'hours:minutes:seconds, such as 1:02:00',
    'is.ahead': '{much} ahead',
    'is.behind': '{much} behind',
    since: 'from {from} to this day',
    inForce: 'in force',
    withdrawn: 'taken back',
    withdraw: 'Take back',
    'withdraw.text':
      'Everything is judged as if it had never been stated. That it was stays listed.',
    'kind.corrected': 'Clock of a logger corrected',
    'kind.withdrawn': 'Correction of a clock taken back',
  },
  de: {
    list: 'Korrekturen seiner Uhr',
    none: 'Zu seiner Uhr wurde nichts erklärt: Messwerte zählen zu den Zeiten, die er sandte.',
    hint: 'Seine Messwerte bleiben, wie sie gesandt wurden; Alarme, Verläufe und Pässe zählen sie zu den richtigen Zeiten.',
    state: 'Erklären, dass seine Uhr falsch ging',
    from: 'Von, nach seiner Uhr',
    to: 'Bis, nach seiner Uhr',
    zone: 'Zeit von {zone}',
    'to.hint': 'Leer: bis heute. {zone}',
    way: 'Seine Uhr ging',
    ahead: 'vor',
    behind: 'nach',
    much: 'Um wie viel',
    'much.hint': 'Stunden:Minuten:Sekunden, etwa 1:02:00',
    'is.ahead': 'ging {much} vor',
    'is.behind': 'ging {much} nach',
    since: '{from} bis heute',
    inForce: 'in Kraft',
    withdrawn: 'zurückgenommen',
    withdraw: 'Zurücknehmen',
    'withdraw.text':
      'Alles wird beurteilt, als wäre es nie erklärt worden. Dass es erklärt wurde, bleibt stehen.',
    'kind.corrected': 'Uhr eines Loggers korrigiert',
    'kind.withdrawn': 'Korrektur einer Uhr zurückgenommen',
  },
  fr: {
    list: 'Corrections de son horloge',
    none: 'Rien n’a été déclaré de son horloge : les mesures comptent aux heures envoyées.',
    hint: 'Ses mesures restent telles qu’envoyées ; alertes, courbes et passeports les comptent aux heures justes.',
    state: 'Déclarer que son horloge était fausse',
    from: 'Du, à son horloge',
    to: 'Au, à son horloge',
    zone: 'Heure de {zone}',
    'to.hint': 'Vide : jusqu’à ce jour. {zone}',
    way: 'Son horloge était',
    ahead: 'en avance',
    behind: 'en retard',
    much: 'De combien',
    'much.hint': 'heures:minutes:secondes, par exemple 1:02:00',
    'is.ahead': '{much} d’avance',
    'is.behind': '{much} de retard',
    since: 'du {from} à ce jour',
    inForce: 'en vigueur',
    withdrawn: 'reprise',
    withdraw: 'Reprendre',
    'withdraw.text':
      'Tout est jugé comme si cela n’avait jamais été déclaré. La déclaration reste dans la liste.',
    'kind.corrected': 'Horloge d’un enregistreur corrigée',
    'kind.withdrawn': 'Correction d’une horloge reprise',
  },
  es: {
    list: 'Correcciones de su reloj',
    none: 'Nada se ha declarado de su reloj: las lecturas cuentan a las horas que envió.',
    hint: 'Sus lecturas quedan como se enviaron; alertas, curvas y pasaportes las cuentan a las horas correctas.',
    state: 'Declarar que su reloj iba mal',
    from: 'Desde, según su reloj',
    to: 'Hasta, según su reloj',
    zone: 'Hora de {zone}',
    'to.hint': 'Vacío: hasta hoy. {zone}',
    way: 'Su reloj iba',
    ahead: 'adelantado',
    behind: 'atrasado',
    much: 'Cuánto',
    'much.hint': 'horas:minutos:segundos, por ejemplo 1:02:00',
    'is.ahead': '{much} adelantado',
    'is.behind': '{much} atrasado',
    since: 'desde {from} hasta hoy',
    inForce: 'en vigor',
    withdrawn: 'deshecha',
    withdraw: 'Deshacer',
    'withdraw.text':
      'Todo se juzga como si nunca se hubiera declarado. Que se declaró queda en la lista.',
    'kind.corrected': 'Reloj de un registrador corregido',
    'kind.withdrawn': 'Corrección de un reloj deshecha',
  },
})

export const writeClock = writerOf(clock)

/** A kind of evidence in words; those without words stay as they are. */
export function nameOfEvidence(kind: string): string {
  if (kind === 'device.clock-corrected') return writeClock('kind.corrected')
  if (kind === 'device.clock-correction-withdrawn') return writeClock('kind.withdrawn')
  return kind
}

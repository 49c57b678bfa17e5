// What a message to people says, before it takes the form of a channel: a subject, and for each
// thing that happened a title, facts and a link, in the language, unit and zone of whoever reads
// it. Pure: how things stand is an argument.

import { bounds } from '../../config.ts'
import type { Severity } from '../../domain/profile/profile.ts'
import type { Alert } from '../../store/ledger/alerts.ts'
import { codeWord } from './code-words.ts'
import { type Language, rankOf, type Unit } from './terms.ts'
import { fill, type NotifyWords, notifyWords } from './words.ts'

/** One subject of which something is told. */
export interface ToldItem {
  subject: string
  kind: string
  severity: Severity
  /** When it happened, record time. */
  at: number
  /** As it stands. */
  alert?: Alert
  place?: string | null
  /** Of other kinds: the body of the notice; undefined when it is forgotten. */
  body?: Readonly<Record<string, unknown>>
  /** Names of the rules that ask for it. */
  rules: readonly string[]
  /** Nobody acknowledged it for so long; 0: that is not why it is told. */
  unacknowledgedMs: number
  /** Further alerts of the same subject that are told with it. */
  others: number
}

/** What one message is about; the worst first. */
export interface Told {
  tenant: string
  items: readonly ToldItem[]
  /** Subjects that are counted, and not among the items. */
  more: number
  counts: Readonly<Partial<Record<Severity, number>>>
}

export interface Reader {
  language: Language
  unit: Unit
  zone: string
  /** Where the console is; without it, a message has no links. */
  base: string | undefined
}

export interface LetterItem {
  title: string
  severity: Severity
  facts: { label: string; value: string }[]
  notes: string[]
  link?: { label: string; url: string }
}

export interface Letter {
  language: Language
  /** Between a label and its value. */
  colon: string
  subject: string
  severity: Severity
  /** Only of a summary. */
  counts?: { label: string; value: string }
  items: LetterItem[]
  more?: string
  inbox?: { label: string; url: string }
  footer: string
}

export function writeLetter({ items, more, counts }: Told, reader: Reader): Letter {
  const words = notifyWords[reader.language]
  const written = items.map((item) => short(writeItem(item, words, reader)))
  const severity = worstOf(items.map((item) => item.severity))
  const rules = [...new Set(items.flatMap((item) => item.rules))].sort()
  const because = rules.length > 1 ? words.becauseMany : words.because
  const footer = fill(because, { rules: rules.slice(0, 5).join(', ') })
  const { language } = reader
  const { colon } = words
  const summary = items.length + more > 1
  if (!summary) {
    const [only] = written
    return {
      ...{ language, colon },
      subject: `${words.severity[severity]}${colon}${only!.title}`,
      severity,
      items: written,
      footer,
    }
  }
  const count = items.length + more
  const named = (['critical', 'major', 'minor', 'info'] as const)
    .filter((one) => counts[one])
    .map((one) => `${words.severity[one]} ${formatCount(counts[one]!, words)}`)
    .join(', ')
  const title = fill(words.summary, { count: formatCount(count, words) })
  return {
    ...{ language, colon },
    subject: `${words.severity[severity]}${colon}${title} (${named})`,
    severity,
    counts: { label: words.counts, value: named },
    items: written,
    ...(more > 0 && { more: fill(words.more, { count: formatCount(more, words) }) }),
    ...(reader.base && { inbox: { label: words.inbox, url: `${reader.base}/#/alerts` } }),
    footer,
  }
}

/** To see whether a channel works. */
export function writeTest({ language }: Reader): Letter {
  const words = notifyWords[language]
  const item = { title: words.test, severity: 'info' as const, facts: [], notes: [words.testBody] }
  const { colon } = words
  const subject = `Isotherm${colon}${words.test}`
  return { language, colon, subject, severity: 'info', items: [item], footer: '' }
}

/** What comes with a report that is sent again and again. */
export function writeReportLetter(
  of: { name: string; fileName: string; from: number; to: number },
  { language, zone }: Pick<Reader, 'language' | 'zone'>,
): Letter {
  const words = notifyWords[language]
  const title = `${words.report}${words.colon}${of.name}`
  const period = `${formatAt(of.from, words, zone)} – ${formatAt(of.to, words, zone)}`
  const facts = [
    { label: words.period, value: period },
    { label: words.attached, value: of.fileName },
  ]
  const items = [{ title, severity: 'info' as const, facts, notes: [] }]
  const { colon } = words
  return { language, colon, subject: title, severity: 'info', items, footer: '' }
}

export const worstOf = (severities: readonly Severity[]): Severity =>
  severities.reduce<Severity>((a, b) => (rankOf(b) > rankOf(a) ? b : a), 'info')

/** A card of Teams holds 28 KB: ten things with the longest names and their links. */
const short = (item: LetterItem): LetterItem => ({
  ...item,
  title: cut(item.title),
  facts: item.facts.map(({ label, value }) => ({ label, value: cut(value) })),
})

const cut = (text: string): string =>
  text.length <= bounds.notifyValueCharsMax ? text : `${text.slice(0, bounds.notifyValueCharsMax)}…`

function writeItem(item: ToldItem, words: NotifyWords, reader: Reader): LetterItem {
  const { severity, alert, body, kind, at, place, others, unacknowledgedMs } = item
  const notes = [
    ...(unacknowledgedMs > 0
      ? [fill(words.unacknowledged, { minutes: Math.round(unacknowledgedMs / 60_000) })]
      : []),
    ...(others > 0 ? [fill(words.othersOfBreach, { count: formatCount(others, words) })] : []),
  ]
  const url = linkOf(item, reader.base)
  const link = url === undefined ? {} : { link: { label: words.open, url } }
  const happened = { label: words.happened, value: formatAt(at, words, reader.zone) }
  if (!alert) {
    const title = titleOf(kind, body ?? {}, reader.language)
    return {
      title,
      severity,
      facts: [...saidOf(body ?? {}, reader.language), happened],
      notes,
      ...link,
    }
  }
  const facts = alertFacts(alert, { words, reader, place: place ?? null })
  const title = alertTitle(item, alert, words)
  return { title, severity, facts, notes, ...link }
}

function alertTitle({ kind, body }: ToldItem, alert: Alert, words: NotifyWords): string {
  const what = alert.kind === 'silence' ? words.silence : words.excursion
  const about = `${what}, ${shortOf(alert.kind === 'silence' ? alert.device : alert.container)}`
  if (kind === 'alert.workflow') {
    const entry = body?.entry as { kind?: string; to?: string } | undefined
    const to = entry?.kind === 'moved' ? entry.to : undefined
    const known = words.workflow[(to ?? 'other') as keyof NotifyWords['workflow']]
    return `${known ?? words.workflow.other}${words.colon}${about}`
  }
  if (alert.status === 'retracted' || alert.status === 'superseded')
    return `${words.retracted}${words.colon}${about}`
  if (alert.status === 'closed') return `${words.closed}${words.colon}${about}`
  return kind === 'alert.changed' ? `${words.changed}${words.colon}${about}` : capitalised(about)
}

function alertFacts(
  alert: Alert,
  { words, reader, place }: { words: NotifyWords; reader: Reader; place: string | null },
): LetterItem['facts'] {
  const { container, gtin, device, from, to, minutes, serialCount, verdict, peakC } = alert
  const temperature = (valueC: number, step = false) =>
    formatTemperature(valueC, { words, unit: reader.unit, step })
  const limit = limitOf(alert, temperature)
  const at = (time: number): string => formatAt(time, words, reader.zone)
  const facts: [string, string | undefined][] = [
    [words.container, shortOf(container)],
    [words.product, gtin],
    [words.device, device],
    [words.place, place ?? undefined],
    [words.limit, limit],
    [
      alert.kind === 'silence' ? words.lastValue : words.peak,
      peakC === null ? undefined : temperature(peakC),
    ],
    [
      alert.kind === 'silence' ? words.silentMinutes : words.minutes,
      formatCount(Math.round(minutes), words),
    ],
    [words.since, at(from)],
    [words.until, to === null ? words.lasting : at(to)],
    [words.units, formatCount(serialCount, words)],
    [words.verdict, words.verdicts[verdict]],
  ]
  return facts.flatMap(([label, value]) => (value === undefined ? [] : [{ label, value }]))
}

function limitOf(
  { limitC, lowerLimitC, ruleSide }: Alert,
  temperature: (valueC: number, step?: boolean) => string,
): string | undefined {
  if (limitC === null) return undefined
  if (lowerLimitC !== undefined) return `${temperature(lowerLimitC)} – ${temperature(limitC)}`
  return temperature(limitC, ruleSide === 'rise' || ruleSide === 'fall')
}

function titleOf(
  kind: string,
  { name, kind: of, drill }: Readonly<Record<string, unknown>>,
  language: Language,
): string {
  const words = notifyWords[language]
  const titles: Readonly<Record<string, string>> = {
    'recall.started': words.recallStarted,
    'recall.changed': words.recallChanged,
    'case.opened': words.caseOpened,
    'case.changed': words.caseChanged,
    'disposition.signed': words.disposition,
    'conflict.opened': words.conflict,
    'capture.applied': words.capture,
  }
  const named = typeof of === 'string' ? codeWord(of, language) : undefined
  const said = typeof name === 'string' ? name : named
  const title =
    said === undefined
      ? (titles[kind] ?? words.other)
      : `${titles[kind] ?? words.other}${words.colon}${said}`
  return drill === true ? `${title} (${words.drill})` : title
}

/** Causes that say no more than the title. */
const asTitled: ReadonlySet<string> = new Set(['started', 'opened'])

const saidOf = ({ cause }: Readonly<Record<string, unknown>>, language: Language) =>
  typeof cause === 'string' && !asTitled.has(cause)
    ? [{ label: notifyWords[language].cause, value: codeWord(cause, language) }]
    : []

function linkOf({ alert, body }: ToldItem, base: string | undefined): string | undefined {
  if (base === undefined) return undefined
  const to = (noun: string, id: unknown) => `${base}/#/${noun}/${encodeURIComponent(String(id))}`
  if (alert) return to('alerts', alert.id)
  if (body?.recall !== undefined) return to('recalls', body.recall)
  if (body?.case !== undefined) return to('cases', body.case)
  return undefined
}

/** What stands at the end of a Digital Link tells one from another. */
const shortOf = (name: string): string => name.replace(/^https?:\/\/[^/]+\/(?:\d{2,4}\/)?/, '')

const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

const formatCount = (count: number, { locale }: NotifyWords): string =>
  new Intl.NumberFormat(locale).format(count)

/** °F where it is asked for; `step`: a difference, which has no zero to move. */
function formatTemperature(
  valueC: number,
  { words, unit, step }: { words: NotifyWords; unit: Unit; step: boolean },
): string {
  const value = unit === 'C' ? valueC : valueC * 1.8 + (step ? 0 : 32)
  const format = new Intl.NumberFormat(words.locale, { maximumFractionDigits: 1 })
  return `${format.format(value)}\u00a0°${unit}`
}

/** With the zone, so that nobody takes it for another. */
const formatAt = (at: number, { locale }: NotifyWords, zone: string): string =>
  new Intl.DateTimeFormat(locale, {
    timeZone: zone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    timeZoneName: 'short',
  }).format(at)

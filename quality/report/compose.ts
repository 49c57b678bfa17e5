// What reports say, from facts that others gathered: decisions on units, alerts. Pure: the same
// facts and reader make the same record. Recommends nothing and reads nothing.
import type { DispositionRecord } from '../disposition/disposition.ts'
import type { SignedBy } from '../disposition/dispositions.ts'
import { channelWord, codeWord } from './code-words.ts'
import { moreWords } from './more-words.ts'
import { type Reader, ticksBetween, writingFor } from './reader.ts'
import { type ReasonFacts, reasonCells } from './reasons.ts'
import {
  type Chart,
  printedUnitsMax,
  type ReportKind,
  type ReportRecord,
  type Section,
} from './record.ts'
import { decisionWords, reportWords } from './words.ts'

/** An alert as it stood. Times epoch ms, temperatures °C. */
export interface AlertFacts {
  id: string
  revision: number
  gtin: string
  productName: string | null
  container: string
  device: string
  channel: string
  rule: string
  limitC: number | null
  lowerLimitC: number | null
  from: number
  to: number | null
  minutes: number
  unknownMinutes: number
  peakC: number | null
  verdict: 'in' | 'out' | 'indeterminate'
  severity: string
  serialCount: number
  serialSetHash: string
}

/** What the logger said around the breach. */
export interface ReadFacts {
  from: number
  to: number
  /** null: longer than readings stand. */
  points: [time: number, minC: number | null, maxC: number | null][]
}

/** Units with one story, and the passport that all of them have. */
export interface GroupFacts {
  units: number
  /** The first of them. */
  epc: string
  decision?: string
  passport: PassportFacts | null
}

export interface PassportFacts {
  verdict: 'in' | 'out' | 'indeterminate'
  knownMs: number
  unknownMs: number
  minC: number | null
  maxC: number | null
  meanC: number | null
  mktC: number | null
  zones: { words: string; limitC: number; ms: number }[]
  budgets: { limitC: number; leftMs: number }[]
  reasons: ReasonFacts[]
}

export interface ReleaseFacts {
  record: DispositionRecord
  recordHash: string
  state: 'proposed' | 'signed' | 'rejected'
  signature: SignedBy | null
  signatureHash: string | null
  alert: AlertFacts | null
  read: ReadFacts | null
  groups: GroupFacts[]
  groupsLeft: number
  /** The first of them, with the number of their part. */
  units: (readonly [epc: string, part: number])[]
  /** Newest reading that counts. */
  dataUpTo: number | null
}

export interface AlertReportFacts extends Pick<ReleaseFacts, 'groups' | 'groupsLeft' | 'dataUpTo'> {
  alert: AlertFacts
  read: ReadFacts | null
  units: readonly string[]
  /** Record time of the revision. */
  at: number
}

export function composeRelease(facts: ReleaseFacts, reader: Reader): ReportRecord {
  const { w, write } = toolsOf(reader)
  const { record, signature, alert } = facts
  const { subject, parts } = record
  const decisions = decisionWords[reader.language]
  const state = { proposed: w.proposedState, signed: w.signedState, rejected: w.rejectedState }[
    facts.state
  ]
  const about =
    subject.kind === 'list'
      ? w.none
      : `${w[subject.kind]} ${subject.id}, ${w.revision} ${subject.revision}`
  const signedAt = signature && Date.parse(signature.signedAt)
  const sections: Section[] = [
    {
      ...{ kind: 'facts', title: w.summary },
      rows: [
        [w.state, record.control === 'four-eyes' ? `${state} (${w.fourEyes})` : state],
        [w.subject, about],
        [w.units, write.count(record.serialCount)],
        [w.left, write.count(record.left)],
        ...recommendedRow(record, reader),
        [w.reason, record.reason],
        [w.proposed, `${record.proposedBy}, ${write.moment(Date.parse(record.proposedAt))}`],
        [w.asOf, write.moment(Date.parse(record.asOf))],
        ...(facts.dataUpTo === null
          ? []
          : [[w.dataUpTo, write.moment(facts.dataUpTo)] as [string, string]]),
        [w.setHash, record.serialSetHash],
        [w.recordHash, facts.recordHash],
      ],
    },
    partsTable(parts, reader),
    ...(signature
      ? [signed({ ...signature, meaning: w[signature.meaning] }, facts.signatureHash, reader)]
      : []),
    ...(alert ? [happened(alert, reader)] : []),
    ...(alert ? [charted(alert, facts.read, reader)] : []),
    ...exposed(facts, reader),
    serials(
      facts.units.map(([epc, part]) => ({ epc, of: decisions[parts[part]!.decision] })),
      { total: record.serialCount, reader },
    ),
  ]
  return reportOf('release', reader, {
    ...{ title: w.release, subtitle: record.id, sections },
    at: signedAt ?? Date.parse(record.proposedAt),
  })
}

/** By which verdict a part was chosen stands in it where any was. */
function partsTable(parts: DispositionRecord['parts'], reader: Reader): Section {
  const { w, write } = toolsOf(reader)
  const { chosen, otherwise } = moreWords[reader.language]
  const isByVerdict = parts.some(({ verdict }) => verdict !== undefined)
  return {
    ...{ kind: 'table', title: w.parts },
    columns: [
      { title: w.decision, share: 3 },
      { title: w.disposition, share: 3 },
      ...(isByVerdict ? [{ title: chosen, share: 2.6 }] : []),
      { title: w.count, share: 1.6, align: 'right' },
      { title: w.setHash, share: 6 },
    ],
    rows: parts.map(({ decision, disposition, verdict, count, serialSetHash }) => [
      ...[decisionWords[reader.language][decision], disposition],
      ...(isByVerdict ? [verdict ? verdictWord(verdict, reader) : otherwise] : []),
      ...[write.count(count), serialSetHash],
    ]),
  }
}

/** What passports recommended for all units in question, where a part was chosen by it. */
function recommendedRow({ recommended }: DispositionRecord, reader: Reader): [string, string][] {
  if (!recommended) return []
  const { w, write } = toolsOf(reader)
  const told = (['in', 'indeterminate', 'out'] as const).map(
    (verdict) => `${write.count(recommended[verdict])} × ${verdictWord(verdict, reader)}`,
  )
  const none = recommended.none > 0 ? [`${write.count(recommended.none)} × ${w.noPassport}`] : []
  return [[moreWords[reader.language].recommended, [...told, ...none].join('; ')]]
}

export function composeAlert(facts: AlertReportFacts, reader: Reader): ReportRecord {
  const { w, write } = toolsOf(reader)
  const { alert, dataUpTo } = facts
  const upTo: [string, string][] = dataUpTo === null ? [] : [[w.dataUpTo, write.moment(dataUpTo)]]
  const what = happened(alert, reader)
  const sections: Section[] = [
    {
      ...what,
      rows: [
        ...what.rows,
        [w.units, write.count(alert.serialCount)],
        ...upTo,
        [w.setHash, alert.serialSetHash],
      ],
    },
    charted(alert, facts.read, reader),
    ...exposed(facts, reader),
    serials(
      facts.units.map((epc) => ({ epc })),
      { total: alert.serialCount, reader },
    ),
  ]
  const subtitle = `${alert.id}, ${w.revision} ${alert.revision}`
  return reportOf('alert', reader, { title: w.alert, subtitle, sections, at: facts.at })
}

export const toolsOf = (reader: Reader) => ({
  w: reportWords[reader.language],
  write: writingFor(reader),
})

export function reportOf(
  report: ReportKind,
  reader: Reader,
  of: Pick<ReportRecord, 'title' | 'subtitle' | 'at' | 'sections'>,
): ReportRecord {
  const { page, of: among, hash, odd } = reportWords[reader.language]
  const words = { page, of: among, hash, odd }
  return { kind: 'report', version: 2, report, language: reader.language, words, ...of }
}

function happened(alert: AlertFacts, reader: Reader): Section & { kind: 'facts' } {
  const { w, write } = toolsOf(reader)
  const { productName, gtin, lowerLimitC, limitC, to } = alert
  const limits = [lowerLimitC, limitC].flatMap((each) =>
    each === null ? [] : [write.degrees(each)],
  )
  return {
    ...{ kind: 'facts', title: w.what },
    rows: [
      [w.product, productName === null ? gtin : `${productName} (GTIN ${gtin})`],
      [w.container, alert.container],
      [w.logger, `${alert.device}, ${channelWord(alert.channel, reader.language)}`],
      [w.rule, `${alert.rule} (${w.severity}: ${codeWord(alert.severity, reader.language)})`],
      [w.limit, limits.join(' / ') || w.none],
      [w.breach, `${write.moment(alert.from)} - ${to === null ? w.until : write.moment(to)}`],
      [w.minutes, write.count(alert.minutes)],
      [w.unknown, write.count(alert.unknownMinutes)],
      [w.peak, write.degrees(alert.peakC)],
      [w.verdict, verdictWord(alert.verdict, reader)],
    ],
  }
}

export const verdictWord = (verdict: AlertFacts['verdict'], { language }: Reader): string =>
  reportWords[language][verdict === 'in' ? 'inVerdict' : verdict]

function charted(alert: AlertFacts, read: ReadFacts | null, reader: Reader): Section {
  const { w, write } = toolsOf(reader)
  if (!read) return { kind: 'text', title: w.chart, lines: [moreWords[reader.language].noReadings] }
  const limit = (celsius: number | null): Chart['limits'] =>
    celsius === null ? [] : [{ value: write.value(celsius), name: write.degrees(celsius) }]
  const inUnit = (celsius: number | null): number | null =>
    celsius === null ? null : write.value(celsius)
  return {
    ...{ kind: 'chart', title: w.chart },
    chart: {
      ...{ unit: write.unit, from: read.from, to: read.to },
      points: read.points.map(([time, minC, maxC]) => [time, inUnit(minC), inUnit(maxC)]),
      limits: [...limit(alert.lowerLimitC), ...limit(alert.limitC)],
      marked: { from: alert.from, to: alert.to ?? read.to },
      ticks: ticksBetween(read.from, read.to).map((time) => ({ time, text: write.tick(time) })),
      words: moreWords[reader.language].chart,
    },
  }
}

export function exposed(
  { groups, groupsLeft }: Pick<ReleaseFacts, 'groups' | 'groupsLeft'>,
  reader: Reader,
): Section[] {
  if (groups.length === 0) return []
  const { w, write } = toolsOf(reader)
  const left = groupsLeft > 0 ? ` ${write.count(groupsLeft)} ${w.more}.` : ''
  const beyond = ({ zones }: PassportFacts): string =>
    zones
      .filter(({ ms }) => ms > 0)
      .map(({ words, limitC, ms }) => `${words} ${write.degrees(limitC)}: ${write.minutes(ms)} min`)
      .join('; ') || '-'
  const budget = ({ budgets }: PassportFacts): string =>
    budgets.map(({ leftMs }) => `${write.minutes(leftMs)} min`).join('; ') || '-'
  const rows = groups.map(({ units, passport }, i) =>
    passport
      ? [
          ...[`${i + 1}`, write.count(units), verdictWord(passport.verdict, reader)],
          ...[passport.minC, passport.maxC, passport.meanC, passport.mktC].map(write.figure),
          ...[beyond(passport), write.minutes(passport.unknownMs), budget(passport)],
        ]
      : [`${i + 1}`, write.count(units), w.noPassport, '-', '-', '-', '-', '-', '-', '-'],
  )
  const right = { align: 'right' as const }
  const table: Section = {
    ...{ kind: 'table', title: w.exposure, rows, note: w.exposureNote + left },
    columns: [
      { title: w.group, share: 1.4 },
      { title: w.count, share: 1.8, ...right },
      { title: w.verdict, share: 2.2 },
      ...[w.least, w.most, w.mean, w.mkt].map((name) => ({
        ...{ title: `${name} ${write.unit}`, share: 1.5, ...right },
      })),
      { title: w.minutes, share: 3.2 },
      { title: w.unknown, share: 2.1, ...right },
      { title: w.budget, share: 2.2, ...right },
    ],
  }
  return [table, ...reasonsOf(groups, reader)]
}

function reasonsOf(groups: readonly GroupFacts[], reader: Reader): Section[] {
  const { w } = toolsOf(reader)
  const rows = groups.flatMap(({ passport }, i) =>
    (passport?.reasons ?? [])
      .filter(({ outcome }) => outcome !== 'skipped')
      .map((reason) => [`${i + 1}`, ...reasonCells(reason, reader)]),
  )
  if (rows.length === 0) return []
  const columns = [
    { title: w.group, share: 1 },
    { title: w.step, share: 2 },
    { title: w.outcome, share: 1.8 },
    { title: w.detail, share: 8 },
  ]
  return [{ kind: 'table', title: w.reasons, columns, rows, note: w.reasonsNote }]
}

/** By what is decided of them, else by product: what their EPCs begin with is told once. */
export function serials(
  units: readonly { epc: string; of?: string }[],
  { total, reader }: { total: number; reader: Reader },
): Section {
  const { w, write } = toolsOf(reader)
  const shown = units.slice(0, printedUnitsMax)
  const left = total - shown.length
  const groups = Map.groupBy(shown, ({ epc, of }) => {
    const prefix = epc.slice(0, epc.lastIndexOf('/') + 1)
    return of === undefined ? prefix : `${of}: ${prefix}`
  })
  return {
    ...{ kind: 'list', title: `${w.serials} (${write.count(total)})` },
    groups: [...groups].map(([name, same]) => ({
      title: `${name}… (${write.count(same.length)})`,
      items: same.map(({ epc }) => epc.slice(epc.lastIndexOf('/') + 1)),
    })),
    ...(left > 0 && { note: `${write.count(left)} ${w.serialsMore}.` }),
  }
}

/** 21 CFR 11.50: printed name, date and time, meaning. */
export function signed(
  signature: Omit<SignedBy, 'meaning'> & { meaning: string },
  hash: string | null,
  reader: Reader,
): Section {
  const { w, write } = toolsOf(reader)
  const { printedName, signer, signedAt, meaning, reason, authentication, record } = signature
  return {
    ...{ kind: 'signatures', title: w.signature },
    signatures: [
      [
        [w.signer, `${printedName} (${signer})`],
        [w.signedAt, write.moment(Date.parse(signedAt))],
        [w.meaning, meaning],
        [w.reason, reason],
        [w.proof, w[authentication]],
        [w.recordHash, record],
        [w.signatureHash, hash ?? '-'],
      ],
    ],
  }
}

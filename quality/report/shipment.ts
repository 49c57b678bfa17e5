// What the report of a shipment says, from facts that others gathered: a container with a logger on
// it, where it was, how warm it was, what stands against it and what its units went through. Pure,
// as the other reports.
import { codeWord } from './code-words.ts'
import {
  type AlertFacts,
  exposed,
  type GroupFacts,
  type ReadFacts,
  reportOf,
  serials,
  toolsOf,
  verdictWord,
} from './compose.ts'
import { moreWords } from './more-words.ts'
import { type Reader, ticksBetween } from './reader.ts'
import type { Chart, ReportRecord, Section } from './record.ts'
import { shipmentWords } from './shipment-words.ts'

export interface ShipmentFacts {
  container: string
  device: string
  /** Of the mount, epoch ms; null: it goes on. */
  from: number
  to: number | null
  /** What is inside, by product: its name, or its GTIN. */
  products: { name: string; rangeC: { min: number; max: number } | null }[]
  /** Where it was, in order, with what was done there. */
  stops: { place: string; from: number; to: number; steps: string[] }[]
  /** Breaches that stand, by their begin. */
  alerts: AlertFacts[]
  read: ReadFacts | null
  groups: GroupFacts[]
  groupsLeft: number
  /** All units that were inside at any time. */
  serialCount: number
  serialSetHash: string
  /** The first of them. */
  units: readonly string[]
  /** Newest reading that counts. */
  dataUpTo: number | null
}

export function composeShipment(facts: ShipmentFacts, reader: Reader): ReportRecord {
  const { w } = toolsOf(reader)
  const own = shipmentWords[reader.language]
  const { container, device, units, serialCount } = facts
  const sections: Section[] = [
    summary(facts, reader),
    stopsOf(facts, reader),
    ...(facts.read ? [charted(facts, facts.read, reader)] : []),
    breaches(facts, reader),
    ...exposed(facts, reader),
    serials(
      units.map((epc) => ({ epc })),
      { total: serialCount, reader },
    ),
  ]
  return reportOf('shipment', reader, {
    ...{ title: own.shipment, subtitle: `${container}, ${w.logger} ${device}`, sections },
    // Of what is told, not of the asking: the same data make the same bytes.
    at: facts.dataUpTo ?? facts.from,
  })
}

function summary(facts: ShipmentFacts, reader: Reader): Section {
  const { w, write } = toolsOf(reader)
  const own = shipmentWords[reader.language]
  const { from, to, stops, dataUpTo, read } = facts
  const known = read?.points.filter(([, min]) => min !== null) ?? []
  const verdict = worstOf(facts.groups)
  const first = stops[0]
  const last = stops.at(-1)
  return {
    ...{ kind: 'facts', title: w.summary },
    rows: [
      [w.product, facts.products.map(({ name }) => name).join(', ') || w.none],
      [w.container, facts.container],
      [w.logger, facts.device],
      [own.mounted, `${write.moment(from)} - ${to === null ? w.until : write.moment(to)}`],
      [own.way, first && last ? `${first.place} - ${last.place}` : w.none],
      [w.least, write.degrees(known.length ? Math.min(...known.map(([, min]) => min!)) : null)],
      [w.most, write.degrees(known.length ? Math.max(...known.map(([, , max]) => max!)) : null)],
      [own.breaches, write.count(facts.alerts.length)],
      [w.units, write.count(facts.serialCount)],
      [w.verdict, verdict ? verdictWord(verdict, reader) : w.noPassport],
      ...(dataUpTo === null ? [] : [[w.dataUpTo, write.moment(dataUpTo)] as [string, string]]),
      [w.setHash, facts.serialSetHash],
    ],
  }
}

/** Of a shipment: what is recommended for the worst of its units. */
function worstOf(groups: readonly GroupFacts[]): AlertFacts['verdict'] | undefined {
  const said = new Set(groups.map(({ passport }) => passport?.verdict))
  return (['out', 'indeterminate', 'in'] as const).find((verdict) => said.has(verdict))
}

function stopsOf({ stops }: ShipmentFacts, reader: Reader): Section {
  const { w, write } = toolsOf(reader)
  const own = shipmentWords[reader.language]
  return {
    ...{ kind: 'table', title: own.stops },
    columns: [
      { title: w.place, share: 5 },
      { title: own.came, share: 3 },
      { title: own.left, share: 3 },
      { title: own.steps, share: 5 },
    ],
    rows: stops.map(({ place, from, to, steps }) => [
      ...[place, write.moment(from), write.moment(to), steps.join(', ')],
    ]),
  }
}

function breaches({ alerts }: ShipmentFacts, reader: Reader): Section {
  const { w, write } = toolsOf(reader)
  const own = shipmentWords[reader.language]
  const right = { align: 'right' as const }
  const limitsOf = ({ lowerLimitC, limitC }: AlertFacts): string =>
    [lowerLimitC, limitC]
      .flatMap((each) => (each === null ? [] : [write.degrees(each)]))
      .join(' / ')
  return {
    ...{ kind: 'table', title: own.breaches },
    columns: [
      { title: w.rule, share: 2.6 },
      { title: w.severity, share: 1.7 },
      { title: w.limit, share: 1.8, ...right },
      { title: own.since, share: 2.8 },
      { title: own.until, share: 2.8 },
      { title: w.minutes, share: 2, ...right },
      { title: w.peak, share: 2.2, ...right },
      { title: w.count, share: 1.9, ...right },
    ],
    rows: alerts.map((alert) => [
      ...[alert.rule, codeWord(alert.severity, reader.language), limitsOf(alert)],
      write.moment(alert.from),
      ...[alert.to === null ? w.until : write.moment(alert.to), write.count(alert.minutes)],
      ...[write.degrees(alert.peakC), write.count(alert.serialCount)],
    ]),
    ...(alerts.length === 0 && { note: own.none }),
  }
}

/** The whole way; of several breaches the longest is marked. */
function charted({ products, alerts }: ShipmentFacts, read: ReadFacts, reader: Reader): Section {
  const { w, write } = toolsOf(reader)
  const inUnit = (celsius: number | null): number | null =>
    celsius === null ? null : write.value(celsius)
  const limits = new Set(products.flatMap(({ rangeC }) => (rangeC ? [rangeC.min, rangeC.max] : [])))
  const ended = alerts.map(({ from, to }) => ({ from, to: to ?? read.to }))
  const [longest] = ended.toSorted((a, b) => b.to - b.from - (a.to - a.from) || a.from - b.from)
  const chart: Chart = {
    ...{ unit: write.unit, from: read.from, to: read.to },
    points: read.points.map(([time, min, max]) => [time, inUnit(min), inUnit(max)]),
    limits: [...limits]
      .sort((a, b) => a - b)
      .map((celsius) => ({ value: write.value(celsius), name: write.degrees(celsius) })),
    marked: longest ?? null,
    ticks: ticksBetween(read.from, read.to).map((time) => ({ time, text: write.tick(time) })),
    words: moreWords[reader.language].chart,
  }
  return { kind: 'chart', title: w.chart, chart }
}

// What the births of Sparkplug B say of metrics: their names, so that data need no more than an
// alias, their datatypes and their units (Sparkplug 3.0 §6.4.6; tck-id-payloads-alias-birth-
// requirement, tck-id-payloads-alias-data-cmd-requirement, tck-id-payloads-metric-datatype-not-
// req). Pure; which birth is in force is told by decode/births.ts.
import { plainBody } from './inflate.ts'
import { decodePayload, integerOf, type Metric } from './sparkplug.ts'

/** What the newest birth says of the metrics of a node, or of a device behind it. */
export interface Birth {
  /** Of an alias in decimal digits. Undefined: not told, or told of two metrics. */
  byAlias(alias: string): BornMetric | undefined
  byName(name: string): BornMetric | undefined
  /** How many metrics it tells. */
  readonly size: number
}

export interface BornMetric {
  name: string
  datatype?: number
  unit?: string
}

/** Name, alias, datatype, unit. */
type Row = [name: string, alias: string | null, datatype: number | null, unit: string | null]

/**
 * What a birth tells, as the ledger keeps it: JSON, the same for the same metrics. A birth that
 * cannot be read tells nothing, and what was told before it holds no longer.
 */
export function formatBirth(body: Uint8Array): string {
  const plain = plainBody(body)
  const payload = plain.ok ? decodePayload(plain.value) : plain
  const rows: Row[] = []
  if (payload.ok)
    for (const { name, alias, datatype, unit } of payload.value.metrics)
      if (name) rows.push([name, alias ?? null, datatype ?? null, unit ?? null])
  return JSON.stringify(rows)
}

/** `text` as `formatBirth` made it. */
export function openBirth(text: string): Birth {
  const names = new Map<string, BornMetric>()
  const aliases = new Map<string, BornMetric | undefined>()
  for (const [name, alias, datatype, unit] of JSON.parse(text) as Row[]) {
    const metric = {
      name,
      ...(datatype !== null && { datatype }),
      ...(unit !== null && { unit }),
    }
    names.set(name, metric)
    if (alias === null) continue
    // tck-id-payloads-alias-uniqueness: one that stands for two stands for none.
    const twice = aliases.has(alias) && aliases.get(alias)?.name !== name
    aliases.set(alias, twice ? undefined : metric)
  }
  return {
    byAlias: (alias) => aliases.get(alias),
    byName: (name) => names.get(name),
    size: names.size,
  }
}

/**
 * The metric of a data packet with what the birth in force says of it; what the packet says itself
 * stands. Undefined: it has neither a name nor an alias that the birth explains.
 */
export function completeMetric(metric: Metric, birth: Birth | undefined): Metric | undefined {
  const { name, alias, integer } = metric
  const born = name ? birth?.byName(name) : alias === undefined ? undefined : birth?.byAlias(alias)
  if (born === undefined) return name ? metric : undefined
  const datatype = metric.datatype ?? born.datatype
  return {
    ...metric,
    name: born.name,
    ...(datatype !== undefined && { datatype }),
    unit: metric.unit ?? born.unit,
    ...(integer && { value: integerOf(integer, datatype) }),
  }
}

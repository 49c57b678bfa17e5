// What this process remembers of series in InfluxDB: the text of their lines and their newest
// reading, so that a newer one needs no look at the store. Bounded; what is forgotten is looked up.
import { bounds } from '../../config.ts'
import type { SeriesRow } from '../series.ts'
import { lineHead, linePrefix } from './lines.ts'

export interface KnownSeries {
  prefix: string
  /** The bytes of its lines up to their value. */
  head: Buffer
  /** No reading is stored after this time; undefined when that is not known. */
  newest: number | undefined
  /** The reading of that time as it was written from here, to know it when it comes again. */
  value: number
  offset: number
}

export interface KnownAll {
  of(row: SeriesRow): KnownSeries
  /** Makes room when there are too many; to be called between writes. */
  trim(): void
}

export function makeKnown(most: number = bounds.influxSeriesMax): KnownAll {
  const tenants = new Map<string, Map<string, Map<string, KnownSeries>>>()
  let size = 0
  // Readings of one device stand together.
  let last: { tenant: string; device: string; channels: Map<string, KnownSeries> } | undefined
  const channelsOf = (tenant: string, device: string): Map<string, KnownSeries> => {
    if (last?.device === device && last.tenant === tenant) return last.channels
    const devices = tenants.get(tenant) ?? new Map<string, Map<string, KnownSeries>>()
    const channels = devices.get(device) ?? new Map<string, KnownSeries>()
    tenants.set(tenant, devices.set(device, channels))
    last = { tenant, device, channels }
    return channels
  }
  return {
    of(row) {
      const channels = channelsOf(row.tenant, row.device)
      let known = channels.get(row.channel)
      if (known === undefined) {
        const prefix = linePrefix(row)
        const head = Buffer.from(lineHead(prefix))
        known = { prefix, head, newest: undefined, value: 0, offset: -1 }
        channels.set(row.channel, known)
        size++
      }
      return known
    },
    trim() {
      if (size <= most) return
      tenants.clear()
      size = 0
      last = undefined
    },
  }
}

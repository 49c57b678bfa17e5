// What live clients hear: alerts, captures, newest readings. From whichever process found out, by
// announcement. Costs nothing while nobody listens.

import type { CaseChange } from './analytics/cases/cases.ts'
import type { Foretold } from './analytics/foretell.ts'
import type { AlertChange } from './analytics/raise.ts'
import { formatAlert } from './api/alerts/alerts.ts'
import { formatCase } from './api/cases.ts'
import type { Change } from './api/deps.ts'
import { recallChanged } from './api/recalls/recalls.ts'
import type { Announcements } from './store/announcements.ts'
import type { SeriesRow } from './store/series.ts'
import type { RecallChange } from './trace/recall/recalls.ts'

export interface Changes {
  listen(listener: (change: Change) => void): () => void
  tell(change: Change): void
  applied(capture: { tenant: string; id: string; events: number }): void
  alert(change: AlertChange): void
  case(change: CaseChange): void
  recall(change: RecallChange): void
  foretold(foretold: Foretold): void
  readings(rows: SeriesRow[]): void
}

const topic = 'change'

export function openChanges(announcements: Announcements): Changes {
  const tell = (change: Change): void => announcements.tell(topic, { ...change })
  return {
    tell,
    listen: (listener) =>
      announcements.listen(topic, (change) => listener(change as unknown as Change)),
    applied: (capture) =>
      tell({ tenant: capture.tenant, event: 'capture.applied', data: { ...capture } }),
    alert: ({ tenant, change, alert }) => {
      const event = change === 'raised' ? 'alert.raised' : 'alert.changed'
      tell({ tenant, event, data: { ...formatAlert(alert), change } })
    },
    foretold: ({ tenant, ...foretold }) =>
      tell({ tenant, event: 'forecast.changed', data: formatForetold(foretold) }),
    case: ({ tenant, change, row }) => {
      const event = change === 'opened' ? 'case.opened' : 'case.changed'
      tell({ tenant, event, data: { ...formatCase(row), change } })
    },
    recall: (change) => tell(recallChanged(change)),
    readings: (rows) => {
      if (!announcements.heeded(topic)) return
      for (const own of newestByDevice(rows)) {
        const { tenant, device } = own[0]!
        const latest = own.map(({ channel, time, value }) => ({
          channel,
          time: new Date(time).toISOString(),
          value,
        }))
        tell({ tenant, event: 'device.readings', data: { device, latest } })
      }
    },
  }
}

/** One sentence and its figures; times RFC 3339. */
function formatForetold(foretold: Omit<Foretold, 'tenant'>): Record<string, unknown> {
  const { target, change, forecast, time, device, channel } = foretold
  const { limit: limitC, ...about } = target
  const at = (ms: number): string => new Date(Math.round(forecast.at + ms)).toISOString()
  return {
    ...{ device, channel, change, ...about, limitC },
    at: new Date(time).toISOString(),
    expectedAt: at(forecast.expectedMs),
    lowAt: at(forecast.lowMs),
    highAt: at(forecast.highMs),
    probability: forecast.probability,
    text: sentenceOf(foretold),
  }
}

const minutesOf = (ms: number): number => Math.round(ms / 60_000)

function sentenceOf({ target, change, forecast }: Omit<Foretold, 'tenant'>): string {
  const { side, limit } = target
  const what = side === 'above' ? 'heat excursion' : 'cold excursion'
  const beyond = `${side} ${limit} °C`
  if (change === 'reached') return `${beyond}, as was foretold`
  if (change === 'withdrawn') return `${what} (${beyond}) no longer expected`
  const [middle, low, high] = [forecast.expectedMs, forecast.lowMs, forecast.highMs].map(minutesOf)
  return `${what} (${beyond}) expected in ${middle} min, ${low}-${high}`
}

/** The newest row of each channel, device by device. */
function newestByDevice(rows: readonly SeriesRow[]): SeriesRow[][] {
  const devices = new Map<string, Map<string, SeriesRow>>()
  let before: SeriesRow | undefined
  let newest = new Map<string, SeriesRow>()
  for (const row of rows) {
    // Rows of one packet stand together: one look-up for all of them.
    if (row.device !== before?.device || row.tenant !== before.tenant) {
      const key = `${row.tenant}/${row.device}`
      newest = devices.get(key) ?? new Map()
      devices.set(key, newest)
    }
    before = row
    const known = newest.get(row.channel)
    if (!known || row.time >= known.time) newest.set(row.channel, row)
  }
  return [...devices.values()].map((own) => [...own.values()])
}

// Forecasts as readings come in: what the recorder wrote is looked at, and what is new is told to
// whoever watches live. Refuses to write anything: a restart forgets what was said.
import { openForetelling } from './analytics/foretell.ts'
import type { Changes } from './changes.ts'
import { bounds } from './config.ts'
import type { Logger } from './logging.ts'
import { readDevice } from './store/ledger/registry.ts'
import type { SeriesRow } from './store/series.ts'
import type { Closing, Stores } from './stores.ts'
import { readMonitored } from './trace/monitored.ts'

interface HearingTo {
  changes: Changes
  logger: Logger
  closing: Closing
  now: () => number
}

/** Returns what is to hear of recorded readings: who watches live, and the forecasts. */
export function hearReadings(
  { ledger, series }: Pick<Stores, 'ledger' | 'series'>,
  { changes, logger, closing, now }: HearingTo,
): (rows: SeriesRow[]) => void {
  const foretelling = openForetelling({
    series,
    told: changes.foretold,
    now,
    targets: async ({ tenant, device, at }) => {
      const { db } = ledger
      const known = await readDevice(db, tenant, device)
      if (known?.giai === undefined) return []
      const unitsMax = bounds.shipmentUnitsMax
      return readMonitored(db, { tenant, giai: known.giai, at, unitsMax })
    },
    // Advice that fails must not stop what records and judges.
    fail: (error) => logger.error({ err: error }, 'a forecast failed'),
  })
  closing.push(foretelling.stop)
  return (rows) => {
    changes.readings(rows)
    foretelling.heard(rows)
  }
}

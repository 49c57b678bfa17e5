// The cycles of a returnable asset: each trip from its first packing until it was emptied, with
// what was in it and where it was seen. Works for any container. Follows from stays and events, so
// late and corrected events restate it.
import { bounds } from '../config.ts'
import type { Interval } from '../domain/breach.ts'
import { parseEpc } from '../domain/gs1/gs1.ts'
import { readPresence } from '../store/ledger/contents.ts'
import { type CycleRow, readCycles } from '../store/ledger/cycles.ts'
import { idsOf } from '../store/ledger/epcs.ts'
import type { LedgerQuery } from '../store/ledger/ledger.ts'
import type { UnitFact } from './facts.ts'
import { storiesOf } from './stories.ts'

export interface Cycle extends CycleRow {
  /** Serialised trade items that were inside at any depth. */
  units: number
  /** Where it was seen, in order, each stop once. */
  places: CyclePlace[]
  /** False: it was seen at more places than are told. */
  complete: boolean
}

export interface CyclePlace {
  readPoint: string | null
  bizLocation: string | null
  /** Epoch ms: the first event there. */
  since: number
}

/** Ascending, after the one that began at a time. Undefined when no event ever named the asset. */
export async function cyclesOf(
  db: LedgerQuery,
  tenant: string,
  page: { asset: string; after?: number | undefined; limit: number },
): Promise<Cycle[] | undefined> {
  const rows = await readCycles(db, tenant, page)
  const id = (await idsOf(db, tenant, [page.asset])).get(page.asset)
  if (!rows || id === undefined) return undefined
  const [story] = rows.length > 0 ? await storiesOf(db, tenant, [id]) : []
  const cycles: Cycle[] = []
  for (const row of rows) {
    const window = { from: row.from, to: row.to }
    const presence = await readPresence(db, tenant, { container: page.asset, window })
    const units = [...presence.keys()].filter((epc) => parseEpc(epc)?.key === 'sgtin').length
    const places = stopsOf(story?.facts ?? [], window)
    const complete = places.length <= bounds.cyclePlacesMax
    cycles.push({ ...row, units, places: places.slice(0, bounds.cyclePlacesMax), complete })
  }
  return cycles
}

/** The event that empties it belongs to the trip, though nothing is inside after it. */
function stopsOf(facts: readonly UnitFact[], { from, to }: Interval): CyclePlace[] {
  const stops: CyclePlace[] = []
  for (const { eventTime: since, event, place } of facts) {
    if (place === undefined || since < from || since > to) continue
    const { readPoint, bizLocation } = event
    const last = stops.at(-1)
    if (last?.readPoint === readPoint && last.bizLocation === bizLocation) continue
    stops.push({ readPoint, bizLocation, since })
  }
  return stops
}

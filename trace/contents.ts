// What is inside a container at one moment, downwards through all levels, counted up to a bound.
// For lists that show many containers at once; the exact sets of alerts are made elsewhere, over
// time.
import { bounds } from '../config.ts'
import { parseEpc } from '../domain/gs1/gs1.ts'
import type { LedgerQuery } from '../store/ledger/ledger.ts'
import { childrenAt } from '../store/ledger/trace.ts'

export interface Contents {
  /** Serialised trade items inside. */
  units: number
  /** False: there are more than were counted. */
  complete: boolean
  /** GTINs of those counted, ascending. */
  gtins: string[]
}

/** `at`: event time, epoch ms. */
export async function contentsAt(
  db: LedgerQuery,
  tenant: string,
  { container, at, unitsMax }: { container: string; at: number; unitsMax: number },
): Promise<Contents> {
  const seen = new Set([container])
  const gtins = new Set<string>()
  let units = 0
  let level = [container]
  for (let depth = 0; depth < bounds.containmentDepthMax && level.length > 0; depth++) {
    const limit = unitsMax + 1 - seen.size
    const children = await childrenAt(db, tenant, { parents: level, at, limit: limit + 1 })
    const complete = children.length <= limit
    level = []
    for (const child of children) {
      if (seen.has(child)) continue
      seen.add(child)
      const key = parseEpc(child)
      if (key?.key === 'sgtin') {
        units++
        gtins.add(key.gtin)
      }
      // A serialised case holds serialised items: both count, as they do in alerts.
      level.push(child)
    }
    if (!complete) return { units, complete, gtins: [...gtins].sort() }
  }
  return { units, complete: true, gtins: [...gtins].sort() }
}

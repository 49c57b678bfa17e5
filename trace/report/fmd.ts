// How the packs of a product or lot stand at a time, in the words of the European repositories
// (Delegated Regulation (EU) 2016/161; domain/lifecycle/views.ts), with the event that made it so.
// Recalled is what an event says so of, what an open recall means, and every pack of a batch that
// one means as a whole, also those that its set does not hold yet (Art. 40). Drills count nowhere.
import { setImmediate as othersTurn } from 'node:timers/promises'
import { bounds } from '../../config.ts'
import { parseEpc } from '../../domain/gs1/gs1.ts'
import { type Life, lifeOf } from '../../domain/lifecycle/lifecycle.ts'
import { type FmdStatus, fmdView } from '../../domain/lifecycle/views.ts'
import type { Result } from '../../domain/refusal.ts'
import { epcsOf, readUnits } from '../../store/ledger/epcs.ts'
import type { LedgerQuery } from '../../store/ledger/ledger.ts'
import { pagesOf } from '../../store/ledger/ledger.ts'
import { listRecalls } from '../../store/ledger/recalls.ts'
import { recalledAmong, unitsOfLot } from '../../store/ledger/reports.ts'
import type { Condition } from '../recall/criteria.ts'
import type { Recall } from '../recall/recalls.ts'
import { storiesOf } from '../stories.ts'
import { tooLarge } from './concerned.ts'
import { productId, readMasters } from './masters.ts'

export const fmdColumns = [
  'productCode',
  'serial',
  'lot',
  'expiry',
  'nationalNumber',
  'state',
  'since',
  'eventID',
  'recalled',
  'expired',
  'contradictions',
] as const

export interface FmdRow {
  productCode: string
  serial: string
  lot: string | null
  /** YYYY-MM-DD. */
  expiry: string | null
  nationalNumber: string | null
  state: FmdStatus
  /** RFC 3339, and the event that led to this state; null for units that nothing is told of. */
  since: string | null
  eventID: string | null
  recalled: boolean
  expired: boolean
  /** Events that cannot be true together. */
  contradictions: number
}

export interface FmdReport {
  /** Ascending by serial. */
  items: FmdRow[]
  /** Packs of each lot in each state, ascending by lot, and how many of them are recalled. */
  summary: {
    productCode: string
    lot: string | null
    state: FmdStatus
    count: number
    recalled: number
  }[]
}

/** `at`: event time, epoch ms. Refusals: request/not-found, request/too-large. */
export async function fmdReport(
  db: LedgerQuery,
  tenant: string,
  { gtin, lot, at }: { gtin: string; lot?: string | undefined; at: number },
): Promise<Result<FmdReport>> {
  const limit = bounds.reportUnitsMax + 1
  const ids = await unitsOfLot(db, tenant, { gtin, lot, limit })
  if (ids.length === limit) return tooLarge(`there are more than ${limit - 1} units`)
  if (ids.length === 0) {
    const detail = `no units of ${gtin}${lot === undefined ? '' : ` lot ${lot}`} are known`
    return { ok: false, refusals: [{ code: 'request/not-found', path: 'query/gtin', detail }] }
  }
  const product = productId(gtin)
  const masters = await readMasters(db, tenant, [product])
  const nationalNumber =
    masters.textOf(product, 'nationalNumber', 'additionalTradeItemIdentification') ?? null
  const isOfRecalledBatch = await recalledBatches(db, tenant, { gtin, at })
  const items: FmdRow[] = []
  for (const page of pagesOf(ids)) {
    const lives = await livesOf(db, tenant, { ids: page, at })
    const meant = await recalledAmong(db, tenant, { units: page, at })
    const epcs = await epcsOf(db, tenant, page)
    const units = await readUnits(db, tenant, [...epcs.values()])
    for (const [id, epc] of epcs) {
      const key = parseEpc(epc)
      const life = lives.get(id)
      if (key?.key !== 'sgtin' || !life) continue
      const { lot: own = null, expiry = null } = units.get(epc) ?? {}
      const facts = { ...(expiry !== null && { expiry }) }
      const blocked = meant.has(id) || isOfRecalledBatch(own)
      const { status, recalled, expired } = fmdView(life, { ...facts, recalled: blocked }, at)
      items.push({
        ...{ productCode: gtin, serial: key.serial, lot: own, expiry, nationalNumber },
        ...{ state: status, recalled, expired },
        since: life.since === undefined ? null : new Date(life.since).toISOString(),
        eventID: life.by ?? null,
        contradictions: life.problems.filter(({ kind }) => kind === 'contradiction').length,
      })
    }
    await othersTurn()
  }
  items.sort((a, b) => (a.serial < b.serial ? -1 : Number(a.serial > b.serial)))
  return { ok: true, value: { items, summary: summaryOf(items) } }
}

/** Whether open recalls mean a lot of the product as a whole. */
async function recalledBatches(
  db: LedgerQuery,
  tenant: string,
  { gtin, at }: { gtin: string; at: number },
): Promise<(lot: string | null) => boolean> {
  const page = { status: 'open', drill: false, limit: bounds.recallsOpenMax } as const
  const recalls = (await listRecalls(db, tenant, page)) as Recall[]
  const batches = recalls
    .filter(({ startedAt }) => startedAt <= at)
    .map(({ body }) => body.criteria.allOf)
    .filter((allOf) => allOf.every(({ field }) => field === 'gtin' || field === 'lot'))
  return (lot) => {
    const means = (condition: Condition): boolean =>
      (condition.field === 'gtin' && condition.anyOf.includes(gtin)) ||
      (condition.field === 'lot' && lot !== null && condition.anyOf.includes(lot))
    return batches.some((allOf) => allOf.every(means))
  }
}

/** Units that went through the same events have one life. */
async function livesOf(
  db: LedgerQuery,
  tenant: string,
  { ids, at }: { ids: readonly number[]; at: number },
): Promise<Map<number, Life>> {
  const lives = new Map<number, Life>()
  for (const { units, facts } of await storiesOf(db, tenant, ids)) {
    const life = lifeOf(facts.filter(({ eventTime }) => eventTime <= at))
    for (const unit of units) lives.set(unit, life)
  }
  return lives
}

function summaryOf(items: readonly FmdRow[]): FmdReport['summary'] {
  const counts = new Map<string, FmdReport['summary'][number]>()
  for (const { productCode, lot, state, recalled } of items) {
    const key = `${lot ?? ''}\n${state}`
    const line = counts.get(key) ?? { productCode, lot, state, count: 0, recalled: 0 }
    line.count++
    line.recalled += Number(recalled)
    counts.set(key, line)
  }
  return [...counts.keys()].sort().map((key) => counts.get(key)!)
}

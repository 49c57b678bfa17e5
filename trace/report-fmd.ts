// How the packs of a product or lot stand at a time, in the words of the European repositories
// (Delegated Regulation (EU) 2016/161; domain/lifecycle-views.ts), with the event that made it so.
// Recalls and withdrawals count as far as events tell of them.
import { setImmediate as othersTurn } from 'node:timers/promises'
import { bounds } from '../config.ts'
import { parseEpc } from '../domain/gs1.ts'
import { type Life, lifeOf } from '../domain/lifecycle.ts'
import { type FmdStatus, fmdView } from '../domain/lifecycle-views.ts'
import type { Result } from '../domain/refusal.ts'
import type { LedgerQuery } from '../store/ledger.ts'
import { pagesOf } from '../store/ledger.ts'
import { epcsOf, readUnits } from '../store/ledger-epcs.ts'
import { unitsOfLot } from '../store/ledger-reports.ts'
import { tooLarge } from './report-concerned.ts'
import { productId, readMasters } from './report-masters.ts'
import { storiesOf } from './stories.ts'

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
  /** Packs of each lot in each state, ascending by lot. */
  summary: { productCode: string; lot: string | null; state: FmdStatus; count: number }[]
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
  const items: FmdRow[] = []
  for (const page of pagesOf(ids)) {
    const lives = await livesOf(db, tenant, { ids: page, at })
    const epcs = await epcsOf(db, tenant, page)
    const units = await readUnits(db, tenant, [...epcs.values()])
    for (const [id, epc] of epcs) {
      const key = parseEpc(epc)
      const life = lives.get(id)
      if (key?.key !== 'sgtin' || !life) continue
      const { lot: own = null, expiry = null } = units.get(epc) ?? {}
      const facts = { ...(own !== null && { lot: own }), ...(expiry !== null && { expiry }) }
      const { status, recalled, expired } = fmdView(life, facts, at)
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
  for (const { productCode, lot, state } of items) {
    const key = `${lot ?? ''}\n${state}`
    const line = counts.get(key) ?? { productCode, lot, state, count: 0 }
    line.count++
    counts.set(key, line)
  }
  return [...counts.keys()].sort().map((key) => counts.get(key)!)
}

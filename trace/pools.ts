// Serial numbers given away, each once for ever: what a pool may hold beside the others of its GTIN
// or SSCC prefix, and what comes out of it. Numbers that the ledger knows from elsewhere are passed
// over. Invents no secret and reads no clock: both are arguments.
import { bounds } from '../config.ts'
import { epcOf, faultOfSerial, holds, issuableOf, mayMeet, parseSpace } from '../domain/pool.ts'
import type { Refusal, RefusalCode, Result } from '../domain/refusal.ts'
import { idsOf, readUnits } from '../store/ledger/epcs.ts'
import type { LedgerQuery, LedgerView } from '../store/ledger/ledger.ts'
import {
  type Allocation,
  allocationAt,
  allocationsOf,
  appendSerials,
  insertAllocation,
  insertPool,
  listedSerials,
  type OpenPool,
  type Pool,
  placesOf,
  poolsFor,
  prefixOf,
  readPool,
  returnedAt,
  returnPlaces,
  serialsAt,
  updatePool,
} from '../store/ledger/pools.ts'

export type NewPool = Omit<Pool, 'issuable' | 'issued' | 'returned'>

/** A number given away. */
export type Given = { serial: string; epc: string }

export interface AllocationAsk {
  tenant: string
  pool: string
  /** The same request gets the same numbers again, for ever. */
  request: string
  count: number
  reference?: string
  /** Epoch ms. */
  at: number
}

/**
 * free: of the pool, not given away. taken: passed over, for the ledger knew it from elsewhere.
 * foreign: this pool will never give it.
 */
export type SerialState = 'foreign' | 'free' | 'taken' | 'allocated' | 'commissioned' | 'returned'

/** Stores a pool. Refusals: pool/range, when it may meet another pool of the same thing. */
export async function createPool(
  db: LedgerQuery,
  pool: NewPool,
  secret: Uint8Array,
): Promise<Result<Pool>> {
  const { space, of, tenant } = pool
  const parsed = parseSpace(space, of, '/')
  if (!parsed.ok) return parsed
  const others = await poolsFor(db, tenant, of)
  if (others.length >= bounds.poolsPerKeyMax)
    return refuse('pool/range', '/', `at most ${bounds.poolsPerKeyMax} pools for ${prefixOf(of)}`)
  const met = others.find((other) => mayMeet(space, other.pool.space))
  if (met) return refuse('pool/range', '/', `may give the serials of the pool ${met.pool.id} too`)
  const made: Pool = { ...pool, issuable: issuableOf(space, of) ?? 0, issued: 0, returned: 0 }
  if (space.kind !== 'list' && made.issuable === 0) {
    const detail = 'one guess in 10,000 would be right with a single number: take a longer text'
    return refuse('pool/exhausted', '/', detail)
  }
  await insertPool(db, made, secret)
  return { ok: true, value: made }
}

/**
 * Puts serials of others into a list: all of them, or none. Refusals at `/serials/{i}`: pool/range
 * for what is no serial or belongs to another pool, unit/serial-taken for what is known already.
 */
export async function addSerials(
  db: LedgerQuery,
  pool: Pool,
  serials: readonly string[],
): Promise<Result<Pool>> {
  if (pool.space.kind !== 'list')
    return refuse('pool/range', '/serials', 'this pool makes its own serials')
  const { of, tenant, id } = pool
  const others = (await poolsFor(db, tenant, of)).filter((other) => other.pool.id !== id)
  const epcs = serials.map((serial) => epcOf(of, faultOfSerial(serial, of) ? '0' : serial))
  const known = await idsOf(db, tenant, epcs)
  const listed = await listedSerials(db, tenant, { prefix: prefixOf(of), serials })
  const seen = new Set<string>()
  const refusals: Refusal[] = []
  for (const [i, serial] of serials.entries()) {
    if (refusals.length >= bounds.refusalsPerInputMax) break
    const say = (code: RefusalCode, detail: string): void => {
      refusals.push({ code, path: `/serials/${i}`, detail })
    }
    const fault = faultOfSerial(serial, of)
    const owner = others.find((other) => holds(other.pool.space, serial))
    if (fault) say('pool/range', fault)
    else if (owner) say('pool/range', `belongs to the pool ${owner.pool.id}`)
    else if (seen.has(serial)) say('unit/serial-taken', 'stands in this list twice')
    else if (listed.has(serial)) say('unit/serial-taken', `is in ${listed.get(serial)!.pool}`)
    else if (known.has(epcs[i]!)) say('unit/serial-taken', 'events name this unit already')
    seen.add(serial)
  }
  if (refusals.length > 0) return { ok: false, refusals }
  await appendSerials(db, pool, serials)
  return { ok: true, value: { ...pool, issuable: pool.issuable + serials.length } }
}

/**
 * Gives numbers away, in parts of `poolPartMax` with a transaction each, so that millions hold
 * nobody up. Asked again with the same request it gives the same numbers, and goes on where it was
 * interrupted. Refusals, before any number is given: pool/exhausted; request/conflict when the
 * request was another one; request/not-found.
 */
export async function* allocate(
  ledger: LedgerView,
  ask: AllocationAsk,
): AsyncGenerator<Result<Given[]>> {
  const alone = { alone: `pool/${ask.tenant}/${ask.pool}` }
  let given = 0
  for (let part = 0; given < ask.count; part++) {
    const left = ask.count - given
    const step = await ledger.transact((db) => allocatePart(db, ask, { part, left }), alone)
    yield step
    if (!step.ok) return
    given += step.value.length
  }
}

/** Takes numbers back that were not used. They are not given away again. */
export async function returnSerials(
  db: LedgerQuery,
  open: OpenPool,
  { serials, at }: { serials: readonly string[]; at: number },
): Promise<Result<Pool>> {
  const { pool } = open
  const refusals: Refusal[] = []
  const places: number[] = []
  const found = await placesOf(db, open, serials)
  const known = await knownOf(db, pool, [...found.keys()])
  for (const [i, serial] of serials.entries()) {
    if (refusals.length >= bounds.refusalsPerInputMax) break
    const place = found.get(serial)
    const path = `/serials/${i}`
    const given =
      place !== undefined &&
      place < pool.issued &&
      (await allocationAt(db, pool.tenant, { pool: pool.id, place }))
    if (!given)
      refusals.push({ code: 'pool/range', path, detail: 'was not given away by this pool' })
    else if (known.has(serial))
      refusals.push({ code: 'unit/serial-taken', path, detail: 'events name this unit already' })
    else places.push(place)
  }
  if (refusals.length > 0) return { ok: false, refusals }
  const returned = await returnPlaces(db, pool, { places: [...new Set(places)], at })
  return { ok: true, value: { ...pool, returned: pool.returned + returned } }
}

/** What a pool knows of a serial. */
export async function serialIn(
  db: LedgerQuery,
  open: OpenPool,
  serial: string,
): Promise<{ state: SerialState; allocation?: Allocation }> {
  const { tenant, id, issued, of } = open.pool
  const place = (await placesOf(db, open, [serial])).get(serial)
  if (place === undefined) return { state: 'foreign' }
  if (place >= issued) return { state: 'free' }
  const allocation = await allocationAt(db, tenant, { pool: id, place })
  if (!allocation) return { state: 'taken' }
  const epc = epcOf(of, serial)
  const unit = (await readUnits(db, tenant, [epc])).get(epc)
  if (unit?.commissionedAt !== undefined) return { state: 'commissioned', allocation }
  const back = await returnedAt(db, tenant, { pool: id, place })
  return { state: back === undefined ? 'allocated' : 'returned', allocation }
}

/** The pool that gave a serial away, and when; undefined when none of ours did. */
export async function poolGiving(
  db: LedgerQuery,
  tenant: string,
  { of, serial }: { of: Pool['of']; serial: string },
): Promise<{ pool: Pool; state: SerialState; allocation: Allocation } | undefined> {
  for (const open of await poolsFor(db, tenant, of)) {
    const { state, allocation } = await serialIn(db, open, serial)
    if (allocation) return { pool: open.pool, state, allocation }
  }
  return undefined
}

async function allocatePart(
  db: LedgerQuery,
  ask: AllocationAsk,
  { part, left }: { part: number; left: number },
): Promise<Result<Given[]>> {
  const { tenant, request, count, reference, at } = ask
  const open = await readPool(db, tenant, ask.pool)
  if (!open) return refuse('request/not-found', 'path/id', `no pool ${ask.pool}`)
  const { pool } = open
  const [before] = await allocationsOf(db, tenant, { pool: pool.id, request, part })
  if (before && before.asked !== count) {
    const detail = `this key was used to ask for ${before.asked} numbers`
    return refuse('request/conflict', 'header/idempotency-key', detail)
  }
  if (before) return { ok: true, value: await givenBy(db, open, before) }
  const want = Math.min(left, bounds.poolPartMax)
  if (pool.issuable - pool.issued < (part === 0 ? count : want)) return exhausted(pool)
  const first = pool.issued
  const past = first + want
  const taken = await takenBetween(db, open, { first, past })
  const allocation: Allocation = {
    pool: pool.id,
    first,
    past,
    skipped: taken,
    request,
    part,
    asked: count,
    at,
    ...(reference !== undefined && { reference }),
  }
  await insertAllocation(db, tenant, allocation)
  await updatePool(db, pool, { issued: past })
  return { ok: true, value: await givenBy(db, open, allocation) }
}

/** Places whose serials are not to be given away: events or lists name them already. */
async function takenBetween(
  db: LedgerQuery,
  open: OpenPool,
  { first, past }: { first: number; past: number },
): Promise<number[]> {
  const { pool } = open
  const serials = await serialsAt(db, open, { first, past })
  const known = await knownOf(db, pool, serials)
  const listed =
    pool.space.kind === 'list'
      ? new Map<string, unknown>()
      : await listedSerials(db, pool.tenant, { prefix: prefixOf(pool.of), serials })
  return serials.flatMap((serial, i) =>
    known.has(serial) || listed.has(serial) ? [first + i] : [],
  )
}

async function givenBy(
  db: LedgerQuery,
  open: OpenPool,
  { first, past, skipped }: Allocation,
): Promise<Given[]> {
  const serials = await serialsAt(db, open, { first, past })
  const passed = new Set(skipped)
  const given = serials.filter((_, i) => !passed.has(first + i))
  return given.map((serial) => ({ serial, epc: epcOf(open.pool.of, serial) }))
}

/** Which of these serials are units that events name. */
async function knownOf(
  db: LedgerQuery,
  { tenant, of }: Pool,
  serials: readonly string[],
): Promise<Set<string>> {
  const epcs = serials.map((serial) => epcOf(of, serial))
  const ids = await idsOf(db, tenant, epcs)
  return new Set(serials.filter((_, i) => ids.has(epcs[i]!)))
}

const exhausted = ({ issuable, issued }: Pool): Result<never> =>
  refuse('pool/exhausted', '/count', `${Math.max(0, issuable - issued)} numbers are left`)

const refuse = (code: RefusalCode, path: string, detail: string): Result<never> => ({
  ok: false,
  refusals: [{ code, path, detail }],
})

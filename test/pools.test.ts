import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  charsets,
  epcOf,
  type Numbered,
  numbersOf,
  type RandomSpace,
  type SerialSpace,
} from '../domain/pool.ts'
import { internEpcs } from '../store/ledger/epcs.ts'
import { type Ledger, openSqliteLedger } from '../store/ledger/ledger.ts'
import {
  listLots,
  listMasterData,
  putLot,
  readLot,
  readMasterData,
  storeMasterData,
} from '../store/ledger/master.ts'
import { type OpenPool, type Pool, readPool } from '../store/ledger/pools.ts'
import { openPostgresLedger } from '../store/postgres/ledger.ts'
import {
  addSerials,
  allocate,
  createPool,
  poolGiving,
  returnSerials,
  serialIn,
} from '../trace/pools.ts'
import { type Postgres, postgresPath, startPostgres } from './postgres.ts'

const gtin = '09521234543213'
const pack: Numbered = { key: 'sgtin', gtin }
const wide: RandomSpace = { kind: 'random', charset: charsets.unambiguous, length: 12 }
const rangeOf = (from: string, to: string): SerialSpace => ({
  kind: 'ranges',
  ranges: [{ from, to }],
})

const absent = postgresPath === undefined
if (absent) console.warn('skipped: there is no PostgreSQL here (apt-get install postgresql)')

describe('in SQLite', () => {
  const folder = mkdtempSync(join(tmpdir(), 'isotherm-pools-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  serialization(() => openSqliteLedger(folder))
})

describe.skipIf(absent)('in PostgreSQL', () => {
  let server: Postgres
  beforeAll(async () => {
    server = await startPostgres()
  })
  afterAll(() => server?.stop())
  serialization(async () => openPostgresLedger({ url: await server.createLedger() }))
})

function serialization(open: () => Promise<Ledger>): void {
  let ledger: Ledger
  let tenants = 0
  beforeAll(async () => {
    ledger = await open()
  })
  afterAll(() => ledger?.close())

  /** A tenant of its own with what tests ask of it. */
  const shop = () => {
    const tenant = `t${tenants++}`
    const view = ledger.forTenant(tenant)
    let made = 0
    return {
      tenant,
      make: async (space: SerialSpace, of: Numbered = pack) => {
        const pool = { tenant, id: `p${made++}`, name: 'line', of, space, createdAt: 1000 }
        return view.transact((db) => createPool(db, pool, Buffer.alloc(32, made)))
      },
      pool: async (id = 'p0'): Promise<OpenPool> => (await readPool(view.db, tenant, id))!,
      take: async (count: number, request: string, pool = 'p0'): Promise<string[]> => {
        const taken: string[] = []
        for await (const part of allocate(view, { tenant, pool, request, count, at: 2000 })) {
          if (!part.ok) throw new Error(part.refusals.map(({ code }) => code).join())
          taken.push(...part.value.map(({ serial }) => serial))
        }
        return taken
      },
      add: async (pool: Pool, serials: string[]) =>
        view.transact((db) => addSerials(db, pool, serials)),
      back: async (serials: string[], pool = 'p0') => {
        const found = (await readPool(view.db, tenant, pool))!
        return view.transact((db) => returnSerials(db, found, { serials, at: 3000 }))
      },
      know: async (serials: string[]) =>
        view.transact((db) =>
          internEpcs(
            db,
            tenant,
            serials.map((one) => epcOf(pack, one)),
          ),
        ),
      db: view.db,
    }
  }
  const codesOf = (result: { ok: boolean; refusals?: { code: string; path: string }[] }) =>
    (result.refusals ?? []).map(({ code, path }) => `${code} ${path}`)

  it('gives each number once, to many who ask at the same time', async () => {
    const { make, take, pool } = shop()
    expect((await make(wide)).ok).toBe(true)
    const lists = await Promise.all(
      Array.from({ length: 8 }, (_, i) => take(i === 0 ? 25_000 : 500, `r${i}`)),
    )
    const all = lists.flat()
    expect(all).toHaveLength(28_500)
    expect(new Set(all).size).toBe(28_500)
    expect((await pool()).pool.issued).toBe(28_500)
  }, 60_000)

  it('gives the same request the same numbers again, also when it was interrupted', async () => {
    const { make, take, tenant } = shop()
    await make(wide)
    const view = ledger.forTenant(tenant)
    const ask = { tenant, pool: 'p0', request: 'once', count: 20_500, at: 1 }
    const broken: string[] = []
    for await (const part of allocate(view, ask)) {
      if (part.ok) broken.push(...part.value.map(({ serial }) => serial))
      break
    }
    const others = await take(10, 'other')
    const whole = await take(20_500, 'once')
    expect(whole.slice(0, broken.length)).toEqual(broken)
    expect(whole).toHaveLength(20_500)
    expect(whole.filter((serial) => others.includes(serial))).toEqual([])
    expect(await take(20_500, 'once')).toEqual(whole)
    await expect(take(20, 'once')).rejects.toThrow('request/conflict')
  }, 60_000)

  it('passes over numbers that events or lists know already, and still gives as many as asked', async () => {
    const { make, take, know, add, pool } = shop()
    await make(rangeOf('0000', '0099'))
    await know(['0000', '0002'])
    const list = await make({ kind: 'list' })
    if (!list.ok) throw new Error('no list')
    expect(codesOf(await add(list.value, ['0003']))).toEqual(['pool/range /serials/0'])
    expect(await take(3, 'a')).toEqual(['0001', '0003', '0004'])
    expect(await take(3, 'a')).toEqual(['0001', '0003', '0004'])
    expect((await pool()).pool.issued).toBe(5)
  })

  it('says when it is exhausted, before it gives anything', async () => {
    const { make, take } = shop()
    await make(rangeOf('A0', 'A9'))
    await expect(take(11, 'a')).rejects.toThrow('pool/exhausted')
    expect(await take(10, 'b')).toHaveLength(10)
    await expect(take(1, 'c')).rejects.toThrow('pool/exhausted')
    expect(await take(10, 'b')).toHaveLength(10)
    const small = await make({ kind: 'random', charset: charsets.digits, length: 6 })
    expect(small.ok && small.value.issuable).toBe(99)
    await expect(take(100, 'd', 'p1')).rejects.toThrow('pool/exhausted')
    expect(await take(99, 'd', 'p1')).toHaveLength(99)
  })

  it('refuses a pool that may give the serials of another', async () => {
    const { make } = shop()
    expect((await make(wide)).ok).toBe(true)
    expect(codesOf(await make(wide))).toEqual(['pool/range /'])
    expect((await make(rangeOf('000', '499'))).ok).toBe(true)
    expect(codesOf(await make(rangeOf('499', '600')))).toEqual(['pool/range /'])
    expect((await make(wide, { key: 'sgtin', gtin: '09506000134352' })).ok).toBe(true)
    expect(
      (await make(rangeOf('00000000', '99999999'), { key: 'sscc', prefix: '106141411' })).ok,
    ).toBe(true)
  })

  it('takes lists of others as a whole or not at all, and gives them in their order', async () => {
    const { make, add, take, know, pool } = shop()
    const list = await make({ kind: 'list' })
    if (!list.ok) throw new Error('no list')
    await know(['K1'])
    expect(codesOf(await add(list.value, ['X1', 'K1', 'X1', 'Ä', '']))).toEqual([
      'unit/serial-taken /serials/1',
      'unit/serial-taken /serials/2',
      'pool/range /serials/3',
      'pool/range /serials/4',
    ])
    expect((await pool()).pool.issuable).toBe(0)
    expect((await add(list.value, ['Z9', 'A1', 'M5'])).ok).toBe(true)
    expect(codesOf(await add((await pool()).pool, ['A1']))).toEqual([
      'unit/serial-taken /serials/0',
    ])
    expect(await take(2, 'a')).toEqual(['Z9', 'A1'])
    await expect(take(2, 'b')).rejects.toThrow('pool/exhausted')
  })

  it('follows a number from allocation over commissioning or return', async () => {
    const { make, take, back, pool, db, tenant } = shop()
    await make(wide)
    const [one, two, three] = await take(3, 'a')
    const states = async (...serials: string[]) =>
      Promise.all(serials.map(async (serial) => (await serialIn(db, await pool(), serial)).state))
    const later = numbersOf(wide, (await pool()).secret).serials(3, 1)
    // A text of its space beyond what may be given away is as foreign as any other.
    expect(await states(one!, two!, later[0]!, 'A'.repeat(12), 'short')).toEqual([
      'allocated',
      'allocated',
      'free',
      'foreign',
      'foreign',
    ])
    const epc = epcOf(pack, one!)
    await ledger.forTenant(tenant).transact(async (tx) => {
      const ids = await internEpcs(tx, tenant, [epc])
      await tx
        .updateTable('epcs')
        .set({ commissionedAt: 5000 })
        .where('id', '=', ids.get(epc)!)
        .execute()
    })
    expect(codesOf(await back([one!, two!, 'A'.repeat(12)]))).toEqual([
      'unit/serial-taken /serials/0',
      'pool/range /serials/2',
    ])
    expect((await back([two!, two!])).ok).toBe(true)
    expect((await back([two!])).ok).toBe(true)
    expect((await pool()).pool.returned).toBe(1)
    expect(await states(one!, two!, three!)).toEqual(['commissioned', 'returned', 'allocated'])
    const giving = await poolGiving(db, tenant, { of: pack, serial: one! })
    expect(giving).toMatchObject({ state: 'commissioned', allocation: { request: 'a', at: 2000 } })
    expect(await poolGiving(db, tenant, { of: pack, serial: 'B'.repeat(12) })).toBeUndefined()
  })

  it('keeps every version of master data, and nothing of what did not change', async () => {
    const { tenant } = shop()
    const view = ledger.forTenant(tenant)
    const type = 'urn:epcglobal:epcis:vtype:BusinessLocation'
    const site = (name: string, id = 'urn:site:1') => ({
      type,
      id,
      attributes: { 'urn:epcglobal:cbv:mda#name': name, 'urn:epcglobal:cbv:mda#city': 'Oslo' },
      children: ['urn:site:1:dock'],
    })
    const store = (at: number, ...elements: ReturnType<typeof site>[]) =>
      view.transact((db) => storeMasterData(db, tenant, { elements, at }))
    expect(await store(1000, site('North'), site('Other', 'urn:site:2'))).toEqual({ stored: 2 })
    expect(await store(2000, site('North'))).toEqual({ stored: 0 })
    const turned = {
      ...site('North'),
      attributes: { 'urn:epcglobal:cbv:mda#city': 'Oslo', 'urn:epcglobal:cbv:mda#name': 'North' },
    }
    expect(await store(2000, turned)).toEqual({ stored: 0 })
    expect(await store(3000, site('South'))).toEqual({ stored: 1 })
    const at = (time?: number) =>
      readMasterData(view.db, tenant, {
        type,
        id: 'urn:site:1',
        ...(time !== undefined && { at: time }),
      })
    expect(await at()).toMatchObject({
      version: 2,
      recordTime: 3000,
      attributes: { 'urn:epcglobal:cbv:mda#name': 'South' },
    })
    expect(await at(2999)).toMatchObject({ version: 1, children: ['urn:site:1:dock'] })
    expect(await at(999)).toBeUndefined()
    const listed = await listMasterData(view.db, tenant, { type, limit: 10 })
    expect(listed.map(({ id, version }) => [id, version])).toEqual([
      ['urn:site:1', 2],
      ['urn:site:2', 1],
    ])
    const rest = await listMasterData(view.db, tenant, { limit: 10, after: [type, 'urn:site:1'] })
    expect(rest.map(({ id }) => id)).toEqual(['urn:site:2'])
  })

  it('keeps every version of a lot, and finds lots by what is known of them', async () => {
    const { tenant } = shop()
    const view = ledger.forTenant(tenant)
    const put = (lot: string, facts: object, at = 1000) =>
      view.transact((db) => putLot(db, tenant, { gtin, lot, facts, at }))
    await put('L1', { expiry: '2027-12-31', supplier: 'S1', shift: 'night', markets: ['NO', 'SE'] })
    expect(
      await put(
        'L1',
        { markets: ['NO', 'SE'], supplier: 'S1', shift: 'night', expiry: '2027-12-31' },
        2000,
      ),
    ).toMatchObject({ version: 1, recordTime: 1000 })
    expect(
      await put('L1', { expiry: '2028-01-31', supplier: 'S1', shift: 'day' }, 3000),
    ).toMatchObject({ version: 2 })
    await put('L2', { supplier: 'S1', line: '4', attributes: { blender: 'B7' } })
    await put('L3', { supplier: 'S2' })
    expect(await readLot(view.db, tenant, { gtin, lot: 'L1' })).toMatchObject({
      expiry: '2028-01-31',
      shift: 'day',
    })
    expect(await readLot(view.db, tenant, { gtin, lot: 'L1', at: 2999 })).toMatchObject({
      markets: ['NO', 'SE'],
    })
    const found = async (filter: object) =>
      (await listLots(view.db, tenant, { filter, limit: 10 })).map(({ lot }) => lot)
    expect(await found({ supplier: 'S1' })).toEqual(['L1', 'L2'])
    expect(await found({ supplier: 'S1', line: '4' })).toEqual(['L2'])
    expect(await found({ shift: 'night' })).toEqual([])
    expect(
      (await listLots(view.db, tenant, { limit: 10, after: [gtin, 'L1'] })).map(({ lot }) => lot),
    ).toEqual(['L2', 'L3'])
  })
}

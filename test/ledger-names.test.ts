import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { commission, idsOf, internEpcs, readUnits } from '../store/ledger/epcs.ts'
import { type Ledger, openSqliteLedger } from '../store/ledger/ledger.ts'
import { nameKeys, nameTables } from '../store/ledger/name-key.ts'
import { idsBetween } from '../store/ledger/names.ts'
import { hasEpcIn, listEpcs } from '../store/ledger/queries.ts'

const serial = (n: number) => `https://id.gs1.org/01/09521234543213/21/S${n * 7919}`
const container = (n: number) => `https://id.gs1.org/00/09521234${String(n).padStart(10, '0')}`

let folder: string
let ledger: Ledger
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'isotherm-names-'))
  ledger = await openSqliteLedger(folder)
})
afterAll(async () => {
  await ledger.close()
  rmSync(folder, { recursive: true, force: true })
})

const counts = async (): Promise<number[]> => {
  const counted: number[] = []
  for (const table of nameTables) {
    const all = sql<{ names: number }>`select count(*) as names from ${sql.table(table)}`
    counted.push((await all.execute(ledger.db)).rows[0]!.names)
  }
  return counted
}

describe('names in SQLite', () => {
  const all = 40_000
  it('are each given one number, and found by it wherever they have moved to', async () => {
    const given = new Map<string, number>()
    const changed: string[] = []
    for (let first = 0; first < all; first += 5000) {
      // Every tenth comes again in the page after.
      const epcs = Array.from({ length: 5500 }, (_, i) => serial(first + i)).slice(0, all - first)
      const facts = { lot: `L${first % 3}`, commissionedAt: first }
      const made = await ledger.transact((db) => commission(db, 'a', { epcs, facts }))
      for (const [epc, id] of made) {
        if ((given.get(epc) ?? id) !== id) changed.push(epc)
        given.set(epc, id)
      }
    }
    expect(changed).toEqual([])
    expect(new Set(given.values()).size).toBe(all)
    const found = await idsOf(ledger.db, 'a', [...given.keys()])
    expect([...given].filter(([epc, id]) => found.get(epc) !== id)).toEqual([])
    const [few, more, most] = await counts()
    expect(few! + more! + most!).toBe(all)
    expect(more).toBeGreaterThan(2000)
  })

  it('are those of their tenant', async () => {
    await ledger.transact((db) => internEpcs(db, 'b', [serial(1), container(1)]))
    const both = [serial(1), serial(2), container(1)]
    expect([...(await idsOf(ledger.db, 'b', both)).keys()].sort()).toEqual(
      [serial(1), container(1)].sort(),
    )
    expect([...(await idsOf(ledger.db, 'a', both)).keys()].sort()).toEqual(
      [serial(1), serial(2)].sort(),
    )
  })

  it('are not mistaken for others that have the same key', async () => {
    const stranger = serial(all + 1)
    const [key] = nameKeys('a', [stranger.slice('https://id.gs1.org/'.length)])
    const [known] = (await idsOf(ledger.db, 'a', [serial(5)])).values()
    await sql`insert into names2 (key, id) values (${key}, ${known})`.execute(ledger.db)
    expect(await idsOf(ledger.db, 'a', [stranger])).toEqual(new Map())
    expect(await readUnits(ledger.db, 'a', [stranger])).toEqual(new Map())
    const made = await ledger.transact((db) => internEpcs(db, 'a', [stranger, serial(5)]))
    expect(made.get(serial(5))).toBe(known)
    expect(made.get(stranger)).not.toBe(known)
    expect(await idsOf(ledger.db, 'a', [stranger, serial(5)])).toEqual(made)
  })

  it('are listed each once, units of lots and all others, page by page', async () => {
    const others = Array.from({ length: 7 }, (_, n) => container(n))
    const classes = ['https://id.gs1.org/01/09521234543213/10/L1', 'urn:x:thing']
    const units = Array.from({ length: 9 }, (_, n) => serial(n))
    const facts = { lot: 'box', commissionedAt: 1 }
    const named = [...others, ...classes, ...units]
    await ledger.transact((db) => internEpcs(db, 'c', [...others.slice(1), ...classes, ...units]))
    // A container of a lot is no unit of one.
    await ledger.transact((db) => commission(db, 'c', { epcs: others.slice(0, 1), facts }))
    const seen: string[] = []
    for (;;) {
      const page = await listEpcs(ledger.db, 'c', { after: seen.at(-1) ?? '', limit: 4 })
      if (page.length === 0) break
      seen.push(...page)
    }
    expect(seen.toSorted()).toEqual(named.toSorted())
    const between = async (from: string, to: string) =>
      (await idsBetween(ledger.db, 'c', { from, to, limit: 100 })).length
    expect(await between('01/', '010')).toBe(10)
    expect(await between('01/09521234543213/21/', '01/09521234543213/210')).toBe(9)
    expect(await between('00/', '000')).toBe(7)
    expect(await between('', '\u{10FFFF}')).toBe(18)
    expect(await idsBetween(ledger.db, 'c', { from: '01/', to: '010', limit: 3 })).toHaveLength(3)
    const far = { from: 'https://id.gs1.org/01/1', to: 'https://id.gs1.org/01/2' }
    expect(await hasEpcIn(ledger.db, 'c', far)).toBe(false)
  })
})

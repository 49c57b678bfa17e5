// What any ledger must keep of evidence and of people, the same on each.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { leafHashOf, provesConsistency, provesInclusion } from '../../domain/merkle.ts'
import type { Ledger } from '../../store/ledger.ts'
import * as evidence from '../../store/ledger-evidence.ts'
import type { LedgerFixture } from './ledger.ts'

export function evidenceContract(fixture: () => Promise<LedgerFixture>): void {
  describe('of evidence', () => {
    let [made, ledger]: [LedgerFixture | undefined, Ledger | undefined] = [undefined, undefined]
    beforeAll(async () => {
      made = await fixture()
      ledger = await made.open()
    })
    afterAll(async () => {
      await ledger?.close()
      await made?.remove()
    })
    keepsEvidence(() => ledger!)
  })
}

function keepsEvidence(to: () => Ledger): void {
  const tenant = 'ev'
  const append = (number: number): Promise<number> =>
    to()
      .forTenant(tenant)
      .transact(async (db) => {
        const record = { number, text: 'é\0😀', '9': 1, '10': 2 }
        const at = 1000 + (number % 7)
        const by = number % 2 === 0 ? 'ana' : 'ben'
        return evidence.appendEvidence(db, { tenant, kind: `k${number % 3}`, by, at, record })
      })

  it('numbers entries without holes, however many append at once and some of them fail', async () => {
    const failing = (number: number) =>
      to().transact(async (db) => {
        const entry = { tenant, kind: 'lost', by: 'ana', at: 1, record: { number } }
        await evidence.appendEvidence(db, entry)
        throw new Error('by purpose')
      })
    const numbers = Array.from({ length: 40 }, (_, number) => number)
    const told = await Promise.allSettled(
      numbers.flatMap((number) => [append(number), ...(number % 5 === 0 ? [failing(number)] : [])]),
    )
    const places = told.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
    expect(places.sort((a, b) => a - b)).toEqual(numbers)
    const rows = await evidence.evidenceInOrder(to().db, tenant, { from: 0, to: 99 })
    expect(rows.map(({ seq }) => seq)).toEqual(numbers)
    expect((await evidence.evidenceTree(to().db, 'nobody')).size).toBe(0)
  })

  it('proves each entry in each tree that there was, from what is kept', async () => {
    const { db } = to()
    const { size, root } = await evidence.evidenceTree(db, tenant)
    expect(await evidence.rootAt(db, tenant, size)).toBe(root)
    for (const row of await evidence.evidenceInOrder(db, tenant, { from: 0, to: size })) {
      const { seq: index, leafHash: leaf } = row
      expect(leafHashOf(evidence.formatEvidence(row))).toBe(leaf)
      const proof = await evidence.proveInclusion(db, tenant, { seq: index, size })
      expect(provesInclusion({ leaf, index, size, root }, proof)).toBe(true)
      const before = { size: index, root: await evidence.rootAt(db, tenant, index) }
      const grown = await evidence.proveConsistency(db, tenant, { from: index, to: size })
      expect(provesConsistency(before, { size, root }, grown)).toBe(true)
    }
  })

  it('finds entries by whom, by kind and by time, newest first, page after page', async () => {
    const all = await evidence.evidenceInOrder(to().db, tenant, { from: 0, to: 99 })
    const want = all
      .filter(({ by, kind, at }) => by === 'ana' && kind === 'k0' && at >= 1001 && at < 1006)
      .sort((a, b) => b.at - a.at || b.seq - a.seq)
      .map(({ seq }) => seq)
    expect(want.length).toBeGreaterThan(3)
    const found: number[] = []
    for (let before: [number, number] | undefined; ; ) {
      const filter = { by: 'ana', kind: 'k0', from: 1001, to: 1006, before, limit: 2 }
      const page = await evidence.listEvidence(to().forTenant(tenant).db, tenant, filter)
      found.push(...page.map(({ seq }) => seq))
      const last = page.at(-1)
      if (!last) break
      before = [last.at, last.seq]
    }
    expect(found).toEqual(want)
  })

  it('lets nobody change or take back an entry', async () => {
    const { db } = to()
    await expect(
      db.updateTable('evidence').set({ by: 'eve' }).where('seq', '=', 3).execute(),
    ).rejects.toThrow(/only ever added/)
    await expect(db.deleteFrom('evidence').where('seq', '=', 3).execute()).rejects.toThrow(
      /only ever added/,
    )
  })
}

// What any ledger must keep of evidence and of people, the same on each.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { leafHashOf, provesConsistency, provesInclusion } from '../../domain/merkle.ts'
import * as evidence from '../../store/ledger/evidence.ts'
import type { Ledger } from '../../store/ledger/ledger.ts'
import * as people from '../../store/ledger/people.ts'
import type { LedgerFixture } from './ledger.ts'

export function evidenceContract(fixture: () => Promise<LedgerFixture>): void {
  describe('of evidence and people', () => {
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
    keepsPeople(() => ledger!)
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

function keepsPeople(to: () => Ledger): void {
  const tenant = 'pe'
  const row = (id: string, ...roles: string[]): people.PersonRow => ({
    ...{ tenant, id, printedName: id, email: null, roles: JSON.stringify(roles), language: null },
    ...{ zone: null, unit: null, passwordHash: 'x', passwordUntil: null, mustChange: 0 },
    ...{ status: 'active', createdAt: 1, createdBy: 'admin' },
  })

  it('makes each person once, and knows who administers', async () => {
    const { db } = to().forTenant(tenant)
    expect(await people.insertPerson(db, row('ana', 'admin', 'quality'))).toBe(true)
    expect(await people.insertPerson(db, row('ana'))).toBe(false)
    expect(await people.insertPerson(db, row('ben', 'administrator'))).toBe(true)
    expect(await people.activeWith(db, tenant, 'admin')).toEqual(['ana'])
    const change = { unit: 'F', zone: undefined, roles: '["admin"]' }
    await people.updatePerson(db, { tenant, id: 'ben' }, change)
    expect(await people.readPerson(db, tenant, 'ben')).toEqual({
      ...row('ben', 'admin'),
      unit: 'F',
    })
    await people.updatePerson(db, { tenant, id: 'ana' }, { status: 'disabled' })
    expect(await people.activeWith(db, tenant, 'admin')).toEqual(['ben'])
    expect(await people.countPeople(db, tenant)).toBe(2)
    const ids = (await people.listPeople(db, tenant, { after: 'ana', limit: 5 })).map(
      ({ id }) => id,
    )
    expect(ids).toEqual(['ben'])
    expect(await people.listPeople(to().db, 'elsewhere', { limit: 5 })).toEqual([])
  })

  it('knows whose session it is while it lasts, and how many a person may have', async () => {
    const view = to().forTenant(tenant)
    const begin = (tokenHash: string, madeAt: number, expiresAt = 9999) =>
      view.transact((db) =>
        people.insertSession(
          db,
          { tokenHash, tenant, person: 'ben', madeAt, usedAt: madeAt, expiresAt },
          3,
        ),
      )
    // Whoever asks with a token has no tenant yet.
    const whose = async (tokenHash: string, now: number) =>
      (await people.readSession(to().db, tokenHash, { now, idleMs: 100 }))?.person
    await begin('s1', 1000)
    expect(await whose('s1', 1099)).toBe('ben')
    expect(await whose('s1', 1100)).toBeUndefined()
    await people.touchSession(to().db, 's1', 1090)
    await people.touchSession(to().db, 's1', 1080)
    expect(await whose('s1', 1189)).toBe('ben')
    expect(await whose('s2', 1189)).toBeUndefined()
    // Three in all: the ones unused for longest go, and those that are over.
    for (const [name, at] of [
      ['s2', 1100],
      ['s3', 1101],
      ['s4', 1102],
    ] as const)
      await begin(name, at, name === 's3' ? 1150 : 9999)
    const lasting = async (now: number) => {
      const all = ['s1', 's2', 's3', 's4', 's5']
      const known = await Promise.all(all.map((name) => whose(name, now)))
      return all.filter((_, at) => known[at])
    }
    expect(await lasting(1149)).toEqual(['s2', 's3', 's4'])
    await begin('s5', 1160)
    expect(await lasting(1170)).toEqual(['s2', 's4', 's5'])
    await people.updatePerson(view.db, { tenant, id: 'ben' }, { status: 'disabled' })
    expect(await lasting(1170)).toEqual([])
    await people.updatePerson(view.db, { tenant, id: 'ben' }, { status: 'active' })
    await people.endSessions(view.db, { tenant, person: 'ben', but: 's5' })
    expect(await lasting(1170)).toEqual(['s5'])
    await people.endSession(view.db, tenant, 's5')
    expect(await lasting(1170)).toEqual([])
  })
}

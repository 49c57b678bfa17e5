// What any ledger must keep of findings, cases, who was marked, what scans told and which loggers
// were put on together, the same on each.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Found, writeCases } from '../../analytics/cases/cases.ts'
import type { DetectorName, Finding } from '../../domain/suspicion.ts'
import { readSerialSet } from '../../store/ledger/alerts.ts'
import * as cases from '../../store/ledger/cases.ts'
import { internEpcs } from '../../store/ledger/epcs.ts'
import { insertEvents, readEvents, replaceEvent } from '../../store/ledger/events.ts'
import type { Ledger } from '../../store/ledger/ledger.ts'
import { insertMentions } from '../../store/ledger/mentions.ts'
import { readFittedWith } from '../../store/ledger/mounts.ts'
import { mentionRoles } from '../../store/ledger/schema.ts'
import * as suspects from '../../store/ledger/suspects.ts'
import type { LedgerFixture } from './ledger.ts'
import { storedEvent } from './moves.ts'

export function casesContract(fixture: () => Promise<LedgerFixture>): void {
  describe('of cases', () => {
    let [made, ledger]: [LedgerFixture | undefined, Ledger | undefined] = [undefined, undefined]
    beforeAll(async () => {
      made = await fixture()
      ledger = await made.open()
    })
    afterAll(async () => {
      await ledger?.close()
      await made?.remove()
    })
    keepsCases(() => ledger!)
    keepsSuspects(() => ledger!)
    knowsFittings(() => ledger!)
  })
}

const unit = (n: number): string => `https://id.gs1.org/01/09521234001034/21/u${n}`

const finding = (detector: DetectorName, more: Partial<Finding> = {}): Finding => ({
  ...{ detector, key: 'k', serials: [unit(2), unit(1)], logOdds: 6, witnesses: 2 },
  ...{ from: 100, to: 200, words: `${detector} says “so”.`, facts: { count: 2 }, rests: ['s1'] },
  ...more,
})

const heavy = [finding('impossible-travel'), finding('duplicate-scan', { logOdds: 2.5 })]

function keepsCases(to: () => Ledger): void {
  const tenant = 'cases'
  const look = (asOf: number, findings: Finding[], subject = 'pallet-1') =>
    to().transact((db) => {
      const found: Found = { subject, findings, inside: [], asOf }
      return writeCases(db, { tenant, ...found })
    })

  it('opens one case for one incident however often it is looked at, and in whatever order', async () => {
    const opened = await look(1000, heavy)
    expect(opened).toMatchObject([{ change: 'opened', row: { kind: 'clone', revision: 1 } }])
    expect(await look(2000, heavy.toReversed())).toEqual([])
    const [row, ...others] = await cases.casesOf(to().db, tenant, 'pallet-1')
    expect(others).toEqual([])
    expect(row).toEqual(opened[0]!.row)
    const page = { serialSet: row!.serialSet, offset: 0, limit: 9 }
    const serials = await readSerialSet(to().db, tenant, page)
    expect(serials.map(([epc]) => epc)).toEqual([unit(1), unit(2)])
  })

  it('keeps each revision with its cause, until the evidence is gone', async () => {
    const more = [...heavy, finding('status-conflict', { to: Infinity })]
    expect(await look(3000, more)).toMatchObject([{ change: 'changed', row: { to: Infinity } }])
    expect(await look(4000, [])).toMatchObject([{ change: 'withdrawn' }])
    const [row] = await cases.casesOf(to().db, tenant, 'pallet-1')
    expect(row).toMatchObject({ status: 'withdrawn', revision: 3, openedAt: 1000, to: Infinity })
    const revisions = await cases.listCaseRevisions(to().db, tenant, row!.id)
    expect(revisions.map(({ cause, recordTime }) => [cause, recordTime])).toEqual([
      ['opened', 1000],
      ['evidence', 3000],
      ['evidence withdrawn', 4000],
    ])
    expect(await cases.listCaseRevisions(to().db, 'others', row!.id)).toEqual([])
  })

  it('lists cases by status and kind, the newest first, page after page', async () => {
    for (const n of [5, 6, 7]) await look(1000 * n, heavy, `pallet-${n}`)
    const list = (of: Partial<Parameters<typeof cases.listCases>[2]>) =>
      cases.listCases(to().db, tenant, { limit: 2, ...of })
    const [first, second] = await list({ status: 'open', kind: 'clone' })
    expect([first!.subject, second!.subject]).toEqual(['pallet-7', 'pallet-6'])
    const rest = await list({ status: 'open', after: [second!.openedAt, second!.id] })
    expect(rest.map(({ subject }) => subject)).toEqual(['pallet-5'])
    expect(await list({ kind: 'theft' })).toEqual([])
    expect(await cases.listCases(to().db, 'others', { limit: 9 })).toEqual([])
  })

  it('keeps all verdicts in their order, with whose evidence they were about', async () => {
    const verdict = (of: string, number: number): cases.CaseVerdict => ({
      ...{ case: of, number, at: number, by: 'ana', verdict: 'dismissed', reason: '“é”' },
      ...{ revision: 1, detectors: ['impossible-travel', 'duplicate-scan'] },
    })
    for (const [of, number] of [['b', 1] as const, ['a', 2] as const, ['a', 1] as const])
      await to().transact((db) => cases.insertCaseVerdict(db, tenant, verdict(of, number)))
    const told = await cases.readCaseVerdicts(to().db, tenant)
    expect(told).toEqual([verdict('a', 1), verdict('a', 2), verdict('b', 1)])
    expect(await cases.readCaseVerdicts(to().db, tenant, 'b')).toEqual([verdict('b', 1)])
  })
}

function keepsSuspects(to: () => Ledger): void {
  it('knows who is to be looked at, and forgets none that was marked again meanwhile', async () => {
    const mark = (subjects: string[], at: number) =>
      to().transact((db) => suspects.markSuspects(db, 'marks', { kind: 'unit', subjects, at }))
    const due = async (asOf: number) =>
      (await suspects.readSuspects(to().db, { asOf, limit: 9 })).filter(
        ({ tenant }) => tenant === 'marks',
      )
    await mark(['x', 'y', 'x'], 50)
    await mark(['y'], 20)
    const seen = await due(60)
    expect(seen.map(({ subject, since }) => [subject, since])).toEqual([
      ['y', 20],
      ['x', 50],
    ])
    expect(await due(19)).toEqual([])
    await mark(['y'], 70)
    await to().transact((db) => suspects.clearSuspects(db, seen))
    expect((await due(99)).map(({ subject }) => subject)).toEqual(['y'])
  })

  it('keeps what a session saw of a unit once, with its times, whatever came first', async () => {
    let heardAt = 100
    const seen = (at: number, session: string) => ({
      ...{ epc: unit(9), session, place: 'eyck', lot: 'L1', at, heardAt: heardAt++ },
    })
    for (const rows of [[seen(30, 's'), seen(10, 't')], [seen(20, 's')], [seen(10, 't')]])
      await to().transact((db) => suspects.recordSightings(db, 'scans', rows))
    const by = { in: 'epc' as const, among: [unit(9)], limit: 9 }
    expect(await suspects.sightingsOf(to().db, 'scans', by)).toMatchObject([
      { session: 't', firstAt: 10, lastAt: 10, times: 2, lot: 'L1', place: 'eyck' },
      { session: 's', firstAt: 20, lastAt: 30, times: 2, firstHeardAt: 100, lastHeardAt: 102 },
    ])
    expect(await suspects.sightingsOf(to().db, 'others', by)).toEqual([])
  })
}

function knowsFittings(to: () => Ledger): void {
  const tenant = 'fitted'
  const names = ['own', 'near', 'nearer', 'far', 'elsewhere', 'taken-off', 'in-error']
  let numbers: number[] = []

  const mount = (name: string, eventTime: number, more: object = {}) =>
    to().transact(async (db) => {
      const parent = numbers[names.indexOf(name)]!
      const what = { type: 'AssociationEvent', action: 'ADD', eventTime, parent, readPoint: 'dock' }
      const event = storedEvent(`e-${name}-${eventTime}`, { ...what, ...more } as object)
      await insertEvents(db, tenant, [event])
      const [stored] = await readEvents(db, tenant, [event.eventID])
      const mention = { event: stored!.id!, role: mentionRoles.parentID, epcs: [parent] }
      await insertMentions(db, tenant, [mention])
      return stored!
    })

  it('tells which containers got a logger at the same place and nearly at the time', async () => {
    const ids = await to().transact((db) => internEpcs(db, tenant, names))
    numbers = names.map((name) => ids.get(name)!)
    await mount('own', 1000)
    await mount('own', 9000)
    await mount('near', 1090)
    await mount('near', 1095)
    await mount('nearer', 940)
    await mount('far', 1101)
    await mount('elsewhere', 1000, { readPoint: 'gate' })
    await mount('taken-off', 1000, { action: 'DELETE' })
    const wrong = await mount('in-error', 1000)
    await to().transact((db) => replaceEvent(db, tenant, { ...wrong, declared: true }))
    const [container] = numbers
    const ask = async (from: number, limit = 9) =>
      (
        await readFittedWith(to().db, tenant, { container: container!, from, withinMs: 100, limit })
      ).map((id) => names[numbers.indexOf(id)])
    expect(await ask(1000)).toEqual(['nearer', 'near'])
    expect(await ask(1000, 1)).toEqual(['nearer'])
    expect(await ask(9000)).toEqual([])
    expect(await ask(1001)).toEqual([])
    const query = { container: container!, from: 1000, withinMs: 100, limit: 9 }
    expect(await readFittedWith(to().db, 'others', query)).toEqual([])
  })
}

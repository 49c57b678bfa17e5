// What every ledger must do, whatever database it is in. Used by test/ledger-contract.test.ts on
// SQLite and on PostgreSQL: same questions, same answers, byte for byte.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bounds } from '../../config.ts'
import type { Move } from '../../domain/hierarchy.ts'
import type { Profile } from '../../domain/profile/profile.ts'
import { Superseded } from '../../domain/refusal.ts'
import * as alerts from '../../store/ledger/alerts.ts'
import * as alike from '../../store/ledger/alike.ts'
import * as contents from '../../store/ledger/contents.ts'
import * as cursors from '../../store/ledger/cursors.ts'
import * as detectors from '../../store/ledger/detectors.ts'
import * as epcs from '../../store/ledger/epcs.ts'
import * as events from '../../store/ledger/events.ts'
import type { Ledger } from '../../store/ledger/ledger.ts'
import * as refusals from '../../store/ledger/refusals.ts'
import * as registry from '../../store/ledger/registry.ts'
import * as stays from '../../store/ledger/stays.ts'
import * as trace from '../../store/ledger/trace.ts'
import { slotOf } from '../../store/slots.ts'
import { insertMoves, restate, storedEvent, withdraw } from './moves.ts'

export interface LedgerFixture {
  /** The same database each time, as another process would open it. */
  open(): Promise<Ledger>
  remove(): Promise<void>
}

/** Ascending by UTF-8 bytes: capitals before small letters, beyond U+FFFF after everything. */
export const oddTexts = [
  ' ',
  '!',
  '-1',
  '0',
  '00',
  '10',
  '9',
  'A',
  'B-c',
  'Ba',
  'Z',
  '_',
  'a',
  'a b',
  "a'b",
  'a-b',
  'aB',
  'ab',
  'b',
  'z',
  'ß',
  'é',
  'ä'.normalize('NFC'),
  'Ω',
  '中',
  '\uFF5E',
  '😀',
].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))

const tenant = 'default'
const profile = { rules: [], hysteresisC: 0.5 } as unknown as Profile

export const deviceNamed = (id: string, more: Partial<registry.Device> = {}): registry.Device => ({
  tenant,
  id,
  channels: {},
  createdAt: 1_767_225_600_000,
  ...more,
})

export const alertNamed = (id: string, more: Partial<alerts.Alert> = {}): alerts.Alert => ({
  ...{ id, kind: 'excursion', rule: 'cold', ruleKind: 'continuous', limitC: 8 },
  ...{ allowanceMinutes: 30, severity: 'critical', device: 'd', container: 'c' },
  ...{ channel: 'temperature', gtin: '09521234543213', productVersion: 1 },
  ...{ from: 1000, to: null, minutes: 31, unknownMinutes: 0, peakC: 9.5, verdict: 'out' },
  ...{ status: 'open', revision: 1, raisedAt: 2000, serialCount: 0, serialSetHash: 'hash' },
  ...{ serialSet: 'set', legs: [] },
  ...more,
})

const add = (child: string, parent: string, more: Partial<Move> = {}): Move => ({
  relation: 'aggregation',
  child,
  parent,
  action: 'ADD',
  eventTime: 1000,
  eventID: `e-${parent}`,
  ...more,
})

export function ledgerContract({
  name,
  fixture,
}: {
  name: string
  fixture: () => Promise<LedgerFixture>
}): void {
  describe(`the ledger in ${name}`, () => {
    let database: LedgerFixture
    let ledger: Ledger
    beforeAll(async () => {
      database = await fixture()
      ledger = await database.open()
    })
    afterAll(async () => {
      await ledger?.close()
      await database?.remove()
    })
    const to = (): Ledger => ledger

    registryContract(to)
    eventsContract(to)
    contentsContract(to)
    alertsContract(to)
    detectorsContract(to)
    refusalsContract(to)
    cursorsContract(to)
    transactionsContract(to)

    it('keeps what it was given when it is closed and opened again', async () => {
      await ledger.transact((db) => registry.writeMeta(db, 'kept', 'for ever'))
      await ledger.close()
      ledger = await database.open()
      expect(await registry.readMeta(ledger.db, 'kept')).toBe('for ever')
      expect(ledger.failure).toBeUndefined()
    })
  })
}

function registryContract(to: () => Ledger): void {
  it('registers a device once, by id and by GIAI', async () => {
    const { db } = to()
    const first = deviceNamed('reg-1', {
      giai: 'https://id.gs1.org/8004/952123400001',
      loggingIntervalMs: 60_000,
      channels: { co2: { unit: 'ppm', min: 0, max: 1 } } as registry.Device['channels'],
    })
    expect(await registry.insertDevice(db, first, 'hash-1')).toBe(true)
    expect(await registry.insertDevice(db, first, 'hash-2')).toBe(false)
    expect(await registry.insertDevice(db, { ...first, id: 'reg-2' }, 'hash-2')).toBe(false)
    expect(await registry.readDevice(db, tenant, 'reg-1')).toEqual(first)
    expect(await registry.readDevice(db, 'other', 'reg-1')).toBeUndefined()
    expect(await registry.devicesByGiai(db, tenant, [first.giai!, 'x'])).toEqual([first])
    expect(await trace.deviceByToken(db, 'hash-1', 0)).toEqual({ tenant, id: 'reg-1' })
    await registry.updateDevice(db, first, { channels: {} })
    await registry.changeToken(db, first, { tokenHash: 'hash-3', formerUntil: null })
    expect(await registry.readDevice(db, tenant, 'reg-1')).toEqual({ ...first, channels: {} })
    expect(await registry.listRegistered(db, 'reg-1')).toEqual([
      { device: { ...first, channels: {} }, credentials: [{ tokenHash: 'hash-3' }] },
    ])
  })

  it('knows a device by its former token for as long as that is good, and by no older one', async () => {
    const { db } = to()
    const device = deviceNamed('turning')
    const known = (hash: string, now: number) => trace.deviceByToken(db, hash, now)
    await registry.insertDevice(db, device, 'first')
    await registry.changeToken(db, device, { tokenHash: 'second', formerUntil: 100 })
    const found = { tenant, id: 'turning' }
    expect([await known('first', 99), await known('second', 99)]).toEqual([found, found])
    expect([await known('first', 100), await known('second', 100)]).toEqual([undefined, found])
    await registry.changeToken(db, device, { tokenHash: 'third', formerUntil: 200 })
    expect([await known('first', 50), await known('second', 50)]).toEqual([undefined, found])
    await registry.changeToken(db, device, { tokenHash: 'fourth', formerUntil: null })
    expect(await known('third', 50)).toBeUndefined()
    expect((await registry.readDevice(db, tenant, 'turning'))?.formerTokenUntil).toBeUndefined()
  })

  it('pages through names in the order of their bytes, whatever they are', async () => {
    const { db } = to()
    for (const id of [...oddTexts].reverse())
      await registry.insertDevice(db, deviceNamed(id, { tenant: 'odd' }), `token of ${id}`)
    const seen: string[] = []
    for (;;) {
      const after = seen.at(-1)
      const page = await registry.listDevices(db, 'odd', {
        limit: 4,
        ...(after !== undefined && { after }),
      })
      if (page.length === 0) break
      seen.push(...page.map(({ id }) => id))
    }
    expect(seen).toEqual(oddTexts)
  })

  it('makes, finds and revokes service keys', async () => {
    const { db } = to()
    const key: registry.ServiceKey = {
      ...{ id: 'key-1', tenant, name: 'O’Neill\t"x"', roles: ['quality'], createdAt: 5 },
      mqtt: { publish: [], subscribe: ['v1/+'] },
    }
    await registry.insertKey(db, key, 'key-hash')
    expect(await registry.keyByToken(db, 'key-hash')).toEqual(key)
    expect(await registry.listKeys(db, tenant, { limit: 10 })).toEqual([key])
    expect(await registry.revokeKey(db, { tenant: 'other', id: 'key-1' }, 9)).toBe(false)
    expect(await registry.revokeKey(db, key, 9)).toBe(true)
    expect(await registry.keyByToken(db, 'key-hash')).toBeUndefined()
    expect(await registry.listKeys(db, tenant, { limit: 10 })).toEqual([{ ...key, revokedAt: 9 }])
  })

  it('counts the versions of a product', async () => {
    const { db } = to()
    const product = { tenant, gtin: '09521234543213', name: 'Vaccine', profile, updatedAt: 7 }
    expect((await registry.putProduct(db, product)).version).toBe(1)
    expect((await registry.putProduct(db, { ...product, updatedAt: 8 })).version).toBe(1)
    expect((await registry.putProduct(db, { ...product, name: 'V' })).version).toBe(2)
    const stands = { ...product, name: 'V', version: 2 }
    expect(await registry.readProduct(db, tenant, product.gtin)).toEqual(stands)
    expect(await registry.listProducts(db, tenant, { limit: 5 })).toEqual([stands])
  })

  it('keeps text that has characters no database likes', async () => {
    const { db } = to()
    const text = `a\u0000b\\N\t\r\n'";--\u{1F600}\uD800`
    await registry.writeMeta(db, 'odd', text)
    expect(await registry.readMeta(db, 'odd')).toBe(`a\uFFFDb\\N\t\r\n'";--\u{1F600}\uFFFD`)
    expect(await registry.readMeta(db, '\u0000')).toBeUndefined()
    const units = Array.from({ length: bounds.copyRowsMin }, (_, n) => `${text}${n}`)
    const facts = { lot: '\\7\\.', commissionedAt: 1 }
    await to().transact((query) => epcs.commission(query, 'odd', { epcs: units, facts }))
    const kept = await epcs.readUnits(db, 'odd', [`a\uFFFDb\\N\t\r\n'";--\u{1F600}\uFFFD7`])
    expect([...kept.values()].map(({ lot }) => lot)).toEqual(['\\7\\.'])
  })
}

function eventsContract(to: () => Ledger): void {
  const stored = (n: number, more: Partial<events.StoredEvent> = {}): events.StoredEvent =>
    storedEvent(`urn:e:${n}`, {
      type: n % 2 ? 'ObjectEvent' : 'AggregationEvent',
      ...{ eventTime: 1000 - n, seq: Math.floor(n / 3), pos: n % 3, body: `{"n":${n}}` },
      ...more,
    })

  it('keeps an event once, and tells which were new', async () => {
    const { db } = to()
    const some = Array.from({ length: 1100 }, (_, n) => stored(n))
    const fresh = await events.insertEvents(db, 'ev', some.slice(0, 700))
    expect(fresh.size).toBe(700)
    const later = await events.insertEvents(db, 'ev', some)
    expect([...later.keys()].sort()).toEqual(
      some
        .slice(700)
        .map(({ eventID }) => eventID)
        .sort(),
    )
    expect(await events.insertEvents(db, 'ev', some)).toEqual(new Map())
    const id = fresh.get('urn:e:3')!
    const [found, ...none] = await events.readEvents(db, 'ev', ['urn:e:3', 'urn:e:none'])
    expect([found, none]).toEqual([stored(3, { id }), []])
    const other = stored(3, { id, body: `{"long":"${'é'.repeat(5000)}"}`, declared: true })
    await events.replaceEvent(db, 'ev', other)
    expect(await events.readEvents(db, 'ev', ['urn:e:3'])).toEqual([other])
    expect(await events.readEventsById(db, 'ev', [id, -1])).toEqual([other])
    expect(await events.readEventsById(db, 'other', [id])).toEqual([])
  })

  it('lists events in the order they were captured', async () => {
    const { db } = to()
    const first = await events.listEvents(db, 'ev', { limit: 5 })
    expect(first.map(({ eventID }) => eventID)).toEqual([0, 1, 2, 3, 4].map((n) => `urn:e:${n}`))
    const { seq, pos } = first.at(-1)!
    const type = 'ObjectEvent'
    const next = await events.listEvents(db, 'ev', { after: { seq, pos }, limit: 2, type })
    expect(next.map(({ eventID }) => eventID)).toEqual(['urn:e:5', 'urn:e:7'])
  })

  it('lets the earliest commissioning of a unit decide, also within one call', async () => {
    const { db } = to()
    const [first, second] = ['u1', 'u2'].map(
      (serial) => `https://id.gs1.org/01/09521234543213/21/${serial}`,
    ) as [string, string]
    const say = (commissionedAt: number, lot?: string, expiry?: string) =>
      epcs.commission(db, 'un', {
        epcs: [first],
        facts: { commissionedAt, ...(lot && { lot }), ...(expiry && { expiry }) },
      })
    const ids = await epcs.internEpcs(db, 'un', [first])
    for (const [at, lot, expiry] of [
      [20, 'late'],
      [10, 'other'],
      [10, 'early', '261231'],
      [10],
      [30, 'later'],
    ] as const)
      expect(await say(at, lot, expiry)).toEqual(ids)
    await epcs.internEpcs(db, 'un', [first, second, second])
    const gtin = '09521234543213'
    const unit = { epc: first, gtin, lot: 'early', expiry: '261231', commissionedAt: 10 }
    expect(await epcs.readUnits(db, 'un', [first, second, 'u3'])).toEqual(
      new Map<string, epcs.Unit>([
        [first, unit],
        [second, { epc: second, gtin }],
      ]),
    )
    const [id, lots] = [ids.get(first)!, new Map([[first, 'early']])]
    expect(await epcs.readUnit(db, 'un', first)).toEqual({ id, unit })
    expect(await epcs.readUnit(db, 'other', first)).toBeUndefined()
    expect(await epcs.lotsOf(db, 'un', [second, first, 'u3'])).toEqual(lots)
    expect(await epcs.lotsOf(db, 'un', [second])).toEqual(new Map())
    expect(await epcs.lotsOf(db, 'other', [first])).toEqual(new Map())
    const page = await epcs.listUnits(db, 'un', { gtin, limit: 1 })
    const { epc: after } = page[0]!
    const rest = await epcs.listUnits(db, 'un', { gtin, after, limit: 5 })
    expect([...page, ...rest].map(({ epc }) => epc).sort()).toEqual([first, second])
    expect(await epcs.listUnits(db, 'un', { gtin, lot: 'early', limit: 5 })).toEqual([unit])
    expect(await epcs.listUnits(db, 'other', { gtin, limit: 5 })).toEqual([])
    await epcs.forgetFacts(db, 'un', [first])
    expect(await epcs.listUnits(db, 'un', { gtin, lot: 'early', limit: 5 })).toEqual([])
  })

  it('knows every EPC by one number, and gives it back as it was', async () => {
    const { db } = to()
    const some = ['https://id.gs1.org/00/095212345432130007', 'urn:x:1', 'https://a.b/01/2/21/3']
    some.push('https://id.gs1.org/legacy')
    const ids = await epcs.internEpcs(db, 'names', some)
    expect(ids.size).toBe(4)
    expect(await epcs.internEpcs(db, 'names', [...some, ...some])).toEqual(ids)
    expect(await epcs.epcsOf(db, 'names', [...ids.values(), -1])).toEqual(
      new Map([...ids].map(([epc, id]) => [id, epc])),
    )
    expect(await epcs.idsOf(db, 'names', ['urn:x:2', 'urn:x:1'])).toEqual(
      new Map([['urn:x:1', ids.get('urn:x:1')]]),
    )
    expect(await epcs.epcsOf(db, 'other', [...ids.values()])).toEqual(new Map())
  })

  it('derives stays from moves, whatever order they come in, and takes them back', async () => {
    const { db } = to()
    const relation = 'aggregation' as const
    const emptied = { action: 'DELETE' as const, eventTime: 3000, eventID: 'e-empty' }
    const moves: Move[] = [
      { relation, parent: 'p2', child: undefined, ...emptied },
      add('a', 'p2', { eventTime: 2000 }),
      add('a', 'p1'),
      add('b', 'p1', { eventID: 'e-b' }),
    ]
    for (const move of [...moves, ...moves]) {
      await insertMoves(db, 'mv', [move])
      await restate(db, 'mv', ['a', 'b'])
    }
    const of = async (child: string) => {
      const found = await stays.readStays(db, 'mv', { in: 'child', among: [child], relation })
      return found.sort((x, y) => x.from - y.from).map((s) => [s.parent, s.from, s.to, s.endedBy])
    }
    expect(await of('a')).toEqual([
      ['p1', 1000, 2000, 'moved'],
      ['p2', 2000, 3000, 'emptied'],
    ])
    expect(await of('b')).toEqual([['p1', 1000, Infinity, null]])
    await withdraw(db, 'mv', 'e-empty')
    await restate(db, 'mv', ['a'])
    expect(await of('a')).toEqual([
      ['p1', 1000, 2000, 'moved'],
      ['p2', 2000, Infinity, null],
    ])
  })

  it('tells once what many have in common: their stays, and their product', async () => {
    const { db } = to()
    const unit = (gtin: string, serial: number) => `https://id.gs1.org/01/${gtin}/21/${serial}`
    const [one, other] = ['09521234543213', '09521234543220']
    const box = 'https://id.gs1.org/00/095201234567891235'
    const units = [unit(one, 1), unit(one, 2), unit(other, 1)]
    const moves = units.map((epc) => add(epc, 'b1', { eventID: 'in' }))
    const away = add(units[1]!, 'b2', { eventID: 'away', eventTime: 5000 })
    await insertMoves(db, 'alike', [...moves, away, add(box, 'b2', { eventID: 'box' })])
    await restate(db, 'alike', [...units, box])
    const ids = await epcs.idsOf(db, 'alike', [...units, box, 'b1', 'b2'])
    const number = (name: string): number => ids.get(name)!
    const shared = await alike.readSharedStays(db, 'alike', [...units, box].map(number))
    const told = shared.map(({ children, ...stay }) => ({ ...stay, children: children.sort() }))
    expect(told).toEqual([
      { parent: number('b1'), from: 1000, to: 5000, children: [number(units[1]!)] },
      {
        ...{ parent: number('b1'), from: 1000, to: Infinity },
        children: [number(units[0]!), number(units[2]!)].sort(),
      },
      { parent: number('b2'), from: 1000, to: Infinity, children: [number(box)] },
      { parent: number('b2'), from: 5000, to: Infinity, children: [number(units[1]!)] },
    ])
    const byGtin = await alike.readByGtin(db, 'alike', [...ids.values()])
    expect(new Map([...byGtin].map(([gtin, own]) => [gtin, own.sort()]))).toEqual(
      new Map([
        [one, [number(units[0]!), number(units[1]!)].sort()],
        [other, [number(units[2]!)]],
      ]),
    )
  })

  it('keeps names as long as they may be', async () => {
    const { db } = to()
    const noise = (length: number, seed: string): string => {
      let text = ''
      while (text.length < length) text += registry.hashToken(seed + text)
      return text.slice(0, length)
    }
    const eventID = `urn:x:${noise(1994, 'e')}`
    const child = `https://id.gs1.org/8004/${noise(200, 'c')}`
    const parent = `https://id.gs1.org/8004/${noise(200, 'p')}`
    await insertMoves(db, 'long', [add(child, parent, { eventID })])
    await restate(db, 'long', [child])
    const [event] = await events.readEvents(db, 'long', [eventID])
    expect(event).toMatchObject({ eventID })
    const found = await stays.readStays(db, 'long', { in: 'parent', among: [parent] })
    expect(found.map((stay) => stay.child)).toEqual([child])
  })

  it('finishes a capture once: a replay knows less', async () => {
    const { db } = to()
    const begun = { id: 'c1', createdAt: 1, events: 3, errors: [] }
    const done = { ...begun, finishedAt: 2, errors: [{ code: 'x', path: '', detail: 'y' }] }
    await events.insertCapture(db, tenant, begun)
    await events.insertCapture(db, tenant, done)
    await events.insertCapture(db, tenant, { ...begun, finishedAt: 9, events: 0 })
    expect(await events.readCapture(db, tenant, 'c1')).toEqual(done)
    expect(await events.readCapture(db, tenant, 'c2')).toBeUndefined()
  })

  it('takes 20,000 units into one pallet in one transaction, and again without a change', async () => {
    const units = Array.from({ length: 20_000 }, (_, n) => `unit-${n}`)
    const moves = units.map((epc) => add(epc, 'pallet', { eventID: 'big' }))
    for (let time = 0; time < 2; time++)
      await to().transact(async (db) => {
        await epcs.commission(db, 'big', { epcs: units, facts: { commissionedAt: 7 } })
        await insertMoves(db, 'big', moves)
        await restate(db, 'big', units)
      })
    const window = { from: 1000, to: 2000 }
    const presence = await contents.readPresence(to().db, 'big', { container: 'pallet', window })
    expect(presence.size).toBe(20_001)
    expect(presence.get('unit-19999')).toEqual([window])
    expect((await epcs.readUnits(to().db, 'big', units.slice(0, 600))).size).toBe(600)
  }, 120_000)
}

function contentsContract(to: () => Ledger): void {
  it('follows containment downwards and upwards, to the loggers that watch', async () => {
    const { db } = to()
    const giai = 'https://id.gs1.org/8004/952123400777'
    await registry.insertDevice(db, deviceNamed('watch', { tenant: 'nest', giai }), 'w')
    const moves = [
      add('item', 'case'),
      add('case', 'pallet', { eventTime: 2000 }),
      add(giai, 'pallet', { relation: 'association', eventTime: 500 }),
    ]
    for (const move of moves) await insertMoves(db, 'nest', [{ ...move, eventID: `${move.child}` }])
    for (const { child } of moves) await restate(db, 'nest', [child!])
    const window = { from: 0, to: 5000 }
    const presence = await contents.readPresence(db, 'nest', { container: 'pallet', window })
    expect([...presence]).toEqual([
      ['pallet', [window]],
      ...[...presence].slice(1, 3),
      ['item', [{ from: 2000, to: 5000 }]],
    ])
    expect((await contents.readAncestors(db, 'nest', ['item'])).sort()).toEqual([
      ...['case', 'item', 'pallet'],
    ])
    expect(await contents.devicesMountedOn(db, 'nest', ['pallet'])).toEqual(['watch'])
    expect(await trace.mountedDevices(db, 'nest')).toEqual(['watch'])
    const mount = { device: 'watch', giai, container: 'pallet', from: 500, to: Infinity }
    const page = { now: 1000, ended: false, limit: 5 }
    expect(await trace.listMounts(db, 'nest', page)).toEqual([mount])
    const after: [string, number, string] = ['pallet', 500, 'watch']
    expect(await trace.listMounts(db, 'nest', { ...page, after })).toEqual([])
    const inside = { parents: ['pallet', 'case'], at: 2500, limit: 5 }
    expect((await trace.childrenAt(db, 'nest', inside)).sort()).toEqual(['case', 'item'])
  })
}

function alertsContract(to: () => Ledger): void {
  it('keeps alerts with their revisions, newest breach first', async () => {
    const { db } = to()
    const revision = { revision: 1, recordTime: 3000, cause: 'reading', diff: {} }
    for (const [n, id] of oddTexts.entries())
      await alerts.writeAlert(db, 'al', alertNamed(id, { from: n % 3, device: 'd1' }), revision)
    const seen: string[] = []
    for (;;) {
      const after = seen.at(-1)
      const filter = { device: 'd1', limit: 4, ...(after !== undefined && { after }) }
      const page = await alerts.listAlerts(db, 'al', filter)
      if (page.length === 0) break
      seen.push(...page.map(({ id }) => id))
    }
    const order = [2, 1, 0].flatMap((rest) => oddTexts.filter((_, n) => n % 3 === rest))
    expect(seen).toEqual(order)
  })

  it('grows a revision in place and adds the next one', async () => {
    const { db } = to()
    const first = alertNamed('a1')
    const revision = { revision: 1, recordTime: 3000, cause: 'reading', diff: { a: [1, null] } }
    await alerts.writeAlert(db, 'rev', first, revision)
    const grown = { ...first, minutes: 40, to: 9000 }
    await alerts.writeAlert(db, 'rev', grown, { ...revision, recordTime: 4000, diff: {} })
    const next = { ...grown, status: 'retracted' as const, revision: 2 }
    const late = { revision: 2, recordTime: 5000, cause: 'late-reading', diff: {} }
    await alerts.writeAlert(db, 'rev', next, late)
    expect(await alerts.readAlert(db, 'rev', 'a1')).toEqual(next)
    expect(await alerts.listRevisions(db, 'rev', 'a1')).toEqual([
      { ...revision, alert: grown },
      { ...late, alert: next },
    ])
    expect(await alerts.openAlertsOf(db, 'rev', 'd', 0)).toEqual([])
    const gone = { status: 'retracted' as const, severity: 'critical' as const, limit: 5 }
    expect(await alerts.listAlerts(db, 'rev', gone)).toEqual([next])
    expect(await trace.countOpenAlerts(db, 'al', ['d1'])).toEqual([
      { device: 'd1', container: 'c', count: oddTexts.length },
    ])
    const on = await trace.alertsOn(db, 'al', { containers: ['c', 'x'], limit: 3 })
    expect(on.map(({ from }) => from)).toEqual([2, 2, 2])
  })

  it('keeps a set of 100,000 serials, reads any page of it and finds one serial', async () => {
    const serials = Array.from(
      { length: 100_000 },
      (_, n): alerts.SerialLeg => [`epc-${String(n).padStart(6, '0')}`, n % 3],
    )
    for (let time = 0; time < 2; time++)
      await to().transact((db) => alerts.writeSerialSet(db, tenant, 'set-1', serials))
    const { db } = to()
    const page = { serialSet: 'set-1', offset: 4990, limit: 30 }
    expect(await alerts.readSerialSet(db, tenant, page)).toEqual(serials.slice(4990, 5020))
    const whole = { serialSet: 'set-1', offset: 0, limit: bounds.serialSetMax }
    expect(await alerts.readSerialSet(db, tenant, whole)).toEqual(serials)
    expect(await trace.findSerial(db, tenant, { serialSet: 'set-1', epc: 'epc-099998' })).toBe(2)
    expect(await trace.findSerial(db, tenant, { serialSet: 'set-1', epc: 'none' })).toBeUndefined()
    expect(await trace.findSerial(db, tenant, { serialSet: 'x', epc: 'none' })).toBeUndefined()
  })
}

function detectorsContract(to: () => Ledger): void {
  it('marks devices to be looked at again, by slot; a newer mark outlives a clearing', async () => {
    const { db } = to()
    const devices = ['m1', 'm2', 'm3', 'm2']
    await detectors.writeDetectors(db, [{ tenant, device: 'm1', body: '{"x":1}' }])
    await detectors.markDirty(db, tenant, { devices, since: 50, cause: 'event' })
    await detectors.markDirty(db, tenant, { devices: ['m2'], since: 70, cause: 'profile' })
    await detectors.markDirty(db, tenant, { devices: ['m3'], since: 10, cause: 'late-reading' })
    const rows = await detectors.dirtyDetectors(db, { limit: 10 })
    expect(rows.map((row) => [row.device, row.dirtySince, row.cause, row.marks])).toEqual([
      ['m3', 10, 'late-reading', 2],
      ['m1', 50, 'event', 1],
      ['m2', 50, 'profile', 2],
    ])
    expect(rows.map(({ slot }) => slot)).toEqual(rows.map(({ device }) => slotOf(tenant, device)))
    const slots = [slotOf(tenant, 'm1')]
    const own = await detectors.dirtyDetectors(db, { limit: 10, slots })
    expect(own.map(({ device }) => device)).toContain('m1')
    expect(own.every(({ slot }) => slots.includes(slot))).toBe(true)
    await detectors.clearDirty(db, { tenant, device: 'm2', marks: 1 })
    await detectors.clearDirty(db, { tenant, device: 'm1', marks: 1 })
    await detectors.writeDetectors(db, [
      { tenant, device: 'm2', body: 'two' },
      { tenant, device: 'm1', body: 'one' },
    ])
    const left = await detectors.dirtyDetectors(db, { limit: 10 })
    expect(left.map(({ device, body }) => [device, body])).toEqual([
      ['m3', ''],
      ['m2', 'two'],
    ])
    expect(await detectors.readMarks(db, tenant, ['m1', 'm2', 'none'])).toEqual(
      new Map([
        ['m1', 1],
        ['m2', 2],
      ]),
    )
    const [one] = await detectors.readDetectors(db, tenant, ['m1'])
    expect(one).toMatchObject({ body: 'one', dirtySince: null, cause: null, marks: 1 })
  })
}

function refusalsContract(to: () => Ledger): void {
  const refusal = (offset: number, pos: number): refusals.NewRefusal => ({
    ...{ tenant, device: 'r', offset, pos, recordTime: 7, topic: 'v1/default/r/readings' },
    ...{ code: 'reading/shape', path: `/${pos}`, detail: 'want a number' },
    raw: Buffer.from([0, 255, 10, ...Buffer.from(`packet ${offset}`)]),
  })

  it('keeps a refusal once with the bytes of its packet, newest first', async () => {
    const { db } = to()
    for (let time = 0; time < 2; time++)
      await refusals.insertRefusals(db, [refusal(1, 0), refusal(1, 1), refusal(2, 0)])
    const page = { device: 'r', limit: 10, headBytes: 4 }
    const rows = await refusals.listRefusalHeads(db, tenant, page)
    expect(rows.map(({ offset, path, rawBytes }) => [offset, path, rawBytes])).toEqual([
      [2, '/0', 11],
      [1, '/1', 11],
      [1, '/0', 11],
    ])
    expect(Buffer.from(rows[0]!.head)).toEqual(Buffer.from([0, 255, 10, 112]))
    const older = await refusals.listRefusalHeads(db, tenant, { ...page, before: rows[0]!.id })
    expect(older).toEqual(rows.slice(1))
    const packet = await refusals.readRefusedPacket(db, tenant, rows[1]!.id)
    expect(Buffer.from(packet!.raw)).toEqual(Buffer.from(refusal(1, 0).raw))
    expect(await refusals.readRefusedPacket(db, 'other', rows[1]!.id)).toBeUndefined()
  })

  it('forgets the oldest refusals of a device that sends too many', async () => {
    const many = Array.from({ length: bounds.refusalsPerDeviceMax + 5 }, (_, n) => ({
      ...refusal(n, 0),
      tenant: 'many',
      raw: new Uint8Array(1),
    }))
    await to().transact((db) => refusals.insertRefusals(db, many))
    const { db } = to()
    const page = { limit: bounds.refusalsPerDeviceMax + 9, headBytes: 1 }
    const rows = await refusals.listRefusalHeads(db, 'many', page)
    expect(rows).toHaveLength(bounds.refusalsPerDeviceMax)
    expect(rows.at(-1)!.offset).toBe(5)
  })
}

function cursorsContract(to: () => Ledger): void {
  it('moves a cursor only for whoever claimed it last', async () => {
    const { db } = to()
    expect(await cursors.readCursor(db, 'detect/3')).toBe(0)
    const first = await cursors.claimCursor(db, 'detect/3')
    expect(first).toEqual({ epoch: 1, offset: 0 })
    await cursors.writeCursor(db, { name: 'detect/3', epoch: 1, offset: 5_000_000_000 })
    await cursors.checkEpoch(db, 'detect/3', 1)
    const second = await cursors.claimCursor(db, 'detect/3')
    expect(second).toEqual({ epoch: 2, offset: 5_000_000_000 })
    const late = cursors.writeCursor(db, { name: 'detect/3', epoch: 1, offset: 6 })
    await expect(late).rejects.toThrow(Superseded)
    await expect(cursors.checkEpoch(db, 'detect/3', 1)).rejects.toThrow(/taken over detect\/3/)
    await expect(cursors.checkEpoch(db, 'detect/4', 1)).rejects.toThrow(Superseded)
    expect(await cursors.readCursor(db, 'detect/3')).toBe(5_000_000_000)
  })

  it('keeps nothing of the work of one who was superseded', async () => {
    const { epoch } = await cursors.claimCursor(to().db, 'detect/5')
    await cursors.claimCursor(to().db, 'detect/5')
    const work = to().transact(async (db) => {
      await registry.writeMeta(db, 'superseded', 'work')
      await cursors.writeCursor(db, { name: 'detect/5', epoch, offset: 9 })
    })
    await expect(work).rejects.toThrow(Superseded)
    expect(await registry.readMeta(to().db, 'superseded')).toBeUndefined()
  })
}

function transactionsContract(to: () => Ledger): void {
  it('undoes all of a transaction that fails', async () => {
    const failing = to().transact(async (db) => {
      await registry.writeMeta(db, 'half', 'done')
      throw new Error('by purpose')
    })
    await expect(failing).rejects.toThrow('by purpose')
    expect(await registry.readMeta(to().db, 'half')).toBeUndefined()
  })

  it.each([
    ['alone', { alone: 'counter' }],
    ['serializable', { serializable: true }],
  ])('loses no step of many that read and then write (%s)', async (how, options) => {
    const count = 24
    const step = () =>
      to().transact(async (db) => {
        const before = Number((await registry.readMeta(db, `counter ${how}`)) ?? 0)
        await registry.writeMeta(db, `counter ${how}`, String(before + 1))
      }, options)
    const lanes = Array.from({ length: 3 }, async () => {
      for (let n = 0; n < count / 3; n++) await step()
    })
    await Promise.all(lanes)
    expect(await registry.readMeta(to().db, `counter ${how}`)).toBe(String(count))
  })

  it('gives a tenant its own rows, for reading and writing', async () => {
    const mine = to().forTenant('mine')
    await mine.transact((db) =>
      registry.insertDevice(db, deviceNamed('x', { tenant: 'mine' }), 'mine-x'),
    )
    expect(await registry.readDevice(mine.db, 'mine', 'x')).toMatchObject({ id: 'x' })
    expect(await registry.listDevices(to().db, 'mine', { limit: 5 })).toHaveLength(1)
  })

  it('lets a tenant read while others write, and finds what it was told is written', async () => {
    const { db } = to().forTenant('beside')
    const names = async () =>
      (await registry.listDevices(db, 'beside', { limit: 9 })).map(({ id }) => id)
    const [written, looked] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const writing = to().transact(async (query) => {
      await registry.insertDevice(query, deviceNamed('x', { tenant: 'beside' }), 'beside-x')
      written.resolve()
      await looked.promise
    })
    await written.promise
    expect(await names()).toEqual([])
    looked.resolve()
    await writing
    expect(await names()).toEqual(['x'])
    await registry.insertDevice(db, deviceNamed('y', { tenant: 'beside' }), 'beside-y')
    expect(await names()).toEqual(['x', 'y'])
  })

  it('runs work that only one may do', async () => {
    expect(await to().singleton('sweep', async () => 'done')).toBe('done')
    const failing = to().singleton('sweep', async () => {
      throw new Error('by purpose')
    })
    await expect(failing).rejects.toThrow('by purpose')
    expect(await to().singleton('sweep', async () => 'done')).toBe('done')
  })
}

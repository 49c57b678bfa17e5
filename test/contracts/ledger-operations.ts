// Random operations on a ledger, for comparing two of them. Each does one thing in a transaction and
// answers what can be seen of it; orders that no query promises are sorted away.
import fc from 'fast-check'
import type { Move } from '../../domain/hierarchy.ts'
import { listAlerts, listRevisions, writeAlert } from '../../store/ledger/alerts.ts'
import { devicesMountedOn, readAncestors, readPresence } from '../../store/ledger/contents.ts'
import {
  clearDirty,
  dirtyDetectors,
  markDirty,
  readDetectors,
  writeDetectors,
} from '../../store/ledger/detectors.ts'
import { commission, readUnits } from '../../store/ledger/epcs.ts'
import { insertEvents, listEvents, type StoredEvent } from '../../store/ledger/events.ts'
import type { LedgerQuery } from '../../store/ledger/ledger.ts'
import {
  insertDevice,
  listDevices,
  listProducts,
  putProduct,
  readMeta,
  updateDevice,
  writeMeta,
} from '../../store/ledger/registry.ts'
import { readStays } from '../../store/ledger/stays.ts'
import { alertsOn, countOpenAlerts, listMounts } from '../../store/ledger/trace.ts'
import { alertNamed, deviceNamed } from './ledger.ts'
import { insertMoves, restate, storedEvent, withdraw } from './moves.ts'

export interface Operation {
  /** For the report of a failure. */
  what: string
  run(db: LedgerQuery, tenant: string): Promise<unknown>
}

const text = fc.oneof(
  fc.constantFrom(
    'a',
    'B',
    'b',
    'ab',
    'a b',
    '\\N',
    "'",
    'é',
    '中',
    '\uFF5E',
    '😀',
    '\uD800',
    '\0x',
  ),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 6 }),
)
const name = fc.constantFrom('a', 'B', 'b', 'é', '😀', '\uFF5E', '%', '_')
const time = fc.integer({ min: -5, max: 20 })
const relation = fc.constantFrom('aggregation' as const, 'association' as const)

const operation = <T>(
  what: string,
  input: fc.Arbitrary<T>,
  run: (db: LedgerQuery, tenant: string, input: T) => Promise<unknown>,
): fc.Arbitrary<Operation> =>
  input.map((given) => ({
    what: `${what} ${JSON.stringify(given)}`,
    run: (db, tenant) => run(db, tenant, given),
    [fc.toStringMethod]: () => `${what} ${JSON.stringify(given)}`,
  }))

const sorted = <T>(rows: Iterable<T>): T[] =>
  [...rows].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))

const move: fc.Arbitrary<Move> = fc.record({
  relation,
  child: fc.option(name, { nil: undefined, freq: 6 }),
  parent: name,
  action: fc.constantFrom('ADD' as const, 'ADD' as const, 'DELETE' as const),
  eventTime: time,
  eventID: fc.constantFrom('e1', 'e2', 'e3', 'e4', 'e5'),
})

const registry = [
  operation(
    'insertDevice',
    fc.record({ id: text, giai: fc.option(name, { nil: undefined }) }),
    (db, tenant, { id, giai }) =>
      insertDevice(
        db,
        deviceNamed(id, { tenant, ...(giai !== undefined && { giai }) }),
        `${tenant}/${id}`,
      ),
  ),
  operation('updateDevice', fc.record({ id: name, ms: time }), (db, tenant, { id, ms }) =>
    updateDevice(db, { tenant, id }, { loggingIntervalMs: ms }),
  ),
  operation(
    'listDevices',
    fc.record({ after: text, limit: fc.integer({ min: 1, max: 5 }) }),
    listDevices,
  ),
  operation('putProduct', fc.record({ gtin: name, name: text }), (db, tenant, product) =>
    putProduct(db, {
      ...product,
      tenant,
      profile: {} as Parameters<typeof putProduct>[1]['profile'],
      updatedAt: 1,
    }).then(({ version }) => version),
  ),
  operation('listProducts', fc.record({ after: name, limit: fc.constant(3) }), listProducts),
  operation('meta', fc.tuple(name, text), async (db, tenant, [key, value]) => {
    await writeMeta(db, `${tenant}/${key}`, value)
    return readMeta(db, `${tenant}/${key}`)
  }),
]

const captures = [
  operation(
    'insertEvents',
    fc.array(
      fc.record({
        eventID: text,
        type: name,
        eventTime: time,
        recordTime: time,
        seq: fc.nat(5),
        pos: fc.nat(5),
        body: text,
      }),
      { maxLength: 6 },
    ),
    async (db, tenant, events) => {
      const stored = events.map(({ eventID, ...more }) => storedEvent(eventID, more))
      return sorted((await insertEvents(db, tenant, stored)).keys())
    },
  ),
  operation(
    'listEvents',
    fc.record({ seq: fc.nat(5), pos: fc.nat(5) }),
    async (db, tenant, after) =>
      // Two events with the same place cannot be: which comes first is not promised.
      sorted((await listEvents(db, tenant, { after, limit: 1000 })).map(unnumbered)),
  ),
  operation(
    'commission',
    fc.record({
      epcs: fc.array(name, { maxLength: 6 }),
      facts: fc.record({ lot: text, commissionedAt: time }, { requiredKeys: ['commissionedAt'] }),
    }),
    async (db, tenant, said) => sorted((await commission(db, tenant, said)).keys()),
  ),
  operation('readUnits', fc.array(name, { maxLength: 4 }), async (db, tenant, epcs) =>
    sorted((await readUnits(db, tenant, epcs)).values()),
  ),
  operation('move', fc.array(move, { maxLength: 6 }), async (db, tenant, moves) => {
    // One event is of one relation and one parent.
    const each = moves.map((move) => ({
      ...move,
      eventID: `${move.eventID} ${move.relation} ${move.parent} ${move.action} ${move.child === undefined}`,
    }))
    await insertMoves(db, tenant, each)
    await restate(db, tenant, [...new Set(moves.flatMap(({ child }) => child ?? []))])
  }),
  operation(
    'withdraw',
    fc.tuple(fc.constantFrom('e1', 'e2', 'e9'), name),
    (db, tenant, [eventID, parent]) =>
      withdraw(db, tenant, `${eventID} aggregation ${parent} ADD false`),
  ),
  operation(
    'readStays',
    fc.record({
      in: fc.constantFrom('parent' as const, 'child' as const),
      among: fc.array(name, { maxLength: 4 }),
      window: fc.record({ from: time, to: time }),
    }),
    async (db, tenant, by) => sorted(await readStays(db, tenant, by)),
  ),
  operation('presence', name, async (db, tenant, container) =>
    sorted(await readPresence(db, tenant, { container, window: { from: 0, to: 15 } })),
  ),
  operation('ancestors', fc.array(name, { maxLength: 3 }), async (db, tenant, containers) =>
    sorted(await readAncestors(db, tenant, containers)),
  ),
  operation('mountedOn', fc.array(name, { maxLength: 3 }), async (db, tenant, containers) =>
    sorted(await devicesMountedOn(db, tenant, containers)),
  ),
  operation('mounts', fc.record({ now: time, ended: fc.boolean() }), (db, tenant, page) =>
    listMounts(db, tenant, { ...page, limit: 4 }),
  ),
]

const findings = [
  operation(
    'markDirty',
    fc.record({ devices: fc.array(name), since: time, cause: name }),
    markDirty,
  ),
  operation('clearDirty', fc.record({ device: name, marks: fc.nat(3) }), (db, tenant, mark) =>
    clearDirty(db, { tenant, ...mark }),
  ),
  operation('writeDetectors', fc.tuple(name, text), (db, tenant, [device, body]) =>
    writeDetectors(db, [{ tenant, device, body }]),
  ),
  operation('readDetectors', fc.array(name), async (db, tenant, devices) =>
    sorted(await readDetectors(db, tenant, devices)),
  ),
  operation('dirty', fc.constant(0), async (db, tenant) =>
    (await dirtyDetectors(db, { limit: 100_000 })).filter((row) => row.tenant === tenant),
  ),
  operation(
    'writeAlert',
    fc.record({
      id: name,
      from: time,
      device: name,
      container: name,
      status: fc.constantFrom('open' as const, 'retracted' as const),
      revision: fc.integer({ min: 1, max: 3 }),
    }),
    (db, tenant, { id, ...more }) =>
      writeAlert(db, tenant, alertNamed(id, more), {
        revision: more.revision,
        recordTime: 1,
        cause: 'reading',
        diff: more,
      }),
  ),
  operation('revisions', name, listRevisions),
  operation(
    'listAlerts',
    fc.record({ limit: fc.integer({ min: 1, max: 4 }), after: name }),
    listAlerts,
  ),
  operation('alertsOn', fc.array(name), (db, tenant, containers) =>
    alertsOn(db, tenant, { containers, limit: 3 }),
  ),
  operation('countOpen', fc.array(name), async (db, tenant, devices) =>
    sorted(await countOpenAlerts(db, tenant, devices)),
  ),
]

/** Numbers are each ledger's own. */
const unnumbered = ({ id: _, parent: __, ...event }: StoredEvent) => event

export const operations: fc.Arbitrary<Operation> = fc.oneof(...registry, ...captures, ...findings)

// Births of Sparkplug B in force: worlds of edge nodes that give their metrics aliases, are born
// again with others, send births that cannot be read and data that no birth explains. Whatever the
// batches, crashes and paces of two followers, each packet always gives what the node meant.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Births, openBirths } from '../ingest/decode/births.ts'
import { decodeOnce } from '../ingest/decode/once.ts'
import { type BirthRow, insertBirths, readBirths } from '../store/ledger/births.ts'
import {
  type EdgeChange,
  keepEdgeChanges,
  readEdgeRecords,
  readEdgeRecordsOf,
} from '../store/ledger/edge-sessions.ts'
import { type Ledger, openSqliteLedger } from '../store/ledger/ledger.ts'
import type { LoggedEnvelope } from '../store/log.ts'
import { openPostgresLedger } from '../store/postgres/ledger.ts'
import { worldsOf } from './depth.ts'
import { type Postgres, postgresPath, startPostgres } from './postgres.ts'
import { payload, type Sent, type Type } from './sparkplug-encoder.ts'

const recordTime = Date.UTC(2026, 5, 1)
const channels = ['temperature', 'temperature.2', 'humidity'] as const

/** What a node means by its metrics: place in the list is the channel. */
interface Table {
  aliases: number[]
  types: Type[]
  fahrenheit: boolean
}

interface Happening {
  node: number
  /** 0: the node itself. */
  behind: number
  what: 'birth' | 'again' | 'damaged' | 'data' | 'named' | 'other'
  table: Table
  metric: number
  value: number
}

const happenings: fc.Arbitrary<Happening[]> = fc.array(
  fc.record({
    node: fc.nat(1),
    behind: fc.nat(1),
    what: fc.oneof(
      { weight: 5, arbitrary: fc.constant('data' as const) },
      fc.constantFrom('birth', 'again', 'damaged', 'named', 'other'),
    ),
    table: fc.record({
      aliases: fc.shuffledSubarray([0, 1, 2, 3, 300], { minLength: 3, maxLength: 3 }),
      types: fc.array(fc.constantFrom<Type>('Int16', 'Int64', 'Float', 'Double'), {
        ...{ minLength: 3, maxLength: 3 },
      }),
      fahrenheit: fc.boolean(),
    }),
    metric: fc.nat(2),
    value: fc.integer({ min: 1, max: 60 }),
  }),
  { maxLength: 60, size: 'max' },
)

/** A follower takes so many; or the process dies first, and it goes back so far. */
interface Turn {
  follower: number
  count: number
  dies: boolean
  back: number
}
const turns: fc.Arbitrary<Turn[]> = fc.array(
  fc.record({
    follower: fc.nat(1),
    count: fc.integer({ min: 1, max: 9 }),
    dies: fc.boolean(),
    back: fc.nat(5),
  }),
  { maxLength: 40, size: 'max' },
)

interface Told {
  readings: { channel: string; time: number; value: number }[]
  codes: string[]
}

interface World {
  log: LoggedEnvelope[]
  /** What each packet means, by its place. */
  meant: Told[]
}

const nameOf = (metric: number): string => `Probes/${channels[metric]}`

const bornIn = ({ aliases, types, fahrenheit }: Table, value: number): Sent[] =>
  channels.map((_, index) => ({
    ...{ name: nameOf(index), alias: aliases[index]!, type: types[index]!, value: value + index },
    ...(index < 2 && fahrenheit && { unit: 'F' }),
  }))

/** The oracle: it knows what each node has in mind, and no alias. */
function worldOf(tenant: string, all: readonly Happening[]): World {
  const minds = new Map<string, Table>()
  const world: World = { log: [], meant: [] }
  all.forEach((each, index) => {
    const { node, behind, what, metric, value } = each
    const key = `${node}/${behind}`
    const table = what === 'again' ? (minds.get(key) ?? each.table) : each.table
    const isBirth = what === 'birth' || what === 'again'
    const time = recordTime - 60_000 + index
    const mind = minds.get(key)
    const type = (mind ?? table).types[metric]!
    const name = what === 'named' ? nameOf(metric) : undefined
    const sent: Sent[] = isBirth
      ? bornIn(table, value)
      : [
          {
            ...(name === undefined ? { alias: mind?.aliases[metric] ?? 1 } : { name }),
            ...{ type, value: -value, withType: false },
          },
        ]
    const kind = isBirth || what === 'damaged' ? 'BIRTH' : what === 'other' ? 'DEATH' : 'DATA'
    const body = payload(sent, time)
    world.log.push({
      ...{ kind: 'publish', tenant, source: 'key', recordTime, offset: 3 + index * 2 },
      topic: `spBv1.0/${tenant}/${behind ? 'D' : 'N'}${kind}/n${node}${behind ? `/d${behind}` : ''}`,
      body: what === 'damaged' ? body.subarray(0, body.length - 1) : body,
    })
    world.meant.push(meaning({ each, table: isBirth ? table : mind, time }))
    if (isBirth) minds.set(key, table)
    if (what === 'damaged') minds.delete(key)
  })
  return world
}

function meaning(of: { each: Happening; table: Table | undefined; time: number }): Told {
  const { each, table, time } = of
  const { what, metric, value } = each
  const toldAs = (index: number, said: number) => ({
    ...{ channel: channels[index]!, time },
    value: index < 2 && table?.fahrenheit ? expect.closeTo(((said - 32) * 5) / 9, 9) : said,
  })
  if (what === 'other') return { readings: [], codes: [] }
  if (what === 'damaged') return { readings: [], codes: ['packet/sparkplug'] }
  if (what === 'birth' || what === 'again')
    return { readings: channels.map((_, index) => toldAs(index, value + index)), codes: [] }
  if (table === undefined) {
    if (what === 'data') return { readings: [], codes: ['reading/alias-only'] }
    // Nobody knows the sign of an integer whose datatype no birth told.
    if (each.table.types[metric]!.startsWith('Int'))
      return { readings: [], codes: ['reading/value-invalid'] }
  }
  if (channels[metric] === 'humidity') return { readings: [], codes: ['reading/out-of-physics'] }
  return { readings: [toldAs(metric, -value)], codes: [] }
}

const ledgers = [
  { name: 'SQLite', missing: false },
  { name: 'PostgreSQL', missing: !postgresPath },
]

describe.each(ledgers)('births in $name', ({ name, missing }) => {
  let ledger: Ledger
  let postgres: Postgres | undefined
  const folder = mkdtempSync(join(tmpdir(), 'isotherm-births-'))
  beforeAll(async () => {
    if (missing) return
    if (name === 'PostgreSQL') postgres = await startPostgres()
    ledger = postgres
      ? await openPostgresLedger({ url: await postgres.createLedger() })
      : await openSqliteLedger(folder)
  })
  afterAll(async () => {
    await ledger?.close()
    await postgres?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  it.skipIf(missing)(
    'keeps the newest birth and death of a node, and sums what was missing',
    async () => {
      const about = { tenant: 'sessions', node: 'n' }
      const change = (device: string, more: object) => ({ ...about, device, gaps: 0, ...more })
      const write = (...changes: EdgeChange[]) =>
        ledger.transact((db) => keepEdgeChanges(db, changes))
      await write(change('', { bornAt: 5 }), change('d', { bornAt: 6 }), change('e', { bornAt: 6 }))
      await write(change('', { gapAt: 8, gaps: 2 }), change('d', { diedAt: 9 }))
      // Another broker writes later what it heard before.
      await write(change('', { bornAt: 4, gapAt: 7, gaps: 1 }))
      const [device, node, ...more] = await readEdgeRecords(ledger.db, {
        tenant: 'sessions',
        id: 'd',
      })
      expect(device).toEqual({ node: 'n', device: 'd', bornAt: 6, diedAt: 9, gaps: 0, gapAt: null })
      expect(node).toEqual({ node: 'n', device: '', bornAt: 5, diedAt: null, gaps: 3, gapAt: 8 })
      expect(more).toEqual([])
      expect(await readEdgeRecords(ledger.db, { tenant: 'sessions', id: 'n' })).toEqual([node])
      expect(await readEdgeRecords(ledger.db, { tenant: 'other', id: 'd' })).toEqual([])
      const many = { tenant: 'sessions', ids: ['d', 'n', 'nobody'] }
      expect([...(await readEdgeRecordsOf(ledger.db, many))]).toEqual([
        ['d', [device, node]],
        ['n', [node]],
      ])
      // Of what is known already all is kept, however many there are.
      await ledger.transact((db) =>
        keepEdgeChanges(db, [change('x', { bornAt: 1 }), change('d', { bornAt: 10 })], 3),
      )
      const of = (id: string) => readEdgeRecords(ledger.db, { tenant: 'sessions', id })
      expect((await of('d'))[0]).toMatchObject({ bornAt: 10, diedAt: 9 })
      expect(await of('x')).toEqual([])
    },
  )

  it.skipIf(missing)('takes no further devices of a tenant that has too many', async () => {
    const row = (device: string, offset: number) => ({
      ...{ tenant: 'many', node: 'n', device, offset, metrics: '[]' },
    })
    const count = 20
    const first = Array.from({ length: count - 1 }, (_, n) => row(`d${n}`, n))
    await ledger.transact((db) => insertBirths(db, first, () => true))
    const next = [row('a', count), row('b', count + 1), row('d1', count + 2)]
    const isNew = ({ device }: BirthRow) => device !== 'd1'
    const kept = await ledger.transact((db) => insertBirths(db, next, isNew, count))
    expect(kept.map(({ device }) => device)).toEqual(['a', 'd1'])
  })

  let worlds = 0
  it.skipIf(missing)(
    'give each packet what its node meant, however often and in whatever batches it is decoded',
    () =>
      fc.assert(
        fc.asyncProperty(happenings, turns, async (all, script) => {
          const tenant = `t${worlds++}`
          await playWorld(ledger, worldOf(tenant, all), script)
          await expectFew(ledger, tenant, all)
        }),
        { numRuns: worldsOf(60) },
      ),
  )
})

/** Followers in turn, then both to the end. */
async function playWorld(ledger: Ledger, world: World, script: readonly Turn[]): Promise<void> {
  let births = openBirths(ledger)
  let decode = decodeOnce(decoding(births))
  const at = [0, 0]
  let trimmed = 0
  const take = async (follower: number, count: number): Promise<void> => {
    const batch = world.log.slice(at[follower], at[follower]! + count)
    if (batch.length === 0) return
    const step = births.knowing(
      async (envelopes) => {
        for (const envelope of envelopes) expectMeant(world, envelope, decode(envelope))
      },
      () => world.log[trimmed]?.offset ?? 0,
    )
    await step(batch)
    at[follower]! += batch.length
    // What everybody has passed may be gone at any time.
    trimmed = Math.max(trimmed, Math.min(...at) - 3)
  }
  for (const { follower, count, dies, back } of script) {
    if (dies) {
      births = openBirths(ledger)
      decode = decodeOnce(decoding(births))
      at[follower] = Math.max(at[follower]! - back, trimmed)
    }
    await take(follower, count)
  }
  await Promise.all([take(0, world.log.length), take(1, world.log.length)])
}

const decoding = (births: Births) => ({ device: () => ({}), birth: births.at })

function expectMeant(
  { log, meant }: World,
  envelope: LoggedEnvelope,
  told: { readings: object[]; refusals: { code: string }[] },
): void {
  const { readings, codes } = meant[log.indexOf(envelope)]!
  const said = { readings: told.readings, codes: told.refusals.map(({ code }) => code) }
  expect(said).toEqual({ readings, codes })
}

/** Births that say the same as before are not kept again. */
async function expectFew(ledger: Ledger, tenant: string, all: readonly Happening[]): Promise<void> {
  for (const node of [0, 1])
    for (const behind of [0, 1]) {
      const device = behind ? `d${behind}` : ''
      const kept = await readBirths(ledger.db, { tenant, node: `n${node}`, device })
      const said = all.filter((each) => each.node === node && each.behind === behind)
      const new_ = said.filter(({ what }) => what === 'birth' || what === 'damaged').length
      const first = said.some(({ what }) => what === 'again') ? 1 : 0
      // After a damaged one, the same said again is new.
      expect(kept.length).toBeLessThanOrEqual(new_ + first + damaged(said))
    }
}

const damaged = (said: readonly Happening[]): number =>
  said.filter(({ what }) => what === 'damaged').length

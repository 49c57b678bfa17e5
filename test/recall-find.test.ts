// Recalls against an oracle that goes through everything that was told: on small random worlds, at
// once and after late events, for the set that is pinned, what is said of the change, and the
// recalls of each unit.
import { existsSync, mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { captureStep } from '../ingest/capture/capture.ts'
import { type Alert, readSerialSet, writeAlert, writeSerialSet } from '../store/ledger/alerts.ts'
import { readCapture } from '../store/ledger/events.ts'
import { type Ledger, openSqliteLedger } from '../store/ledger/ledger.ts'
import { putLot } from '../store/ledger/master.ts'
import { recallsOf } from '../store/ledger/recalled.ts'
import { listRecallRevisions } from '../store/ledger/recalls.ts'
import { openPostgresLedger } from '../store/postgres/ledger.ts'
import {
  closeRecall,
  evaluateRecall,
  type Recall,
  restateRecall,
  startRecall,
} from '../trace/recall/recalls.ts'
import { worldsOf } from './depth.ts'
import { captureEnvelope } from './pipeline.ts'
import { type Postgres, postgresPath, startPostgres } from './postgres.ts'
import { type Known, knownOf, meantBy } from './recall-oracle.ts'
import { type AlertTold, eventOf, now, units, type World, worlds } from './recall-worlds.ts'

let tenants = 0
let offset = 0

/** Documents of three events each, in the order they are told. */
async function tell(ledger: Ledger, tenant: string, events: readonly object[]): Promise<void> {
  for (let at = 0; at < events.length; at += 3) {
    const envelope = captureEnvelope(tenant, events.slice(at, at + 3), now)
    await captureStep(ledger)([{ ...envelope, offset: ++offset }])
    const told = await readCapture(ledger.db, tenant, envelope.topic)
    expect(told!.errors.filter(({ warning }) => !warning)).toEqual([])
  }
}

async function tellLots(ledger: Ledger, tenant: string, lots: World['lots']): Promise<void> {
  for (const each of lots) await putLot(ledger.db, tenant, { ...each, at: now })
}

async function tellAlert(ledger: Ledger, tenant: string, told: AlertTold): Promise<void> {
  const { id, rule, gtin, status } = told
  const legs = [...told.units.values()].map((leg) => ({
    ...{ from: 0, to: null, unknownMinutes: 0, peakC: 9, ...leg },
  }))
  const whole = { from: 0, to: null, minutes: 30, unknownMinutes: 0, peakC: 9 } as const
  const alert: Alert = {
    ...{ id, kind: 'excursion', rule, ruleKind: 'above', limitC: 8, allowanceMinutes: 0 },
    ...{ severity: 'critical', device: 'd', container: 'c', channel: 'temperature', gtin },
    ...{ productVersion: 1, ...whole, verdict: 'out', status, revision: 1, raisedAt: now },
    ...{ serialCount: told.units.size, serialSetHash: id, serialSet: `set-${id}`, legs },
  }
  const serials = [...told.units.keys()].map((epc, leg): [string, number] => [epc, leg])
  const sorted = serials.sort(([a], [b]) => (a < b ? -1 : 1))
  await ledger.transact(async (db) => {
    await writeSerialSet(db, tenant, alert.serialSet, sorted)
    const first = { revision: 1, recordTime: now, cause: 'readings', diff: {} }
    await writeAlert(db, tenant, alert, first)
  })
}

const pinned = async (ledger: Ledger, tenant: string, recall: Recall): Promise<string[]> => {
  const page = { serialSet: recall.serialSet, offset: 0, limit: units.length }
  return (await readSerialSet(ledger.db, tenant, page)).map(([epc]) => epc)
}

async function found(
  ledger: Ledger,
  tenant: string,
  allOf: World['criteria'][number],
): Promise<string[]> {
  const criteria = { version: 1 as const, allOf: [...allOf] }
  const result = await evaluateRecall(ledger.db, tenant, { criteria, at: now })
  if (!result.ok) throw new Error(JSON.stringify(result.refusals))
  return result.value.units.map(({ epc }) => epc)
}

async function holdsOn(ledger: Ledger, world: World): Promise<void> {
  const tenant = `t${tenants++}`
  await tellLots(ledger, tenant, world.lots)
  for (const alert of world.alerts) await tellAlert(ledger, tenant, alert)
  await tell(
    ledger,
    tenant,
    world.first.map((told) => eventOf(told)),
  )
  const before = knownOf(world, false)
  const [asked, ...others] = world.criteria as [World['criteria'][number]]
  const what = { name: 'R', reason: 'x', drill: false }
  const made = await startRecall(ledger, tenant, {
    ...{ id: 'r', now: () => now },
    asked: { ...what, criteria: { version: 1, allOf: [...asked] } },
  })
  if (!made.ok) throw new Error(JSON.stringify(made.refusals))
  const was = meantBy(before, asked)
  expect(await pinned(ledger, tenant, made.value)).toEqual(was)
  for (const each of others)
    expect(await found(ledger, tenant, each)).toEqual(meantBy(before, each))

  await tellLots(ledger, tenant, world.lateLots)
  const withdrawn = world.first.filter(({ id }) => world.errors.includes(id))
  await tell(ledger, tenant, [
    ...world.late.map((told) => eventOf(told)),
    ...withdrawn.map((told) => eventOf(told, true)),
  ])
  await restateRecall(ledger, tenant, { id: 'r', now: () => now, cause: 'events' })
  await isRestated(ledger, tenant, { was, asked, after: knownOf(world, true) })
  const after = knownOf(world, true)
  for (const each of others) expect(await found(ledger, tenant, each)).toEqual(meantBy(after, each))
}

async function isRestated(
  ledger: Ledger,
  tenant: string,
  { was, asked, after }: { was: string[]; asked: World['criteria'][number]; after: Known },
): Promise<void> {
  const is = meantBy(after, asked)
  const revisions = await listRecallRevisions(ledger.db, tenant, 'r')
  const sets = await Promise.all(
    revisions.map((revision) => pinned(ledger, tenant, revision as unknown as Recall)),
  )
  const same = was.join() === is.join()
  expect(sets).toEqual(same ? [was] : [was, is])
  if (!same)
    expect(revisions[1]).toMatchObject({
      cause: 'events',
      diff: {
        addedSome: is.filter((epc) => !was.includes(epc)),
        removedSome: was.filter((epc) => !is.includes(epc)),
        serialCount: [was.length, is.length],
      },
    })
  const recalled = async (): Promise<string[]> => {
    const told = await Promise.all(units.map((unit) => recallsOf(ledger.db, tenant, unit)))
    return units.filter((_, n) => told[n]!.length > 0).sort()
  }
  expect(await recalled()).toEqual(is)
  await closeRecall(ledger, tenant, { id: 'r', at: now })
  expect(await recalled()).toEqual([])
}

const databases = ['SQLite', ...(postgresPath === undefined ? [] : ['PostgreSQL'])] as const
if (databases.length === 1) console.warn('skipped: recalls on PostgreSQL, which is not here')
const runsOf: Record<string, number> = { SQLite: worldsOf(50), PostgreSQL: worldsOf(6) }

describe.each(databases)('on %s', (database) => {
  let postgres: Postgres | undefined
  let ledger: Ledger
  let folder: string
  beforeAll(async () => {
    folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'isotherm-find-'))
    if (database === 'PostgreSQL') postgres = await startPostgres()
    ledger = postgres
      ? await openPostgresLedger({ url: await postgres.createLedger() })
      : await openSqliteLedger(folder)
  })
  afterAll(async () => {
    await ledger.close()
    await postgres?.stop()
    await rm(folder, { recursive: true, force: true })
  })

  it('a recall means exactly whom everything told says it means, also when it is told late', async () => {
    const numRuns = runsOf[database]!
    await fc.assert(
      fc.asyncProperty(worlds, (world) => holdsOn(ledger, world)),
      { numRuns },
    )
  })
})

// Contradictions about containment: told, whatever order the events come in, and gone when an event
// makes it right. The oracle walks through the minutes and follows parents upwards.
import { existsSync, mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bounds } from '../config.ts'
import { captureStep } from '../ingest/capture/capture.ts'
import { type Conflict, conflictsOf, listConflicts } from '../store/ledger/conflicts.ts'
import { idsOf } from '../store/ledger/epcs.ts'
import { readCapture } from '../store/ledger/events.ts'
import { type Ledger, openSqliteLedger } from '../store/ledger/ledger.ts'
import { openPostgresLedger } from '../store/postgres/ledger.ts'
import { captureEnvelope, epcisEvent } from './pipeline.ts'
import { type Postgres, postgresPath, startPostgres } from './postgres.ts'

const minute = 60_000
const start = Date.UTC(2026, 3, 1)
const horizon = 40
const box = (n: number): string =>
  `https://id.gs1.org/00/09521234000000${['0013', '0020', '0105', '0112'][n]}`
const names = [0, 1, 2, 3].map(box)

interface Step {
  at: number
  action: 'ADD' | 'DELETE'
  parent: number
  child: number
}

const steps = fc
  .array(
    fc.record({
      at: fc.nat(horizon - 10),
      action: fc.constantFrom('ADD', 'ADD', 'DELETE' as const),
      parent: fc.nat(3),
      child: fc.nat(3),
    }),
    { minLength: 1, maxLength: 9 },
  )
  // Two events of one child in one moment are decided by their ids, which the oracle has not.
  .map((list) => list.filter(({ parent, child }) => parent !== child))
  .map((list) => list.filter((a, i) => list.findIndex((b) => b.at === a.at) === i))

const eventOf = ({ at, action, parent, child }: Step) =>
  epcisEvent('AggregationEvent', start + at * minute, {
    action,
    parentID: box(parent),
    childEPCs: [box(child)],
  })

/** What contradicts itself in each minute: `child<parents` and rings. */
function contradictions(list: readonly Step[]): string[] {
  const sorted = [...list].sort((a, b) => a.at - b.at)
  const said: string[] = []
  for (let now = 0; now < horizon; now++) {
    const claims = names.map((): number[] => [])
    for (const { at, action, parent, child } of sorted) {
      if (at > now) break
      const own = claims[child]!
      if (own.at(-1) === parent && action === 'ADD') continue
      if (own.includes(parent)) own.splice(own.indexOf(parent), 1)
      if (action === 'ADD') own.push(parent)
    }
    // Who left the last parent is nowhere, even if another still claims it.
    const inside = insideAt(sorted, now)
    claims.forEach((own, child) => {
      if (own.length > 1) said.push(`${now} ${child} claimed`)
    })
    for (const ring of ringsOf(inside)) said.push(`${now} ${ring} ring`)
  }
  return said.sort()
}

function insideAt(sorted: readonly Step[], now: number): (number | undefined)[] {
  const inside: (number | undefined)[] = names.map(() => undefined)
  for (const { at, action, parent, child } of sorted)
    if (at <= now) {
      if (action === 'ADD') inside[child] = parent
      else if (inside[child] === parent) inside[child] = undefined
    }
  return inside
}

function ringsOf(inside: readonly (number | undefined)[]): Set<string> {
  const rings = new Set<string>()
  for (const first of inside.keys()) {
    const way = [first]
    for (let at = inside[first]; at !== undefined && way.length <= 4; at = inside[at]) {
      if (at === first) {
        rings.add([...way].sort().join('+'))
        break
      }
      way.push(at)
    }
  }
  return rings
}

function minutesOf(conflicts: readonly Conflict[]): string[] {
  const said = new Set<string>()
  for (const { kind, child, members, from, to } of conflicts)
    for (let now = 0; now < horizon; now++) {
      const time = start + now * minute
      if (time < from || time >= to) continue
      const ring = members.map((member) => names.indexOf(member)).sort()
      said.add(
        kind === 'cycle'
          ? `${now} ${ring.join('+')} ring`
          : `${now} ${names.indexOf(child)} claimed`,
      )
    }
  return [...said].sort()
}

function conflictTests(to: () => Ledger): void {
  let tenants = 0
  const play = async (documents: unknown[][]): Promise<string> => {
    const tenant = `c${++tenants}`
    const step = captureStep(to())
    let offset = 0
    for (const events of documents)
      await step([{ ...captureEnvelope(tenant, events, start), offset: offset++ }])
    return tenant
  }
  const open = (tenant: string): Promise<Conflict[]> =>
    listConflicts(to().db, tenant, { open: true, limit: 1000 })

  it('are what an oracle finds minute by minute, in any order of events', async () => {
    await fc.assert(
      fc.asyncProperty(steps, fc.nat(), async (list, seed) => {
        const events = list.map(eventOf)
        const shuffled = events.toSorted((a, b) => hash(a, seed) - hash(b, seed))
        const inOrder = await play([events])
        const late = await play(shuffled.map((event) => [event]))
        const expected = contradictions(list)
        expect(minutesOf(await open(inOrder))).toEqual(expected)
        expect(minutesOf(await open(late))).toEqual(expected)
        expect((await open(late)).map(bare).sort()).toEqual((await open(inOrder)).map(bare).sort())
      }),
      { numRuns: to().dialect === 'sqlite' ? 80 : 15 },
    )
  })

  it('are told by the capture job as warnings, and open until the missing event comes', async () => {
    const unit = 'https://id.gs1.org/01/09521234543213/21/U1'
    const pack = (at: number, action: string, parent: number) =>
      epcisEvent('AggregationEvent', start + at * minute, {
        action,
        parentID: box(parent),
        childEPCs: [unit],
      })
    const tenant = await play([[pack(1, 'ADD', 0)]])
    const step = captureStep(to())
    const second = captureEnvelope(tenant, [pack(5, 'ADD', 1)], start + 7)
    await step([{ ...second, offset: 10 }])
    const job = await readCapture(to().db, tenant, second.topic)
    expect(job?.errors).toMatchObject([{ code: 'epcis/double-parent', warning: true }])
    const number = (await idsOf(to().db, tenant, [unit])).get(unit)!
    const [conflict] = await conflictsOf(to().db, tenant, number)
    expect(conflict).toMatchObject({
      ...{ kind: 'double-parent', child: unit, parent: box(1), otherParent: box(0) },
      ...{ from: start + 5 * minute, to: Infinity, recordTime: start + 7, resolvedAt: null },
    })
    const missing = captureEnvelope(tenant, [pack(3, 'DELETE', 0)], start + 9)
    await step([{ ...missing, offset: 11 }])
    expect(await open(tenant)).toEqual([])
    const resolved = await listConflicts(to().db, tenant, { open: false, limit: 9 })
    expect(resolved).toMatchObject([{ id: conflict!.id, resolvedAt: start + 9 }])
  })

  it('go when the event that was wrong is declared in error', async () => {
    const ring = [
      { ...eventOf({ at: 1, action: 'ADD', parent: 0, child: 1 }), eventID: 'urn:uuid:1' },
      { ...eventOf({ at: 2, action: 'ADD', parent: 1, child: 2 }), eventID: 'urn:uuid:2' },
      { ...eventOf({ at: 3, action: 'ADD', parent: 2, child: 0 }), eventID: 'urn:uuid:3' },
    ]
    const wrong = { declarationTime: new Date(start).toISOString(), reason: 'incorrect_data' }
    const tenant = await play([ring])
    expect(await open(tenant)).toMatchObject([
      { kind: 'cycle', child: box(0), parent: box(2), members: [box(0), box(1), box(2)] },
    ])
    const step = captureStep(to())
    const declared = captureEnvelope(tenant, [{ ...ring[1], errorDeclaration: wrong }], start)
    await step([{ ...declared, offset: 10 }])
    expect(await open(tenant)).toEqual([])
  })

  it('of something put into itself are refused at once', async () => {
    const own = captureEnvelope('own', [eventOf({ at: 1, action: 'ADD', parent: 1, child: 1 })], 0)
    await captureStep(to())([{ ...own, offset: 0 }])
    const job = await readCapture(to().db, 'own', own.topic)
    expect(job?.errors).toMatchObject([
      { code: 'epcis/containment-cycle', path: '/epcisBody/eventList/0/childEPCs/0' },
    ])
  })

  it('of containers nested too deep are told, not cut in silence', async () => {
    const shell = (n: number): string => `https://id.gs1.org/8003/09521234000006B${n}`
    const into = (n: number) =>
      epcisEvent('AggregationEvent', start + n, {
        ...{ action: 'ADD', parentID: shell(n + 1), childEPCs: [shell(n)] },
      })
    const levels = bounds.containmentDepthMax
    const nested = Array.from({ length: levels + 1 }, (_, n) => into(n + 1))
    const step = captureStep(to())
    await step([{ ...captureEnvelope('deep', nested, 0), offset: 0 }])
    const deep = captureEnvelope('deep', [into(0)], 0)
    await step([{ ...deep, offset: 1 }])
    const job = await readCapture(to().db, 'deep', deep.topic)
    expect(job?.errors).toMatchObject([{ code: 'epcis/containment-too-deep', warning: true }])
  })
}

const bare = ({ kind, child, parent, otherParent, from, to }: Conflict): string =>
  [kind, child, parent, otherParent, from, to].join(' ')

const hash = (event: unknown, seed: number): number =>
  [...`${seed}${JSON.stringify(event)}`].reduce((sum, c) => (sum * 31 + c.charCodeAt(0)) | 0, 7)

describe('conflicts on SQLite', () => {
  let ledger: Ledger
  // Not about the disk: thousands of commits need not wait for one.
  const place = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()
  const folder = mkdtempSync(join(place, 'isotherm-conflicts-'))
  beforeAll(async () => {
    ledger = await openSqliteLedger(folder)
  })
  afterAll(async () => {
    await ledger.close()
    await rm(folder, { recursive: true })
  })
  conflictTests(() => ledger)
})

describe.skipIf(postgresPath === undefined)('conflicts on PostgreSQL', () => {
  let ledger: Ledger
  let postgres: Postgres
  beforeAll(async () => {
    postgres = await startPostgres()
    ledger = await openPostgresLedger({ url: await postgres.createLedger() })
  })
  afterAll(async () => {
    await ledger?.close()
    await postgres?.stop()
  })
  conflictTests(() => ledger)
})

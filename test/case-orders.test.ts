// The same messages end in the same cases whatever order they come in (I3): shuffled, repeated, and
// with looks in between, over the real API, followers and ledger.
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { investigate } from '../analytics/cases/investigate.ts'
import { sscc } from '../simulators/keys.ts'
import { readSerialSet } from '../store/ledger/alerts.ts'
import { markSuspects } from '../store/ledger/suspects.ts'
import { storiesOf } from '../trace/stories.ts'
import { type Api, documentOf, openApi } from './api-app.ts'
import { epcisEvent } from './pipeline.ts'

const now = Date.UTC(2026, 4, 20, 18)
const at = (hour: number, minute = 0): number => Date.UTC(2026, 4, 20, hour, minute)
const iso = (time: number): string => new Date(time).toISOString()

let api: Api
beforeAll(async () => {
  api = await openApi({ now: () => now })
})
afterAll(() => api.close())

async function told(path: string, body: unknown): Promise<void> {
  const answer = await api.ask('POST', path, { body })
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`)
}

/** What is told of one pallet, by a name. Runs share a ledger: `run` has three digits. */
function messagesOf(run: number): Record<string, () => Promise<void>> {
  const unit = (n: number): string => `https://id.gs1.org/01/09521234543213/21/R${run}A${n}`
  const units = [1, 2, 3, 4].map(unit)
  const captured = (type: string, hour: number, fields: object): Promise<void> => {
    const eventID = `urn:uuid:00000000-0000-4000-8${run}-${String(hour).padStart(12, '0')}`
    return told('/epcis/capture', documentOf(epcisEvent(type, at(hour), { eventID, ...fields })))
  }
  const parentID = palletOf(run)
  const scanned = (n: number, place: string, time: number): Promise<void> =>
    told('/api/v1/scans', {
      ...{ session: `phone ${run} in ${place}`, place },
      scans: [{ text: unit(n), time: iso(time) }],
    })
  /** Three hours near Lisbon, lit for half an hour. */
  const measured = async (hour: number): Promise<void> => {
    const readings = Array.from({ length: 18 }, (_, n) => ({
      ...{ time: iso(at(hour, 10 * n)), temperature: 5, light: n > 6 && n < 10 ? 300 : 0 },
      ...{ lat: 38.7, lon: -9.1, accuracy: 20 },
    }))
    const [source, body] = [deviceOf(run), Buffer.from(JSON.stringify(readings))]
    const envelope = { kind: 'publish', tenant: 'default', source, recordTime: now, body } as const
    api.log.append({ ...envelope, topic: `v1/default/${source}/readings` })
  }
  return {
    commissioned: () => captured('ObjectEvent', 1, { action: 'ADD', epcList: units }),
    packed: () => captured('AggregationEvent', 2, { action: 'ADD', parentID, childEPCs: units }),
    mounted: () =>
      captured('AssociationEvent', 3, { action: 'ADD', parentID, childEPCs: [giaiOf(run)] }),
    unpacked: () =>
      captured('AggregationEvent', 9, {
        ...{ action: 'DELETE', parentID, childEPCs: units.slice(0, 3) },
      }),
    lisbon: () => scanned(2, 'eyck', at(9, 30)),
    warsaw: () => scanned(2, 'u3qc', at(10, 10)),
    madrid: () => scanned(4, 'ezjm', at(11)),
    morning: () => measured(3),
    forenoon: () => measured(6),
  }
}

const palletOf = (run: number): string => sscc(0, run)
const giaiOf = (run: number): string => `https://id.gs1.org/8004/0952123${run}`
const deviceOf = (run: number): string => `logger-${run}`

/** Everybody who spoke is looked at, as a running server does. */
async function look(run: number): Promise<void> {
  await api.settled()
  const { ledger, series } = api.deps
  const mark = { kind: 'device' as const, subjects: [deviceOf(run)], at: now }
  await ledger.transact((db) => markSuspects(db, 'default', mark))
  await investigate({ ledger, series, stories: storiesOf, now: () => now })
}

/**
 * The cases that stand, with their evidence and units, and all findings. How often a case changed is
 * no part of it; sessions are named by hashes, and the names of runs are taken out.
 */
async function standing(run: number): Promise<{ kinds: string[]; told: string[] }> {
  const { db } = api.deps.ledger
  const subject = palletOf(run)
  const cases = db.selectFrom('cases').selectAll().where('status', '=', 'open')
  const findings = db.selectFrom('findings').select(['body']).where('subject', '=', subject)
  const rows = await cases.where('subject', '=', subject).execute()
  const lines = (await findings.execute()).map(({ body }) => body)
  for (const { revision: _, id: __, serialSet, body, ...row } of rows) {
    const { serialSetHash: ___, ...said } = JSON.parse(body) as { serialSetHash: string }
    const serials = await readSerialSet(db, 'default', { serialSet, offset: 0, limit: 99 })
    lines.push(JSON.stringify({ ...row, said, serials }))
  }
  const names = [`R${run}A`, subject, deviceOf(run)]
  const nameless = (line: string): string =>
    names
      .reduce((text, name, n) => text.replaceAll(name, `name ${n} `), line)
      .replaceAll(/(?<= )[\w-]{22}(?=[ "\\])/g, 'session')
  return { kinds: rows.map(({ kind }) => kind).sort(), told: lines.map(nameless).sort() }
}

let runs = 100

/** In this order, with a look after each of these. */
async function heard(order: readonly string[], looks: readonly number[] = []) {
  const run = runs++
  const messages = messagesOf(run)
  await told('/api/v1/devices', { id: deviceOf(run), giai: giaiOf(run) })
  for (const [n, name] of order.entries()) {
    await messages[name]!()
    if (looks.includes(n)) await look(run)
  }
  await look(run)
  return standing(run)
}

describe('the same messages', () => {
  it('end in the same cases, shuffled, repeated and looked at in between', async () => {
    const names = Object.keys(messagesOf(runs))
    const plain = await heard(names)
    expect(plain.kinds).toContain('clone')
    expect(plain.told.length).toBeGreaterThan(6)
    const twice = [...names, ...names.slice(0, 3)]
    await fc.assert(
      fc.asyncProperty(
        fc.shuffledSubarray(twice, { minLength: twice.length }),
        fc.uniqueArray(fc.nat(twice.length - 1), { maxLength: 2 }),
        async (order, looks) => {
          expect(await heard(order, looks)).toEqual(plain)
        },
      ),
      { numRuns: 5 },
    )
    expect(api.reported).toEqual([])
  }, 120_000)
})

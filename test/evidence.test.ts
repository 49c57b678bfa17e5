// A change and its entry in the evidence are one transaction: a ledger that fails at the entry
// keeps neither, whatever route the change came by. Looked at in every table, by what stands in
// it.
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { serialSetHashOf } from '../quality/disposition/disposition.ts'
import { type Alert, writeAlert, writeSerialSet } from '../store/ledger/alerts.ts'
import { type Api, commission, documentOf, gtin, openApi, testNow, unit } from './api-app.ts'
import { type Apis, databases, startApis } from './api-databases.ts'

let api: Api
beforeAll(async () => {
  api = await openApi()
  const document = documentOf(commission(['A1', 'A2']))
  await api.ask('POST', '/epcis/capture', { body: document })
  await api.settled()
  for (const id of ['a1', 'a2']) await putAlert(id)
  const budgets = [{ above: 8, minutes: 60 }]
  const profile = { rangeC: { min: 2, max: 8 }, ruleSet: 'cdc-fridge', budgets }
  await done('PUT', `/api/v1/products/${gtin}`, { name: 'Vaccine', profile })
  await done('POST', '/api/v1/devices', { id: 'd1' })
}, 60_000)
afterAll(() => api.close())

async function putAlert(id: string): Promise<void> {
  const epcs = ['A1', 'A2'].map(unit)
  const serialSetHash = serialSetHashOf(epcs)
  const alert: Alert = {
    ...{ id, kind: 'silence', rule: 'silent', ruleKind: 'single', limitC: 8, severity: 'major' },
    ...{ allowanceMinutes: 30, device: 'd1', container: 'urn:c', channel: 'temperature', gtin },
    ...{ productVersion: 1, from: 100, to: null, minutes: 1, unknownMinutes: 0, peakC: 9 },
    ...{ verdict: 'indeterminate', status: 'open', revision: 1, raisedAt: 1, serialCount: 2 },
    ...{ serialSetHash, serialSet: serialSetHash, legs: [] },
  }
  await api.deps.ledger.transact(async (db) => {
    await writeSerialSet(db, 'default', serialSetHash, [
      [epcs[0]!, 0],
      [epcs[1]!, 0],
    ])
    await writeAlert(db, 'default', alert, {
      ...{ revision: 1, recordTime: testNow, cause: 'first', diff: {} },
    })
  })
}

async function done<T = { id: string }>(method: string, path: string, body?: unknown): Promise<T> {
  const answer = await api.ask(method, path, { ...(body !== undefined && { body }) })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`)
  return (text === '' ? undefined : JSON.parse(text)) as T
}

/** Everything in the ledger, table by table. */
async function contents(): Promise<Record<string, unknown[]>> {
  const { db } = api.deps.ledger
  const tables = await sql<{ name: string }>`select name from sqlite_master
    where type = 'table' and name not like 'sqlite_%' order by name`.execute(db)
  const found: Record<string, unknown[]> = {}
  for (const { name } of tables.rows)
    found[name] = (await sql`select * from ${sql.table(name)}`.execute(db)).rows
  return found
}

/** While it runs no entry can be written. */
async function withoutEvidence<T>(work: () => Promise<T>): Promise<T> {
  const { db } = api.deps.ledger
  await sql`create trigger "noEvidence" before insert on evidence
    begin select raise(abort, 'no room for evidence'); end`.execute(db)
  try {
    return await work()
  } finally {
    await sql`drop trigger "noEvidence"`.execute(db)
  }
}

const text = { text: 'door stood open' }
const plan = {
  kind: 'preventive',
  text: 'fit an alarm',
  owner: 'Ben',
  dueAt: '2026-04-01T00:00:00Z',
}
const correction = {
  ...{ gtin, epcs: [unit('A1')], limit: { side: 'above', limitC: 8 }, addedMinutes: 5 },
  ...{ reason: 'stability data', document: 'ST-1' },
}
/** Changes of each kind, with what must be there before. */
const changes: [method: string, path: string, body?: unknown][] = [
  ['POST', '/api/v1/alerts/a1/comment', text],
  ['POST', '/api/v1/alerts/a1/assign', { to: 'me', group: true }],
  ['POST', '/api/v1/alerts/a1/acknowledge', { reason: 'seen', group: true }],
  ['POST', '/api/v1/alerts/a2/transition', { to: 'investigating', reason: 'seen' }],
  ['POST', '/api/v1/alerts/a1/close', { reason: 'sensor lost' }],
  ['POST', '/api/v1/investigations', { title: 'Dock door', alerts: ['a1'] }],
  ['POST', '/api/v1/investigations/{investigation}/comments', text],
  ['POST', '/api/v1/investigations/{investigation}/actions', plan],
  [
    'POST',
    '/api/v1/dispositions',
    { parts: [{ decision: 'reject', epcs: [unit('A1')] }], reason: 'cold' },
  ],
  ['POST', '/api/v1/budget-corrections', correction],
  [
    'POST',
    '/api/v1/recalls',
    {
      ...{ name: 'Lot', reason: 'glass', drill: true },
      criteria: { version: 1, allOf: [{ field: 'lot', anyOf: ['L1'] }] },
    },
  ],
  ['POST', '/api/v1/devices', { id: 'd2' }],
  ['PATCH', '/api/v1/devices/d1', { loggingIntervalSeconds: 600 }],
  ['POST', '/api/v1/devices/d1/token'],
  ['POST', '/api/v1/keys', { name: 'new', roles: ['viewer'] }],
  [
    'POST',
    '/api/v1/people',
    {
      ...{ id: 'ada', printedName: 'Ada Example', email: 'ada@example.org', roles: ['quality'] },
    },
  ],
  ['PUT', '/api/v1/settings', { dispositionControl: 'four-eyes' }],
  ['POST', '/api/v1/webhooks', { url: 'https://example.org/hook', kinds: ['alert.workflow'] }],
  ['PUT', `/api/v1/lots/${gtin}/L1`, { expiry: '2027-01-01' }],
  ['POST', '/epcis/queries', { name: 'mine', query: { eventType: 'ObjectEvent' } }],
  ['DELETE', '/epcis/queries/mine'],
]

describe('a ledger that fails at the entry of a change', () => {
  it('keeps neither of them, and both when it is well', async () => {
    const ids: Record<string, string> = {}
    for (const [method, path, body] of changes) {
      const own = path.replace('{investigation}', () => ids.investigations!)
      const what = `${method} ${path}`
      const before = await contents()
      const failed = await withoutEvidence(() =>
        api.ask(method, own, { ...(body !== undefined && { body }) }),
      )
      expect(failed.status, what).toBeGreaterThanOrEqual(500)
      expect(await contents(), what).toEqual(before)
      const made = await done(method, own, body)
      ids[path.split('/')[3]!] ??= made?.id
      const after = await contents()
      const changed = Object.keys(after).filter(
        (table) => JSON.stringify(after[table]) !== JSON.stringify(before[table]),
      )
      expect(changed.length, what).toBeGreaterThan(2)
      const requests = (after.evidence as { kind: string; record: string }[])
        .slice(before.evidence!.length)
        .filter(({ kind }) => kind === 'request')
      expect(requests.length, what).toBe(1)
      // Written with the change, not after its answer was known.
      expect(requests[0]!.record, what).not.toContain('"status"')
    }
    api.reported.length = 0
  }, 120_000)

  it('tells of what changed nothing only that it was refused for want of a right', async () => {
    const before = (await contents()).evidence!.length
    expect((await api.ask('DELETE', '/epcis/queries/mine')).status).toBe(404)
    expect(
      (await api.ask('POST', '/api/v1/alerts/a1/comment', { body: { text: '' } })).status,
    ).toBe(400)
    const stale = { text: 'too late', seen: 0 }
    expect((await api.ask('POST', '/api/v1/alerts/a1/comment', { body: stale })).status).toBe(409)
    expect((await contents()).evidence!.length).toBe(before)
    const token = await api.keyWith('viewer')
    const forbidden = await api.ask('POST', '/api/v1/alerts/a1/comment', { token, body: text })
    expect(forbidden.status).toBe(403)
    const rows = (await contents()).evidence as { record: string }[]
    expect(JSON.parse(rows.at(-1)!.record)).toMatchObject({ status: 403 })
  })
})

describe.each(databases)('on %s', (database) => {
  let apis: Apis
  beforeAll(async () => {
    apis = await startApis(database)
  }, 60_000)
  afterAll(() => apis.stop())

  it('leaves one entry for each of many changes at once, each in its transaction', async () => {
    const many = await apis.open()
    const numbers = Array.from({ length: 30 }, (_, number) => number)
    const answers = await Promise.all(
      numbers.flatMap((number) => [
        many.ask('POST', '/api/v1/devices', { body: { id: `logger-${number}` } }),
        many.ask('POST', '/api/v1/keys', { body: { name: `key ${number}`, roles: ['viewer'] } }),
      ]),
    )
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]))
    const { items } = await many.json('GET', '/api/v1/audit?kind=request&limit=100')
    const records = items.map(({ record }) => record as { created: string; status?: number })
    expect(records.map(({ created }) => created).sort()).toEqual(
      answers.map(({ headers }) => headers.get('Location')).sort(),
    )
    expect(records.filter(({ status }) => status !== undefined)).toEqual([])
    await many.close()
  }, 60_000)
})

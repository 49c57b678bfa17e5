// A day of quality over the real API: an excursion is acknowledged, some of its units are released
// and the others rejected by signature, and what was decided is captured as events. Two who decide
// at once, a page that is stale, a restated alert.
import { afterAll, beforeAll, expect, it } from 'vitest'
import { serialSetHashOf } from '../quality/disposition.ts'
import { type Alert, type SerialLeg, writeAlert, writeSerialSet } from '../store/ledger-alerts.ts'
import {
  type Api,
  adminToken,
  commission,
  documentOf,
  gtin,
  openApi,
  pack,
  pallet,
  testNow,
  unit,
} from './api-app.ts'

const minute = 60_000
const hour = 60 * minute
const from = Date.UTC(2026, 2, 1, 12)
const caseA = 'https://id.gs1.org/00/106141412345678915'
const caseB = 'https://id.gs1.org/00/106141412345678922'
const serials = ['A1', 'A2', 'A3', 'B1', 'B2', 'B3']

let api: Api
const now = testNow
beforeAll(async () => {
  api = await openApi({ now: () => now })
  const inCase = (parentID: string, own: string[]) => ({ ...pack(own), parentID })
  const document = documentOf(
    commission([...serials, 'X9']),
    inCase(caseA, ['A1', 'A2', 'A3']),
    inCase(caseB, ['B1', 'B2', 'B3']),
    { ...pack([]), childEPCs: [caseA, caseB], eventTime: '2026-03-01T09:30:00Z' },
  )
  await api.ask('POST', '/epcis/capture', { body: document })
  await api.settled()
}, 60_000)
afterAll(async () => {
  expect(api.reported).toEqual([])
  await api.close()
})

async function putAlert(id: string, change: Partial<Alert> & { epcs?: string[] } = {}) {
  const { epcs = serials, ...rest } = change
  const rows = epcs
    .map(unit)
    .sort()
    .map((epc): SerialLeg => [epc, 0])
  const serialSetHash = serialSetHashOf(rows.map(([epc]) => epc))
  const revision = rest.revision ?? 1
  const leg = { from, to: null, minutes: 90, unknownMinutes: 0, peakC: 12, verdict: 'out' as const }
  const alert: Alert = {
    ...{ id, kind: 'excursion', rule: 'hot', ruleKind: 'single', limitC: 8, allowanceMinutes: 30 },
    ...{ severity: 'major', device: 'd1', container: pallet, channel: 'temperature', gtin },
    ...{ productVersion: 1, from, to: from + hour, minutes: 90, unknownMinutes: 0, peakC: 12 },
    ...{ verdict: 'out', status: 'open', revision, raisedAt: testNow - hour },
    ...{ serialCount: rows.length, serialSetHash, serialSet: `${id}-${serialSetHash}` },
    ...{ legs: [leg], ...rest },
  }
  await api.deps.ledger.transact(async (db) => {
    await writeSerialSet(db, 'default', alert.serialSet, rows)
    const diff = revision > 1 ? { serialsRemoved: { count: 1 } } : {}
    await writeAlert(db, 'default', alert, { revision, recordTime: now, cause: 'late-event', diff })
  })
  return alert
}

async function told<T>(method: string, path: string, body?: unknown, token?: string): Promise<T> {
  const options = { ...(body !== undefined && { body }), ...(token && { token }) }
  const answer = await api.ask(method, path, options)
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`)
  return JSON.parse(text)
}

async function refused(method: string, path: string, body: unknown, token?: string) {
  const answer = await api.ask(method, path, { body, ...(token && { token }) })
  const { errors } = (await answer.json()) as { errors: { code: string; detail: string }[] }
  return { status: answer.status, errors }
}

interface Workflow {
  state: string
  assignee: string | null
  number: number
  group: string
  maySteps: string[]
  entries: { kind: string; by: string; to?: string; reason?: string; text?: string }[]
  members: { alert: string; state: string }[]
}

interface Disposition {
  id: string
  state: string
  recordHash: string
  about: { revision: number | null }
  parts: { decision: string; count: number }[]
  left: number
  stale: { code: string }[]
  signature: { printedName: string; record: string; meaning: string } | null
  captures: { id: string; keptAt: string | null }[]
}

const aboutOf = ({ id, revision, serialSetHash }: Alert) => ({ alert: id, revision, serialSetHash })
const signing = ({ recordHash, about }: Disposition, change = {}) => ({
  ...{ meaning: 'approval', reason: 'within stability data', recordHash },
  ...(about.revision !== null && { revision: about.revision }),
  ...{ printedName: 'Ana Roth', token: adminToken, ...change },
})

it('leads an excursion from the inbox to a signed partial release with its pick list and events', async () => {
  const alert = await putAlert('e1')
  await putAlert('e2', { rule: 'very-hot', severity: 'critical', from: from + 10 * minute })
  interface Inbox {
    items: { group: string; alertCount: number; severity: string; alerts: { id: string }[] }[]
    counts: { groups: number; alerts: number }
  }
  const inbox = await told<Inbox>('GET', '/api/v1/inbox')
  expect(inbox.counts).toMatchObject({ groups: 1, alerts: 2 })
  expect(inbox.items[0]).toMatchObject({ alertCount: 2, severity: 'critical' })
  expect(inbox.items[0]!.alerts.map(({ id }) => id)).toEqual(['e2', 'e1'])

  const path = '/api/v1/alerts/e1'
  await told('POST', `${path}/assign`, { to: 'me', group: true })
  await told('POST', `${path}/comment`, { text: 'door stood open' })
  const life = await told<Workflow>('POST', `${path}/acknowledge`, {
    ...{ reason: 'seen, loading dock', group: true },
  })
  expect(life).toMatchObject({ state: 'acknowledged', assignee: 'admin' })
  expect(life.members.map(({ state }) => state)).toEqual(['acknowledged', 'acknowledged'])
  const wrong = await refused('POST', `${path}/transition`, { to: 'closed', reason: 'done' })
  expect(wrong).toMatchObject({ status: 409, errors: [{ code: 'quality/step' }] })

  const proposed = await told<Disposition>('POST', '/api/v1/dispositions', {
    about: aboutOf(alert),
    parts: [
      { decision: 'release', containers: [caseA], epcs: [unit('B1')] },
      { decision: 'reject', rest: true },
    ],
    reason: 'case A stood by the wall',
  })
  expect(proposed.parts.map(({ decision, count }) => [decision, count])).toEqual([
    ['release', 4],
    ['reject', 2],
  ])
  const signed = await told<Disposition>(
    'POST',
    `/api/v1/dispositions/${proposed.id}/signature`,
    signing(proposed),
  )
  expect(signed).toMatchObject({
    state: 'signed',
    signature: { printedName: 'Ana Roth', record: proposed.recordHash, meaning: 'approval' },
  })
  expect(signed.captures.every(({ keptAt }) => keptAt !== null)).toBe(true)

  const picks = await told<{ lines: object[] }>(
    'GET',
    `/api/v1/dispositions/${proposed.id}/pick-list?decision=release`,
  )
  expect(picks.lines).toMatchObject([
    { pick: 'whole', container: caseA, within: [pallet], takeCount: 3, leaveCount: 0 },
    { pick: 'part', container: caseB, take: [unit('B1')], leave: ['B2', 'B3'].map(unit) },
  ])
  const csv = await api.ask('GET', `/api/v1/dispositions/${proposed.id}/pick-list`, {
    headers: { Accept: 'text/csv' },
  })
  expect(await csv.text()).toContain(`whole container,${pallet},${caseA},3,`)

  await api.settled()
  const events = await told<{
    epcisBody: { queryResults: { resultsBody: { eventList: Record<string, unknown>[] } } }
  }>('GET', '/epcis/events?EQ_disposition=non_conformant')
  const [event] = events.epcisBody.queryResults.resultsBody.eventList
  expect(event).toMatchObject({ bizStep: 'holding', epcList: ['B2', 'B3'].map(unit) })
  const states = []
  for (const serial of ['A1', 'B2'])
    states.push(
      (await told<{ state: string }>('GET', `/api/v1/units/${encodeURIComponent(unit(serial))}`))
        .state,
    )
  expect(states).toEqual(['available', 'held'])
  const after = await told<Workflow>('GET', `${path}/workflow`)
  expect(after).toMatchObject({ state: 'decided' })
  expect(after.entries.at(-1)).toMatchObject({ kind: 'moved', to: 'decided', by: 'admin' })
})

// A day of quality over the real API: an excursion is acknowledged, some of its units are released
// and the others rejected by signature, and what was decided is captured as events. Two who decide
// at once, a page that is stale, a restated alert.
import { afterAll, beforeAll, expect, it } from 'vitest'
import { serialSetHashOf } from '../quality/disposition/disposition.ts'
import { keepOutbox } from '../quality/outbox.ts'
import { hashOf } from '../quality/profile-change.ts'
import { recordIn } from '../quality/report/pdf.ts'
import { type ReportRecord, reportHashOf } from '../quality/report/record.ts'
import { type Alert, type SerialLeg, writeAlert, writeSerialSet } from '../store/ledger/alerts.ts'
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
const dock = 'https://id.gs1.org/414/9521234000013'
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
    {
      ...pack([]),
      childEPCs: [caseA, caseB],
      eventTime: '2026-03-01T09:30:00Z',
      bizLocation: { id: dock },
    },
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
  record: object
  recordHash: string
  signatureHash: string | null
  about: { revision: number | null }
  parts: { decision: string; count: number }[]
  left: number
  stale: { code: string }[]
  signature: { printedName: string; record: string; meaning: string } | null
  captures: { id: string; keptAt: string | null }[]
}

interface Listed extends Disposition {
  staleBy: string | null
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

  const at = async (query: string) =>
    (await told<Inbox>('GET', `/api/v1/inbox?${query}`)).items.map(({ alertCount }) => alertCount)
  expect(await at(`place=${encodeURIComponent(dock)}`)).toEqual([2])
  expect(await at('severity=critical')).toEqual([1])
  expect(await at(`gtin=${gtin}&assignee=nobody&from=2026-03-01T12:05:00Z`)).toEqual([1])
  expect(await at('assignee=me')).toEqual([])

  const path = '/api/v1/alerts/e1'
  await told('POST', `${path}/assign`, { to: 'me', group: true })
  expect(await refused('POST', `${path}/assign`, { to: 'nobody-known' })).toMatchObject({
    status: 400,
  })
  await told('POST', `${path}/comment`, { text: 'door stood open' })
  const life = await told<Workflow>('POST', `${path}/acknowledge`, {
    ...{ reason: 'seen, loading dock', group: true },
  })
  expect(life).toMatchObject({ state: 'acknowledged', assignee: 'admin' })
  expect(life.members.map(({ state }) => state)).toEqual(['acknowledged', 'acknowledged'])
  const wrong = await refused('POST', `${path}/transition`, { to: 'closed', reason: 'done' })
  const operator = await api.keyWith('operator')
  const decided = { to: 'decided', reason: 'all is well' }
  expect(await refused('POST', `${path}/transition`, decided, operator)).toMatchObject({
    status: 403,
  })
  expect(wrong).toMatchObject({ status: 409, errors: [{ code: 'quality/step' }] })

  const alike = await told<{ items: { alert: { id: string }; alike: string[] }[] }>(
    'GET',
    `${path}/similar`,
  )
  expect(alike.items).toMatchObject([
    { alert: { id: 'e2' }, alike: ['product', 'container', 'device', 'place'] },
  ])
  interface Recommended {
    items: {
      epc: string
      lot: string
      decision: string | null
      inForce: { decision: string } | null
      recommendation: { verdict: string; reasons: object[] } | null
    }[]
    next: string | null
  }
  const advice = await told<Recommended>('GET', `${path}/recommendations?limit=2`)
  expect(advice.items).toMatchObject([
    { epc: unit('A1'), lot: 'L1', inForce: null, recommendation: { verdict: 'indeterminate' } },
    { epc: unit('A2') },
  ])
  expect(advice.next).not.toBeNull()

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
  // A stranger makes both hashes again from what is told.
  expect(hashOf(signed.record)).toBe(signed.recordHash)
  expect(hashOf(signed.signature)).toBe(signed.signatureHash)
  expect(signed.captures.every(({ keptAt }) => keptAt !== null)).toBe(true)

  const units = await told<Recommended>('GET', `/api/v1/dispositions/${proposed.id}/units`)
  expect(units.items.map(({ decision, inForce }) => [decision, inForce?.decision])).toEqual([
    ...Array(4).fill(['release', 'release']),
    ...Array(2).fill(['reject', 'reject']),
  ])

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
  const fileOf = async (path: string): Promise<string[]> => {
    const answer = await api.ask('GET', path, { headers: { Accept: 'text/csv' } })
    return (await answer.text()).trim().split('\r\n')
  }
  expect(await fileOf(`/api/v1/dispositions/${proposed.id}/units`)).toEqual([
    'epc,lot,part,decision,disposition,verdict',
    ...['A1', 'A2', 'A3', 'B1'].map((one) => `${unit(one)},L1,1,release,sellable_accessible,`),
    ...['B2', 'B3'].map((one) => `${unit(one)},L1,2,reject,non_conformant,`),
  ])
  const [, ...parts] = await fileOf('/api/v1/dispositions?alert=e1')
  expect(parts.map((row) => row.split(',').slice(0, 11).join(' '))).toEqual([
    `${proposed.id} signed  alert e1 1 1 release sellable_accessible  4`,
    `${proposed.id} signed  alert e1 1 2 reject non_conformant  2`,
  ])

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
  // The other alert of the group is about the same units.
  expect(after.members.map(({ state }) => state)).toEqual(['decided', 'decided'])
})

it('prints a report of a decision, of its alert and of a recall, the same bytes each time', async () => {
  const { items } = await told<{ items: Disposition[] }>('GET', '/api/v1/dispositions?alert=e1')
  const recall = await told<{ id: string }>('POST', '/api/v1/recalls', {
    ...{ name: 'Lot L1', reason: 'glass', drill: true },
    criteria: { version: 1, allOf: [{ field: 'epc', anyOf: [unit('X9')] }] },
  })
  const paths = [`dispositions/${items[0]!.id}`, 'alerts/e1', `recalls/${recall.id}`]
  for (const path of paths) {
    const url = `/api/v1/${path}/report?language=de&unit=F&zone=Europe/Berlin`
    const headers = { Accept: 'application/pdf' }
    const pdf = await api.ask('GET', url, { headers })
    expect(pdf.headers.get('content-type')).toBe('application/pdf')
    const bytes = Buffer.from(await pdf.arrayBuffer())
    const again = await (await api.ask('GET', url, { headers })).arrayBuffer()
    expect(Buffer.compare(bytes, Buffer.from(again))).toBe(0)
    const record = await told<ReportRecord>('GET', url)
    expect(recordIn(bytes)).toEqual(record)
    expect(pdf.headers.get('report-hash')).toBe(reportHashOf(record))
  }
  const text = JSON.stringify(
    await told('GET', `/api/v1/${paths[0]}/report?language=en&unit=C&zone=UTC`),
  )
  for (const said of ['Ana Roth', 'case A stood by the wall', '"B3"', 'indeterminate'])
    expect(text).toContain(said)
  expect((await refused('GET', '/api/v1/alerts/e1/report?zone=Mars', undefined)).status).toBe(400)
})

it('captures events again after a crash before they were noted, and doubles nothing', async () => {
  const { ledger, log } = api.deps
  const count = async () =>
    Number(
      (
        await ledger.db
          .selectFrom('events')
          .select((e) => e.fn.countAll<number>().as('count'))
          .executeTakeFirstOrThrow()
      ).count,
    )
  const before = await count()
  await ledger.db.updateTable('outbox').set({ keptAt: null }).execute()
  const stop = keepOutbox({ ledger, log, now: () => now }, (error) => api.reported.push(error))
  await stop()
  await api.settled()
  const waiting = await ledger.db
    .selectFrom('outbox')
    .select('id')
    .where('keptAt', 'is', null)
    .execute()
  expect(waiting).toEqual([])
  expect(await count()).toBe(before)
})

const propose = (about: object | null, parts: object[]) =>
  told<Disposition>('POST', '/api/v1/dispositions', { about, parts, reason: 'looked at by hand' })
const signPath = ({ id }: Disposition): string => `/api/v1/dispositions/${id}/signature`

it('lets one of two who decide at once win, and tells the other what changed', async () => {
  const units = ['A1', 'A2'].map(unit)
  const [one, other] = [
    await propose(null, [{ decision: 'quarantine', epcs: units }]),
    await propose(null, [{ decision: 'destroy', epcs: units.slice(1) }]),
  ]
  const both = await Promise.all(
    [one!, other!].map((each) => api.ask('POST', signPath(each), { body: signing(each) })),
  )
  expect(both.map(({ status }) => status).sort()).toEqual([200, 409])
  const loser = both.findIndex(({ status }) => status === 409)
  const winner = [one!, other!][1 - loser]!
  const problem = (await both[loser]!.json()) as { errors: { code: string; detail: string }[] }
  expect(problem.errors[0]!.code).toBe('quality/decided')
  expect(problem.errors.at(-1)!.detail).toContain(winner.id)
  const again = await refused('POST', signPath(winner), signing(winner))
  expect(again).toMatchObject({ status: 409, errors: [{ code: 'quality/stale' }] })
  expect(again.errors[0]!.detail).toContain('signed already, by admin')
  const { items } = await told<{ items: { inForce: boolean; disposition: string }[] }>(
    'GET',
    `/api/v1/units/${encodeURIComponent(unit('A2'))}/decisions`,
  )
  expect(items.filter(({ inForce }) => inForce).map(({ disposition }) => disposition)).toEqual([
    winner.id,
  ])
})

it('signs nothing on a stale page, and opens a decided alert again when it is restated', async () => {
  const alert = await putAlert('s1', { container: caseA, epcs: ['A1', 'A3', 'X9'] })
  const proposal = await propose(aboutOf(alert), [{ decision: 'quarantine', epcs: [unit('X9')] }])
  const wrongs = [
    [{ recordHash: '0'.repeat(64) }, 409],
    [{ revision: 7 }, 409],
    [{ token: 'not-the-token' }, 401],
  ] as const
  for (const [change, status] of wrongs)
    expect(await refused('POST', signPath(proposal), signing(proposal, change))).toMatchObject({
      status,
    })
  const next = await putAlert('s1', { container: caseA, epcs: ['A3', 'X9'], revision: 2 })
  const refusal = await refused('POST', signPath(proposal), signing(proposal))
  expect(refusal).toMatchObject({ status: 409, errors: [{ code: 'quality/stale' }] })
  expect(refusal.errors[0]!.detail).toContain('revision 2 (late-event): 1 serials less')
  expect(
    (await told<Disposition>('GET', `/api/v1/dispositions/${proposal.id}`)).stale,
  ).toHaveLength(1)
  // It says so in the list, and whoever may sign turns it down.
  const listed = () => told<{ items: Listed[] }>('GET', '/api/v1/dispositions?alert=s1')
  expect((await listed()).items).toMatchObject([{ state: 'proposed', staleBy: 'quality/stale' }])
  await told('POST', signPath(proposal), signing(proposal, { meaning: 'rejection' }))
  expect((await listed()).items).toMatchObject([{ state: 'rejected', staleBy: null }])
  const old = await refused('POST', '/api/v1/dispositions', {
    ...{ about: aboutOf(alert), parts: [{ decision: 'reject', rest: true }], reason: 'too late' },
  })
  expect(old).toMatchObject({ status: 409, errors: [{ code: 'quality/stale' }] })

  const anew = await propose(aboutOf(next), [{ decision: 'quarantine', rest: true }])
  await told('POST', signPath(anew), signing(anew))
  const decided = await told<Workflow>('GET', '/api/v1/alerts/s1/workflow')
  expect(decided.state).toBe('decided')
  await putAlert('s1', { container: caseA, epcs: ['A3'], revision: 3 })
  const restated = await told<Workflow>('GET', '/api/v1/alerts/s1/workflow')
  expect(restated.state).toBe('investigating')
  expect(restated.entries.at(-1)).toMatchObject({ kind: 'moved', by: 'restated' })

  // Late data move its beginning: another alert takes its place, and its life.
  await putAlert('s2', { container: caseA, epcs: ['A3'], from: from - minute })
  await putAlert('s1', {
    ...{ container: caseA, epcs: ['A3'], revision: 4, status: 'superseded', supersededBy: 's2' },
  })
  const heir = await told<Workflow>('GET', '/api/v1/alerts/s2/workflow')
  expect(heir.state).toBe('investigating')
  expect(heir.entries.map(({ kind }) => kind)).toContain('carried')
  const gone = await refused('POST', '/api/v1/alerts/s1/comment', { text: 'too late' })
  expect(gone).toMatchObject({ status: 409, errors: [{ code: 'quality/stale' }] })
})

it('takes one of two steps that people take at once', async () => {
  await putAlert('w1', { container: caseB, epcs: ['B1'] })
  const body = { reason: 'seen by two', seen: 0 }
  const both = await Promise.all(
    [1, 2].map(() => api.ask('POST', '/api/v1/alerts/w1/acknowledge', { body })),
  )
  expect(both.map(({ status }) => status).sort()).toEqual([200, 409])
  const { number, entries } = await told<Workflow>('GET', '/api/v1/alerts/w1/workflow')
  expect([number, entries.length]).toEqual([1, 1])
})

it('decides on the units of a recall as they were seen, and never on those of a drill', async () => {
  const start = (drill: boolean) =>
    told<{ id: string; revision: number; serialSetHash: string; serialCount: number }>(
      ...(['POST', '/api/v1/recalls'] as const),
      {
        ...{ name: 'lot L1', drill, reason: 'stability' },
        criteria: { version: 1, allOf: [{ field: 'lot', anyOf: ['L1'] }] },
      },
    )
  const [recall, drill] = [await start(false), await start(true)]
  const aboutRecall = (of: typeof recall) => ({
    ...{ recall: of.id, revision: of.revision, serialSetHash: of.serialSetHash },
  })
  const part = [{ decision: 'destroy', epcs: [unit('B3')] }]
  const proposal = await propose(aboutRecall(recall), part)
  expect(proposal.left).toBe(recall.serialCount - 1)
  expect((await told<Disposition>('POST', signPath(proposal), signing(proposal))).state).toBe(
    'signed',
  )
  const listed = await told<{ items: Disposition[] }>(
    'GET',
    `/api/v1/dispositions?recall=${recall.id}`,
  )
  expect(listed.items.map(({ id }) => id)).toEqual([proposal.id])
  const never = { about: aboutRecall(drill), parts: part, reason: 'only a drill' }
  expect(await refused('POST', '/api/v1/dispositions', never)).toMatchObject({ status: 422 })
})

it('asks a second person to sign where the tenant wants four eyes', async () => {
  await told('PUT', '/api/v1/settings', { dispositionControl: 'four-eyes' })
  const body = {
    parts: [{ decision: 'release', epcs: [unit('X9')] }],
    reason: 'was outside by mistake',
  }
  const proposal = await told<Disposition>('POST', '/api/v1/dispositions', body)
  expect(await refused('POST', signPath(proposal), signing(proposal))).toMatchObject({
    status: 403,
  })
  const token = await api.keyWith('quality')
  const signed = await told<Disposition>(
    'POST',
    signPath(proposal),
    signing(proposal, { token }),
    token,
  )
  expect(signed.state).toBe('signed')
  await told('PUT', '/api/v1/settings', { dispositionControl: 'signed' })
})

it('investigates with actions to a signed end, each record kept', async () => {
  const path = '/api/v1/investigations'
  interface Investigation {
    id: string
    state: string
    recordHash: string
    missing: string[]
    actions: { id: string }[]
  }
  const opened = await told<Investigation>('POST', path, {
    ...{ title: 'Dock door stood open', alerts: ['s2'] },
  })
  const own = `${path}/${opened.id}`
  const edit = {
    ...{ recordHash: opened.recordHash, category: 'handling' },
    ...{ rootCause: { text: 'no door alarm' }, whys: ['nobody heard that it stood open'] },
  }
  await told('PATCH', own, edit)
  expect(await refused('PATCH', own, edit)).toMatchObject({
    ...{ status: 409, errors: [{ code: 'quality/stale' }] },
  })
  const planned = await told<Investigation>('POST', `${own}/actions`, {
    ...{ kind: 'preventive', text: 'fit an alarm', owner: 'Ben', dueAt: '2026-04-01T00:00:00Z' },
  })
  const close = async () => {
    const { recordHash } = await told<Investigation>('GET', own)
    return { recordHash, reason: 'all done', token: adminToken, printedName: 'Ana Roth' }
  }
  expect(await refused('POST', `${own}/signature`, await close())).toMatchObject({ status: 409 })
  const action = `${own}/actions/${planned.actions[0]!.id}`
  await told('POST', `${action}/done`, { note: 'fitted' })
  await told('POST', `${action}/effectiveness`, { note: 'it rang twice', effective: true })
  const closed = await told<Investigation>('POST', `${own}/signature`, await close())
  expect(closed).toMatchObject({ state: 'closed', missing: [] })
  for (const language of ['en', 'de', 'fr', 'es']) {
    const url = `${own}/report?language=${language}&zone=Europe/Berlin`
    const pdf = await api.ask('GET', url, { headers: { Accept: 'application/pdf' } })
    const report = recordIn(Buffer.from(await pdf.arrayBuffer()))!
    expect(report).toEqual(await told<ReportRecord>('GET', url))
    const sections = JSON.stringify(report.sections)
    for (const said of ['Ana Roth', 'all done', closed.recordHash]) expect(sections).toContain(said)
    const action = report.sections.find((each) => each.kind === 'table')!
    expect(action.rows[0]).toHaveLength(6)
  }
  expect(await refused('POST', `${own}/comments`, { text: 'and more' })).toMatchObject({
    status: 409,
  })
  const { items } = await told<{ items: object[] }>('GET', `${own}/revisions`)
  expect(items).toHaveLength(6)
})

it('adds time to a budget by signature and takes it back, each told in the passport', async () => {
  await told('PUT', `/api/v1/products/${gtin}`, {
    ...{
      name: 'Vaccine',
      profile: {
        rangeC: { min: 2, max: 8 },
        ruleSet: 'cdc-fridge',
        budgets: [{ above: 8, minutes: 60 }],
      },
    },
  })
  interface Passport {
    budgets: { leftMinutes: number; addedMinutes?: number }[]
    budgetCorrections: { signedBy: string; reversed: object | null }[]
    reasons: { finding: string; detail: string }[]
  }
  const passport = (serial: string) =>
    told<Passport>('GET', `/api/v1/units/${encodeURIComponent(unit(serial))}/passport`)
  const path = '/api/v1/budget-corrections'
  const asked = {
    ...{ gtin, epcs: [unit('A3')], limit: { side: 'above', limitC: 8 }, addedMinutes: 240 },
    ...{ reason: 'stability data at 25 °C', document: 'ST-17' },
  }
  const wrong = { ...asked, limit: { side: 'above', limitC: 9 } }
  expect(await refused('POST', path, wrong)).toMatchObject({ status: 422 })
  const { id, recordHash } = await told<{ id: string; recordHash: string }>('POST', path, asked)
  expect((await passport('A3')).budgets).toMatchObject([{ leftMinutes: 60 }])
  const given = { recordHash, reason: 'agreed', token: adminToken, printedName: 'Ana Roth' }
  await told('POST', `${path}/${id}/signature`, given)
  const after = await passport('A3')
  expect(after.budgets).toMatchObject([{ leftMinutes: 300, addedMinutes: 240 }])
  expect(after.reasons.find(({ finding }) => finding === 'budget-added')!.detail).toContain(
    '240 minutes added, signed by Ana Roth',
  )
  expect((await passport('A2')).budgets).toMatchObject([{ leftMinutes: 60 }])
  await told('POST', `${path}/${id}/reversal`, { ...given, reason: 'report withdrawn' })
  const back = await passport('A3')
  expect(back.budgets).toMatchObject([{ leftMinutes: 60 }])
  expect(back.budgetCorrections).toMatchObject([
    { signedBy: 'Ana Roth', reversed: { reason: 'report withdrawn' } },
  ])
})

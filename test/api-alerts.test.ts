import { createHash } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Alert, SerialLeg } from '../store/ledger/alerts.ts'
import { writeAlert, writeSerialSet } from '../store/ledger/alerts.ts'
import { commission } from '../store/ledger/epcs.ts'
import { readClosings } from '../store/ledger/silence.ts'
import { type Api, bodyOf, gtin, type Json, openApi, pallet, testNow, unit } from './api-app.ts'
import { insertMoves, restate } from './contracts/moves.ts'

let api: Api
beforeAll(async () => {
  api = await openApi()
  const { db } = api.deps.ledger
  await putAlert({
    id: 'a1',
    epcs: ['A1', 'A2', 'A3'],
    revision: 1,
    recordTime: testNow - 2 * hour,
  })
  await putAlert({ id: 'a1', epcs: ['A1', 'A2'], revision: 2, recordTime: testNow - hour })
  await putAlert({ id: 'a2', epcs: ['B1'], revision: 1, recordTime: testNow, from: from + hour })
  await commission(db, 'default', {
    epcs: [unit('A1')],
    facts: { lot: '=cmd()', commissionedAt: 1 },
  })
}, 60_000)
afterAll(() => api.close())

const hour = 3_600_000
const from = Date.UTC(2026, 2, 1, 12)
const hashOf = (epcs: string[]): string =>
  createHash('sha256')
    .update(epcs.map((epc) => `${epc}\n`).join(''))
    .digest('hex')

interface NewAlert {
  id: string
  kind?: Alert['kind']
  epcs: string[]
  revision: number
  recordTime: number
  from?: number
}

async function putAlert({ id, epcs, revision, recordTime, ...rest }: NewAlert): Promise<void> {
  const serials = epcs
    .map(unit)
    .sort()
    .map((epc, i): SerialLeg => [epc, i % 2])
  const serialSetHash = hashOf(serials.map(([epc]) => epc))
  const serialSet = `${id}-${serialSetHash}`
  const begin = rest.from ?? from
  const leg = { minutes: 90.5, unknownMinutes: 0, peakC: 12.25, verdict: 'out' as const }
  const alert: Alert = {
    id,
    kind: rest.kind ?? 'excursion',
    rule: 'hot',
    ruleKind: 'single',
    limitC: 8,
    allowanceMinutes: 30,
    severity: 'major',
    device: 'd1',
    container: pallet,
    channel: 'temperature',
    gtin,
    productVersion: 1,
    from: begin,
    to: null,
    minutes: 90.5,
    unknownMinutes: 0,
    peakC: 12.25,
    verdict: 'out',
    status: 'open',
    revision,
    raisedAt: testNow - 2 * hour,
    serialCount: serials.length,
    serialSetHash,
    serialSet,
    legs: [
      { ...leg, from: begin, to: null },
      { ...leg, from: begin + 500, to: begin + hour, minutes: 60, verdict: 'indeterminate' },
    ],
  }
  const { db } = api.deps.ledger
  await writeSerialSet(db, 'default', serialSet, serials)
  await writeAlert(db, 'default', alert, { revision, recordTime, cause: 'test', diff: { n: 1 } })
}

interface Page extends Json {
  serialSetHash: string
  revision: number
  serialCount: number
}

it('lists open alerts, newest breach first, with exactly the fields that were promised', async () => {
  const { items, next } = await api.json('GET', '/api/v1/alerts')
  expect(items.map(({ id }) => id)).toEqual(['a2', 'a1'])
  expect(next).toBeNull()
  expect(items[1]).toEqual({
    id: 'a1',
    kind: 'excursion',
    rule: 'hot',
    severity: 'major',
    device: 'd1',
    container: pallet,
    channel: 'temperature',
    from: '2026-03-01T12:00:00Z',
    to: null,
    minutes: 90.5,
    peakC: 12.25,
    verdict: 'out',
    status: 'open',
    revision: 2,
    serialCount: 2,
    serialSetHash: hashOf([unit('A1'), unit('A2')]),
    gtin,
    unknownMinutes: 0,
    raisedAt: '2026-03-02T10:00:00Z',
    limitC: 8,
    ruleKind: 'single',
    allowanceMinutes: 30,
    productVersion: 1,
    links: {
      self: '/api/v1/alerts/a1',
      serials: '/api/v1/alerts/a1/serials',
      revisions: '/api/v1/alerts/a1/revisions',
    },
  })
  expect(await api.json('GET', '/api/v1/alerts/a1')).toEqual(items[1])
})

it('filters alerts, takes a container in any GS1 syntax, and pages', async () => {
  const count = async (query: string): Promise<number> =>
    (await api.json('GET', `/api/v1/alerts?${query}`)).items.length
  expect(await count('device=d1')).toBe(2)
  expect(await count('device=d2')).toBe(0)
  expect(await count(`container=${encodeURIComponent('urn:epc:id:sscc:0614141.1234567890')}`)).toBe(
    2,
  )
  expect(await count(`container=${encodeURIComponent(pallet)}`)).toBe(2)
  expect(await count(`gtin=${gtin.slice(1)}`)).toBe(2)
  expect(await count('severity=critical')).toBe(0)
  expect(await count('status=retracted')).toBe(0)
  const first = await api.json('GET', '/api/v1/alerts?limit=1')
  const second = await api.json('GET', `/api/v1/alerts?limit=1&cursor=${first.next}`)
  expect([first, second].map(({ items }) => items[0]!.id)).toEqual(['a2', 'a1'])
  expect(second.next).toBeNull()
  for (const query of ['status=gone', 'severity=x', 'gtin=1', 'container=x'])
    expect((await api.ask('GET', `/api/v1/alerts?${query}`)).status).toBe(400)
})

it('lists each serial with its own minutes, its lot, and the hash that proves the set', async () => {
  const answer = await api.ask('GET', '/api/v1/alerts/a1/serials')
  const page = await bodyOf<Page>(answer)
  const { items } = page
  expect(items).toEqual([
    {
      epc: unit('A1'),
      gtin,
      serial: 'A1',
      lot: '=cmd()',
      from: '2026-03-01T12:00:00Z',
      to: null,
      minutes: 90.5,
      peakC: 12.25,
      verdict: 'out',
      unknownMinutes: 0,
    },
    {
      epc: unit('A2'),
      gtin,
      serial: 'A2',
      from: '2026-03-01T12:00:00.500Z',
      to: '2026-03-01T13:00:00Z',
      minutes: 60,
      peakC: 12.25,
      verdict: 'indeterminate',
      unknownMinutes: 0,
    },
  ])
  expect(page).toMatchObject({ revision: 2, serialCount: 2, next: null })
  expect(page.serialSetHash).toBe(hashOf(items.map(({ epc }) => String(epc))))
  expect(answer.headers.get('Isotherm-Serial-Set-Hash')).toBe(page.serialSetHash)
})

it('counts the serials of any revision by their own verdict, whatever a page holds', async () => {
  for (const of of ['a1?revision=1', 'a1?revision=2']) {
    const [id, query] = of.split('?')
    const { items } = await api.json<Page>('GET', `/api/v1/alerts/${id}/serials?${query}`)
    const verdicts = { in: 0, out: 0, indeterminate: 0 }
    for (const { verdict } of items) verdicts[verdict as 'in']++
    const told = await api.json<object>('GET', `/api/v1/alerts/${id}/serial-counts?${query}`)
    expect(told, of).toMatchObject({ serialCount: items.length, verdicts })
  }
  expect((await api.ask('GET', '/api/v1/alerts/none/serial-counts')).status).toBe(404)
})

it('keeps what was said before readable: as of a revision and as of a record time', async () => {
  const path = '/api/v1/alerts/a1/serials'
  const old = await api.json<Page>('GET', `${path}?revision=1`)
  expect(old.items.map(({ serial }) => serial)).toEqual(['A1', 'A2', 'A3'])
  const then = await api.json<Page>('GET', `${path}?asOf=2026-03-02T10:30:00Z`)
  expect(then).toEqual(old)
  const now = await api.json<Page>('GET', `${path}?asOf=2026-03-02T11:00:00Z`)
  expect(now.revision).toBe(2)
  const before = await api.ask('GET', `${path}?asOf=2026-03-02T09:59:59Z`)
  expect(before.status).toBe(404)
  expect((await bodyOf(before)).detail).toContain('2026-03-02T10:00:00Z')
  expect((await api.ask('GET', `${path}?revision=3`)).status).toBe(404)
  expect((await api.ask('GET', '/api/v1/alerts/none/serials')).status).toBe(404)
  const { items } = await api.json('GET', '/api/v1/alerts/a1/revisions')
  expect(items).toMatchObject([
    { revision: 1, recordTime: '2026-03-02T10:00:00Z', cause: 'test', diff: { n: 1 } },
    { revision: 2, alert: { id: 'a1', revision: 2 } },
  ])
})

it('goes on in the same revision when the set is restated between two pages', async () => {
  const epcs = ['P1', 'P2', 'P3']
  await putAlert({ id: 'paged', epcs, revision: 1, recordTime: testNow })
  const path = '/api/v1/alerts/paged/serials?limit=2'
  const first = await api.json<Page>('GET', path)
  await putAlert({ id: 'paged', epcs: ['Q1'], revision: 2, recordTime: testNow })
  const second = await api.json<Page>('GET', `${path}&cursor=${first.next}`)
  expect([...first.items, ...second.items].map(({ serial }) => serial)).toEqual(epcs)
  expect(second.next).toBeNull()
})

it('writes CSV that no spreadsheet takes for a formula', async () => {
  const headers = { Accept: 'text/csv' }
  const csv = await (await api.ask('GET', '/api/v1/alerts/a1/serials', { headers })).text()
  const [head, first] = csv.split('\r\n')
  expect(head).toBe('epc,gtin,serial,lot,from,to,minutes,peakC,verdict,unknownMinutes')
  expect(first).toBe(`${unit('A1')},${gtin},A1,'=cmd(),2026-03-01T12:00:00Z,,90.5,12.25,out,0`)
})

it('shows a unit the alerts that hold it, with its own share, and no others', async () => {
  interface UnitAnswer {
    alerts: { alert: { id: string }; unit: { minutes: number } }[]
  }
  const { db } = api.deps.ledger
  const packed = { relation: 'aggregation', parent: pallet, action: 'ADD', eventTime: 0 } as const
  for (const serial of ['A1', 'A3']) {
    const move = { ...packed, child: unit(serial), eventID: `urn:x:${serial}` }
    await insertMoves(db, 'default', [move])
    await restate(db, 'default', [unit(serial)])
  }
  const read = (serial: string) =>
    api.json<UnitAnswer>('GET', `/api/v1/units/${encodeURIComponent(unit(serial))}`)
  expect((await read('A1')).alerts).toMatchObject([
    { alert: { id: 'a1' }, unit: { minutes: 90.5 } },
  ])
  expect((await read('A3')).alerts).toEqual([])
})

it('streams 100,000 serials whole, first bytes first, in bounded memory', async () => {
  const epcs = Array.from({ length: 100_000 }, (_, i) => `S${String(i).padStart(6, '0')}`)
  await putAlert({ id: 'large', epcs, revision: 1, recordTime: testNow })
  const started = performance.now()
  const headers = { Accept: 'application/x-ndjson' }
  const answer = await api.ask('GET', '/api/v1/alerts/large/serials', { headers })
  const reader = answer.body!.getReader()
  let first = 0
  const hash = createHash('sha256')
  let count = 0
  let rest = ''
  let chunkMax = 0
  const decoder = new TextDecoder()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) break
    first ||= performance.now() - started
    chunkMax = Math.max(chunkMax, value.length)
    const lines = (rest + decoder.decode(value, { stream: true })).split('\n')
    rest = lines.pop()!
    for (const line of lines) {
      hash.update(`${JSON.parse(line).epc}\n`)
      count++
    }
  }
  const total = performance.now() - started
  console.info(`100,000 serials: first byte ${first.toFixed(0)} ms, all ${total.toFixed(0)} ms`)
  expect(count).toBe(100_000)
  expect(hash.digest('hex')).toBe(answer.headers.get('Isotherm-Serial-Set-Hash'))
  expect(chunkMax).toBeLessThan(2 * 1024 * 1024)
}, 60_000)

it('closes the alarm of a silent logger with who and why, and no excursion', async () => {
  const told = { epcs: ['C1'], revision: 1, recordTime: testNow, from: from - 2 * hour }
  await putAlert({ ...told, id: 'quiet', kind: 'silence' })
  const close = (id: string, body: unknown, token?: string) =>
    api.ask('POST', `/api/v1/alerts/${id}/close`, { body, ...(token && { token }) })
  const reason = { reason: 'sensor lost' }
  expect((await close('a1', reason)).status).toBe(409)
  expect((await close('nothing', reason)).status).toBe(404)
  for (const body of [{}, { reason: ' x ' }, { ...reason, more: 1 }])
    expect((await close('quiet', body)).status).toBe(400)
  expect((await close('quiet', reason, await api.keyWith('viewer'))).status).toBe(403)
  const taken = await close('quiet', reason, await api.keyWith('quality'))
  expect(taken.status).toBe(202)
  const [kept, ...others] = await readClosings(api.deps.ledger.db, 'default', 'd1')
  expect(others).toEqual([])
  expect(kept).toMatchObject({ container: pallet, at: testNow, alert: 'quiet', ...reason })
  expect(kept!.by).not.toBe('')
})

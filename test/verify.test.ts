import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openSqliteLedger } from '../store/ledger/ledger.ts'
import { consumerWords } from '../trace/verify/sentences.ts'
import { consumerStates } from '../trace/verify/words.ts'
import {
  type Api,
  type AskOptions,
  commission,
  documentOf,
  gtin,
  mount,
  openApi,
  pack,
  pallet,
  testNow,
  unit,
} from './api-app.ts'

let api: Api
let now = testNow
beforeAll(async () => {
  api = await openApi({ now: () => now })
})
afterAll(() => api.close())

const hourMs = 3_600_000
const common = { eventTimeZoneOffset: '+00:00' }
const capture = async (...events: object[]): Promise<void> => {
  const answer = await api.ask('POST', '/epcis/capture', { body: documentOf(...events) })
  expect(answer.status).toBe(202)
  await api.settled()
}
const object = (serial: string, more: object) => ({
  ...common,
  type: 'ObjectEvent',
  eventTime: '2026-03-01T12:00:00Z',
  action: 'OBSERVE',
  epcList: [unit(serial)],
  ...more,
})

/** Each visitor is a network of its own, unless told otherwise. */
let visitors = 0
const visit = async (
  path: string,
  { from = `2001:db8:${(++visitors).toString(16)}::1`, ...options }: Visit = {},
): Promise<Response> =>
  api.app.request(
    path,
    { method: options.method ?? 'GET', headers: options.headers ?? {} },
    { incoming: { socket: { remoteAddress: from } } },
  )
interface Visit extends Pick<AskOptions, 'headers'> {
  from?: string
  method?: string
}
const verifyPath = (serial: string, more = ''): string =>
  `/api/v1/verify/${encodeURIComponent(unit(serial) + more)}`
const verified = async (serial: string, options?: Visit): Promise<Record<string, string>> => {
  const answer = await visit(verifyPath(serial), options)
  expect(answer.status).toBe(200)
  return (await answer.json()) as Record<string, string>
}

describe('a person who scans a code', () => {
  it('is told that a commissioned unit is genuine, and that another number is not known', async () => {
    await capture(commission(['G1']))
    expect(await verified('G1')).toMatchObject({ state: 'genuine', seen: 'first' })
    expect(await verified('NOBODY')).toMatchObject({ state: 'unknown', storage: 'not-known' })
    const known = Object.keys(await verified('G1')).sort()
    expect(Object.keys(await verified('NOBODY2')).sort()).toEqual(known)
  })

  it('is told of a recall, of the end of a unit and of contradictions, the worst first', async () => {
    await capture(
      commission(['R1', 'D1', 'S1', 'C1', 'X1']),
      object('R1', { persistentDisposition: { set: ['recalled'] }, bizStep: 'inspecting' }),
      object('D1', { action: 'DELETE', bizStep: 'destroying', disposition: 'destroyed' }),
      object('S1', { bizStep: 'inspecting', disposition: 'stolen' }),
      object('C1', { action: 'DELETE', bizStep: 'destroying', eventTime: '2026-03-01T11:00:00Z' }),
      object('C1', { bizStep: 'shipping', disposition: 'in_transit' }),
      object('X1', { bizStep: 'retail_selling', disposition: 'retail_sold' }),
    )
    expect(await verified('R1')).toMatchObject({ state: 'recalled' })
    expect(await verified('D1')).toMatchObject({ state: 'withdrawn' })
    expect(await verified('S1')).toMatchObject({ state: 'withdrawn' })
    expect((await verified('C1')).state).toMatch(/withdrawn|suspicious/)
    expect(await verified('X1')).toMatchObject({ state: 'genuine' })
  })

  it('is told of an open recall, not of a drill', async () => {
    await capture(commission(['Q1'], 'LQ'))
    const begin = (drill: boolean) =>
      api.json('POST', '/api/v1/recalls', {
        body: {
          ...{ name: 'R', reason: 'test', drill },
          criteria: { version: 1, allOf: [{ field: 'lot', anyOf: ['LQ'] }] },
        },
      })
    await begin(true)
    expect(await verified('Q1')).toMatchObject({ state: 'genuine' })
    await begin(false)
    await api.settled()
    expect(await verified('Q1')).toMatchObject({ state: 'recalled' })
  })

  it('is told that a number is not known that was only seen under way', async () => {
    await capture(object('SEEN', { bizStep: 'receiving', disposition: 'in_progress' }))
    expect(await verified('SEEN')).toMatchObject({ state: 'unknown' })
  })

  it('is told when the label says another lot or expiry than the maker', async () => {
    const ilmd = { 'cbvmda:lotNumber': 'L9', 'cbvmda:itemExpirationDate': '2027-06-30' }
    await capture({ ...commission(['E1', 'E2', 'E3']), ilmd })
    const state = async (path: string) =>
      ((await (await visit(path)).json()) as { state: string }).state
    const link = (lot: string, date: string): string =>
      `/api/v1/verify/${encodeURIComponent(
        `https://id.example.com/01/${gtin}/10/${lot}/21/E1?17=${date}`,
      )}`
    expect(await state(link('L9', '270630'))).not.toBe('mismatch')
    expect(await state(link('L8', '270630'))).toBe('mismatch')
    expect(await state(link('L9', '280630'))).toBe('mismatch')
    const old = { ...ilmd, 'cbvmda:itemExpirationDate': '2026-02-28' }
    await capture({ ...commission(['E4'], 'LO'), ilmd: old })
    expect(await verified('E4')).toMatchObject({ state: 'expired' })
  })

  it('learns nothing of the journey: other journeys, the same bytes', async () => {
    const other = 'https://id.gs1.org/00/106141412345678915'
    await capture(
      commission(['J1'], 'JA', '2026-02-01T08:00:00Z'),
      commission(['J2'], 'JB', '2026-02-20T08:00:00Z'),
      { ...pack(['J1'], '2026-02-02T08:00:00Z'), parentID: other },
      object('J1', {
        bizStep: 'shipping',
        eventTime: '2026-02-03T08:00:00Z',
        readPoint: { id: 'https://id.gs1.org/414/9521234543213' },
      }),
      object('J1', { bizStep: 'receiving', eventTime: '2026-02-09T08:00:00Z' }),
    )
    for (const Accept of ['application/json', 'text/html']) {
      const [one, two] = await Promise.all(
        ['J1', 'J2'].map((serial) => visit(verifyPath(serial), { headers: { Accept } })),
      )
      expect(await one!.text()).toBe(await two!.text())
      const named = ({ headers }: Response) =>
        [...headers].filter(([name]) => name !== 'x-request-id')
      expect(named(one!)).toEqual(named(two!))
    }
  })

  it('says how it was kept only when somebody measured all the time, and no alert holds the unit', async () => {
    const put = await api.ask('PUT', `/api/v1/products/${gtin}`, {
      body: {
        name: 'Vaccine',
        profile: { ruleSet: 'pharma-2-8' },
      },
    })
    expect([200, 201, await put.text()]).toContain(put.status)
    await api.ask('POST', '/api/v1/devices', {
      body: {
        ...{ id: 'logger', giai: 'https://id.gs1.org/8004/952123400001' },
        loggingIntervalSeconds: 600,
      },
    })
    await capture(commission(['K1', 'K2', 'K3'], 'LK'), pack(['K1']), mount())
    const storage = async (serial: string) => (await verified(serial)).storage
    // A logger that is there and says nothing tells nothing (I6).
    expect(await storage('K1')).toBe('not-known')
    const read = async (first: string, count: number): Promise<void> => {
      const time = (n: number) => Date.parse(`2026-03-01T${first}:00Z`) + n * 600_000
      const body = Array.from({ length: count }, (_, n) => ({ time: time(n), temperature: 5 }))
      await api.ask('POST', '/api/v1/readings?device=logger', { body })
      await api.settled()
    }
    await read('10:04', 12)
    expect(await storage('K1')).toBe('kept')
    expect(await storage('K2')).toBe('not-known')
    await read('15:04', 3)
    expect(await storage('K1')).toBe('not-known')
    // Packed after the hole: it was with the logger for the rest only.
    await capture(pack(['K3'], '2026-03-01T15:05:00Z'))
    expect(await storage('K3')).toBe('kept')
    await read('12:04', 18)
    expect(await storage('K1')).toBe('kept')
    // The logger was silent for longer than a reading stands before it was taken off.
    await capture(mount('2026-03-01T16:30:00Z', 'DELETE'))
    expect(await storage('K1')).toBe('not-known')
  })
})

describe('the page of a scanned code', () => {
  const browser = { Accept: 'text/html', 'Accept-Language': 'de' }

  it('says whom to ask where the operator has said so, and nothing that could be markup', async () => {
    const pageWith = async (contact: string | undefined): Promise<string> => {
      const other = await openApi({ now: () => now, strangers: { ...plain, contact } })
      try {
        const path = `/api/v1/verify/${encodeURIComponent(unit('NOBODY'))}`
        const incoming = { incoming: { socket: { remoteAddress: '203.0.113.9' } } }
        return (await other.app.request(path, { headers: browser }, incoming)).text()
      } finally {
        await other.close()
      }
    }
    const plain = { tenant: 'default', proxies: [] }
    const told = await pageWith('tel:+41-44-000')
    expect(told).toContain('Fragen zu diesem Produkt: <a href="tel:+41-44-000">+41-44-000</a>')
    expect(Buffer.byteLength(told)).toBeLessThan(5000)
    expect(await pageWith('https://a.example/?a=1&b="><script>')).not.toContain('<script')
    expect(await pageWith(undefined)).not.toContain('Fragen zu diesem Produkt')
  })

  it('tells people that it is our fault when the ledger is broken, and programs as ever', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'isotherm-away-'))
    const ledger = await openSqliteLedger(folder)
    const other = await openApi({ now: () => now, ledger })
    try {
      await sql`drop table scans`.execute(ledger.db)
      const incoming = { incoming: { socket: { remoteAddress: '203.0.113.10' } } }
      const ask = (headers: Record<string, string>) =>
        other.app.request(verifyPath('G1'), { headers }, incoming)
      const page = await ask(browser)
      expect(page.status).toBe(500)
      expect(await page.text()).toContain('Über das Produkt sagt das nichts.')
      const json = await ask({})
      expect(json.headers.get('content-type')).toContain('application/problem+json')
    } finally {
      await other.close()
      await ledger.close()
      rmSync(folder, { recursive: true, force: true })
    }
  })
})

describe('scans of strangers', () => {
  it('count as seen before in other sessions only, and as suspicious when they are many', async () => {
    await capture(commission(['N1']))
    const from = '198.51.100.7'
    expect(await verified('N1', { from })).toMatchObject({ state: 'genuine', seen: 'first' })
    expect(await verified('N1', { from })).toMatchObject({ state: 'genuine', seen: 'first' })
    expect(await verified('N1')).toMatchObject({ state: 'seen-before', seen: 'before' })
    for (let i = 0; i < 10; i++) await verified('N1')
    expect(await verified('N1')).toMatchObject({ state: 'suspicious', seen: 'often' })
  })

  it('are another session the day after, and nobody can tell whose they were', async () => {
    await capture(commission(['N2']))
    const from = '198.51.100.8'
    await verified('N2', { from })
    now += 24 * hourMs
    expect(await verified('N2', { from })).toMatchObject({ seen: 'before' })
    const { items } = await api.json('GET', `/api/v1/scans?epc=${encodeURIComponent(unit('N2'))}`)
    expect(items).toHaveLength(2)
    expect(JSON.stringify(items)).not.toContain('198.51')
  })

  it('of a number before any event named it count when one does', async () => {
    await verified('EARLY')
    await capture(commission(['EARLY']))
    expect(await verified('EARLY')).toMatchObject({ state: 'seen-before' })
  })
})

describe('the page', () => {
  const page = (path: string) => visit(path, { headers: { Accept: 'text/html,*/*;q=0.8' } })

  it('works without script, repeats nothing of what was asked and allows nothing from elsewhere', async () => {
    await capture(commission(['P1']))
    const answer = await page(verifyPath('P1'))
    expect(answer.headers.get('Content-Type')).toMatch(/^text\/html/)
    expect(answer.headers.get('Cache-Control')).toBe('no-store')
    const policy = answer.headers.get('Content-Security-Policy')!
    expect(policy).toMatch(/^default-src 'none'; style-src 'sha256-[^']+'; base-uri 'none'/)
    const text = await answer.text()
    expect(text).toContain('<html lang="en"')
    expect(text).not.toMatch(/<script|src=|href=|P1|09521234543213/)
  })

  it('speaks the language of the browser, or the one that was chosen on it', async () => {
    await capture(commission(['LANG1']))
    // Browsers of other languages are other sessions.
    const titleIn = async (accept: string, query = '') => {
      const headers = { Accept: 'text/html', 'Accept-Language': accept }
      const answer = await visit(`${verifyPath('LANG1')}${query}`, { headers })
      const text = await answer.text()
      expect(text.length).toBeLessThan(50_000)
      return [/lang="(..)"/.exec(text)![1], /<h1>(.*?)<\/h1>/.exec(text)![1]]
    }
    expect(await titleIn('ja, de-AT;q=0.8, fr;q=0.5')).toEqual(['de', 'Bekanntes Produkt'])
    expect(await titleIn('de', '?language=es')).toEqual(['es', 'Producto conocido, ya escaneado'])
    expect(await titleIn('ja', '?language=%22%3E%3Cb')).toEqual([
      'en',
      'Known product, scanned before',
    ])
    const french = await visit(verifyPath('LANG1'), { headers: { 'Accept-Language': 'fr' } })
    expect(await french.json()).toMatchObject({ title: 'Produit connu, déjà scanné' })
    const wrong = { Accept: 'text/html', 'Accept-Language': 'de' }
    expect(await (await visit('/api/v1/verify/x', { headers: wrong })).text()).toContain(
      'nicht lesbar',
    )
  })

  it('shows no part of a serial with markup in it, known or not', async () => {
    const nasty = encodeURIComponent('"<b>\'')
    const answer = await page(`/api/v1/verify/${encodeURIComponent(unit(nasty))}`)
    expect(await answer.text()).not.toMatch(/<b>|%3Cb/)
    const wrong = await page('/api/v1/verify/%3Cscript%3Ealert(1)%3C%2Fscript%3E')
    expect(wrong.status).toBe(400)
    expect(await wrong.text()).not.toContain('<script')
    const json = await visit('/api/v1/verify/%3Cscript%3Ealert(1)%3C%2Fscript%3E')
    expect(json.status).toBe(400)
    expect(json.headers.get('Content-Type')).toBe('application/problem+json')
  })

  it('says for keys without a serial what is wanted', async () => {
    const answer = await visit(`/api/v1/verify/${encodeURIComponent(pallet)}`)
    expect(answer.status).toBe(400)
    expect((await visit(`/api/v1/verify/${'x'.repeat(2000)}`)).status).toBe(400)
  })
})

describe('guessing', () => {
  it('is slowed after some numbers that nobody gave; those who ask about real ones go on', async () => {
    await capture(commission(['GUESS']))
    const from = '203.0.113.1'
    let answer = await visit(verifyPath('A0'), { from })
    for (let i = 1; answer.status === 200 && i < 100; i++)
      answer = await visit(verifyPath(`A${i}`), { from })
    expect(answer.status).toBe(429)
    const page = await visit(verifyPath('A0'), { from, headers: { Accept: 'text/html' } })
    expect([page.status, Number(page.headers.get('Retry-After')) > 0]).toEqual([429, true])
    expect(await page.text()).toContain('Too many requests')
    expect(Number(answer.headers.get('Retry-After'))).toBeGreaterThan(0)
    expect((await visit(verifyPath('GUESS'), { from: '203.0.113.2' })).status).toBe(200)
    now += hourMs
    expect((await visit(verifyPath('A7'), { from })).status).toBe(200)
  })

  it('does not get around it by addresses of the same IPv6 network or a made-up proxy', async () => {
    let last = 200
    for (let i = 0; last === 200 && i < 100; i++) {
      const headers = { 'X-Forwarded-For': `192.0.2.${i}` }
      last = (await visit(verifyPath(`B${i}`), { from: `2001:db8:ffff:1::${i}`, headers })).status
    }
    expect(last).toBe(429)
  })
})

it('has words for every state, of their own in each language', () => {
  expect(new Set(consumerStates).size).toBe(consumerStates.length)
  const titles = Object.values(consumerWords).flatMap(({ states }) =>
    consumerStates.map((state) => states[state].title),
  )
  expect(new Set(titles).size).toBe(4 * consumerStates.length)
})

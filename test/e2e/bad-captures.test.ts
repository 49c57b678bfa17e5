// Captures that are wrong, hostile or too much, as strangers send them over HTTP: each gets an
// answer that says what is wrong and where, nothing of it is taken, and the server goes on.
import { randomUUID } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import { startServer, type TestServer } from './server.ts'
import * as story from './story.ts'

let server: TestServer
beforeAll(async () => {
  server = await startServer()
})

interface Problem {
  type: string
  status: number
  errors: { code: string; path: string; detail: string; at?: number; length?: number }[]
}
const json = { 'Content-Type': 'application/ld+json' }
const xml = { 'Content-Type': 'application/xml' }

const post = (body: unknown, headers: Record<string, string> = json) =>
  server.ask('POST', '/epcis/capture', { body, headers })
async function refusedFor(body: unknown, headers: Record<string, string> = json): Promise<Problem> {
  const answer = await post(body, headers)
  expect(answer.headers.get('content-type')).toBe('application/problem+json')
  const problem = (await answer.json()) as Problem
  expect(problem.status).toBe(answer.status)
  return problem
}

const event = (more: object) => ({
  ...story.commissioned('07:00', [story.vial(1, 'A')]),
  ...more,
})
const xmlDocument = (events: string, before = '') =>
  `<?xml version="1.0"?>${before}<e:EPCISDocument xmlns:e="urn:epcglobal:epcis:xsd:2" ` +
  'xmlns:x="u:x" schemaVersion="2.0" creationDate="2026-03-01T12:00:00Z"><EPCISBody><EventList>' +
  `${events}</EventList></EPCISBody></e:EPCISDocument>`
const xmlEvent = (inner: string) =>
  '<ObjectEvent><eventTime>2026-03-01T12:00:00Z</eventTime>' +
  '<eventTimeZoneOffset>+00:00</eventTimeZoneOffset><epcList><epc>urn:epc:id:sscc:9521234.0000000001' +
  `</epc></epcList><action>OBSERVE</action>${inner}</ObjectEvent>`

describe('identifiers with a mistake in them', () => {
  const path = '/epcisBody/eventList/0/epcList/0'
  it.each<[what: string, epc: string, detail: RegExp, marked: string]>([
    ['a wrong check digit', 'https://id.gs1.org/01/09521234543214/21/A1', /would be 3/, '4'],
    [
      'two digits swapped',
      'https://id.gs1.org/01/09251234543213/21/A1',
      /two digits are swapped: 09521234543213/,
      '3',
    ],
    [
      'a wrong check digit of an SSCC',
      'https://id.gs1.org/00/106141412345678909',
      /would be 8/,
      '9',
    ],
    ['a GTIN of a wrong length', 'https://id.gs1.org/01/0952123454321/21/A1', /./, ''],
    ['capitals where none belong', 'urn:epc:id:SGTIN:9521234.054321.A1', /./, ''],
    ['a prefix of a wrong length', 'urn:epc:id:sgtin:95212.054321.A1', /./, ''],
    ['a character that no serial has', 'https://id.gs1.org/01/09521234543213/21/A%7C1', /./, ''],
    ['a slash at its end', 'https://id.gs1.org/01/09521234543213/21/A1/', /slash/, '/'],
  ])('%s', async (_, epc, detail, marked) => {
    const { status, type, errors } = await refusedFor(story.documentOf([event({ epcList: [epc] })]))
    expect([status, type]).toEqual([400, 'epcisException:ValidationException'])
    expect(errors).toMatchObject([{ code: 'epcis/epc-invalid', path }])
    expect(errors[0]!.detail).toMatch(detail)
    const { at = 0, length = 0 } = errors[0]!
    if (marked) expect(epc.slice(at, at + length)).toBe(marked)
  })

  it('what a scanner left in them is no URI', async () => {
    const noise = [']d20109521234543213', ']c10109521234543213', '(01)09521234543213(21)A1', 'a1']
    for (const text of noise) {
      const { status, errors } = await refusedFor(story.documentOf([event({ epcList: [text] })]))
      expect([text, status, errors.map((one) => one.path)]).toEqual([text, 400, [path]])
    }
    for (const [text, marked] of [
      [']c10109521234543213', ']c1'],
      ['(01)09521234543213\r', '\r'],
      ['\u00020109521234543213', '\u0002'],
    ] as const) {
      const answer = await server.ask('GET', `/api/v1/gs1?text=${encodeURIComponent(text)}`)
      const { errors } = (await answer.json()) as Problem
      const { at = 0, length = 0 } = errors[0]!
      expect([answer.status, text.slice(at, at + length)]).toEqual([400, marked])
    }
  })
})

describe('what would exhaust a server', () => {
  it('a capture of 100 MB without a length is refused long before its end', async () => {
    const piece = new Uint8Array(1 << 20).fill(0x20)
    let sent = 0
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent++
        if (sent > 100) controller.close()
        else controller.enqueue(piece)
      },
    })
    const headers = { ...json, Authorization: `Bearer ${server.token}` }
    const request = { method: 'POST', headers, body, duplex: 'half' } as RequestInit
    // The answer may come while the rest is still being sent: then the connection is dropped.
    const answer = await fetch(new URL('/epcis/capture', server.url), request).catch(
      () => undefined,
    )
    if (answer) expect(answer.status).toBe(413)
    expect(sent).toBeLessThan(100)
  })

  it('one that says so is refused with the limit', async () => {
    const answer = await post(`{"x":"${'x'.repeat(17 << 20)}"}`)
    expect(answer.status).toBe(413)
    expect(answer.headers.get('gs1-epcis-capture-file-size-limit')).toBe('16777216')
    const { type } = (await answer.json()) as Problem
    expect(type).toBe('epcisException:CaptureLimitExceededException')
  })

  it('more events than are taken at once', async () => {
    const one = JSON.stringify(event({}))
    const body = JSON.stringify(story.documentOf([])).replace(
      '[]',
      `[${`${one},`.repeat(20_000)}${one}]`,
    )
    const answer = await post(body)
    expect(answer.status).toBe(413)
    expect(answer.headers.get('gs1-epcis-capture-limit')).toBe('20000')
  })

  it.each<[what: string, body: () => string, headers: Record<string, string>]>([
    ['a million levels of arrays', () => '['.repeat(1_000_000), json],
    ['and closed', () => '['.repeat(1_000_000) + ']'.repeat(1_000_000), json],
    [
      '400,000 levels within an event',
      () => `{"type":"ObjectEvent","ex:a":${'{"a":'.repeat(400_000)}1${'}'.repeat(400_000)}}`,
      json,
    ],
    [
      'a million elements within another',
      () => xmlDocument(xmlEvent('<x:a>'.repeat(1_000_000) + '</x:a>'.repeat(1_000_000))),
      xml,
    ],
    ['and never closed', () => xmlDocument('<x:a>'.repeat(1_000_000)), xml],
    [
      'a million attributes',
      () => `<x:a ${Array.from({ length: 300_000 }, (_, i) => `a${i}=""`).join(' ')}/>`,
      xml,
    ],
    [
      'a billion laughs',
      () => {
        const levels = Array.from(
          { length: 9 },
          (_, i) => `<!ENTITY l${i + 1} "${`&l${i};`.repeat(10)}">`,
        )
        const dtd = `<!DOCTYPE l [<!ENTITY l0 "ha">${levels.join('')}]>`
        return xmlDocument(xmlEvent('<x:a>&l9;</x:a>'), dtd)
      },
      xml,
    ],
    [
      'a file of the server',
      () =>
        xmlDocument(
          xmlEvent('<x:a>&f;</x:a>'),
          '<!DOCTYPE f [<!ENTITY f SYSTEM "file:///etc/passwd">]>',
        ),
      xml,
    ],
    [
      'a DTD from elsewhere',
      () => xmlDocument(xmlEvent(''), '<!DOCTYPE f SYSTEM "http://127.0.0.1:9/evil.dtd">'),
      xml,
    ],
    ['an entity of nobody', () => xmlDocument(xmlEvent('<x:a>&nobody;</x:a>')), xml],
    ['bytes that are no UTF-8', () => xmlDocument(xmlEvent('<x:a>\ud800</x:a>')).slice(0, -9), xml],
    ['a NUL', () => xmlDocument(xmlEvent('<x:a>\0</x:a>')), xml],
    ['two roots', () => `${xmlDocument('')}<a/>`, xml],
  ])('%s', async (_, body, headers) => {
    const { status, errors } = await refusedFor(body(), headers)
    expect(status).toBe(400)
    expect(errors[0]!.code).toMatch(/^epcis\/(json|xml|schema|field-invalid|field-unexpected)$/)
    expect(JSON.stringify(errors)).not.toMatch(/root:|haha/)
    expect(JSON.stringify(errors).length).toBeLessThan(100_000)
  })
})

describe('an eventID that was there before', () => {
  const eventID = `urn:uuid:${randomUUID()}`
  const first = () => event({ eventID, epcList: [story.vial(5, 'A')] })
  const other = () => event({ eventID, epcList: [story.vial(5, 'B')] })

  it('with the same content, in any spelling, changes nothing', async () => {
    expect(await story.capture(server, [first()])).toMatchObject({ success: true, errors: [] })
    const link = event({ eventID, epcList: [story.vialLink(5, 'A')] })
    for (const again of [first(), link])
      expect(await story.capture(server, [again])).toMatchObject({ success: true, errors: [] })
  })

  it('with another content is a conflict, and the first stands', async () => {
    const job = await story.capture(server, [other()])
    expect(job).toMatchObject({
      success: false,
      errors: [{ code: 'epcis/event-id-conflict', path: expect.any(String) }],
    })
    const one = await server.ask('POST', '/epcis/events', { body: other(), headers: json })
    expect(one.status).toBe(409)
    const problem = (await one.json()) as Problem
    expect(problem.type).toBe('epcisException:ResourceAlreadyExistsException')
    expect(problem.errors[0]!.detail).toContain(eventID)
    const kept = await server.ask('GET', `/epcis/events/${encodeURIComponent(eventID)}`)
    expect(await kept.text()).toContain(story.vial(5, 'A'))
    const unknown = await server.ask(
      'GET',
      `/api/v1/units/${encodeURIComponent(story.vial(5, 'B'))}`,
    )
    expect(unknown.status).toBe(404)
  })

  it('twice in one document with two contents is a conflict as well', async () => {
    const id = `urn:uuid:${randomUUID()}`
    const job = await story.capture(server, [
      event({ eventID: id, epcList: [story.vial(6, 'A')] }),
      event({ eventID: id, epcList: [story.vial(6, 'B')] }),
    ])
    expect(job).toMatchObject({ success: false, errors: [{ code: 'epcis/event-id-conflict' }] })
  })
})

describe('names and serial numbers that are markup', () => {
  const markup = '<img src=x onerror=alert(1)>'
  /** Of the 82 characters that a serial number may have. */
  const serial = '<b>&"%'
  const link = `https://id.gs1.org/01/${story.gtin}/21/${encodeURIComponent(serial)}`

  it('leave as text in every form', async () => {
    await server.api('PUT', `/api/v1/products/${story.gtin}`, {
      name: markup,
      profile: {
        rangeC: { min: 2, max: 8 },
        rules: [{ id: 'heat', kind: 'single', above: 8, forMinutes: 30, severity: 'major' }],
        loggingIntervalSeconds: 300,
      },
    })
    const captured = await story.capture(server, [
      {
        '@context': { ex: 'https://ex.example/' },
        ...event({ epcList: [link], 'ex:note': markup }),
      },
    ])
    expect(captured).toMatchObject({ success: true, errors: [] })
    const about = `EQ_ex:note=${encodeURIComponent(markup)}`
    const events = await server.ask('GET', `/epcis/events?${about}`, {
      headers: { Accept: 'application/xml', 'GS1-Extensions': 'ex=https://ex.example/' },
    })
    const text = await events.text()
    expect(text).toContain('&lt;img src=x onerror=alert(1)&gt;')
    expect(text).not.toContain('<img')
    const path = encodeURIComponent(link)
    const svg = await server.ask('GET', `/api/v1/labels/${path}?symbol=qr`)
    const drawing = await svg.text()
    expect([svg.status, drawing.startsWith('<svg')]).toEqual([200, true])
    expect(drawing).not.toContain('<b>')
    const page = await server.ask('GET', `/api/v1/verify/${path}`, {
      headers: { Accept: 'text/html' },
      token: '',
    })
    const html = await page.text()
    expect(html).toMatch(/^<!doctype html>/)
    expect(html).not.toMatch(/<img|<b>|onerror|<script/)
    expect(page.headers.get('content-security-policy')).toMatch(/default-src 'none'/)
  })

  it('and in what is said of a fault', async () => {
    const bad = `https://id.gs1.org/01/09521234543214/21/${encodeURIComponent(markup)}`
    const page = await server.ask('GET', `/api/v1/verify/${encodeURIComponent(bad)}`, {
      headers: { Accept: 'text/html' },
      token: '',
    })
    expect(page.status).toBe(400)
    expect(await page.text()).not.toMatch(/<img|onerror/)
    const answer = await refusedFor(story.documentOf([event({ bizStep: markup })]))
    expect(answer.errors).toMatchObject([{ code: 'epcis/vocabulary' }])
  })
})

it('leaves the server ready and without a word of complaint', async () => {
  expect((await server.ask('GET', '/readyz')).status).toBe(200)
  const lines = server.output().trim().split('\n')
  const logged = lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line))
  expect(logged.filter(({ level, msg }) => level >= 40 && !/slow/.test(msg))).toEqual([])
})

import { request } from 'node:http'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { listenHttp } from '../api/listen.ts'
import { bounds } from '../config.ts'
import { readMasterData } from '../store/ledger/master.ts'
import {
  type Api,
  adminToken,
  bodyOf,
  commission,
  documentOf,
  type Json,
  mount,
  openApi,
  pack,
  pallet,
  unit,
} from './api-app.ts'

let api: Api
beforeAll(async () => {
  api = await openApi()
})
afterAll(() => api.close())

interface Job {
  captureID: string
  running: boolean
  success: boolean
  finishedAt: string | null
  errors: { code: string }[]
}

interface Found {
  type: string
  epcisBody: {
    queryResults: { resultsBody: { eventList: { eventID: string; parentID?: string }[] } }
  }
}

it('keeps a document, says where its job is, and shows the job finished when it is applied', async () => {
  const body = documentOf(commission(['A1', 'A2']), pack(['A1', 'A2']), mount())
  const answer = await api.ask('POST', '/epcis/capture', { body })
  expect(answer.status).toBe(202)
  const job = await bodyOf<Job>(answer)
  expect(answer.headers.get('Location')).toBe(`/epcis/capture/${job.captureID}`)
  await api.settled()
  const done = await api.json<Job>('GET', `/epcis/capture/${job.captureID}`)
  expect(done).toMatchObject({ running: false, success: true, errors: [] })
  expect(done.finishedAt).not.toBeNull()
  expect((await api.ask('GET', '/epcis/capture/nobody')).status).toBe(404)
})

it('takes JSON-LD and gzip, and refuses other types and too many bytes', async () => {
  const text = JSON.stringify(documentOf(commission(['B1'])))
  const headers = { 'Content-Type': 'application/ld+json', 'Content-Encoding': 'gzip' }
  const zipped = await api.ask('POST', '/epcis/capture', { body: gzipSync(text), headers })
  expect(zipped.status).toBe(202)
  const pdf = { 'Content-Type': 'application/pdf' }
  const refused = await api.ask('POST', '/epcis/capture', { body: '%PDF', headers: pdf })
  expect(refused.status).toBe(415)
  expect(await bodyOf(refused)).toMatchObject({
    type: 'epcisException:UnsupportedMediaTypeException',
  })
  const large = ' '.repeat(bounds.captureBytesMax + 1)
  const tooLarge = await api.ask('POST', '/epcis/capture', { body: large })
  expect(tooLarge.status).toBe(413)
  expect(await bodyOf(tooLarge)).toMatchObject({
    type: 'epcisException:CaptureLimitExceededException',
  })
  const limit = tooLarge.headers.get('GS1-EPCIS-Capture-File-Size-Limit')
  expect(limit).toBe(String(bounds.captureBytesMax))
  const many = documentOf(...Array(bounds.captureEventsMax + 1).fill({}))
  const tooMany = await api.ask('POST', '/epcis/capture', { body: many })
  expect(tooMany.status).toBe(413)
  expect(tooMany.headers.get('GS1-EPCIS-Capture-Limit')).toBe(String(bounds.captureEventsMax))
})

it('refuses 100 MB by the limit it states, without reading them', async () => {
  const http = await listenHttp(api.app, { host: '127.0.0.1', port: 0 })
  const piece = Buffer.alloc(1024 * 1024, ' ')
  let sent = 0
  const { status, text } = await new Promise<{ status: number; text: string }>(
    (resolve, reject) => {
      const headers = { 'Content-Type': 'application/xml', Authorization: `Bearer ${adminToken}` }
      const to = {
        host: '127.0.0.1',
        port: http.port,
        path: '/epcis/capture',
        method: 'POST',
        headers,
      }
      const asking = request(to, async (answer) => {
        answered = true
        let text = ''
        for await (const part of answer) text += String(part)
        resolve({ status: answer.statusCode!, text })
      })
      let answered = false
      asking.on('error', (error) => (answered ? undefined : reject(error)))
      const more = (): void => {
        while (sent < 100 && !answered) {
          sent++
          if (!asking.write(piece)) {
            asking.once('drain', more)
            return
          }
        }
        asking.end()
      }
      more()
    },
  )
  await http.close()
  expect(status).toBe(413)
  expect(JSON.parse(text)).toMatchObject({ type: 'epcisException:CaptureLimitExceededException' })
  expect(sent).toBeLessThan(100)
})

const epcisXml = (events: string): string =>
  '<epcis:EPCISDocument xmlns:epcis="urn:epcglobal:epcis:xsd:1" schemaVersion="1.2" ' +
  'creationDate="2026-03-01T00:00:00Z"><EPCISHeader><extension><EPCISMasterData><VocabularyList>' +
  '<Vocabulary type="urn:epcglobal:epcis:vtype:BusinessLocation"><VocabularyElementList>' +
  '<VocabularyElement id="urn:epc:id:sgln:0614141.00777.0">' +
  '<attribute id="urn:epcglobal:cbv:mda#name">Kühlhaus</attribute>' +
  '</VocabularyElement></VocabularyElementList></Vocabulary></VocabularyList></EPCISMasterData>' +
  `</extension></EPCISHeader><EPCISBody><EventList>${events}</EventList></EPCISBody>` +
  '</epcis:EPCISDocument>'
const receive = (serial: string, action = 'OBSERVE'): string =>
  '<ObjectEvent><eventTime>2026-03-01T11:00:00Z</eventTime>' +
  '<eventTimeZoneOffset>+00:00</eventTimeZoneOffset><baseExtension>' +
  `<eventID>urn:x:${serial}</eventID></baseExtension><epcList><epc>${unit(serial)}</epc></epcList>` +
  `<action>${action}</action><bizStep>urn:epcglobal:cbv:bizstep:receiving</bizStep></ObjectEvent>`

it('takes XML 1.2 as well, in any encoding, with its master data; the same event is one event', async () => {
  for (const [charset, body] of [
    ['utf-8', Buffer.from(epcisXml(receive('X1')))],
    ['iso-8859-1', Buffer.from(epcisXml(receive('X1')), 'latin1')],
  ] as const) {
    const headers = { 'Content-Type': `text/xml; charset=${charset}` }
    const job = await api.json<Job>('POST', '/epcis/capture', { body, headers })
    await api.settled()
    const done = await api.json('GET', `/epcis/capture/${job.captureID}`)
    expect(done).toMatchObject({ running: false, success: true, events: 1, errors: [] })
  }
  expect(await api.json('GET', '/epcis/events/urn%3Ax%3AX1')).toMatchObject({
    epcisBody: {
      queryResults: {
        resultsBody: { eventList: [{ bizStep: 'receiving', epcList: [unit('X1')] }] },
      },
    },
  })
  const place = {
    type: 'urn:epcglobal:epcis:vtype:BusinessLocation',
    id: 'https://id.gs1.org/414/0614141007776',
  }
  const known = await readMasterData(api.deps.ledger.db, 'default', place)
  expect(known).toMatchObject({
    version: 1,
    attributes: { 'urn:epcglobal:cbv:mda#name': 'Kühlhaus' },
  })
  // The same event in JSON.
  const event = {
    ...commission(['X1']),
    eventID: 'urn:x:X1',
    eventTime: '2026-03-01T11:00:00Z',
    action: 'OBSERVE',
    bizStep: 'receiving',
    ilmd: undefined,
  }
  expect((await api.ask('POST', '/epcis/events', { body: event })).status).toBe(201)
})

it('with "proceed" takes what is right and tells what is not; with "rollback" all or none', async () => {
  const body = documentOf(
    { ...commission(['P1']), eventID: 'urn:x:p1' },
    { ...commission(['P2']), eventTime: 'yesterday' },
    { ...commission(['P3']), eventID: 'urn:x:p3' },
  )
  const headers = { 'GS1-Capture-Error-Behaviour': 'proceed' }
  const job = await api.json<Job>('POST', '/epcis/capture', { body, headers })
  await api.settled()
  expect(await api.json('GET', `/epcis/capture/${job.captureID}`)).toMatchObject({
    captureErrorBehaviour: 'proceed',
    running: false,
    success: false,
    events: 2,
    errors: [
      { type: 'epcisException:ValidationException', path: '/epcisBody/eventList/1/eventTime' },
    ],
  })
  const has = async (id: string) =>
    (await api.ask('GET', `/epcis/events/${encodeURIComponent(id)}`)).status
  expect([await has('urn:x:p1'), await has('urn:x:p3')]).toEqual([200, 200])
  expect((await api.ask('POST', '/epcis/capture', { body })).status).toBe(400)
  // An eventID that is taken is seen when the document is applied.
  const clash = documentOf(
    { ...commission(['P4']), eventID: 'urn:x:p4' },
    { ...commission(['P5']), eventID: 'urn:x:p1' },
  )
  const rolled = await api.json<Job>('POST', '/epcis/capture', { body: clash })
  await api.settled()
  expect(await api.json('GET', `/epcis/capture/${rolled.captureID}`)).toMatchObject({
    success: false,
    captureErrorBehaviour: 'rollback',
    events: 0,
    errors: [{ code: 'epcis/event-id-conflict' }],
  })
  expect(await has('urn:x:p4')).toBe(404)
  await api.json<Job>('POST', '/epcis/capture', { body: clash, headers })
  await api.settled()
  expect(await has('urn:x:p4')).toBe(200)
  const wrong = { 'GS1-Capture-Error-Behaviour': 'hope' }
  expect((await api.ask('POST', '/epcis/capture', { body, headers: wrong })).status).toBe(400)
})

it('keeps an eventID that is the hash of another event, and warns', async () => {
  const eventID = `ni:///sha-256;${'ab'.repeat(32)}?ver=CBV2.0`
  const body = documentOf({ ...commission(['H1']), eventID })
  const job = await api.json<Job>('POST', '/epcis/capture', { body })
  await api.settled()
  expect(await api.json('GET', `/epcis/capture/${job.captureID}`)).toMatchObject({
    success: true,
    errors: [{ code: 'epcis/event-hash', warning: true, path: '/epcisBody/eventList/0/eventID' }],
  })
})

it('lists its jobs in pages, the newest first, tells one as XML, and says what it can', async () => {
  const first = await api.ask('GET', '/epcis/capture?perPage=2')
  const page = await bodyOf<Job[]>(first)
  expect(page).toHaveLength(2)
  const next = /<(.*)>; rel="next"/.exec(first.headers.get('Link')!)![1]!
  const ids = new Set(page.map(({ captureID }) => captureID))
  for (const { captureID } of await api.json<Job[]>('GET', next))
    expect(ids).not.toContain(captureID)
  const path = `/epcis/capture/${page[0]!.captureID}`
  const xml = await api.ask('GET', path, { headers: { Accept: 'application/xml' } })
  const { success, captureID } = page[0]!
  expect(await xml.text()).toContain(
    `running="false" success="${success}" captureID="${captureID}"`,
  )
  expect((await api.ask('GET', path, { headers: { Accept: 'image/png' } })).status).toBe(406)
  const options = await api.ask('OPTIONS', '/epcis/capture')
  expect(options.status).toBe(204)
  expect(options.headers.get('GS1-Capture-Error-Behaviour')).toBe('all')
  expect(options.headers.get('GS1-EPCIS-Capture-Limit')).toBe(String(bounds.captureEventsMax))
  const unread = { 'GS1-EPCIS-Version': '3.0.0' }
  const refused = await api.ask('POST', '/epcis/capture', { body: documentOf(), headers: unread })
  expect(refused.status).toBe(406)
})

it('refuses a document whole and lists the JSON pointer of every fault', async () => {
  const { end } = api.log
  const body = documentOf(
    { ...commission(['C1']), eventTime: 'yesterday' },
    { ...pack(['C1']), parentID: undefined },
    { ...pack(['C1']), action: 'PUT', childEPCs: ['https://id.gs1.org/01/09521234543214/21/C1'] },
    { type: 'PartyEvent' },
  )
  const answer = await api.ask('POST', '/epcis/capture', { body })
  expect(answer.status).toBe(400)
  expect(answer.headers.get('Content-Type')).toBe('application/problem+json')
  const problem = await bodyOf<Json & { type: string }>(answer)
  expect(problem.type).toBe('epcisException:ValidationException')
  const paths = problem.errors.map(({ path }) => path)
  expect(paths).toEqual(
    expect.arrayContaining([
      '/epcisBody/eventList/0/eventTime',
      '/epcisBody/eventList/1',
      '/epcisBody/eventList/2/action',
      '/epcisBody/eventList/2/childEPCs/0',
    ]),
  )
  expect(paths.some((path) => path.startsWith('/epcisBody/eventList/3'))).toBe(true)
  expect(api.log.end).toBe(end)
})

it('says where a document stops being JSON', async () => {
  const answer = await api.json('POST', '/epcis/capture', { body: '{"type": NaN}' })
  expect(answer.errors).toMatchObject([{ code: 'epcis/json', at: 9 }])
})

it('applies a single event before it answers, and gives it back under its eventID', async () => {
  const eventID = 'urn:uuid:11111111-2222-4333-8444-555555555555'
  const event = { ...commission(['D1'], 'L9'), eventID, '@context': documentOf()['@context'] }
  const answer = await api.ask('POST', '/epcis/events', { body: event })
  expect(answer.status).toBe(201)
  const location = answer.headers.get('Location')!
  expect(location).toBe(`/epcis/events/${encodeURIComponent(eventID)}`)
  const found = await api.json<Found>('GET', location)
  const [back] = found.epcisBody.queryResults.resultsBody.eventList
  expect(back).toMatchObject({ eventID, type: 'ObjectEvent', epcList: [unit('D1')] })
  expect(back).toHaveProperty('recordTime', '2026-03-02T12:00:00Z')
  const path = `/api/v1/units/${encodeURIComponent(unit('D1'))}`
  expect(await api.json('GET', path)).toMatchObject({ lot: 'L9' })
  const other = { ...event, bizStep: 'shipping' }
  expect((await api.ask('POST', '/epcis/events', { body: other })).status).toBe(409)
  const two = documentOf(commission(['E1']), commission(['E2']))
  expect((await api.ask('POST', '/epcis/events', { body: two })).status).toBe(400)
})

it('pages through all events in capture order, by Link header', async () => {
  const seen: string[] = []
  let path: string | undefined = '/epcis/events?perPage=2'
  while (path) {
    const answer: Response = await api.ask('GET', path)
    const document = await bodyOf<Found>(answer)
    expect(document.type).toBe('EPCISQueryDocument')
    const { eventList } = document.epcisBody.queryResults.resultsBody
    seen.push(...eventList.map((event) => event.eventID))
    path = /^<(.+)>; rel="next"$/.exec(answer.headers.get('Link') ?? '')?.[1]
  }
  expect(seen).toHaveLength(10)
  expect(new Set(seen).size).toBe(10)
  const packed = await api.json<Found>('GET', '/epcis/events?eventType=AggregationEvent')
  const { eventList } = packed.epcisBody.queryResults.resultsBody
  expect(eventList.map(({ parentID }) => parentID)).toEqual([pallet])
  expect((await api.ask('GET', '/epcis/events/urn%3Auuid%3Anobody')).status).toBe(404)
})

import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { bounds } from '../config.ts'
import {
  type Api,
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
  const xml = { 'Content-Type': 'application/xml' }
  const refused = await api.ask('POST', '/epcis/capture', { body: '<x/>', headers: xml })
  expect(refused.status).toBe(415)
  expect(await bodyOf(refused)).toMatchObject({
    type: 'epcisException:UnsupportedMediaTypeException',
  })
  const large = ' '.repeat(bounds.captureBytesMax + 1)
  expect((await api.ask('POST', '/epcis/capture', { body: large })).status).toBe(413)
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
  expect(seen).toHaveLength(5)
  expect(new Set(seen).size).toBe(5)
  const packed = await api.json<Found>('GET', '/epcis/events?eventType=AggregationEvent')
  const { eventList } = packed.epcisBody.queryResults.resultsBody
  expect(eventList.map(({ parentID }) => parentID)).toEqual([pallet])
  expect((await api.ask('GET', '/epcis/events/urn%3Auuid%3Anobody')).status).toBe(404)
})

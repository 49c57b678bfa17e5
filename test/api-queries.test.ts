import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hashToken, insertKey } from '../store/ledger/registry.ts'
import { type Api, bodyOf, type Json, openApi, pallet, unit } from './api-app.ts'

const context = 'https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld'
const extension = { ext: 'https://ext.example.com/ns/' }
const giai = 'urn:epc:id:giai:4000001.111'
const site = 'https://id.gs1.org/414/9521234543213'
const encoded = encodeURIComponent

interface Found {
  type: string
  epcisBody: {
    queryResults: { queryName: string; resultsBody: { eventList: Record<string, unknown>[] } }
  }
}
type Event = Record<string, unknown>

const event = (n: number, change: Event): Event => ({
  type: 'ObjectEvent',
  eventID: `urn:x:q:${n}`,
  eventTime: new Date(Date.UTC(2026, 2, 1, n)).toISOString(),
  eventTimeZoneOffset: '+00:00',
  action: 'OBSERVE',
  epcList: [unit(`Q${n}`)],
  ...change,
})
const inline = {
  deviceID: giai,
  deviceMetadata: 'https://example.com/device',
  rawData: 'https://example.com/raw',
  dataProcessingMethod: 'https://example.com/253/4012345000054987',
  time: '2026-03-01T01:00:00Z',
}
const sensors = (sensorReport: Event, sensorMetadata?: Event, own: Event = {}) => ({
  sensorElementList: [
    { ...(sensorMetadata && { sensorMetadata }), sensorReport: [sensorReport], ...own },
  ],
})
const full = {
  type: 'Temperature',
  uom: 'CEL',
  value: 8,
  minValue: 2,
  maxValue: 9,
  meanValue: 5,
  sDev: 0.5,
  percRank: 90,
  percValue: 8.5,
  stringValue: 'warm',
  booleanValue: true,
  hexBinaryValue: 'F0',
  uriValue: 'https://example.com/value',
  microorganism: 'https://www.ncbi.nlm.nih.gov/taxonomy/1126011',
  chemicalSubstance: 'https://identifiers.org/inchikey:CZMRCDWAGMRECN-UGDNZRGBSA-N',
  'ext:grade': '7',
}
const period = {
  startTime: '2026-03-01T00:00:00Z',
  endTime: '2026-03-01T02:00:00Z',
  bizRules: 'https://example.com/rules',
  'ext:probe': '2',
}
/** Set 1 of TCR-53: numbers 0 to 2; set 2: 3 and 4. */
const events = [
  event(0, sensors(full, { ...period, ...inline }, { 'ext:wall': '3' })),
  event(1, sensors({ type: 'RelativeHumidity', value: 60, uom: 'P1', time: inline.time })),
  event(2, { bizStep: 'shipping', 'ext:rank': 2, 'ext:box': { 'ext:size': '5' } }),
  event(3, sensors({ type: 'Temperature' }, { ...inline, deviceID: 'urn:x:d:3' })),
  event(4, sensors({ type: 'Temperature', ...inline, deviceID: 'urn:x:d:4' })),
  event(5, {
    type: 'AggregationEvent',
    action: 'ADD',
    parentID: 'urn:epc:id:sscc:0614141.1234567890',
    childEPCs: ['urn:epc:id:sgtin:9521234.054321.Q2', unit('Q5')],
    epcList: undefined,
    bizStep: 'packing',
    disposition: 'in_progress',
    readPoint: { id: 'urn:epc:id:sgln:9521234.54321.0' },
    bizLocation: { id: site },
    'ext:rank': 10,
  }),
  event(6, { bizStep: 'https://ext.example.com/ns/step', 'ext:rank': 'text' }),
]

let api: Api
beforeAll(async () => {
  api = await openApi()
  const document = {
    '@context': [context, extension],
    type: 'EPCISDocument',
    schemaVersion: '2.0',
    creationDate: '2026-03-01T00:00:00Z',
    epcisBody: { eventList: events },
  }
  const answer = await api.ask('POST', '/epcis/capture', { body: document })
  expect(await answer.text()).toContain('captureID')
  await api.settled()
})
afterAll(() => api.close())

const headers = { 'GS1-Extensions': 'e=https://ext.example.com/ns/' }
const listIn = (document: Found): Event[] => document.epcisBody.queryResults.resultsBody.eventList
const numbersIn = (document: Found): number[] =>
  listIn(document).map(({ eventID }) => Number(String(eventID).split(':').at(-1)))
const find = async (query: string, path = '/epcis/events'): Promise<number[]> => {
  const answer = await api.ask('GET', `${path}?${query}`, { headers })
  const body = await bodyOf<Found & Json>(answer)
  if (answer.status !== 200) throw new Error(JSON.stringify(body))
  return numbersIn(body)
}
const refused = async (path: string, options: Record<string, unknown> = {}) => {
  const answer = await api.ask('GET', path, options)
  const { type } = await bodyOf<Json & { type: string }>(answer)
  return [answer.status, type]
}

describe('TCR-53, sensor elements', () => {
  it('steps 1 and 2: everything that was captured is there, with all sensor attributes', async () => {
    const query = 'GE_recordTime=2026-03-02T11:59:00Z'
    const found = await api.json<Found>('GET', `/epcis/events?${query}`)
    expect(numbersIn(found)).toEqual([0, 1, 2, 3, 4, 5, 6])
    expect(listIn(found)[0]).toMatchObject(events[0]!)
    const { epcList: _, ...aggregation } = events[5]!
    expect(listIn(found)[5]).toMatchObject(aggregation)
  })

  it('step 3: EXISTS_sensorElement leaves out the events without one', async () => {
    expect(await find('EXISTS_sensorElement')).toEqual([0, 1, 3, 4])
    expect(await find('EXISTS_sensorElementList=true')).toEqual([0, 1, 3, 4])
  })

  it('steps 4 and 5: times, start and end', async () => {
    const hour = 'GE_time=2026-03-01T01:00:00Z&LT_time=2026-03-01T01:00:01Z'
    expect(await find(hour)).toEqual([0, 1, 3, 4])
    expect(await find('LT_time=2026-03-01T01:00:00Z')).toEqual([])
    expect(await find('GE_startTime=2026-03-01T00:00:00Z&LT_endTime=2026-03-01T02:01:00Z')).toEqual(
      [0],
    )
    expect(await find('LT_startTime=2026-03-01T00:00:00Z')).toEqual([])
  })

  it.each([
    [6, 'EQ_type=gs1:Temperature', [0, 3, 4]],
    [7, `EQ_deviceID=${giai}`, [0]],
    [8, `EQ_dataProcessingMethod=${inline.dataProcessingMethod}`, [0, 3, 4]],
    [9, `EQ_microorganism=${full.microorganism}`, [0]],
    [10, `EQ_chemicalSubstance=${full.chemicalSubstance}`, [0]],
    [11, `EQ_bizRules=${period.bizRules}`, [0]],
    [12, 'EQ_value_CEL=8&GE_value_CEL=8&LT_value_CEL=8.1', [0]],
    [13, 'GE_minValue_CEL=2&LT_minValue_CEL=3', [0]],
    [14, 'GE_maxValue_CEL=9&LT_maxValue_CEL=9', []],
    [15, 'GE_meanValue_KEL=278.15&LT_meanValue_KEL=278.16', [0]],
    [16, 'EQ_stringValue=cold|warm', [0]],
    [17, 'EQ_booleanValue=true', [0]],
    [18, 'EQ_hexBinaryValue=f0', [0]],
    [19, `EQ_uriValue=${full.uriValue}`, [0]],
    [20, 'EQ_SENSORELEMENT_e:wall=3&LT_SENSORELEMENT_e:wall=4', [0]],
    [21, 'GT_SENSORMETADATA_e:probe=1&LE_SENSORMETADATA_e:probe=2', [0]],
    [22, 'GE_SENSORREPORT_e:grade=7&EQ_SENSORREPORT_e:grade=8', []],
    [23, 'GE_sDev_KEL=0.5&LT_sDev_CEL=0.51', [0]],
    [24, 'GE_percRank=90&LT_percRank=91', [0]],
    [25, 'GE_percValue_FAH=47.3&LT_percValue_FAH=47.4', [0]],
  ])('step %d: %s', async (_, query, expected) => {
    expect(await find(query)).toEqual(expected)
  })

  it('step 26: a temperature in °C is found by a query in kelvin', async () => {
    expect(await find('EQ_type=gs1:Temperature&GE_value_KEL=281.15')).toEqual([0])
    expect(await find('EQ_type=gs1:Temperature&GT_value_KEL=281.15')).toEqual([])
    expect(await find('EQ_type=gs1:Temperature&GE_value_KEL=200')).toEqual([0])
  })

  it('steps 27 and 28: attributes of the metadata and of the report are found alike', async () => {
    for (const name of ['deviceMetadata', 'rawData', 'dataProcessingMethod', 'time'] as const)
      expect(await find(`EQ_${name}=${encoded(inline[name])}`)).toEqual(
        name === 'time' ? [0, 1, 3, 4] : [0, 3, 4],
      )
    expect(await find('EQ_deviceID=urn:x:d:3|urn:x:d:4')).toEqual([3, 4])
  })
})

describe('TCR-54, association events', () => {
  it('step 2: one whose parent is a place is captured and found by that place', async () => {
    const mount = event(90, {
      type: 'AssociationEvent',
      action: 'ADD',
      parentID: 'urn:epc:id:sgln:9521234.54321.room-9',
      childEPCs: [giai],
      epcList: undefined,
    })
    const other = await openApi()
    const answer = await other.ask('POST', '/epcis/events', { body: mount })
    expect(answer.status).toBe(201)
    const path = `/epcis/events?MATCH_parentID=${encoded(`${site}/254/room-9`)}`
    expect(numbersIn(await other.json<Found>('GET', path))).toEqual([90])
    await other.close()
  })
})

describe('pages', () => {
  const walk = async (path: string): Promise<number[]> => {
    const seen: number[] = []
    for (let next: string | undefined = path; next; ) {
      const answer: Response = await api.ask('GET', next, { headers })
      seen.push(...numbersIn(await bodyOf<Found>(answer)))
      next = /^<(.+)>; rel="next"$/.exec(answer.headers.get('Link') ?? '')?.[1]
      if (next) {
        const expires = answer.headers.get('GS1-Next-Page-Token-Expires')
        expect(Date.parse(expires!)).toBeGreaterThan(Date.UTC(2026, 2, 2, 12))
      }
    }
    return seen
  }

  it('follow the order asked for, and end', async () => {
    const order = 'orderBy=eventTime&perPage=2'
    expect(await walk(`/epcis/events?${order}`)).toEqual([6, 5, 4, 3, 2, 1, 0])
    expect(await walk(`/epcis/events?${order}&orderDirection=ASC`)).toEqual([0, 1, 2, 3, 4, 5, 6])
    expect(await walk(`/epcis/events?orderBy=recordTime&perPage=3`)).toEqual([6, 5, 4, 3, 2, 1, 0])
    expect(await walk('/epcis/events?EXISTS_sensorElementList&perPage=1')).toEqual([0, 1, 3, 4])
    expect(await walk('/epcis/events?perPage=7')).toHaveLength(7)
  })

  it('sort by an extension field: numbers, then texts, then events without it', async () => {
    const query = '/epcis/events?orderBy=e:rank&perPage=2&orderDirection'
    const ascending = await walk(`${query}=ASC`)
    expect(ascending.slice(0, 3)).toEqual([2, 5, 6])
    expect(ascending).toHaveLength(7)
    expect((await walk(`${query}=DESC`)).slice(0, 3)).toEqual([5, 2, 6])
  })

  it('end where eventCountLimit says, over all pages together', async () => {
    const query = '/epcis/events?orderBy=eventTime&eventCountLimit=3&perPage'
    expect(await walk(`${query}=2`)).toEqual([6, 5, 4])
    expect(await walk(`${query}=3`)).toEqual([6, 5, 4])
    expect(await walk(`${query}=9`)).toEqual([6, 5, 4])
  })

  it('are refused when maxEventCount is exceeded', async () => {
    const tooLarge = [413, 'epcisException:QueryTooLargeException']
    expect(await refused('/epcis/events?maxEventCount=6')).toEqual(tooLarge)
    expect(await walk('/epcis/events?maxEventCount=7&perPage=3')).toHaveLength(7)
    expect(await refused('/epcis/events?EQ_bizStep=shipping&maxEventCount=0')).toEqual(tooLarge)
  })

  it('take no token of another query, and none that is none', async () => {
    const answer = await api.ask('GET', '/epcis/events?perPage=2')
    const token = /nextPageToken=([^&>]+)/.exec(answer.headers.get('Link')!)![1]
    const wrong = [400, 'epcisException:QueryParameterException']
    const other = `/epcis/events?EQ_bizStep=shipping&nextPageToken=${token}`
    expect(await refused(other)).toEqual(wrong)
    const begun = `/epcis/events?nextPageToken=${token}`
    expect((await api.ask('GET', begun)).status).toBe(200)
    for (const bad of ['x', 'W10', 'eyJhIjoxfQ', 'bnVsbA'])
      expect((await api.ask('GET', `/epcis/events?nextPageToken=${bad}`)).status).toBe(400)
    for (const perPage of ['0', '-1', 'x', '1.5', ''])
      expect((await api.ask('GET', `/epcis/events?perPage=${perPage}`)).status).toBe(400)
    expect((await api.ask('GET', '/epcis/events?perPage=99999')).status).toBe(200)
    expect((await api.ask('DELETE', `/epcis/nextPageToken/${token}`)).status).toBe(204)
  })
})

describe('what is refused', () => {
  it.each([
    'EQ_nothing=1',
    'GE_eventTime=yesterday',
    'EQ_action=SHIPPED',
    'eventCountLimit=1',
    'orderBy=eventTime&eventCountLimit=1&maxEventCount=2',
    'orderBy=eventTime&orderDirection=SIDEWAYS',
    'MATCH_epc=https://id.gs1.org/01/09521234543214/21/A1',
    'GE_value_CELSIUS=1',
  ])('%s is a QueryParameterException', async (query) => {
    const answer = await refused(`/epcis/events?${query}`)
    expect(answer).toEqual([400, 'epcisException:QueryParameterException'])
  })

  it('a query of thousands of values is too complex', async () => {
    const many = Array.from({ length: 2500 }, (_, n) => `a:${n}`).join('|')
    const answer = await refused(`/epcis/events?EQ_eventID=${many}`)
    expect(answer).toEqual([413, 'epcisException:QueryTooComplexException'])
  })

  it('a header that the binding does not have, and what cannot be written', async () => {
    const wrong = { 'GS1-EPC-Format': 'Sometimes' }
    expect((await refused('/epcis/events', { headers: wrong }))[0]).toBe(400)
    const later = { 'GS1-EPCIS-Min': '2.1.0' }
    expect(await refused('/epcis/events', { headers: later })).toEqual([
      406,
      'epcisException:NotAcceptableException',
    ])
    expect((await refused('/epcis/events', { headers: { Accept: 'image/png' } }))[0]).toBe(406)
    const extensions = { 'GS1-Extensions': 'nonsense' }
    expect((await refused('/epcis/events', { headers: extensions }))[0]).toBe(400)
  })
})

describe('forms', () => {
  const first = async (accept: Record<string, string>): Promise<Event> => {
    const found = await api.json<Found>('GET', '/epcis/events/urn:x:q:5', { headers: accept })
    return listIn(found)[0]!
  }

  it('give an event as it came, or its identifiers in the syntax asked for', async () => {
    const urn = 'urn:epc:id:sscc:0614141.1234567890'
    expect((await first({})).parentID).toBe(urn)
    expect((await first({ 'GS1-EPC-Format': 'Never_Translates' })).parentID).toBe(urn)
    const links = await first({ 'GS1-EPC-Format': 'Always_GS1_Digital_Link' })
    expect(links).toMatchObject({
      parentID: pallet,
      childEPCs: [unit('Q2'), unit('Q5')],
      readPoint: { id: site },
    })
    const urns = await first({ 'GS1-EPC-Format': 'Always_EPC_URN' })
    // Nobody knows the company prefix of the link: it is not guessed.
    expect(urns).toMatchObject({
      parentID: urn,
      childEPCs: ['urn:epc:id:sgtin:9521234.054321.Q2', unit('Q5')],
    })
  })

  it('give JSON-LD and XML, and name what extensions mean', async () => {
    const json = await api.ask('GET', '/epcis/events', {
      headers: { Accept: 'application/ld+json' },
    })
    expect(json.headers.get('Content-Type')).toBe('application/ld+json')
    expect(json.headers.get('GS1-EPCIS-Version')).toBe('2.0.0')
    expect(json.headers.get('GS1-CBV-Version')).toBe('2.0.0')
    expect(await bodyOf(json)).toMatchObject({ '@context': [context, extension] })
    const wanted = { Accept: 'text/html, application/xml;q=0.9, */*;q=0.1' }
    const xml = await api.ask('GET', '/epcis/events?EQ_bizStep=packing', { headers: wanted })
    expect(xml.headers.get('Content-Type')).toBe('application/xml; charset=utf-8')
    const text = await xml.text()
    expect(text).toContain('<queryName>SimpleEventQuery</queryName>')
    expect(text).toContain('urn:epcglobal:cbv:bizstep:packing')
    const web = { ...wanted, 'GS1-CBV-XML-Format': 'Always_Web_URI' }
    const other = await api.ask('GET', '/epcis/events?EQ_bizStep=packing', { headers: web })
    expect(await other.text()).toContain('https://ref.gs1.org/cbv/BizStep-packing')
  })

  it('give EPCIS 1.2 to who knows no other, in XML only', async () => {
    const old = { Accept: 'application/xml', 'GS1-EPCIS-Max': '1.2.0' }
    const query = '/epcis/events?EQ_eventID=urn:x:q:2'
    // A Digital Link that 1.2 does not know, of a company prefix that nobody knows.
    expect((await api.ask('GET', query, { headers: old })).status).toBe(406)
    const json = { Accept: 'application/json', 'GS1-EPCIS-Max': '1.2.0' }
    expect((await api.ask('GET', query, { headers: json })).status).toBe(406)
  })
})

describe('top-level resources', () => {
  const members = async (path: string): Promise<string[]> =>
    (await api.json<Json & { member: string[] }>('GET', path)).member

  it('are listed, each with what captured events name', async () => {
    for (const root of ['/epcis', '/epcis/'])
      expect(await members(root)).toEqual(expect.arrayContaining(['events', 'queries', 'epcs']))
    expect(await members('/epcis/eventTypes')).toHaveLength(5)
    expect(await members('/epcis/bizSteps')).toEqual([
      'https://ext.example.com/ns/step',
      'packing',
      'shipping',
    ])
    expect(await members('/epcis/dispositions')).toEqual(['in_progress'])
    expect(await members('/epcis/readPoints')).toEqual([site])
    expect(await members('/epcis/bizLocations')).toEqual([site])
    expect(await members('/epcis/epcs')).toEqual(expect.arrayContaining([pallet, unit('Q2')]))
  })

  it('are paged', async () => {
    const seen: string[] = []
    for (let next: string | undefined = '/epcis/epcs?perPage=3'; next; ) {
      const answer: Response = await api.ask('GET', next)
      seen.push(...(await bodyOf<Json & { member: string[] }>(answer)).member)
      next = /^<(.+)>; rel="next"$/.exec(answer.headers.get('Link') ?? '')?.[1]
    }
    expect(new Set(seen).size).toBe(seen.length)
    expect(seen).toHaveLength((await members('/epcis/epcs')).length)
  })

  it('lead to their events, an EPC in any syntax', async () => {
    expect(await members(`/epcis/epcs/${encoded(unit('Q2'))}`)).toEqual(['events'])
    for (const name of [
      encoded(unit('Q2')),
      'urn:epc:id:sgtin:9521234.054321.Q2',
      encoded('https://brand.example.com/01/09521234543213/21/Q2?17=271231'),
      encoded('https://brand.example.com/01/9521234543213/21/Q2'),
    ])
      expect(await find('orderBy=eventTime', `/epcis/epcs/${name}/events`)).toEqual([5, 2])
    const gtin = encoded('https://id.gs1.org/01/09521234543213')
    expect(await find('EQ_bizStep=packing|shipping', `/epcis/epcs/${gtin}/events`)).toEqual([2, 5])
    expect(await find('', `/epcis/epcs/${encoded(pallet)}/events`)).toEqual([5])
    expect(await find('', '/epcis/bizSteps/packing/events')).toEqual([5])
    expect(await find('', `/epcis/bizSteps/${encoded('cbv:BizStep-packing')}/events`)).toEqual([5])
    expect(await find('', '/epcis/dispositions/in_progress/events')).toEqual([5])
    expect(await find('', `/epcis/readPoints/urn:epc:id:sgln:9521234.54321.0/events`)).toEqual([5])
    expect(await find('', `/epcis/bizLocations/${encoded(site)}/events`)).toEqual([5])
    expect(await find('EQ_action=ADD', '/epcis/eventTypes/AggregationEvent/events')).toEqual([5])
    expect(await find('EQ_action=DELETE', '/epcis/eventTypes/AggregationEvent/events')).toEqual([])
  })

  it.each([
    `/epcis/epcs/${encoded(unit('nobody'))}`,
    `/epcis/epcs/${encoded('https://id.gs1.org/01/09521234543220')}/events`,
    '/epcis/bizSteps/transforming',
    '/epcis/bizSteps/receiving/events',
    '/epcis/dispositions/active',
    '/epcis/readPoints/urn:x:nowhere/events',
    '/epcis/eventTypes/QuantityEvent',
  ])('%s: nothing is there', async (path) => {
    expect(await refused(path)).toEqual([404, 'epcisException:NoSuchResourceException'])
  })

  it('say by OPTIONS what is spoken, and by HEAD what GET would', async () => {
    for (const path of ['/epcis', '/epcis/events', '/epcis/epcs', '/epcis/bizSteps/x/events']) {
      const answer = await api.ask('OPTIONS', path)
      expect(answer.status).toBe(204)
      expect(Object.fromEntries(answer.headers)).toMatchObject({
        'gs1-epcis-version': '2.0.0',
        'gs1-epcis-min': '1.0.0',
        'gs1-epcis-max': '2.0.0',
        'gs1-cbv-version': '2.0.0',
        'gs1-epc-format': 'No_Preference',
        'gs1-cbv-xml-format': 'No_Preference',
      })
      expect(answer.headers.get('Allow')).toMatch(/^OPTIONS, GET, HEAD/)
    }
    const head = await api.ask('HEAD', '/epcis/events?perPage=2')
    expect(head.status).toBe(200)
    expect(head.headers.get('Link')).toContain('nextPageToken')
    expect(await head.text()).toBe('')
  })
})

describe('named queries', () => {
  const query = { eventType: ['ObjectEvent'], EQ_bizStep: ['shipping'] }

  it('are made, listed, read, run live and removed', async () => {
    const made = await api.ask('POST', '/epcis/queries', { body: { name: 'my query', query } })
    expect(made.status).toBe(201)
    const path = made.headers.get('Location')!
    expect(path).toBe('/epcis/queries/my%20query')
    expect(await api.json('GET', path)).toEqual({ name: 'my query', query })
    const all = await api.json<unknown>('GET', '/epcis/queries')
    expect(all).toEqual([{ name: 'my query', query }])
    const found = await api.json<Found>('GET', `${path}/events`)
    expect(found.epcisBody.queryResults.queryName).toBe('my query')
    expect(numbersIn(found)).toEqual([2])
    const again = await api.ask('POST', '/epcis/queries', { body: { name: 'my query', query } })
    expect(again.status).toBe(409)
    expect((await bodyOf<Json & { type: string }>(again)).type).toBe(
      'epcisException:ResourceAlreadyExistsException',
    )
    expect((await api.ask('DELETE', path)).status).toBe(204)
    for (const gone of [path, `${path}/events`])
      expect(await refused(gone)).toEqual([404, 'epcisException:NoSuchNameException'])
    expect((await api.ask('DELETE', path)).status).toBe(404)
  })

  it('keep their prefixes, their order and their pages', async () => {
    const ordered = { 'EXISTS_e:rank': null, orderBy: 'e:rank', orderDirection: 'ASC' }
    const body = { name: 'ranked', query: ordered }
    expect((await api.ask('POST', '/epcis/queries', { body, headers })).status).toBe(201)
    expect(await find('perPage=9', '/epcis/queries/ranked/events')).toEqual([2, 5, 6])
    const page = await api.ask('GET', '/epcis/queries/ranked/events?perPage=2')
    const next = /^<(.+)>; rel="next"$/.exec(page.headers.get('Link')!)![1]!
    expect(numbersIn(await api.json<Found>('GET', next))).toEqual([6])
    const more = await refused('/epcis/queries/ranked/events?EQ_action=ADD')
    expect(more).toEqual([400, 'epcisException:QueryParameterException'])
  })

  it('are refused when they cannot be understood', async () => {
    const make = async (body: unknown) => {
      const answer = await api.ask('POST', '/epcis/queries', { body })
      const { type, errors } = await bodyOf<Json & { type: string }>(answer)
      return [answer.status, type, errors.map(({ path }) => path)]
    }
    const name = 'wrong'
    const wrong = 'epcisException:QueryParameterException'
    expect(await make({ name, query: { EQ_nothing: 1, GE_eventTime: 'x' } })).toEqual([
      400,
      wrong,
      ['/query/EQ_nothing', '/query/GE_eventTime'],
    ])
    for (const body of [{ name }, { query }, { name: '', query }, { name, query: [] }, []])
      expect((await make(body))[0]).toBe(400)
    expect((await make({ name: 'SimpleEventQuery', query }))[0]).toBe(409)
  })

  it('belong to their tenant, like everything else', async () => {
    const { db } = api.deps.ledger
    const key = { id: 'k-others', tenant: 'others', name: 'k', roles: ['admin'], createdAt: 1 }
    const token = 'token-of-others'
    await insertKey(db, key, hashToken(token))
    const body = { name: 'theirs', query }
    expect((await api.ask('POST', '/epcis/queries', { body, token })).status).toBe(201)
    expect((await api.ask('GET', '/epcis/queries/theirs')).status).toBe(404)
    const found = await api.json<Found>('GET', '/epcis/queries/theirs/events', { token })
    expect(listIn(found)).toEqual([])
    for (const path of ['bizSteps', 'epcs', 'readPoints'])
      expect(await api.json('GET', `/epcis/${path}`, { token })).toMatchObject({ member: [] })
    const epc = `/epcis/epcs/${encoded(unit('Q2'))}`
    expect((await api.ask('GET', epc, { token })).status).toBe(404)
    expect((await api.ask('GET', '/epcis/events/urn:x:q:2', { token })).status).toBe(404)
  })
})

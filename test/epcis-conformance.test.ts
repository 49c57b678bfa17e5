// The steps of GS1's EPCIS 2.0 conformance requirements TCR-53 (sensor elements) and TCR-54
// (association events) that concern capture, over the API. Those that ask questions are in
// test/api-events.test.ts.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Api, bodyOf, commission, documentOf, giai, mount, openApi, unit } from './api-app.ts'

type Json = Record<string, unknown>

let api: Api
beforeAll(async () => {
  api = await openApi()
})
afterAll(() => api.close())

const element = {
  sensorMetadata: {
    time: '2026-03-01T07:50:00.000Z',
    startTime: '2026-03-01T07:00:00.000Z',
    endTime: '2026-03-01T07:50:00.000Z',
    deviceID: 'urn:epc:id:giai:4000001.111',
    deviceMetadata: 'https://id.gs1.org/8004/4000001111',
    rawData: 'https://raw.example/1',
    dataProcessingMethod: 'https://method.example/1',
    bizRules: 'https://rules.example/1',
    'ex:more': 'metadata',
  },
  sensorReport: [
    {
      type: 'Temperature',
      value: 4.5,
      component: 'x',
      stringValue: 's',
      booleanValue: true,
      hexBinaryValue: 'f0f0',
      uriValue: 'https://value.example/1',
      minValue: 4,
      maxValue: 5,
      meanValue: 4.4,
      sDev: 0.1,
      percRank: 50,
      percValue: 4.3,
      uom: 'CEL',
      microorganism: 'https://www.ncbi.nlm.nih.gov/taxonomy/1126011',
      chemicalSubstance: 'https://identifiers.org/inchikey:CZMRCDWAGMRECN-UGDNZRGBSA-N',
      coordinateReferenceSystem: 'https://crs.example/1',
      exception: 'ALARM_CONDITION',
      'ex:more': 'report',
    },
  ],
  'ex:more': 'element',
}
const inline = {
  time: '2026-03-01T07:30:00.000Z',
  deviceID: 'urn:epc:id:giai:4000001.222',
  deviceMetadata: 'https://meta.example/2',
  rawData: 'https://raw.example/2',
  dataProcessingMethod: 'https://method.example/2',
}
const report = { type: 'Temperature', value: 5, uom: 'CEL' }
const prefixes = { '@context': { ex: 'https://ns.maker.example/' } }
const sensed = (eventID: string, ...sensorElementList: Json[]): Json => ({
  ...prefixes,
  ...commission([eventID.slice(-2)]),
  eventID,
  sensorElementList,
})

const capture = (...events: object[]) =>
  api.ask('POST', '/epcis/capture', { body: documentOf(...events) })
async function captured(eventID: string): Promise<Json> {
  await api.settled()
  const path = `/epcis/events/${encodeURIComponent(eventID)}`
  const answer = await bodyOf<Json>(await api.ask('GET', path))
  const { queryResults } = answer.epcisBody as {
    queryResults: { resultsBody: { eventList: Json[] } }
  }
  return queryResults.resultsBody.eventList[0]!
}
const codesOf = async (answer: Response): Promise<string[]> => {
  expect(answer.status).toBe(400)
  const { errors, type } = await bodyOf<{ type: string; errors: { code: string; path: string }[] }>(
    answer,
  )
  expect(type).toBe('epcisException:ValidationException')
  return errors.map(({ code, path }) => `${code} ${path}`)
}

describe('TCR-53, sensor elements', () => {
  it('TCR-53 step 1: events with every attribute and extension are captured with all of them', async () => {
    const event = sensed('urn:x:s1', element)
    const without = { ...commission(['s2']), eventID: 'urn:x:s2' }
    expect((await capture(event, without)).status).toBe(202)
    expect((await captured('urn:x:s1')).sensorElementList).toEqual([element])
    expect(await captured('urn:x:s2')).not.toHaveProperty('sensorElementList')
  })

  it('TCR-53 step 27: inline attributes are captured in the metadata, and in the report', async () => {
    const shared = { sensorMetadata: inline, sensorReport: [report] }
    const own = { sensorReport: [{ ...report, ...inline }] }
    expect((await capture(sensed('urn:x:s3', shared), sensed('urn:x:s4', own))).status).toBe(202)
    expect((await captured('urn:x:s3')).sensorElementList).toEqual([shared])
    expect((await captured('urn:x:s4')).sensorElementList).toEqual([own])
  })

  it('TCR-53 step 29: a document with an attribute in both of them is not accepted', async () => {
    const at = '/epcisBody/eventList/0/sensorElementList/0/sensorReport/0'
    for (const [name, value] of Object.entries(inline)) {
      const twice = { sensorMetadata: inline, sensorReport: [{ ...report, [name]: value }] }
      expect(await codesOf(await capture(sensed('urn:x:s5', twice)))).toEqual([
        `epcis/sensor-duplicate-attribute ${at}/${name}`,
      ])
    }
  })
})

describe('TCR-54, association events', () => {
  it('TCR-54 step 2: a parent may be a place', async () => {
    const event = { ...mount(), eventID: 'urn:x:a1', parentID: 'urn:epc:id:sgln:0614141.00777.0' }
    expect((await capture(event)).status).toBe(202)
    expect(await captured('urn:x:a1')).toMatchObject({
      parentID: event.parentID,
      childEPCs: [giai],
    })
  })

  it.each(['ADD', 'DELETE'])(
    'TCR-54 step 3: %s without a parent is not accepted',
    async (action) => {
      const { parentID: _, ...event } = mount('2026-03-01T10:00:00Z', action)
      expect(await codesOf(await capture(event))).toEqual([
        'epcis/parent-missing /epcisBody/eventList/0',
      ])
    },
  )

  it.each(['ADD', 'OBSERVE'])(
    'TCR-54 step 4: %s without children is not accepted',
    async (action) => {
      const { childEPCs: _, ...event } = mount('2026-03-01T10:00:00Z', action)
      for (const none of [event, { ...event, childEPCs: [], childQuantityList: [] }])
        expect(await codesOf(await capture(none))).toEqual([
          'epcis/field-missing /epcisBody/eventList/0',
        ])
    },
  )

  it('TCR-54 step 4: one class of children is enough', async () => {
    const { childEPCs: _, ...event } = mount()
    const childQuantityList = [{ epcClass: unit('c').replace(/\/21\/.*/, ''), quantity: 2 }]
    expect((await capture({ ...event, childQuantityList })).status).toBe(202)
  })
})

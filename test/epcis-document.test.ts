import { existsSync, globSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { bounds } from '../config.ts'
import { parseCaptureBody } from '../ingest/epcis-document.ts'

const bytes = (text: string): Uint8Array => Buffer.from(text)
const documentOf = (events: string, version = 2): string =>
  `<e:EPCISDocument xmlns:e="urn:epcglobal:epcis:xsd:${version}" xmlns:ex="u:ex:" ` +
  `schemaVersion="${version === 2 ? '2.0' : '1.2'}" creationDate="2026-03-01T12:00:00Z">` +
  `<EPCISBody><EventList>${events}</EventList></EPCISBody></e:EPCISDocument>`
const event = (more: string, time = '2026-03-01T12:00:00Z'): string =>
  `<ObjectEvent><eventTime>${time}</eventTime><eventTimeZoneOffset>+00:00</eventTimeZoneOffset>` +
  `<epcList><epc>urn:epc:id:sscc:0614141.1234567890</epc></epcList><action>ADD</action>${more}</ObjectEvent>`
const why = (text: string): string[] => {
  const parsed = parseCaptureBody(bytes(text))
  return parsed.ok ? [] : parsed.refusals.map(({ code, path }) => `${code} ${path}`.trim())
}
const rawOf = (text: string): unknown => {
  const parsed = parseCaptureBody(bytes(text))
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.refusals))
  return parsed.value.events[0]!.raw
}

describe('an event in XML', () => {
  it('is the event that JSON would say, extensions with their prefixes and types', () => {
    const more =
      '<bizStep>urn:epcglobal:cbv:bizstep:shipping</bizStep>' +
      '<readPoint><id>urn:epc:id:sgln:0614141.00777.0</id><ex:dock>4</ex:dock></readPoint>' +
      '<bizTransactionList><bizTransaction type="urn:epcglobal:cbv:btt:po"> urn:x:1 </bizTransaction>' +
      '</bizTransactionList><sensorElementList><sensorElement>' +
      '<sensorReport type="gs1:Temperature" value="4.50" uom="CEL" booleanValue="1"/>' +
      '</sensorElement></sensorElementList>' +
      '<ex:a xmlns:i="http://www.w3.org/2001/XMLSchema-instance" xmlns:s="http://www.w3.org/2001/XMLSchema">' +
      '<ex:n i:type="s:integer">2</ex:n><ex:n>2</ex:n><ex:t at="x">y</ex:t></ex:a>'
    expect(rawOf(documentOf(event(more)))).toEqual({
      '@context': { ex: 'u:ex:' },
      type: 'ObjectEvent',
      eventTime: '2026-03-01T12:00:00Z',
      eventTimeZoneOffset: '+00:00',
      epcList: ['urn:epc:id:sscc:0614141.1234567890'],
      action: 'ADD',
      bizStep: 'shipping',
      readPoint: { id: 'urn:epc:id:sgln:0614141.00777.0', 'ex:dock': '4' },
      bizTransactionList: [{ type: 'po', bizTransaction: 'urn:x:1' }],
      sensorElementList: [
        { sensorReport: [{ type: 'Temperature', value: 4.5, uom: 'CEL', booleanValue: true }] },
      ],
      'ex:a': { 'ex:n': [2, '2'], 'ex:t': { at: 'x', '#text': 'y' } },
    })
  })

  it('of EPCIS 1.x is found in its wrappers; a QuantityEvent is the ObjectEvent it became', () => {
    const quantity =
      '<QuantityEvent><eventTime>2026-03-01T12:00:00Z</eventTime>' +
      '<eventTimeZoneOffset>+00:00</eventTimeZoneOffset>' +
      '<epcClass>urn:epc:idpat:sgtin:0614141.107346.*</epcClass><quantity>7</quantity></QuantityEvent>'
    expect(rawOf(documentOf(quantity, 1))).toMatchObject({
      type: 'ObjectEvent',
      action: 'OBSERVE',
      quantityList: [{ epcClass: 'urn:epc:idpat:sgtin:0614141.107346.*', quantity: 7 }],
    })
    const wrapped = event('<extension><quantityList/><ilmd><ex:lot>L</ex:lot></ilmd></extension>')
    expect(rawOf(documentOf(`<extension>${wrapped}</extension>`, 1))).toMatchObject({
      quantityList: [],
      ilmd: { 'ex:lot': 'L' },
    })
  })

  it('is refused with the pointer it has as JSON', () => {
    const path = '/epcisBody/eventList/0'
    expect(why(documentOf(event('<action>ADD</action>')))).toEqual([
      `epcis/field-unexpected ${path}/action`,
    ])
    expect(why(documentOf(event('<madeUp/>')))).toEqual([`epcis/field-unexpected ${path}/madeUp`])
    expect(why(documentOf(event('<bizStep>curing</bizStep>')))).toEqual([
      `epcis/vocabulary ${path}/bizStep`,
    ])
    expect(why(documentOf(event('', '2026-03-01')))).toEqual([
      `epcis/time-invalid ${path}/eventTime`,
    ])
    expect(why(documentOf('<ex:PartyEvent/>'))).toEqual(['epcis/type-unsupported'])
  })

  it('starts with its eventTime, as the schema of 2.0 has it; the rest may be mixed', () => {
    const late = event('').replace(
      /(<eventTime>.*<\/eventTime>)(.*)(<action>ADD<\/action>)/,
      '$3$1$2',
    )
    expect(late).toMatch(/^<ObjectEvent><action>/)
    expect(why(documentOf(late))).toEqual([
      'epcis/field-unexpected /epcisBody/eventList/0/eventTime',
    ])
    expect(why(documentOf(late, 1))).toEqual([])
    const action = '<action>ADD</action>'
    expect(
      why(
        documentOf(
          event('<disposition>active</disposition>')
            .replace(action, '')
            .replace('</ObjectEvent>', `${action}</ObjectEvent>`),
        ),
      ),
    ).toEqual([])
  })

  it('reports an exception without a type, and types that are not listed here', () => {
    const sensed = (report: string) =>
      why(
        documentOf(
          event(
            `<readPoint><id>urn:x:1</id></readPoint><sensorElementList><sensorElement><sensorReport ${report}/></sensorElement></sensorElementList>`,
          ),
        ),
      )
    expect(sensed('exception="gs1:ALARM_CONDITION" booleanValue="true"')).toEqual([])
    expect(sensed('type="gs1:Molar_concentration" value="0.18" uom="C35"')).toEqual([])
    expect(sensed('value="1"').join()).toMatch(/field-missing .*sensorReport\/0$/)
    expect(sensed('type="Molar_concentration" value="1"').join()).toMatch(/vocabulary .*type$/)
  })

  it('with "proceed" is left out for itself alone', () => {
    const text = documentOf(event('') + event('<action>ADD</action>') + event('<ex:a/>'))
    const parsed = parseCaptureBody(bytes(text), { behaviour: 'proceed' })
    expect(parsed).toMatchObject({
      ok: true,
      value: { events: [{}, {}], refused: [{ path: '/epcisBody/eventList/1/action' }] },
    })
  })
})

describe('what is no document is refused', () => {
  it.each([
    [
      'a query',
      '<q:EPCISQueryDocument xmlns:q="urn:epcglobal:epcis-query:xsd:2"><EPCISBody><q:Poll/></EPCISBody></q:EPCISQueryDocument>',
      'epcis/schema',
    ],
    ['another root', '<html/>', 'epcis/schema'],
    [
      'another name space',
      '<EPCISDocument xmlns="urn:other"><EPCISBody/></EPCISDocument>',
      'epcis/schema',
    ],
    ['half a document', documentOf('').slice(0, -10), 'epcis/xml'],
    ['no JSON', '{"type":', 'epcis/json'],
    ['nothing', '', 'epcis/json'],
    [
      'a bomb of entities',
      `<!DOCTYPE x [<!ENTITY a "b">]>${documentOf('<ObjectEvent>&a;</ObjectEvent>')}`,
      'epcis/xml',
    ],
  ])('%s', (_, text, code) => {
    expect(why(text).map((one) => one.split(' ')[0])).toEqual([code])
  })

  it('but not for the colons of 100,000 EPCs', () => {
    const epcs = Array.from({ length: 100_000 }, (_, i) => `urn:epc:id:sgtin:0614141.107346.${i}`)
    const body = JSON.stringify({
      ...{ type: 'ObjectEvent', eventTime: '2026-03-01T12:00:00Z', eventTimeZoneOffset: '+00:00' },
      ...{ '@context': 'https://x.example/c', action: 'OBSERVE', epcList: epcs },
    })
    const parsed = parseCaptureBody(bytes(body), { identify: false })
    expect(parsed.ok && parsed.value.events).toHaveLength(1)
    const many = `[${'[],'.repeat(bounds.captureMarksMax)}[]]`
    expect(why(many)).toEqual(['epcis/too-many-events'])
  })

  it('for depth and size, in bearable time', () => {
    const began = performance.now()
    const deep = (open: string, close: string, count: number) =>
      open.repeat(count) + close.repeat(count)
    expect(why(documentOf(event(deep('<ex:a>', '</ex:a>', 1_000_000))))).toEqual(['epcis/xml'])
    expect(why(documentOf(event(deep('<ex:a>', '</ex:a>', 70)))).join()).toMatch(/field-invalid/)
    expect(why(`{"type":"ObjectEvent","ex:a":${deep('[', ']', 1_000_000)}}`).join()).toMatch(
      /epcis\//,
    )
    expect(why(documentOf(event('').repeat(bounds.captureEventsMax + 1))).join()).toMatch(
      /epcis\/(xml|too-many-events)/,
    )
    // Seconds, not minutes: no measure of speed.
    expect(performance.now() - began).toBeLessThan(30_000)
  })
})

const data = '../shared/data'
const present = existsSync(`${data}/epcis-openepcis`) && existsSync(`${data}/epcis-gs1`)
if (!present) console.warn(`skipped: ${data}/epcis-openepcis or epcis-gs1 not present`)

/** Documents that their publishers call valid, and why they are refused all the same. */
const twice = ['epcis/sensor-duplicate-attribute']
const refusedThoughValid: Record<string, string[]> = {
  // TCR-53 step 29, ADR 0006: an attribute in sensorMetadata and in its sensorReport.
  'examples-json/WithFullCombinationOfFields/aggregation_event_all_possible_fields.jsonld': twice,
  'examples-json/WithFullCombinationOfFields/object_event_all_possible_fields.jsonld': twice,
  'examples-json/WithFullCombinationOfFields/transformation_event_all_possible_fields.jsonld':
    twice,
  'examples-xml-2.0/WithFullCombinationOfFields/association_event_all_possible_fields.xml': twice,
  'examples-xml-2.0/WithFullCombinationOfFields/object_event_all_possible_fields.xml': twice,
  'examples-xml-2.0/WithFullCombinationOfFields/transformation_event_all_possible_fields.xml':
    twice,
  'examples-xml-2.0/WithEventHashID/event_with_identical_hash_id_2.xml': twice,
  'examples-xml-2.0/WithEventHashID/event_with_identical_hash_id_4.xml': twice,
  'examples-xml-2.0/WithEventHashID/event_with_identical_hash_id_6.xml': twice,
  'json-2.0/capture-documents/AssociationEvent_all_possible_fields.json': twice,
  'json-2.0/capture-documents/ObjectEvent_all_possible_fields.json': twice,
  'json-2.0/query-result-documents/JumbledFieldsOrder.json': twice,
  'xml-2.0/capture-documents/AssociationEvent_all_possible_fields.xml': twice,
  'xml-2.0/query-result-documents/JumbledFieldsOrder.xml': twice,
  'xml-1.2/capture-documents/AssociationEvent_all_possible_fields.xml': twice,
  'xml-1.2/capture-documents/TransformationEvent_all_possible_fields.xml': twice,
  // And ilmd in an event with action OBSERVE (EPCIS 2.0 §7.4.2).
  'xml-1.2/capture-documents/ObjectEvent_all_possible_fields.xml': [
    'epcis/field-unexpected',
    ...twice,
  ],
  // And a declarationTime without seconds, which xsd:dateTime does not know either.
  'xml-1.2/capture-documents/TransactionEvent_all_possible_fields.xml': [
    ...twice,
    'epcis/time-invalid',
  ],
  // A GRAI with a wrong check digit.
  'json-2.0/query-result-documents/Combination_of_different_event.json': ['epcis/epc-invalid'],
  'json-2.0/query-result-documents/queryDocument.json': ['epcis/epc-invalid'],
  'xml-2.0/query-result-documents/Combination_of_different_event.xml': ['epcis/epc-invalid'],
  'xml-2.0/query-result-documents/queryDocument.xml': ['epcis/epc-invalid'],
  'xml-1.2/capture-documents/All_eventTypes_in_single_document.xml': ['epcis/epc-invalid'],
}
/** Why each document that must be refused is. */
const refusedRightly: [name: RegExp, code: string][] = [
  [/missing_mandatory|without_action|without_eventTime|without_identifier/, 'epcis/field-missing'],
  [/non_standard/, 'epcis/vocabulary'],
  [/without_namespace|unknown_(field|element)/, 'epcis/field-unexpected'],
  [/certificationInfo|invalid_action/, 'epcis/field-invalid'],
  [/invalid_eventTime/, 'epcis/time-invalid'],
  [/missing_value|without_queryName/, 'epcis/schema'],
]

describe.skipIf(!present)('all documents there are', () => {
  const codesOf = (file: string): string[] => {
    const parsed = parseCaptureBody(readFileSync(file))
    return parsed.ok ? [] : [...new Set(parsed.refusals.map(({ code }) => code))].sort()
  }
  const files = globSync(
    `${data}/{epcis-gs1/examples-*,epcis-openepcis/{json,xml}-*}/**/*.{json,jsonld,xml}`,
  ).filter((file) => !/json-2\.0\/queries|xml-2\.0\/queries\/|CaptureJob/.test(file))
  const isInvalid = (file: string) => /invalid\//.test(file)

  it('that are valid are taken, but for those named', () => {
    const valid = files.filter((file) => !isInvalid(file))
    expect(valid).toHaveLength(106)
    for (const file of valid) {
      const name = file.replace(/^.*?epcis-(gs1|openepcis)\//, '')
      expect(codesOf(file), name).toEqual(refusedThoughValid[name]?.toSorted() ?? [])
    }
  })

  it('that must be refused are, for the reason in their name', () => {
    const invalid = files.filter(isInvalid)
    expect(invalid).toHaveLength(16)
    for (const file of invalid) {
      const code = refusedRightly.find(([name]) => name.test(file))?.[1]
      expect(codesOf(file), file).toContain(code)
    }
  })
})

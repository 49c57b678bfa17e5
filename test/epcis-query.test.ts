import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parseEpcisDocument } from '../domain/epcis/parse.ts'
import {
  masterDataNeeds,
  matches,
  parseQuery,
  type QueriedEvent,
  withMasterData,
} from '../domain/epcis/query.ts'
import { matchesEpc, parseEpcPattern, placesOf } from '../domain/epcis/query-epcs.ts'
import { canonicalEpc } from '../domain/gs1/gs1.ts'
import { compareValues, unitCodes } from '../domain/units-of-measure.ts'

const unit = (serial: string): string => `https://id.gs1.org/01/09521234543213/21/${serial}`
const sscc = 'https://id.gs1.org/00/106141412345678908'
const base = {
  type: 'ObjectEvent',
  eventID: 'urn:x:1',
  eventTime: '2026-03-01T12:00:00.000+01:00',
  eventTimeZoneOffset: '+01:00',
  action: 'OBSERVE',
  bizStep: 'shipping',
  disposition: 'in_transit',
  epcList: [unit('A1')],
}
const context = [
  'https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld',
  { ext: 'https://ext.example.com/ns/' },
]

function eventOf(change: Record<string, unknown> = {}): QueriedEvent {
  const parsed = parseEpcisDocument({ '@context': context, ...base, ...change })
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.refusals))
  return { ...parsed.value[0]!, recordTime: Date.UTC(2026, 2, 1, 11, 30) }
}

const queryOf = (query: string | Record<string, unknown>) => {
  const params = typeof query === 'string' ? new URLSearchParams(query) : query
  const parsed = parseQuery(params, { prefixes: new Map([['e', 'https://ext.example.com/ns#']]) })
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.refusals))
  return parsed.value
}
const finds = (query: string | Record<string, unknown>, change: Record<string, unknown> = {}) =>
  matches(eventOf(change), queryOf(query))
const refusedFor = (query: string | Record<string, unknown>): string[] => {
  const params = typeof query === 'string' ? new URLSearchParams(query) : query
  const parsed = parseQuery(params)
  return parsed.ok ? [] : parsed.refusals.map(({ path }) => path.split('/').at(-1)!)
}
const encoded = encodeURIComponent

describe('who, what, when, where, why', () => {
  it.each([
    ['eventType=ObjectEvent%7CAggregationEvent', true],
    ['eventType=AggregationEvent', false],
    ['GE_eventTime=2026-03-01T11:00:00Z', true],
    ['GE_eventTime=2026-03-01T12:00:00%2B01:00', true],
    ['GE_eventTime=2026-03-01T12:00:00+01:00', true],
    ['GE_eventTime=2026-03-01T11:00:00.001Z', false],
    ['LT_eventTime=2026-03-01T11:00:00Z', false],
    ['LT_eventTime=2026-03-01T11:00:00.001Z', true],
    ['GE_recordTime=2026-03-01T11:30:00Z&LT_recordTime=2026-03-01T11:31:00Z', true],
    ['LT_recordTime=2026-03-01T11:30:00Z', false],
    ['EQ_action=OBSERVE|ADD', true],
    ['EQ_action=DELETE', false],
    ['EQ_bizStep=shipping', true],
    ['EQ_bizStep=urn:epcglobal:cbv:bizstep:shipping', true],
    ['EQ_bizStep=https://ref.gs1.org/cbv/BizStep-shipping|receiving', true],
    ['EQ_bizStep=cbv:BizStep-shipping', true],
    ['EQ_bizStep=receiving', false],
    ['EQ_disposition=in_transit&EQ_bizStep=shipping', true],
    ['EQ_disposition=in_progress&EQ_bizStep=shipping', false],
    ['EQ_eventID=urn:x:1', true],
    ['EQ_eventID=urn:x:2', false],
    ['EQ_transformationID=urn:x:1', false],
    ['', true],
  ])('%s -> %s', (query, expected) => expect(finds(query)).toBe(expected))

  it('finds places in any syntax, and below a place what master data puts there', () => {
    const change = {
      readPoint: { id: 'urn:epc:id:sgln:9521234.54321.0' },
      bizLocation: { id: 'https://dl.example.com/414/9521234543213/254/room-2' },
    }
    const gln = '9521234543213'
    expect(finds(`EQ_readPoint=https://id.gs1.org/414/${gln}`, change)).toBe(true)
    expect(finds(`EQ_readPoint=https://id.gs1.org/414/${gln}/254/1`, change)).toBe(false)
    const room = 'urn:epc:id:sgln:9521234.54321.room-2'
    expect(finds(`EQ_bizLocation=${room}`, change)).toBe(true)
    const below = queryOf(`WD_bizLocation=https://id.gs1.org/414/${gln}`)
    expect(matches(eventOf(change), below)).toBe(false)
    const site = `https://id.gs1.org/414/${gln}`
    expect(masterDataNeeds(below).descendantsOf).toEqual([site])
    const descendants = new Map([[site, [`${site}/254/room-2`]]])
    const told = withMasterData(below, { descendants, elements: [] })
    expect(matches(eventOf(change), told)).toBe(true)
    expect(masterDataNeeds(told).descendantsOf).toEqual([])
  })

  it('asks master data for attributes of the places, words and classes an event names', () => {
    const change = { bizLocation: { id: 'urn:x:site:1' } }
    const has = queryOf({ HASATTR_bizLocation: ['cbvmda:latitude'] })
    const key = 'urn:epcglobal:cbv:mda#latitude'
    expect(masterDataNeeds(has).attributes).toEqual([{ attributes: [key], values: undefined }])
    const answer = (...ids: string[]) => ({ descendants: new Map(), elements: [new Set(ids)] })
    expect(matches(eventOf(change), withMasterData(has, answer('urn:x:site:1')))).toBe(true)
    expect(matches(eventOf(change), withMasterData(has, answer('urn:x:site:2')))).toBe(false)
    const name = `EQATTR_bizLocation_${encoded('urn:epcglobal:cbv:mda#countryCode')}`
    const equal = queryOf(`${name}=DE|FR`)
    const values = new Set(['DE', 'FR'])
    const asked = [{ attributes: ['urn:epcglobal:cbv:mda#countryCode'], values }]
    expect(masterDataNeeds(equal).attributes).toEqual(asked)
  })

  it('finds transactions, sources and destinations by type', () => {
    const change = {
      bizTransactionList: [{ type: 'po', bizTransaction: 'urn:epc:id:gdti:0614141.00001.1618034' }],
      sourceList: [{ type: 'owning_party', source: 'urn:epc:id:pgln:4012345.00225' }],
      destinationList: [
        { type: 'https://x.example.com/type', destination: 'urn:epc:id:pgln:0614141.00777' },
      ],
    }
    const gdti = 'urn:epc:id:gdti:0614141.00001.1618034'
    expect(finds(`EQ_bizTransaction_po=${gdti}`, change)).toBe(true)
    expect(finds(`EQ_bizTransaction_urn:epcglobal:cbv:btt:po=${gdti}`, change)).toBe(true)
    expect(finds(`EQ_bizTransaction_inv=${gdti}`, change)).toBe(false)
    expect(finds('EQ_source_owning_party=urn:epc:id:pgln:4012345.00225', change)).toBe(true)
    expect(finds('EQ_source_location=urn:epc:id:pgln:4012345.00225', change)).toBe(false)
    const party = 'urn:epc:id:pgln:0614141.00777'
    expect(finds(`EQ_destination_${encoded('https://x.example.com/type')}=${party}`, change)).toBe(
      true,
    )
  })

  it('finds persistent dispositions by what is set and unset', () => {
    const change = { persistentDisposition: { set: ['completeness_verified'] } }
    const verified = 'https://ref.gs1.org/cbv/Disp-completeness_verified'
    expect(finds(`EQ_persistentDisposition_set=${verified}`, change)).toBe(true)
    expect(finds('EQ_persistentDisposition_unset=completeness_verified', change)).toBe(false)
  })

  it('finds error declarations with their time, reason and corrections', () => {
    const errorDeclaration = {
      declarationTime: '2026-03-02T00:00:00Z',
      reason: 'incorrect_data',
      correctiveEventIDs: ['urn:x:9'],
    }
    for (const query of [
      'EXISTS_errorDeclaration=true',
      'EXISTS_errorDeclaration',
      'GE_errorDeclarationTime=2026-03-02T00:00:00Z',
      'LT_errorDeclaration_Time=2026-03-02T00:00:01Z',
      'EQ_errorReason=urn:epcglobal:cbv:er:incorrect_data',
      'EQ_correctiveEventID=urn:x:8|urn:x:9',
    ]) {
      expect(finds(query, { errorDeclaration })).toBe(true)
      expect(finds(query)).toBe(false)
    }
    expect(finds('EXISTS_errorDeclaration=false')).toBe(true)
    expect(finds({ EXISTS_errorDeclaration: null })).toBe(false)
  })
})

describe('identifiers and classes', () => {
  const grai = 'https://id.gs1.org/8003/09521234543213R1'
  const aggregation = {
    type: 'AggregationEvent',
    epcList: undefined,
    parentID: 'urn:epc:id:sscc:0614141.1234567890',
    childEPCs: [unit('A1'), grai],
    action: 'ADD',
    childQuantityList: [
      { epcClass: 'urn:epc:class:lgtin:9521234.054321.L1', quantity: 20, uom: 'KGM' },
    ],
  }
  it.each([
    [`MATCH_epc=${unit('A1')}`, true],
    ['MATCH_epc=urn:epc:id:sgtin:9521234.054321.A1', true],
    ['MATCH_epc=https://brand.example.com/gtin/9521234543213/ser/A1', true],
    [`MATCH_epc=${unit('A2')}|${unit('A1')}`, true],
    [`MATCH_epc=${unit('A')}`, false],
    ['MATCH_epc=https://id.gs1.org/01/09521234543213', true],
    ['MATCH_epc=urn:epc:idpat:sgtin:9521234.054321.*', true],
    ['MATCH_epc=urn:epc:idpat:sgtin:9521234.*.*', true],
    ['MATCH_epc=urn:epc:idpat:sgtin:*.*.*', true],
    ['MATCH_epc=urn:epc:idpat:sgtin:9521235.*.*', false],
    ['MATCH_epc=urn:epc:idpat:sgtin:952123.*.*', true],
    ['MATCH_epc=urn:epc:idpat:sgtin:9521234.[054320-054322].*', true],
    ['MATCH_epc=urn:epc:idpat:sgtin:9521234.[054322-054329].*', false],
    ['MATCH_epc=urn:epc:idpat:sgtin:9521234.054321.[1-9]', false],
    ['MATCH_epc=urn:epc:idpat:grai:9521234.54321.*', true],
    ['MATCH_epc=urn:epc:idpat:grai:9521234.*.*', true],
    ['MATCH_epc=https://id.gs1.org/8003/09521234543213', true],
    ['MATCH_epc=urn:epc:idpat:sscc:0614141.*', false],
    ['MATCH_parentID=urn:epc:idpat:sscc:0614141.*', true],
    ['MATCH_parentID=urn:epc:idpat:sscc:*.*', true],
    ['MATCH_parentID=urn:epc:idpat:sscc:0614142.*', false],
    [`MATCH_parentID=${sscc}`, true],
    [`MATCH_anyEPC=${sscc}`, true],
    [`MATCH_inputEPC=${sscc}`, false],
    ['MATCH_epcClass=urn:epc:class:lgtin:9521234.054321.L1', true],
    ['MATCH_epcClass=https://id.gs1.org/01/09521234543213/10/L1', true],
    ['MATCH_epcClass=https://id.gs1.org/01/09521234543213/10/L2', false],
    ['MATCH_epcClass=https://id.gs1.org/01/09521234543213', true],
    ['MATCH_anyEPCClass=urn:epc:idpat:lgtin:9521234.*.*', true],
    ['MATCH_inputEPCClass=https://id.gs1.org/01/09521234543213', false],
    ['MATCH_epc=https://example.com/thing/1', false],
    ['EQ_quantity=20', true],
    ['GT_quantity=20', false],
    ['GE_quantity=20&LT_quantity=21', true],
    ['EQ_quantity_GRM=20000', true],
    ['LE_quantity_LBR=44', false],
    ['GE_quantity_LBR=44', true],
    ['EQ_quantity_MTR=20', false],
  ])('%s -> %s', (query, expected) => {
    const { epcList: _, ...rest } = { ...base, ...aggregation }
    const parsed = parseEpcisDocument({ '@context': context, ...rest })
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.refusals))
    expect(matches(parsed.value[0]!, queryOf(query))).toBe(expected)
  })

  it.each([
    ['sgtin:9521234.054321.*', 'urn:epc:idpat:sgtin:9521234.054321.*', true],
    ['sgtin:9521234.*.*', 'urn:epc:idpat:sgtin:9521234.054321.*', true],
    ['sgtin:9521234.054321.[1-9]', 'urn:epc:idpat:sgtin:9521234.054321.*', false],
    ['lgtin:9521234.054321.*', 'urn:epc:idpat:sgtin:9521234.054321.*', false],
    ['grai:9521234.*.*', 'urn:epc:idpat:grai:9521234.54321.*', true],
    ['gdti:9521234.54321.*', 'urn:epc:idpat:gdti:9521234.54321.*', true],
    ['cpi:9521234.PQ7.*', 'urn:epc:idpat:cpi:9521234.PQ7.*', true],
    ['cpi:9521234.PQ7.*', 'urn:epc:id:cpi:9521234.PQ7.12', true],
    ['upui:9521234.054321.*', 'urn:epc:idpat:upui:9521234.054321.*', true],
    ['itip:9521234.054321.*.*.*', 'urn:epc:id:itip:9521234.054321.01.02.A1', true],
    ['itip:9521234.054321.01.02.*', 'urn:epc:idpat:itip:9521234.054321.01.02.*', true],
    ['itip:9521234.054321.02.02.*', 'urn:epc:id:itip:9521234.054321.01.02.A1', false],
    ['itip:9521234.054321.01.[2-3].A1', 'urn:epc:id:itip:9521234.054321.01.02.A1', true],
    ['gid:31415.*.*', 'urn:epc:id:gid:31415.271828.1414', true],
    ['gid:31415.271828.[1000-2000]', 'urn:epc:id:gid:31415.271828.1414', true],
    ['gid:31415.271829.*', 'urn:epc:id:gid:31415.271828.1414', false],
    ['usdod:CAGEY.*', 'urn:epc:id:usdod:CAGEY.5678', true],
    ['adi:35962.PQ7VZ4.*', 'urn:epc:id:adi:35962.PQ7VZ4.M37GXB92', true],
  ])('urn:epc:idpat:%s and %s: %s', (pattern, epc, expected) => {
    const read = parseEpcPattern(`urn:epc:idpat:${pattern}`)
    const canonical = canonicalEpc(epc)
    if (!read.ok || !canonical.ok) throw new Error('must be read')
    expect(matchesEpc(read.value, canonical.value)).toBe(expected)
    const { epcs, ranges } = placesOf(read.value)
    const isThere = (one: string) =>
      epcs.includes(one) || ranges.some(({ from, to }) => from <= one && one < to)
    if (expected) expect(isThere(canonical.value)).toBe(true)
  })

  it.each([
    'urn:epc:idpat:sgtin:9521234.*.A1',
    'urn:epc:idpat:sgtin:*.054321.*',
    'urn:epc:idpat:sgtin:95.*.*',
    'urn:epc:idpat:sgtin:9521234.*',
    'urn:epc:idpat:sgtin:9521234.[9-1].*',
    'urn:epc:idpat:nothing:9521234.*',
    'https://id.gs1.org/01/09521234543214/21/A1',
    'urn:epc:id:sgtin:9521234.5.A1',
    'A1',
    '(01)09521234543213',
  ])('%s is no pattern', (pattern) => {
    expect(refusedFor({ MATCH_epc: [pattern] })).toEqual(['MATCH_epc'])
  })
})

describe('extension fields', () => {
  const change = {
    'ext:float': '20',
    'ext:number': 7.5,
    'ext:time': '2026-01-01T00:00:00Z',
    'ext:flag': true,
    'ext:list': ['12', 'x', { 'ext:deep': 'inside' }],
    'ext:tree': { 'ext:branch': { 'ext:leaf': '0012' }, bare: 'b' },
    action: 'ADD',
    ilmd: { 'cbvmda:lotNumber': 'L1', 'ext:tree': { 'ext:leaf': 'ilmd leaf' } },
    readPoint: { id: 'urn:x:rp', 'ext:dock': '4' },
    errorDeclaration: { declarationTime: '2026-03-02T00:00:00Z', 'ext:who': 'me' },
  }
  it.each([
    ['EQ_e:float=20', true],
    ['EQ_e:float=20.0', false],
    ['EQ_ext:float=20', true],
    ['EQ_other:float=20', false],
    [`EQ_${encoded('https://ext.example.com/ns#float')}=20`, true],
    [`EQ_${encoded('https://ext.example.com/ns/float')}=19|20`, true],
    [`EQ_${encoded('https://else.example.com/ns/float')}=20`, false],
    ['GT_e:float=19.9&LE_e:float=20', true],
    ['LT_e:float=20', false],
    ['GE_e:number=7.5', true],
    ['EQ_e:number=7.50', true],
    ['GE_e:time=2025-12-31T23:59:59Z', true],
    ['GT_e:time=2026-01-01T00:00:00Z', false],
    ['EQ_e:time=2026-01-01T01:00:00%2B01:00', true],
    ['EQ_e:flag=true', true],
    ['EQ_e:list=x', true],
    ['EQ_e:list=inside', false],
    ['EXISTS_e:tree', true],
    ['EXISTS_e:leaf', false],
    ['EXISTS_INNER_e:leaf=true', true],
    ['EQ_INNER_e:leaf=0012', true],
    ['EQ_INNER_e:leaf=12', false],
    ['GE_INNER_e:leaf=12', true],
    ['EQ_INNER_e:leaf=ilmd leaf', false],
    ['EQ_INNER_e:deep=inside', true],
    ['EQ_INNER_%23bare=b', true],
    ['EQ_INNER_e:float=20', false],
    ['EQ_ILMD_cbvmda:lotNumber=L1', true],
    ['EQ_ILMD_urn:epcglobal:cbv:mda%23lotNumber=L1', true],
    ['EQ_ILMD_cbvmda:lotNumber=L2', false],
    ['EXISTS_ILMD_cbvmda:lotNumber', true],
    ['EXISTS_ilmd', true],
    ['EQ_INNER_ILMD_e:leaf=ilmd leaf', true],
    ['EQ_INNER_ILMD_cbvmda:lotNumber=L1', false],
    ['EQ_readPoint_e:dock=4', true],
    ['EQ_bizLocation_e:dock=4', false],
    ['EQ_ERROR_DECLARATION_e:who=me', true],
    ['EXISTS_ERROR_DECLARATION_e:who', true],
  ])('%s -> %s', (query, expected) => expect(finds(query, change)).toBe(expected))

  it('compares a number of JSON as a number, and a text of digits as a text', () => {
    expect(finds({ 'EQ_e:float': 20.0 }, change)).toBe(true)
    expect(finds({ 'EQ_e:float': [21, 20] }, change)).toBe(true)
    expect(finds({ 'EQ_INNER_e:leaf': 12 }, change)).toBe(true)
    expect(finds({ 'EQ_INNER_e:leaf': ['12'] }, change)).toBe(false)
    const declared = { '@context': [{ mine: 'https://ext.example.com/ns/' }] }
    expect(finds({ ...declared, 'EQ_mine:float': ['20'] }, change)).toBe(true)
  })
})

describe('sensor conditions', () => {
  const reading = (change: Record<string, unknown>, metadata?: Record<string, unknown>) => ({
    sensorElementList: [
      {
        ...(metadata && { sensorMetadata: metadata }),
        sensorReport: [
          { type: 'RelativeHumidity', value: 90, uom: 'P1' },
          { type: 'Temperature', value: 8, uom: 'CEL', sDev: 1.8, ...change },
        ],
      },
    ],
  })

  it('TCR-53 step 3: EXISTS_sensorElement finds events that have one', () => {
    for (const name of [
      'EXISTS_sensorElement',
      'EXISTS_sensorElementList',
      'EXISTS_sensorReport',
    ]) {
      expect(finds(name, reading({}))).toBe(true)
      expect(finds(name)).toBe(false)
    }
    expect(finds('EXISTS_sensorMetadata', reading({}))).toBe(false)
  })

  it('TCR-53 steps 4 and 5: times of observation, inclusive at the start only', () => {
    const time = '2026-03-01T10:00:00Z'
    for (const name of ['time', 'startTime', 'endTime']) {
      const change = reading({}, { [name]: time })
      expect(finds(`GE_${name}=${time}&LT_${name}=2026-03-01T10:00:01Z`, change)).toBe(true)
      expect(finds(`LT_${name}=${time}`, change)).toBe(false)
      expect(finds(`GE_${name}=2026-03-01T10:00:00.001Z`, change)).toBe(false)
      expect(finds(`EQ_${name}=2026-03-01T11:00:00%2B01:00`, change)).toBe(true)
    }
  })

  it.each([
    ['EQ_type=Temperature', true],
    ['EQ_type=gs1:Temperature|Speed', true],
    ['EQ_type=https://gs1.org/voc/Temperature', true],
    ['EQ_type=Speed', false],
    ['EQ_value_CEL=8', true],
    ['EQ_value_CEL=7|8', true],
    ['GE_value_CEL=8&LE_value_CEL=8', true],
    ['GT_value_CEL=8', false],
    ['LT_value_CEL=8', false],
    ['EQ_value_FAH=46.4', true],
    ['GE_value_FAH=46.4', true],
    ['GT_value_FAH=46.4', false],
    ['GE_value_FAH=46.5', false],
    ['LT_value_FAH=46.5', true],
    ['GE_sDev_CEL=1.8', true],
    ['EQ_sDev_KEL=1.8', true],
    ['EQ_sDev_FAH=3.24', true],
    ['EQ_type=RelativeHumidity&GE_value_CEL=0', false],
    ['EQ_type=RelativeHumidity&GE_value_P1=90', true],
    ['EQ_value_C62=0.9', true],
    ['EQ_type=Temperature&GE_value_P1=0', false],
    ['GE_value_LUX=0', false],
    ['GE_value=90', true],
  ])('TCR-53 steps 6 to 25: %s -> %s', (query, expected) => {
    expect(finds(query, reading({}))).toBe(expected)
  })

  it('TCR-53 step 26: a value in °C is found by a query in kelvin, with the offset right', () => {
    expect(finds('EQ_type=gs1:Temperature&GE_value_KEL=281.15', reading({}))).toBe(true)
    expect(finds('EQ_type=gs1:Temperature&EQ_value_KEL=281.15', reading({}))).toBe(true)
    expect(finds('EQ_type=gs1:Temperature&LE_value_KEL=281.15', reading({}))).toBe(true)
    expect(finds('EQ_type=gs1:Temperature&GT_value_KEL=281.15', reading({}))).toBe(false)
    expect(finds('EQ_type=gs1:Temperature&GE_value_KEL=282', reading({}))).toBe(false)
  })

  it.each(['minValue', 'maxValue', 'meanValue', 'percValue'])('asks for %s', (name) => {
    const change = reading({ [name]: -20 })
    expect(finds(`GE_${name}_CEL=-20&LE_${name}_KEL=253.15`, change)).toBe(true)
    expect(finds(`LT_${name}_FAH=-4`, change)).toBe(false)
    expect(finds(`GT_${name}_CEL=-21`, change)).toBe(true)
    expect(finds(`GT_${name}_CEL=-21`, reading({}))).toBe(false)
  })

  it('asks for ranks, texts, truth, bytes and addresses', () => {
    const report = {
      percRank: 50,
      stringValue: 'too warm',
      booleanValue: true,
      hexBinaryValue: 'F0f0',
      uriValue: 'https://id.gs1.org/8004/4000001111',
      microorganism: 'https://www.ncbi.nlm.nih.gov/taxonomy/1126011',
      chemicalSubstance: 'https://identifiers.org/inchikey:CZMRCDWAGMRECN-UGDNZRGBSA-N',
      coordinateReferenceSystem: 'https://gs1.org/voc/WGS84',
      component: 'x',
    }
    const holds = (query: string): boolean => finds(query, reading(report))
    expect(holds('GE_percRank=50&LT_percRank=51')).toBe(true)
    expect(holds('GT_percRank=50')).toBe(false)
    expect(holds('EQ_stringValue=too warm')).toBe(true)
    expect(holds('EQ_booleanValue=true')).toBe(true)
    expect(holds('EQ_booleanValue=false')).toBe(false)
    expect(holds('EQ_hexBinaryValue=f0F0')).toBe(true)
    expect(holds('EQ_uriValue=urn:epc:id:giai:4000001.111')).toBe(true)
    expect(holds(`EQ_microorganism=${report.microorganism}`)).toBe(true)
    expect(holds(`EQ_chemicalSubstance=${report.chemicalSubstance}`)).toBe(true)
    expect(holds(`EQ_coordinateReferenceSystem=${report.coordinateReferenceSystem}`)).toBe(true)
    expect(holds('EQ_component=x')).toBe(true)
    expect(holds('EQ_component=y')).toBe(false)
  })

  it('TCR-53 step 28: attributes count in the metadata and in the report alike', () => {
    const time = '2026-03-01T10:00:00Z'
    const inline = {
      deviceID: 'urn:epc:id:giai:4000001.111',
      deviceMetadata: 'https://example.com/device',
      rawData: 'https://example.com/raw',
      dataProcessingMethod: 'https://example.com/253/4012345000054987',
      bizRules: 'https://example.com/rules',
      time,
    }
    for (const [name, value] of Object.entries(inline)) {
      const query = `EQ_${name}=${value}`
      expect(finds(query, reading({ [name]: value }))).toBe(true)
      expect(finds(query, reading({}, { [name]: value }))).toBe(true)
      expect(finds(query, reading({}))).toBe(false)
      const metadata = `EQ_SENSORMETADATA_${name}=${value}`
      expect(finds(metadata, reading({}, { [name]: value }))).toBe(true)
      expect(finds(metadata, reading({ [name]: value }))).toBe(false)
      expect(finds(`EQ_SENSORREPORT_${name}=${value}`, reading({ [name]: value }))).toBe(true)
    }
  })

  it('TCR-53 steps 20 to 22: extensions of an element, its metadata and its reports', () => {
    const change = {
      sensorElementList: [
        {
          'ext:wall': 'north',
          'ext:box': { 'ext:size': '4' },
          sensorMetadata: { 'ext:probe': '2' },
          sensorReport: [{ type: 'Temperature', value: 1, uom: 'CEL', 'ext:grade': 'A' }],
        },
      ],
    }
    expect(finds('EQ_SENSORELEMENT_e:wall=north', change)).toBe(true)
    expect(finds('EQ_SENSORELEMENT_e:probe=2', change)).toBe(false)
    expect(finds('EXISTS_SENSORELEMENT_e:wall', change)).toBe(true)
    expect(finds('GE_INNER_SENSORELEMENT_e:size=4', change)).toBe(true)
    expect(finds('GT_SENSORMETADATA_e:probe=1&LE_SENSORMETADATA_e:probe=2', change)).toBe(true)
    expect(finds('EQ_SENSORREPORT_e:grade=A', change)).toBe(true)
    expect(finds('EQ_SENSORREPORT_e:grade=B', change)).toBe(false)
  })

  it('wants all sensor conditions of one report, not of several', () => {
    const change = {
      sensorElementList: [
        {
          sensorReport: [
            { type: 'Temperature', value: 5, uom: 'CEL', component: 'x' },
            { type: 'Temperature', value: 12, uom: 'CEL', component: 'y' },
          ],
        },
      ],
    }
    expect(finds('GE_value_CEL=10&EQ_component=y', change)).toBe(true)
    expect(finds('GE_value_CEL=10&EQ_component=x', change)).toBe(false)
    expect(finds('GT_value_CEL=5&LT_value_CEL=12', change)).toBe(false)
  })
})

describe('units of measure', () => {
  it('know every unit once, and at least one of each quantity', () => {
    const codes = unitCodes()
    expect(codes.size).toBeGreaterThan(300)
    for (const code of codes.keys()) expect(code).toMatch(/^[A-Z0-9]{2,3}$/)
  })

  it.each([
    [-40, 'CEL', -40, 'FAH'],
    [0, 'KEL', -459.67, 'FAH'],
    [491.67, 'A48', 0, 'CEL'],
    [1, 'LBR', 453.59237, 'GRM'],
    [1, 'ATM', 1013.25, 'A97'],
    [1, 'BAR', 14.503773773, 'PS'],
    [760, 'UA', 1, 'ATM'],
    [1, 'KNT', 1.852, 'KMH'],
    [36, 'KMH', 10, 'MTS'],
    [180, 'DD', Math.PI, 'C81'],
    [1, 'GLL', 128, 'OZA'],
    [1, 'A93', 1000, 'GP'],
    [1, 'KWH', 3.6, '3B'],
    [1, 'P71', 1000, 'P72'],
  ])('%d %s is %d %s', (value, unit, other, otherUnit) => {
    const order = compareValues({ value, unit }, { value: other, unit: otherUnit })
    expect(order).toBe(0)
  })

  it('do not compare over quantities, nor units that no table has but with themselves', () => {
    expect(compareValues({ value: 1, unit: 'CEL' }, { value: 1, unit: 'KGM' })).toBeUndefined()
    expect(compareValues({ value: 1, unit: 'ZZ9' }, { value: 1, unit: 'KGM' })).toBeUndefined()
    expect(compareValues({ value: 1, unit: 'ZZ9' }, { value: 2, unit: 'ZZ9' })).toBe(-1)
  })
})

describe('what is refused', () => {
  it.each([
    'EQ_nothing=1',
    'eventTyp=ObjectEvent',
    'EQ_bizStep=transforming',
    'EQ_bizStep=',
    'EQ_action=SHIPPED',
    'eventType=QuantityEven',
    'GE_eventTime=not-a-date',
    'GE_eventTime=2026-03-01T12:00:00',
    'GE_eventTime=2026-03-01T12:00:00Z|2026-03-01T12:00:00Z',
    'GE_eventTime=2026-03-01T12:00:00Z&GE_eventTime=2026-03-02T12:00:00Z',
    'GT_eventTime=2026-03-01T12:00:00Z',
    'EQ_readPoint=here',
    'EQ_type=Warmth',
    'EQ_value_cel=1',
    'GE_value_CELSIUS=1',
    'GE_value_CEL=warm',
    'GE_value_CEL=1|2',
    'GE_percRank_CEL=1',
    'EQ_booleanValue=maybe',
    'EQ_hexBinaryValue=xyz',
    'EXISTS_errorDeclaration=2',
    'EXISTS_nothing',
    'HASATTR_nothing=x',
    'EQATTR_bizLocation=x',
    'orderBy=quantity',
    'eventCountLimit=0&orderBy=eventTime',
    'eventCountLimit=-1&orderBy=eventTime',
    'maxEventCount=1.5',
    'EQ_bizTransaction_nothing=urn:x:1',
    'GT_e:x=text',
    'MATCH_epc=',
    '__proto__=1',
    'constructor=1',
  ])('%s', (query) => expect(refusedFor(query)).toEqual([query.split('=')[0]]))

  it('a direction that is none, limits that exclude each other or lack an order', () => {
    expect(refusedFor('orderBy=eventTime&orderDirection=SIDEWAYS')).toEqual(['orderDirection'])
    expect(refusedFor('orderBy=eventTime&eventCountLimit=1&maxEventCount=1')).toEqual([
      'maxEventCount',
    ])
    expect(refusedFor('eventCountLimit=1')).toEqual(['eventCountLimit'])
  })

  it('every wrong parameter, not only the first', () => {
    expect(refusedFor('a=1&b=2&GE_eventTime=x').sort()).toEqual(['GE_eventTime', 'a', 'b'])
    for (const value of [{}, [[1]], [{}], '', [], true, [null]])
      expect(refusedFor({ GE_eventTime: value })).toEqual(['GE_eventTime'])
  })

  it('a query with more values or parameters than anybody means', () => {
    const many = Array.from({ length: 3000 }, (_, n) => `urn:x:${n}`)
    const values = parseQuery({ EQ_eventID: many })
    expect(values).toMatchObject({ ok: false, refusals: [{ code: 'epcis/query-too-complex' }] })
    const wide = parseQuery(Object.fromEntries(many.map((name) => [`EQ_${name}`, 'x'])))
    expect(wide).toMatchObject({ ok: false, refusals: [{ code: 'epcis/query-too-complex' }] })
  })
})

describe('documents of OpenEPCIS', () => {
  const folder = '../shared/data/epcis-openepcis/json-2.0'
  const read = (file: string) => JSON.parse(readFileSync(`${folder}/${file}`, 'utf8'))
  const there = existsSync(folder)
  if (!there) console.warn(`skipped: ${folder} not present`)

  it.skipIf(!there)('take the valid query and refuse the invalid one for its three faults', () => {
    expect(refusedFor(read('queries/SimpleEventQuery.json'))).toEqual([])
    const wrong = refusedFor(read('queries-invalid/Query_with_invalid_values.json'))
    expect(wrong.sort()).toEqual(['EQ_action', 'GE_eventTime', 'orderDirection'])
  })
})

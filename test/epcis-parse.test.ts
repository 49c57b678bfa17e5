import { existsSync, globSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { EpcisEvent } from '../domain/epcis/epcis.ts'
import { parseEpcisDocument } from '../domain/epcis/parse.ts'
import type { Refusal } from '../domain/refusal.ts'

type Json = Record<string, unknown>

const context = 'https://ref.gs1.org/standards/epcis/epcis-context.jsonld'
const document = (eventList: unknown[], more: Json = {}): Json => ({
  '@context': [context, { ex: 'https://ns.maker.example/epcis/' }],
  type: 'EPCISDocument',
  schemaVersion: '2.0',
  creationDate: '2026-03-01T13:00:00Z',
  epcisBody: { eventList },
  ...more,
})
const base = { eventTime: '2026-03-01T13:00:00+01:00', eventTimeZoneOffset: '+01:00' }
const commission: Json = {
  type: 'ObjectEvent',
  ...base,
  action: 'ADD',
  bizStep: 'commissioning',
  disposition: 'active',
  epcList: ['urn:epc:id:sgtin:0614141.107346.2017', 'urn:epc:id:sgtin:0614141.107346.2018'],
  quantityList: [
    { epcClass: 'urn:epc:class:lgtin:4012345.012345.998877', quantity: 2, uom: 'KGM' },
  ],
  readPoint: { id: 'urn:epc:id:sgln:0614141.00777.0' },
  bizLocation: { id: 'https://track.maker.example/414/0614141007776' },
  bizTransactionList: [{ type: 'po', bizTransaction: 'urn:epcglobal:cbv:bt:0614141073467:1152' }],
  sourceList: [{ type: 'possessing_party', source: 'urn:epc:id:pgln:4012345.00225' }],
  destinationList: [{ type: 'location', destination: 'urn:epc:id:sgln:0614141.00888.0' }],
  persistentDisposition: { set: ['completeness_verified'], unset: ['completeness_inferred'] },
  certificationInfo: 'https://council.example/certificate/1',
  sensorElementList: [
    {
      sensorMetadata: { time: '2026-03-01T12:00:00Z', deviceID: 'urn:epc:id:giai:4000001.111' },
      sensorReport: [{ type: 'Temperature', value: 4.5, uom: 'CEL', 'ex:probe': 2 }],
    },
  ],
  ilmd: { 'cbvmda:lotNumber': 'L1', 'cbvmda:itemExpirationDate': '2027-12-31' },
  'ex:note': ['b', 'a'],
}
const pack: Json = {
  type: 'AggregationEvent',
  ...base,
  action: 'ADD',
  parentID: 'urn:epc:id:sscc:0614141.1234567890',
  childEPCs: ['urn:epc:id:sgtin:0614141.107346.2017'],
}

const events = (input: unknown): EpcisEvent[] => {
  const result = parseEpcisDocument(input)
  if (!result.ok) throw new Error(JSON.stringify(result.refusals))
  return result.value
}
const one = (event: Json): EpcisEvent => events(document([event]))[0]!
const refusals = (input: unknown): Refusal[] => {
  const result = parseEpcisDocument(input, { sensorAttributesOnce: true })
  return result.ok ? [] : result.refusals
}
/** `code path` of every refusal of one event, the path from the event. */
const why = (event: Json): string[] =>
  refusals(document([event])).map(
    (r) => `${r.code} ${r.path.replace('/epcisBody/eventList/0', '')}`,
  )
const without = (event: Json, ...names: string[]): Json =>
  Object.fromEntries(Object.entries(event).filter(([name]) => !names.includes(name)))

describe('an event comes out normalised', () => {
  it('times in epoch ms, keys as Digital Links, lot and expiry from the master data', () => {
    const event = one({ ...commission, recordTime: 'yesterday' })
    expect(event).toMatchObject({
      type: 'ObjectEvent',
      eventTime: Date.UTC(2026, 2, 1, 12),
      action: 'ADD',
      epcList: [
        'https://id.gs1.org/01/10614141073464/21/2017',
        'https://id.gs1.org/01/10614141073464/21/2018',
      ],
      quantityList: [
        { epcClass: 'https://id.gs1.org/01/04012345123456/10/998877', quantity: 2, uom: 'KGM' },
      ],
      readPoint: 'https://id.gs1.org/414/0614141007776',
      sourceList: [{ type: 'possessing_party', id: 'https://id.gs1.org/417/4012345002256' }],
      destinationList: [{ type: 'location', id: 'https://id.gs1.org/414/0614141008889' }],
      lot: 'L1',
      expiry: '2027-12-31',
      prefixes: { ex: 'https://ns.maker.example/epcis/' },
      raw: commission,
    })
    expect(event.raw).not.toHaveProperty('recordTime')
    expect(event.sensorElementList).toEqual(commission.sensorElementList)
  })

  it('CBV words are bare in whatever spelling they came; other vocabularies stay', () => {
    for (const bizStep of [
      'shipping',
      'cbv:BizStep-shipping',
      'https://ref.gs1.org/cbv/BizStep-shipping',
      'urn:epcglobal:cbv:bizstep:shipping',
    ])
      expect(one({ ...commission, bizStep }).bizStep).toBe('shipping')
    expect(
      one({ ...commission, disposition: 'urn:epcglobal:cbv:disp:in_transit' }).disposition,
    ).toBe('in_transit')
    for (const bizStep of ['https://maker.example/step/curing', 'ex:curing'])
      expect(one({ ...commission, bizStep }).bizStep).toBe(bizStep)
    for (const bizStep of [
      'curing',
      'cbv:BizStep-curing',
      'urn:epcglobal:cbv:bizstep:curing',
      'cbv:Disp-active',
      'Shipping',
    ])
      expect(why({ ...commission, bizStep })).toEqual(['epcis/vocabulary /bizStep'])
  })

  it('lot and expiry are found under any name of their name space, and in Digital Links', () => {
    const bound = { '@context': { mda: 'urn:epcglobal:cbv:mda:' } }
    const full = { 'urn:epcglobal:cbv:mda:lotNumber': 'L2' }
    const lot = (event: Json) => (one(event) as { lot?: string }).lot
    expect(lot({ ...commission, ...bound, ilmd: { 'mda:lotNumber': 'L2' } })).toBe('L2')
    expect(lot({ ...commission, ilmd: full })).toBe('L2')
    expect(lot({ ...commission, ilmd: { 'cbvmda:lotNumber': { '@value': 'L2' } } })).toBe('L2')
    const link = (serial: number, batch: string) =>
      `https://m.example/01/09521141012345/10/${batch}/21/${serial}?17=271200`
    const linked = { ...without(commission, 'ilmd'), epcList: [link(1, 'L3'), link(2, 'L3')] }
    expect(one(linked)).toMatchObject({ lot: 'L3', expiry: '2027-12-31' })
    expect(lot({ ...linked, epcList: [link(1, 'L3'), link(2, 'L4')] })).toBeUndefined()
  })

  it('documents, query documents, bare events and arrays of them are read', () => {
    expect(events(document([commission, pack]))).toHaveLength(2)
    expect(events(document([], { epcisBody: { event: pack } }))).toHaveLength(1)
    expect(events({ '@context': context, ...pack })).toHaveLength(1)
    expect(events([pack, commission])).toHaveLength(2)
    const queryResults = { queryName: 'SimpleEventQuery', resultsBody: { eventList: [pack] } }
    const query = { '@context': context, type: 'EPCISQueryDocument', epcisBody: { queryResults } }
    expect(events(query)).toHaveLength(1)
  })

  it('unpacking everything needs no children', () => {
    expect(one({ ...without(pack, 'childEPCs'), action: 'DELETE' })).toMatchObject({
      childEPCs: [],
    })
  })

  it('the same unit in two syntaxes is one unit', () => {
    const epcList = [
      'urn:epc:id:sgtin:0614141.107346.1',
      'https://x.example/01/10614141073464/21/1',
    ]
    expect(one({ ...commission, epcList })).toMatchObject({
      epcList: ['https://id.gs1.org/01/10614141073464/21/1'],
    })
  })
})

describe('an event without eventID is known by its content', () => {
  const id = (event: Json) => one(event).eventID

  it('order, syntax and the zone an instant is written in do not matter', () => {
    const same: Json = {
      ...Object.fromEntries(Object.entries(commission).reverse()),
      recordTime: '2026-03-02T00:00:00Z',
      eventTime: '2026-03-01T12:00:00.000Z',
      bizStep: 'https://ref.gs1.org/cbv/BizStep-commissioning',
      epcList: ['https://m.example/01/10614141073464/21/2018', (commission.epcList as string[])[0]],
      readPoint: { id: 'https://id.gs1.org/414/0614141007776' },
      '@context': { other: 'https://ns.maker.example/epcis/' },
      // Lists are sorted, those of extensions too (CBV 2.0 §8.9.2).
      'other:note': ['a', 'b'],
    }
    delete same['ex:note']
    expect(id(same)).toBe(id(commission))
    expect(id(commission)).toMatch(/^ni:\/\/\/sha-256;[0-9a-f]{64}\?ver=CBV2\.0$/)
    const errorDeclaration = { declarationTime: '2026-03-03T00:00:00Z', reason: 'incorrect_data' }
    expect(id({ ...commission, errorDeclaration })).toBe(id(commission))
  })

  it('any other content is another event; a given eventID is kept', () => {
    const others: Json[] = [
      { ...commission, eventTime: '2026-03-01T13:00:00.001+01:00' },
      { ...commission, eventTimeZoneOffset: '+02:00' },
      { ...commission, 'ex:note': ['a', 'b', 'b'] },
      { ...commission, readPoint: { id: 'urn:epc:id:sgln:0614141.00777.0', 'ex:dock': 4 } },
      { ...commission, epcList: ['urn:epc:id:sgtin:0614141.107346.2017'] },
      without(commission, 'ilmd'),
    ]
    const ids = [commission, ...others].map(id)
    expect(new Set(ids).size).toBe(ids.length)
    const eventID = 'urn:uuid:374d95fc-9457-4a51-bd6a-0bba133845a8'
    expect(id({ ...commission, eventID })).toBe(eventID)
  })

  it('an eventID too long for a key is refused', () => {
    const eventID = `urn:x:${'y'.repeat(2000)}`
    expect(refusals(document([{ ...commission, eventID }]))).toMatchObject([
      { code: 'epcis/field-invalid', detail: 'want at most 2000 characters' },
    ])
  })
})

describe('a wrong event is refused with the place and what would be right', () => {
  const reports = (value: Json, name = 'sensorReport') => ({
    ...commission,
    sensorElementList: [{ [name]: [{ type: 'Temperature', ...value }] }],
  })
  const wrong: [string, Json, string[]][] = [
    [
      'a type that EPCIS does not have',
      { ...pack, type: 'QuantityEvent' },
      ['epcis/type-unsupported /type'],
    ],
    ['no type', without(pack, 'type'), ['epcis/field-missing ']],
    [
      'no action and no time',
      without(pack, 'action', 'eventTime'),
      ['epcis/field-missing ', 'epcis/field-missing '],
    ],
    [
      'a time without offset',
      { ...pack, eventTime: '2026-03-01T13:00:00' },
      ['epcis/time-invalid /eventTime'],
    ],
    [
      'a day that no month has',
      { ...pack, eventTime: '2026-02-29T13:00:00Z' },
      ['epcis/time-invalid /eventTime'],
    ],
    [
      'an offset beyond 14 h',
      { ...pack, eventTimeZoneOffset: '+15:00' },
      ['epcis/field-invalid /eventTimeZoneOffset'],
    ],
    ['packing without a parent', without(pack, 'parentID'), ['epcis/parent-missing ']],
    [
      'association without a parent',
      { ...without(pack, 'parentID'), type: 'AssociationEvent', action: 'OBSERVE' },
      ['epcis/parent-missing '],
    ],
    ['packing nothing', { ...pack, childEPCs: [] }, ['epcis/field-missing ']],
    [
      'objects without a list',
      without(commission, 'epcList', 'quantityList', 'readPoint'),
      ['epcis/field-missing '],
    ],
    [
      'master data on an observation',
      { ...commission, action: 'OBSERVE' },
      ['epcis/field-unexpected /ilmd'],
    ],
    [
      'master data without a name space',
      { ...commission, ilmd: { lot: 'L1' } },
      ['epcis/field-unexpected /ilmd/lot'],
    ],
    [
      'a field without a prefix',
      { ...pack, temperature: 4 },
      ['epcis/field-unexpected /temperature'],
    ],
    [
      'a field of another event type',
      { ...pack, epcList: [] },
      ['epcis/field-unexpected /epcList'],
    ],
    [
      'an extension in a quantity',
      { ...commission, quantityList: [{ epcClass: 'urn:x:1', 'ex:w': 1 }] },
      ['epcis/field-unexpected /quantityList/0/ex:w'],
    ],
    [
      'a unit in small letters',
      { ...commission, quantityList: [{ epcClass: 'urn:x:1', uom: 'kg' }] },
      ['epcis/field-invalid /quantityList/0/uom'],
    ],
    [
      'an EPC that is no URI',
      { ...pack, childEPCs: ['(00)106141412345678908'] },
      ['epcis/field-invalid /childEPCs/0'],
    ],
    [
      'a mistyped EPC',
      { ...pack, parentID: 'https://id.gs1.org/00/106141411234567890' },
      ['epcis/epc-invalid /parentID'],
    ],
    [
      'the same text twice',
      { ...commission, epcList: ['urn:x:1', 'urn:x:1'] },
      ['epcis/field-invalid /epcList/1'],
    ],
    [
      'an empty persistent disposition',
      { ...commission, persistentDisposition: {} },
      ['epcis/field-missing /persistentDisposition'],
    ],
    [
      'a source without type',
      { ...pack, sourceList: [{ source: 'urn:x:1' }] },
      ['epcis/field-missing /sourceList/0'],
    ],
    [
      'an error without its time',
      { ...pack, errorDeclaration: { reason: 'did_not_occur' } },
      ['epcis/field-missing /errorDeclaration'],
    ],
    [
      'a report without type',
      reports({ type: undefined }),
      ['epcis/vocabulary /sensorElementList/0/sensorReport/0/type'],
    ],
    [
      'a value that is text',
      reports({ value: '4' }),
      ['epcis/field-invalid /sensorElementList/0/sensorReport/0/value'],
    ],
    [
      'an unknown measurement',
      reports({ type: 'Coldness' }),
      ['epcis/vocabulary /sensorElementList/0/sensorReport/0/type'],
    ],
    [
      'no reports at all',
      { ...commission, sensorElementList: [{ sensorReport: [] }] },
      ['epcis/field-invalid /sensorElementList/0/sensorReport'],
    ],
    [
      'a device told twice (TCR-53 step 29)',
      {
        ...commission,
        sensorElementList: [
          {
            sensorMetadata: { deviceID: 'urn:x:1' },
            sensorReport: [{ type: 'Angle' }, { type: 'Angle', deviceID: 'urn:x:1' }],
          },
        ],
      },
      ['epcis/sensor-duplicate-attribute /sensorElementList/0/sensorReport/1/deviceID'],
    ],
    [
      'a context that is a number',
      { ...pack, '@context': [context, 7] },
      ['epcis/context /@context/1'],
    ],
    [
      'a purchase without transactions',
      { type: 'TransactionEvent', ...base, action: 'ADD', epcList: [] },
      ['epcis/field-missing '],
    ],
    [
      'a transformation without output',
      { type: 'TransformationEvent', ...base, inputEPCList: ['urn:x:1'] },
      ['epcis/field-missing '],
    ],
  ]
  for (const [what, event, expected] of wrong)
    it(what, () => {
      expect(why(event)).toEqual(expected)
    })

  it('documents: every problem of the frame and of all events in one answer', () => {
    const body = { eventList: [without(pack, 'action'), commission, { ...pack, action: 'add' }] }
    const found = refusals({ ...document([]), creationDate: 'today', epcisBody: body })
    expect(found.map((r) => r.path)).toEqual([
      '/creationDate',
      '/epcisBody/eventList/0',
      '/epcisBody/eventList/2/action',
    ])
    expect(refusals(without(document([pack]), '@context'))[0]!.code).toBe('epcis/field-missing')
    for (const nothing of [null, 7, 'text', [7], {}, document([null]), { type: 'EPCISDocument' }])
      expect(refusals(nothing).length).toBeGreaterThan(0)
  })

  it('names with / and ~ are escaped in pointers', () => {
    expect(why({ ...pack, 'a/b~c': 1 })).toEqual(['epcis/field-unexpected /a~1b~0c'])
  })

  it('too many events, too many EPCs, too deep nesting and endless refusals are bounded', () => {
    const limited = (input: unknown) =>
      parseEpcisDocument(input, { eventsMax: 2, epcsPerEventMax: 3 })
    expect(limited([pack, pack])).toMatchObject({ ok: true })
    expect(limited([pack, pack, pack])).toMatchObject({
      refusals: [{ code: 'epcis/too-many-events', path: '' }],
    })
    const many = { ...pack, childEPCs: [1, 2, 3, 4].map((n) => `urn:x:${n}`) }
    expect(limited([many])).toMatchObject({ refusals: [{ path: '/0/childEPCs' }] })
    const deep: unknown = JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`)
    expect(why({ ...pack, 'ex:deep': deep })).toEqual(['epcis/field-invalid '])
    const bad = { ...commission, epcList: Array.from({ length: 5000 }, () => 7) }
    expect(refusals([bad, bad])).toHaveLength(1000)
  })
})

/** All places of a value with their pointers, extensions left out. */
function places(value: unknown, path = ''): string[] {
  if (typeof value !== 'object' || value === null) return [path]
  const inner = Object.entries(value)
    .filter(([name]) => !name.includes(':') && name !== '@context')
    .flatMap(([name, member]) => places(member, `${path}/${name}`))
  return path === '' ? inner : [path, ...inner]
}

/** A copy with another value at the pointer. */
function mutated(value: unknown, path: string, to: unknown): unknown {
  // Not structuredClone: events of the document share parts, and shared parts would stay shared.
  const copy: unknown = JSON.parse(JSON.stringify(value))
  const steps = path.split('/').slice(1)
  let at = copy as Json
  for (const step of steps.slice(0, -1)) at = at[step] as Json
  at[steps.at(-1)!] = to
  return copy
}

describe('mutated events', () => {
  const whole = document([commission, pack, { ...pack, type: 'AssociationEvent' }])
  const free = /recordTime|ilmd\/|epcisHeader/

  it('every refusal points at the mutated place or at what stands around it', () => {
    const all = places(whole).filter((path) => !free.test(path))
    expect(all.length).toBeGreaterThan(60)
    fc.assert(
      fc.property(
        fc.constantFrom(...all),
        fc.constantFrom(null, {}, true, -1, 'no such thing'),
        (path, to) => {
          const input = mutated(whole, path, to)
          const found = refusals(input)
          // A number or text may be right for another number or text.
          const before = path
            .split('/')
            .slice(1)
            .reduce((at, step) => (at as Json)[step], whole as unknown)
          if (typeof before !== typeof to) expect(found.length, path).toBeGreaterThan(0)
          for (const r of found)
            expect(
              r.path === '' || path.startsWith(r.path) || r.path.startsWith(path),
              `${path} ${r.path}`,
            ).toBe(true)
        },
      ),
      { numRuns: 500 },
    )
  })

  it('nothing makes the parser throw', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(...places(whole)), (junk, path) => {
        parseEpcisDocument(junk)
        parseEpcisDocument(mutated(whole, path, junk))
      }),
    )
  })
})

const data = '../shared/data'
const gs1 = existsSync(`${data}/epcis-gs1`)
const openepcis = existsSync(`${data}/epcis-openepcis`)
if (!gs1) console.warn(`skipped: ${data}/epcis-gs1 not present`)
if (!openepcis) console.warn(`skipped: ${data}/epcis-openepcis not present`)
const parseFile = (file: string, sensorAttributesOnce = false) =>
  parseEpcisDocument(JSON.parse(readFileSync(file, 'utf8')), { sensorAttributesOnce })
const nameOf = (file: string) => file.split('/').at(-1)!
const codesOf = (file: string) => {
  const result = parseFile(file)
  return result.ok ? [] : [...new Set(result.refusals.map((r) => r.code))]
}
/**
 * Documents that their publishers call valid and that this parser refuses, with the reason: two
 * hold a GRAI with a wrong check digit; Extended-Event is of no EPCIS type.
 */
const refusedThoughValid: Record<string, string> = {
  'Combination_of_different_event.json': 'epcis/epc-invalid',
  'queryDocument.json': 'epcis/epc-invalid',
  'Extended-Event.json': 'epcis/type-unsupported',
}

describe.skipIf(!gs1)('examples of GS1 (epcis-gs1)', () => {
  it('are read, all but the ones named', () => {
    const files = [
      ...globSync(`${data}/epcis-gs1/examples-json/**/*.jsonld`),
      ...globSync(`${data}/epcis-gs1/json-schema/parts/sample-events/*.json`),
    ]
    expect(files).toHaveLength(28)
    for (const file of files)
      expect(codesOf(file), file).toEqual([refusedThoughValid[nameOf(file)] ?? []].flat())
  })

  it('that repeat sensor attributes are refused for just that when TCR-53 step 29 is asked for', () => {
    const files = globSync(`${data}/epcis-gs1/examples-json/WithFullCombinationOfFields/*`)
    expect(files.length).toBeGreaterThan(0)
    for (const file of files) {
      const result = parseFile(file, true)
      const codes = result.ok ? [] : result.refusals.map(({ code }) => code)
      expect(new Set(codes), file).toEqual(new Set(['epcis/sensor-duplicate-attribute']))
    }
  })
})

describe.skipIf(!openepcis)('documents of OpenEPCIS (epcis-openepcis)', () => {
  const json = `${data}/epcis-openepcis/json-2.0`

  it('valid ones are read, all but the ones named', () => {
    const files = globSync(`${json}/{capture-documents,bare-events,query-result-documents}/*.json`)
    expect(files).toHaveLength(27)
    for (const file of files)
      expect(codesOf(file), file).toEqual([refusedThoughValid[nameOf(file)] ?? []].flat())
  })

  it('invalid ones are refused for the reason in their name', () => {
    const reasons: [RegExp, string][] = [
      [/missing_mandatory/, 'epcis/field-missing'],
      [/non_standard/, 'epcis/vocabulary'],
      [/without_namespace|unknown_field/, 'epcis/field-unexpected'],
      [/certificationInfo|invalid_action/, 'epcis/field-invalid'],
      [/without_identifier_list/, 'epcis/field-missing'],
    ]
    const files = globSync(`${json}/{capture-invalid,query-result-invalid}/*.json`)
    expect(files).toHaveLength(9)
    for (const file of files)
      expect(codesOf(file), file).toContain(reasons.find(([name]) => name.test(file))![1])
  })
})

import { existsSync, globSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { isObject } from '../domain/epcis/fields.ts'
import { declaredIn, eventHash, keyOf, preHash } from '../domain/epcis/hash.ts'
import { parseEpcisEvents } from '../domain/epcis/parse.ts'
import { readXmlDocument } from '../domain/epcis/xml-read.ts'
import { decodeXml } from '../ingest/xml.ts'

type Json = Record<string, unknown>

const base: Json = {
  type: 'ObjectEvent',
  eventTime: '2026-03-01T13:00:00+01:00',
  eventTimeZoneOffset: '+01:00',
  action: 'OBSERVE',
  epcList: ['urn:epc:id:sgtin:0614141.107346.2018', 'urn:epc:id:sgtin:0614141.107346.2017'],
}
const start =
  'eventType=ObjectEventeventTime=2026-03-01T12:00:00.000ZeventTimeZoneOffset=+01:00' +
  'epcListepc=https://id.gs1.org/01/10614141073464/21/2017' +
  'epc=https://id.gs1.org/01/10614141073464/21/2018action=OBSERVE'
const prefixes = new Map([['ex', 'https://ex.example/ns/']])

describe('the string that is hashed', () => {
  it('has the fields in the order of the standard, lists sorted, identifiers canonical', () => {
    expect(preHash(base)).toBe(start)
    const { action, type, ...others } = base
    expect(preHash({ action, ...others, recordTime: 'x', eventID: 'urn:x:1', type })).toBe(start)
  })

  it('writes words of the vocabularies as web URIs, in whatever spelling they came', () => {
    for (const bizStep of [
      'shipping',
      'cbv:BizStep-shipping',
      'urn:epcglobal:cbv:bizstep:shipping',
      'https://ref.gs1.org/cbv/BizStep-shipping',
    ])
      expect(preHash({ ...base, bizStep })).toBe(
        `${start}bizStep=https://ref.gs1.org/cbv/BizStep-shipping`,
      )
    expect(preHash({ ...base, bizStep: 'https://own.example/curing' })).toBe(
      `${start}bizStep=https://own.example/curing`,
    )
  })

  it('compares keys as they are written, whatever their check digit', () => {
    const hashed = (text: string) => preHash({ ...base, 'ex:k': text }, { prefixes }).split('k=')[1]
    expect(hashed('http://shop.example/01/040123451234/cpv/344/lot/ABD')).toBe(
      'https://id.gs1.org/01/00040123451234/10/ABD',
    )
    expect(hashed('http://shop.example/gtin-8/01/97803111')).toBe(
      'https://id.gs1.org/01/00000097803111',
    )
    expect(hashed('http://shop.example/01/97803')).toBe('http://shop.example/01/97803')
    expect(hashed('http://shop.example/it%27s')).toBe('http://shop.example/it%27s')
  })

  it('rounds times to the millisecond, half to even, and carries over', () => {
    const at = (eventTime: string) => /eventTime=(.*?Z)/.exec(preHash({ ...base, eventTime }))?.[1]
    expect(at('2026-03-01T13:00:00.1415+01:00')).toBe('2026-03-01T12:00:00.142Z')
    expect(at('2026-03-01T12:00:00.1405Z')).toBe('2026-03-01T12:00:00.140Z')
    expect(at('2026-03-01T12:00:00.9999Z')).toBe('2026-03-01T12:00:01.000Z')
    expect(at('2026-03-01T00:30:00+01:00')).toBe('2026-02-28T23:30:00.000Z')
  })

  it('writes numbers without idle zeros, wherever they stand', () => {
    const note = (value: unknown) => preHash({ ...base, 'ex:n': value }, { prefixes })
    const told: [unknown, string][] = [
      ['1.0', '1'],
      ['007', '7'],
      [' 0.500 ', '0.5'],
      ['-0', '0'],
      [1e-5, '1e-05'],
      ['12345678901234567890', '12345678901234567168'],
      ['1.2.3', '1.2.3'],
      ['P3Y', 'P3Y'],
      [true, 'true'],
    ]
    for (const [value, text] of told)
      expect(note(value)).toBe(`${start}{https://ex.example/ns/}n=${text}`)
    expect(note('')).toBe(`${start}{https://ex.example/ns/}n`)
    expect(note(null)).toBe(`${start}{https://ex.example/ns/}n`)
  })

  it('sorts extensions in at the end of what they extend, names in full', () => {
    const event = {
      ...base,
      readPoint: { 'ex:dock': 4, id: 'urn:epc:id:sgln:0614141.00777.0' },
      'ex:b': { 'ex:z': 1, 'ex:a': ['y', 'x'] },
      'ex:a': 'text',
      '@context': { ex: 'https://ex.example/ns/' },
    }
    const ns = '{https://ex.example/ns/}'
    expect(preHash(event)).toBe(
      `${start}readPointid=https://id.gs1.org/414/0614141007776${ns}dock=4` +
        `${ns}a=text${ns}b${ns}a=x${ns}a=y${ns}z=1`,
    )
  })

  it('leaves out comments, errors declared and what a document excludes', () => {
    const event = {
      ...base,
      comment: 'x',
      'rdfs:comment': 'y',
      errorDeclaration: { declarationTime: '2026-03-02T00:00:00Z' },
      'ex:own': 1,
    }
    const ignored = new Set(['{https://ex.example/ns/}own'])
    expect(preHash(event, { prefixes, ignored })).toBe(start)
  })
})

const data = '../shared/data'
const present = existsSync(`${data}/epcis-hash`)
if (!present) console.warn(`skipped: ${data}/epcis-hash not present`)

/** The document as JSON, without asking whether its events are right. */
function documentOf(file: string): Json {
  const bytes = readFileSync(file)
  if (!file.endsWith('.xml')) return JSON.parse(bytes.toString())
  const reader = readXmlDocument()
  const root = decodeXml(bytes, { take: reader.take })
  const read = root.ok ? reader.finish(root.value) : root
  if (!read.ok) throw new Error(JSON.stringify(read.refusals))
  return read.value.document
}

function eventsOf(document: Json): Json[] {
  const body = document.epcisBody as Json | undefined
  const results = body?.queryResults as Json | undefined
  const list = (results ? (results.resultsBody as Json) : body)?.eventList
  return (list as Json[] | undefined) ?? [document]
}

function strings(file: string): { hashes: string[]; preHashes: string[] } {
  const document = documentOf(file)
  const declared = declaredIn(document)
  const list = Object.entries(document).find(([name]) => name.endsWith(':ignoreFields'))?.[1]
  const names = isObject(list) ? Object.keys(list) : []
  const scope = { prefixes: declared, ignored: new Set(names.map((n) => keyOf(n, declared)!)) }
  const events = eventsOf(document)
  return {
    hashes: events.map((event) => eventHash(event, scope)),
    preHashes: events.map((event) => preHash(event, scope)),
  }
}

const lines = (file: string): string[] =>
  existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : []

describe.skipIf(!present)('documents with known hashes (epcis-hash)', () => {
  it('have these hashes, in JSON and in XML', () => {
    const files = globSync(`${data}/epcis-hash/documents/*.{jsonld,xml}`)
    expect(files).toHaveLength(16)
    for (const file of files) {
      const known = lines(file.replace(/\.(jsonld|xml)$/, '.hashes'))
      const told = lines(file.replace(/\.(jsonld|xml)$/, '.prehashes'))
      const { hashes, preHashes } = strings(file)
      hashes.forEach((hash, i) => {
        if (hash !== known[i]) expect(preHashes[i], `${file} ${i}`).toBe(told[i])
        expect(hash, `${file} ${i}`).toBe(known[i])
      })
    }
  })

  it('and those that must be equal are', () => {
    const files = globSync(`${data}/epcis-hash/must-be-equal/*`)
    expect(files).toHaveLength(6)
    for (const file of files) expect(new Set(strings(file).preHashes).size, file).toBe(1)
  })

  it('are captured with them as eventID where they come without', () => {
    const file = `${data}/epcis-hash/documents/epcisXmlDocHavingEventWithIgnoreFields.xml`
    const { events } = parseEpcisEvents(documentOf(file))
    expect(events.map(({ event }) => event?.eventID)).toEqual(strings(file).hashes)
  })
})

/**
 * Documents of one name below both folders, JSON first. GS1's own examples of one name (epcis-gs1)
 * are none: their events differ in action, quantities and places.
 */
function twinsOf(
  json: string,
  xml: string,
  named: (file: string) => string,
): [string, ...string[]][] {
  const files = [...globSync(`${data}/${json}`), ...globSync(`${data}/${xml}`)]
  const byName = Map.groupBy(files, named)
  return [...byName].flatMap(([name, twins]): [string, ...string[]][] =>
    twins.length === 2 ? [[name, ...twins]] : [],
  )
}

const openepcis = twinsOf(
  'epcis-openepcis/json-2.0/{capture-documents,bare-events,query-result-documents}/*',
  'epcis-openepcis/xml-2.0/{capture-documents,bare-events,query-result-documents}/*',
  (file) => file.replace(/^.*-2\.0\/|\.\w+$/g, ''),
)
describe.skipIf(openepcis.length === 0)('the same event in JSON and XML (epcis-openepcis)', () => {
  it('is there 18 times', () => expect(openepcis).toHaveLength(18))

  it.each(openepcis)('%s', (_, json, xml) => {
    expect(strings(json!).preHashes).toEqual(strings(xml!).preHashes)
  })
})

import { execFileSync } from 'node:child_process'
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Ajv } from 'ajv'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import type { EpcisEvent } from '../domain/epcis/epcis.ts'
import {
  type DocumentFrame,
  formatJsonDocument,
  formatXmlDocument,
} from '../domain/epcis/format.ts'
import { eventHash } from '../domain/epcis/hash.ts'
import { parseEpcisEvents } from '../domain/epcis/parse.ts'
import { readXmlDocument } from '../domain/epcis/xml-read.ts'
import type { XmlForm } from '../domain/epcis/xml-write.ts'
import { decodeXml, isXml } from '../ingest/xml.ts'
import { eventOf } from './epcis-events.ts'

type Json = Record<string, unknown>

const creationDate = Date.UTC(2026, 2, 1, 12)
const form20 = { version: '2.0', creationDate } as const
const form12 = { version: '1.2', creationDate, prefixLength: () => 7 } as const

function documentOf(bytes: Uint8Array): unknown {
  if (!isXml(bytes)) return JSON.parse(Buffer.from(bytes).toString())
  const reader = readXmlDocument()
  const root = decodeXml(bytes, { take: reader.take })
  const read = root.ok ? reader.finish(root.value) : root
  if (!read.ok) throw new Error(JSON.stringify(read.refusals))
  expect(read.value.refusals).toEqual([])
  return read.value.document
}
/** The events that are right; the doubled sensor attributes of ADR 0006 do not count here. */
const eventsIn = (document: unknown): EpcisEvent[] =>
  parseEpcisEvents(document, { sensorAttributesOnce: false }).events.flatMap(
    ({ event }) => event ?? [],
  )
function xmlOf(events: Json[], form: XmlForm & DocumentFrame = form20): string {
  const written = formatXmlDocument(events, form)
  if (!written.ok) throw new Error(JSON.stringify(written.refusals))
  return written.value.text
}
const back = (xml: string): EpcisEvent[] => eventsIn(documentOf(Buffer.from(xml)))
const whyNot = (events: Json[], form: XmlForm & DocumentFrame): string[] => {
  const written = formatXmlDocument(events, form)
  return written.ok ? [] : written.refusals.map(({ code, path }) => `${code} ${path}`)
}

const ship: Json = {
  type: 'ObjectEvent',
  eventTime: '2026-03-01T13:00:00+01:00',
  eventTimeZoneOffset: '+01:00',
  action: 'OBSERVE',
  bizStep: 'shipping',
  epcList: ['https://id.gs1.org/00/106141412345678908'],
}
const sense: Json = {
  ...ship,
  sensorElementList: [{ sensorReport: [{ type: 'Temperature', value: 4.5, uom: 'CEL' }] }],
}

describe('EPCIS 1.2', () => {
  it('is written with URNs, which need the length of the company prefix', () => {
    const xml = xmlOf([ship], form12)
    expect(xml).toContain('<epc>urn:epc:id:sscc:0614141.1234567890</epc>')
    expect(xml).toContain('<bizStep>urn:epcglobal:cbv:bizstep:shipping</bizStep>')
    expect(whyNot([ship], { version: '1.2', creationDate })).toEqual([
      'gs1/company-prefix-unknown /0/epcList/0',
    ])
  })

  it('cannot say what came with 2.0: that is refused, or left out and told', () => {
    const mount = { ...ship, type: 'AssociationEvent', parentID: 'urn:x:1', childEPCs: ['urn:x:2'] }
    expect(whyNot([sense, mount], form12)).toEqual([
      'epcis/xml /0/sensorElementList',
      'epcis/xml /1',
    ])
    const written = formatXmlDocument([sense, mount], { ...form12, unsaid: 'drop' })
    expect(written).toMatchObject({
      ok: true,
      value: { dropped: [{ path: '/0/sensorElementList' }, { path: '/1' }] },
    })
    expect(written.ok && back(written.value.text)).toMatchObject([{ type: 'ObjectEvent' }])
  })

  it('keeps fields without a name space where 1.2 has room for them', () => {
    const xml = xmlOf([ship], form12).replace(
      '</ObjectEvent>',
      '<extension><extension><mine>1</mine></extension></extension></ObjectEvent>',
    )
    const [event] = back(xml)
    expect(event!.raw).toMatchObject({ 'epcis1:mine': '1' })
    expect(xmlOf([event!.raw], form12)).toContain('<extension><mine>1</mine></extension>')
    expect(eventHash(back(xmlOf([event!.raw]))[0]!.raw)).toBe(eventHash(event!.raw))
  })
})

describe('what XML cannot hold', () => {
  it('is refused with its place', () => {
    const told = (more: Json) => whyNot([{ ...ship, ...more }], form20)
    expect(told({ 'ex:a b': 1, '@context': { ex: 'u:' } })).toEqual(['epcis/xml /0/ex:a b'])
    expect(told({ 'ex:a': ['\u0001'], '@context': { ex: 'u:' } })).toEqual(['epcis/xml /0/ex:a/0'])
  })
})

describe('the form of identifiers and words', () => {
  it('is that which the reader asks for', () => {
    const json = formatJsonDocument([{ ...ship, bizStep: 'urn:epcglobal:cbv:bizstep:shipping' }], {
      creationDate,
      epcs: 'urn',
      prefixLength: () => 7,
    })
    expect(json).toMatchObject({
      value: {
        epcisBody: {
          eventList: [{ bizStep: 'shipping', epcList: ['urn:epc:id:sscc:0614141.1234567890'] }],
        },
      },
    })
    expect(xmlOf([ship], { ...form20, cbv: 'web' })).toContain(
      '<bizStep>https://ref.gs1.org/cbv/BizStep-shipping</bizStep>',
    )
    const twice = ['urn:epc:id:sscc:0614141.1234567890', ...(ship.epcList as string[])]
    expect(
      back(xmlOf([{ ...ship, epcList: twice }], { ...form20, epcs: 'link' }))[0]!.raw.epcList,
    ).toEqual(ship.epcList)
  })

  it('prefixes move to the document, but for those that mean two things', () => {
    const [a, b] = ['u:a:', 'u:b:'].map((ex) => ({ ...ship, 'ex:n': 1, '@context': { ex } }))
    const json = formatJsonDocument([a!, b!], { creationDate })
    expect(json).toMatchObject({ value: { '@context': [expect.any(String), { ex: 'u:a:' }] } })
    expect(json.ok && eventsIn(json.value).map(({ prefixes }) => prefixes)).toEqual([
      { ex: 'u:a:' },
      { ex: 'u:b:' },
    ])
  })
})

describe('any event', () => {
  const content = ({ raw: _, prefixes: __, sensorElementList: ___, ...content }: EpcisEvent) =>
    content

  it('is the same event after JSON, XML 2.0 and back', () => {
    fc.assert(
      fc.property(fc.array(eventOf({ old: false }), { minLength: 1, maxLength: 3 }), (list) => {
        const before = eventsIn(list)
        expect(before).toHaveLength(list.length)
        const raws = before.map(({ raw }) => raw)
        const json = formatJsonDocument(raws, { creationDate })
        expect(json.ok && eventsIn(json.value)).toEqual(before)
        const after = back(xmlOf(raws))
        expect(after.map(content)).toEqual(before.map(content))
        expect(after.map(({ raw }) => eventHash(raw))).toEqual(raws.map((raw) => eventHash(raw)))
        // Members may stand in another order in XML; nothing else may differ.
        expect(after.map(({ raw }) => raw)).toEqual(raws)
      }),
      { numRuns: 100 },
    )
  })

  it('that 1.2 can say is the same event after 1.2', () => {
    fc.assert(
      fc.property(eventOf({ old: true }), (event) => {
        const [before] = eventsIn([event])
        const [after] = back(xmlOf([before!.raw], form12))
        expect(content(after!)).toEqual(content(before!))
        expect(eventHash(after!.raw)).toBe(eventHash(before!.raw))
      }),
      { numRuns: 100 },
    )
  })
})

const data = '../shared/data'
const hasData = existsSync(`${data}/epcis-gs1`) && existsSync(`${data}/epcis-openepcis`)
if (!hasData) console.warn(`skipped: ${data}/epcis-gs1 or epcis-openepcis not present`)
const hasXmllint = (() => {
  try {
    execFileSync('xmllint', ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    console.warn('skipped: xmllint is not installed')
    return false
  }
})()
const folder = mkdtempSync(join(tmpdir(), 'isotherm-xml-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** What GS1's schema says against the document; '' when nothing. */
function faults(xml: string, version: '1.2' | '2.0', kind: '' | 'query-' = ''): string {
  const file = join(folder, 'document.xml')
  writeFileSync(file, xml)
  const schema = `EPCglobal-epcis-${kind}${version.replace('.', '_')}.xsd`
  const args = [
    '--noout',
    '--nonet',
    '--schema',
    `${data}/epcis-gs1/xsd-${version}/${schema}`,
    file,
  ]
  try {
    execFileSync('xmllint', args, { stdio: 'pipe' })
    return ''
  } catch (error) {
    return String((error as { stderr: Buffer }).stderr)
  }
}

const files = hasData
  ? globSync(
      `${data}/{epcis-gs1/examples-*,epcis-openepcis/{json,xml}-*}/**/*.{json,jsonld,xml}`,
    ).filter((file) => !/invalid|queries|CaptureJob|masterData/.test(file))
  : []
const raws = (file: string): Json[] =>
  eventsIn(documentOf(readFileSync(file))).map(({ raw }) => raw)

describe.skipIf(!hasData)('the events of all documents there are', () => {
  it('come through XML 2.0 and JSON with their hashes', () => {
    expect(files.length).toBeGreaterThan(100)
    for (const file of files) {
      const events = raws(file)
      const hashes = events.map((event) => eventHash(event))
      expect(
        back(xmlOf(events)).map(({ raw }) => eventHash(raw)),
        file,
      ).toEqual(hashes)
      const json = formatJsonDocument(events, { creationDate })
      expect(json.ok && eventsIn(json.value).map(({ raw }) => eventHash(raw)), file).toEqual(hashes)
    }
  })

  it.skipIf(!hasXmllint)('are valid under the schemas of GS1 in XML 2.0 and 1.2', () => {
    const all = files.flatMap(raws)
    expect(faults(xmlOf(all), '2.0')).toBe('')
    const query = { name: 'SimpleEventQuery', subscriptionID: 's1' }
    expect(faults(xmlOf(all, { ...form20, query }), '2.0', 'query-')).toBe('')
    const old = { ...form12, unsaid: 'drop' } as const
    expect(faults(xmlOf(all, old), '1.2')).toBe('')
    expect(faults(xmlOf(all, { ...old, query: { name: 'x' } }), '1.2', 'query-')).toBe('')
  })

  it('are valid under the JSON Schema of GS1', () => {
    const schema = readFileSync(`${data}/epcis-gs1/json-schema/EPCIS-JSON-Schema.json`, 'utf8')
    const ajv = new Ajv({
      strict: false,
      formats: { uri: /^[a-zA-Z][\w+.-]*:\S+$/, 'date-time': /^\d/ },
    })
    const validate = ajv.compile(JSON.parse(schema))
    // EPCIS 2.0 §7.4 and the XML schema have persistentDisposition in every event, this one in two;
    // and the CBV has new words since.
    const known = (event: Json) =>
      (/Object|Transformation/.test(String(event.type)) || !event.persistentDisposition) &&
      !JSON.stringify(event).includes('EffectiveDose')
    const all = files.flatMap(raws).filter(known)
    for (const query of [undefined, { name: 'SimpleEventQuery' }]) {
      const json = formatJsonDocument(all, { creationDate, ...(query && { query }) })
      expect(json.ok && validate(json.value), JSON.stringify(validate.errors?.[0])).toBe(true)
    }
  })

  it.skipIf(!hasXmllint)('random events are valid, too, with headers and master data', () => {
    const frame = {
      header: { sender: 'urn:epc:id:sgln:0614141.00001.0', receiver: 'r', instanceIdentifier: '1' },
      masterData: [
        {
          type: 'urn:epcglobal:epcis:vtype:Location',
          id: 'https://id.gs1.org/414/0614141007776',
          attributes: {
            'urn:epcglobal:cbv:mda#name': 'A & B',
            'urn:x:address': { 'ex:city': 'C', '@context': { ex: 'u:ex' } },
          },
          children: ['https://id.gs1.org/414/0614141007776/254/1'],
        },
      ],
    }
    const events = fc.sample(eventOf({ old: false }), 100).map((event) => eventsIn([event])[0]!.raw)
    const old = fc.sample(eventOf({ old: true }), 100).map((event) => eventsIn([event])[0]!.raw)
    expect(faults(xmlOf(events, { ...form20, ...frame }), '2.0')).toBe('')
    expect(faults(xmlOf(old, { ...form12, ...frame }), '1.2')).toBe('')
    const again = parseEpcisEvents(documentOf(Buffer.from(xmlOf(old, { ...form12, ...frame }))))
    expect(again.masterData).toMatchObject(frame.masterData)
  })
})

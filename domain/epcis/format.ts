// EPCIS documents out of kept events: JSON-LD 2.0, XML 2.0 and XML 1.2; to be captured by a
// partner, or as the results of a query. Takes the time as an argument. The events are EPCIS JSON
// as they came, each with the prefixes it uses in its own @context.

import type { Refusal, Result } from '../refusal.ts'
import { escapeAttribute, escapeText, xsd, xsi } from '../xml.ts'
import { isObject, type Json } from './fields.ts'
import { type EventForm, formEvent } from './form.ts'
import { declaredIn } from './hash.ts'
import type { MasterDataElement } from './master-data.ts'
import { declarations, type Writing, writeExtension, writingOf } from './xml-names.ts'
import { writeXmlEvent, type XmlForm } from './xml-write.ts'

export const epcisContext = 'https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld'

export interface DocumentFrame {
  /** Epoch ms. */
  creationDate: number
  /** Makes it the answer to a query. */
  query?: { name: string; subscriptionID?: string }
  /** For the Standard Business Document Header, and its namesakes in JSON. */
  header?: { sender: string; receiver: string; instanceIdentifier: string }
  masterData?: readonly MasterDataElement[]
  /**
   * XML elements of other name spaces, declared in them; not in JSON. At the end of the header; in
   * 2.0, whose header has no room for them, after the body.
   */
  foreignXml?: string
}

export interface FormattedDocument {
  text: string
  /** What was left out, with pointers that start with the index of the event. */
  dropped: Refusal[]
}

/**
 * The document, valid under GS1's schemas when the events are. Refusals: epcis/xml for what the
 * version or XML itself cannot say, gs1/company-prefix-unknown for a URN that cannot be written;
 * pointers start with the index of the event.
 */
export function formatXmlDocument(
  events: readonly Json[],
  { version, ...rest }: XmlForm & DocumentFrame,
): Result<FormattedDocument> {
  const refusals: Refusal[] = []
  const dropped: Refusal[] = []
  const written = events.map((event, i) => {
    const one = writeXmlEvent(event, { ...rest, version }, `/${i}`)
    for (const refusal of one.refusals) refusals.push(refusal)
    for (const refusal of one.dropped) dropped.push(refusal)
    // EPCIS 1.2 §9.5: TransformationEvent came with 1.1, in the room that 1.0 had left.
    const isLater = version === '1.2' && event.type === 'TransformationEvent'
    return isLater && one.xml !== '' ? `<extension>${one.xml}</extension>` : one.xml
  })
  const notes: Pick<Writing, 'refusals' | 'dropped'> = { refusals, dropped }
  const { foreignXml = '', ...frame } = rest
  const inHeader = version === '1.2'
  const header = xmlHeader(inHeader ? rest : frame, notes)
  if (refusals.length > 0) return { ok: false, refusals }
  const list = `<EventList>\n${written.filter(Boolean).join('\n')}\n</EventList>`
  const behind = inHeader ? '' : foreignXml
  const text = xmlFrame(header, list, { version, ...frame, foreignXml: behind })
  return { ok: true, value: { text, dropped } }
}

function xmlFrame(
  header: string,
  list: string,
  {
    version,
    creationDate,
    query,
    foreignXml = '',
  }: Pick<XmlForm & DocumentFrame, 'version' | 'creationDate' | 'query' | 'foreignXml'>,
): string {
  const number = version === '2.0' ? 2 : 1
  const [prefix, root] = query ? ['epcisq', 'EPCISQueryDocument'] : ['epcis', 'EPCISDocument']
  const own = `urn:epcglobal:${query ? 'epcis-query' : 'epcis'}:xsd:${number}`
  const spaces = {
    [prefix]: own,
    xsi,
    xsd,
    gs1: 'https://gs1.org/voc/',
    cbv: 'https://ref.gs1.org/cbv/',
  }
  const declared = Object.entries(spaces).map(([name, uri]) => ` xmlns:${name}="${uri}"`)
  const date = new Date(creationDate).toISOString()
  const said = query
    ? `<epcisq:QueryResults><queryName>${escapeText(query.name)}</queryName>` +
      (query.subscriptionID === undefined
        ? ''
        : `<subscriptionID>${escapeText(query.subscriptionID)}</subscriptionID>`) +
      `<resultsBody>${list}</resultsBody></epcisq:QueryResults>`
    : list
  return (
    '<?xml version="1.0" encoding="UTF-8"?>\n' +
    `<${prefix}:${root}${declared.join('')} schemaVersion="${version}" creationDate="${date}">\n` +
    `${header}<EPCISBody>\n${said}\n</EPCISBody>\n${foreignXml}</${prefix}:${root}>\n`
  )
}

/** SBDH 1.3 as EPCIS 1.2 §9.2 profiles it, then master data. */
function xmlHeader(
  { header, masterData = [], creationDate, foreignXml = '' }: DocumentFrame,
  notes: Pick<Writing, 'refusals' | 'dropped'>,
): string {
  if (!header && masterData.length === 0 && foreignXml === '') return ''
  const vocabularies = [...Map.groupBy(masterData, ({ type }) => type)].map(([type, elements]) => {
    const list = elements.map((element) => xmlElementOf(element, notes)).join('')
    const items = `<VocabularyElementList>${list}</VocabularyElementList>`
    return `<Vocabulary type="${escapeAttribute(type)}">${items}</Vocabulary>`
  })
  const data =
    vocabularies.length === 0
      ? ''
      : '<extension><EPCISMasterData><VocabularyList>' +
        `${vocabularies.join('')}</VocabularyList></EPCISMasterData></extension>`
  const business = header ? businessHeader(header, creationDate) : ''
  return `<EPCISHeader>${business}${data}${foreignXml}</EPCISHeader>\n`
}

function businessHeader(
  { sender, receiver, instanceIdentifier }: NonNullable<DocumentFrame['header']>,
  creationDate: number,
): string {
  const party = (name: string, id: string): string => {
    const authority = /^urn:epc:id:(sgln|pgln):/.exec(id)?.[1]?.toUpperCase() ?? 'GS1'
    const identifier = `<sbdh:Identifier Authority="${authority}">${escapeText(id)}</sbdh:Identifier>`
    return `<sbdh:${name}>${identifier}</sbdh:${name}>`
  }
  const identification = [
    ['Standard', 'EPCglobal'],
    ['TypeVersion', '1.0'],
    ['InstanceIdentifier', instanceIdentifier],
    ['Type', 'Events'],
    ['CreationDateAndTime', new Date(creationDate).toISOString()],
  ]
    .map(([name, value]) => `<sbdh:${name}>${escapeText(value!)}</sbdh:${name}>`)
    .join('')
  const namespace = 'http://www.unece.org/cefact/namespaces/StandardBusinessDocumentHeader'
  return (
    `<sbdh:StandardBusinessDocumentHeader xmlns:sbdh="${namespace}">` +
    '<sbdh:HeaderVersion>1.0</sbdh:HeaderVersion>' +
    party('Sender', sender) +
    party('Receiver', receiver) +
    `<sbdh:DocumentIdentification>${identification}</sbdh:DocumentIdentification>` +
    '</sbdh:StandardBusinessDocumentHeader>'
  )
}

function xmlElementOf(
  { id, attributes, children }: MasterDataElement,
  notes: Pick<Writing, 'refusals' | 'dropped'>,
): string {
  const said = Object.entries(attributes).map(([name, value]) => {
    const start = `<attribute id="${escapeAttribute(name)}"`
    if (!isObject(value)) return `${start}>${escapeText(String(value))}</attribute>`
    const writing = writingOf(value, notes)
    const content = Object.entries(value)
      .filter(([part]) => !part.startsWith('@'))
      .map(([part, inner]) => writeExtension(part, inner, { path: name, writing }))
    return `${start}${declarations(writing)}>${content.join('')}</attribute>`
  })
  const ids = children.map((child) => `<id>${escapeText(child)}</id>`).join('')
  const list = ids === '' ? '' : `<children>${ids}</children>`
  return `<VocabularyElement id="${escapeAttribute(id)}">${said.join('')}${list}</VocabularyElement>`
}

/**
 * The document as JSON-LD. Prefixes of the events move to its @context where they agree. Refusals:
 * gs1/company-prefix-unknown, as for XML.
 */
export function formatJsonDocument(
  events: readonly Json[],
  frame: EventForm & DocumentFrame,
): Result<Json> {
  const refusals: Refusal[] = []
  const shared = new Map<string, string>()
  const eventList = events.map((event, i) => {
    const formed = formEvent(event, frame, { path: `/${i}`, refusals })
    const { '@context': _, ...said } = formed
    const own = [...declaredIn(event)].filter(([prefix, uri]) => {
      if (!shared.has(prefix)) shared.set(prefix, uri)
      return shared.get(prefix) !== uri
    })
    return own.length === 0 ? said : { '@context': Object.fromEntries(own), ...said }
  })
  if (refusals.length > 0) return { ok: false, refusals }
  const prefixes = shared.size === 0 ? [] : [Object.fromEntries(shared)]
  const { query, header, masterData = [] } = frame
  const results = query && {
    queryName: query.name,
    ...(query.subscriptionID !== undefined && { subscriptionID: query.subscriptionID }),
    resultsBody: { eventList },
  }
  const value = {
    '@context': [epcisContext, ...prefixes],
    type: query ? 'EPCISQueryDocument' : 'EPCISDocument',
    schemaVersion: '2.0',
    creationDate: new Date(frame.creationDate).toISOString(),
    ...(!query && header),
    ...(!query && masterData.length > 0 && { epcisHeader: jsonHeader(masterData) }),
    epcisBody: results ? { queryResults: results } : { eventList },
  }
  return { ok: true, value }
}

const jsonHeader = (masterData: readonly MasterDataElement[]): Json => ({
  epcisMasterData: {
    vocabularyList: [...Map.groupBy(masterData, ({ type }) => type)].map(([type, elements]) => ({
      type,
      vocabularyElementList: elements.map(({ id, attributes, children }) => ({
        id,
        attributes: Object.entries(attributes).map(([id, attribute]) => ({ id, attribute })),
        ...(children.length > 0 && { children }),
      })),
    })),
  },
})

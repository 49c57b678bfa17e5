// Documents of EPCIS XML 2.0, 1.2, 1.1 and 1.0 as the EPCIS JSON document that says the same:
// EPCISDocument, the results in an EPCISQueryDocument, EPCISMasterDataDocument, or one bare event.
// Judges no event. Refuses what is no such document: queries, other roots, other name spaces.

import type { Refusal, Result } from '../refusal.ts'
import type { XmlElement } from '../xml.ts'
import type { Json } from './fields.ts'
import { convertXmlEvent, isXmlEvent } from './xml-events.ts'
import {
  contextOf,
  extensionValue,
  gather,
  isEpcisNamespace,
  type Members,
  type Names,
  nameOf,
} from './xml-extension.ts'

export interface XmlDocument {
  /** As parsed JSON of the same document would be. */
  document: Json
  /** Of single events: what JSON could not say, with the pointer of its place in `document`. */
  refusals: Refusal[]
}

/** Turns events into JSON as they are read, the document when all has been. */
export interface XmlDocumentReader {
  /** Whether this is an event of the document: then it need not be kept. */
  take: (element: XmlElement, around: readonly XmlElement[]) => boolean
  finish: (root: XmlElement) => Result<XmlDocument>
}

export const eventListPath = {
  EPCISDocument: '/epcisBody/eventList',
  EPCISQueryDocument: '/epcisBody/queryResults/resultsBody/eventList',
}

const standardContext = 'https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld'
const around = /^(EPCIS(Query)?Document|EPCISBody|EventList|QueryResults|resultsBody|extension)$/

export function readXmlDocument(): XmlDocumentReader {
  const events: Json[] = []
  const refusals: Refusal[] = []
  const convert = (element: XmlElement, root: XmlElement): Json => {
    const isQuery = root.name === 'EPCISQueryDocument'
    const list = eventListPath[isQuery ? 'EPCISQueryDocument' : 'EPCISDocument']
    const path = root === element ? '' : `${list}/${events.length}`
    if (root.name === 'EPCISDocument') refusals.push(...refuseOrder(element, root, path))
    return convertXmlEvent(element, { path, refusals, old: root.uri.endsWith(':1') })
  }
  return {
    take: (element, parents) => {
      const isListed =
        parents.some(({ name }) => name === 'EventList') &&
        parents.every(({ name, uri }) => around.test(name) && (uri === '' || isEpcisNamespace(uri)))
      if (!isListed || !isXmlEvent(element)) return false
      events.push(convert(element, parents[0]!))
      return true
    },
    finish: (root) => {
      if (root.uri !== '' && !isEpcisNamespace(root.uri))
        return refuse(`the name space ${root.uri} is not one of EPCIS 1.x or 2.0`)
      if (isXmlEvent(root)) {
        const event = { '@context': standardContext, ...convert(root, root) }
        return { ok: true, value: { document: event, refusals } }
      }
      const document = documentOf(root, events)
      return document.ok ? { ok: true, value: { document: document.value, refusals } } : document
    },
  }
}

/**
 * The schema of EPCIS 2.0 has the fields of an event in a sequence that starts with eventTime. Of
 * the sequence nothing else is asked: senders mix the rest, and it says the same in any order.
 */
function refuseOrder(event: XmlElement, root: XmlElement, path: string): Refusal[] {
  const first = event.children.findIndex(({ name }) => name === 'eventTime')
  if (first < 1 || root.uri.endsWith(':1')) return []
  const { name, line } = event.children[0]!
  const detail = `want eventTime before every other element, also <${name}> (line ${line})`
  return [{ code: 'epcis/field-unexpected', path: `${path}/eventTime`, detail }]
}

function documentOf(root: XmlElement, events: Json[]): Result<Json> {
  const body = find(root, 'EPCISBody')
  if (!body) return refuse(`<${root.name}> is no EPCIS document with an EPCISBody, and no event`)
  const strange = strangeEvent(body)
  if (strange) return refuse(strange, 'epcis/type-unsupported')
  switch (root.name) {
    case 'EPCISDocument':
      return finishDocument(root, { ...headerOf(root), epcisBody: { eventList: events } })
    case 'EPCISQueryDocument': {
      const results = find(body, 'QueryResults')
      if (!results) return refuse('want QueryResults in this EPCISQueryDocument: queries are asked')
      const resultsBody = find(results, 'resultsBody')
      if (!resultsBody || !find(resultsBody, 'EventList'))
        return refuse('want resultsBody with an EventList in QueryResults')
      const subscriptionID = textOf(find(results, 'subscriptionID'))
      return finishDocument(root, {
        epcisBody: {
          queryResults: {
            // Left out by some repositories; there is no other query with events in its results.
            queryName: textOf(find(results, 'queryName')) ?? 'SimpleEventQuery',
            ...(subscriptionID !== undefined && { subscriptionID }),
            resultsBody: { eventList: events },
          },
        },
      })
    }
    case 'EPCISMasterDataDocument':
      return finishDocument(root, {
        epcisBody: { vocabularyList: vocabularyListOf(find(body, 'VocabularyList')) },
      })
    default:
      return refuse(`<${root.name}> is no EPCIS document and no event`)
  }
}

function finishDocument(root: XmlElement, content: Json): Result<Json> {
  const names: Names = new Map()
  const attribute = (name: string): string | undefined =>
    root.attributes.find((one) => one.uri === '' && one.name === name)?.value.trim()
  const own: Members = root.children
    .filter(({ uri }) => uri !== '' && !isEpcisNamespace(uri))
    .map((child) => [nameOf(child, names), extensionValue(child, names)])
  const [schemaVersion, creationDate] = [attribute('schemaVersion'), attribute('creationDate')]
  const prefixes = contextOf(names)['@context']
  const value = {
    '@context': prefixes === undefined ? standardContext : [standardContext, prefixes],
    type: root.name,
    ...(schemaVersion !== undefined && { schemaVersion }),
    ...(creationDate !== undefined && { creationDate }),
    ...content,
    ...gather(own),
  }
  return { ok: true, value }
}

/** An element of the list that is no event we know: events of others would be lost unnoticed. */
function strangeEvent(element: XmlElement): string | undefined {
  for (const child of element.children) {
    const isList = /^(EventList|QueryResults|resultsBody)$/.test(child.name)
    if (isList || (child.name === 'extension' && element.name !== 'EPCISBody')) {
      const found = strangeEvent(child)
      if (found) return found
    } else if (/^(EventList|extension)$/.test(element.name))
      return `<${child.name}> is no event of EPCIS (line ${child.line})`
  }
  return
}

/**
 * Master data, and of the Standard Business Document Header who sends to whom, under the names that
 * EPCIS 2.0 §10.1 gives them in JSON.
 */
function headerOf(root: XmlElement): Json {
  const header = find(root, 'EPCISHeader')
  if (!header) return {}
  const sbdh = find(header, 'StandardBusinessDocumentHeader')
  const party = (name: string) => textOf(sbdh && find(find(sbdh, name), 'Identifier'))
  const identification = sbdh && find(sbdh, 'DocumentIdentification')
  const masterData = find(find(header, 'extension'), 'EPCISMasterData')
  const said = {
    instanceIdentifier: textOf(find(identification, 'InstanceIdentifier')),
    sender: party('Sender'),
    receiver: party('Receiver'),
    epcisHeader: masterData && {
      epcisMasterData: { vocabularyList: vocabularyListOf(find(masterData, 'VocabularyList')) },
    },
  }
  return Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined))
}

function vocabularyListOf(list: XmlElement | undefined): Json[] {
  return children(list, 'Vocabulary').map((vocabulary) => ({
    type: idOf(vocabulary, 'type'),
    vocabularyElementList: children(
      find(vocabulary, 'VocabularyElementList'),
      'VocabularyElement',
    ).map((element) => {
      const ids = children(find(element, 'children'), 'id').map(({ text }) => text.trim())
      return {
        id: idOf(element, 'id'),
        attributes: children(element, 'attribute').map((attribute) => ({
          id: idOf(attribute, 'id'),
          attribute: attributeValue(attribute),
        })),
        ...(ids.length > 0 && { children: ids }),
      }
    }),
  }))
}

/** Text, or the elements in it, without its own id. */
function attributeValue(element: XmlElement): unknown {
  const names: Names = new Map()
  const bare = { ...element, attributes: element.attributes.filter(({ name }) => name !== 'id') }
  const value = extensionValue(bare, names)
  return names.size === 0 || typeof value !== 'object' ? value : { ...contextOf(names), ...value }
}

const idOf = ({ attributes }: XmlElement, wanted: string): string =>
  attributes.find(({ uri, name }) => uri === '' && name === wanted)?.value.trim() ?? ''

const children = (element: XmlElement | undefined, wanted: string): XmlElement[] =>
  element?.children.filter(({ name }) => name === wanted) ?? []

const find = (element: XmlElement | undefined, wanted: string): XmlElement | undefined =>
  element?.children.find(({ name }) => name === wanted)

const textOf = (element: XmlElement | undefined): string | undefined => element?.text.trim()

const refuse = (detail: string, code: Refusal['code'] = 'epcis/schema'): Result<never> => ({
  ok: false,
  refusals: [{ code, path: '', detail }],
})

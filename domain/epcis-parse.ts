// EPCIS 2.0 JSON documents as events of domain/epcis.ts, or everything that is wrong with them,
// each with the place and what would be right. Checks by hand what GS1's JSON Schema demands and
// what it cannot see. Reads no remote @context and keeps nothing: whether a parent or an eventID
// is known is for the store.
import { standardPrefixes } from './cbv.ts'
import type {
  Action,
  BizTransaction,
  EpcisEvent,
  EventCommon,
  QuantityElement,
  SourceOrDestination,
} from './epcis.ts'
import {
  isObject,
  type Json,
  missing,
  object,
  pattern,
  pointer,
  refusalsMax,
  report,
  type Scope,
  text,
  time,
  uri,
} from './epcis-fields.ts'
import { deriveEventId } from './epcis-id.ts'
import { type EventType, eventShapes } from './epcis-shapes.ts'
import { isAbsoluteUri, parseEpc } from './gs1.ts'
import type { Result } from './refusal.ts'

export interface EpcisLimits {
  eventsMax: number
  /** Identifiers in all lists of one event together. */
  epcsPerEventMax: number
  /**
   * Refuse an attribute that stands in sensorMetadata and in a sensorReport of one sensorElement.
   * TCR-53 step 29 wants that, GS1's own "all possible fields" examples break it: ADR 0006 says
   * which side this project takes.
   */
  sensorAttributesOnce: boolean
}

export const epcisLimits: EpcisLimits = {
  eventsMax: 20_000,
  epcsPerEventMax: 100_000,
  sensorAttributesOnce: false,
}

/** Levels of nested extensions; deeper ones would exhaust the stack of whoever walks them. */
const depthMax = 64

/**
 * Events of an EPCISDocument, an EPCISQueryDocument, a bare event or an array of bare events,
 * given as parsed JSON; in the order of the document. Refusals: epcis/* with an RFC 6901 pointer
 * from the root of `input`; what is missing is reported at the object that lacks it. At most 1,000
 * of them.
 */
export function parseEpcisDocument(
  input: unknown,
  limits: Partial<EpcisLimits> = {},
): Result<EpcisEvent[]> {
  const bounds = { ...epcisLimits, ...limits }
  const { sensorAttributesOnce } = bounds
  const scope: Scope = { refusals: [], prefixes: standardPrefixes, sensorAttributesOnce }
  const found = findEvents(input, scope)
  if (found.length > bounds.eventsMax) {
    const detail = `${found.length} events in one document, at most ${bounds.eventsMax} are taken`
    const path = found[0]!.path.replace(/\/0$/, '')
    return { ok: false, refusals: [{ code: 'epcis/too-many-events', path, detail }] }
  }
  const documentScope = isObject(input) && !isEvent(input) ? withContext(input, '', scope) : scope
  const events: EpcisEvent[] = []
  for (const { value, path } of found) {
    if (scope.refusals.length >= refusalsMax) break
    const event = parseEvent(value, { path, scope: documentScope, bounds })
    if (event) events.push(event)
  }
  return scope.refusals.length
    ? { ok: false, refusals: scope.refusals }
    : { ok: true, value: events }
}

interface Place {
  value: unknown
  path: string
}

const anything = (value: unknown): unknown => value
const documentFields = {
  id: uri,
  type: text,
  schemaVersion: pattern(/^\d+(\.\d+)*$/, 'a version such as 2.0'),
  creationDate: time,
  epcisBody: anything,
}
const documentShape = object({
  fields: {
    ...documentFields,
    instanceIdentifier: text,
    sender: text,
    receiver: text,
    epcisHeader: object({ fields: { epcisMasterData: anything } }),
  },
  required: ['@context', 'schemaVersion', 'creationDate', 'epcisBody'],
})
const queryDocumentShape = object({ fields: documentFields, required: ['@context', 'epcisBody'] })
const queryBodyShape = object({ fields: { queryResults: anything }, required: ['queryResults'] })
const queryResultsShape = object({
  fields: { queryName: text, subscriptionID: text, resultsBody: anything },
  required: ['queryName', 'resultsBody'],
})
const resultsBodyShape = object({
  fields: { eventList: anything, vocabularyList: anything },
  required: ['eventList'],
})

const isEvent = (input: Json): boolean =>
  input.type !== 'EPCISDocument' && input.type !== 'EPCISQueryDocument'

/** The events with their places; problems of what is around them are reported. */
function findEvents(input: unknown, scope: Scope): Place[] {
  if (Array.isArray(input)) return input.map((value, i) => ({ value, path: `/${i}` }))
  if (!isObject(input)) {
    report(scope, 'epcis/schema', { path: '', detail: 'want an EPCIS document or event' })
    return []
  }
  if (isEvent(input)) return [{ value: input, path: '' }]
  const { epcisBody: body } = input
  if (input.type === 'EPCISDocument') {
    documentShape(input, '', scope)
    if (body === undefined) return []
    if (isObject(body) && !('eventList' in body) && isObject(body.event))
      return [{ value: body.event, path: '/epcisBody/event' }]
    return eventsIn(body, '/epcisBody', scope)
  }
  queryDocumentShape(input, '', scope)
  if (body === undefined || !queryBodyShape(body, '/epcisBody', scope)) return []
  const { queryResults } = body as Json
  const path = '/epcisBody/queryResults'
  if (!queryResultsShape(queryResults, path, scope)) return []
  const { resultsBody } = queryResults as Json
  resultsBodyShape(resultsBody, `${path}/resultsBody`, scope)
  return eventsIn(resultsBody, `${path}/resultsBody`, scope)
}

function eventsIn(body: unknown, path: string, scope: Scope): Place[] {
  const list = isObject(body) ? body.eventList : undefined
  const listPath = `${path}/eventList`
  if (Array.isArray(list)) return list.map((value, i) => ({ value, path: `${listPath}/${i}` }))
  if (!isObject(body)) report(scope, 'epcis/schema', { path, detail: 'want an object' })
  else if (list === undefined) missing(scope, path, 'eventList')
  else report(scope, 'epcis/schema', { path: listPath, detail: 'want an array of events' })
  return []
}

/**
 * The scope with the prefixes that the object's @context declares; strings name contexts, unread.
 */
function withContext(holder: Json, at: string, scope: Scope): Scope {
  if (!Object.hasOwn(holder, '@context')) return scope
  const path = pointer(at, '@context')
  const entries = Array.isArray(holder['@context']) ? holder['@context'] : [holder['@context']]
  const prefixes = new Map(scope.prefixes)
  for (const [i, entry] of entries.entries()) {
    const entryPath = Array.isArray(holder['@context']) ? pointer(path, i) : path
    if (typeof entry === 'string' && isAbsoluteUri(entry)) continue
    if (!isObject(entry)) {
      const detail = 'want the URI of a context, or an object of prefixes'
      report(scope, 'epcis/context', { path: entryPath, detail })
      continue
    }
    for (const [name, meaning] of Object.entries(entry)) {
      const namespace = isObject(meaning) ? meaning['@id'] : meaning
      if (typeof namespace === 'string' && !name.startsWith('@')) prefixes.set(name, namespace)
    }
  }
  return { ...scope, prefixes }
}

/** What the readers of epcis-shapes.ts leave of an event. */
interface Fields {
  eventTime: number
  eventTimeZoneOffset: string
  eventID?: string
  action: Action
  bizStep?: string
  disposition?: string
  readPoint?: { id: string }
  bizLocation?: { id: string }
  bizTransactionList?: BizTransaction[]
  sourceList?: { type: string; source: string }[]
  destinationList?: { type: string; destination: string }[]
  errorDeclaration?: { declarationTime: number; reason?: string; correctiveEventIDs?: string[] }
  parentID?: string
  epcList?: string[]
  quantityList?: QuantityElement[]
  childEPCs?: string[]
  childQuantityList?: QuantityElement[]
  inputEPCList?: string[]
  inputQuantityList?: QuantityElement[]
  outputEPCList?: string[]
  outputQuantityList?: QuantityElement[]
  transformationID?: string
  ilmd?: Json
}

function parseEvent(
  value: unknown,
  { path, scope, bounds }: { path: string; scope: Scope; bounds: EpcisLimits },
): EpcisEvent | undefined {
  if (!isObject(value)) return report(scope, 'epcis/schema', { path, detail: 'want an event' })
  if (!Object.hasOwn(value, 'type')) return missing(scope, path, 'type')
  if (typeof value.type !== 'string' || !Object.hasOwn(eventShapes, value.type)) {
    const detail = `want one of ${Object.keys(eventShapes).join(', ')}`
    return report(scope, 'epcis/type-unsupported', { path: pointer(path, 'type'), detail })
  }
  if (deeperThan(value, depthMax)) {
    const detail = `nested deeper than ${depthMax} levels`
    return report(scope, 'epcis/field-invalid', { path, detail })
  }
  const type = value.type as EventType
  const before = scope.refusals.length
  const inner = withContext(value, path, scope)
  if (reportTooMany(value, { path, scope, max: bounds.epcsPerEventMax })) return
  const read = object(eventShapes[type])(value, path, inner)
  reportRelations(type, value, { path, scope })
  if (!read || scope.refusals.length > before) return
  // The readers of the shape have made exactly these types; the shape has checked what is required.
  const fields = read as unknown as Fields
  return buildEvent(type, fields, {
    ...commonOf(fields, value, inner),
    eventID: fields.eventID ?? deriveEventId(read),
  })
}

function commonOf(fields: Fields, value: Json, scope: Scope): Omit<EventCommon, 'eventID'> {
  const { recordTime: _, ...raw } = value
  const { bizStep, disposition, readPoint, bizLocation, errorDeclaration } = fields
  const declared = [...scope.prefixes].filter(([name, uri]) => standardPrefixes.get(name) !== uri)
  return {
    eventTime: fields.eventTime,
    eventTimeZoneOffset: fields.eventTimeZoneOffset,
    ...(bizStep !== undefined && { bizStep }),
    ...(disposition !== undefined && { disposition }),
    ...(readPoint && { readPoint: readPoint.id }),
    ...(bizLocation && { bizLocation: bizLocation.id }),
    bizTransactionList: fields.bizTransactionList ?? [],
    sourceList: (fields.sourceList ?? []).map(({ type, source: id }) => ({ type, id })),
    destinationList: (fields.destinationList ?? []).map(
      ({ type, destination: id }): SourceOrDestination => ({ type, id }),
    ),
    sensorElementList: (value.sensorElementList as unknown[] | undefined) ?? [],
    ...(errorDeclaration && {
      errorDeclaration: { correctiveEventIDs: [], ...errorDeclaration },
    }),
    ...(declared.length > 0 && { prefixes: Object.fromEntries(declared) }),
    raw,
  }
}

function buildEvent(type: EventType, fields: Fields, common: EventCommon): EpcisEvent {
  const { action, parentID, transformationID } = fields
  const parent = parentID === undefined ? {} : { parentID }
  const objects = { epcList: fields.epcList ?? [], quantityList: fields.quantityList ?? [] }
  const children = {
    childEPCs: fields.childEPCs ?? [],
    childQuantityList: fields.childQuantityList ?? [],
  }
  switch (type) {
    case 'ObjectEvent':
      return { ...common, type, action, ...objects, ...lotFacts(fields, common.raw) }
    case 'AggregationEvent':
      return { ...common, type, action, ...parent, ...children }
    case 'AssociationEvent':
      return { ...common, type, action, parentID: parentID!, ...children }
    case 'TransactionEvent':
      return { ...common, type, action, ...parent, ...objects }
    case 'TransformationEvent':
      return {
        ...common,
        type,
        inputEPCList: fields.inputEPCList ?? [],
        inputQuantityList: fields.inputQuantityList ?? [],
        outputEPCList: fields.outputEPCList ?? [],
        outputQuantityList: fields.outputQuantityList ?? [],
        ...(transformationID !== undefined && { transformationID }),
      }
  }
}

/** Rules between fields of one event: EPCIS 2.0 §7.4.2 to §7.4.7. */
function reportRelations(
  type: EventType,
  event: Json,
  { path, scope }: { path: string; scope: Scope },
): void {
  const has = (name: string) => Object.hasOwn(event, name)
  // Of a list that is no list, or an action that is none, its reader has told already.
  const filled = (name: string) =>
    has(name) && !(Array.isArray(event[name]) && event[name].length === 0)
  const lacks = (detail: string) => report(scope, 'epcis/field-missing', { path, detail })
  const { action } = event
  const lists = action === 'ADD' || action === 'OBSERVE'
  switch (type) {
    case 'ObjectEvent':
      if (
        !has('epcList') &&
        !filled('quantityList') &&
        !(filled('sensorElementList') && has('readPoint'))
      )
        lacks('want epcList, quantityList, or sensorElementList with readPoint')
      if (has('ilmd') && (action === 'OBSERVE' || action === 'DELETE')) {
        const detail = 'ilmd is for events with action ADD'
        report(scope, 'epcis/field-unexpected', { path: pointer(path, 'ilmd'), detail })
      }
      return
    case 'AggregationEvent':
    case 'AssociationEvent':
      if (
        !has('parentID') &&
        (type === 'AssociationEvent' || action === 'ADD' || action === 'DELETE')
      ) {
        const detail = `parentID is required for ${type} with action ${String(action)}`
        report(scope, 'epcis/parent-missing', { path, detail })
      }
      if (lists && !filled('childEPCs') && !filled('childQuantityList'))
        lacks('want childEPCs or childQuantityList with at least one entry')
      return
    case 'TransactionEvent':
      if (lists && !has('epcList') && !filled('quantityList')) lacks('want epcList or quantityList')
      return
    case 'TransformationEvent': {
      const input = filled('inputEPCList') || filled('inputQuantityList')
      const output = filled('outputEPCList') || filled('outputQuantityList')
      if (has('transformationID') ? !(input || output) : !(input && output))
        lacks('want inputs and outputs, or transformationID with one of them')
    }
  }
}

function reportTooMany(
  event: Json,
  { path, scope, max }: { path: string; scope: Scope; max: number },
): boolean {
  let count = 0
  for (const [name, value] of Object.entries(event)) {
    if (!Array.isArray(value)) continue
    count += value.length
    if (count <= max) continue
    const detail = `at most ${max} entries in the lists of one event are taken`
    report(scope, 'epcis/field-invalid', { path: pointer(path, name), detail })
    return true
  }
  return false
}

function deeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (levels === 0) return true
  return Object.values(value).some((member) => deeperThan(member, levels - 1))
}

const lotName =
  /^(urn:epcglobal:cbv:mda[:#/]?lotNumber|https:\/\/gs1\.org\/voc\/hasBatchLotNumber)$/
const expiryName =
  /^(urn:epcglobal:cbv:mda[:#/]?itemExpirationDate|https:\/\/gs1\.org\/voc\/expirationDate)$/

/** From the master data; else from the Digital Links, when all of them say the same. */
function lotFacts(fields: Fields, raw: Json): { lot?: string; expiry?: string } {
  const masterData = Object.entries(fields.ilmd ?? {})
  const named = (name: RegExp) => plainText(masterData.find(([full]) => name.test(full))?.[1])
  const epcs = (raw.epcList as string[] | undefined) ?? []
  const speaking = /\/(10|lot)\/|[?&](10|17)=/
  const keys = epcs.length > 0 && speaking.test(epcs[0]!) ? epcs.map(parseEpc) : []
  const common = (field: 'lot' | 'expiry') => {
    const values = new Set(keys.map((key) => (key?.key === 'sgtin' ? key[field] : undefined)))
    return values.size === 1 ? [...values][0] : undefined
  }
  const lot = named(lotName) ?? common('lot')
  const expiry = named(expiryName) ?? common('expiry')
  return { ...(lot !== undefined && { lot }), ...(expiry !== undefined && { expiry }) }
}

function plainText(value: unknown): string | undefined {
  if (typeof value === 'string') return value.trim() || undefined
  if (typeof value === 'number') return String(value)
  if (Array.isArray(value)) return value.length === 1 ? plainText(value[0]) : undefined
  return isObject(value) ? plainText(value['@value']) : undefined
}

// EPCIS 2.0 JSON documents as events of domain/epcis, or everything that is wrong with them,
// each with the place and what would be right. Reads no remote @context and keeps nothing: whether
// a parent or an eventID is known is for the store.

import type { Refusal, Result } from '../refusal.ts'
import { standardPrefixes } from './cbv.ts'
import type { EpcisEvent } from './epcis.ts'
import { parseEvent, withContext } from './event.ts'
import {
  isObject,
  type Json,
  missing,
  object,
  pattern,
  refusalsMax,
  report,
  type Scope,
  text,
  time,
  uri,
} from './fields.ts'
import { eventHash, isEventHash, keyOf } from './hash.ts'
import { type MasterDataElement, masterDataOf } from './master-data.ts'

export interface EpcisLimits {
  eventsMax: number
  /** Identifiers in all lists of one event together. */
  epcsPerEventMax: number
  /**
   * Refuse an attribute that stands in sensorMetadata and in a sensorReport of one sensorElement,
   * as TCR-53 step 29 wants. GS1's own "all possible fields" examples break it (ADR 0006).
   */
  sensorAttributesOnce: boolean
  /**
   * Give events without eventID their hash, and compare ids that are one: a third of the work, and
   * nothing to whoever knows the id or only wants to hear what is wrong. Else such ids are ''.
   */
  identify: boolean
}

export const epcisLimits: EpcisLimits = {
  eventsMax: 20_000,
  epcsPerEventMax: 100_000,
  sensorAttributesOnce: true,
  identify: true,
}

/** An event, or why it is none. */
export type ParsedEvent = { path: string } & (
  | { event: EpcisEvent; refusals?: undefined }
  | { event?: undefined; refusals: Refusal[] }
)

export interface ParsedDocument {
  /** In the order of the document. Empty when the document itself is refused. */
  events: ParsedEvent[]
  /** Of what is around the events: nothing in a document with these is taken. */
  refusals: Refusal[]
  /** What is taken all the same, and wants to be known. */
  warnings: Refusal[]
  masterData: MasterDataElement[]
}

/**
 * Every event of an EPCISDocument, an EPCISQueryDocument, a bare event or an array of bare events,
 * given as parsed JSON, for itself. Refusals: epcis/* with an RFC 6901 pointer from the root of
 * `input`; what is missing is reported at the object that lacks it. At most 1,000 of them.
 */
export function parseEpcisEvents(
  input: unknown,
  limits: Partial<EpcisLimits> = {},
): ParsedDocument {
  const bounds = { ...epcisLimits, ...limits }
  const scope: Scope = {
    refusals: [],
    prefixes: standardPrefixes,
    declared: new Map(),
    sensorAttributesOnce: bounds.sensorAttributesOnce,
    identify: bounds.identify,
  }
  const found = findEvents(input, scope)
  if (found.length > bounds.eventsMax) {
    const detail = `${found.length} events in one document, at most ${bounds.eventsMax} are taken`
    const path = found[0]!.path.replace(/\/0$/, '')
    report(scope, 'epcis/too-many-events', { path, detail })
  }
  const inner = isObject(input) && !isEvent(input) ? withDocument(input, scope) : scope
  const parsed: ParsedDocument = {
    events: [],
    refusals: scope.refusals,
    warnings: [],
    masterData: masterDataOf(input),
  }
  if (scope.refusals.length > 0 && found.length > bounds.eventsMax) return parsed
  let count = scope.refusals.length
  for (const { value, path } of found) {
    if (count >= refusalsMax) break
    const own: Scope = { ...inner, refusals: [] }
    const event = parseEvent(value, { path, scope: own, epcsMax: bounds.epcsPerEventMax })
    if (event) own.refusals.push(...insideItself(event, path))
    count += own.refusals.length
    if (!event || own.refusals.length > 0) parsed.events.push({ path, refusals: own.refusals })
    else {
      parsed.events.push({ path, event })
      const warning = warnOfHash(event, path, inner)
      if (warning) parsed.warnings.push(warning)
    }
  }
  return parsed
}

/** Rings of several things only show in the ledger: see ingest/capture/conflicts.ts. */
function insideItself(event: EpcisEvent, path: string): Refusal[] {
  if (event.type !== 'AggregationEvent' && event.type !== 'AssociationEvent') return []
  const { parentID, childEPCs, action } = event
  const at = parentID === undefined || action !== 'ADD' ? -1 : childEPCs.indexOf(parentID)
  if (at < 0) return []
  const detail = `${parentID} cannot be put into itself`
  return [{ code: 'epcis/containment-cycle', path: `${path}/childEPCs/${at}`, detail }]
}

/** All events of a document, or everything that is wrong with it: with one fault it is refused. */
export function parseEpcisDocument(
  input: unknown,
  limits: Partial<EpcisLimits> = {},
): Result<EpcisEvent[]> {
  const { events, refusals } = parseEpcisEvents(input, limits)
  const all = [...refusals, ...events.flatMap((parsed) => parsed.refusals ?? [])]
  return all.length > 0
    ? { ok: false, refusals: all.slice(0, refusalsMax) }
    : { ok: true, value: events.flatMap(({ event }) => event ?? []) }
}

/** An eventID that is meant as a hash of the event, and is that of another: kept as it is. */
function warnOfHash({ eventID, raw }: EpcisEvent, path: string, scope: Scope): Refusal | undefined {
  if (!scope.identify || !isEventHash(eventID) || raw.eventID === undefined) return
  const own = eventHash(raw, { prefixes: scope.declared, ignored: scope.ignored })
  if (own === eventID.toLowerCase().replace('cbv', 'CBV')) return
  const detail = `this is not the hash of the event, which is ${own}`
  return { code: 'epcis/event-hash', path: `${path}/eventID`, detail }
}

/** Prefixes of the document, and the extensions it leaves out of event hashes. */
function withDocument(input: Json, scope: Scope): Scope {
  const inner = withContext(input, '', scope)
  const lists = Object.entries(input).filter(([name]) => /[^:]:ignoreFields$/.test(name))
  const named = lists.flatMap(([, list]) =>
    Array.isArray(list) ? list : isObject(list) ? Object.keys(list) : [],
  )
  if (named.length === 0) return inner
  const keys = named.map((name) => keyOf(String(name), inner.declared) ?? '')
  return { ...inner, ignored: new Set(keys) }
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
  !/^EPCIS(Query|MasterData)?Document$/.test(String(input.type))

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
  if (input.type === 'EPCISMasterDataDocument') return []
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

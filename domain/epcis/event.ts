// One event of EPCIS 2.0 JSON as an event of domain/epcis, or everything that is wrong with it,
// each with the place and what would be right. Checks by hand what GS1's JSON Schema demands of an
// event and what it cannot see. Reads no remote @context.

import { isAbsoluteUri, parseEpc } from '../gs1/gs1.ts'
import type {
  Action,
  BizTransaction,
  EpcisEvent,
  EventCommon,
  QuantityElement,
  SourceOrDestination,
} from './epcis.ts'
import { isObject, type Json, missing, object, pointer, report, type Scope } from './fields.ts'
import { declaredIn, eventHash } from './hash.ts'
import { type EventType, eventShapes } from './shapes.ts'

/** Levels of nested extensions; deeper ones would exhaust the stack of whoever walks them. */
const depthMax = 64

/**
 * The scope with the prefixes that the object's @context declares; strings name contexts, unread.
 */
export function withContext(holder: Json, at: string, scope: Scope): Scope {
  if (!Object.hasOwn(holder, '@context')) return scope
  const path = pointer(at, '@context')
  const entries = Array.isArray(holder['@context']) ? holder['@context'] : [holder['@context']]
  for (const [i, entry] of entries.entries()) {
    const entryPath = Array.isArray(holder['@context']) ? pointer(path, i) : path
    if (typeof entry === 'string' && isAbsoluteUri(entry)) continue
    if (isObject(entry)) continue
    const detail = 'want the URI of a context, or an object of prefixes'
    report(scope, 'epcis/context', { path: entryPath, detail })
  }
  const own = declaredIn(holder)
  return {
    ...scope,
    prefixes: new Map([...scope.prefixes, ...own]),
    declared: new Map([...scope.declared, ...own]),
  }
}

/** What the readers of shapes.ts leave of an event. */
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

/**
 * Undefined when refusals have been reported in the scope. `epcsMax`: identifiers in all lists of
 * the event together.
 */
export function parseEvent(
  value: unknown,
  { path, scope, epcsMax }: { path: string; scope: Scope; epcsMax: number },
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
  if (reportTooMany(value, { path, scope, max: epcsMax })) return
  const read = object(eventShapes[type])(value, path, inner)
  reportRelations(type, value, { path, scope })
  if (!read || scope.refusals.length > before) return
  // The readers of the shape have made exactly these types; the shape has checked what is required.
  const fields = read as unknown as Fields
  const hashOf = (): string =>
    inner.identify ? eventHash(value, { prefixes: inner.declared, ignored: inner.ignored }) : ''
  return buildEvent(type, fields, {
    ...commonOf(fields, value, inner),
    eventID: fields.eventID ?? hashOf(),
  })
}

function commonOf(fields: Fields, value: Json, scope: Scope): Omit<EventCommon, 'eventID'> {
  const { recordTime: _, '@context': __, ...said } = value
  const { bizStep, disposition, readPoint, bizLocation, errorDeclaration } = fields
  const used = usedPrefixes(said, scope.declared)
  const raw = used.size === 0 ? said : { '@context': Object.fromEntries(used), ...said }
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
    ...(used.size > 0 && { prefixes: Object.fromEntries(used) }),
    raw,
  }
}

/**
 * Declared prefixes that names or texts of the event use: it must be readable without its document.
 */
function usedPrefixes(event: Json, declared: ReadonlyMap<string, string>): Map<string, string> {
  const used = new Map<string, string>()
  if (declared.size === 0) return used
  const look = (text: string): void => {
    const prefix = text.slice(0, Math.max(text.indexOf(':'), 0))
    const namespace = prefix === '' ? undefined : declared.get(prefix)
    if (namespace !== undefined) used.set(prefix, namespace)
  }
  const walk = (value: unknown): void => {
    if (typeof value === 'string') look(value)
    else if (Array.isArray(value)) value.forEach(walk)
    else if (isObject(value))
      for (const [name, member] of Object.entries(value)) {
        look(name)
        walk(member)
      }
  }
  walk(event)
  return used
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
        ...lotFacts(fields, common.raw),
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
  const epcs = ((raw.epcList ?? raw.outputEPCList) as string[] | undefined) ?? []
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

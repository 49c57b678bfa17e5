// Parameters of the SimpleEventQuery language (EPCIS 2.0 §8.2.7.1) as a query: from the query
// string of a URL, or from the JSON of a named query. A parameter that is not in the tables here,
// or has a value that it cannot have, is refused with all others (QueryParameterException).

import type { Result } from '../refusal.ts'
import * as cbv from './cbv.ts'
import type { EventQuery, Role, TimeField, WordField } from './query.ts'
import {
  type Draft,
  exists,
  families,
  fieldName,
  type ParameterReader,
  sensorForms,
  sensorTime,
  sensorTimes,
  sensorValues,
} from './query-families.ts'
import type { Prefixes } from './query-fields.ts'
import * as read from './query-values.ts'
import { type Parameter, queryLimits, refuse } from './query-values.ts'
import { eventShapes } from './shapes.ts'

export interface QueryScope {
  /** Beside the standard ones and those of an `@context` in the query: of GS1-Extensions. */
  prefixes?: Prefixes
  /** What leads the path of a refusal: `query`, or a JSON pointer. */
  path?: string
}

/** Refusals: epcis/query-parameter, epcis/query-too-complex. */
export function parseQuery(
  params: URLSearchParams | Readonly<Record<string, unknown>>,
  { prefixes, path = 'query' }: QueryScope = {},
): Result<EventQuery> {
  const draft: Draft = {
    refusals: [],
    prefixes: new Map([...cbv.standardPrefixes, ...(prefixes ?? []), ...contextOf(params)]),
    path,
    values: 0,
    conditions: [],
    sensors: [],
    quantities: [],
    query: {},
  }
  const parameters = parametersOf(params)
  if (parameters.length > queryLimits.parametersMax)
    return tooComplex(path, `at most ${queryLimits.parametersMax} parameters`)
  for (const parameter of parameters) {
    readParameter(parameter, draft)
    if (draft.values > queryLimits.valuesMax)
      return tooComplex(path, `at most ${queryLimits.valuesMax} values in all parameters together`)
  }
  refuseLimits(parameters, draft)
  if (draft.refusals.length > 0) return { ok: false, refusals: draft.refusals }
  const { conditions, sensors, quantities } = draft
  if (quantities.length > 0) conditions.push({ on: 'quantity', tests: quantities })
  if (sensors.length > 0) conditions.push({ on: 'sensor', tests: sensors })
  return { ok: true, value: { conditions, ...draft.query } }
}

const tooComplex = (path: string, detail: string): Result<never> => ({
  ok: false,
  refusals: [{ code: 'epcis/query-too-complex', path, detail }],
})

function parametersOf(params: URLSearchParams | Readonly<Record<string, unknown>>): Parameter[] {
  if (params instanceof URLSearchParams)
    return [...new Set(params.keys())].map((name) => {
      const values = params.getAll(name).flatMap((value) => value.split('|'))
      return { name, values, fromUrl: true }
    })
  return Object.entries(params)
    .filter(([name]) => !name.startsWith('@'))
    .map(([name, value]) => {
      const values = Array.isArray(value) ? value : [value].filter((one) => one !== null)
      return { name, values, fromUrl: false }
    })
}

/** Prefixes that the `@context` of a query in JSON declares; contexts named by URI are not read. */
function contextOf(
  params: URLSearchParams | Readonly<Record<string, unknown>>,
): [string, string][] {
  const context = params instanceof URLSearchParams ? undefined : params['@context']
  return (Array.isArray(context) ? context : [context]).flatMap((entry) =>
    typeof entry === 'object' && entry !== null
      ? Object.entries(entry).filter(
          (pair): pair is [string, string] => typeof pair[1] === 'string',
        )
      : [],
  )
}

function readParameter(parameter: Parameter, draft: Draft): void {
  const { name } = parameter
  const known = Object.hasOwn(parameters, name) ? parameters[name] : undefined
  if (known) known(parameter, draft)
  else if (!families.some((family) => family(parameter, draft)))
    refuse(draft, parameter, 'this parameter is not known')
}

/** A condition that a field is one of the values. */
const among =
  (
    on: WordField,
    values: (parameter: Parameter, draft: Draft) => Set<string> | undefined,
  ): ParameterReader =>
  (parameter, draft) => {
    const oneOf = values(parameter, draft)
    if (oneOf) draft.conditions.push({ on, oneOf })
  }

const vocabulary = (of: cbv.Vocabulary) => (parameter: Parameter, draft: Draft) =>
  read.terms(parameter, draft, of)

const place =
  (on: 'readPoint' | 'bizLocation', descendants: boolean): ParameterReader =>
  (parameter, draft) => {
    const oneOf = read.ids(parameter, draft)
    if (oneOf) draft.conditions.push({ on, oneOf, descendants })
  }

const time =
  (on: TimeField, bound: 'from' | 'before'): ParameterReader =>
  (parameter, draft) => {
    const at = read.time(parameter, draft)
    if (at !== undefined) draft.conditions.push({ on, [bound]: at })
  }

const epcs =
  (...roles: Role[]): ParameterReader =>
  (parameter, draft) => {
    const patterns = read.patterns(parameter, draft)
    if (patterns) draft.conditions.push({ on: 'epcs', roles, patterns })
  }

const sensorBoolean: ParameterReader = (parameter, draft) => {
  const said = read.oneOf(parameter, draft, ['true', 'false'])
  if (said === undefined) return
  const asks = { kind: 'boolean' as const, is: said === 'true' }
  draft.sensors.push({ in: 'any', attribute: 'booleanValue', asks })
}

const actions = ['ADD', 'OBSERVE', 'DELETE']
const eventType = (value: string): string | undefined =>
  Object.hasOwn(eventShapes, value) || value.includes(':') ? value : undefined

/** Every parameter with a fixed name. */
const parameters: Readonly<Record<string, ParameterReader>> = {
  eventType: among('type', (parameter, draft) =>
    read.each(parameter, draft, { read: eventType, want: Object.keys(eventShapes).join(', ') }),
  ),
  GE_eventTime: time('eventTime', 'from'),
  LT_eventTime: time('eventTime', 'before'),
  GE_recordTime: time('recordTime', 'from'),
  LT_recordTime: time('recordTime', 'before'),
  EQ_action: among('action', (parameter, draft) =>
    read.each(parameter, draft, {
      read: (value) => (actions.includes(value) ? value : undefined),
      want: actions.join(', '),
    }),
  ),
  EQ_bizStep: among('bizStep', vocabulary(cbv.bizStep)),
  EQ_disposition: among('disposition', vocabulary(cbv.disposition)),
  EQ_persistentDisposition_set: among('set', vocabulary(cbv.disposition)),
  EQ_persistentDisposition_unset: among('unset', vocabulary(cbv.disposition)),
  EQ_readPoint: place('readPoint', false),
  WD_readPoint: place('readPoint', true),
  EQ_bizLocation: place('bizLocation', false),
  WD_bizLocation: place('bizLocation', true),
  EQ_transformationID: among('transformationID', read.uris),
  EQ_eventID: among('eventID', read.uris),
  MATCH_epc: epcs('epcList', 'childEPCs'),
  MATCH_parentID: epcs('parentID'),
  MATCH_inputEPC: epcs('inputEPCList'),
  MATCH_outputEPC: epcs('outputEPCList'),
  MATCH_anyEPC: epcs('epcList', 'childEPCs', 'parentID', 'inputEPCList', 'outputEPCList'),
  MATCH_epcClass: epcs('quantityList', 'childQuantityList'),
  MATCH_inputEPCClass: epcs('inputQuantityList'),
  MATCH_outputEPCClass: epcs('outputQuantityList'),
  MATCH_anyEPCClass: epcs(
    ...(['quantityList', 'childQuantityList', 'inputQuantityList', 'outputQuantityList'] as const),
  ),
  // The REST binding writes them with and without the underscore.
  GE_errorDeclarationTime: time('declarationTime', 'from'),
  LT_errorDeclarationTime: time('declarationTime', 'before'),
  GE_errorDeclaration_Time: time('declarationTime', 'from'),
  LT_errorDeclaration_Time: time('declarationTime', 'before'),
  EQ_errorReason: among('errorReason', vocabulary(cbv.errorReason)),
  EQ_correctiveEventID: among('correctiveEventIDs', read.uris),
  // TCR-53 step 3 names the element, the REST binding its list.
  EXISTS_sensorElement: exists('sensorElementList'),
  EXISTS_sensorMetadata: exists('sensorMetadata'),
  EXISTS_sensorReport: exists('sensorReport'),
  EQ_booleanValue: sensorBoolean,
  orderBy: (parameter, draft) => {
    const value = read.text(parameter, draft)
    if (value === undefined) return
    const by = value === 'eventTime' || value === 'recordTime' ? value : fieldName(value, draft)
    if (!by) return refuse(draft, parameter, 'want eventTime, recordTime or an extension field')
    draft.query.order = { by, direction: draft.query.order?.direction ?? 'DESC' }
  },
  orderDirection: (parameter, draft) => {
    const direction = read.oneOf(parameter, draft, ['ASC', 'DESC'])
    if (direction) draft.query.order = { by: draft.query.order?.by ?? 'eventTime', direction }
  },
  eventCountLimit: (parameter, draft) => {
    const limit = read.wholeNumber(parameter, draft)
    if (limit === 0) refuse(draft, parameter, 'want at least 1')
    if (limit) draft.query.eventCountLimit = limit
  },
  maxEventCount: (parameter, draft) => {
    const max = read.wholeNumber(parameter, draft)
    if (max !== undefined) draft.query.maxEventCount = max
  },
  ...Object.fromEntries(
    Object.entries(sensorForms).map(([name, form]) => [`EQ_${name}`, sensorValues(name, form)]),
  ),
  ...Object.fromEntries(
    sensorTimes.flatMap((name) => [
      [`EQ_${name}`, sensorTime(name, 'at')],
      [`GE_${name}`, sensorTime(name, 'from')],
      [`LT_${name}`, sensorTime(name, 'before')],
    ]),
  ),
}

/** EPCIS 2.0 §8.2.7.1: the two limits exclude each other, and the first needs an order. */
function refuseLimits(given: readonly Parameter[], draft: Draft): void {
  const has = (name: string): boolean => given.some((parameter) => parameter.name === name)
  if (has('eventCountLimit') && has('maxEventCount'))
    refuse(draft, { name: 'maxEventCount' }, 'excludes eventCountLimit: want one of them')
  if (has('eventCountLimit') && !has('orderBy'))
    refuse(draft, { name: 'eventCountLimit' }, 'needs orderBy, which says what the first are')
  if (has('orderDirection') && !has('orderBy')) delete draft.query.order
}

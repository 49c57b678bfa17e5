// The top-level resources of the EPCIS 2.0 REST binding (§12): what there is below /epcis, the
// event types, EPCs, business steps, places and dispositions that captured events name, and the
// events of each. Lists what was captured, not what a vocabulary could say.
import { z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import * as cbv from '../../domain/epcis/cbv.ts'
import type { Condition, Role } from '../../domain/epcis/query.ts'
import { parseEpcPattern, placesOf } from '../../domain/epcis/query-epcs.ts'
import { comparableId, comparableTerm } from '../../domain/epcis/query-match.ts'
import { eventShapes } from '../../domain/epcis/shapes.ts'
import { idsOf } from '../../store/ledger/epcs.ts'
import {
  type EventField,
  hasEpcIn,
  hasFieldValue,
  listEpcs,
  listFieldValues,
} from '../../store/ledger/queries.ts'
import { mentionRoles } from '../../store/ledger/schema.ts'
import type { Deps } from '../deps.ts'
import type { Env } from '../identity.ts'
import { formatCursor, parseCursor, textPlace } from '../page.ts'
import { notFound, Problem } from '../problem.ts'
import { guarded, nounApp } from '../route.ts'
import { answerEvents, linkNext, perPageOf } from './event-pages.ts'
import { eventsRequest, optionsOf, queryDocument } from './events.ts'
import { discover, extensionPrefixes } from './headers.ts'

const context = 'https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld'
const topLevel = [
  ...['events', 'eventTypes', 'epcs', 'bizSteps', 'bizLocations', 'readPoints', 'dispositions'],
  ...['capture', 'queries'],
]

/** One kind of resource: how it is listed, and how the text of a path names one. */
interface Kind {
  name: 'eventTypes' | 'epcs' | 'bizSteps' | 'bizLocations' | 'readPoints' | 'dispositions'
  parameter: string
  summary: string
  list(c: Context<Env>, page: { after: string; limit: number }): Promise<string[]>
  /** What its events satisfy. Problem 400 for a text that can name none. */
  condition(text: string, c: Context<Env>): Condition
  exists(condition: Condition, c: Context<Env>): Promise<boolean>
}

const eventTypes: Kind = {
  name: 'eventTypes',
  parameter: 'eventType',
  summary: 'event types',
  list: async (_c, { after, limit }) =>
    Object.keys(eventShapes)
      .sort()
      .filter((type) => type > after)
      .slice(0, limit),
  condition: (text) => ({ on: 'type', oneOf: new Set([text]) }),
  exists: async (condition) => Object.hasOwn(eventShapes, onlyValue(condition)),
}

const epcs: Kind = {
  name: 'epcs',
  parameter: 'epc',
  summary: 'EPCs',
  list: (c, page) => listEpcs(c.get('ledger').db, c.get('identity').tenant, page),
  condition: (text) => {
    const pattern = parseEpcPattern(text)
    if (!pattern.ok)
      throw new Problem(
        400,
        pattern.refusals.map((refusal) => ({ ...refusal, path: 'path/epc' })),
      )
    const roles = Object.keys(mentionRoles) as Role[]
    return { on: 'epcs', roles, patterns: [pattern.value] }
  },
  exists: async (condition, c) => {
    if (condition.on !== 'epcs') return false
    const { db } = c.get('ledger')
    const { tenant } = c.get('identity')
    const { epcs: exact, ranges } = placesOf(condition.patterns[0]!)
    if ((await idsOf(db, tenant, exact)).size > 0) return true
    for (const range of ranges) if (await hasEpcIn(db, tenant, range)) return true
    return false
  },
}

const wordKind = (
  name: 'bizSteps' | 'dispositions',
  field: 'bizStep' | 'disposition',
  vocabulary: cbv.Vocabulary,
): Kind => ({
  ...fieldKind(name, field),
  condition: (text, c) => {
    const word = comparableTerm(vocabulary, text, prefixesOf(c))
    if (word === undefined) throw notFound(`${text} is no ${field}`, `path/${field}`)
    return { on: field, oneOf: new Set([word]) }
  },
})

const placeKind = (
  name: 'bizLocations' | 'readPoints',
  field: 'bizLocation' | 'readPoint',
): Kind => ({
  ...fieldKind(name, field),
  condition: (text, c) => ({
    on: field,
    oneOf: new Set([comparableId(text, prefixesOf(c))]),
    descendants: false,
  }),
})

const fieldKind = (name: Kind['name'], field: EventField): Omit<Kind, 'condition'> => ({
  name,
  parameter: field,
  summary: name.replace(/[A-Z]/, (letter) => ` ${letter.toLowerCase()}`),
  list: (c, page) =>
    listFieldValues(c.get('ledger').db, c.get('identity').tenant, { field, ...page }),
  exists: (condition, c) => {
    const value = onlyValue(condition)
    return hasFieldValue(c.get('ledger').db, c.get('identity').tenant, { field, value })
  },
})

const onlyValue = (condition: Condition): string =>
  'oneOf' in condition ? [...condition.oneOf][0]! : ''

const prefixesOf = (c: Context<Env>) => new Map([...cbv.standardPrefixes, ...extensionPrefixes(c)])

const kinds: readonly Kind[] = [
  eventTypes,
  epcs,
  wordKind('bizSteps', 'bizStep', cbv.bizStep),
  placeKind('bizLocations', 'bizLocation'),
  placeKind('readPoints', 'readPoint'),
  wordKind('dispositions', 'disposition', cbv.disposition),
]

const right = { noun: 'events', verb: 'read' } as const
const tags = ['EPCIS']
const collection = {
  200: {
    description: 'A collection',
    content: {
      'application/json': {
        schema: z.object({
          '@context': z.string(),
          type: z.literal('Collection'),
          member: z.array(z.string()),
        }),
      },
    },
  },
}
const collectionOf = (member: readonly string[]) => ({
  '@context': context,
  type: 'Collection' as const,
  member: [...member],
})

const root = (path: '/epcis' | '/epcis/') =>
  guarded(right, {
    method: 'get',
    path,
    tags,
    summary: 'List the resources of the EPCIS repository',
    responses: collection,
  })

export const epcisResources = (deps: Deps) => {
  const app = nounApp()
    .openapi(root('/epcis'), (c) => c.json(collectionOf(topLevel), 200))
    .openapi(root('/epcis/'), (c) => c.json(collectionOf(topLevel), 200))
    .openapi(optionsOf('/epcis'), (c) => discover(c, ['GET', 'HEAD']))
    .openapi(optionsOf('/epcis/'), (c) => discover(c, ['GET', 'HEAD']))
  for (const kind of kinds) routesOf(app, kind, deps)
  return app
}

function routesOf(app: ReturnType<typeof nounApp>, kind: Kind, deps: Deps): void {
  const { name, parameter, summary } = kind
  const one = `/epcis/${name}/{${parameter}}`
  const params = z.object({ [parameter]: z.string().max(2000) })
  const route = { method: 'get' as const, tags }
  const list = { ...route, path: `/epcis/${name}`, summary: `List ${summary}` }
  const what = { ...route, path: one, summary: `What there is of one of the ${summary}` }
  const events = { ...route, path: `${one}/events`, summary: `Query the events of ${summary}` }
  app.openapi(
    guarded(right, { ...list, request: { query: eventsRequest }, responses: collection }),
    (c) => answerList(c, kind, deps) as never,
  )
  app.openapi(
    guarded(right, { ...what, request: { params }, responses: collection }),
    async (c) => {
      await conditionOf(c, kind)
      return c.json(collectionOf(['events']), 200)
    },
  )
  const request = { params, query: eventsRequest }
  app.openapi(guarded(right, { ...events, request, responses: queryDocument }), async (c) => {
    const conditions = [await conditionOf(c, kind)]
    return (await answerEvents(c, deps, { conditions })) as never
  })
  for (const path of [list.path, what.path, events.path])
    app.openapi(optionsOf(path), (c) => discover(c, ['GET', 'HEAD']))
}

/** Problem 404 for what no event names. */
async function conditionOf(c: Context<Env>, kind: Kind): Promise<Condition> {
  const text = c.req.param(kind.parameter) ?? ''
  const condition = kind.condition(text, c)
  if (await kind.exists(condition, c)) return condition
  throw notFound(`no event names ${text}`, `path/${kind.parameter}`)
}

async function answerList(c: Context<Env>, kind: Kind, { now }: Deps): Promise<Response> {
  const params = new URL(c.req.url).searchParams
  const perPage = perPageOf(params)
  const after = parseCursor(params.get('nextPageToken') ?? undefined, textPlace)?.[0] ?? ''
  const found = await kind.list(c, { after, limit: perPage + 1 })
  const member = found.slice(0, perPage)
  if (found.length > perPage) linkNext(c, { perPage, token: formatCursor([member.at(-1)!]), now })
  return c.json(collectionOf(member))
}

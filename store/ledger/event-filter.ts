// What SQL can say of the conditions of an EPCIS query: a selection of event rows that has every
// match in it, and others. Conditions that no column knows say nothing here. The last word has
// `matches` of domain/epcis/query.ts.
import { type RawBuilder, type SelectQueryBuilder, sql } from 'kysely'
import { bounds } from '../../config.ts'
import type { Condition, EventQuery } from '../../domain/epcis/query.ts'
import { placesOf } from '../../domain/epcis/query-epcs.ts'
import type { FieldName } from '../../domain/epcis/query-fields.ts'
import type { SensorTest } from '../../domain/epcis/query-sensors.ts'
import { idsOf, shortEpc } from './epcs.ts'
import { ofTenant } from './events.ts'
import { type LedgerQuery, listed } from './ledger.ts'
import { idsBetween } from './names.ts'
import { type LedgerTables, mentionRoles } from './schema.ts'

type Rows = SelectQueryBuilder<LedgerTables, 'events', object>
type EpcCondition = Condition & { on: 'epcs' }

/** Undefined when nothing can match. */
export async function narrow(
  db: LedgerQuery,
  tenant: string,
  { conditions }: EventQuery,
): Promise<Rows | undefined> {
  let rows: Rows = db.selectFrom('events')
  let named: Set<number> | undefined
  for (const condition of conditions) {
    if (condition.on !== 'epcs') {
      const says = columnSays(db, condition)
      if (says) rows = rows.where(says)
      continue
    }
    const epcs = await numbersOf(db, tenant, condition)
    if (!epcs) continue
    const events = await eventsNaming(db, tenant, { epcs, condition })
    if (!events) rows = rows.where(naming(db, tenant, { epcs, condition }))
    else named = new Set([...events].filter((id) => !named || named.has(id)))
  }
  if (!named) return rows.where('events.tenant', '=', tenant)
  if (named.size === 0) return undefined
  const ids = sql<boolean>`events.id in (select listed.value from ${listed(db, [...named])})`
  return rows.where(ids).where(ofTenant(tenant))
}

/**
 * Texts that stand in the JSON of every match: an event without one of them need not be parsed.
 * Names that JSON would escape are left out.
 */
export function marksOf({ conditions }: EventQuery): string[] {
  const names = conditions.flatMap((condition): string[] => {
    switch (condition.on) {
      case 'sensor':
        return ['"sensorElementList"', ...condition.tests.flatMap(markOfTest)]
      case 'field':
        return [endOf(condition.name)]
      case 'quantity':
        return ['"quantity"']
      case 'set':
      case 'unset':
        return ['"persistentDisposition"', `"${condition.on}"`]
      case 'bizTransactionList':
      case 'sourceList':
      case 'destinationList':
        return [`"${condition.on}"`]
      case 'exists':
        return [`"${condition.field}"`]
      default:
        return []
    }
  })
  return [...new Set(names.filter((name) => /^[\w:".-]+$/.test(name)))]
}

const markOfTest = (test: SensorTest): string[] => [
  'test' in test ? endOf(test.name) : `"${test.attribute}"`,
]

/** Whatever the prefix, a name ends in its local part. */
const endOf = ({ key }: FieldName): string => `${key.slice(key.search(/[^#:]*$/))}"`

/** Undefined: columns know nothing of it. */
function columnSays(
  db: LedgerQuery,
  condition: Exclude<Condition, EpcCondition>,
): RawBuilder<boolean> | undefined {
  switch (condition.on) {
    case 'eventTime':
    case 'recordTime': {
      const column = sql.ref(`events.${condition.on}`)
      const { from = -Number.MAX_SAFE_INTEGER, before = Number.MAX_SAFE_INTEGER } = condition
      return sql<boolean>`${column} >= ${from} and ${column} < ${before}`
    }
    case 'type':
    case 'action':
    case 'eventID':
    case 'readPoint':
    case 'bizLocation':
      return among(db, condition.on, condition.oneOf)
    case 'bizStep':
    case 'disposition':
      return words(db, condition.on, condition.oneOf)
    case 'declarationTime':
    case 'errorReason':
    case 'correctiveEventIDs':
      return declared
    case 'transformationID':
      return among(db, 'type', new Set(['TransformationEvent']))
    case 'exists':
      return condition.field === 'errorDeclaration' ? declared : undefined
    case 'field':
      if (condition.area === 'errorDeclaration') return declared
      return condition.area === 'readPoint' || condition.area === 'bizLocation'
        ? sql<boolean>`${sql.ref(`events.${condition.area}`)} is not null`
        : undefined
    default:
      return undefined
  }
}

const declared = sql<boolean>`events.declared = 1`

function among(db: LedgerQuery, column: string, values: ReadonlySet<string>): RawBuilder<boolean> {
  const ref = sql.ref(`events.${column}`)
  // A list of few values may use an index of several columns; a joined one may not.
  if (values.size <= 20) return sql<boolean>`${ref} in (${sql.join([...values])})`
  return sql<boolean>`${ref} in (select listed.value from ${listed(db, [...values])})`
}

/** Foreign terms are kept as they came, by whatever prefix: all of them may match. */
function words(db: LedgerQuery, column: string, values: ReadonlySet<string>): RawBuilder<boolean> {
  const bare = new Set([...values].filter((word) => !word.includes(':')))
  const foreign = sql<boolean>`${sql.ref(`events.${column}`)} like '%:%'`
  if (bare.size === values.size) return among(db, column, bare)
  return bare.size === 0 ? foreign : sql<boolean>`(${among(db, column, bare)} or ${foreign})`
}

interface Naming {
  epcs: readonly number[]
  condition: EpcCondition
}

const inMentions = (db: LedgerQuery, tenant: string, { epcs, condition }: Naming) => {
  const roles = sql.join(condition.roles.map((role) => sql.lit(mentionRoles[role])))
  return sql`from mentions where mentions.tenant = ${tenant}
    and mentions.epc in (select listed.value from ${listed(db, epcs)})
    and mentions.role in (${roles})`
}

const naming = (db: LedgerQuery, tenant: string, of: Naming): RawBuilder<boolean> =>
  sql<boolean>`events.id in (select mentions.event ${inMentions(db, tenant, of)})`

/** Undefined when they are so many that going through events in their order finds some soon. */
async function eventsNaming(
  db: LedgerQuery,
  tenant: string,
  of: Naming,
): Promise<Set<number> | undefined> {
  if (of.epcs.length === 0) return new Set()
  const { rows } = await sql<{ event: number }>`
    select distinct mentions.event ${inMentions(db, tenant, of)}
    limit ${bounds.queryNamedMax + 1}`.execute(db)
  if (rows.length > bounds.queryNamedMax) return undefined
  return new Set(rows.map(({ event }) => event))
}

/**
 * The numbers of all EPCs that may match. Undefined when they are too many: then the events
 * themselves are sooner looked through.
 */
async function numbersOf(
  db: LedgerQuery,
  tenant: string,
  { patterns }: EpcCondition,
): Promise<number[] | undefined> {
  const places = patterns.map(placesOf)
  const exact = await idsOf(db, tenant, [...new Set(places.flatMap(({ epcs }) => epcs))])
  const ids = new Set(exact.values())
  for (const { from, to } of places.flatMap(({ ranges }) => ranges)) {
    const limit = bounds.queryEpcsMax + 1
    const range = { from: shortEpc(from), to: shortEpc(to), limit }
    for (const id of await idsBetween(db, tenant, range)) ids.add(id)
    if (ids.size > bounds.queryEpcsMax) return undefined
  }
  return [...ids]
}

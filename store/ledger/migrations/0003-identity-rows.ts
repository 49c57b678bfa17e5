// What older releases kept of events, units and stays, in the tables of 0003-identity.
import { type RawBuilder, sql } from 'kysely'
import * as cbv from '../../../domain/epcis/cbv.ts'
import { canonicalEpc } from '../../../domain/gs1/gs1.ts'
import { packBody } from '../../event-body.ts'
import type { Schema } from './words.ts'

/** Rows in one statement; each takes a few parameters (SQLite's limit is 32,766). */
const chunkRows = 500

export async function convertIdentity(db: Schema): Promise<void> {
  await convertUnits(db)
  await convertEvents(db)
  await convertStays(db)
}

const host = 'https://id.gs1.org/'

/** An EPC without its host, as it is kept from now on. */
const shortened = (column: string): RawBuilder<string> => {
  const epc = sql.ref(column)
  const rest = sql.lit(host.length + 1)
  return sql`case when substr(${epc}, 1, ${sql.lit(host.length)}) = ${sql.lit(host)}
    and substr(${epc}, ${rest}, 1) between '0' and '9' then substr(${epc}, ${rest}) else ${epc} end`
}

const shortOf = (epc: string): string =>
  epc.startsWith(host) && /\d/.test(epc.charAt(host.length)) ? epc.slice(host.length) : epc

async function convertUnits(db: Schema): Promise<void> {
  const facts = sql`coalesce(gtin, '') as gtin, coalesce(lot, '') as lot,
    coalesce(expiry, '') as expiry`
  const known = sql`(gtin is not null or lot is not null or expiry is not null)`
  await sql`insert into lots (tenant, gtin, lot, expiry)
    select distinct tenant, ${facts} from units where ${known}`.execute(db)
  await sql`insert into epcs (tenant, epc, lot, "commissionedAt")
    select u.tenant, ${shortened('u.epc')}, l.id, u."commissionedAt" from units u
    left join lots l on l.tenant = u.tenant and l.gtin = coalesce(u.gtin, '')
      and l.lot = coalesce(u.lot, '') and l.expiry = coalesce(u.expiry, '')
    order by u.tenant, u.epc`.execute(db)
  for (const [table, column] of [
    ['moves', 'child'],
    ['moves', 'parent'],
    ['staysBefore', 'child'],
    ['staysBefore', 'parent'],
  ] as const)
    await sql`insert into epcs (tenant, epc) select distinct tenant, ${shortened(column)}
      from ${sql.table(table)} where ${sql.ref(column)} <> '' on conflict do nothing`.execute(db)
}

async function convertStays(db: Schema): Promise<void> {
  await sql`insert into stays (tenant, relation, child, parent, "from", "to", "endedBy")
    select s.tenant, case s.relation when 'aggregation' then 0 else 1 end, c.id, p.id,
      s."from", s."to",
      case s."endedBy" when 'removed' then 1 when 'emptied' then 2 when 'moved' then 3 end
    from "staysBefore" s
    join epcs c on c.tenant = s.tenant and c.epc = ${shortened('s.child')}
    join epcs p on p.tenant = s.tenant and p.epc = ${shortened('s.parent')}`.execute(db)
}

interface OldEvent {
  tenant: string
  eventID: string
  type: string
  eventTime: number
  recordTime: number
  seq: number
  pos: number
  body: string
}

/** In the order of their capture, which their numbers keep. */
async function convertEvents(db: Schema): Promise<void> {
  const order = ['tenant', 'seq', 'pos', 'eventID'] as const
  const columns = sql.join(order.map((name) => sql.ref(name)))
  for (let last: OldEvent | undefined; ; ) {
    const after = last ? sql`where (${columns}) > (${sql.join(order.map((o) => last![o]))})` : sql``
    const { rows } = await sql<OldEvent>`select * from "eventsBefore" ${after}
      order by ${columns} limit ${chunkRows}`.execute(db)
    for (const row of rows) await convertEvent(db, row)
    last = rows.at(-1)
    if (rows.length < chunkRows) return
  }
}

/** Lists of an event and the roles that their members play in it. */
const lists = {
  epcList: 1,
  childEPCs: 3,
  inputEPCList: 4,
  outputEPCList: 5,
  quantityList: 6,
  childQuantityList: 7,
  inputQuantityList: 8,
  outputQuantityList: 9,
} as const
const parentRole = 2

async function convertEvent(db: Schema, event: OldEvent): Promise<void> {
  const { tenant, eventID, type, eventTime, recordTime, seq, pos } = event
  const body = JSON.parse(event.body) as Record<string, unknown>
  const named = namedIn(body)
  const numbers = await numbersOf(db, tenant, [...new Set(named.map(({ epc }) => epc))])
  const parent = named.find(({ role }) => role === parentRole)?.epc
  const action = typeof body.action === 'string' ? body.action : null
  const empty = (list: unknown): boolean => !Array.isArray(list) || list.length === 0
  const contained = type === 'AggregationEvent' || type === 'AssociationEvent'
  const empties =
    contained && action === 'DELETE' && empty(body.childEPCs) && empty(body.childQuantityList)
  const stored = await db
    .insertInto('events')
    .values({
      ...{ tenant, eventID, type, action, eventTime, recordTime, seq, pos },
      bizStep: wordOf(cbv.bizStep, body.bizStep),
      disposition: wordOf(cbv.disposition, body.disposition),
      readPoint: placeOf(body.readPoint),
      bizLocation: placeOf(body.bizLocation),
      parent: parent === undefined ? null : numbers.get(parent)!,
      empties: Number(empties),
      declared: Number('errorDeclaration' in body),
      body: packBody(event.body),
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  const rows = named.map(({ epc, role }) => ({
    ...{ tenant, epc: numbers.get(epc)!, event: Number(stored.id), role },
  }))
  for (let at = 0; at < rows.length; at += chunkRows)
    await db
      .insertInto('mentions')
      .values(rows.slice(at, at + chunkRows))
      .onConflict((conflict) => conflict.doNothing())
      .execute()
}

/** EPCs and classes without their host. Each was canonical once it was captured. */
function namedIn(body: Record<string, unknown>): { epc: string; role: number }[] {
  const named: { epc: string; role: number }[] = []
  const add = (text: unknown, role: number): void => {
    const epc = typeof text === 'string' ? canonicalEpc(text) : undefined
    if (epc?.ok) named.push({ epc: shortOf(epc.value), role })
  }
  add(body.parentID, parentRole)
  for (const [name, role] of Object.entries(lists))
    for (const member of Array.isArray(body[name]) ? body[name] : [])
      add(typeof member === 'string' ? member : member?.epcClass, role)
  return named
}

async function numbersOf(db: Schema, tenant: string, epcs: string[]): Promise<Map<string, number>> {
  const numbers = new Map<string, number>()
  for (let at = 0; at < epcs.length; at += chunkRows) {
    const chunk = epcs.slice(at, at + chunkRows)
    await db
      .insertInto('epcs')
      .values(chunk.map((epc) => ({ tenant, epc })))
      .onConflict((conflict) => conflict.doNothing())
      .execute()
    const rows = await db
      .selectFrom('epcs')
      .select(['id', 'epc'])
      .where('tenant', '=', tenant)
      .where('epc', 'in', chunk)
      .execute()
    for (const { id, epc } of rows) numbers.set(String(epc), Number(id))
  }
  return numbers
}

const wordOf = (vocabulary: cbv.Vocabulary, text: unknown): string | null =>
  (typeof text === 'string' && cbv.parseTerm(vocabulary, text, cbv.standardPrefixes)) || null

function placeOf(place: unknown): string | null {
  const id = typeof place === 'object' && place !== null && 'id' in place ? place.id : undefined
  const epc = typeof id === 'string' ? canonicalEpc(id) : undefined
  return epc?.ok ? epc.value : null
}

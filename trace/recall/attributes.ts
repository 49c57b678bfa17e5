// Which units have an attribute: an ILMD or extension field of an event that names them, or what
// the record of their lot tells. Names are compared as they are written; one without a prefix is
// the local part of any.
import { isObject } from '../../domain/epcis/fields.ts'
import { readEventsById } from '../../store/ledger/events.ts'
import type { LedgerQuery } from '../../store/ledger/ledger.ts'
import { chunksOf } from '../../store/ledger/ledger.ts'
import { readMentions } from '../../store/ledger/mentions.ts'
import { type LotRecordRow, readLots, recordsOf } from '../../store/ledger/recall-units.ts'
import { mentionRoles } from '../../store/ledger/schema.ts'
import type { ConditionOf } from './criteria.ts'
import type { FoundUnit } from './find.ts'

/** Bodies of so many events are read at once: each may name 100,000 units. */
const bodiesAtOnce = 20

/** Of these units those that have it. */
export async function having(
  db: LedgerQuery,
  tenant: string,
  { units, condition }: { units: readonly FoundUnit[]; condition: ConditionOf<'attribute'> },
): Promise<FoundUnit[]> {
  const lots = await lotsHaving(db, tenant, { units, condition })
  const rest = units.filter(({ lot }) => lot === null || !lots.has(lot))
  const { parentID: _, ...others } = mentionRoles
  const mentions = await readMentions(db, tenant, {
    epcs: rest.map(({ id }) => id),
    roles: Object.values(others),
  })
  const events = new Set<number>()
  for (const ids of chunksOf([...new Set(mentions.map(({ event }) => event))], bodiesAtOnce))
    for (const { id, declared, body } of await readEventsById(db, tenant, ids))
      if (!declared && eventHas(body, condition)) events.add(id!)
  const meant = new Set<number>()
  for (const { epc, event } of mentions) if (events.has(event)) meant.add(epc)
  return units.filter(({ id, lot }) => meant.has(id) || (lot !== null && lots.has(lot)))
}

/** Whether an event, as JSON text, has the field with one of the values. */
export function eventHas(
  body: string,
  { name, anyOf }: { name: string; anyOf: readonly string[] },
): boolean {
  if (!body.includes(`${name}"`)) return false
  return attributesOf(JSON.parse(body) as Record<string, unknown>).some(
    (field) => isNamed(field.name, name) && anyOf.includes(field.value),
  )
}

export interface Field {
  name: string
  value: string
}

/** ILMD and extension fields of an event as it came, with the text of their values. */
export function attributesOf(raw: Record<string, unknown>): Field[] {
  const fields: Field[] = []
  for (const [name, value] of Object.entries(raw)) {
    if (name === 'ilmd' && isObject(value))
      for (const [inner, each] of Object.entries(value)) add(fields, inner, each)
    else if (name.includes(':') && !name.startsWith('@')) add(fields, name, value)
  }
  return fields
}

/** What the record of a lot tells. */
export function attributesOfLot({ attributes = {}, ...known }: LotRecordRow): Field[] {
  const fields: Field[] = []
  for (const name of ['supplier', 'shift', 'line'] as const) add(fields, name, known[name])
  for (const [name, value] of Object.entries(attributes)) add(fields, name, value)
  return fields
}

export const lotHas = (
  record: LotRecordRow,
  { name, anyOf }: { name: string; anyOf: readonly string[] },
): boolean =>
  attributesOfLot(record).some((field) => isNamed(field.name, name) && anyOf.includes(field.value))

/** Lists give each of their values; objects give what stands in them under other names. */
function add(fields: Field[], name: string, value: unknown): void {
  if (Array.isArray(value)) for (const each of value) add(fields, name, each)
  else if (isObject(value)) {
    const inside = value['@value'] ?? value['#text']
    if (inside !== undefined) add(fields, name, inside)
    else for (const [inner, each] of Object.entries(value)) add(fields, inner, each)
  } else if (value !== undefined && value !== null) fields.push({ name, value: String(value) })
}

const isNamed = (name: string, asked: string): boolean =>
  name === asked || (!asked.includes(':') && name.slice(name.lastIndexOf(':') + 1) === asked)

async function lotsHaving(
  db: LedgerQuery,
  tenant: string,
  { units, condition }: { units: readonly FoundUnit[]; condition: ConditionOf<'attribute'> },
): Promise<Set<number>> {
  const numbers = new Set(units.flatMap(({ lot }) => lot ?? []))
  const lots = await readLots(db, tenant, [...numbers])
  const records = await recordsOf(db, tenant, [...lots.values()])
  const found = new Set<number>()
  for (const [id, { gtin, lot }] of lots) {
    const record = records.get(`${gtin} ${lot}`)
    if (record && lotHas(record, condition)) found.add(id)
  }
  return found
}

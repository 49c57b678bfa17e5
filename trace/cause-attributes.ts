// Everything that is recorded of units before a time, as attributes for a contrast: what their
// events say, what they were in, what was with them, and the record of their lot. Says nothing of
// what it means.
import type { EpcisEvent } from '../domain/epcis/epcis.ts'
import { parseStored } from '../domain/epcis/stored.ts'
import { parseEpc } from '../domain/gs1/gs1.ts'
import { epcsOf } from '../store/ledger/epcs.ts'
import { readEventsById } from '../store/ledger/events.ts'
import { chunksOf, type LedgerQuery } from '../store/ledger/ledger.ts'
import { readLots, recordsOf } from '../store/ledger/recall-units.ts'
import { readStaysById } from '../store/ledger/stays.ts'
import type { Attribute, Contrasted } from './contrast.ts'
import { attributesOf, attributesOfLot } from './recall/attributes.ts'
import type { FoundUnit } from './recall/find.ts'
import { type Story, storiesOf } from './stories.ts'

/** Bodies of so many events are read at once: each may name 100,000 units. */
const bodiesAtOnce = 20

/**
 * Of each unit its containers, innermost first; and who has which attribute, by place in `units`.
 */
export async function attributesOfUnits(
  db: LedgerQuery,
  tenant: string,
  { units, before }: { units: readonly FoundUnit[]; before: number },
): Promise<{ containers: number[][]; attributes: Contrasted['attributes'] }> {
  const places = new Map(units.map(({ id }, i) => [id, i]))
  const stories = await storiesOf(db, tenant, [...places.keys()])
  const said = await saidBy(db, tenant, { stories, before })
  const kept = await kindOf(db, tenant, { stories, before })
  const lots = await lotAttributes(db, tenant, units)
  const sets = new Map<string, Attribute & { units: number[] }>()
  const containers: number[][] = units.map(() => [])
  for (const story of stories) {
    const common = new Map<string, Attribute>()
    const give = (attribute: Attribute): unknown =>
      common.set(`${attribute.name}=${attribute.value}`, attribute)
    for (const { event } of story.facts) for (const each of said.get(event.id) ?? []) give(each)
    const above = insideBefore(story, before)
    for (const container of above) for (const each of kept.get(container) ?? []) give(each)
    for (const id of story.units) {
      const place = places.get(id)!
      containers[place] = above
      const own = lots.get(units[place]!.lot ?? -1) ?? []
      for (const one of [...common.values(), ...own]) {
        const key = `${one.name}=${one.value}`
        const set = sets.get(key)
        if (set) set.units.push(place)
        else sets.set(key, { ...one, units: [place] })
      }
    }
  }
  const attributes = [...sets.values()].map((set) => ({
    ...set,
    units: [...new Set(set.units)].sort((a, b) => a - b),
  }))
  return { containers, attributes }
}

const insideBefore = ({ above }: Story, before: number): number[] =>
  [...above].filter(([, times]) => times.some(({ from }) => from < before)).map(([id]) => id)

/** By the number of the event. */
async function saidBy(
  db: LedgerQuery,
  tenant: string,
  { stories, before }: { stories: readonly Story[]; before: number },
): Promise<Map<number, Attribute[]>> {
  const numbers = new Set<number>()
  for (const { facts } of stories)
    for (const { event, eventTime } of facts) if (eventTime < before) numbers.add(event.id)
  const said = new Map<number, Attribute[]>()
  for (const page of chunksOf([...numbers], bodiesAtOnce))
    for (const row of await readEventsById(db, tenant, page))
      said.set(row.id!, attributesOfEvent(parseStored(row)))
  return said
}

function attributesOfEvent(event: EpcisEvent): Attribute[] {
  const step = event.bizStep ?? event.type
  const found: Attribute[] = attributesOf(event.raw)
  const add = (name: string, value: string | undefined): void => {
    if (value !== undefined) found.push({ name, value })
  }
  add('readPoint', event.readPoint)
  add('bizLocation', event.bizLocation)
  for (const { type, bizTransaction } of event.bizTransactionList)
    add(`bizTransaction ${type ?? ''}`.trim(), bizTransaction)
  for (const { type, id } of event.sourceList) add(`source ${type}`, id)
  for (const { type, id } of event.destinationList) add(`destination ${type}`, id)
  const [from] = event.sourceList
  const [to] = event.destinationList
  if (from && to) add('lane', `${from.id} -> ${to.id}`)
  const local = new Date(event.eventTime + offsetOf(event.eventTimeZoneOffset))
  add(`weekday of ${step}`, days[local.getUTCDay()])
  add(`hour of ${step}`, String(local.getUTCHours()).padStart(2, '0'))
  add(`third of day of ${step}`, thirds[Math.floor(local.getUTCHours() / 8)])
  if (event.type === 'TransformationEvent') {
    for (const epc of event.inputEPCList) add('input', epc)
    for (const { epcClass } of event.inputQuantityList) add('input', epcClass)
  }
  return found
}

const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']
const thirds = ['00-08', '08-16', '16-24']

function offsetOf(text: string): number {
  const [, sign, hours, minutes] = /^([+-])(\d\d):(\d\d)$/.exec(text) ?? []
  const size = (Number(hours ?? 0) * 60 + Number(minutes ?? 0)) * 60_000
  return sign === '-' ? -size : size
}

/** Containers themselves by what they are, and the loggers that were on them. */
async function kindOf(
  db: LedgerQuery,
  tenant: string,
  { stories, before }: { stories: readonly Story[]; before: number },
): Promise<Map<number, Attribute[]>> {
  const above = [...new Set(stories.flatMap((story) => insideBefore(story, before)))]
  const mounted = await readStaysById(db, tenant, {
    in: 'parent',
    among: above,
    relation: 'association',
  })
  const names = await epcsOf(db, tenant, [...above, ...mounted.map(({ child }) => child)])
  const kinds = new Map<number, Attribute[]>()
  for (const id of above) {
    const epc = names.get(id)!
    const key = parseEpc(epc)?.key
    const name = key === 'grai' || key === 'giai' ? 'asset' : 'container'
    kinds.set(id, [{ name, value: epc }])
  }
  for (const { child, parent, from } of mounted)
    if (from < before) kinds.get(parent)!.push({ name: 'logger', value: names.get(child)! })
  return kinds
}

/** By the number of the lot. */
async function lotAttributes(
  db: LedgerQuery,
  tenant: string,
  units: readonly FoundUnit[],
): Promise<Map<number, Attribute[]>> {
  const lots = await readLots(db, tenant, [...new Set(units.flatMap(({ lot }) => lot ?? []))])
  const records = await recordsOf(db, tenant, [...lots.values()])
  const found = new Map<number, Attribute[]>()
  for (const [id, { gtin, lot, expiry }] of lots) {
    const record = records.get(`${gtin} ${lot}`)
    const told = record ? attributesOfLot(record) : []
    found.set(id, [
      { name: 'gtin', value: gtin },
      ...(lot === '' ? [] : [{ name: 'lot', value: `${gtin} ${lot}` }]),
      ...(expiry === '' ? [] : [{ name: 'expiry', value: expiry }]),
      ...told.map(({ name, value }) => ({ name: `lot ${name}`, value })),
    ])
  }
  return found
}

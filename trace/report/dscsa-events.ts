// A shipment as partners in the US exchange it: EPCIS 1.2 XML with the commissioning of everything
// that was shipped, its packing, level by level, and the shipping of the outermost, with master
// data and the transaction statement in the header (GS1 US, R1.2). Of other units nothing is told:
// events that name them too are cut to what was shipped, and then have no eventID. Where nobody
// says how long a company prefix is, there is no document: it is never guessed.
import { bounds } from '../../config.ts'
import { isObject, type Json } from '../../domain/epcis/fields.ts'
import { formatXmlDocument } from '../../domain/epcis/format.ts'
import { parseStored } from '../../domain/epcis/stored.ts'
import {
  canonicalEpc,
  companyPrefixLength,
  formatUrn,
  type Gs1Key,
  parseEpc,
} from '../../domain/gs1/gs1.ts'
import type { Refusal, Result } from '../../domain/refusal.ts'
import { escapeText } from '../../domain/xml.ts'
import type { StoredEvent } from '../../store/ledger/events.ts'
import type { LedgerQuery } from '../../store/ledger/ledger.ts'
import type { MasterElement } from '../../store/ledger/master.ts'
import { eventsNaming } from '../../store/ledger/mentions.ts'
import { mentionRoles } from '../../store/ledger/schema.ts'
import { tooLarge } from './concerned.ts'
import { type DscsaSource, legalNotice } from './dscsa.ts'

export interface DscsaDocument {
  xml: string
  /** What EPCIS 1.2 cannot say and was left out. */
  dropped: Refusal[]
}

/**
 * `prefixes`: GS1 company prefixes that somebody states; those in URNs of the events and in
 * attributes `companyPrefix` of the master data count too. `at`: epoch ms. Refusals:
 * gs1/company-prefix-unknown; epcis/field-missing for what was shipped and never commissioned;
 * request/too-large.
 */
export async function dscsaDocument(
  db: LedgerQuery,
  tenant: string,
  {
    source,
    prefixes,
    at,
    affirmed,
  }: { source: DscsaSource; prefixes: readonly string[]; at: number; affirmed: boolean },
): Promise<Result<DscsaDocument>> {
  const events = await eventsOf(db, tenant, source)
  if (!events.ok) return events
  const { elements } = source.masters
  const known = new Set([...prefixes, ...prefixesIn(events.value), ...prefixesTold(elements)])
  const prefixLength = (key: Gs1Key): number | undefined => companyPrefixLength(key, [...known])
  const refusals: Refusal[] = []
  const urnOf = (id: string): string => {
    const key = parseEpc(id)
    const urn = key && formatUrn(key, prefixLength(key))
    if (!urn) return id
    if (urn.ok) return urn.value
    for (const { code, detail } of urn.refusals)
      refusals.push({ code, path: id, detail: `${detail}, for ${id}: give it as companyPrefix` })
    return id
  }
  const { event, stored } = source.shippings[0]!
  const owner = (list: readonly { type: string; id: string }[]): string =>
    urnOf(list.find(({ type }) => type === 'owning_party')?.id ?? list[0]?.id ?? 'unknown')
  const header = {
    sender: owner(event.sourceList),
    receiver: owner(event.destinationList),
    instanceIdentifier: stored.eventID,
  }
  const masterData = elements.map(({ type, id, attributes, children }) => ({
    ...{ type: oldType(type), id: urnOf(id), attributes },
    children: children.map(urnOf),
  }))
  const foreignXml = affirmed ? statementXml : ''
  const frame = { creationDate: at, header, masterData, foreignXml }
  const form = { version: '1.2', unsaid: 'drop', prefixLength } as const
  const document = formatXmlDocument(events.value, { ...form, ...frame })
  if (!document.ok) refusals.push(...document.refusals)
  if (refusals.length > 0) return { ok: false, refusals: onceEach(refusals) }
  if (!document.ok) return document
  return { ok: true, value: { xml: document.value.text, dropped: document.value.dropped } }
}

const onceEach = (refusals: readonly Refusal[]): Refusal[] =>
  [...new Map(refusals.map((one) => [one.detail, one])).values()].slice(
    0,
    bounds.refusalsPerInputMax,
  )

const statementXml =
  '<gs1ushc:dscsaTransactionStatement xmlns:gs1ushc="http://epcis.gs1us.org/hc/ns">' +
  '<gs1ushc:affirmTransactionStatement>true</gs1ushc:affirmTransactionStatement>' +
  `<gs1ushc:legalNotice>${escapeText(legalNotice)}</gs1ushc:legalNotice>` +
  '</gs1ushc:dscsaTransactionStatement>'

/** CBV 1.2 has no vocabulary of parties: they are locations. */
const oldType = (type: string): string =>
  type.endsWith(':vtype:Party') ? 'urn:epcglobal:epcis:vtype:Location' : type

/** Commissionings, packings from the innermost, shippings; each by event time. */
async function eventsOf(
  db: LedgerQuery,
  tenant: string,
  { shippings, members, epcs }: DscsaSource,
): Promise<Result<Json[]>> {
  const shipped = new Set(epcs.values())
  const stays = new Map<string, { parent: string; since: number }>()
  for (const [id, { parent, since }] of members)
    if (parent !== undefined) stays.set(epcs.get(id)!, { parent: epcs.get(parent)!, since })
  const begun = await eventsNaming(db, tenant, {
    epcs: [...shipped],
    roles: [mentionRoles.epcList, mentionRoles.outputEPCList],
  })
  const commissioned = new Set<string>()
  const commissionings: Json[] = []
  for (const [stored, named] of groupsOf(begun)) {
    if (!isCommissioning(stored)) continue
    for (const { epc } of named) commissioned.add(epc)
    commissionings.push(cut(stored, { list: 'epcList', keep: (epc) => shipped.has(epc) }))
  }
  const never = [...shipped].filter((epc) => !commissioned.has(epc))
  if (never.length > 0) return { ok: false, refusals: uncommissioned(never) }
  const parents = new Set([...stays.values()].map(({ parent }) => parent))
  const packed = await eventsNaming(db, tenant, {
    epcs: [...parents],
    roles: [mentionRoles.parentID],
  })
  const packings = groupsOf(packed).flatMap(([stored, [first]]) => {
    if (stored.type !== 'AggregationEvent' || stored.action !== 'ADD' || stored.declared) return []
    const keep = (epc: string): boolean => {
      const stay = stays.get(epc)
      return stay?.parent === first!.epc && stay.since === stored.eventTime
    }
    const event = cut(stored, { list: 'childEPCs', keep })
    return (event.childEPCs as unknown[]).length > 0 ? [event] : []
  })
  const sent = shippings.map(({ stored }) => jsonOf(stored))
  const all = [...commissionings, ...packings, ...sent]
  if (all.length > bounds.reportEventsMax) return tooLarge(`${all.length} events tell of it`)
  return { ok: true, value: all }
}

const groupsOf = <T extends { event: StoredEvent }>(naming: readonly T[]): [StoredEvent, T[]][] =>
  [...Map.groupBy(naming, ({ event }) => event.id!).values()].map((group) => [
    group[0]!.event,
    group,
  ])

const isCommissioning = ({ type, action, declared }: StoredEvent): boolean =>
  !declared && (type === 'TransformationEvent' || (type === 'ObjectEvent' && action === 'ADD'))

const jsonOf = (stored: StoredEvent): Json => ({
  ...(JSON.parse(stored.body) as Json),
  eventID: stored.eventID,
})

/** What is not shipped is no business of the buyer. Transformations stay whole. */
function cut(
  stored: StoredEvent,
  { list, keep }: { list: 'epcList' | 'childEPCs'; keep: (epc: string) => boolean },
): Json {
  const event = jsonOf(stored)
  const named = event[list]
  if (!Array.isArray(named)) return event
  const full = parseStored(stored) as Partial<Record<typeof list, string[]>>
  const known = new Set((full[list] ?? []).filter(keep))
  const kept = named.filter((text) => {
    const epc = canonicalEpc(String(text))
    return known.has(epc.ok ? epc.value : String(text))
  })
  if (kept.length === named.length) return event
  const { eventID: _, ...rest } = event
  return { ...rest, [list]: kept }
}

const uncommissioned = (epcs: readonly string[]): Refusal[] =>
  epcs.slice(0, bounds.refusalsPerInputMax).map((epc) => ({
    code: 'epcis/field-missing',
    path: epc,
    detail: `no commissioning of ${epc} is known`,
  }))

/** Company prefixes that URNs in these events state. */
function prefixesIn(events: readonly Json[]): string[] {
  const found = new Set<string>()
  for (const event of events)
    for (const [, prefix] of JSON.stringify(event).matchAll(statedPrefix)) found.add(prefix!)
  return [...found]
}

const statedPrefix =
  /urn:epc:(?:id|class|idpat):(?:sgtin|lgtin|sscc|sgln|pgln|grai|giai):(\d{6,12})\./g

function prefixesTold(elements: readonly MasterElement[]): string[] {
  return elements.flatMap(({ attributes }) =>
    Object.entries(attributes).flatMap(([name, value]) => {
      const text = isObject(value) ? value['@value'] : value
      const said = /(^|[#:/])companyPrefix$/.test(name) && /^\d{6,12}$/.test(String(text))
      return said ? [String(text)] : []
    }),
  )
}

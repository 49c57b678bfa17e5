// What US law wants of a shipment of medicines (DSCSA, FD&C Act §581(26) and (27)): transaction
// information and transaction statement, as data from which a page can be printed. What master data
// does not say is listed by name, never left blank in silence. The statement is made by whoever
// sends it: nothing here judges whether it is true.
import type { EpcisEvent } from '../../domain/epcis/epcis.ts'
import { parseEpc } from '../../domain/gs1/gs1.ts'
import type { Refusal, Result } from '../../domain/refusal.ts'
import { epcsOf, readUnits } from '../../store/ledger/epcs.ts'
import type { LedgerQuery } from '../../store/ledger/ledger.ts'
import { type Masters, productId, readMasters, referencedBy } from './masters.ts'
import { findShipment, type Shipment } from './shipment.ts'

export interface DscsaParty {
  id: string | null
  name: string | null
  address: string | null
}

export interface DscsaProduct {
  gtin: string
  name: string | null
  strength: string | null
  dosageForm: string | null
  ndc: string | null
  containerSize: string | null
  manufacturer: string | null
  lot: string | null
  /** YYYY-MM-DD. */
  expiry: string | null
  numberOfContainers: number
  /** Ascending. */
  serials: string[]
}

export interface DscsaReport {
  transactionInformation: {
    products: DscsaProduct[]
    /** YYYY-MM-DD. */
    transactionDate: string
    /** §581(26)(H): only when more than 24 hours later. */
    shipmentDate: string | null
    seller: DscsaParty
    buyer: DscsaParty
    shipFrom: DscsaParty
    shipTo: DscsaParty
    references: { type: string | null; id: string }[]
    shippingEvents: string[]
  }
  transactionStatement: { affirmed: boolean; text: string; legalNotice: string }
  /** What the law wants and nobody has told, such as `strengthDescription of <product>`. */
  missing: string[]
}

export interface DscsaSource extends Shipment {
  /** Names of the members. */
  epcs: Map<number, string>
  masters: Masters
}

/** All that the two forms of the report are made of. Refusals as findShipment's. */
export async function readDscsa(
  db: LedgerQuery,
  tenant: string,
  shipment: string,
): Promise<Result<DscsaSource>> {
  const found = await findShipment(db, tenant, shipment)
  if (!found.ok) return found
  const { shippings, members } = found.value
  const refusals = differences(shippings.map(({ event }) => event))
  if (refusals.length > 0) return { ok: false, refusals }
  const epcs = await epcsOf(db, tenant, [...members.keys()])
  const products = new Set<string>()
  for (const epc of epcs.values()) {
    const key = parseEpc(epc)
    if (key && 'gtin' in key) products.add(productId(key.gtin))
  }
  const named = referencedBy(shippings.map(({ event }) => event))
  const masters = await readMasters(db, tenant, [...new Set([...named, ...products])].sort())
  return { ok: true, value: { shippings, members, epcs, masters } }
}

/** `transactionDate`: epoch ms; the time of shipping when nobody says another. */
export async function dscsaReport(
  db: LedgerQuery,
  tenant: string,
  {
    source,
    transactionDate,
    affirmed,
  }: { source: DscsaSource; transactionDate?: number | undefined; affirmed: boolean },
): Promise<DscsaReport> {
  const { shippings, masters } = source
  const missing = new Set<string>()
  const { event } = shippings[0]!
  const shipped = event.eventTime
  const transferred = transactionDate ?? shipped
  const products = await productsOf(db, tenant, { source, missing })
  const party = (end: 'source' | 'destination', type: string): DscsaParty =>
    partyOf(event, { end, type, masters, missing })
  const references = shippings
    .flatMap((one) => one.event.bizTransactionList)
    .map(({ type, bizTransaction }) => ({ type: type ?? null, id: bizTransaction }))
  return {
    transactionInformation: {
      products,
      transactionDate: dateOf(transferred, event.eventTimeZoneOffset),
      shipmentDate:
        shipped - transferred > 86_400_000 ? dateOf(shipped, event.eventTimeZoneOffset) : null,
      seller: party('source', 'owning_party'),
      buyer: party('destination', 'owning_party'),
      shipFrom: party('source', 'location'),
      shipTo: party('destination', 'location'),
      references: [...new Map(references.map((one) => [JSON.stringify(one), one])).values()],
      shippingEvents: shippings.map(({ stored }) => stored.eventID),
    },
    transactionStatement: { affirmed, text: statement, legalNotice },
    missing: [...missing].sort(),
  }
}

/** GS1 US Implementation Guideline for DSCSA, R1.2: the words that partners expect. */
export const legalNotice =
  'Seller has complied with each applicable subsection of FDCA Sec. 581(27)(A)-(G).'

/** §581(27). */
const statement =
  'The entity transferring ownership in this transaction (A) is authorized as required under the ' +
  'Drug Supply Chain Security Act; (B) received the product from a person that is authorized as ' +
  'required under the Drug Supply Chain Security Act; (C) received transaction information and a ' +
  'transaction statement from the prior owner of the product, as required under section 582; (D) ' +
  'did not knowingly ship a suspect or illegitimate product; (E) had systems and processes in ' +
  'place to comply with verification requirements under section 582; (F) did not knowingly ' +
  'provide false transaction information; and (G) did not knowingly alter the transaction history.'

async function productsOf(
  db: LedgerQuery,
  tenant: string,
  { source, missing }: { source: DscsaSource; missing: Set<string> },
): Promise<DscsaProduct[]> {
  const { members, epcs, shippings, masters } = source
  const holders = new Set([...members.values()].map(({ parent }) => parent))
  const packages = [...epcs].flatMap(([id, epc]) => (holders.has(id) ? [] : epc))
  const units = await readUnits(db, tenant, packages)
  const lines = new Map<string, DscsaProduct>()
  const lineOf = (gtin: string, lot: string | null, expiry: string | null): DscsaProduct => {
    const key = `${gtin} ${lot ?? ''} ${expiry ?? ''}`
    const line = lines.get(key) ?? { ...productFacts(gtin, { masters, missing }), lot, expiry }
    if (lot === null) missing.add(`lot of units of ${productId(gtin)}`)
    lines.set(key, line)
    return line
  }
  for (const epc of packages) {
    const key = parseEpc(epc)
    if (key?.key !== 'sgtin') continue
    const { lot = null, expiry = null } = units.get(epc) ?? {}
    const line = lineOf(key.gtin, lot, expiry)
    line.serials.push(key.serial)
    line.numberOfContainers++
  }
  for (const { epcClass, quantity } of shippings.flatMap(({ event }) => event.quantityList)) {
    const key = parseEpc(epcClass)
    if (key?.key !== 'lgtin' && key?.key !== 'gtin') continue
    const line = lineOf(key.gtin, key.key === 'lgtin' ? key.lot : null, null)
    line.numberOfContainers += quantity ?? 0
    missing.add(`serial numbers of ${epcClass}`)
  }
  for (const line of lines.values()) line.serials.sort()
  return [...lines.keys()].sort().map((key) => lines.get(key)!)
}

function productFacts(
  gtin: string,
  { masters, missing }: { masters: Masters; missing: Set<string> },
): DscsaProduct {
  const id = productId(gtin)
  const wanted = (...names: string[]): string | null => {
    const text = masters.textOf(id, ...names)
    if (text === undefined) missing.add(`${names[0]} of ${id}`)
    return text ?? null
  }
  return {
    gtin,
    name: wanted('regulatedProductName', 'functionalName', 'descriptionShort', 'registeredName'),
    strength: wanted('strengthDescription', 'strength'),
    dosageForm: wanted('dosageFormType', 'dosageForm'),
    ndc: wanted('additionalTradeItemIdentification', 'ndc', 'NDC'),
    containerSize: wanted('netContentDescription', 'containerSize'),
    manufacturer: masters.textOf(id, 'manufacturerOfTradeItemPartyName') ?? null,
    lot: null,
    expiry: null,
    numberOfContainers: 0,
    serials: [],
  }
}

function partyOf(
  event: EpcisEvent,
  of: { end: 'source' | 'destination'; type: string; masters: Masters; missing: Set<string> },
): DscsaParty {
  const list = of.end === 'source' ? event.sourceList : event.destinationList
  const id = list.find(({ type }) => type === of.type)?.id
  if (id === undefined) {
    of.missing.add(`${of.end} ${of.type} of the shipping event`)
    return { id: null, name: null, address: null }
  }
  const text = (name: string): string | undefined => {
    const found = of.masters.textOf(id, name)
    if (found === undefined && !optional.has(name)) of.missing.add(`${name} of ${id}`)
    return found
  }
  const name = text('name') ?? null
  const street = [text('streetAddressOne'), text('streetAddressTwo')]
  const town = [text('city'), text('state'), text('postalCode'), text('countryCode')]
  const address = [...street, ...town].filter((part) => part !== undefined).join(', ')
  return { id, name, address: address === '' ? null : address }
}

const optional: ReadonlySet<string> = new Set(['streetAddressTwo', 'state', 'countryCode'])

/** Several shipping events of one despatch advice are one transaction when all parties are. */
function differences(events: readonly EpcisEvent[]): Refusal[] {
  const said = ({ sourceList, destinationList }: EpcisEvent): string =>
    [...sourceList.map((one) => `s ${one.type} ${one.id}`)]
      .concat(destinationList.map((one) => `d ${one.type} ${one.id}`))
      .sort()
      .join('\n')
  if (new Set(events.map(said)).size <= 1) return []
  const detail = `${events.length} shipping events between different parties: ask for one by its eventID`
  return [{ code: 'request/invalid', path: 'query/shipment', detail }]
}

/** The day on the calendar of whoever wrote the event. */
function dateOf(time: number, offset: string): string {
  const [, sign, hours, minutes] = /^([+-])(\d\d):(\d\d)$/.exec(offset) ?? []
  const shift = (Number(hours ?? 0) * 60 + Number(minutes ?? 0)) * (sign === '-' ? -60_000 : 60_000)
  return new Date(time + shift).toISOString().slice(0, 10)
}

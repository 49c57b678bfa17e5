// The electronic sortable spreadsheet of the US food traceability rule (FSMA 204, 21 CFR
// 1.1455(c)): one row for each traceability lot of each critical tracking event, with its key data
// elements (21 CFR 1.1325 to 1.1350). Which EPCIS event is which critical tracking event,
// the table below says; docs/reports.md explains it. What an event or master data does not tell is
// named in the row.
import type { EpcisEvent } from '../../domain/epcis/epcis.ts'
import { formatDigitalLink } from '../../domain/gs1/gs1.ts'
import { type Masters, productId } from './masters.ts'

export type CriticalEvent =
  | 'harvesting'
  | 'cooling'
  | 'initial packing'
  | 'first land-based receiving'
  | 'shipping'
  | 'receiving'
  | 'transformation'

/** By the last part of the bizStep, whose vocabulary may be another than the CBV. */
const eventsOfSteps: Readonly<Record<string, CriticalEvent>> = {
  harvest: 'harvesting',
  harvesting: 'harvesting',
  cooling: 'cooling',
  initial_packing: 'initial packing',
  initialpacking: 'initial packing',
  landing: 'first land-based receiving',
  first_receiving: 'first land-based receiving',
  firstreceiving: 'first land-based receiving',
  shipping: 'shipping',
  receiving: 'receiving',
  accepting: 'receiving',
}

/** Undefined: no critical tracking event. */
export function criticalEventOf(event: EpcisEvent): CriticalEvent | undefined {
  if (event.errorDeclaration) return undefined
  if (event.type === 'TransformationEvent') return 'transformation'
  if (event.type !== 'ObjectEvent' || event.action === 'DELETE') return undefined
  const step = /[^#:/]*$/
    .exec(event.bizStep ?? '')![0]
    .toLowerCase()
    .replace(/^bizstep-/, '')
  const known = Object.hasOwn(eventsOfSteps, step) ? eventsOfSteps[step] : undefined
  if (known) return known
  // CBV 2.0 §7.1.3: the lot, or its first packages, get their identity.
  const assigns = step === 'commissioning' || step === 'creating_class_instance'
  return assigns && event.action === 'ADD' ? 'initial packing' : undefined
}

/** So much of one lot, in one event. */
export interface LotShare {
  gtin: string
  lot: string | undefined
  role: 'object' | 'input' | 'output'
  quantity: number | undefined
  /** UN/CEFACT Rec 20; EA for pieces. */
  uom: string
}

export const fsmaColumns = [
  'criticalTrackingEvent',
  'eventTime',
  'timeZone',
  'traceabilityLotCode',
  'gtin',
  'productDescription',
  'use',
  'quantity',
  'unitOfMeasure',
  'location',
  'locationDescription',
  'lotCodeSource',
  'lotCodeSourceDescription',
  'previousSource',
  'previousSourceDescription',
  'recipient',
  'recipientDescription',
  'referenceDocumentType',
  'referenceDocument',
  'missing',
  'eventID',
] as const

export type FsmaRow = Record<(typeof fsmaColumns)[number], string | number | null>

/** One row; `source`: where the traceability lot code was assigned. */
export function fsmaRow(
  event: EpcisEvent,
  { share, source, masters }: { share: LotShare; source: string | undefined; masters: Masters },
): FsmaRow {
  const kind = criticalEventOf(event)!
  const { gtin, lot, role, quantity, uom } = share
  const from = partnerOf(event.sourceList)
  const to = partnerOf(event.destinationList)
  const place = event.bizLocation ?? event.readPoint ?? (kind === 'shipping' ? from : to)
  const description = (id: string | undefined): string | null =>
    id === undefined ? null : describe(id, masters)
  const product = productId(gtin)
  const [document] = event.bizTransactionList
  const row: FsmaRow = {
    criticalTrackingEvent: kind,
    eventTime: new Date(event.eventTime).toISOString(),
    timeZone: `UTC${event.eventTimeZoneOffset}`,
    traceabilityLotCode: lot ?? null,
    gtin,
    productDescription: masters.textOf(product, ...productNames) ?? null,
    use: role === 'object' ? null : role,
    quantity: quantity ?? null,
    unitOfMeasure: quantity === undefined ? null : uom,
    location: place ?? null,
    locationDescription: description(place),
    lotCodeSource: source ?? null,
    lotCodeSourceDescription: description(source),
    previousSource: from ?? null,
    previousSourceDescription: description(from),
    recipient: to ?? null,
    recipientDescription: description(to),
    referenceDocumentType: document?.type ?? null,
    referenceDocument: document?.bizTransaction ?? null,
    missing: null,
    eventID: event.eventID,
  }
  const missing = wanted(kind).filter((name) => row[name] === null)
  return { ...row, missing: missing.length === 0 ? null : missing.join(' ') }
}

const productNames = [
  'regulatedProductName',
  'descriptionShort',
  'functionalName',
  'registeredName',
]

const always = [
  'traceabilityLotCode',
  'productDescription',
  'quantity',
  'unitOfMeasure',
  'locationDescription',
] as const

/** Harvesting and cooling come before there is a traceability lot code (§1.1325). */
function wanted(kind: CriticalEvent): (keyof FsmaRow)[] {
  const early = kind === 'harvesting' || kind === 'cooling'
  const common = early ? always.slice(1) : [...always, 'lotCodeSource' as const]
  if (kind === 'shipping') return [...common, 'recipientDescription', 'referenceDocument']
  if (kind === 'receiving') return [...common, 'previousSourceDescription', 'referenceDocument']
  return [...common]
}

const partnerOf = (list: readonly { type: string; id: string }[]): string | undefined =>
  (list.find(({ type }) => type === 'location') ?? list[0])?.id

/** §1.1310, location description: name, address, city, state, country. */
function describe(id: string, masters: Masters): string | null {
  const parts = ['name', 'streetAddressOne', 'city', 'state', 'postalCode', 'countryCode']
  const said = parts.flatMap((part) => masters.textOf(id, part) ?? [])
  return said.length === 0 ? null : said.join(', ')
}

/** Events that assign the traceability lot code of what they make (§1.1320). */
export const assignsLot = (kind: CriticalEvent, role: LotShare['role']): boolean =>
  kind === 'initial packing' ||
  kind === 'first land-based receiving' ||
  (kind === 'transformation' && role === 'output')

export const lotId = (gtin: string, lot: string): string =>
  formatDigitalLink({ key: 'lgtin', gtin, lot })

// Which field of an event stands where in EPCIS XML: the sequences of GS1's schemas 2.0 and 1.2 as
// tables. A tuple is a wrapper with what stands in it; `*` is where EPCIS 1.x has room for fields
// without a name space.
import type { EventType } from './shapes.ts'

export type Layout = readonly (string | readonly [wrapper: string, within: Layout])[]

export type XmlVersion = '2.0' | '1.2'

const names = (text: string): string[] => text.split(' ')
const where = 'bizStep disposition readPoint bizLocation'
const parties = 'sourceList destinationList'
const newer = 'sensorElementList persistentDisposition'

const head20 = names(
  'eventTime recordTime eventTimeZoneOffset eventID errorDeclaration certificationInfo',
)
const layout20: Record<EventType, Layout> = {
  ObjectEvent: [
    ...head20,
    ...names(`epcList action ${where} bizTransactionList quantityList ${parties} ${newer} ilmd`),
  ],
  AggregationEvent: [
    ...head20,
    ...names(`parentID childEPCs action ${where} bizTransactionList`),
    ...names(`childQuantityList ${parties} ${newer}`),
  ],
  TransactionEvent: [
    ...head20,
    ...names(`bizTransactionList parentID epcList action ${where}`),
    ...names(`quantityList ${parties} ${newer}`),
  ],
  TransformationEvent: [
    ...head20,
    ...names('inputEPCList inputQuantityList outputEPCList outputQuantityList transformationID'),
    ...names(`${where} bizTransactionList ${parties} ${newer} ilmd`),
  ],
  AssociationEvent: [
    ...head20,
    ...names(`parentID childEPCs childQuantityList action ${where} bizTransactionList`),
    ...names(`${parties} ${newer}`),
  ],
}

const head12: Layout = [
  ...names('eventTime recordTime eventTimeZoneOffset'),
  ['baseExtension', names('eventID errorDeclaration')],
]
const extended = (fields: string): Layout => [
  ['extension', [...names(fields), ['extension', ['*']]]],
]
const layout12: Partial<Record<EventType, Layout>> = {
  ObjectEvent: [
    ...head12,
    ...names(`epcList action ${where} bizTransactionList`),
    ...extended(`quantityList ${parties} ilmd`),
  ],
  AggregationEvent: [
    ...head12,
    ...names(`parentID childEPCs action ${where} bizTransactionList`),
    ...extended(`childQuantityList ${parties}`),
  ],
  TransactionEvent: [
    ...head12,
    ...names(`bizTransactionList parentID epcList action ${where}`),
    ...extended(`quantityList ${parties}`),
  ],
  TransformationEvent: [
    ...head12,
    ...names('inputEPCList inputQuantityList outputEPCList outputQuantityList transformationID'),
    ...names(`${where} bizTransactionList ${parties} ilmd`),
    ['extension', ['*']],
  ],
}

/** Undefined for what the version has no event for: EPCIS 1.2 knows no AssociationEvent. */
export const layoutOf = (version: XmlVersion, type: EventType): Layout | undefined =>
  version === '2.0' ? layout20[type] : layout12[type]

/** In 1.2 these stand there even when there is nothing in them. */
export const isAlwaysThere = (version: XmlVersion, name: string): boolean =>
  version === '1.2' && (name === 'epcList' || name === 'childEPCs')

export const fieldsIn = (layout: Layout): string[] =>
  layout.flatMap((one) => (typeof one === 'string' ? [one] : fieldsIn(one[1])))

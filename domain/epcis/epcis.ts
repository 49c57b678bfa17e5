// EPCIS 2.0 events as a discriminated union on `type`, spelled as EPCIS JSON spells them (EPCIS 2.0
// §7). These are parsed, normalised events: times in epoch ms, EPCs as canonical GS1 Digital Link
// URIs where the key is a GS1 key, CBV words bare. domain/epcis/parse.ts makes them; nothing else
// may.

export type Action = 'ADD' | 'OBSERVE' | 'DELETE'

export interface QuantityElement {
  epcClass: string
  quantity?: number
  uom?: string
}

export interface BizTransaction {
  type?: string
  bizTransaction: string
}

export interface SourceOrDestination {
  type: string
  id: string
}

export interface EventCommon {
  /** As given, else derived from the content, so that the same event sent twice is one event. */
  eventID: string
  /** Epoch ms. */
  eventTime: number
  eventTimeZoneOffset: string
  bizStep?: string
  disposition?: string
  /** SGLN as Digital Link, or another URI. */
  readPoint?: string
  bizLocation?: string
  bizTransactionList: BizTransaction[]
  sourceList: SourceOrDestination[]
  destinationList: SourceOrDestination[]
  /** Kept as they came, after their own checks. */
  sensorElementList: unknown[]
  errorDeclaration?: { declarationTime: number; reason?: string; correctiveEventIDs: string[] }
  /**
   * Name spaces that `raw` uses beyond those of the standard context, declared around it or in it.
   */
  prefixes?: Record<string, string>
  /** The event as it came, without recordTime: what is stored and given back. */
  raw: Record<string, unknown>
}

export interface ObjectEvent extends EventCommon {
  type: 'ObjectEvent'
  action: Action
  epcList: string[]
  quantityList: QuantityElement[]
  /** From ilmd, cbvmda:lotNumber. */
  lot?: string
  /** From ilmd, cbvmda:itemExpirationDate. */
  expiry?: string
}

export interface AggregationEvent extends EventCommon {
  type: 'AggregationEvent'
  action: Action
  /** Required for ADD and DELETE (EPCIS 2.0 §7.4.3). */
  parentID?: string
  childEPCs: string[]
  childQuantityList: QuantityElement[]
}

export interface AssociationEvent extends EventCommon {
  type: 'AssociationEvent'
  action: Action
  parentID: string
  childEPCs: string[]
  childQuantityList: QuantityElement[]
}

export interface TransactionEvent extends EventCommon {
  type: 'TransactionEvent'
  action: Action
  parentID?: string
  epcList: string[]
  quantityList: QuantityElement[]
}

export interface TransformationEvent extends EventCommon {
  type: 'TransformationEvent'
  inputEPCList: string[]
  inputQuantityList: QuantityElement[]
  outputEPCList: string[]
  outputQuantityList: QuantityElement[]
  transformationID?: string
  /** Of the outputs, from ilmd, as those of an ObjectEvent. */
  lot?: string
  expiry?: string
}

export type EpcisEvent =
  | ObjectEvent
  | AggregationEvent
  | AssociationEvent
  | TransactionEvent
  | TransformationEvent

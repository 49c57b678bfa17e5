// EPCIS 2.0 events as JSON-LD, as a packing line, a dispatcher or a receiver would write them
// (EPCIS 2.0 §7, CBV 2.0). Refuses to decide what happens: it only writes it down.
import type { Random } from './random.ts'

/** One event as it stands in an EPCISDocument's eventList. */
export type EventJson = Record<string, unknown> & {
  type: 'ObjectEvent' | 'AggregationEvent' | 'AssociationEvent'
  eventID: string
  eventTime: string
}

/** What every event says. Times in epoch ms; `place` is an SGLN. */
export interface Occasion {
  time: number
  place: string
  /** Draws the event's UUID. */
  random: Random
}

/** Items come into being, with their lot and expiry in the ilmd (CBV 2.0 §9.2). */
export function commissioned(
  occasion: Occasion,
  epcs: readonly string[],
  ilmd?: { lot: string; expiry: string },
): EventJson {
  return {
    ...common('ObjectEvent', occasion, 'commissioning'),
    action: 'ADD',
    epcList: epcs,
    disposition: 'active',
    bizLocation: { id: occasion.place },
    ...(ilmd && {
      ilmd: { 'cbvmda:lotNumber': ilmd.lot, 'cbvmda:itemExpirationDate': ilmd.expiry },
    }),
  }
}

export function packed(occasion: Occasion, parent: string, children: readonly string[]): EventJson {
  return {
    ...common('AggregationEvent', occasion, 'packing'),
    action: 'ADD',
    parentID: parent,
    childEPCs: children,
    disposition: 'in_progress',
    bizLocation: { id: occasion.place },
  }
}

/** Without children: everything is unpacked (EPCIS 2.0 §7.4.3, DELETE with childEPCs omitted). */
export function unpacked(
  occasion: Occasion,
  parent: string,
  children?: readonly string[],
): EventJson {
  return {
    ...common('AggregationEvent', occasion, 'unpacking'),
    action: 'DELETE',
    parentID: parent,
    ...(children && { childEPCs: children }),
    disposition: 'in_progress',
    bizLocation: { id: occasion.place },
  }
}

/** A logger (GIAI) is mounted on a container, or taken off it. */
export function associated(
  occasion: Occasion,
  action: 'ADD' | 'DELETE',
  link: { container: string; logger: string },
): EventJson {
  return {
    ...common('AssociationEvent', occasion, action === 'ADD' ? 'assembling' : 'disassembling'),
    action,
    parentID: link.container,
    childEPCs: [link.logger],
    bizLocation: { id: occasion.place },
  }
}

export function shipped(
  occasion: Occasion,
  epcs: readonly string[],
  deal: { from: string; to: string; despatchAdvice: string },
): EventJson {
  return {
    ...common('ObjectEvent', occasion, 'shipping'),
    action: 'OBSERVE',
    epcList: epcs,
    disposition: 'in_transit',
    bizTransactionList: [{ type: 'desadv', bizTransaction: deal.despatchAdvice }],
    sourceList: [{ type: 'location', source: deal.from }],
    destinationList: [{ type: 'location', destination: deal.to }],
  }
}

export function received(occasion: Occasion, epcs: readonly string[]): EventJson {
  return {
    ...common('ObjectEvent', occasion, 'receiving'),
    action: 'OBSERVE',
    epcList: epcs,
    disposition: 'in_progress',
    bizLocation: { id: occasion.place },
  }
}

/** Seen somewhere, at a step that changes nothing of what it is. */
export function observed(
  occasion: Occasion,
  bizStep: 'arriving' | 'departing' | 'inspecting',
  epcs: readonly string[],
): EventJson {
  return {
    ...common('ObjectEvent', occasion, bizStep),
    action: 'OBSERVE',
    epcList: epcs,
    disposition: bizStep === 'inspecting' ? 'in_progress' : 'in_transit',
    ...(bizStep !== 'departing' && { bizLocation: { id: occasion.place } }),
  }
}

/** Given to the public. */
export function dispensed(occasion: Occasion, epcs: readonly string[]): EventJson {
  return {
    ...common('ObjectEvent', occasion, 'dispensing'),
    action: 'OBSERVE',
    epcList: epcs,
    disposition: 'dispensed',
    bizLocation: { id: occasion.place },
  }
}

/** Came back, with the paper it came on. */
export function returned(occasion: Occasion, epcs: readonly string[], rma: string): EventJson {
  return {
    ...common('ObjectEvent', occasion, 'receiving'),
    action: 'OBSERVE',
    epcList: epcs,
    disposition: 'returned',
    bizLocation: { id: occasion.place },
    bizTransactionList: [{ type: 'rma', bizTransaction: rma }],
  }
}

export function destroyed(occasion: Occasion, epcs: readonly string[]): EventJson {
  return {
    ...common('ObjectEvent', occasion, 'destroying'),
    action: 'DELETE',
    epcList: epcs,
    disposition: 'destroyed',
    bizLocation: { id: occasion.place },
  }
}

/** The body of `POST /epcis/capture`. */
export function documentOf(events: readonly EventJson[], creationTime: number) {
  return {
    '@context': ['https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld'],
    type: 'EPCISDocument',
    schemaVersion: '2.0',
    creationDate: new Date(creationTime).toISOString(),
    epcisBody: { eventList: events },
  }
}

function common(type: EventJson['type'], occasion: Occasion, bizStep: string): EventJson {
  return {
    type,
    eventID: `urn:uuid:${uuid(occasion.random)}`,
    eventTime: new Date(occasion.time).toISOString(),
    eventTimeZoneOffset: '+00:00',
    bizStep,
    readPoint: { id: occasion.place },
  }
}

/** RFC 9562 version 4, from the world's own dice so that a replay says the same. */
function uuid(random: Random): string {
  const hex = [0, 1, 2, 3].map(() => random.uint32().toString(16).padStart(8, '0')).join('')
  const variant = '89ab'[Number.parseInt(hex[16]!, 16) & 3]
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20),
  ].join('-')
}

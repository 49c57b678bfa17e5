// What an EPCIS event claims of a unit, read off bizStep, disposition, persistentDisposition and
// action (CBV 2.0 §7.1-7.3; EPCIS 2.0 §7.4). One table for steps, one for dispositions. Refuses to
// judge: whether a claim can be true is for domain/lifecycle.
import { disposition as dispositions, parseTerm, standardPrefixes } from '../epcis/cbv.ts'
import type { Action, EpcisEvent } from '../epcis/epcis.ts'

/**
 * What is said to be done with a unit. `exist`: it is there and in use, `use`: somebody had it in
 * his hands, `void`: a shipment did not take place.
 */
export type Claim =
  | 'encode'
  | 'commission'
  | 'exist'
  | 'use'
  | 'ship'
  | 'void'
  | 'receive'
  | 'return'
  | 'hold'
  | 'release'
  | 'lock'
  | 'checkOut'
  | 'sell'
  | 'sample'
  | 'freeSample'
  | 'export'
  | 'steal'
  | 'consume'
  | 'decommission'
  | 'destroy'

/** Where the unit, or the container it is in, stands in the event. */
export type FactRole = 'object' | 'parent' | 'child' | 'input' | 'output'

/** What one EPCIS event says of one unit. Events in error make none. */
export interface Fact {
  /** Epoch ms. */
  eventTime: number
  eventID: string
  type: EpcisEvent['type']
  /** Transformations have none. */
  action?: Action
  role: FactRole
  /** The event names a container that the unit was in, at any depth, rather than the unit. */
  inherited: boolean
  /** A word of the CBV, or a URI of another vocabulary. */
  bizStep?: string
  disposition?: string
  persistentDisposition?: { set: readonly string[]; unset: readonly string[] }
  /** The bizLocation, else the readPoint. */
  place?: string
}

/** A claim, and whether something was done or merely found to be so. */
export interface Claimed {
  claim: Claim
  activity: boolean
}

/** CBV 2.0 §7.1. A step that is not listed here says nothing about the life of a unit. */
export const claimsOfSteps: Readonly<Record<string, Claim>> = {
  accepting: 'receive',
  arriving: 'use',
  assembling: 'use',
  collecting: 'use',
  commissioning: 'exist',
  consigning: 'ship',
  creating_class_instance: 'exist',
  cycle_counting: 'use',
  decommissioning: 'decommission',
  departing: 'ship',
  destroying: 'destroy',
  disassembling: 'use',
  dispensing: 'sell',
  encoding: 'encode',
  entering_exiting: 'use',
  holding: 'hold',
  inspecting: 'use',
  installing: 'use',
  loading: 'use',
  packing: 'use',
  picking: 'use',
  receiving: 'receive',
  removing: 'use',
  repackaging: 'use',
  repairing: 'use',
  replacing: 'use',
  // Identifiers, not goods, are reserved: for somebody who will encode them (CBV 2.0 §7.1.3).
  reserving: 'encode',
  retail_selling: 'sell',
  sampling: 'use',
  shipping: 'ship',
  staging_outbound: 'use',
  stock_taking: 'use',
  stocking: 'use',
  storing: 'use',
  transporting: 'ship',
  unloading: 'use',
  void_shipping: 'void',
}

/** What the CBV has no word for and the states of EU 2016/161 need. */
export const ownDispositions = 'urn:isotherm:disp:'

/** CBV 2.0 §7.2, and our own. Others say nothing about the life of a unit. */
export const claimsOfDispositions: Readonly<Record<string, Claim>> = {
  active: 'exist',
  available: 'release',
  destroyed: 'destroy',
  dispensed: 'sell',
  disposed: 'hold',
  encoded: 'encode',
  in_transit: 'ship',
  inactive: 'decommission',
  non_sellable_other: 'hold',
  partially_dispensed: 'sell',
  reserved: 'encode',
  retail_sold: 'sell',
  returned: 'return',
  sellable_accessible: 'release',
  sellable_not_accessible: 'release',
  stolen: 'steal',
  unavailable: 'hold',
  [`${ownDispositions}exported`]: 'export',
  [`${ownDispositions}sample`]: 'sample',
  [`${ownDispositions}free_sample`]: 'freeSample',
  [`${ownDispositions}locked`]: 'lock',
  [`${ownDispositions}checked_out`]: 'checkOut',
  [`${ownDispositions}supplied`]: 'sell',
}

/** Dispositions that outweigh the step they come with. */
const strong: ReadonlySet<Claim> = new Set<Claim>([
  'destroy',
  'steal',
  'export',
  'sample',
  'freeSample',
  'lock',
  'checkOut',
  'sell',
])

/** What befalls a container befalls what is in it, but for what concerns its identity only. */
const handedDown: ReadonlySet<Claim> = new Set<Claim>([
  'use',
  'ship',
  'void',
  'receive',
  'return',
  'hold',
  'release',
  'lock',
  'sell',
  'export',
  'steal',
  'destroy',
])

/** The claims of a fact, in the order in which they are to be taken. */
export function claimsOf(fact: Fact): Claimed[] {
  const { role, inherited } = fact
  // What else goes into or out of the container does not concern what is in it already.
  if (inherited && (role === 'parent' || role === 'input' || role === 'output')) return []
  const claims = [...ownClaims(fact), ...persistentClaims(fact)]
  return inherited ? claims.filter(({ claim }) => handedDown.has(claim)) : claims
}

/** What an event says of the unit that stands in it in this role; undefined for one in error. */
export function factOf(
  event: EpcisEvent,
  { role, inherited }: Pick<Fact, 'role' | 'inherited'>,
): Fact | undefined {
  if (event.errorDeclaration) return undefined
  const { eventTime, eventID, type, bizStep, disposition } = event
  const place = event.bizLocation ?? event.readPoint
  const persistent = persistentOf(event)
  return {
    eventTime,
    eventID,
    type,
    ...('action' in event && { action: event.action }),
    role,
    inherited,
    ...(bizStep !== undefined && { bizStep }),
    ...(disposition !== undefined && { disposition }),
    ...(persistent && { persistentDisposition: persistent }),
    ...(place !== undefined && { place }),
  }
}

function ownClaims(fact: Fact): Claimed[] {
  const { role, type, action, inherited } = fact
  if (role === 'input') return done('consume')
  if (role === 'output') return done('commission')
  const named = type === 'ObjectEvent' && !inherited
  const step = claimsOfSteps[fact.bizStep ?? '']
  const said = claimsOfDispositions[fact.disposition ?? '']
  // EPCIS 2.0 §7.4.2: ADD, the objects have been created; DELETE, they are no more.
  if (named && action === 'ADD') return done(step === 'encode' ? step : 'commission')
  if (named && action === 'DELETE') return done(endOf(fact.bizStep, step, said))
  const out = action === 'DELETE' && step === 'use'
  return combine({ step: out ? undefined : takenOut(fact.bizStep, said, step), said })
}

const done = (claim: Claim): Claimed[] => [{ claim, activity: true }]
const found = (claim: Claim): Claimed[] => [{ claim, activity: false }]

function endOf(bizStep = '', step?: Claim, said?: Claim): Claim {
  if (said !== undefined && strong.has(said)) return said
  if (step === 'destroy' || step === 'sell') return step
  if (bizStep === 'repackaging') return 'checkOut'
  return bizStep === 'sampling' ? 'sample' : 'decommission'
}

/** Sampling and repackaging take a unit off the market when the disposition says so. */
function takenOut(bizStep = '', said?: Claim, step?: Claim): Claim | undefined {
  const gone = said === 'decommission' || said === 'hold'
  if (bizStep === 'sampling' && gone) return 'sample'
  return bizStep === 'repackaging' && gone ? 'checkOut' : step
}

/** A step says what was done, a disposition how things stand afterwards (CBV 2.0 §7.2). */
function combine({ step, said }: { step: Claim | undefined; said: Claim | undefined }): Claimed[] {
  if (said === undefined) return step === undefined ? [] : done(step)
  if (step !== undefined && (step === said || strong.has(step))) return done(step)
  if (strong.has(said))
    return step === 'ship' && said === 'export' ? [...done('ship'), ...found(said)] : found(said)
  if (step === undefined || step === 'use' || step === 'exist') return found(said)
  if (said === 'return') return step === 'ship' ? [...found('return'), ...done('ship')] : done(said)
  return step === 'receive' && said === 'hold' ? [...done(step), ...found(said)] : done(step)
}

/** EPCIS 2.0 §7.3.9: what is set stays until it is unset. What was stolen is held when found. */
function persistentClaims({ persistentDisposition: given }: Fact): Claimed[] {
  if (!given) return []
  const set = given.set.map((word) => claimsOfDispositions[word]).filter((claim) => claim)
  const back: Claim[] = given.unset.includes('stolen') ? ['hold'] : []
  return [...set, ...back].map((claim) => ({ claim: claim!, activity: false }))
}

/** The event's own spelling is kept in `raw`; here it becomes bare words. */
function persistentOf({ raw, prefixes }: EpcisEvent): Fact['persistentDisposition'] {
  const given = raw.persistentDisposition
  if (typeof given !== 'object' || given === null) return undefined
  const known = new Map([...standardPrefixes, ...Object.entries(prefixes ?? {})])
  const words = (list: unknown): string[] =>
    [list ?? []]
      .flat()
      .map((word) => parseTerm(dispositions, String(word), known))
      .filter((word) => word !== undefined)
  const { set, unset } = given as { set?: unknown; unset?: unknown }
  return { set: words(set), unset: words(unset) }
}

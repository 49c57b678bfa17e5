// Small random worlds for recalls: what was told of units, boxes and lots, in order and late, and
// what may be asked for. Who is meant then is for test/recall-oracle.ts.
import fc from 'fast-check'
import type { Condition } from '../trace/recall/criteria.ts'
import { epcisEvent } from './pipeline.ts'

const minute = 60_000
export const start = Date.UTC(2026, 3, 1)
/** Some events are told ahead. */
export const now = start + 70 * minute

export const gtins = ['09521234543213', '09506000134352'] as const
export const units = Array.from(
  { length: 8 },
  (_, n) => `https://id.gs1.org/01/${gtins[n % 2]}/21/U${n}`,
)
export const boxes = ['0013', '0020', '0105', '0112'].map(
  (end) => `https://id.gs1.org/00/09521234000000${end}`,
)
const site = 'https://id.gs1.org/414/9521234000013'
const places = [site, `${site}/254/7`, 'https://id.gs1.org/414/9521234000020', 'urn:example:yard']
const lots = ['LA', 'LB'] as const
export const classOf = (gtin: string, lot: string): string =>
  `https://id.gs1.org/01/${gtin}/10/${lot}`
export const classes = gtins.flatMap((gtin) => lots.map((lot) => classOf(gtin, lot)))

/** One event as it is told. `slot` puts it into the order of time. */
export interface Told {
  kind: 'made' | 'packed' | 'unpacked' | 'emptied' | 'seen' | 'gone' | 'turned'
  slot: number
  units: readonly string[]
  /** What is packed and seen may be boxes as well. */
  boxes: readonly string[]
  parent: string
  outputs: readonly string[]
  inputLots: readonly string[]
  outputLots: readonly string[]
  process: string | undefined
  lot: string | undefined
  expiry: string | undefined
  shift: string | undefined
  readPoint: string | undefined
  bizLocation: string | undefined
  step: string
}

export interface LotTold {
  gtin: string
  lot: string
  facts: { supplier?: string; shift?: string; expiry?: string }
}

export interface AlertTold {
  id: string
  rule: string
  gtin: string
  status: 'open' | 'retracted'
  /** Of each unit its minutes and verdict. */
  units: ReadonlyMap<string, { minutes: number; verdict: 'out' | 'indeterminate' }>
}

export interface World {
  /** In order of time, one a minute. */
  first: readonly (Told & { time: number; id: string })[]
  late: readonly (Told & { time: number; id: string })[]
  /** Events of the first that are declared in error late. */
  errors: readonly string[]
  lots: readonly LotTold[]
  lateLots: readonly LotTold[]
  alerts: readonly AlertTold[]
  criteria: readonly (readonly Condition[])[]
}

const some = (from: readonly string[], least = 1, most = 4) =>
  fc.subarray([...from], { minLength: least, maxLength: Math.min(most, from.length) })
const maybe = <T>(from: readonly T[]) => fc.constantFrom(undefined, ...from)

const told: fc.Arbitrary<Told> = fc.record({
  kind: fc.constantFrom(
    ...(['made', 'made', 'made', 'packed', 'packed', 'packed', 'unpacked', 'emptied'] as const),
    ...(['seen', 'seen', 'seen', 'seen', 'gone', 'turned', 'turned'] as const),
  ),
  slot: fc.nat(1_000_000),
  units: some(units),
  boxes: some(boxes, 0, 2),
  parent: fc.constantFrom(...boxes),
  outputs: some(units, 1, 3),
  inputLots: some(classes, 0, 2),
  outputLots: some(classes, 0, 1),
  process: maybe(['urn:example:p1', undefined, undefined]),
  lot: maybe(lots),
  expiry: maybe(['2027-01-31', '2027-06-30']),
  shift: maybe(['day', 'night']),
  readPoint: maybe(places),
  bizLocation: maybe(places),
  step: fc.constantFrom('shipping', 'receiving', 'storing', 'inspecting', 'destroying'),
})

const lotTold: fc.Arbitrary<LotTold> = fc.record({
  gtin: fc.constantFrom(...gtins),
  lot: fc.constantFrom(...lots),
  facts: fc.record(
    {
      supplier: fc.constantFrom('ACME', 'Bolt'),
      shift: fc.constantFrom('day', 'night'),
      expiry: fc.constantFrom('2027-01-31', '2027-06-30'),
    },
    { requiredKeys: [] },
  ),
})

const alertTold: fc.Arbitrary<Omit<AlertTold, 'id'>> = fc.record({
  rule: fc.constantFrom('above', 'below'),
  gtin: fc.constantFrom(...gtins),
  status: fc.constantFrom('open', 'open', 'retracted' as const),
  units: fc
    .tuple(
      some(units),
      fc.array(
        fc.record({
          minutes: fc.constantFrom(10, 20, 30),
          verdict: fc.constantFrom('out', 'indeterminate' as const),
        }),
        { minLength: 4, maxLength: 4 },
      ),
    )
    .map(([who, legs]) => new Map(who.map((epc, n) => [epc, legs[n]!]))),
})

const time = fc.integer({ min: 0, max: 80 }).map((n) => start + n * minute)
const span = fc
  .tuple(fc.option(time, { nil: undefined }), fc.option(time, { nil: undefined }))
  .map(([from, to]) => ({ ...(from !== undefined && { from }), ...(to !== undefined && { to }) }))

const condition = fc.oneof(
  some(gtins, 1, 2).map((anyOf) => ({ field: 'gtin' as const, anyOf })),
  some([...lots, 'none'], 1, 2).map((anyOf) => ({ field: 'lot' as const, anyOf })),
  fc.constantFrom(
    { field: 'expiry' as const, to: '2027-01-31' },
    { field: 'expiry' as const, from: '2027-02-01' },
    { field: 'expiry' as const },
  ),
  some(['ACME', 'Bolt'], 1, 2).map((anyOf) => ({ field: 'supplier' as const, anyOf })),
  fc
    .tuple(some(places, 1, 2), fc.constantFrom('was', 'is' as const), span)
    .map(([anyOf, when, within]) => ({ field: 'place' as const, anyOf, when, ...within })),
  fc
    .tuple(some(boxes, 1, 2), span)
    .map(([anyOf, within]) => ({ field: 'container' as const, anyOf, ...within })),
  fc.constantFrom(
    { field: 'attribute' as const, name: 'shift', anyOf: ['night'] },
    { field: 'attribute' as const, name: 'urn:example:shift', anyOf: ['day'] },
    { field: 'attribute' as const, name: 'lotNumber', anyOf: ['LA'] },
    { field: 'attribute' as const, name: 'supplier', anyOf: ['ACME', 'none'] },
  ),
  some([...units, ...boxes, ...classes], 1, 2).map((anyOf) => ({ field: 'input' as const, anyOf })),
  some([...units, ...boxes, ...classes]).map((anyOf) => ({ field: 'epc' as const, anyOf })),
  fc.record(
    {
      field: fc.constant('condition' as const),
      alerts: some(['a0', 'a1', 'a9'], 1, 2),
      rule: fc.constantFrom('above', 'below'),
      gtin: fc.constantFrom(...gtins),
      minutesMin: fc.constantFrom(15, 30),
      verdicts: some(['out', 'indeterminate'], 1, 2) as fc.Arbitrary<('out' | 'indeterminate')[]>,
    },
    { requiredKeys: ['field'] },
  ),
) as fc.Arbitrary<Condition>

export const worlds: fc.Arbitrary<World> = fc
  .record({
    first: fc.array(told, { minLength: 4, maxLength: 16 }),
    late: fc.array(told, { maxLength: 5 }),
    errors: fc.array(fc.nat(15), { maxLength: 2 }),
    lots: fc.array(lotTold, { maxLength: 3 }),
    lateLots: fc.array(lotTold, { maxLength: 1 }),
    alerts: fc.array(alertTold, { maxLength: 2 }),
    criteria: fc.array(fc.array(condition, { minLength: 1, maxLength: 3 }), {
      ...{ minLength: 4, maxLength: 4 },
    }),
  })
  .map(({ first, late, errors, alerts, ...rest }) => {
    const order = [...first, ...late].sort((a, b) => a.slot - b.slot)
    const timed = (each: Told) => {
      const place = order.indexOf(each)
      return { ...each, time: start + place * 4 * minute, id: `urn:example:event:${place}` }
    }
    const told = first.map(timed)
    return {
      ...{ ...rest, first: told, late: late.map(timed) },
      errors: [...new Set(errors.flatMap((n) => told[n]?.id ?? []))],
      alerts: alerts.map((alert, n) => ({ ...alert, id: `a${n}` })),
    }
  })

export type Timed = World['first'][number]

/** An event of the list as EPCIS writes it. */
export function eventOf(told: Timed, error = false): object {
  const { kind, parent, process, readPoint, bizLocation, shift, lot, expiry } = told
  const ilmd = {
    ...(lot && { 'cbvmda:lotNumber': lot }),
    ...(expiry && { 'cbvmda:itemExpirationDate': expiry }),
  }
  const common = {
    eventID: told.id,
    ...(readPoint && { readPoint: { id: readPoint } }),
    ...(bizLocation && { bizLocation: { id: bizLocation } }),
    ...(shift && { 'urn:example:shift': shift }),
    ...(error && { errorDeclaration: { declarationTime: new Date(now).toISOString() } }),
  }
  const of = (type: string, fields: Record<string, unknown>): object =>
    epcisEvent(type, told.time, { ...common, ...fields })
  const quantities = (all: readonly string[]) => all.map((epcClass) => ({ epcClass, quantity: 1 }))
  const born = Object.keys(ilmd).length > 0 ? { ilmd } : {}
  switch (kind) {
    case 'made':
      return of('ObjectEvent', {
        ...{ action: 'ADD', bizStep: 'commissioning', epcList: told.units, ...born },
      })
    case 'seen':
      return of('ObjectEvent', {
        ...{ action: 'OBSERVE', bizStep: told.step, epcList: [...told.units, ...told.boxes] },
      })
    case 'gone':
      return of('ObjectEvent', {
        ...{ action: 'DELETE', bizStep: 'decommissioning', epcList: told.units },
      })
    case 'packed':
    case 'unpacked':
      return of('AggregationEvent', {
        ...{ action: kind === 'packed' ? 'ADD' : 'DELETE', parentID: parent },
        childEPCs: childrenOf(told),
      })
    case 'emptied':
      return of('AggregationEvent', { action: 'DELETE', parentID: parent })
    case 'turned':
      return of('TransformationEvent', {
        ...{ inputEPCList: [...told.units, ...told.boxes], outputEPCList: told.outputs, ...born },
        inputQuantityList: quantities(told.inputLots),
        outputQuantityList: quantities(told.outputLots),
        ...(process && { transformationID: process }),
      })
  }
}

export const childrenOf = ({ units, boxes, parent }: Timed): string[] => [
  ...units,
  ...boxes.filter((box) => box !== parent),
]

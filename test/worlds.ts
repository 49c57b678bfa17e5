// Random little worlds and an oracle that knows nothing of intervals: it walks through them minute
// by minute.
import fc from 'fast-check'
import type { Envelope } from '../store/log.ts'
import { captureEnvelope, epcisEvent, readingsEnvelope } from './pipeline.ts'

export const minute = 60_000
export const epoch = Date.UTC(2026, 2, 2)
export const timeOf = (m: number): number => epoch + m * minute
/** Readings and events of a world lie within so many minutes. */
export const horizon = 300

export const products = [
  {
    gtin: '09521234543213',
    rules: [
      { id: 'heat', kind: 'single', above: 8, forMinutes: 30, severity: 'major' },
      { id: 'sum', kind: 'cumulative', above: 8, forMinutes: 45, severity: 'minor' },
    ],
  },
  {
    gtin: '09521234543220',
    rules: [{ id: 'ceiling', kind: 'instant', above: 10, severity: 'critical' }],
  },
] as const

export const epcOf = {
  pallet: (n: number) => `https://id.gs1.org/00/09521234000000${['0013', '0020'][n]}`,
  case: (n: number) => `https://id.gs1.org/00/09521234000000${['0105', '0112', '0129'][n]}`,
  unit: (n: number) => `https://id.gs1.org/01/${products[n % 2]!.gtin}/21/S${n}`,
  logger: (tenant: string) => `https://id.gs1.org/8004/9521234LOG${tenant}`,
}

interface Step {
  minute: number
  relation: 'Aggregation' | 'Association'
  action: 'ADD' | 'DELETE'
  parent: string
  /** Empty: everything leaves (aggregation only). */
  children: string[]
}

export interface World {
  steps: Step[]
  readings: { minute: number; value: number }[]
  gapMinutes: number
}

const someMinute = fc.nat(horizon)

const stepArbitrary: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc
      .tuple(someMinute, fc.nat(2), fc.nat(1), fc.constantFrom('ADD', 'DELETE' as const))
      .map(
        ([m, child, parent, action]): Step => ({
          minute: m,
          relation: 'Aggregation',
          action,
          parent: epcOf.pallet(parent),
          children: [epcOf.case(child)],
        }),
      ),
  },
  {
    weight: 5,
    arbitrary: fc
      .tuple(
        someMinute,
        fc.uniqueArray(fc.nat(5), { minLength: 1, maxLength: 3 }),
        fc.nat(2),
        fc.constantFrom('ADD', 'ADD', 'DELETE' as const),
      )
      .map(
        ([m, units, parent, action]): Step => ({
          minute: m,
          relation: 'Aggregation',
          action,
          parent: epcOf.case(parent),
          children: units.map(epcOf.unit),
        }),
      ),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(someMinute, fc.nat(1)).map(
      ([m, parent]): Step => ({
        minute: m,
        relation: 'Aggregation',
        action: 'DELETE',
        parent: epcOf.pallet(parent),
        children: [],
      }),
    ),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(someMinute, fc.nat(1), fc.constantFrom('ADD', 'ADD', 'DELETE' as const))
      .map(
        ([m, parent, action]): Step => ({
          minute: m,
          relation: 'Association',
          action,
          parent: epcOf.pallet(parent),
          children: ['logger'],
        }),
      ),
  },
)

/** A packed start, so that most worlds have something to find, then anything at all. */
const start: Step[] = [
  {
    minute: 0,
    relation: 'Aggregation',
    action: 'ADD',
    parent: epcOf.case(0),
    children: [0, 1].map(epcOf.unit),
  },
  {
    minute: 0,
    relation: 'Aggregation',
    action: 'ADD',
    parent: epcOf.case(1),
    children: [2, 3].map(epcOf.unit),
  },
  {
    minute: 1,
    relation: 'Aggregation',
    action: 'ADD',
    parent: epcOf.pallet(0),
    children: [0, 1].map(epcOf.case),
  },
  {
    minute: 2,
    relation: 'Association',
    action: 'ADD',
    parent: epcOf.pallet(0),
    children: ['logger'],
  },
]

/**
 * Stretches of one temperature, read at an interval that sometimes fails: breaches, returns and
 * holes.
 */
const readingsArbitrary = fc
  .tuple(
    fc.array(fc.tuple(fc.integer({ min: 5, max: 60 }), fc.constantFrom(4, 6, 8, 9, 12)), {
      minLength: 2,
      maxLength: 9,
    }),
    fc.integer({ min: 2, max: 9 }),
    fc.array(fc.nat(horizon), { maxLength: 12 }),
  )
  .map(([stretches, every, missing]) => {
    const readings: World['readings'] = []
    let begin = 0
    for (const [length, value] of stretches) {
      for (let m = begin; m < begin + length && m <= horizon; m++)
        if (m % every === 0 && !missing.some((gap) => m >= gap && m < gap + 3 * every))
          readings.push({ minute: m, value })
      begin += length
    }
    return { readings, gapMinutes: Math.ceil(every * 2.5) }
  })

export const worldArbitrary: fc.Arbitrary<World> = fc
  .tuple(fc.array(stepArbitrary, { maxLength: 8 }), readingsArbitrary)
  .map(([steps, read]) => ({ steps: [...start, ...steps], ...read }))

const childEpc = (child: string, tenant: string): string =>
  child === 'logger' ? epcOf.logger(tenant) : child

export const loggerOf = epcOf.logger

/**
 * Each step and each reading as an envelope of its own, in time order. `eventID` makes ties
 * definite.
 */
export function envelopesOf(
  world: World,
  { tenant, device }: { tenant: string; device: string },
): Envelope[] {
  const recordTime = timeOf(horizon + 60)
  const captures = world.steps.map((step, index) =>
    captureEnvelope(
      tenant,
      [
        epcisEvent(`${step.relation}Event`, timeOf(step.minute), {
          eventID: eventIdOf(index),
          action: step.action,
          parentID: step.parent,
          childEPCs: step.children.map((child) => childEpc(child, tenant)),
        }),
      ],
      recordTime,
    ),
  )
  const readings = world.readings.map(({ minute: m, value }) =>
    readingsEnvelope(tenant, device, {
      readings: [{ time: timeOf(m), temperature: value }],
      recordTime,
    }),
  )
  return [...captures, ...readings]
}

const eventIdOf = (index: number): string =>
  `urn:uuid:00000000-0000-4000-8000-${String(index).padStart(12, '0')}`

export interface ExpectedAlert {
  container: string
  gtin: string
  rule: string
  from: number
  to: number | null
  minutes: number
  unknownMinutes: number
  peakC: number
  verdict: string
  serials: Record<
    string,
    {
      from: number
      to: number | null
      minutes: number
      unknownMinutes: number
      peakC: number
      verdict: string
    }
  >
}

/** parents[m].get(child) = its parent at minute m, per relation; minute by minute, no intervals. */
export function parentsByMinute(world: World, relation: Step['relation']): Map<string, string>[] {
  const steps = world.steps
    .map((step, index) => ({ ...step, id: eventIdOf(index) }))
    .filter((step) => step.relation === relation)
    .sort(
      (a, b) =>
        a.minute - b.minute ||
        (a.action === b.action ? 0 : a.action === 'DELETE' ? -1 : 1) ||
        (a.id < b.id ? -1 : 1),
    )
  const states: Map<string, string>[] = []
  let state = new Map<string, string>()
  for (let m = 0; m <= horizon; m++) {
    state = new Map(state)
    for (const step of steps.filter((entry) => entry.minute === m)) {
      const children =
        step.children.length > 0
          ? step.children
          : [...state].filter(([, parent]) => parent === step.parent).map(([child]) => child)
      for (const child of children)
        if (step.action === 'ADD') state.set(child, step.parent)
        else if (state.get(child) === step.parent) state.delete(child)
    }
    states.push(state)
  }
  return states
}

type State = 'in' | 'out' | 'hole' | 'none'

/**
 * What is known of each minute under a limit; none: before the first or after the newest reading.
 */
function states(world: World, limitC: number): { state: State; value: number }[] {
  const newest = world.readings.at(-1)?.minute ?? -1
  return Array.from({ length: horizon + 1 }, (_, m) => {
    const last = world.readings.findLast((reading) => reading.minute <= m)
    if (!last || m >= newest) return { state: 'none', value: Number.NaN }
    if (m >= last.minute + world.gapMinutes) return { state: 'hole', value: Number.NaN }
    return { state: last.value > limitC ? 'out' : 'in', value: last.value }
  })
}

/** All alerts that this world must end in, by a walk over the minutes. */
export function expectedAlerts(world: World): ExpectedAlert[] {
  const packed = parentsByMinute(world, 'Aggregation')
  const mounted = parentsByMinute(world, 'Association')
  const alerts: ExpectedAlert[] = []
  for (const window of mountWindows(mounted))
    for (const product of products)
      for (const rule of product.rules)
        alerts.push(...alertsOf(world, { packed, window, gtin: product.gtin, rule }))
  return alerts
}

export interface Window {
  container: string
  first: number
  /** The first minute that is no longer in it; null: still mounted at the end. */
  end: number | null
}

export function mountWindows(mounted: Map<string, string>[]): Window[] {
  const windows: Window[] = []
  let open: Window | undefined
  mounted.forEach((state, m) => {
    const container = state.get('logger')
    if (open && open.container !== container) {
      open.end = m
      windows.push(open)
      open = undefined
    }
    if (!open && container) open = { container, first: m, end: null }
  })
  if (open) windows.push(open)
  return windows
}

type RuleOf = { id: string; kind: string; above: number; forMinutes?: number }

function alertsOf(
  world: World,
  {
    packed,
    window,
    gtin,
    rule,
  }: { packed: Map<string, string>[]; window: Window; gtin: string; rule: RuleOf },
): ExpectedAlert[] {
  const known = states(world, rule.above)
  const newest = world.readings.at(-1)
  const inWindow = (m: number): boolean =>
    m >= window.first && (window.end === null || m < window.end)
  const at = (m: number): State =>
    inWindow(m) && m >= 0 && m <= horizon ? known[m]!.state : 'none'
  // The newest reading stands for no time, but it tells whether the breach goes on.
  const newestOut = newest !== undefined && inWindow(newest.minute) && newest.value > rule.above
  const spans: [number, number][] = []
  let begin: number | undefined
  const close = (end: number): void => {
    if (begin !== undefined) spans.push([begin, end])
    begin = undefined
  }
  const limit = Math.min(horizon, (newest?.minute ?? 0) - 1)
  for (let m = 0; m <= limit; m++) {
    const state = at(m)
    if (state === 'out' || state === 'hole') begin ??= m
    else if (state === 'none') close(m)
    else if (rule.kind !== 'cumulative') close(m)
  }
  if (newestOut) begin ??= newest.minute
  close(newestOut ? newest.minute : limit + 1)
  return spans.flatMap(([first, end]) => {
    const found = judge(
      { first, end, newestOut: newestOut && end === newest?.minute },
      { known, at, rule, window, newest },
    )
    if (!found || found.verdict === 'in') return []
    const serials = serialsOf(found, {
      world,
      packed,
      window,
      gtin,
      rule,
      known,
      at,
      newest,
    })
    if (Object.keys(serials).length === 0) return []
    const { extentFirst: _a, extentEnd: _b, ...alert } = found
    return [{ container: window.container, gtin, rule: rule.id, ...alert, serials }]
  })
}

type Judged = {
  from: number
  to: number | null
  minutes: number
  unknownMinutes: number
  peakC: number
  verdict: string
  extentFirst: number
  extentEnd: number
}

function judge(
  span: { first: number; end: number; newestOut: boolean },
  of: {
    known: { state: State; value: number }[]
    at: (m: number) => State
    rule: RuleOf
    window: Window
    newest: { minute: number; value: number } | undefined
  },
): Judged | undefined {
  const outs: number[] = []
  for (let m = span.first; m < span.end; m++) if (of.at(m) === 'out') outs.push(m)
  if (span.newestOut) outs.push(span.end)
  if (outs.length === 0) return undefined
  const firstOut = outs[0]!
  const lastOut = outs.at(-1)!
  // Holes right before and after belong to it: nobody knows when it began and ended.
  let extentFirst = firstOut
  while (extentFirst > span.first && of.at(extentFirst - 1) === 'hole') extentFirst--
  let extentEnd = span.newestOut ? span.end : lastOut + 1
  while (extentEnd < span.end && of.at(extentEnd) === 'hole') extentEnd++
  const figures = figuresOf({ first: extentFirst, end: extentEnd, newestOut: span.newestOut }, of)
  const to = span.newestOut
    ? of.window.end === null
      ? null
      : timeOf(span.end)
    : timeOf(lastOut + 1)
  return { from: timeOf(firstOut), to, ...figures, extentFirst, extentEnd }
}

function figuresOf(
  span: { first: number; end: number; newestOut: boolean; present?: (m: number) => boolean },
  { known, at, rule, newest }: Parameters<typeof judge>[1],
): { minutes: number; unknownMinutes: number; peakC: number; verdict: string } {
  let minutes = 0
  let unknownMinutes = 0
  let peakC = Number.NEGATIVE_INFINITY
  let run = 0
  let longest = 0
  let stretch = 0
  let longestStretch = 0
  for (let m = span.first; m < span.end; m++) {
    const state = span.present && !span.present(m) ? 'none' : at(m)
    if (state === 'out') {
      minutes++
      peakC = Math.max(peakC, known[m]!.value)
    }
    if (state === 'hole') unknownMinutes++
    run = state === 'out' ? run + 1 : 0
    stretch = state === 'out' || state === 'hole' ? stretch + 1 : 0
    longest = Math.max(longest, run)
    longestStretch = Math.max(longestStretch, stretch)
  }
  const touched = minutes > 0 || (span.newestOut && (!span.present || span.present(span.end)))
  if (span.newestOut && (!span.present || span.present(span.end)))
    peakC = Math.max(peakC, newest!.value)
  const allowance = rule.forMinutes ?? 0
  const verdict =
    rule.kind === 'instant'
      ? touched
        ? 'out'
        : unknownMinutes > 0
          ? 'indeterminate'
          : 'in'
      : rule.kind === 'single'
        ? longest >= allowance
          ? 'out'
          : longestStretch >= allowance
            ? 'indeterminate'
            : 'in'
        : minutes >= allowance
          ? 'out'
          : minutes + unknownMinutes >= allowance
            ? 'indeterminate'
            : 'in'
  return { minutes, unknownMinutes, peakC, verdict }
}

function serialsOf(
  found: Judged,
  of: Parameters<typeof judge>[1] & { packed: Map<string, string>[]; gtin: string; world: World },
): ExpectedAlert['serials'] {
  const { world } = of
  const serials: ExpectedAlert['serials'] = {}
  const breachFirst = (found.from - epoch) / minute
  const newestOut = found.to === null || found.extentEnd === of.newest?.minute
  const breachEnd = found.to === null ? horizon + 1 : (found.to - epoch) / minute
  for (let n = 0; n < 6; n++) {
    const epc = epcOf.unit(n)
    if (!epc.includes(of.gtin)) continue
    const inside = (m: number): boolean => {
      if (m < of.window.first || (of.window.end !== null && m >= of.window.end)) return false
      const state = of.packed[Math.min(m, horizon)]!
      for (
        let parent = state.get(epc), depth = 0;
        parent && depth < 8;
        parent = state.get(parent), depth++
      )
        if (parent === of.window.container) return true
      return false
    }
    // Only stays that meet the breach itself count; of those, the holes beside it too.
    const stays: [number, number][] = []
    for (let m = of.window.first; m <= horizon; m++)
      if (inside(m)) {
        const last = stays.at(-1)
        if (last && last[1] === m) last[1] = m + 1
        else stays.push([m, m + 1])
      }
    // A breach of one reading alone, the newest before the logger moved on, is a moment.
    const lastMinute = Math.max(breachEnd, breachFirst + 1)
    const during = stays.filter(([first, end]) => first < lastMinute && end > breachFirst)
    if (during.length === 0) continue
    const present = (m: number): boolean => during.some(([first, end]) => m >= first && m < end)
    const last = during.at(-1)![1]
    const stillIn = last > horizon && of.window.end === null
    const figures = figuresOf(
      {
        first: found.extentFirst,
        end: found.extentEnd,
        newestOut: newestOut && isNewestOut(found, of),
        present,
      },
      of,
    )
    if (figures.peakC === Number.NEGATIVE_INFINITY) {
      const begin = Math.max(during[0]![0], breachFirst)
      figures.peakC = world.readings.findLast((reading) => reading.minute <= begin)!.value
    }
    serials[epc] = {
      from: Math.max(timeOf(during[0]![0]), found.from),
      to: found.to === null ? (stillIn ? null : timeOf(last)) : Math.min(timeOf(last), found.to),
      ...figures,
    }
  }
  return serials
}

const isNewestOut = (found: Judged, of: Parameters<typeof judge>[1]): boolean =>
  of.newest !== undefined &&
  of.newest.value > of.rule.above &&
  found.extentEnd === of.newest.minute &&
  of.newest.minute >= of.window.first &&
  (of.window.end === null || of.newest.minute < of.window.end)

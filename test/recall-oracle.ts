// An oracle for recalls: it goes through the plain list of what was told, unit by unit, moment by
// moment, with nothing of trace/ or store/. What a life comes to is left to domain/lifecycle,
// which has tests of its own.
import { compareFacts, type Fact, isEnded, lifeOf } from '../domain/lifecycle/lifecycle.ts'
import type { Condition } from '../trace/recall/criteria.ts'
import {
  type AlertTold,
  boxes,
  childrenOf,
  classes,
  classOf,
  gtins,
  type LotTold,
  now,
  start,
  type Timed,
  units,
  type World,
} from './recall-worlds.ts'

/** What is known at some time: the events that stand, what is told of lots, alerts. */
export interface Known {
  events: readonly Timed[]
  /** Those declared in error named their units all the same. */
  named: ReadonlySet<string>
  lots: readonly LotTold[]
  alerts: readonly AlertTold[]
}

export function knownOf(world: World, late: boolean): Known {
  const all = late ? [...world.first, ...world.late] : world.first
  return {
    events: all
      .filter(({ id }) => !late || !world.errors.includes(id))
      .sort((a, b) => a.time - b.time),
    named: new Set(all.flatMap((told) => rolesIn(told).map(([epc]) => epc))),
    lots: late ? [...world.lots, ...world.lateLots] : world.lots,
    alerts: world.alerts,
  }
}

export const meantBy = (known: Known, allOf: readonly Condition[]): string[] =>
  units
    .filter((unit) => known.named.has(unit) && allOf.every((each) => holds(known, unit, each)))
    .sort()

function rolesIn(told: Timed): [epc: string, role: Fact['role']][] {
  const as = (role: Fact['role'], epcs: readonly string[]): [string, Fact['role']][] =>
    epcs.map((epc) => [epc, role])
  const { kind, parent } = told
  if (kind === 'made' || kind === 'gone') return as('object', told.units)
  if (kind === 'seen') return as('object', [...told.units, ...told.boxes])
  if (kind === 'turned')
    return [
      ...as('input', [...told.units, ...told.boxes, ...told.inputLots]),
      ...as('output', [...told.outputs, ...told.outputLots]),
    ]
  return [...as('parent', [parent]), ...(kind === 'emptied' ? [] : as('child', childrenOf(told)))]
}

function holds(known: Known, unit: string, condition: Condition): boolean {
  const { gtin, lot, expiry } = bornAs(known, unit)
  const record = known.lots.findLast((one) => one.gtin === gtin && one.lot === lot)?.facts ?? {}
  switch (condition.field) {
    case 'gtin':
      return condition.anyOf.includes(gtin)
    case 'lot':
      return lot !== undefined && condition.anyOf.includes(lot)
    case 'expiry': {
      const date = expiry ?? record.expiry
      const { from = '', to = '9999' } = condition
      return date !== undefined && date >= from && date <= to
    }
    case 'supplier':
      return condition.anyOf.includes(record.supplier ?? 'nobody')
    case 'attribute': {
      const { name, anyOf } = condition
      const own = known.events
        .filter((told) => rolesIn(told).some(([epc, role]) => epc === unit && role !== 'parent'))
        .flatMap((told) => fieldsOf(told, name))
      const ofLot = (record as Record<string, string>)[name]
      return [...own, ofLot].some((value) => value !== undefined && anyOf.includes(value))
    }
    case 'place':
      return wasPlaced(known, unit, condition)
    case 'container':
      return moments(known, condition).some((at) =>
        insideOf(known, unit, at).some((box) => condition.anyOf.includes(box)),
      )
    case 'epc':
      return condition.anyOf.some((epc) => isListed(known, { unit, epc, at: now }))
    case 'input':
      return madeFrom(known, condition.anyOf).has(unit)
    case 'exposure':
      throw new Error('asks readings: test/recall-exposure.test.ts')
    case 'condition':
      return known.alerts.some((alert) => {
        const { alerts, rule, minutesMin = 0, verdicts } = condition
        const leg = alert.units.get(unit)
        if (!leg || alert.status !== 'open' || (alerts && !alerts.includes(alert.id))) return false
        if (condition.gtin !== undefined && condition.gtin !== alert.gtin) return false
        const fits = verdicts?.includes(leg.verdict) ?? true
        return fits && leg.minutes >= minutesMin && (rule === undefined || rule === alert.rule)
      })
  }
}

/** The earliest event that brought it forth decides. */
function bornAs({ events }: Known, unit: string) {
  const gtin = gtins[units.indexOf(unit) % 2]!
  const birth = events.find(({ kind, units, outputs }) =>
    kind === 'made' ? units.includes(unit) : kind === 'turned' && outputs.includes(unit),
  )
  return { gtin, lot: birth?.lot, expiry: birth?.expiry }
}

function fieldsOf(told: Timed, name: string): (string | undefined)[] {
  if (name === 'shift' || name === 'urn:example:shift') return [told.shift]
  const born = told.kind === 'made' || told.kind === 'turned'
  return name === 'lotNumber' && born ? [told.lot] : []
}

/** What it is in, from inside to outside. */
function insideOf(known: Known, thing: string, at: number): string[] {
  const above: string[] = []
  for (let next = parentAt(known, thing, at); next !== undefined; ) {
    if (next === thing || above.includes(next)) break
    above.push(next)
    next = parentAt(known, next, at)
  }
  return above
}

function parentAt({ events }: Known, child: string, at: number): string | undefined {
  let parent: string | undefined
  for (const told of events) {
    if (told.time > at) break
    const named = rolesIn(told).some(
      ([epc, role]) => epc === child && role !== 'parent' && role !== 'output',
    )
    if (told.kind === 'packed' && named) parent = told.parent
    else if (told.kind === 'unpacked' && named && parent === told.parent) parent = undefined
    else if (told.kind === 'emptied' && parent === told.parent) parent = undefined
    else if ((told.kind === 'gone' || told.kind === 'turned') && named) parent = undefined
  }
  return parent
}

/** When something may have changed within a span. */
function moments({ events }: Known, { from, to }: { from?: number; to?: number }): number[] {
  const times = [from ?? start - 1, ...events.map(({ time }) => time)]
  return times.filter((at) => at >= (from ?? -Infinity) && at < (to ?? Infinity))
}

function factsOf(known: Known, unit: string): (Fact & { told: Timed })[] {
  return known.events
    .flatMap((told) => {
      const above = insideOf(known, unit, told.time)
      return rolesIn(told).flatMap(([epc, role]) => {
        const inherited = epc !== unit
        if (inherited && !above.includes(epc)) return []
        const place = told.bizLocation ?? told.readPoint
        return [{ ...sayingOf(told), role, inherited, told, ...(place && { place }) }]
      })
    })
    .sort(compareFacts)
}

function sayingOf({ kind, step, time, id }: Timed): Omit<Fact, 'role' | 'inherited'> {
  const common = { eventTime: time, eventID: id }
  if (kind === 'turned') return { ...common, type: 'TransformationEvent' }
  if (kind === 'made')
    return { ...common, type: 'ObjectEvent', action: 'ADD', bizStep: 'commissioning' }
  if (kind === 'gone')
    return { ...common, type: 'ObjectEvent', action: 'DELETE', bizStep: 'decommissioning' }
  if (kind === 'seen') return { ...common, type: 'ObjectEvent', action: 'OBSERVE', bizStep: step }
  return { ...common, type: 'AggregationEvent', action: kind === 'packed' ? 'ADD' : 'DELETE' }
}

function wasPlaced(
  known: Known,
  unit: string,
  condition: Extract<Condition, { field: 'place' }>,
): boolean {
  const facts = factsOf(known, unit).filter(({ eventTime }) => eventTime <= now)
  const telling = facts.filter(({ place }) => place !== undefined)
  const isMeant = (place: string | undefined): boolean =>
    place !== undefined &&
    condition.anyOf.some((wanted) => place === wanted || place.startsWith(`${wanted}/254/`))
  if (condition.when === 'is') {
    const { status } = lifeOf(facts)
    return isMeant(telling.at(-1)?.place) && status !== 'in_transit' && !isEnded(status)
  }
  const { from = -Infinity, to = Infinity } = condition
  return telling.some(({ told }) => {
    const at = told.time
    if (isMeant(told.readPoint) && at >= from && at < to) return true
    const next = telling.find((other) => other.told.time > at)?.told.time ?? Infinity
    return isMeant(told.bizLocation) && at < to && next > from
  })
}

/** The unit itself, of the lot, or inside. */
function isListed(
  known: Known,
  { unit, epc, at }: { unit: string; epc: string; at: number },
): boolean {
  if (unit === epc) return true
  const { gtin, lot } = bornAs(known, unit)
  if (lot !== undefined && epc === classOf(gtin, lot)) return true
  return insideOf(known, unit, at).includes(epc)
}

/** Everything that came out of something that took any of these in, again and again. */
function madeFrom(known: Known, inputs: readonly string[]): ReadonlySet<string> {
  const everything = [...units, ...boxes, ...classes]
  const wide = (epcs: Iterable<string>): Set<string> => {
    const all = new Set(epcs)
    for (const epc of [...all])
      for (const thing of everything)
        if (isListed(known, { unit: thing, epc, at: Infinity })) all.add(thing)
    return all
  }
  const sources = wide(inputs)
  const made = new Set<string>()
  const turns = known.events.filter(({ kind }) => kind === 'turned')
  for (let before = -1; before !== sources.size + made.size; ) {
    before = sources.size + made.size
    for (const turn of turns) {
      const takes = [...sources].some((thing) => isTaken(known, { thing, turn }))
      if (!takes) continue
      const whole = turns.filter(
        ({ id, process }) => id === turn.id || (process !== undefined && process === turn.process),
      )
      const outputs = whole.flatMap(({ outputs, outputLots }) => [...outputs, ...outputLots])
      for (const thing of wide(outputs)) {
        made.add(thing)
        sources.add(thing)
      }
    }
  }
  return made
}

/** It itself, what it is in at that moment, or the lot that it is of. */
function isTaken(known: Known, { thing, turn }: { thing: string; turn: Timed }): boolean {
  const taken = [...turn.units, ...turn.boxes, ...turn.inputLots]
  const inside = insideOf(known, thing, turn.time)
  const { gtin, lot } = units.includes(thing) ? bornAs(known, thing) : {}
  const own = gtin !== undefined && lot !== undefined ? [classOf(gtin, lot)] : []
  return [thing, ...inside, ...own].some((epc) => taken.includes(epc))
}

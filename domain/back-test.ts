// What two profiles made of all devices, added up device by device: excursions gained, lost and
// changed, their hours, units and verdicts, and what could not be judged. Bounded; pure.
import type { Verdict } from './breach.ts'
import type { Profile, Severity } from './profile/profile.ts'

/** Times are epoch ms; null: from the beginning, to the end. */
export interface BackTestAsked {
  profile: Profile
  effectiveFrom: number | null
  from: number | null
  to: number | null
  costPerUnit: number | null
}

export interface ToldExcursion {
  id: string
  device: string
  channel: string
  container: string
  /** The container whose label asks for the limit; none when the product does. */
  label?: string
  rule: string
  severity: Severity
  from: number
  to: number | null
  outMs: number
  holeMs: number
  peakC: number
  verdict: Verdict
  /** Sorted by EPC, each with its own verdict. */
  units: [epc: string, verdict: Verdict][]
  serialSetHash: string
}

export interface DeviceTold {
  device: string
  before: ToldExcursion[]
  after: ToldExcursion[]
  readings: number
  /** Time on a container with units of the product, and how much of it no reading stands for. */
  mountedMs: number
  unknownMs: number
  /** Of it, time of which the readings are gone. */
  goneMs: number
}

export interface SideSums {
  alerts: number
  out: number
  indeterminate: number
  /** Known time beyond a limit, and unknown time that may have been. */
  hours: number
  unknownHours: number
  /** Units in any of them, and those of which one is out by itself. */
  units: number
  unitsOut: number
  /** unitsOut at the price that was given. */
  cost: number | null
}

export interface ListedExcursion extends Omit<ToldExcursion, 'units'> {
  serialCount: number
}

export interface Difference {
  alerts: number
  hours: number
  /** Units that only this side touches. */
  units: number
  /** The first ones, by device and time. */
  list: ListedExcursion[]
}

export interface BackTestReport {
  devices: number
  readings: number
  before: SideSums
  after: SideSums
  gained: Difference
  lost: Difference
  /** Excursions of one rule that overlap, one on each side, and are not the same. */
  changed: { alerts: number; verdicts: Record<string, number>; list: ListedChange[] }
  /** Verdicts of units, the worst of each: `in>out` and how many. */
  unitVerdicts: Record<string, number>
  byRule: Record<string, { before: number; after: number }>
  notJudged: {
    /** Mounted time for which no reading stands. */
    unknownHours: number
    /** Mounted time of which readings are gone: hours tell extremes and sums, and no excursion. */
    hoursOnly: number
    devicesWithoutReadings: number
    /** Alerts that stand and that the readings which are left do not tell again. */
    liveAlerts: number
  }
  mountedHours: number
  /** Excursions under the profile in force that are no alerts: not yet judged, or closed since. */
  notLive: number
}

export interface ListedChange {
  before: ListedExcursion
  after: ListedExcursion
}

export interface Sums {
  add(told: DeviceTold, liveIds: readonly string[]): void
  report(): BackTestReport
}

/** Throws RangeError when more units are touched than are counted. */
export function newSums(of: {
  costPerUnit: number | null
  unitsMax: number
  listMax: number
}): Sums {
  const units = new Map<string, number>()
  const report = emptyReport()
  const { listMax } = of
  const touch = (list: readonly ToldExcursion[], shift: number): void => {
    for (const { units: own } of list)
      for (const [epc, verdict] of own) {
        const known = units.get(epc) ?? 0
        const worst = Math.max((known >> shift) & 7, rank[verdict])
        units.set(epc, (known & ~(7 << shift)) | (worst << shift))
      }
    if (units.size > of.unitsMax) throw new RangeError(`more than ${of.unitsMax} units`)
  }
  return {
    add(told, liveIds) {
      report.devices++
      report.readings += told.readings
      report.mountedHours += told.mountedMs / hour
      report.notJudged.unknownHours += told.unknownMs / hour
      report.notJudged.hoursOnly += told.goneMs / hour
      if (told.readings === 0) report.notJudged.devicesWithoutReadings++
      const own = new Set(told.before.map(({ id }) => id))
      report.notJudged.liveAlerts += liveIds.filter((id) => !own.delete(id)).length
      report.notLive += own.size
      addSide(report.before, told.before)
      addSide(report.after, told.after)
      countRules(report, told)
      touch(told.before, 0)
      touch(told.after, 3)
      compare(report, told, listMax)
    },
    report() {
      for (const worst of units.values()) countUnit(report, worst)
      for (const side of [report.before, report.after])
        side.cost = of.costPerUnit === null ? null : side.unitsOut * of.costPerUnit
      return report
    },
  }
}

const hour = 3_600_000

/** 0: not touched. */
const rank: Record<Verdict, number> = { in: 1, indeterminate: 2, out: 3 }
const names = ['untouched', 'in', 'indeterminate', 'out']

function addSide(side: SideSums, list: readonly ToldExcursion[]): void {
  for (const { verdict, outMs, holeMs } of list) {
    side.alerts++
    if (verdict === 'out') side.out++
    else side.indeterminate++
    side.hours += outMs / hour
    side.unknownHours += holeMs / hour
  }
}

function countRules({ byRule }: BackTestReport, told: DeviceTold): void {
  for (const side of ['before', 'after'] as const)
    for (const { rule } of told[side]) {
      byRule[rule] ??= { before: 0, after: 0 }
      byRule[rule][side]++
    }
}

function countUnit(report: BackTestReport, worst: number): void {
  const [before, after] = [worst & 7, worst >> 3]
  if (before > 0) report.before.units++
  if (after > 0) report.after.units++
  if (before === 3) report.before.unitsOut++
  if (after === 3) report.after.unitsOut++
  if (before === 0) report.gained.units++
  if (after === 0) report.lost.units++
  if (before === after) return
  const name = `${names[before]}>${names[after]}`
  report.unitVerdicts[name] = (report.unitVerdicts[name] ?? 0) + 1
}

/** The same id is the same begin; of others those that overlap belong together, each to one. */
function compare(report: BackTestReport, told: DeviceTold, listMax: number): void {
  const { before, pairs } = pairsOf(told)
  for (const [after, old] of pairs) {
    if (!old) addDifference(report.gained, after, listMax)
    else if (!isSame(old, after)) {
      report.changed.alerts++
      if (old.verdict !== after.verdict) {
        const name = `${old.verdict}>${after.verdict}`
        report.changed.verdicts[name] = (report.changed.verdicts[name] ?? 0) + 1
      }
      if (report.changed.list.length < listMax)
        report.changed.list.push({ before: listed(old), after: listed(after) })
    }
  }
  for (const old of before) addDifference(report.lost, old, listMax)
}

function pairsOf(told: DeviceTold): {
  /** Those that found no other. */
  before: Set<ToldExcursion>
  pairs: [ToldExcursion, ToldExcursion | undefined][]
} {
  const before = new Set(told.before)
  const byId = new Map(told.before.map((one) => [one.id, one]))
  const pairs = told.after.map((after): [ToldExcursion, ToldExcursion | undefined] => {
    const old = byId.get(after.id)
    if (old) before.delete(old)
    return [after, old]
  })
  for (const pair of pairs) {
    if (pair[1]) continue
    for (const old of before)
      if (overlaps(old, pair[0])) {
        pair[1] = old
        before.delete(old)
        break
      }
  }
  return { before, pairs }
}

const overlaps = (a: ToldExcursion, b: ToldExcursion): boolean =>
  a.rule === b.rule &&
  a.channel === b.channel &&
  a.container === b.container &&
  a.label === b.label &&
  a.from <= (b.to ?? Infinity) &&
  b.from <= (a.to ?? Infinity)

const isSame = (a: ToldExcursion, b: ToldExcursion): boolean =>
  JSON.stringify(a) === JSON.stringify(b)

function addDifference(difference: Difference, one: ToldExcursion, listMax: number): void {
  difference.alerts++
  difference.hours += one.outMs / hour
  if (difference.list.length < listMax) difference.list.push(listed(one))
}

const listed = ({ units, ...one }: ToldExcursion): ListedExcursion => ({
  ...one,
  serialCount: units.length,
})

function emptyReport(): BackTestReport {
  const side = (): SideSums => ({
    ...{ alerts: 0, out: 0, indeterminate: 0, hours: 0, unknownHours: 0 },
    ...{ units: 0, unitsOut: 0, cost: null },
  })
  const difference = (): Difference => ({ alerts: 0, hours: 0, units: 0, list: [] })
  return {
    ...{ devices: 0, readings: 0, before: side(), after: side() },
    ...{ gained: difference(), lost: difference(), unitVerdicts: {}, byRule: {} },
    changed: { alerts: 0, verdicts: {}, list: [] },
    notJudged: { unknownHours: 0, hoursOnly: 0, devicesWithoutReadings: 0, liveAlerts: 0 },
    ...{ mountedHours: 0, notLive: 0 },
  }
}

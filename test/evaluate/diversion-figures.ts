// Tallies of worlds become figures: shares and rates with 95 % intervals, times to detect, and how
// well the weights of cases are calibrated. What happens in one world hangs together, so intervals
// are those of chance (Clopper-Pearson, Garwood) widened to those of drawing other worlds (bootstrap
// over worlds). Plays nothing.
import { type CaseKind, caseKinds, type Family, families, priorLogOdds } from '../../domain/case.ts'
import { type DetectorName, detectorNames } from '../../domain/suspicion.ts'
import { createRandom } from '../../simulators/random.ts'
import { type Delay, kindsOf, type WorldTally } from './diversion-tally.ts'
import { countInterval, shareInterval } from './forecast.ts'

type Interval = [low: number, high: number]

/** Null: there was nothing to find or nothing was found. */
export interface Figures {
  worlds: { mixed: number; clean: number; from: number }
  cases: Record<CaseKind, CaseFigures>
  detectors: Record<DetectorName, DetectorFigures>
  /** All kinds. */
  together: { 'all kinds': CaseFigures }
  /** By what happened: found by a case of its kind. */
  incidents: Record<string, { recall: number | null; recallInterval: Interval; incidents: number }>
  /** About goods to which nothing bad had happened. */
  falseCases: { clean: Rate; mixed: Rate }
  reliability: Reliability[]
}

/** What weighs so much in log-odds. */
interface Reliability {
  from: number
  to: number
  told: number
  bad: number
  /** By the odds as they are told, and had the prior been how much happens in these worlds. */
  expected: number
  expectedHere: number
}

export interface Quality {
  precision: number | null
  precisionInterval: Interval
  recall: number | null
  recallInterval: Interval
  /** That it should have found. */
  incidents: number
  hoursFromBegin: Hours
  hoursFromProof: Hours
}

/** Null: nothing was found. */
interface Hours {
  median: number | null
  p90: number | null
}

export interface CaseFigures extends Quality {
  cases: number
}

export interface DetectorFigures extends Quality {
  findings: number
  falseAlarmsPerDeviceMonth: Rate
}

export interface Rate {
  /** Null: there was nothing that it could be of. */
  value: number | null
  interval: Interval
  count: number
  /** Device-months, or shipment-days. */
  of: number
}

export interface Tallies {
  from: number
  mixed: readonly WorldTally[]
  clean: readonly WorldTally[]
}

export function figuresOf({ from, mixed, clean }: Tallies): Figures {
  const all = [...mixed, ...clean]
  const kinds = caseKinds.map((kind) => [kind, caseFigures(kind, mixed, all)])
  const detectors = detectorNames.map((name) => [name, detectorFigures(name, mixed, all)])
  const falseOnes = ({ cases }: WorldTally): number => cases.filter(({ real }) => !real).length
  const daysOf = ({ shipmentDays }: WorldTally): number => shipmentDays
  const per = 10_000
  return {
    worlds: { mixed: mixed.length, clean: clean.length, from },
    cases: Object.fromEntries(kinds),
    detectors: Object.fromEntries(detectors),
    together: { 'all kinds': caseFigures(undefined, mixed, all) },
    incidents: Object.fromEntries(
      Object.keys(kindsOf).map((name) => {
        const due = ({ incidents }: WorldTally) => incidents.filter((i) => i.incident === name)
        const found = (world: WorldTally) => due(world).filter((i) => i.found).length
        const { value, interval, of } = share(mixed, found, (world) => due(world).length)
        return [name, { recall: value, recallInterval: interval, incidents: of }]
      }),
    ),
    falseCases: {
      clean: rate(clean, { count: falseOnes, of: daysOf, per }),
      mixed: rate(mixed, { count: falseOnes, of: daysOf, per }),
    },
    reliability: reliabilityOf(mixed),
  }
}

function caseFigures(
  kind: CaseKind | undefined,
  mixed: readonly WorldTally[],
  all: readonly WorldTally[],
): CaseFigures {
  const isOwn = (one: CaseKind): boolean => kind === undefined || one === kind
  const own = ({ cases }: WorldTally) => cases.filter((one) => isOwn(one.kind))
  const due = ({ incidents }: WorldTally) =>
    incidents.filter(({ incident }) => isOwn(kindsOf[incident]![0]!))
  const right = (world: WorldTally) => own(world).filter((one) => one.right).length
  const precision = share(all, right, (world) => own(world).length)
  const found = (world: WorldTally) => due(world).filter((one) => one.found).length
  const recall = share(mixed, found, (world) => due(world).length)
  const delays = mixed.flatMap((world) => due(world).flatMap(({ delay }) => delay ?? []))
  return { ...qualityOf(precision, recall, delays), cases: precision.of }
}

function detectorFigures(
  name: DetectorName,
  mixed: readonly WorldTally[],
  all: readonly WorldTally[],
): DetectorFigures {
  const own = ({ detectors }: WorldTally) => detectors[name]
  const said = (world: WorldTally) => own(world)?.findings ?? 0
  const right = (world: WorldTally) => own(world)?.right ?? 0
  const recall = share(
    mixed,
    (world) => own(world)?.found ?? 0,
    (world) => own(world)?.due ?? 0,
  )
  const precision = share(all, right, said)
  return {
    ...qualityOf(
      precision,
      recall,
      mixed.flatMap((world) => own(world)?.delays ?? []),
    ),
    findings: precision.of,
    falseAlarmsPerDeviceMonth: rate(all, {
      ...{
        count: (world) => said(world) - right(world),
        of: (world) => world.deviceMonths,
        per: 1,
      },
    }),
  }
}

function qualityOf(precision: Share, recall: Share, delays: readonly Delay[]): Quality {
  return {
    ...{ precision: precision.value, precisionInterval: precision.interval },
    ...{ recall: recall.value, recallInterval: recall.interval, incidents: recall.of },
    hoursFromBegin: hoursOf(delays.map(({ fromBegin }) => fromBegin)),
    hoursFromProof: hoursOf(delays.map(({ fromProof }) => fromProof)),
  }
}

function hoursOf(hours: number[]): Hours {
  const sorted = hours.sort((a, b) => a - b)
  const at = (part: number): number | null => {
    const value = sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))]
    return value === undefined ? null : round(value, 1)
  }
  return { median: at(0.5), p90: at(0.9) }
}

interface Share {
  value: number | null
  interval: Interval
  of: number
}

type Count = (world: WorldTally) => number

function share(worlds: readonly WorldTally[], some: Count, of: Count): Share {
  const pairs = worlds.map((world): Pair => [some(world), of(world)])
  const [part, all] = sumOf(pairs)
  if (all === 0) return { value: null, interval: [0, 1], of: 0 }
  const [low, high] = hull(shareInterval(part, all), drawn(pairs))
  return { value: round(part / all), interval: [round(low), round(high)], of: all }
}

function rate(
  worlds: readonly WorldTally[],
  { count, of, per }: { count: Count; of: Count; per: number },
): Rate {
  const pairs = worlds.map((world): Pair => [count(world), of(world)])
  const [some, all] = sumOf(pairs)
  const times = (value: number): number => round(value * per)
  if (all === 0) return { value: null, interval: [0, 0], count: 0, of: 0 }
  const chance = countInterval(some).map((one) => one / all) as Interval
  const [low, high] = hull(chance, drawn(pairs))
  return {
    value: times(some / all),
    interval: [times(low), times(high)],
    count: some,
    of: round(all),
  }
}

/** What is counted in a world, and among how many. */
type Pair = [some: number, of: number]

const sumOf = (pairs: readonly Pair[]): Pair =>
  pairs.reduce(([a, b], [some, of]): Pair => [a + some, b + of], [0, 0])

const hull = ([a, b]: Interval, [c, d]: Interval): Interval => [Math.min(a, c), Math.max(b, d)]

const drawsMax = 1000

/** Efron's percentile interval: worlds are drawn anew, as many as there are. */
function drawn(pairs: readonly Pair[]): Interval {
  const random = createRandom('worlds drawn anew')
  const ratios: number[] = []
  for (let draw = 0; draw < drawsMax; draw++) {
    const [some, of] = sumOf(pairs.map(() => pairs[random.below(pairs.length)]!))
    if (of > 0) ratios.push(some / of)
  }
  ratios.sort((a, b) => a - b)
  return [ratios[Math.floor(0.025 * ratios.length)]!, ratios[Math.ceil(0.975 * ratios.length) - 1]!]
}

/** Log-odds. What is below the first was hardly looked at. */
const bins = [-6, -4, -2, 0, Math.log(3), 3, 5, 8, Infinity]

/** Of what was weighed at such log-odds, how much was bad. */
function reliabilityOf(worlds: readonly WorldTally[]): Reliability[] {
  const all = worlds.flatMap(({ weighed }) => weighed)
  const shift = shiftsOf(worlds)
  const chance = (logOdds: number): number => 1 / (1 + Math.exp(-logOdds))
  const sum = (list: readonly number[]): number => round(list.reduce((a, b) => a + b, 0))
  return bins.slice(1).map((to, n) => {
    const from = bins[n]!
    const own = all.filter(({ logOdds }) => logOdds >= from && logOdds < to)
    return {
      ...{ from: round(from), to: round(to), told: own.length },
      bad: own.filter(({ real }) => real).length,
      expected: sum(own.map(({ logOdds }) => chance(logOdds))),
      expectedHere: sum(own.map(({ family, logOdds }) => chance(logOdds + shift[family]))),
    }
  })
}

/** By family: how much likelier than the prior it is in these worlds, in log-odds. */
function shiftsOf(worlds: readonly WorldTally[]): Record<Family, number> {
  const shipments = worlds.reduce((total, world) => total + world.shipments, 0)
  const shiftOf = (family: Family): number => {
    const struck = worlds.reduce((total, world) => total + (world.struck[family] ?? 0), 0)
    return Math.log((struck + 0.5) / (shipments - struck + 0.5)) - priorLogOdds
  }
  return Object.fromEntries(families.map((family) => [family, shiftOf(family)])) as Record<
    Family,
    number
  >
}

const round = (value: number, digits = 3): number => Number(value.toFixed(digits))

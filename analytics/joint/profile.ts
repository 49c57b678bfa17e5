// Profile decorrelation: loggers in one vehicle feel the same doors and the same machine. One that
// felt them, and from some time on feels nothing while those beside it do, is not where its goods
// are, or something is around it. Compares what stirs all the others, never the levels, which bias
// and the place in the vehicle make. Says nothing when little stirs, when those beside it do not
// agree, and when its clock explains it.
import type { Interval } from '../../domain/breach.ts'
import {
  type Clue,
  type Detector,
  type Finding,
  restsMax,
  type Shipment,
} from '../../domain/suspicion.ts'
import { hourMs, minuteMs } from './carriage.ts'
import {
  type Cells,
  cellsOf,
  changesOf,
  gainOf,
  intervalOf,
  lonelyOf,
  median,
  noiseOf,
  type Sampled,
  type Stir,
  stepOf,
  stirsOf,
  unlikenessOf,
} from './cells.ts'
import { aheadOf, isDrivenWith, type Placed } from './vehicle.ts'

interface Heard {
  temperatures: readonly Sampled[]
  fixes: readonly Placed[]
}

interface Hearing {
  temperatures: Sampled[]
  fixes: Placed[]
}

interface Profiles {
  shipment: Shipment
  own: Map<string, Hearing>
}

const devicesMax = 16
const readingsMax = 50_000

/** Profile decorrelation: see the head of the file. */
export const profileDecorrelation: Detector<Shipment, Profiles> = {
  name: 'profile-decorrelation',
  open: (shipment) => ({ shipment, own: new Map() }),
  step({ own }, clue) {
    if (clue.kind === 'level' && clue.channel === 'temperature')
      keep(heardOf(own, clue)?.temperatures, { time: clue.time, value: clue.value })
    if (clue.kind === 'fix') keep(heardOf(own, clue)?.fixes, { time: clue.time, spot: clue.spot })
    return []
  },
  end: ({ shipment, own }) =>
    shipment.loggers.flatMap((on) => {
      const heard = own.get(on.device)
      const apart = heard && apartOf({ ...on, ...heard }, besideOf({ shipment, own }, on.device))
      return apart && isShared(apart, on.container) ? [findingOf(apart, on)] : []
    }),
  // What those beside it say may come later than its own last word.
  again: ({ shipment, own }, asOf) => {
    const last = Math.max(
      ...[...own.values()].map(({ temperatures }) => temperatures.at(-1)?.time ?? 0),
    )
    return shipment.beside?.length && asOf < last + besideLateMs ? last + besideLateMs : Infinity
  },
}

const besideLateMs = 24 * hourMs

function heardOf(own: Profiles['own'], { device }: Extract<Clue, { device: string }>) {
  const known = own.get(device)
  if (known || own.size >= devicesMax) return known
  const fresh: Hearing = { temperatures: [], fixes: [] }
  own.set(device, fresh)
  return fresh
}

const keep = <T>(list: T[] | undefined, item: T): void => {
  if (list && list.length < readingsMax) list.push(item)
}

type Own = Heard & Interval
type Named = Own & { device: string; isSameContainer: boolean }

interface Carried {
  device: string
  container: string
}

/** Other loggers of the shipment, and those of others that went with it. */
const besideOf = ({ shipment, own }: Profiles, device: string): Named[] => [
  ...[...own].flatMap(([name, heard]) => {
    const on = shipment.loggers.find((each) => each.device === name)
    return name === device || !on ? [] : [{ ...on, ...heard, isSameContainer: true }]
  }),
  ...(shipment.beside ?? []).map((each) => ({ ...each, isSameContainer: false })),
]

interface Judged extends Interval {
  stir: Stir
  /** Undefined when the logger moved alone. */
  gain: number | undefined
  /** Above 0: it says that the logger is apart; below: that it is not. */
  logOdds: number
  peakK: number
}

interface Apart extends Interval {
  run: readonly Judged[]
  felt: number
  peers: readonly string[]
}

/** So many have to agree beside it: of two that differ nobody knows which is odd. */
const peersMin = 2
/** Vehicles with several compartments keep them farther apart. */
const compartmentK = 5
/** Noise is not all that a logger adds of its own. */
const ownNoises = 2
/** Of what moves all others, one in a calm place of the vehicle shows so much. */
const calmGain = 0.6
/** What one stir says at most: something may have stood between. */
const stirMax = 2.5
const apartMin = 3
/** It moves by so much and the others do not: half of a run at most is that. */
const lonelyK = 0.35
const lonelyNoises = 8
const lonelyOdds = 1.75

function apartOf(own: Own, others: readonly Named[]): Apart | undefined {
  const span = spanOf(own.temperatures)
  const heard = others.flatMap((other) => alignedWith(own, other))
  const stepMs = stepOf([own, ...heard].map(({ temperatures }) => temperatures))
  if (stepMs === undefined || !span) return undefined
  const grid = { ...span, stepMs }
  const levelC = levelOf(cellsOf(own.temperatures, grid))
  const peers = heard.filter(
    ({ temperatures }) => Math.abs(levelOf(cellsOf(temperatures, grid)) - levelC) < compartmentK,
  )
  if (peers.length < peersMin) return undefined
  const isFine = [own, ...peers].every(({ temperatures }) => intervalOf(temperatures) <= fineMs)
  const quick = comparedAt({ ...(isFine ? finely : quickly), stepMs }, { own, peers, span })
  const lonely = lonelyOf(
    quick.passed,
    quick.peers,
    Math.max(lonelyK, lonelyNoises * quick.noiseK),
  ).map(
    (stir): Judged => ({
      ...{ stir, ...spanOfStir(stir, quick.passed), gain: undefined },
      ...{ logOdds: lonelyOdds, peakK: peakOf(stir) },
    }),
  )
  const told = [...quick.judged, ...lonely]
  const slow = comparedAt(slowly, { own, peers, span, quick }).judged.filter(
    ({ from, to }) => !told.some((other) => other.from < to && from - slowly.lagMs < other.to),
  )
  const judged = [...quick.judged, ...slow]
  const run = heaviestRun([...told, ...slow].sort((a, b) => a.from - b.from || a.to - b.to))
  if (sumOf(run) < apartMin) return undefined
  const isTimed = heard.some((other) => isDrivenWith(own, other))
  if (isShifted(quick.passed, quick.judged, isTimed)) return undefined
  return {
    ...{ from: run[0]!.from, to: run.at(-1)!.to, run },
    felt: judged.filter(({ logOdds }) => logOdds <= -stirMax).length,
    peers: peers.map(({ device }) => device),
  }
}

/** What the other measured at the own times; nothing when it went another way. */
function alignedWith(own: Own, other: Named): Named[] {
  const ahead = aheadOf(own, other)
  if (ahead === undefined || (ahead === null && !other.isSameContainer)) return []
  if (stepOf([other.temperatures]) === undefined) return []
  if (!ahead) return [other]
  const temperatures = other.temperatures.map((one) => ({ ...one, time: one.time - ahead }))
  return [{ ...other, temperatures }]
}

interface Scale {
  stepMs: number
  lagMs: number
  /** What noise and a controller's swing do not do, and times what makes the others unlike. */
  stirK: number
  noises: number
}

/** Doors and machines. */
const quickly = { lagMs: 30 * minuteMs, stirK: 0.2, noises: 4 }
/** Where four readings and more make each mean, smaller stirs are sure. */
const finely = { ...quickly, stirK: 0.15, noises: 2.5 }
const fineMs = 5 * minuteMs
/** Nights, sun and weather, through the walls: means of two hours hardly have noise. */
const slowly: Scale = { stepMs: hourMs, lagMs: 3 * hourMs, stirK: 0.15, noises: 3 }

interface Compared {
  passed: Cells
  peers: Cells[]
  noiseK: number
  /** What makes the others unlike each other. */
  unlikeK: number
  judged: Judged[]
}

/**
 * How much of what moved all others in so long the own logger shows. `quick`: what is known of the
 * noise from shorter times, of which there are more: long ones are few, and alike by chance.
 */
function comparedAt(
  { stepMs, lagMs, stirK, noises }: Scale,
  { own, peers, span, quick }: Compare,
): Compared {
  const changes = ({ temperatures }: Heard): Cells =>
    changesOf(cellsOf(temperatures, { ...span, stepMs }), lagMs)
  const passed = changes(own)
  const others = peers.map(changes)
  const shrunk = quick ? Math.sqrt(quick.passed.stepMs / stepMs) : 0
  const unlikeK = Math.max(unlikenessOf(others), shrunk * (quick?.unlikeK ?? 0))
  const noiseK = quick ? Math.max(unlikeK, shrunk * quick.noiseK) : noiseOf(passed)
  const stirs = stirsOf(others, Math.max(stirK, noises * unlikeK))
  const judged = stirs.flatMap((stir) => judge(stir, passed, noiseK) ?? [])
  return { passed, peers: others, noiseK, unlikeK, judged }
}

interface Compare {
  own: Own
  peers: readonly Heard[]
  span: Interval
  quick?: Compared
}

const spanOfStir = ({ first, values }: Stir, { from, stepMs }: Cells): Interval => ({
  from: from + first * stepMs,
  to: from + (first + values.length) * stepMs,
})

const peakOf = ({ values }: Stir): number => Math.max(...values.map(Math.abs))

/**
 * Whether it should feel what the others do: it did, or there was something to feel. Shippers that
 * are used again (GRAI) are boxes of their own until they have shown otherwise.
 */
const isShared = ({ run, felt }: Apart, container: string): boolean =>
  felt > 0 || (!container.includes('/8003/') && run.some(({ gain }) => gain !== undefined))

/** Odds of no gain at all against those of the calmest place. */
function judge(stir: Stir, own: Cells, noiseK: number): Judged | undefined {
  const gain = bestGain(own, stir)
  if (gain === undefined) return undefined
  const sizes = Math.hypot(...stir.values) / (ownNoises * noiseK)
  const logOdds = (sizes * sizes * ((calmGain - gain) ** 2 - gain ** 2)) / 2
  return {
    ...{
      stir,
      ...spanOfStir(stir, own),
      gain,
      logOdds: Math.max(-2 * stirMax, Math.min(stirMax, logOdds)),
    },
    peakK: peakOf(stir),
  }
}

const sumOf = (judged: readonly Judged[]): number =>
  judged.reduce((sum, { logOdds }) => sum + logOdds, 0)

/** Readings have their own phases: one cell sooner or later is the same. */
const bestGain = (cells: Cells, stir: Stir, later = 0): number | undefined => {
  const tried = [-1, 0, 1].flatMap((lag) => gainOf(cells, stir, later + lag) ?? [])
  return tried.length === 0 ? undefined : Math.max(...tried)
}

/** Stirs one after the other that together say most; the first of equals (Kadane's sums). */
function heaviestRun(judged: readonly Judged[]): Judged[] {
  let [best, run]: [Judged[], Judged[]] = [[], []]
  for (const each of judged) {
    run = sumOf(run) > 0 ? [...run, each] : [each]
    if (sumOf(run) > sumOf(best)) best = run
  }
  return best
}

const clockOffMs = 26 * hourMs

/**
 * It felt what it missed, and more than it felt, sooner or later: its clock is off. `isTimed`: it
 * was seen where the others were, and once felt what they did: then its clock is right.
 */
function isShifted(own: Cells, judged: readonly Judged[], isTimed: boolean): boolean {
  const most = Math.ceil(clockOffMs / own.stepMs)
  const feltNow = judged.filter(({ gain }) => gain! >= feltGain).length
  if (isTimed && feltNow > 0) return false
  // Two may be chance when it felt others at their time.
  const least = feltNow === 0 ? 2 : Math.max(3, feltNow + 1)
  for (let lag = -most; lag <= most; lag++) {
    const shown = judged.flatMap(({ stir }) => bestGain(own, stir, lag) ?? [])
    const felt = shown.filter((gain) => gain >= feltGain && gain <= feltGainMax).length
    if (felt === shown.length && felt >= least && 2 * felt >= judged.length) return true
  }
  return false
}

/** As much as one in a calm place of the vehicle; and what is far more is something else. */
const feltGain = 0.5
const feltGainMax = 3

const levelOf = ({ values }: Cells): number => {
  const known = [...values].filter((value) => !Number.isNaN(value))
  return known.length === 0 ? Infinity : median(known)
}

const spanOf = (list: readonly Sampled[]): { from: number; to: number } | undefined =>
  list.length === 0 ? undefined : { from: list[0]!.time, to: list.at(-1)!.time + 1 }

function findingOf({ run, felt, peers, ...span }: Apart, on: Carried): Finding {
  const missed = run.filter(({ gain }) => gain !== undefined)
  const alone = run.length - missed.length
  const tenths = Math.round(10 * Math.max(...run.map(({ peakK }) => peakK))) / 10
  // One that never felt anything may sit in the middle of its goods; then it does not move alone.
  const changed = felt > 0 || (alone > 0 && missed.length > 1)
  const logOdds = sumOf(missed) + Math.min(2, alone) * lonelyOdds
  const what = [
    ...(missed.length > 0 ? [`did not feel what stirred them ${timesOf(missed.length)}`] : []),
    ...(alone > 0 ? [`moved alone ${timesOf(alone)}`] : []),
  ].join(' and ')
  return {
    detector: 'profile-decorrelation',
    key: `${on.container} ${on.device}`,
    ...{ serials: 'inside', ...on, ...span },
    logOdds: changed ? Math.min(9, logOdds + 2) : Math.min(4, logOdds),
    witnesses: peers.length,
    words: `Beside ${peers.length} loggers that agree ${on.device} ${what}, by ${tenths} K at most${felt > 0 ? `; ${timesOf(felt)} it felt the same as they` : ''}.`,
    facts: { missed: missed.length, alone, felt, peakK: tenths, beside: peers.slice(0, restsMax) },
    rests: [],
  }
}

const timesOf = (count: number): string => (count === 1 ? 'once' : `${count} times`)

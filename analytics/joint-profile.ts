// Profile decorrelation: loggers in one vehicle feel the same doors and the same machine. One that
// felt them, and from some time on feels nothing while those beside it do, is not where its goods
// are, or something is around it. Compares what stirs all the others, never the levels, which bias
// and the place in the vehicle make. Says nothing when little stirs, when those beside it do not
// agree, and when its clock explains it.
import { distanceM, type Spot } from '../domain/earth.ts'
import {
  type Clue,
  type Detector,
  type Finding,
  restsMax,
  type Shipment,
} from '../domain/suspicion.ts'
import {
  type Cells,
  cellsOf,
  changesOf,
  gainOf,
  lonelyOf,
  median,
  noiseOf,
  type Sampled,
  type Stir,
  stepOf,
  stirsOf,
  unlikenessOf,
} from './joint-cells.ts'

const hourMs = 3_600_000

interface Heard {
  temperatures: readonly Sampled[]
  fixes: readonly { time: number; spot: Spot }[]
}

interface Hearing {
  temperatures: Sampled[]
  fixes: { time: number; spot: Spot }[]
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
    shipment.loggers.flatMap(({ device, container }) => {
      const heard = own.get(device)
      const apart = heard && apartOf(heard, besideOf({ shipment, own }, device))
      return apart && isShared(apart, container) ? [findingOf(apart, { device, container })] : []
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

type Named = Heard & { device: string; isSameContainer: boolean }

interface Carried {
  device: string
  container: string
}

/** Other loggers of the shipment, and those of others that went with it. */
const besideOf = ({ shipment, own }: Profiles, device: string): Named[] => [
  ...[...own].flatMap(([name, heard]) =>
    name === device ? [] : [{ device: name, ...heard, isSameContainer: true }],
  ),
  ...(shipment.beside ?? []).map((each) => ({ ...each, isSameContainer: false })),
]

interface Judged {
  stir: Stir
  /** Undefined when the logger moved alone. */
  gain: number | undefined
  /** Above 0: it says that the logger is apart; below: that it is not. */
  logOdds: number
  peakK: number
}

interface Apart {
  from: number
  to: number
  run: readonly Judged[]
  felt: number
  peers: readonly string[]
}

/** So many have to agree beside it: of two that differ nobody knows which is odd. */
const peersMin = 2
/** Vehicles with several compartments keep them farther apart. */
const compartmentK = 5
/** What noise and a controller's swing do not do, and how many times the noise of those beside. */
const stirK = 0.2
const noises = 4
/** Noise is not all that a logger adds of its own. */
const ownNoises = 2
/** Of what moves all others, one in a calm place of the vehicle shows so much. */
const calmGain = 0.6
/** What one stir says at most: something may have stood between. */
const stirMax = 2.5
const apartMin = 3
/** It moves by so much and the others do not: half of a run at most is that. */
const lonelyK = 0.35
const lonelyOdds = 1.75

function apartOf(own: Heard, others: readonly Named[]): Apart | undefined {
  const span = spanOf(own.temperatures)
  const beside = others.filter((other) => isBeside(own, other))
  const heard = beside.filter(({ temperatures }) => stepOf([temperatures]) !== undefined)
  const stepMs = stepOf([own, ...heard].map(({ temperatures }) => temperatures))
  if (stepMs === undefined || !span) return undefined
  const grid = { ...span, stepMs }
  const mine = cellsOf(own.temperatures, grid)
  const levelC = levelOf(mine)
  const peers = heard.flatMap(({ device, temperatures }) => {
    const cells = cellsOf(temperatures, grid)
    const isAlike = Math.abs(levelOf(cells) - levelC) < compartmentK
    return isAlike ? [{ device, cells: changesOf(cells) }] : []
  })
  if (peers.length < peersMin) return undefined
  const passed = changesOf(mine)
  const noiseK = noiseOf(passed)
  const leastK = Math.max(stirK, noises * unlikenessOf(peers.map(({ cells }) => cells)))
  const stirs = stirsOf(
    peers.map(({ cells }) => cells),
    leastK,
  )
  const lonely = lonelyOf(
    passed,
    peers.map(({ cells }) => cells),
    Math.max(lonelyK, 2 * noises * noiseK),
  ).map((stir): Judged => ({ stir, gain: undefined, logOdds: lonelyOdds, peakK: peakOf(stir) }))
  const judged = stirs.flatMap((stir) => judge(stir, passed, noiseK) ?? [])
  const all = [...judged, ...lonely].sort((a, b) => a.stir.first - b.stir.first)
  const run = heaviestRun(all)
  const felt = judged.filter(({ logOdds }) => logOdds <= -stirMax).length
  if (sumOf(run) < apartMin) return undefined
  if (isShifted(passed, judged)) return undefined
  const last = run.at(-1)!.stir
  return {
    from: span.from + run[0]!.stir.first * stepMs,
    to: span.from + (last.first + last.values.length) * stepMs,
    ...{ run, felt, peers: peers.map(({ device }) => device) },
  }
}

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
    ...{ stir, gain, logOdds: Math.max(-2 * stirMax, Math.min(stirMax, logOdds)) },
    peakK: Math.max(...stir.values.map(Math.abs)),
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

/** It felt what it missed, and more than it felt, sooner or later: its clock is off. */
function isShifted(own: Cells, judged: readonly Judged[]): boolean {
  const most = Math.ceil(clockOffMs / own.stepMs)
  const feltNow = judged.filter(({ gain }) => gain! >= feltGain).length
  // Two may be chance when it felt others at their time.
  const least = feltNow === 0 ? 2 : Math.max(3, feltNow + 1)
  for (let lag = -most; lag <= most; lag++) {
    const shown = judged.flatMap(({ stir }) => bestGain(own, stir, lag) ?? [])
    const felt = shown.filter((gain) => gain >= feltGain).length
    if (felt === shown.length && felt >= least && 2 * felt >= judged.length) return true
  }
  return false
}

/** As much as one in a calm place of the vehicle. */
const feltGain = 0.5

const levelOf = ({ values }: Cells): number => {
  const known = [...values].filter((value) => !Number.isNaN(value))
  return known.length === 0 ? Infinity : median(known)
}

const spanOf = (list: readonly Sampled[]): { from: number; to: number } | undefined =>
  list.length === 0 ? undefined : { from: list[0]!.time, to: list.at(-1)!.time + 1 }

/** Two receivers in one vehicle, and a vehicle's way between two fixes. */
const besideM = 3000
const sameTimeMs = 4 * 60_000
const besideShare = 0.8

/** As far as both have said where they were at the same time; else only what is packed together. */
function isBeside(own: Heard, other: Named): boolean {
  let [near, all, n] = [0, 0, 0]
  for (const { time, spot } of own.fixes) {
    while (n < other.fixes.length && other.fixes[n]!.time < time - sameTimeMs) n++
    const fix = other.fixes[n]
    if (!fix) break
    if (fix.time > time + sameTimeMs) continue
    const awayM = (Math.abs(fix.time - time) / 1000) * speedMs
    all++
    if (distanceM(spot, fix.spot) < besideM + awayM + spot.radiusM + fix.spot.radiusM) near++
  }
  return all < fixesMin ? other.isSameContainer : near >= besideShare * all
}

const fixesMin = 6
const speedMs = 40

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

// What all detectors of movement have in common: which fixes of a logger are believed, episodes of
// what they look for, and what the other loggers and the papers of the shipment say to each of
// them. A detector is told only what to look for in the fixes of one logger. State is constant per
// logger. Findings are told at the end of the clues, for only then it is known who agreed.
// Refuses to weigh: the detectors do.
import { apartM, type Spot } from '../domain/earth.ts'
import {
  type Detector,
  type DetectorName,
  type Finding,
  type Fix,
  type Level,
  restsMax,
  type Shipment,
  type Step,
} from '../domain/suspicion.ts'

/** Something that lasted, by one logger. Times are of the first and the last fix that show it. */
export interface Episode {
  device: string
  from: number
  to: number
  /** Where it was last. */
  spot: Spot
  fixes: number
  rests: string[]
  /** Names of others to how plainly they agree (above 0) or contradict (below). */
  voices: Map<string, number>
}

export interface Watch<Setup, Own, E extends Episode> {
  name: DetectorName
  /** Episodes so near each other are about one place, and told once. */
  sameM?: number
  /** Undefined: of this shipment nothing can be said. */
  setup(shipment: Shipment): Setup | undefined
  begin(): Own
  /** The logger's next believed fix. Returns the episode that it ends. */
  fix(own: Own, fix: Fix, setup: Setup): E | undefined
  /** The logger's next level. Returns the episode that it ends. */
  level?(own: Own, level: Level, setup: Setup): E | undefined
  /** What goes on now. */
  current(own: Own): E | undefined
  /** Undefined: it was nothing. `logOdds` are those of one logger that nobody contradicts. */
  tell(episode: E, setup: Setup): Pick<Finding, 'logOdds' | 'words' | 'facts'> | undefined
}

/** What is believed of where one logger is. */
export interface Track {
  last: Fix | undefined
  /** Contradicts the last one; the next one decides. */
  held: Fix | undefined
  /** Fixes that followed each other since it was first seen, or where nothing could have gone. */
  run: number
  /** How often it was surely in two places, and when last: its clock or its positions are wrong. */
  tears: number
  tornAt: number
}

export const newTrack = (): Track => ({
  ...{ last: undefined, held: undefined, run: 0, tears: 0, tornAt: -Infinity },
})

interface Logger<Own, E> {
  own: Own
  track: Track
  ended: E[]
}

export interface Movement<Setup, Own, E> {
  shipment: Shipment
  setup: Setup | undefined
  names: ReadonlySet<string>
  loggers: Map<string, Logger<Own, E>>
  isOver: boolean
}

/** Of one shipment: a pallet with one on each case. */
const loggersMax = 64
/** Of one logger; the longest are kept. */
const episodesMax = 16

export function movementDetector<Setup, Own, E extends Episode>(
  watch: Watch<Setup, Own, E>,
): Detector<Shipment, Movement<Setup, Own, E>> {
  return {
    name: watch.name,
    open: (shipment) => ({
      ...{ shipment, setup: watch.setup(shipment), loggers: new Map(), isOver: false },
      names: namesOf(shipment),
    }),
    step(state, clue) {
      if (state.isOver || state.setup === undefined) return []
      if (clue.kind === 'step') hearPaper(watch, state, clue)
      else if (clue.kind === 'fix') {
        const logger = loggerOf(watch, state, clue.device)
        if (logger)
          for (const fix of believed(logger.track, clue)) take(watch, state, { logger, fix })
      } else if (clue.kind === 'level' && watch.level) {
        const logger = loggerOf(watch, state, clue.device)
        if (logger) keep(logger.ended, watch.level(logger.own, clue, state.setup))
      }
      return []
    },
    end: (state) => findingsOf(watch, state),
  }
}

/** Two that look for the same in different ways, as one. */
export const both = <A, B>(
  one: Detector<Shipment, A>,
  other: Detector<Shipment, B>,
): Detector<Shipment, { one: A; other: B }> => ({
  name: one.name,
  open: (shipment) => ({ one: one.open(shipment), other: other.open(shipment) }),
  step: (state, clue) => [...one.step(state.one, clue), ...other.step(state.other, clue)],
  end: (state, asOf) => [
    ...(one.end?.(state.one, asOf) ?? []),
    ...(other.end?.(state.other, asOf) ?? []).map((finding) => ({
      ...finding,
      key: `${finding.key} too`,
    })),
  ],
})

/** The outermost container and those that its loggers are on. */
export const namesOf = ({ container, loggers }: Shipment): Set<string> =>
  new Set([container, ...loggers.map((logger) => logger.container)])

const comes = new Set(['receiving', 'accepting'])

/** The shipment has come to where it was to go: what its loggers do then is none of its way. */
export function isArrival({ plan }: Shipment, { fact }: Step): boolean {
  if (fact.inherited || !comes.has(fact.bizStep ?? '')) return false
  return !plan || fact.place === undefined || plan.legs.at(-1)!.to === fact.place
}

/**
 * The fixes that a new one makes believed: none when nothing could have gone from the last one to
 * it; the held one as well when it agrees with that and not with the last.
 */
export function believed(track: Track, fix: Fix): readonly Fix[] {
  const { last, held } = track
  if (!last || isReachable(last, fix)) {
    track.held = undefined
    track.last = fix
    track.run++
    return [fix]
  }
  if (!held || !isReachable(held, fix)) {
    track.held = fix
    return []
  }
  if (track.run >= sureRun) {
    track.tears++
    track.tornAt = fix.time
  }
  Object.assign(track, { last: fix, held: undefined, run: 2 })
  return [held, fix]
}

/** The first fix or two of a receiver may be what it remembers from its last journey. */
const sureRun = 3

/** An airliner in the wind, and what fixes are off although they say less. */
const fastestMps = 300
const jumpM = 1000

/** Once: what it remembered of another journey was before. More often: nobody knows anything. */
const isDoubtful = ({ from }: Episode, { tears, tornAt }: Track): boolean =>
  tears > 1 || from <= tornAt

const isReachable = (a: Fix, b: Fix): boolean =>
  apartM(a.spot, b.spot) <= jumpM + (fastestMps * Math.max(0, b.time - a.time)) / 1000

export const episodeOf = ({ device, time, spot, id }: Fix): Episode => ({
  ...{ device, from: time, to: time, spot, fixes: 1, rests: [id], voices: new Map() },
})

export function extend(episode: Episode, { time, spot, id }: Fix): void {
  episode.to = time
  episode.spot = spot
  episode.fixes++
  if (episode.rests.length < restsMax) episode.rests.push(id)
}

function loggerOf<Setup, Own, E extends Episode>(
  watch: Watch<Setup, Own, E>,
  { loggers }: Movement<Setup, Own, E>,
  device: string,
): Logger<Own, E> | undefined {
  const known = loggers.get(device)
  if (known || loggers.size >= loggersMax) return known
  const logger: Logger<Own, E> = { own: watch.begin(), track: newTrack(), ended: [] }
  loggers.set(device, logger)
  return logger
}

function take<Setup, Own, E extends Episode>(
  watch: Watch<Setup, Own, E>,
  { loggers, setup }: Movement<Setup, Own, E>,
  { logger, fix }: { logger: Logger<Own, E>; fix: Fix },
): void {
  keep(logger.ended, watch.fix(logger.own, fix, setup!))
  if (loggers.size < 2) return
  for (const other of loggers.values()) {
    const episode = other === logger ? undefined : watch.current(other.own)
    if (episode) hear(episode, { name: fix.device, ...fix, nearM: besideM })
  }
}

function keep<E extends Episode>(ended: E[], episode: E | undefined): void {
  if (!episode) return
  ended.push(episode)
  if (ended.length <= episodesMax) return
  const lengths = ended.map(({ from, to }) => to - from)
  ended.splice(lengths.indexOf(Math.min(...lengths)), 1)
}

/** Two loggers of one load, one with satellites and one with a cell of the network. */
const besideM = 5000
/** Of a site whose point stands for all of it. */
const siteM = 20_000
/** An older fix says nothing of where it is now. */
const freshMs = 30 * 60_000
const roadMps = 40
const voiceMax = 20

function hear(
  episode: Episode,
  said: { name: string; time: number; spot: Spot; nearM: number },
): void {
  const ageMs = Math.abs(said.time - episode.to)
  if (ageMs > freshMs) return
  const agrees = apartM(episode.spot, said.spot) <= said.nearM + (roadMps * ageMs) / 1000
  const before = episode.voices.get(said.name) ?? 0
  const now = before + (agrees ? 1 : -1)
  episode.voices.set(said.name, Math.max(-voiceMax, Math.min(voiceMax, now)))
}

/** Steps at which somebody has the thing itself before him, at the place that the event names. */
const handsOn = new Set([
  ...['arriving', 'departing', 'receiving', 'accepting', 'loading', 'unloading'],
  ...['packing', 'unpacking', 'inspecting', 'storing', 'staging_outbound', 'cross_docking'],
])

/** Papers that put the goods elsewhere contradict the logger; others say nothing new. */
function hearPaper<Setup, Own, E extends Episode>(
  watch: Watch<Setup, Own, E>,
  state: Movement<Setup, Own, E>,
  step: Step,
): void {
  const { fact, spot, time, epcs } = step
  if (fact.inherited || !epcs.some((epc) => state.names.has(epc))) return
  if (spot && handsOn.has(fact.bizStep ?? ''))
    for (const { own } of state.loggers.values()) {
      const episode = watch.current(own)
      if (episode) hear(episode, { name: paper, time, spot, nearM: siteM })
    }
  if (isArrival(state.shipment, step)) state.isOver = true
}

const paper = 'papers'

/** Told by more loggers than contradict it, by as many, by fewer. */
const shares = { most: 1, some: 0.6, few: 0.2 }

function findingsOf<Setup, Own, E extends Episode>(
  watch: Watch<Setup, Own, E>,
  { shipment: { container }, setup, loggers }: Movement<Setup, Own, E>,
): Finding[] {
  if (setup === undefined) return []
  const all = [...loggers.values()]
    .flatMap(({ own, ended, track }) =>
      [...ended, ...(watch.current(own) ? [watch.current(own)!] : [])].filter(
        (episode) => !isDoubtful(episode, track),
      ),
    )
    .sort((a, b) => a.from - b.from || (a.device < b.device ? -1 : 1))
  const torn = new Set(
    [...loggers].flatMap(([device, { track }]) => (track.tears > 0 ? [device] : [])),
  )
  const found: { finding: Finding; spot: Spot }[] = []
  for (const group of togetherOf(all)) {
    const told = group.episodes
      .flatMap((episode) => {
        const said = watch.tell(episode, setup)
        return said ? [{ episode, ...said }] : []
      })
      .reduce<Told<E> | undefined>((a, b) => (a && a.logOdds >= b.logOdds ? a : b), undefined)
    if (!told) continue
    const finding = findingOf(told, { ...group, ...heardOf(group, torn) })
    const spot = told.episode.spot
    found.push({ finding: { ...finding, detector: watch.name, container }, spot })
  }
  return onceEach(found, watch.sameM ?? 0)
}

function findingOf<E extends Episode>(
  { episode, logOdds, words, facts }: Told<E>,
  heard: { from: number; to: number; witnesses: number; against: number },
): Omit<Finding, 'detector' | 'container'> {
  const { from, to, witnesses, against } = heard
  const { device, rests } = episode
  const share = witnesses <= against ? shares.few : against > 0 ? shares.some : shares.most
  const doubt = against > 0 ? ` ${against} of its other loggers and papers put it elsewhere.` : ''
  return {
    ...{ key: `${device} ${episode.from}`, serials: 'inside', device, from, to, witnesses },
    ...{ logOdds: round(logOdds * share), words: words + doubt, rests },
    facts: { ...facts, loggers: witnesses, against },
  }
}

/** Of those within so many metres the heaviest, the longest of these. */
function onceEach(found: { finding: Finding; spot: Spot }[], sameM: number): Finding[] {
  const lasts = ({ finding: { from, to } }: (typeof found)[number]): number => to - from
  const kept: typeof found = []
  for (const one of found.sort(
    (a, b) => b.finding.logOdds - a.finding.logOdds || lasts(b) - lasts(a),
  ))
    if (sameM === 0 || kept.every(({ spot }) => apartM(spot, one.spot) > sameM)) kept.push(one)
  return kept.map(({ finding }) => finding).sort((a, b) => a.from - b.from)
}

type Told<E> = Pick<Finding, 'logOdds' | 'words' | 'facts'> & { episode: E }

interface Together<E> {
  episodes: E[]
  from: number
  to: number
}

/** Episodes of loggers that were together at the same time are one. */
function togetherOf<E extends Episode>(all: readonly E[]): Together<E>[] {
  const groups: Together<E>[] = []
  for (const episode of all) {
    const { from, to } = episode
    const group = groups.find(
      (other) => from <= other.to + freshMs && other.episodes.some((one) => agree(one, episode)),
    )
    if (!group) {
      groups.push({ episodes: [episode], from, to })
      continue
    }
    group.episodes.push(episode)
    group.from = Math.min(group.from, from)
    group.to = Math.max(group.to, to)
  }
  return groups
}

const agree = (a: Episode, b: Episode): boolean =>
  (a.voices.get(b.device) ?? 0) > 0 || (b.voices.get(a.device) ?? 0) > 0

/**
 * How many loggers were there, and how many others and papers say that they were not. Loggers that
 * were in two places at once have no voice.
 */
function heardOf(
  { episodes }: Together<Episode>,
  torn: ReadonlySet<string>,
): { witnesses: number; against: number } {
  const voices = new Map<string, number>()
  for (const episode of episodes)
    for (const [name, voice] of episode.voices) voices.set(name, (voices.get(name) ?? 0) + voice)
  const there = new Set(episodes.map(({ device }) => device))
  let against = 0
  for (const [name, voice] of voices)
    if (torn.has(name)) continue
    else if (voice > 0 && name !== paper) there.add(name)
    else if (voice < 0 && !there.has(name)) against++
  return { witnesses: there.size, against }
}

export const round = (value: number): number => Math.round(value * 1000) / 1000
export const minutesOf = (ms: number): number => Math.round(ms / 60_000)

/** Of a finding: where it was, as people and maps read it. */
export const whereOf = ({ lat, lon }: Spot): { lat: number; lon: number } => ({
  lat: Math.round(lat * 1e5) / 1e5,
  lon: Math.round(lon * 1e5) / 1e5,
})

// What all detectors of movement have in common: fixes of each logger that are believed, episodes
// of what they look for, and what the other loggers and the papers of the shipment say to them. A
// detector is told only what to look for in the fixes of one logger. State is constant per logger.
// Findings are told at the end of the clues, for only then it is known who agreed. Refuses to
// weigh: the detectors do.

import type { Spot } from '../../domain/earth.ts'
import type { Detector, DetectorName, Fix, Level, Shipment, Step } from '../../domain/suspicion.ts'
import { believed, isDoubtful, newTrack, type Track } from '../cases/tracks.ts'
import { besideM, type Episode, hear, paper, siteM } from '../episodes.ts'
import { findingsOf, type Told } from './findings.ts'

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
  tell(episode: E, setup: Setup): Told | undefined
}

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
    end({ shipment: { container }, setup, loggers }) {
      if (setup === undefined) return []
      const all = [...loggers.values()].flatMap(({ own, ended, track }) => {
        const now = watch.current(own)
        return [...ended, ...(now ? [now] : [])].filter(({ from }) => !isDoubtful(track, from))
      })
      const torn = [...loggers].filter(([, { track }]) => track.tears > 0)
      return findingsOf(all, {
        ...{ name: watch.name, container, sameM: watch.sameM ?? 0 },
        torn: new Set(torn.map(([device]) => device)),
        tell: (episode) => watch.tell(episode, setup),
      })
    },
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

/** Of a finding: where it was, as people and maps read it. */
export const whereOf = ({ lat, lon }: Spot): { lat: number; lon: number } => ({
  lat: Math.round(lat * 1e5) / 1e5,
  lon: Math.round(lon * 1e5) / 1e5,
})

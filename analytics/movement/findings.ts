// Findings of episodes: those of loggers that were together are one, with as many witnesses; what
// others say against it makes it lighter. Refuses to weigh the episode itself.
import { apartM, type Spot } from '../../domain/earth.ts'
import type { DetectorName, Finding } from '../../domain/suspicion.ts'
import { type Episode, freshMs, paper, round } from '../episodes.ts'

/** What a detector says of one episode. `logOdds`: as if nobody else said anything. */
export type Told = Pick<Finding, 'logOdds' | 'words' | 'facts'>

export interface Telling<E> {
  name: DetectorName
  container: string
  /** Episodes so near each other are about one place, and told once; 0: all are told. */
  sameM: number
  /** Loggers that were in two places at once. */
  torn: ReadonlySet<string>
  tell(episode: E): Told | undefined
}

/** Told by more loggers than contradict it, by as many, by fewer. */
const shares = { most: 1, some: 0.6, few: 0.2 }

export function findingsOf<E extends Episode>(
  episodes: readonly E[],
  { name, container, sameM, torn, tell }: Telling<E>,
): Finding[] {
  const all = episodes.toSorted((a, b) => a.from - b.from || (a.device < b.device ? -1 : 1))
  const found: { finding: Finding; spot: Spot }[] = []
  for (const group of togetherOf(all)) {
    const told = group.episodes
      .flatMap((episode) => {
        const said = tell(episode)
        return said ? [{ episode, ...said }] : []
      })
      .reduce<ToldOf<E> | undefined>((a, b) => (a && a.logOdds >= b.logOdds ? a : b), undefined)
    if (!told) continue
    const finding = findingOf(told, { ...group, ...heardOf(group, torn) })
    found.push({ finding: { ...finding, detector: name, container }, spot: told.episode.spot })
  }
  return onceEach(found, sameM)
}

function findingOf<E extends Episode>(
  { episode, logOdds, words, facts }: ToldOf<E>,
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

type ToldOf<E> = Told & { episode: E }

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

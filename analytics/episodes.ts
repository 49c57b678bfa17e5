// Episodes: something that lasted, as one logger shows it, and what the other loggers and the
// papers of its shipment say to it. Refuses to know what it is.
import { apartM, type Spot } from '../domain/earth.ts'
import { type Fix, restsMax } from '../domain/suspicion.ts'

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

export const episodeOf = ({ device, time, spot, id }: Fix): Episode => ({
  ...{ device, from: time, to: time, spot, fixes: 1, rests: [id], voices: new Map() },
})

export function extend(episode: Episode, { time, spot, id }: Fix): void {
  episode.to = time
  episode.spot = spot
  episode.fixes++
  if (episode.rests.length < restsMax) episode.rests.push(id)
}

/** Two loggers of one load, one with satellites and one with a cell of the network. */
export const besideM = 5000
/** Of a site whose point stands for all of it. */
export const siteM = 20_000
/** An older fix says nothing of where it is now. */
export const freshMs = 30 * 60_000
const roadMps = 40
const voiceMax = 20

/** Something else says where it is. Of an episode that said nothing for long nobody knows. */
export function hear(
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

/** The name of the voice of all papers. */
export const paper = 'papers'

export const round = (value: number): number => Math.round(value * 1000) / 1000
export const minutesOf = (ms: number): number => Math.round(ms / 60_000)

// How many points an InfluxDB 1.x has taken, by its own count, while something writes to it. The
// same counter for everybody who is compared.
import { setTimeout as delay } from 'node:timers/promises'
import { type LoadResult, warmupSeconds } from './run-load.ts'

export interface PointsWatch {
  /** Taken until then, epoch ms, since it was first looked. */
  at(time: number): number
  /** Since when no more came, once so many are there or fifteen seconds brought none; at most a minute. */
  still(expected: number): Promise<{ points: number; since: number }>
  stop(): Promise<void>
}

interface Mark {
  at: number
  points: number
}

const everyMs = 100
const stillMs = 15_000
const waitMs = 60_000

/** A server that is away counts nothing; one that was started anew counts from 0 again. */
export function watchPoints(url: string): PointsWatch {
  const marks: Mark[] = []
  const stopping = new AbortController()
  const done = (async () => {
    while (!stopping.signal.aborted) {
      const points = await readPoints(url).catch(() => undefined)
      if (points !== undefined) marks.push({ at: Date.now(), points })
      await delay(everyMs, undefined, { signal: stopping.signal }).catch(() => undefined)
    }
  })()
  return {
    at: (time) => marks.findLast((mark) => mark.at <= time)?.points ?? 0,
    still: async (expected) => {
      const until = Date.now() + waitMs
      for (;;) {
        const last = marks.at(-1)
        const since = last && marks.find(({ points }) => points === last.points)!.at
        const isStill = last && (last.points >= expected || last.at - since! > stillMs)
        if (last && (isStill || Date.now() > until)) return { points: last.points, since: since! }
        await delay(everyMs)
      }
    },
    stop: async () => {
      stopping.abort()
      await done
    },
  }
}

/** Packets a second from the first one that was sent to the last one that was stored. */
export function overallPerSecond(
  { fromMs }: LoadResult,
  end: { points: number; since: number },
  pointsEach: number,
): number {
  const ms = end.since - (fromMs - warmupSeconds * 1000)
  return (end.points / pointsEach / ms) * 1000
}

/** Values of a field that are in a database, by counting them. */
export async function countValues(
  url: string,
  { db, field }: { db: string; field: string },
): Promise<number> {
  const query = new URLSearchParams({ db, q: `SELECT count("${field}") FROM "readings"` })
  const answer = await fetch(`${url}/query?${query}`)
  const { results } = (await answer.json()) as {
    results: { series?: { values: [string, number][] }[] }[]
  }
  return results[0]?.series?.[0]?.values[0]?.[1] ?? 0
}

async function readPoints(url: string): Promise<number> {
  const answer = await fetch(`${url}/debug/vars`, { signal: AbortSignal.timeout(5000) })
  const all = (await answer.json()) as Record<string, { values?: { pointsWrittenOK?: number } }>
  const http = Object.entries(all).find(([name]) => name.startsWith('httpd'))
  return http?.[1].values?.pointsWrittenOK ?? 0
}

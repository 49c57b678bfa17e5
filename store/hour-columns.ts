// An hour as the series stores keep it: numbers under names, and its bins as one text. Both stores
// use the same names. Sends and stores nothing.
import type { Hour } from '../domain/hours.ts'

/** In this order in `numbersOf` and `hourOf`; null where the hour has none. */
export const hourColumns = [
  'count',
  'min',
  'max',
  'sum',
  'firstTime',
  'firstValue',
  'lastTime',
  'lastValue',
  'carried',
  'knownMs',
  'weighted',
  'kineticMs',
  'freezes',
  'gapMs',
] as const

export function numbersOf(hour: Hour): (number | null)[] {
  const { count, min, max, sum, first, last, carried } = hour
  const { knownMs, weighted, kineticMs, freezes, gapMs } = hour
  const ends = [first?.time ?? null, first?.value ?? null, last?.time ?? null, last?.value ?? null]
  return [count, min, max, sum, ...ends, carried, knownMs, weighted, kineticMs, freezes, gapMs]
}

/** `bin:ms` with commas between, ascending; undefined without bins. */
export function binsText({ bins }: Hour): string | undefined {
  if (bins === null) return undefined
  const sorted = [...bins].sort(([one], [other]) => one - other)
  return sorted.map(([bin, ms]) => `${bin}:${ms}`).join()
}

/** `bins` null when there are none. */
export function hourOf(
  time: number,
  numbers: readonly (number | null)[],
  bins: string | null,
): Hour {
  const [count, min, max, sum, firstTime, firstValue, lastTime, lastValue, ...others] = numbers
  const [carried, knownMs, weighted, kineticMs, freezes, gapMs] = others
  return {
    time,
    count: count ?? 0,
    min: min ?? null,
    max: max ?? null,
    sum: sum ?? 0,
    first: pointOf(firstTime, firstValue),
    last: pointOf(lastTime, lastValue),
    carried: carried ?? null,
    knownMs: knownMs ?? 0,
    weighted: weighted ?? 0,
    kineticMs: kineticMs ?? null,
    bins: bins === null ? null : parseBins(bins),
    freezes: freezes ?? 0,
    gapMs: gapMs ?? 0,
  }
}

function pointOf(time: number | null | undefined, value: number | null | undefined): Hour['first'] {
  return time == null || value == null ? null : { time, value }
}

function parseBins(text: string): Map<number, number> {
  if (text === '') return new Map()
  const pairs = text.split(',').map((pair) => pair.split(':').map(Number) as [number, number])
  return new Map(pairs)
}

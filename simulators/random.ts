// Seeded randomness for simulated worlds: the same seed gives the same numbers on every machine.
// Refuses to be a source of secrets: whoever knows the seed knows every number.

/**
 * A stream of numbers. Forks depend on the seed and the labels alone, never on how much was drawn
 * before.
 */
export interface Random {
  /** 0 to 2^32 - 1. */
  uint32(): number
  /** [0, 1) with 53 bits. */
  unit(): number
  /** [min, max). */
  between(min: number, max: number): number
  /** 0, 1, … count - 1. */
  below(count: number): number
  /** True with this probability. */
  chance(probability: number): boolean
  /** Mean 0, standard deviation 1. */
  normal(): number
  /** One of the list, all alike. Throws RangeError on an empty list. */
  pick<T>(list: readonly T[]): T
  /** An independent stream of its own: adding one entity does not change what the others draw. */
  fork(label: string | number): Random
}

/**
 * Generator: sfc32 (C. Doty-Humphrey, PractRand), keyed by a 128-bit hash of the seed and the fork
 * labels.
 */
export function createRandom(seed: string | number): Random {
  return streamOf(`${seed}`)
}

function streamOf(path: string): Random {
  let [a, b, c, counter] = hash128(path)
  const uint32 = (): number => {
    const sum = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = ((c << 21) | (c >>> 11)) + sum
    c |= 0
    return sum >>> 0
  }
  // The first outputs still resemble the key; PractRand's own seeding discards as many.
  for (let round = 0; round < 12; round++) uint32()
  const unit = (): number => ((uint32() >>> 5) * 2 ** 26 + (uint32() >>> 6)) / 2 ** 53
  const below = (count: number): number => Math.floor(unit() * count)
  let spare: number | undefined
  return {
    uint32,
    unit,
    between: (min, max) => min + unit() * (max - min),
    below,
    chance: (probability) => unit() < probability,
    normal() {
      // Box-Muller gives two deviates at a time; 1 - unit() keeps the logarithm finite.
      if (spare !== undefined) {
        const kept = spare
        spare = undefined
        return kept
      }
      const radius = Math.sqrt(-2 * Math.log(1 - unit()))
      const angle = 2 * Math.PI * unit()
      spare = radius * Math.sin(angle)
      return radius * Math.cos(angle)
    },
    pick(list) {
      if (list.length === 0) throw new RangeError('nothing to pick from')
      return list[below(list.length)]!
    },
    // The unit separator cannot come out of a number and is not used in labels: paths do not
    // collide.
    fork: (label) => streamOf(`${path}\u001f${label}`),
  }
}

/** Four FNV-1a lanes over UTF-16 code units, each finished with the murmur3 mixer. */
function hash128(text: string): [number, number, number, number] {
  const lanes: [number, number, number, number] = [0x811c9dc5, 0x9747b28c, 0x85ebca6b, 0xc2b2ae35]
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    for (let lane = 0; lane < 4; lane++)
      lanes[lane] = Math.imul(lanes[lane]! ^ (unit + lane), 0x01000193 + 2 * lane)
  }
  for (let lane = 0; lane < 4; lane++) lanes[lane] = mixed(lanes[lane]! ^ (text.length + lane))
  return lanes
}

function mixed(value: number): number {
  let h = value
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) | 0
}

import { describe, expect, it } from 'vitest'
import { type Contrasted, type ContrastUnit, contrast } from '../trace/contrast.ts'

/** mulberry32: the same worlds each time. */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

interface World {
  pallets: number
  perPallet: number
  /** Chance of being affected without a reason, and with it. */
  base: number
  caused?: number
  /** What the cause is: of units, of whole pallets, or the pallet itself. */
  cause?: 'line' | 'lane' | 'pallet'
  /** How much more or less often whole pallets are affected, for no recorded reason. */
  fate?: number
}

const names = {
  unit: ['lot', 'line', 'shift', 'operator', 'input', 'hour'],
  pallet: ['lane', 'truck', 'weekday', 'warehouse', 'logger', 'driver'],
}

/** Units in cases in pallets; six attributes of units and six of pallets, with some values each. */
function worldOf(seed: number, world: World): Contrasted {
  const random = randomFrom(seed)
  const pick = (n: number): number => Math.floor(random() * n)
  const { pallets, perPallet, base, caused = base, cause, fate = 0 } = world
  const sets = new Map<string, { name: string; value: string; units: number[] }>()
  const units: ContrastUnit[] = []
  const give = (name: string, value: string): void => {
    const key = `${name}=${value}`
    if (!sets.has(key)) sets.set(key, { name, value, units: [] })
    sets.get(key)!.units.push(units.length)
  }
  for (let pallet = 0; pallet < pallets; pallet++) {
    const ofPallet = new Map(names.pallet.map((name) => [name, String(pick(4))]))
    const luck = random() < 0.3 ? fate : 0
    for (let n = 0; n < perPallet; n++) {
      const own = new Map(names.unit.map((name) => [name, String(pick(4))]))
      const all = new Map([...own, ...ofPallet, ['container', `P${pallet}`]])
      for (const [name, value] of all) give(name, value)
      const hit =
        (cause === 'pallet' && pallet === 3) ||
        (cause !== undefined && cause !== 'pallet' && all.get(cause) === '2')
      const chance = (hit ? caused : base) + luck
      units.push({
        affected: random() < chance,
        containers: [`C${pallet}-${n >> 2}`, `P${pallet}`],
      })
    }
  }
  return { units, attributes: [...sets.values()], falseDiscoveryMax: 0.05 }
}

/** So many of `n` or fewer come with this probability, each by itself with probability p. */
function binomialMost(n: number, p: number, probability: number): number {
  let term = (1 - p) ** n
  let sum = term
  let most = 0
  while (sum < probability) {
    term *= ((n - most) / (most + 1)) * (p / (1 - p))
    sum += term
    most++
  }
  return most
}

const seeds = Array.from({ length: 200 }, (_, n) => n + 1)
/** Two standard errors of a share of 0.05 among so many worlds. */
const allowance = 2 * Math.sqrt((0.05 * 0.95) / seeds.length)
const shareOf = (held: (seed: number) => boolean): number =>
  seeds.filter(held).length / seeds.length

describe('root cause by contrast', () => {
  it.each([
    ['of single units', { pallets: 20, perPallet: 20, base: 0.05, caused: 0.4, cause: 'line' }],
    ['of whole pallets', { pallets: 40, perPallet: 20, base: 0.02, caused: 0.7, cause: 'lane' }],
    [
      'that is one pallet',
      { pallets: 20, perPallet: 20, base: 0.05, caused: 0.7, cause: 'pallet' },
    ],
  ] as const)('ranks a planted cause %s first in 95 of 100 worlds, noise or not', (_, world) => {
    const wanted = { line: 'line=2', lane: 'lane=2', pallet: 'container=P3' }[world.cause]
    const found = shareOf((seed) => {
      const { candidates } = contrast(worldOf(seed, world))
      const [first] = candidates
      return (
        first!.significant &&
        first!.attributes.some(({ name, value }) => `${name}=${value}` === wanted)
      )
    })
    expect(found).toBeGreaterThanOrEqual(0.95)
  })

  it('finds nothing where chance alone was at work, but for the stated share of worlds', () => {
    const world = { pallets: 20, perPallet: 20, base: 0.2 }
    const wrong = shareOf((seed) => contrast(worldOf(seed, world)).candidates[0]!.significant)
    expect(wrong).toBeLessThanOrEqual(0.05 + allowance)
  })

  it('names a cause by the family-wise level no more often than that in worlds without any', () => {
    const worlds = 400
    const level = 0.05
    let wrong = 0
    for (let seed = 1001; seed <= 1000 + worlds; seed++) {
      const world = { pallets: 12, perPallet: 10, base: 0.1 + 0.1 * (seed % 4) }
      const { candidates } = contrast(worldOf(seed, world))
      if (candidates.some(({ familyWise }) => familyWise <= level)) wrong++
    }
    // A true level of 0.05 gives more than this in one of 1000 suites.
    expect(wrong).toBeLessThanOrEqual(binomialMost(worlds, level, 0.999))
  })

  it('does not take the fate that units of one pallet share for many witnesses', () => {
    const world = { pallets: 24, perPallet: 20, base: 0.05, fate: 0.8 }
    const wrong = shareOf((seed) =>
      contrast(worldOf(seed, world)).candidates.some(
        // That pallets differ is true here; that anything else is behind it is not.
        ({ significant, attributes }) =>
          significant && attributes.every(({ name }) => name !== 'container'),
      ),
    )
    expect(wrong).toBeLessThanOrEqual(0.05 + allowance)
  })

  it('says what cannot be told apart as one candidate', () => {
    const { units, attributes } = worldOf(1, {
      ...{ pallets: 20, perPallet: 20, base: 0.02, caused: 0.8, cause: 'line' },
    })
    const line = attributes.find(({ name, value }) => name === 'line' && value === '2')!
    const twin = { name: 'ilmd:machine', value: 'M7', units: line.units }
    const { candidates } = contrast({
      units,
      attributes: [twin, ...attributes],
      falseDiscoveryMax: 0.05,
    })
    expect(candidates[0]!.attributes.map(({ name }) => name).sort()).toEqual([
      'ilmd:machine',
      'line',
    ])
  })

  it('says that it is not enough when nothing could stand out', () => {
    const units = [true, true, false, false].map((affected) => ({ affected, containers: [] }))
    const attributes = [{ name: 'lot', value: 'A', units: [0, 1] }]
    const few = contrast({ units, attributes, falseDiscoveryMax: 0.05 })
    expect([few.enough, few.candidates[0]!.significant]).toEqual([false, false])
    expect(few.candidates[0]!.units).toEqual({ a: 2, b: 0, c: 0, d: 2 })
    const many = Array.from({ length: 20 }, (_, n) => ({ affected: n < 10, containers: [] }))
    const ten = [{ name: 'lot', value: 'A', units: many.map((_, n) => n).slice(0, 10) }]
    expect(contrast({ units: many, attributes: ten, falseDiscoveryMax: 0.05 }).enough).toBe(true)
  })

  it.each([
    ['nobody', [false, false, false, false], [[0, 1]]],
    ['everybody', [true, true, true, true], [[0, 1]]],
    ['one unit alone', [true], [[0]]],
    ['nothing at all', [], []],
  ])('finds no cause where %s is affected', (_, affected, having) => {
    const found = contrast({
      units: affected.map((each) => ({ affected: each, containers: [] })),
      attributes: having.map((units, n) => ({ name: 'lot', value: `L${n}`, units })),
      falseDiscoveryMax: 0.05,
    })
    expect([found.enough, found.candidates.some(({ significant }) => significant)]).toEqual([
      false,
      false,
    ])
    for (const { p, falseDiscovery, familyWise } of found.candidates)
      expect([p, falseDiscovery, familyWise]).toEqual([1, 1, 1])
    expect([found.affected, found.affected + found.unaffected]).toEqual([
      affected.filter(Boolean).length,
      affected.length,
    ])
  })

  it('does not compare what all units have, or none', () => {
    const units = Array.from({ length: 20 }, (_, n) => ({ affected: n < 10, containers: [] }))
    const all = units.map((_, n) => n)
    const attributes = [
      { name: 'product', value: 'P', units: all },
      { name: 'line', value: '9', units: [] },
    ]
    const found = contrast({ units, attributes, falseDiscoveryMax: 0.05 })
    expect([found.compared, found.candidates, found.enough]).toEqual([0, [], false])
  })

  it('answers the same whatever order units and attributes come in', () => {
    const world = worldOf(7, { pallets: 12, perPallet: 8, base: 0.1, caused: 0.6, cause: 'line' })
    const turned = world.units.map((_, i) => world.units.length - 1 - i)
    const other = contrast({
      falseDiscoveryMax: 0.05,
      units: turned.map((i) => world.units[i]!),
      attributes: world.attributes
        .map((each) => ({
          ...each,
          units: each.units.map((i) => turned[i]!).sort((a, b) => a - b),
        }))
        .reverse(),
    })
    const told = ({ candidates }: typeof other) =>
      candidates.map(({ attributes, units, logP }) => [
        attributes.map(({ name, value }) => `${name}=${value}`).sort(),
        units,
        logP.toFixed(9),
      ])
    expect(told(other)).toEqual(told(contrast(world)))
  })
})

import { expect, it } from 'vitest'
import { createRandom } from '../simulators/random.ts'

const draw = (random: ReturnType<typeof createRandom>, count: number): number[] =>
  Array.from({ length: count }, () => random.uint32())

it('gives the same numbers for the same seed and others for another', () => {
  expect(draw(createRandom(42), 100)).toEqual(draw(createRandom(42), 100))
  expect(draw(createRandom(42), 100)).not.toEqual(draw(createRandom(43), 100))
})

it('forks by seed and labels alone, whatever was drawn before', () => {
  const fresh = createRandom('w')
  const used = createRandom('w')
  draw(used, 17)
  used.normal()
  expect(draw(used.fork('a').fork(3), 20)).toEqual(draw(fresh.fork('a').fork(3), 20))
  const streams = [fresh, fresh.fork('a'), fresh.fork('b'), fresh.fork('a').fork('b')]
  expect(new Set(streams.map((stream) => stream.uint32())).size).toBe(streams.length)
})

it('draws evenly, and normal deviates with mean 0 and deviation 1', () => {
  const random = createRandom(7)
  const count = 100_000
  const bins = new Array<number>(10).fill(0)
  let sum = 0
  let squares = 0
  for (let i = 0; i < count; i++) {
    const unit = random.unit()
    bins[Math.floor(unit * 10)]! += 1
    const deviate = random.normal()
    sum += deviate
    squares += deviate * deviate
  }
  // A number outside [0, 1) would have no bin.
  expect(bins.reduce((a, b) => a + b)).toBe(count)
  for (const bin of bins) expect(Math.abs(bin / count - 0.1)).toBeLessThan(0.005)
  expect(Math.abs(sum / count)).toBeLessThan(0.015)
  expect(Math.abs(squares / count - 1)).toBeLessThan(0.02)
})

it('picks only what is there', () => {
  const random = createRandom(1)
  const picked = new Set(Array.from({ length: 200 }, () => random.pick(['a', 'b', 'c'])))
  expect([...picked].sort()).toEqual(['a', 'b', 'c'])
  expect(() => random.pick([])).toThrow(RangeError)
})

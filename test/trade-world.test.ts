// Worlds of trade: the same seed the same bytes, and a truth that what is said bears out.
import { createHash } from 'node:crypto'
import { expect, it } from 'vitest'
import type { Truth, WorldAction } from '../simulators/actions.ts'
import { type Scenario, scenarios } from '../simulators/scenarios.ts'
import { createTradeWorld } from '../simulators/trade-world.ts'
import { emissionOf } from '../simulators/wire.ts'

const hour = 3_600_000
const startTime = Date.UTC(2026, 6, 1, 6)

interface Played {
  all: WorldAction[]
  truth: Truth
  endTime: number
}

function play(name: string, more: { seed?: number; devices?: number; days?: number } = {}): Played {
  const { seed = 1, devices = 9, days = 5 } = more
  const endTime = startTime + days * 24 * hour
  const scenario = scenarios[name] as Scenario
  const world = createTradeWorld({ seed, devices, startTime, endTime, scenario })
  return { all: [...world.actions], truth: world.truth, endTime }
}

const hashOf = ({ all, truth }: Played): string => {
  const hash = createHash('sha256')
  for (const action of all) hash.update(JSON.stringify(emissionOf(action)))
  return hash.update(JSON.stringify(truth)).digest('hex')
}

const theft = play('theft')

it('gives the same bytes for the same seed, and others for another', () => {
  expect(hashOf(play('theft'))).toBe(hashOf(theft))
  expect(hashOf(play('theft', { seed: 2 }))).not.toBe(hashOf(theft))
})

it('says everything in order of arrival, within its time', () => {
  let last = startTime
  for (const { at } of theft.all) {
    expect(at).toBeGreaterThanOrEqual(last)
    last = at
  }
  expect(last).toBeLessThanOrEqual(theft.endTime)
})

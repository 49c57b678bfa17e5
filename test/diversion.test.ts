// The evaluation of diversion: that worlds played in memory end as those played into the stores.
import { describe, expect, it } from 'vitest'
import { scenarios } from '../simulators/scenarios.ts'
import { serveWorld } from './evaluate/diversion-served.ts'
import { type FoundCase, playWorld, type WorldOptions } from './evaluate/diversion-worlds.ts'

const hourMs = 3_600_000

describe('a world played in memory', () => {
  it('ends in the same findings and cases as one played into the stores', async () => {
    const mixed = scenarios.mixed!
    const plots = Object.fromEntries(Object.keys(mixed.plots).map((name) => [name, 0.07]))
    const scenario = {
      ...{ ...mixed, plots, startsWithin: 1, loggingIntervalMs: hourMs / 2 },
      ...{ lanes: ['rhone', 'vistula'] as const, load: { cases: 3, itemsPerCase: 4 } },
    }
    const world: WorldOptions = { seed: 1235, devices: 3, days: 9, everyMs: 72 * hourMs, scenario }
    const [memory, stores] = [await playWorld(world), await serveWorld(world)]
    expect(memory.cases.length).toBeGreaterThan(1)
    expect(memory.cases.map(toldOf).sort(byText)).toEqual(stores.cases.map(toldOf).sort(byText))
  }, 60_000)
})

const byText = (a: object, b: object): number => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)

/** Sessions are named by keyed hashes there, and clues by them. */
function toldOf({ row, serials }: FoundCase) {
  const { serialSet: _, id: __, body, ...columns } = row
  const subject = columns.subject.replace(/^session.*/, 'a session')
  const evidence = body.evidence.map(({ rests, ...said }) => ({ ...said, rests: rests.length }))
  return { ...columns, subject, body: { ...body, evidence }, serials: [...serials].sort() }
}

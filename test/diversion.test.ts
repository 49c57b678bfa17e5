// The evaluation of diversion: that worlds played in memory end as those played into the stores, and
// that cases and detectors are not worse than they were.
import { describe, expect, it } from 'vitest'
import { gatherShipment } from '../analytics/cases/gather.ts'
import { scenarios } from '../simulators/scenarios.ts'
import { documentOf } from './api-app.ts'
import { playKept, readKept } from './evaluate/diversion-kept.ts'
import { serveWorld } from './evaluate/diversion-served.ts'
import { type FoundCase, playWorld, type WorldOptions } from './evaluate/diversion-worlds.ts'
import { createFacts } from './evaluate/facts.ts'
import { epcisEvent } from './pipeline.ts'

const hourMs = 3_600_000

describe('a world played in memory', () => {
  it('ends in the same findings and cases as one played into the stores', async () => {
    const mixed = scenarios.mixed!
    const plots = Object.fromEntries(Object.keys(mixed.plots).map((name) => [name, 0.07]))
    const scenario = {
      ...{ ...mixed, plots, startsWithin: 1, loggingIntervalMs: hourMs },
      ...{ lanes: ['rhone', 'vistula'] as const, load: { cases: 2, itemsPerCase: 4 } },
    }
    const world: WorldOptions = { seed: 2, devices: 3, days: 5, everyMs: 48 * hourMs, scenario }
    const [memory, stores] = [await playWorld(world), await serveWorld(world)]
    expect(memory.cases.length).toBeGreaterThan(1)
    expect(memory.cases.map(toldOf).sort(byText)).toEqual(stores.cases.map(toldOf).sort(byText))
  }, 600_000)
})

describe('cases and detectors', () => {
  it('find no less in a small fixed set of worlds than they did when it was kept', async () => {
    const kept = readKept()
    const now = await playKept()
    const fallen = Object.entries(kept).filter(([name, { low }]) => (now[name]?.value ?? 0) < low)
    expect(fallen.map(([name, was]) => ({ name, was, now: now[name] }))).toEqual([])
  }, 600_000)
})

describe('a shipper that is used again', () => {
  it('takes what never came out of it, on paper, to no other shipment', async () => {
    const facts = createFacts()
    const at = Date.UTC(2026, 0, 5)
    const [shipper, first, second] = [
      '8003/09521234003014S1',
      '00/095212340000000013',
      '00/095212340000000020',
    ]
    const moves = [
      ['ADD', 0, shipper, '01/09521234001034/21/A'],
      ['ADD', 1, first, shipper],
      ['DELETE', 2, first, shipper],
      ['ADD', 3, shipper, '01/09521234001034/21/B'],
      ['ADD', 4, second, shipper],
    ] as const
    const events = moves.map(([action, hour, parent, child]) =>
      epcisEvent('AggregationEvent', at + hour * hourMs, {
        ...{ action, parentID: epcOf(parent!), childEPCs: [epcOf(child!)] },
      }),
    )
    const body = documentOf(...events)
    facts.take({ at, via: 'http', method: 'POST', path: '/epcis/capture', body })
    const { known, places } = facts
    const unitsOf = async (pallet: string) => {
      const from = { known, places, asOf: at + 9 * hourMs }
      const gathered = await gatherShipment(from, facts.idOf(epcOf(pallet)))
      return gathered!.groups
        .flatMap((group) => group.facts.epcs)
        .filter((epc) => epc.includes('/21/'))
    }
    expect(await unitsOf(first!)).toEqual([epcOf('01/09521234001034/21/A')])
    expect(await unitsOf(second!)).toEqual([epcOf('01/09521234001034/21/B')])
  })
})

const epcOf = (path: string): string => `https://id.gs1.org/${path}`

const byText = (a: object, b: object): number => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)

/** Sessions are named by keyed hashes there, and clues by them. */
function toldOf({ row, serials }: FoundCase) {
  const { serialSet: _, id: __, body, ...columns } = row
  const subject = columns.subject.replace(/^session.*/, 'a session')
  const evidence = body.evidence.map(({ rests, ...said }) => ({ ...said, rests: rests.length }))
  return { ...columns, subject, body: { ...body, evidence }, serials: [...serials].sort() }
}

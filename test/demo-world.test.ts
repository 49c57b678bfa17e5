import { expect, it } from 'vitest'
import { demoWorld } from '../simulators/demo-world.ts'

const minute = 60_000

// Any season and any hour: a demo is shown when it is shown.
const times = [
  Date.UTC(2026, 0, 15, 21),
  Date.UTC(2026, 3, 2, 3, 30),
  Date.UTC(2026, 6, 15, 9),
  Date.UTC(2026, 10, 22, 16),
]

it.each(times)('has every story, and excursions that come up live, at %d', (now) => {
  const world = demoWorld({ seed: 'demo', now })
  const afterMs = 5 * minute
  let history = 0
  let live = 0
  for (const action of world.actions) {
    if (action.at > now + afterMs) break
    if (action.kind !== 'readings') continue
    if (action.at < world.liveFrom) history++
    else live++
  }
  expect(world.devices).toHaveLength(12)
  expect(history).toBeGreaterThan(3000)
  // Every few seconds: the loggers on the way, a minute apart each.
  expect(live).toBeGreaterThan(6 * 65)
  const { breaches } = world.truth
  const past = breaches.filter((breach) => breach.to < world.liveFrom)
  const causes = new Set(past.map((breach) => breach.cause))
  for (const cause of ['door-left-open', 'freeze-packs', 'reefer-failure'] as const)
    expect(causes, cause).toContain(cause)
  expect(breaches.some((breach) => breach.cause === 'tarmac')).toBe(true)
  expect(past.some((breach) => breach.side === 'below' && breach.peakC < -0.5)).toBe(true)
  expect(past.some((breach) => breach.cases.length < 4)).toBe(true)
  // Half an hour old in the last hour or the next minutes: their alerts come while one watches.
  const fresh = breaches.filter(
    (breach) =>
      breach.from > now - 90 * minute && breach.from < now - 22 * minute && breach.to > now,
  )
  expect(fresh.map((breach) => breach.cause)).toContain('reefer-failure')
  expect(fresh.map((breach) => breach.cause)).toContain('door-left-open')
})

it('takes fewer devices, and more', () => {
  const now = times[0]!
  expect(demoWorld({ seed: 1, now, devices: 3 }).devices).toHaveLength(3)
  expect(demoWorld({ seed: 1, now, devices: 30 }).devices).toHaveLength(30)
})

it('tells names of all places, plans, no event twice, and a diversion, a theft and a recall', () => {
  const now = times[3]!
  const world = demoWorld({ seed: 1, now, convoys: true })
  const events = new Set<string>()
  const places = new Set<string>()
  const seen = new Set<string>()
  const plans = new Set<string>()
  const recalls: string[] = []
  const parties = new Set<string>()
  const holders = new Map<string, Set<string>>()
  let count = 0
  for (const action of world.actions) {
    if (action.at > now) break
    if (action.kind === 'place') places.add(action.sgln)
    if (action.kind === 'plan') plans.add(action.container)
    if (action.kind === 'party') parties.add(action.pgln)
    if (action.kind === 'recall') {
      expect(action.at).toBeGreaterThan(world.liveFrom)
      recalls.push(...action.body.criteria.allOf.flatMap(({ anyOf }) => anyOf))
    }
    if (action.kind !== 'capture') continue
    for (const event of action.events) {
      events.add(event.eventID)
      count++
      seen.add((event.readPoint as { id: string }).id)
      const to = (event.destinationList as { type: string; destination: string }[] | undefined)
        ?.filter(({ type }) => type === 'possessing_party')
        .map(({ destination }) => destination)
      const step = String(event.bizStep)
      holders.set(step, new Set([...(holders.get(step) ?? []), ...(to ?? [])]))
    }
  }
  expect(events.size).toBe(count)
  expect([...seen].filter((place) => !places.has(place))).toEqual([])
  // Everything shipped goes with a carrier of known name; who takes it over has it.
  expect([...holders.get('shipping')!].sort()).toEqual([...parties].sort())
  expect(holders.get('receiving')!.size).toBeGreaterThan(1)
  expect([...holders.get('receiving')!].filter((party) => parties.has(party))).toEqual([])
  const [convoys, diversion, theft] = world.before.map(({ shipments }) => shipments)
  for (const { pallet, from } of [...convoys!, ...diversion!, ...theft!])
    expect(plans.has(pallet) || from > now - minute, pallet).toBe(true)
  const { gtin, lot } = convoys![0]!
  expect(recalls).toEqual([gtin, lot])
  const [incident] = world.before[1]!.incidents
  expect(incident).toMatchObject({ incident: 'diversion' })
  expect(incident!.provenAt).toBeLessThan(now)
  const [live] = world.before[2]!.incidents
  expect(live).toMatchObject({ incident: 'theft' })
  // An hour before it is known for sure: what is missing is written down while somebody watches.
  const missedAt = live!.provenAt - 45 * minute
  expect(missedAt).toBeGreaterThan(world.liveFrom)
  expect(missedAt).toBeLessThan(now)
})

// Worlds of trade: the same seed the same bytes, what is said is what a server takes, and the truth
// is borne out by what is said.
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseEpcisDocument } from '../domain/epcis/parse.ts'
import { canonicalEpc, formatDigitalLink, parseGs1 } from '../domain/gs1/gs1.ts'
import { decodeReadings } from '../ingest/readings-json.ts'
import type { Incident, Truth, WireReading, WorldAction } from '../simulators/actions.ts'
import { keepIn } from '../simulators/keep.ts'
import { plotNames } from '../simulators/plots.ts'
import { distanceKm } from '../simulators/route.ts'
import { type Scenario, scenarios } from '../simulators/scenarios.ts'
import { createTradeWorld } from '../simulators/trade-world.ts'
import { emissionOf } from '../simulators/wire.ts'
import type { World } from '../simulators/world.ts'

const hour = 3_600_000
const startTime = Date.UTC(2026, 6, 1, 6)

interface Size {
  seed?: number
  devices?: number
  days?: number
}

interface Played {
  all: WorldAction[]
  truth: Truth
  endTime: number
}

function open(scenario: Scenario, { seed = 1, devices = 9, days = 6 }: Size = {}): World {
  const endTime = startTime + days * 24 * hour
  return createTradeWorld({ seed, devices, startTime, endTime, scenario })
}

/** By road only where nothing else is asked: sea takes weeks. */
function play(name: string, size: Size = {}): Played {
  const scenario = scenarios[name]!
  const world = open({ ...scenario, lanes: scenario.lanes.slice(0, 8) }, size)
  const all = [...world.actions]
  return { all, truth: world.truth, endTime: startTime + (size.days ?? 6) * 24 * hour }
}

const everything: Scenario = {
  ...scenarios.mixed!,
  plots: Object.fromEntries(plotNames.map((name) => [name, 0.06])),
}
const hashOf = ({ all, truth }: Played): string => {
  const hash = createHash('sha256')
  for (const action of all) hash.update(JSON.stringify(emissionOf(action)))
  return hash.update(JSON.stringify(truth)).digest('hex')
}
const mixed = (() => {
  const world = open(everything, { devices: 18, days: 12 })
  return { all: [...world.actions], truth: world.truth, endTime: startTime + 12 * 24 * hour }
})()

it('gives the same bytes for the same seed, and others for another', () => {
  const world = open(everything, { devices: 6, days: 3 })
  const again = open(everything, { devices: 6, days: 3 })
  const hash = hashOf({ all: [...world.actions], truth: world.truth, endTime: 0 })
  expect(hashOf({ all: [...again.actions], truth: again.truth, endTime: 0 })).toBe(hash)
  const other = open(everything, { devices: 6, days: 3, seed: 2 })
  expect(hashOf({ all: [...other.actions], truth: other.truth, endTime: 0 })).not.toBe(hash)
})

it('writes the same files for the same seed, a line for each thing said', () => {
  const folder = mkdtempSync(join(tmpdir(), 'isotherm-world-'))
  try {
    const files = ['a', 'b'].map((name) => {
      const world = keepIn(join(folder, name), open(everything, { days: 2 }), { seed: 1 })
      const count = [...world.actions].length
      const [said, known] = ['emissions', 'truth'].map((file) =>
        readFileSync(join(folder, name, `${file}.ndjson`), 'utf8'),
      ) as [string, string]
      expect(said.trimEnd().split('\n')).toHaveLength(count)
      return { said, known }
    })
    expect(files[0]).toEqual(files[1])
    const types = files[0]!.known
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).type)
    expect(types[0]).toBe('world')
    expect(new Set(types)).toContain('shipment')
  } finally {
    rmSync(folder, { recursive: true })
  }
})

it('says everything in order of arrival, within its time, and nothing before it happened', () => {
  const wrong: WorldAction[] = []
  let last = startTime
  for (const action of mixed.all) {
    if (action.at < last) wrong.push(action)
    last = action.at
    if (action.kind !== 'capture') continue
    const early = action.events.some(({ eventTime }) => Date.parse(eventTime) > action.at)
    if (early || action.events.length === 0) wrong.push(action)
  }
  expect(wrong).toEqual([])
  expect(last).toBeLessThanOrEqual(mixed.endTime)
})

it('says only what a server takes', () => {
  const known = new Set<string>()
  const refused: unknown[] = []
  const want = (ok: boolean, what: unknown): void => {
    if (!ok) refused.push(what)
  }
  for (const [n, action] of mixed.all.entries()) {
    if (action.kind === 'device') known.add(action.device)
    if (action.kind === 'place' || action.kind === 'plan') {
      const key = action.kind === 'place' ? action.sgln : action.container
      const read = canonicalEpc(key)
      want(read.ok && read.value === key, key)
    }
    if (action.kind === 'scans')
      for (const { text } of action.body.scans) want(parseGs1(text).ok, text)
    if (action.kind === 'readings') want(known.has(action.device), action.device)
    // Parsing all of them would take longer than making them.
    if (n % 7 !== 0) continue
    const { body } = emissionOf(action)
    if (action.kind === 'capture') want(parseEpcisDocument(body as object).ok, body)
    if (action.kind === 'readings') {
      const bytes = Buffer.from(JSON.stringify(body))
      want(decodeReadings(bytes, { recordTime: action.at }).refusals.length === 0, body)
    }
  }
  expect(refused).toEqual([])
})

type Told = ReturnType<typeof told>

/** What was said of each device and unit; whose clocks were set wrong, by an hour or more. */
function told({ all }: Pick<Played, 'all'>) {
  const clocksOff = new Set<string>()
  const readings = new Map<string, WireReading[]>()
  const inside = new Map<string, Set<string>>()
  const born = new Map<string, number>()
  const scans: { epc: string; time: number; place: string | undefined }[] = []
  for (const action of all) {
    if (action.kind === 'readings') {
      const list = readings.get(action.device) ?? []
      list.push(...action.readings)
      const last = action.readings[action.readings.length - 1]!
      if (action.readings.length === 1 && Math.abs(action.at - last.time) > hour)
        clocksOff.add(action.device)
      readings.set(action.device, list)
    }
    if (action.kind === 'scans')
      for (const { text, time } of action.body.scans) {
        const key = parseGs1(text)
        const epc = key.ok ? formatDigitalLink(key.value) : text
        scans.push({ epc, time: Date.parse(time), place: action.body.place })
      }
    if (action.kind !== 'capture') continue
    for (const event of action.events) {
      const epcs = (event.epcList ?? event.childEPCs ?? []) as string[]
      if (event.bizStep === 'commissioning')
        for (const epc of epcs) born.set(epc, Date.parse(event.eventTime))
      if (event.bizStep !== 'packing') continue
      const parent = String(event.parentID)
      inside.set(parent, new Set([...(inside.get(parent) ?? []), ...epcs]))
    }
  }
  return { readings, clocksOff, inside, born, scans }
}

describe('the truth', () => {
  const { readings, clocksOff, inside, born, scans } = told(mixed)
  const { incidents, shipments, oddities } = mixed.truth

  it('has incidents of every kind, and clean shipments', () => {
    const kinds = new Set<string>(incidents.map(({ incident }) => incident))
    expect([...kinds].filter((kind) => !plotNames.includes(kind as never))).toEqual([])
    expect(kinds.size).toBeGreaterThan(9)
    const clean = shipments.filter((one) => one.incidents.length === 0)
    expect(clean.length).toBeGreaterThan(10)
    const ids = incidents.map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
    expect(new Set(oddities.map(({ oddity }) => oddity)).size).toBeGreaterThan(1)
  })

  it('names only units that were commissioned before, and packed into the containers it names', () => {
    for (const { incident, serials, containers, from } of incidents) {
      if (incident === 'enumeration') continue
      const packed = new Set(containers.flatMap((one) => [...(inside.get(one) ?? [])]))
      const items = new Set([...packed].flatMap((one) => [one, ...(inside.get(one) ?? [])]))
      const strangers = serials.filter(
        (epc) => !((born.get(epc) ?? Number.POSITIVE_INFINITY) <= from && items.has(epc)),
      )
      expect(strangers, incident).toEqual([])
    }
  })

  it('says where it was: so do the loggers', () => {
    let checked = 0
    const onTheWay = ['theft', 'diversion', 'breakdown', 'silent-unpack', 'logger-left']
    for (const { incident, devices, from, to, lat, lon } of incidents) {
      if (!onTheWay.includes(incident)) continue
      for (const device of devices) {
        if (clocksOff.has(device)) continue
        const fixes = readings.get(device)!.filter((reading): reading is Fix => {
          const { time, accuracy = Number.POSITIVE_INFINITY } = reading
          return time >= from && time < to && accuracy > 0 && accuracy < 100
        })
        checked += fixes.length
        const off = fixes.filter((fix) => distanceKm(fix, { lat, lon }) > 0.2)
        expect(off, `${incident} ${device}`).toEqual([])
      }
    }
    expect(checked).toBeGreaterThan(20)
  })

  it('of copies on their way: they are looked at far off while the logger says where they are', () => {
    const copies = incidents.filter(({ incident }) => incident === 'clone-on-the-way')
    for (const { serials, from, to, provenAt } of copies) {
      if (provenAt > mixed.endTime) continue
      const seen = scans.filter(
        ({ epc, time }) => serials.includes(epc) && time >= from && time <= to,
      )
      expect(seen.length).toBeGreaterThanOrEqual(serials.length)
    }
    expect(copies.length).toBeGreaterThan(0)
  })

  it('is about its own time: incidents begin within the world, shipments end after they began', () => {
    for (const { from, to, provenAt } of incidents) {
      expect(from).toBeGreaterThanOrEqual(startTime)
      expect(from).toBeLessThanOrEqual(mixed.endTime)
      expect(to).toBeGreaterThanOrEqual(from)
      expect(provenAt).toBeGreaterThanOrEqual(Math.min(to, provenAt))
    }
    for (const { from, to } of shipments) expect(to).toBeGreaterThan(from)
  })
})

type Fix = WireReading & { lat: number; lon: number }

const signsOf: Record<string, (incident: Incident, played: Told & Played) => number> = {
  theft: ({ devices, from, to }, played) => litReadings(played, { device: devices[0]!, from, to }),
  diversion: ({ serials }, { scans }) => scans.filter(({ epc }) => serials.includes(epc)).length,
  clone: ({ serials }, { scans }) => scans.filter(({ epc }) => serials.includes(epc)).length,
}

const litReadings = (
  { readings }: Told,
  { device, from, to }: { device: string; from: number; to: number },
): number =>
  readings.get(device)!.filter(({ time, light = 0 }) => time >= from && time < to && light > 0)
    .length

it.each(Object.keys(signsOf))('leaves the signs of %s in what is said', (name) => {
  const made = play(name, { seed: 3, days: 8 })
  const played = { ...made, ...told(made) }
  const proven = played.truth.incidents.filter(({ provenAt }) => provenAt <= played.endTime)
  expect(proven.length).toBeGreaterThan(1)
  for (const incident of proven)
    expect(signsOf[name]!(incident, played), incident.id).toBeGreaterThan(1)
})

it('makes what it is asked for: ten thousand loggers with a million serials begin at once', () => {
  const world = open(scenarios.fleet!, { devices: 10_000, days: 30 })
  const spoke = new Set<string>()
  const serials = new Set<unknown>()
  let count = 0
  for (const action of world.actions) {
    if (++count > 4000) break
    if (action.kind === 'device') spoke.add(action.device)
    if (action.kind !== 'capture') continue
    for (const { bizStep, epcList } of action.events)
      if (bizStep === 'commissioning') for (const epc of epcList as string[]) serials.add(epc)
  }
  expect(world.devices).toHaveLength(10_000)
  expect(spoke.size).toBeGreaterThan(200)
  // A pallet with its four cases and hundred items each, none of them twice.
  expect(serials.size % 105).toBe(0)
  expect(serials.size).toBeGreaterThan(10_000)
})

import { createHash } from 'node:crypto'
import { expect, it } from 'vitest'
import { parseEpcisDocument } from '../domain/epcis/parse.ts'
import { canonicalEpc } from '../domain/gs1/gs1.ts'
import { parseProfile } from '../domain/profile/parse.ts'
import { decodeReadings } from '../ingest/readings-json.ts'
import type { WireReading, WorldAction } from '../simulators/actions.ts'
import { documentOf } from '../simulators/events.ts'
import { batchMax } from '../simulators/logger.ts'
import { payloadOf } from '../simulators/voice.ts'
import { createWorld, type World, type WorldOptions } from '../simulators/world.ts'

const hour = 3_600_000
const startTime = Date.UTC(2026, 6, 1, 6)
const options = (more: Partial<WorldOptions> = {}): WorldOptions => ({
  seed: 11,
  devices: 40,
  startTime,
  endTime: startTime + 48 * hour,
  ...more,
})

interface Played extends World {
  all: WorldAction[]
}
function play(more: Partial<WorldOptions> = {}): Played {
  const world = createWorld(options(more))
  return { ...world, all: [...world.actions] }
}
const shared = play()
const hash = (played: Played): string =>
  createHash('sha256')
    .update(JSON.stringify([played.all, played.truth]))
    .digest('hex')
type Capture = Extract<WorldAction, { kind: 'capture' }>
const capturesOf = (played: Played) => played.all.filter((a): a is Capture => a.kind === 'capture')
const readingsOf = (played: Played, device: string) =>
  played.all.flatMap((a) => (a.kind === 'readings' && a.device === device ? [...a.readings] : []))
const textList = (value: unknown): string[] => (Array.isArray(value) ? value : [])

it('gives the same bytes for the same seed, and other bytes for another', () => {
  expect(hash(play({ devices: 6 }))).toBe(hash(play({ devices: 6 })))
  expect(hash(play({ devices: 6 }))).not.toBe(hash(play({ devices: 6, seed: 12 })))
})

it('changes nothing for the others when a device is added', () => {
  const more = play({ devices: 41 })
  for (const { id } of shared.devices) {
    const of = (played: Played) => played.all.filter((a) => 'device' in a && a.device === id)
    expect(JSON.stringify(of(more))).toBe(JSON.stringify(of(shared)))
  }
})

it('tells things in order, and never before they happened', () => {
  let last = 0
  for (const action of shared.all) {
    expect(action.at).toBeGreaterThanOrEqual(last)
    last = action.at
    if (action.kind === 'readings')
      for (const reading of action.readings)
        expect(action.at - reading.time).toBeGreaterThanOrEqual(0)
    if (action.kind === 'capture')
      for (const event of action.events)
        expect(action.at).toBeGreaterThanOrEqual(Date.parse(event.eventTime))
  }
  expect(last).toBeLessThanOrEqual(startTime + 48 * hour)
})

it('registers every product and device before anybody speaks of it', () => {
  const known = new Set<string>()
  for (const action of shared.all) {
    if (action.kind === 'product' || action.kind === 'device')
      known.add(action.kind === 'product' ? action.gtin : action.device)
    else expect('device' in action && known.has(action.device)).toBe(true)
  }
  expect(known.size).toBe(shared.products.length + shared.devices.length)
})

it('writes only keys with right check digits, in canonical form', () => {
  const keys = new Set<string>(shared.devices.map((device) => device.giai))
  for (const { events } of capturesOf(shared))
    for (const event of events) {
      for (const field of ['epcList', 'childEPCs'])
        for (const epc of textList(event[field])) keys.add(epc)
      if (typeof event.parentID === 'string') keys.add(event.parentID)
      for (const field of ['readPoint', 'bizLocation']) {
        const place = event[field]
        if (typeof place === 'object' && place && 'id' in place) keys.add(String(place.id))
      }
    }
  expect(keys.size).toBeGreaterThan(1000)
  for (const key of keys) expect(canonicalEpc(key), key).toEqual({ ok: true, value: key })
})

it('writes events with the fields their types require, each with its own id', () => {
  const ids = new Set<string>()
  let count = 0
  for (const { events } of capturesOf(shared))
    for (const event of events) {
      count++
      ids.add(event.eventID)
      expect(event.eventID).toMatch(
        /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
      )
      expect(event.eventTime).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
      expect(event.eventTimeZoneOffset).toBe('+00:00')
      expect(event.action).toMatch(/^(ADD|OBSERVE|DELETE)$/)
      if (event.type === 'ObjectEvent') expect(textList(event.epcList).length).toBeGreaterThan(0)
      else expect(typeof event.parentID).toBe('string')
    }
  expect(ids.size).toBe(count)
})

it('writes documents, profiles and readings that the rooms behind the wire accept whole', () => {
  for (const action of shared.all) {
    if (action.kind === 'product')
      expect(parseProfile(action.body.profile), action.body.name).toMatchObject({ ok: true })
    if (action.kind === 'capture')
      expect(parseEpcisDocument(documentOf(action.events, action.at))).toMatchObject({ ok: true })
    if (action.kind === 'readings') {
      const bytes = Buffer.from(payloadOf(action.readings))
      if (bytes[0] === 0x1f) continue
      const { refusals } = decodeReadings(bytes, { recordTime: action.at })
      expect(refusals).toEqual([])
    }
  }
})

it('commissions a serial once and never uses it for anything else', () => {
  const seen = new Set<string>()
  for (const { events } of capturesOf(shared))
    for (const event of events)
      if (event.bizStep === 'commissioning')
        for (const epc of textList(event.epcList)) {
          expect(seen.has(epc)).toBe(false)
          seen.add(epc)
        }
  for (const breach of shared.truth.breaches)
    for (const epc of [...breach.serials, ...breach.cases]) expect(seen.has(epc)).toBe(true)
})

it('names as truth exactly the units that the events put inside during the breach', () => {
  expect(shared.truth.breaches.length).toBeGreaterThan(10)
  const moves = capturesOf(shared)
    .flatMap((capture) => [...capture.events])
    .filter((event) => event.type === 'AggregationEvent')
    .map((event) => ({
      action: event.action,
      parentID: event.parentID,
      childEPCs: event.childEPCs,
      time: Date.parse(event.eventTime),
    }))
    .sort((a, b) => a.time - b.time)
  const childrenDuring = (parent: string, from: number, to: number): string[] => {
    const inside = new Map<string, number>()
    const hit: string[] = []
    const leave = (child: string, time: number) => {
      const since = inside.get(child)
      inside.delete(child)
      if (since !== undefined && since < to && time > from) hit.push(child)
    }
    for (const move of moves) {
      if (move.parentID !== parent) continue
      const children = textList(move.childEPCs)
      if (move.action === 'ADD') for (const child of children) inside.set(child, move.time)
      else
        for (const child of children.length ? children : [...inside.keys()]) leave(child, move.time)
    }
    for (const child of [...inside.keys()]) leave(child, Number.POSITIVE_INFINITY)
    return hit
  }
  let partial = 0
  for (const breach of shared.truth.breaches) {
    const cases = childrenDuring(breach.container, breach.from, breach.to)
    const items = cases.flatMap((each) => childrenDuring(each, breach.from, breach.to))
    expect([...breach.cases].sort()).toEqual(cases.sort())
    expect([...breach.serials].sort()).toEqual(items.sort())
    if (cases.length < 4) partial++
  }
  expect(partial, 'breaches after a case was taken off').toBeGreaterThan(0)
})

it('measures what is true: readings lie beyond the limit during a breach and only then', () => {
  const margin = 0.3 + 0.5
  const ranges = new Map(shared.products.map((product) => [product.gtin, product.rangeC]))
  let beyond = 0
  for (const breach of shared.truth.breaches) {
    const range = ranges.get(breach.gtin)!
    for (const reading of readingsOf(shared, breach.device)) {
      if (reading.time < breach.from || reading.time >= breach.to) continue
      beyond++
      if (breach.side === 'above') expect(reading.temperature).toBeGreaterThan(range.max - margin)
      else expect(reading.temperature).toBeLessThan(range.min + margin)
    }
  }
  expect(beyond).toBeGreaterThan(100)
  // The other way round, for devices that carried nothing but 2-8 °C goods.
  for (const { id } of shared.devices) {
    const breaches = shared.truth.breaches.filter((breach) => breach.device === id)
    const carried = new Set(
      capturesOf(shared)
        .filter((capture) => capture.device === id)
        .flatMap((capture) => capture.events.flatMap((event) => textList(event.epcList)))
        .flatMap((epc) => /\/01\/(0\d{13})\//.exec(epc)?.[1] ?? []),
    )
    if ([...carried].some((gtin) => ranges.get(gtin)?.max !== 8)) continue
    for (const reading of readingsOf(shared, id)) {
      if (reading.temperature <= 8 + margin && reading.temperature >= 2 - margin) continue
      const covered = breaches.some((b) => reading.time >= b.from && reading.time < b.to)
      expect(covered, `${id} at ${reading.time}: ${reading.temperature}`).toBe(true)
    }
  }
})

it('keeps silence, comes back with batches and says things twice where it is planted', () => {
  const counts = { silent: 0, offline: 0, duplicate: 0 }
  for (const fault of shared.truth.faults) {
    if (fault.to > startTime + 47 * hour || fault.to <= fault.from) continue
    const said = shared.all.filter((a) => a.kind === 'readings' && a.device === fault.device)
    const readings: WireReading[] = readingsOf(shared, fault.device)
    const within = (time: number) => time >= fault.from && time < fault.to
    if (fault.kind === 'silent') {
      expect(readings.filter((reading) => within(reading.time))).toEqual([])
      counts.silent++
    } else if (fault.kind === 'offline') {
      const lost = readings.filter((reading) => within(reading.time))
      expect(said.filter((a) => within(a.at - 2000) && within(a.at))).toEqual([])
      expect(lost.length).toBeGreaterThan(0)
      counts.offline++
    } else if (fault.kind === 'duplicate') {
      const times = readings.map((reading) => reading.time)
      expect(new Set(times).size).toBeLessThan(times.length)
      counts.duplicate++
    }
  }
  for (const count of Object.values(counts)) expect(count).toBeGreaterThan(0)
  for (const action of shared.all)
    if (action.kind === 'readings') expect(action.readings.length).toBeLessThanOrEqual(batchMax)
})

it('quantises to tenths and numbers the readings of a device', () => {
  const seen = new Map<number, WireReading>()
  for (const reading of readingsOf(shared, shared.devices[0]!.id)) {
    expect(Math.round(reading.temperature * 10) / 10).toBe(reading.temperature)
    const same = seen.get(reading.seq)
    if (same) expect(reading).toEqual(same)
    seen.set(reading.seq, reading)
  }
  expect(seen.size).toBeGreaterThan(100)
})

it('refuses options out of range by name', () => {
  expect(() => createWorld(options({ devices: 0 }))).toThrow(/devices is 0/)
  expect(() => createWorld(options({ devices: 10_001 }))).toThrow(/devices/)
  expect(() => createWorld(options({ run: 1000 }))).toThrow(/run is 1000/)
})

it('closes a breach that still lasts when the world ends', () => {
  const chosen = createWorld({
    ...options({ devices: 1 }),
    endTime: startTime + 9 * hour,
    choose: () => ({
      lane: 'strait',
      product: shared.products[0]!,
      startAt: startTime,
      faults: [{ kind: 'reefer-failure', afterHours: 2, forHours: 20 }],
    }),
  })
  for (const action of chosen.actions) expect(action.at).toBeLessThanOrEqual(startTime + 9 * hour)
  expect(chosen.truth.breaches).toHaveLength(1)
  expect(chosen.truth.breaches[0]!.cause).toBe('reefer-failure')
})

it('makes hours of a thousand devices, and prints what it cost', () => {
  const before = process.cpuUsage()
  let readings = 0
  const world = createWorld({ ...options(), devices: 1000, endTime: startTime + 4 * hour })
  for (const action of world.actions)
    if (action.kind === 'readings') readings += action.readings.length
  const seconds = process.cpuUsage(before).user / 1e6
  console.log(`1000 devices, 4 h: ${readings} readings in ${seconds.toFixed(1)} s of CPU`)
  expect(readings).toBeGreaterThan(20_000)
})

// What happens in a warehouse of very many serial numbers, as documents that a server captures: lots
// are commissioned, packed by a hundred into containers and these by a thousand onto pallets, and
// every container is shipped. The same in every run, and any serial can be told without the others.
import {
  commissioned,
  documentOf,
  type EventJson,
  packed,
  shipped,
} from '../../simulators/events.ts'
import { gtin, sgln, sgtin, sscc } from '../../simulators/keys.ts'
import { createRandom } from '../../simulators/random.ts'

export const perContainer = 100
export const perPallet = 100_000
export const perLot = 100_000
const perCommissioning = 1000

export const item = gtin(0, 2)
const since = Date.UTC(2026, 0, 1)
const sites = 50

/** The n-th serial, with nothing in it that a neighbour has: what pools at random give. */
export const unitOf = (n: number): string => sgtin(item, digits(mixed(n)) + digits(mixed(~n)))
export const containerOf = (n: number): string => sscc(2, n)
export const palletOf = (n: number): string => sscc(3, n)
export const lotOf = (n: number): string => `L${n}`

export type Step = 'commission' | 'pack' | 'ship'

/** The documents of one step; `named` is the number of its children or, of shipments, of events. */
export function* documentsOf(
  step: Step,
  serials: number,
): Generator<{ body: Uint8Array; events: number; named: number }> {
  const [eventsOf, count, each] = {
    commission: [commissionings, 20, perCommissioning],
    pack: [packings, 200, perContainer],
    ship: [shipments, 2000, 1],
  }[step] as [(serials: number) => Generator<EventJson>, number, number]
  let events: EventJson[] = []
  const document = () => {
    const body = Buffer.from(JSON.stringify(documentOf(events, since)))
    const found = { body, events: events.length, named: events.length * each }
    events = []
    return found
  }
  for (const event of eventsOf(serials)) {
    events.push(event)
    if (events.length === count) yield document()
  }
  if (events.length > 0) yield document()
}

function* commissionings(serials: number): Generator<EventJson> {
  for (let first = 0; first < serials; first += perCommissioning) {
    const lot = Math.floor(first / perLot)
    yield commissioned(at(lot, first, 'commissioned'), unitsFrom(first, perCommissioning), {
      ...{ lot: lotOf(lot), expiry: `2028-${String(1 + (lot % 12)).padStart(2, '0')}-28` },
    })
  }
}

function* packings(serials: number): Generator<EventJson> {
  for (let n = 0; n * perContainer < serials; n++)
    yield packed(at(1000, n, 'packed'), containerOf(n), unitsFrom(n * perContainer, perContainer))
}

/** What is put onto pallets, apart: a few large events. */
export function palletDocuments(serials: number): Uint8Array[] {
  const each = perPallet / perContainer
  return Array.from({ length: Math.ceil(serials / perPallet) }, (_, n) => {
    const containers = Array.from({ length: each }, (_, i) => containerOf(n * each + i))
    const event = packed(at(2000, n, 'loaded'), palletOf(n), containers)
    return Buffer.from(JSON.stringify(documentOf([event], since)))
  })
}

function* shipments(serials: number): Generator<EventJson> {
  for (let n = 0; n * perContainer < serials; n++)
    yield shipped(at(3000, n, 'shipped'), [containerOf(n)], {
      ...{ from: sgln(n % sites), to: sgln(100 + (n % 500)) },
      despatchAdvice: `urn:epcglobal:cbv:bt:9521234000006:DA${n}`,
    })
}

const unitsFrom = (first: number, count: number): string[] =>
  Array.from({ length: count }, (_, i) => unitOf(first + i))

const at = (minute: number, n: number, what: string) => ({
  time: since + minute * 60_000 + n,
  place: sgln(n % sites),
  random: createRandom(`${what} ${n}`),
})

/** Seven digits of base 36 hold 32 bits. */
const digits = (value: number): string => value.toString(36).padStart(7, '0')

/** Bijective on 32 bits (the finish of MurmurHash3): no serial comes twice. */
function mixed(value: number): number {
  let h = value
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}

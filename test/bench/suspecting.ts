// W: looking for diversion. How many fixes and scans a second all detectors take together, what a
// shipment holds in memory while it is looked at (between looks nothing is held), and how fast worlds
// are played.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { detectShipment } from '../../analytics/cases/detectors.ts'
import { type Gathered, gatherShipment } from '../../analytics/cases/gather.ts'
import { spotOfGeohash } from '../../domain/earth.ts'
import type { Sighting } from '../../domain/suspicion.ts'
import { openWorld, playWorld } from '../evaluate/diversion-worlds.ts'
import { createFacts } from '../evaluate/facts.ts'

export interface SuspectingFigures {
  /** Of all shipments of a world of ten days: by themselves, and among all other clues. */
  fixes: number
  fixesPerSecond: number
  cluesPerSecond: number
  scansPerSecond: number
  shipments: number
  bytesPerShipment: number
  /** Beside their loggers' clues. */
  bytesPerUnit: number
  /** How many times as fast as it happens a world of nine loggers is played and looked at. */
  worldSpeed: number
}

const hourMs = 3_600_000
const seed = 42
const passes = 5

export async function measureSuspecting(): Promise<SuspectingFigures> {
  const begun = process.cpuUsage()
  const { startTime, endTime } = await playWorld({ seed })
  const worldSpeed = (endTime - startTime) / 1000 / cpuSecondsSince(begun)
  const before = heapUsed()
  const all = await gatherAll()
  const bytes = heapUsed() - before
  const bare = all.map(({ groups }) => groups)
  const units = bare.flat().reduce((sum, { facts }) => sum + facts.epcs.length, 0)
  for (const each of all) each.clues = []
  const unitBytes = heapUsed() - before
  const again = await gatherAll()
  const clues = again.flatMap((each) => each.clues)
  const fixes = clues.filter(({ kind }) => kind === 'fix').length
  const detectAll = (gathered: readonly Gathered[]) => () => {
    for (const each of gathered) detectShipment(each)
  }
  const seconds = fastest(detectAll(again))
  const fixSeconds = fastest(detectAll(again.map(onlyFixes)))
  const scanned = withScans(again[0]!, scansOfUnit)
  const scans = scanned.clues.length
  const scanSeconds = fastest(() => detectShipment(scanned))
  return {
    ...{ fixes, fixesPerSecond: fixes / fixSeconds, cluesPerSecond: clues.length / seconds },
    ...{ scansPerSecond: scans / scanSeconds, shipments: all.length, worldSpeed },
    ...{ bytesPerShipment: bytes / all.length, bytesPerUnit: unitBytes / units },
  }
}

/** All shipments of the world as they are at its end. */
async function gatherAll(): Promise<Gathered[]> {
  const { turns, truth, endTime: asOf } = openWorld({ seed })
  const facts = createFacts()
  for (const turn of turns()) if ('said' in turn) facts.take(turn.said)
  const { known, places } = facts
  const all: Gathered[] = []
  for (const { pallet } of truth.shipments) {
    const gathered = await gatherShipment({ known, places, asOf }, facts.idOf(pallet))
    if (gathered) all.push(gathered)
  }
  return all
}

const onlyFixes = ({ shipment, clues }: Gathered): Gathered => ({
  ...{ shipment, groups: [], clues: clues.filter(({ kind }) => kind === 'fix') },
})

const scansOfUnit = 20

/** The same shipment with its units looked at in a market by many people, and no loggers. */
function withScans({ shipment, groups }: Gathered, times: number): Gathered {
  const spot = spotOfGeohash('u33d')!
  const sightingsOf = (epc: string): Sighting[] =>
    Array.from({ length: times }, (_, n) => {
      const at = shipment.asOf + n * 20 * hourMs
      return {
        ...{ kind: 'sighting', id: `${epc} ${n}`, epc, session: `${n}`, times: 1, spots: [spot] },
        ...{ time: at, lastTime: at, heardAt: at, lastHeardAt: at, country: 'DE' },
      }
    })
  const scanned = groups.map((group) => {
    const items = group.facts.epcs.filter((epc) => epc.includes('/21/'))
    return { ...group, sightings: new Map(items.map((epc) => [epc, sightingsOf(epc)])) }
  })
  const clues = scanned.flatMap(({ sightings }) => [...sightings.values()].flat())
  return { shipment: { ...shipment, loggers: [] }, groups: scanned, clues }
}

/** Processor time of the fastest pass, seconds. */
function fastest(work: () => void): number {
  let least = Infinity
  for (let pass = 0; pass < passes; pass++) {
    const begun = process.cpuUsage()
    work()
    least = Math.min(least, cpuSecondsSince(begun))
  }
  return least
}

function cpuSecondsSince(begun: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(begun)
  return (user + system) / 1e6
}

function heapUsed(): number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  return process.memoryUsage().heapUsed
}

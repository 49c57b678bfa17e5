// What one world says about the detectors: which cases and findings were right, which incidents were
// found and when. docs/evaluation.md defines each word; what follows for all worlds is for
// diversion-figures.ts.
import { type CaseKind, type Family, weigh } from '../../domain/case.ts'
import type { DetectorName, Finding } from '../../domain/suspicion.ts'
import type { Incident, Truth } from '../../simulators/actions.ts'
import type { FoundCase, FoundFinding, Played } from './diversion-worlds.ts'

/** Incidents by the kinds of cases that name them rightly. Breakdowns and late papers are none. */
export const kindsOf: Readonly<Record<string, readonly CaseKind[]>> = {
  theft: ['theft'],
  diversion: ['diversion'],
  'off-market': ['off-market', 'diversion'],
  clone: ['clone'],
  'clone-on-the-way': ['clone'],
  relabelled: ['clone'],
  'sold-though-destroyed': ['clone'],
  enumeration: ['enumeration'],
  'return-fraud': ['return-fraud'],
  'silent-unpack': ['silent-unpack'],
  'logger-left': ['logger-divorce'],
  'logger-swapped': ['logger-divorce'],
  'logger-shielded': ['logger-divorce'],
}

/** Hours after the incident began, and after it could be proven. */
export interface Delay {
  fromBegin: number
  fromProof: number
}

export interface WorldTally {
  seed: number
  shipmentDays: number
  deviceMonths: number
  shipments: number
  /** To how many of them something of a family happened. */
  struck: Partial<Record<Family, number>>
  /** `right`: it names what happened; `real`: something bad did happen to its goods. */
  cases: { kind: CaseKind; right: boolean; real: boolean }[]
  /** Those that could be proven in time; found: by a case of its kind. */
  incidents: { incident: string; found: boolean; delay?: Delay }[]
  detectors: Partial<Record<DetectorName, DetectorTally>>
  /** What all findings of a subject weighed at the end, and whether something bad had happened. */
  weighed: { family: Family; logOdds: number; opens: boolean; real: boolean }[]
}

export interface DetectorTally {
  findings: number
  right: number
  /** Incidents that name it, could be proven in time, and those it found. */
  due: number
  found: number
  delays: Delay[]
}

const hourMs = 3_600_000
const dayMs = 24 * hourMs

export function tallyOf(world: Played): WorldTally {
  const { seed, truth, endTime, devices } = world
  const told = (from: number, to: number): number => Math.max(0, Math.min(to, endTime) - from)
  const days = truth.shipments.map(({ from, to }) => told(from, to) / dayMs)
  const meets = meetingOf(truth)
  const due = truth.incidents.filter(({ provenAt }) => provenAt <= endTime)
  return {
    ...{ seed, shipmentDays: days.reduce((sum, each) => sum + each, 0) },
    ...{ shipments: truth.shipments.length, struck: struckOf(truth) },
    deviceMonths: (devices * (endTime - world.startTime)) / (30 * dayMs),
    cases: world.cases.map((one) => {
      const met = truth.incidents.filter((incident) => meets.case(incident, one))
      const kind = one.row.kind as CaseKind
      const named = met.some(({ incident }) => kindsOf[incident]?.includes(kind))
      return { kind, right: named, real: met.some(isBad) }
    }),
    incidents: due.filter(isBad).map((incident) => {
      const kinds: readonly string[] = kindsOf[incident.incident]!
      const hits = world.cases.filter(
        (one) => kinds.includes(one.row.kind) && meets.case(incident, one),
      )
      const delay = delayOf(
        incident,
        hits.map(({ row }) => row.openedAt),
      )
      return { incident: incident.incident, found: hits.length > 0, ...(delay && { delay }) }
    }),
    detectors: detectorsOf(world.findings, { truth, due, meets: meets.finding }),
    weighed: weighedOf(world.findings, { truth, meets: meets.finding }),
  }
}

const isBad = ({ incident }: Incident): boolean => incident in kindsOf

function struckOf({ incidents }: Truth): WorldTally['struck'] {
  const struck: WorldTally['struck'] = {}
  for (const { incident, containers } of incidents) {
    const [kind] = kindsOf[incident] ?? []
    if (kind === undefined) continue
    const family = familyOf[kind] ?? 'goods'
    struck[family] = (struck[family] ?? 0) + Math.max(1, containers.length)
  }
  return struck
}

const familyOf: Partial<Record<CaseKind, Family>> = {
  ...{ clone: 'identity', 'return-fraud': 'returns', enumeration: 'client' },
}

function delayOf({ from, provenAt }: Incident, times: readonly number[]): Delay | undefined {
  if (times.length === 0) return undefined
  const first = Math.min(...times)
  return { fromBegin: (first - from) / hourMs, fromProof: (first - provenAt) / hourMs }
}

interface Against {
  truth: Truth
  meets: (incident: Incident, found: FoundFinding) => boolean
}

function detectorsOf(
  all: readonly FoundFinding[],
  { truth, due, meets }: Against & { due: readonly Incident[] },
): WorldTally['detectors'] {
  const tallies: WorldTally['detectors'] = {}
  const tallyFor = (name: DetectorName): DetectorTally => {
    const own = tallies[name] ?? { findings: 0, right: 0, due: 0, found: 0, delays: [] }
    tallies[name] = own
    return own
  }
  for (const one of all) {
    const own = tallyFor(one.finding.detector)
    own.findings++
    if (truth.incidents.some((incident) => meets(incident, one))) own.right++
  }
  for (const incident of due)
    for (const name of incident.signals) {
      const own = tallyFor(name)
      const hits = all.filter((one) => one.finding.detector === name && meets(incident, one))
      const delay = delayOf(
        incident,
        hits.map(({ foundAt }) => foundAt),
      )
      own.due++
      if (!delay) continue
      own.found++
      own.delays.push(delay)
    }
  return tallies
}

function weighedOf(all: readonly FoundFinding[], { truth, meets }: Against): WorldTally['weighed'] {
  const bad = truth.incidents.filter(isBad)
  return [...Map.groupBy(all, ({ subject }) => subject).values()].flatMap((own) =>
    weigh(
      own.map(({ finding }) => finding),
      {},
    ).map(({ family, logOdds, opens, evidence }) => {
      const said = new Set<Finding>(evidence.map(({ finding }) => finding))
      const real = bad.some((incident) =>
        own.some((one) => said.has(one.finding) && meets(incident, one)),
      )
      return { family, logOdds, opens, real }
    }),
  )
}

/** Before an incident begins, clocks may be so far off; after its proof, so long may it be told. */
const earlyMs = 2 * hourMs
const lateMs = 3 * dayMs

/** Whether a case or a finding is about an incident. */
function meetingOf(truth: Truth): {
  case: (incident: Incident, one: FoundCase) => boolean
  finding: (incident: Incident, one: FoundFinding) => boolean
} {
  const abouts = new Map(truth.incidents.map((incident) => [incident, aboutOf(incident, truth)]))
  return {
    case: (incident, { row, serials }) => {
      const about = abouts.get(incident)!
      if (incident.incident === 'enumeration')
        return row.kind === 'enumeration' && overlaps(incident, row) && about.probed([...serials])
      return (
        row.to >= incident.from - earlyMs && (about.on(row.subject) || about.names([...serials]))
      )
    },
    finding: (incident, { subject, finding }) => {
      const about = abouts.get(incident)!
      const { serials, device, container = '' } = finding
      const named = serials === 'inside' ? [] : serials
      if (incident.incident === 'enumeration')
        return overlaps(incident, finding) && about.probed(named)
      if (finding.to < incident.from - earlyMs) return false
      if (about.names(named)) return true
      const at = about.on(subject) || about.on(container) || about.carries(device)
      return at && finding.from <= Math.max(incident.to, incident.provenAt) + lateMs
    },
  }
}

const overlaps = (a: { from: number; to: number }, b: { from: number; to: number }): boolean =>
  a.from <= b.to + earlyMs && b.from <= a.to + earlyMs

/** What happens to a vehicle happens to all that is in it. */
const ofVehicles: ReadonlySet<string> = new Set(['theft', 'diversion', 'breakdown'])

function aboutOf(incident: Incident, { shipments }: Truth) {
  const serials = new Set(incident.serials)
  const own = shipments.filter(({ pallet }) => incident.containers.includes(pallet))
  const aboard = ofVehicles.has(incident.incident)
    ? shipments.filter((each) => own.some((o) => o.lane === each.lane && o.from === each.from))
    : own
  const containers = new Set([
    ...incident.containers,
    ...aboard.flatMap(({ pallet, container }) => [pallet, container]),
  ])
  const devices = new Set([...incident.devices, ...aboard.map(({ device }) => device)])
  return {
    on: (container: string) => containers.has(container),
    carries: (device: string | undefined) => device !== undefined && devices.has(device),
    names: (epcs: readonly string[]) => epcs.some((epc) => serials.has(epc)),
    probed: (epcs: readonly string[]) => epcs.some((epc) => epc.startsWith(incident.serials[0]!)),
  }
}

// How well cases are found in simulated worlds: precision and recall of each kind of case and each
// detector with Wilson's intervals, time to detect, false alarms. Prints JSON or a table.
import { type CaseKind, caseKinds } from '../../domain/case.ts'
import { type DetectorName, detectorNames, type Finding } from '../../domain/suspicion.ts'
import type { Incident } from '../../simulators/actions.ts'
import { type FoundCase, type Played, playWorld } from './diversion-worlds.ts'

/** Incidents by the kinds of cases that name them rightly. Breakdowns and late papers are none. */
const kindsOf: Readonly<Record<string, readonly CaseKind[]>> = {
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

export interface Share {
  of: number
  value: number | null
  /** Wilson, 95 %. */
  low: number
  high: number
}

export interface Figures {
  cases: Record<
    CaseKind,
    { precision: Share; recall: Share; hoursToDetect: number | null; falseCases: number }
  >
  detectors: Record<DetectorName, { precision: Share; recall: Share }>
  incidents: Record<string, Share>
  worlds: number
  shipmentDays: number
  falseCasesPer10000ShipmentDays: number
  falseAlarmsPerDeviceMonth: number
}

const dayMs = 86_400_000

export function figuresOf(worlds: readonly Played[]): Figures {
  const found = worlds.flatMap((world) => world.cases.map((one) => ({ one, world })))
  const provable = worlds.flatMap((world) =>
    world.truth.incidents
      .filter(({ provenAt }) => provenAt <= world.endTime)
      .map((incident) => ({ incident, world })),
  )
  const shipmentDays =
    worlds.reduce(
      (sum, { truth, endTime }) =>
        sum + truth.shipments.reduce((ms, { from, to }) => ms + Math.min(to, endTime) - from, 0),
      0,
    ) / dayMs
  const isTrue = ({ one, world }: (typeof found)[number]): boolean =>
    world.truth.incidents.some((incident) => touches(incident, one))
  const falseCases = found.filter((each) => !isTrue(each))
  const cases = Object.fromEntries(
    caseKinds.map((kind) => {
      const own = found.filter(({ one }) => one.row.kind === kind)
      const right = own.filter(({ one, world }) =>
        world.truth.incidents.some(
          (incident) => touches(incident, one) && kindsOf[incident.incident]?.includes(kind),
        ),
      )
      const due = provable.filter(({ incident }) => kindsOf[incident.incident]?.[0] === kind)
      const hits = due.flatMap(({ incident, world }) => hitOf(incident, world))
      const hours = hits.map(({ hours }) => hours).sort((a, b) => a - b)
      return [
        kind,
        {
          precision: shareOf(right.length, own.length),
          recall: shareOf(hits.length, due.length),
          hoursToDetect: hours[Math.floor(hours.length / 2)] ?? null,
          falseCases: falseCases.filter(({ one }) => one.row.kind === kind).length,
        },
      ]
    }),
  ) as Figures['cases']
  const names = [...new Set(provable.map(({ incident }) => incident.incident))].sort()
  const deviceMonths = worlds.reduce((sum, { devices }) => sum + devices, 0) * (10 / 30)
  return {
    cases,
    detectors: detectorFigures(worlds),
    incidents: Object.fromEntries(
      names.map((name) => {
        const own = provable.filter(({ incident }) => incident.incident === name)
        const hits = own.filter(({ incident, world }) =>
          world.cases.some((one) => touches(incident, one)),
        )
        return [name, shareOf(hits.length, own.length)]
      }),
    ),
    ...{ worlds: worlds.length, shipmentDays: Math.round(shipmentDays) },
    falseCasesPer10000ShipmentDays: round((falseCases.length / shipmentDays) * 10_000),
    falseAlarmsPerDeviceMonth: round(falseCases.length / deviceMonths),
  }
}

function detectorFigures(worlds: readonly Played[]): Figures['detectors'] {
  const figures = detectorNames.map((name) => {
    let [right, said, hit, due] = [0, 0, 0, 0]
    for (const { truth, findings: heard, endTime } of worlds) {
      const findings = heard.map(({ finding, subject }) => ({ ...finding, subject }))
      const own = findings.filter(({ detector }) => detector === name)
      said += own.length
      right += own.filter((finding) =>
        truth.incidents.some((incident) => concerns(incident, finding)),
      ).length
      for (const incident of truth.incidents) {
        const asked = (incident.signals as readonly string[]).includes(name)
        if (!asked || incident.provenAt > endTime) continue
        due++
        if (own.some((finding) => concerns(incident, finding))) hit++
      }
    }
    return [name, { precision: shareOf(right, said), recall: shareOf(hit, due) }]
  })
  return Object.fromEntries(figures) as Figures['detectors']
}

const touches = (incident: Incident, { row, serials: own }: FoundCase): boolean => {
  // Numbers that nobody made belong to no shipment: there the time tells.
  if (incident.incident === 'enumeration')
    return row.kind === 'enumeration' && row.from <= incident.to && row.to >= incident.from
  const { serials, containers } = incident
  return containers.includes(row.subject) || serials.some((serial) => own.has(serial))
}

const concerns = (incident: Incident, finding: Finding & { subject: string }): boolean => {
  const { serials, containers } = incident
  if (incident.incident === 'enumeration')
    return finding.from <= incident.to && finding.to >= incident.from
  return (
    containers.includes(finding.subject) ||
    (finding.serials !== 'inside' && finding.serials.some((serial) => serials.includes(serial)))
  )
}

function hitOf(incident: Incident, world: Played): { hours: number }[] {
  const kinds = kindsOf[incident.incident] ?? []
  const hits = world.cases.filter(
    (one) => touches(incident, one) && kinds.includes(one.row.kind as CaseKind),
  )
  if (hits.length === 0) return []
  const first = Math.min(...hits.map(({ row }) => row.openedAt))
  return [{ hours: round((first - incident.from) / 3_600_000) }]
}

/** Wilson's score interval (E. B. Wilson 1927), 95 %. */
export function shareOf(some: number, of: number): Share {
  if (of === 0) return { of, value: null, low: 0, high: 1 }
  const z = 1.959964
  const p = some / of
  const middle = (p + (z * z) / (2 * of)) / (1 + (z * z) / of)
  const half = (z * Math.sqrt((p * (1 - p)) / of + (z * z) / (4 * of * of))) / (1 + (z * z) / of)
  return { of, value: round(p), low: round(middle - half), high: round(middle + half) }
}

const round = (value: number): number => Math.round(value * 1000) / 1000

export async function evaluateDiversion(from: number, seeds: number): Promise<Figures> {
  const worlds: Played[] = []
  for (let seed = from; seed < from + seeds; seed++) {
    worlds.push(await playWorld({ seed }))
    process.stderr.write(`world ${seed - from + 1} of ${seeds}\n`)
  }
  return figuresOf(worlds)
}

/** `--from SEED --seeds N`: prints the figures as JSON. Progress goes to stderr. */
export async function printDiversion(argv: readonly string[]): Promise<void> {
  const numberAfter = (name: string, fallback: number): number => {
    const at = argv.indexOf(name)
    const value = at < 0 ? fallback : Number(argv[at + 1])
    if (!Number.isInteger(value) || value < 1) throw new Error(`${name} wants a whole number`)
    return value
  }
  const figures = await evaluateDiversion(numberAfter('--from', 1), numberAfter('--seeds', 3))
  console.log(JSON.stringify(figures, undefined, 2))
}

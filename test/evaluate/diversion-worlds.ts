// A simulated world of trade looked at for diversion in virtual time, every so often, as a server
// does: the same packets, requests, detectors and cases, with what is known of them in memory
// (facts.ts; test/diversion.test.ts holds it against the real stores). Measures nothing.
import { type CaseBody, nextCases } from '../../analytics/cases/cases.ts'
import { detectSession, detectShipment } from '../../analytics/cases/detectors.ts'
import { gatherSession, gatherShipment } from '../../analytics/cases/gather.ts'
import { shipmentsOf } from '../../analytics/cases/homes.ts'
import type { Finding, Inside } from '../../domain/suspicion.ts'
import type { Truth } from '../../simulators/actions.ts'
import { type Scenario, scenarios } from '../../simulators/scenarios.ts'
import { createTradeWorld } from '../../simulators/trade-world.ts'
import { type Emission, emissionOf } from '../../simulators/wire.ts'
import type { CaseRow } from '../../store/ledger/cases.ts'
import { createFacts, type Facts } from './facts.ts'

export interface FoundCase {
  row: CaseRow<CaseBody>
  /** The units that it concerns, as they were when it stood last. */
  serials: ReadonlySet<string>
}

export interface FoundFinding {
  subject: string
  /** As it was said last. */
  finding: Finding
  /** When it was said first, epoch ms. */
  foundAt: number
}

export interface Played {
  seed: number
  truth: Truth
  startTime: number
  endTime: number
  devices: number
  /** All that ever stood, those that were withdrawn too. */
  cases: FoundCase[]
  /** All that was ever said. */
  findings: FoundFinding[]
}

export interface WorldOptions {
  seed: number
  devices?: number
  days?: number
  /** Default: `mixed`. */
  scenario?: Scenario
  /** Virtual time between two looks. */
  everyMs?: number
}

const hourMs = 3_600_000
const startTime = Date.UTC(2026, 0, 5, 6)

/** What a world says, in order of arrival, and when it is looked at. */
export function openWorld({ seed, devices = 9, everyMs = 24 * hourMs, ...options }: WorldOptions) {
  const scenario = options.scenario ?? scenarios.mixed!
  const endTime = startTime + (options.days ?? scenario.days) * 24 * hourMs
  const world = createTradeWorld({ seed, devices, startTime, endTime, scenario })
  function* turns(): Generator<{ said: Emission } | { lookAt: number }> {
    let lookAt = startTime + everyMs
    for (const action of world.actions) {
      const said = emissionOf(action)
      for (; said.at > lookAt; lookAt += everyMs) yield { lookAt }
      yield { said }
    }
    yield { lookAt: endTime }
  }
  return { seed, devices, startTime, endTime, truth: world.truth, turns }
}

export async function playWorld(options: WorldOptions): Promise<Played> {
  const { turns, ...world } = openWorld(options)
  const facts = createFacts()
  const found: Found = { cases: new Map(), findings: new Map(), later: new Map() }
  for (const turn of turns()) {
    if ('said' in turn) facts.take(turn.said)
    else await look(facts, found, turn.lookAt)
  }
  const cases = [...found.cases.values()].flat()
  const findings = [...found.findings.values()].flatMap((own) => [...own.values()])
  return { ...world, cases, findings }
}

/** By subject. */
interface Found {
  cases: Map<string, FoundCase[]>
  findings: Map<string, Map<string, FoundFinding>>
  /** When a container is to be looked at again though nothing came. */
  later: Map<string, number>
}

/** As `investigate` does it over the stores. */
async function look(facts: Facts, found: Found, asOf: number): Promise<void> {
  const { known, places } = facts
  const { starts, asked, sessions } = facts.marks()
  for (const [container, at] of found.later) {
    if (at > asOf) continue
    found.later.delete(container)
    const id = facts.idOf(container)
    asked.add(id)
    starts.push({ id, from: -Infinity, to: Infinity })
  }
  for (const home of await shipmentsOf(known, { starts, asked })) {
    const gathered = await gatherShipment({ known, places, asOf }, home)
    if (!gathered) continue
    const { container, inside } = gathered.shipment
    const { findings, again } = detectShipment(gathered)
    follow(found, { subject: container, findings, inside, asOf })
    if (again < Infinity)
      found.later.set(container, Math.min(again, found.later.get(container) ?? Infinity))
  }
  for (const session of sessions) {
    const { findings } = detectSession(session, await gatherSession(known, session))
    follow(found, { subject: `session/${session}`, findings, inside: [], asOf })
  }
}

function follow(
  { cases, findings: heard }: Found,
  now: { subject: string; findings: Finding[]; inside: readonly Inside[]; asOf: number },
): void {
  const { subject, findings, asOf } = now
  const told = heard.get(subject) ?? new Map<string, FoundFinding>()
  for (const finding of findings) {
    const key = `${finding.detector} ${finding.key}`
    told.set(key, { subject, finding, foundAt: told.get(key)?.foundAt ?? asOf })
  }
  if (told.size > 0) heard.set(subject, told)
  const stood = cases.get(subject) ?? []
  const rows = stood.map(({ row }) => row)
  for (const { row, serials } of nextCases(rows, { ...now, verdicts: [] })) {
    const before = stood.find((one) => one.row.id === row.id)
    const next = { row, serials: serials ? new Set(serials) : before!.serials }
    if (before) Object.assign(before, next)
    else stood.push(next)
  }
  if (stood.length > 0) cases.set(subject, stood)
}

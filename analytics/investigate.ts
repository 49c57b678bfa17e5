// Looks again at everybody who was marked: finds the shipment, gathers its clues, runs the
// detectors, and writes findings and cases. The same inputs end in the same findings whatever order
// they came in (I3): all clues of a shipment are told again. One process at a time. The clock is an
// argument.
import { bounds } from '../config.ts'
import type { Finding } from '../domain/suspicion.ts'
import type { LedgerQuery, LedgerView } from '../store/ledger.ts'
import { idsOf } from '../store/ledger-epcs.ts'
import { mountsOf, namedIn } from '../store/ledger-suspect-events.ts'
import {
  clearSuspects,
  markSuspects,
  readSuspects,
  type Suspect,
} from '../store/ledger-suspects.ts'
import type { Series } from '../store/series.ts'
import { type CaseChange, writeCases } from './cases.ts'
import { detectSession, detectShipment } from './detectors.ts'
import { gatherSession, gatherShipment, type StoriesOf } from './gather.ts'
import { containersAmong, homesOf, type Start } from './homes.ts'
import { readPlaces } from './known-places.ts'

export interface Investigation {
  ledger: LedgerView
  series: Pick<Series, 'range'>
  /** How the events of units are told: trace/stories.ts. */
  stories: StoriesOf
  now: () => number
  onCase?: (change: CaseChange) => void
  /** Ends the work between two shipments. */
  stopped?: () => boolean
}

/** Looks at all that are marked by now. Returns how many shipments and sessions were looked at. */
export async function investigate(of: Investigation): Promise<number> {
  let looked = 0
  for (;;) {
    const asOf = of.now()
    const suspects = await readSuspects(of.ledger.db, { asOf, limit: bounds.suspectsAtOnce })
    if (suspects.length === 0 || of.stopped?.()) return looked
    for (const [tenant, own] of Map.groupBy(suspects, (suspect) => suspect.tenant))
      looked += await investigateTenant(of, { tenant, suspects: own, asOf })
  }
}

async function investigateTenant(
  of: Investigation,
  { tenant, suspects, asOf }: { tenant: string; suspects: Suspect[]; asOf: number },
): Promise<number> {
  const { db } = of.ledger
  const homes = await subjectsOf(db, tenant, suspects)
  const places = await readPlaces(db, tenant)
  const from = { db, series: of.series, stories: of.stories, places, asOf }
  const later: { subject: string; at: number }[] = []
  for (const home of homes) {
    const gathered = await gatherShipment(from, tenant, home)
    if (!gathered) continue
    const { findings, again } = detectShipment(gathered)
    const { container, inside } = gathered.shipment
    await write(of, { tenant, subject: container, findings, inside, asOf })
    if (again < Infinity) later.push({ subject: container, at: again })
  }
  const sessions = suspects.filter(({ kind }) => kind === 'session')
  for (const { subject: session } of sessions) {
    const { findings } = detectSession(session, await gatherSession(db, tenant, session))
    await write(of, { tenant, subject: `session/${session}`, findings, inside: [], asOf })
  }
  await of.ledger.transact(async (tx) => {
    await clearSuspects(tx, suspects)
    // After that: a mark that is there keeps its earlier time.
    for (const { subject, at } of later)
      await markSuspects(tx, tenant, { kind: 'unit', subjects: [subject], at })
  })
  return homes.size + sessions.length
}

async function write(
  of: Investigation,
  found: {
    tenant: string
    subject: string
    findings: Finding[]
    inside: Parameters<typeof writeCases>[1]['inside']
    asOf: number
  },
): Promise<void> {
  const changes = await of.ledger.transact((db) => writeCases(db, found), {
    alone: `cases/${found.tenant}`,
  })
  for (const change of changes) of.onCase?.(change)
}

/** The shipments whom marks concern, by the number of their home. */
async function subjectsOf(
  db: LedgerQuery,
  tenant: string,
  suspects: readonly Suspect[],
): Promise<Set<number>> {
  const of = (kind: Suspect['kind']): string[] =>
    suspects.filter((suspect) => suspect.kind === kind).map(({ subject }) => subject)
  const captured = { offsets: of('capture').map(Number), eventIDs: of('event') }
  const starts: Start[] = await namedIn(db, tenant, captured)
  const units = await idsOf(db, tenant, of('unit'))
  for (const id of units.values()) starts.push({ id, from: -Infinity, to: Infinity })
  for (const start of await mountsOf(db, tenant, of('device'))) starts.push(start)
  const homes = await homesOf(db, tenant, starts)
  const found = new Set<number>()
  const loose = new Set<number>()
  for (const [start, own] of homes)
    for (const home of own) (home === start ? loose : found).add(home)
  const containers = await containersAmong(db, tenant, [...loose])
  for (const container of containers) found.add(container)
  const rest = [...loose].filter((id) => !containers.has(id))
  // A line that commissions 100,000 units has done nothing yet: they will be packed.
  const asked = new Set(units.values())
  const many = rest.length > bounds.looseUnitsMax
  for (const id of rest) if (!many || asked.has(id)) found.add(id)
  return found
}

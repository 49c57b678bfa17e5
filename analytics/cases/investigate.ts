// Looks again at everybody who was marked: finds the shipment, gathers its clues, runs the
// detectors, and writes findings and cases. The same inputs end in the same findings whatever order
// they came in (I3): all clues of a shipment are told again. One process at a time. The clock is an
// argument.
import { bounds } from '../../config.ts'
import { idsOf } from '../../store/ledger/epcs.ts'
import type { LedgerQuery, LedgerView } from '../../store/ledger/ledger.ts'
import { mountsOf, namedIn } from '../../store/ledger/suspect-events.ts'
import {
  clearSuspects,
  markSuspects,
  readSuspects,
  type Suspect,
} from '../../store/ledger/suspects.ts'
import type { Series } from '../../store/series.ts'
import { type CaseChange, type Found, writeCases } from './cases.ts'
import { detectSession, detectShipment } from './detectors.ts'
import { gatherSession, gatherShipment } from './gather.ts'
import { type Start, shipmentsOf } from './homes.ts'
import { type Known, knownOf, type StoriesOf } from './known.ts'
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
  const known = knownOf({ db, series: of.series, stories: of.stories }, tenant)
  const homes = await subjectsOf(db, tenant, { known, suspects })
  const from = { known, places: await readPlaces(db, tenant), asOf }
  const later: { subject: string; at: number }[] = []
  for (const home of homes) {
    const gathered = await gatherShipment(from, home)
    if (!gathered) continue
    const { findings, again } = detectShipment(gathered)
    const { container, inside } = gathered.shipment
    await write(of, { tenant, subject: container, findings, inside, asOf })
    if (again < Infinity) later.push({ subject: container, at: again })
  }
  const sessions = suspects.filter(({ kind }) => kind === 'session')
  for (const { subject: session } of sessions) {
    const { findings } = detectSession(session, await gatherSession(known, session))
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

async function write(of: Investigation, found: Found & { tenant: string }): Promise<void> {
  const changes = await of.ledger.transact((db) => writeCases(db, found), {
    alone: `cases/${found.tenant}`,
  })
  for (const change of changes) of.onCase?.(change)
}

/** The shipments whom marks concern, by the number of their home. */
async function subjectsOf(
  db: LedgerQuery,
  tenant: string,
  { known, suspects }: { known: Known; suspects: readonly Suspect[] },
): Promise<Set<number>> {
  const of = (kind: Suspect['kind']): string[] =>
    suspects.filter((suspect) => suspect.kind === kind).map(({ subject }) => subject)
  const captured = { offsets: of('capture').map(Number), eventIDs: of('event') }
  const starts: Start[] = await namedIn(db, tenant, captured)
  const units = await idsOf(db, tenant, of('unit'))
  for (const id of units.values()) starts.push({ id, from: -Infinity, to: Infinity })
  for (const start of await mountsOf(db, tenant, of('device'))) starts.push(start)
  return shipmentsOf(known, { starts, asked: new Set(units.values()) })
}

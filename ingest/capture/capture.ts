// Captured EPCIS documents become events, units and stays in the ledger, several documents in one
// transaction. Order, repetition and delay of captures do not matter.
import { bounds } from '../../config.ts'
import { type Refusal, type Result, Unavailable } from '../../domain/refusal.ts'
import { marking } from '../../store/ledger/detectors.ts'
import { type Capture, insertCapture, readCaptures } from '../../store/ledger/events.ts'
import { chunksOf, type Ledger, type LedgerQuery } from '../../store/ledger/ledger.ts'
import { storeMasterData } from '../../store/ledger/master.ts'
import { markSuspects } from '../../store/ledger/suspects.ts'
import type { LoggedEnvelope } from '../../store/log.ts'
import { type CaptureBehaviour, type CaptureDocument, parseCaptureBody } from '../epcis-document.ts'
import { applyContainment } from './containment.ts'
import { type CaptureProblem, planEvents, type Stored, storeEvents } from './events.ts'
import { markPhases } from './phases.ts'

/** What was applied of a capture: the number of its events that were new. */
export interface Applied {
  tenant: string
  id: string
  events: number
}

/**
 * The step of the follower `capture`. Documents of a tenant share transactions, for a commit costs
 * more than a small document; each is taken or refused on its own all the same, and what is kept
 * does not depend on which ones came together. Replaying documents changes nothing. `onApplied`
 * hears of those of one transaction.
 */
export function captureStep(
  ledger: Ledger,
  onApplied?: (applied: Applied[]) => void,
): (envelopes: LoggedEnvelope[]) => Promise<void> {
  return async (envelopes) => {
    const captures = envelopes.filter(({ kind }) => kind === 'capture')
    for (const [tenant, own] of Map.groupBy(captures, (envelope) => envelope.tenant))
      for (const lot of chunksOf(own, bounds.captureTogetherMax)) {
        let documents = await readDocuments(ledger, tenant, lot)
        while (documents.length > 0) {
          const applied = await applyTogether(ledger, tenant, documents)
          onApplied?.(applied)
          documents = documents.slice(applied.length)
        }
      }
  }
}

/** A document as it came, and how it is to be taken. */
interface Captured {
  envelope: LoggedEnvelope
  behaviour: CaptureBehaviour
  parsed: Result<CaptureDocument>
  /** It was applied before: a replay. */
  finished: boolean
}

async function readDocuments(
  ledger: Ledger,
  tenant: string,
  envelopes: readonly LoggedEnvelope[],
): Promise<Captured[]> {
  const ids = envelopes.map(({ topic }) => topic)
  const jobs = new Map<string, Capture>()
  for (const job of await readCaptures(ledger.db, tenant, ids)) jobs.set(job.id, job)
  return envelopes.map((envelope) => {
    const job = jobs.get(envelope.topic)
    const behaviour = job?.behaviour ?? 'rollback'
    const parsed = parseCaptureBody(envelope.body, { behaviour })
    return { envelope, behaviour, parsed, finished: job?.finishedAt !== undefined }
  })
}

/**
 * As many of these, from the first on, as are done within a time: whoever else waits for the ledger
 * waits so long.
 */
async function applyTogether(
  ledger: Ledger,
  tenant: string,
  documents: readonly Captured[],
): Promise<Applied[]> {
  await tellMasterData(ledger, tenant, documents[0]!)
  let reached = 0
  try {
    return await ledger.transact(async (db) => {
      const [endsAt, applied] = [performance.now() + bounds.captureTogetherMs, [] as Applied[]]
      for (const document of documents) {
        // Master data is told before the events that came with it, in a transaction of its own.
        if (applied.length > 0 && isTelling(document)) break
        reached = applied.length
        const events = await applyDocument(db, tenant, document)
        applied.push({ tenant, id: document.envelope.topic, events })
        if (performance.now() > endsAt) break
      }
      return applied
    }, marking(tenant))
  } catch (error) {
    if (reached === 0 || error instanceof Unavailable) throw error
    // One that is a bug to apply does not take those before it with it.
    return applyTogether(ledger, tenant, documents.slice(0, reached))
  }
}

const isTelling = ({ parsed, finished }: Captured): boolean =>
  parsed.ok && parsed.value.masterData.length > 0 && !finished

/** Only once: a replay must not make what was said then the latest again. */
async function tellMasterData(ledger: Ledger, tenant: string, document: Captured): Promise<void> {
  const { parsed, envelope } = document
  if (!parsed.ok || !isTelling(document)) return
  const { masterData: elements } = parsed.value
  await ledger.transact(
    (db) => storeMasterData(db, tenant, { elements, at: envelope.recordTime }),
    { serializable: true },
  )
}

/** The number of events that were new. Never throws for what a document says. */
async function applyDocument(
  db: LedgerQuery,
  tenant: string,
  { envelope, behaviour, parsed }: Captured,
): Promise<number> {
  const { topic: id, recordTime } = envelope
  const finish = (events: number, errors: CaptureProblem[]): Promise<void> =>
    insertCapture(db, tenant, { id, createdAt: recordTime, finishedAt: recordTime, events, errors })
  if (!parsed.ok) {
    await finish(0, parsed.refusals.map(problemOf))
    return 0
  }
  const { events } = parsed.value
  const planned = await planEvents(db, tenant, events)
  // EPCIS 2.0 §12.6: all events or none. What refuses is known before anything is written.
  if (behaviour === 'rollback' && planned.problems.length > 0) {
    await finish(0, [...told(parsed.value), ...planned.problems])
    return 0
  }
  const stored = await storeEvents(db, tenant, { place: envelope, planned })
  const contained = await applyContainment(db, tenant, { stored, at: recordTime })
  await markPhases(db, tenant, stored)
  await finish(events.length, [...told(parsed.value), ...planned.problems, ...contained])
  await suspect(db, envelope, stored)
  return stored.fresh.length
}

/** Whom these events name is looked at again by those who look for what is wrong. */
async function suspect(
  db: LedgerQuery,
  { tenant, offset, recordTime: at }: LoggedEnvelope,
  { fresh, withdrawn }: Stored,
): Promise<void> {
  const captures = fresh.length > 0 ? [`${offset}`] : []
  await markSuspects(db, tenant, { kind: 'capture', subjects: captures, at })
  const events = withdrawn.map(({ eventID }) => eventID)
  await markSuspects(db, tenant, { kind: 'event', subjects: events, at })
}

/** What reading the document found: events that are not right, and what else wants to be known. */
const told = ({ refused, warnings }: CaptureDocument): CaptureProblem[] => [
  ...refused.map(problemOf),
  ...warnings.map((warning) => ({ ...problemOf(warning), warning: true })),
]

const problemOf = ({ code, path, detail }: Refusal): CaptureProblem => ({ code, path, detail })

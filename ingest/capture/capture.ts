// Captured EPCIS documents become events, units and stays in the ledger, one transaction a
// document. Order, repetition and delay of captures do not matter.
import type { Refusal } from '../../domain/refusal.ts'
import { marking } from '../../store/ledger/detectors.ts'
import { type Capture, insertCapture, readCapture } from '../../store/ledger/events.ts'
import type { Ledger, LedgerQuery } from '../../store/ledger/ledger.ts'
import { storeMasterData } from '../../store/ledger/master.ts'
import { markSuspects } from '../../store/ledger/suspects.ts'
import type { LoggedEnvelope } from '../../store/log.ts'
import { type CaptureDocument, parseCaptureBody } from '../epcis-document.ts'
import { applyContainment } from './containment.ts'
import { type CaptureProblem, type Stored, storeEvents } from './events.ts'
import { markPhases } from './phases.ts'

/**
 * The step of the follower `capture`: one transaction a document. Replaying documents changes
 * nothing.
 */
export function captureStep(
  ledger: Ledger,
  onApplied?: (capture: { tenant: string; id: string; events: number }) => void,
): (envelopes: LoggedEnvelope[]) => Promise<void> {
  return async (envelopes) => {
    for (const envelope of envelopes) {
      if (envelope.kind !== 'capture') continue
      const events = await applyCapture(ledger, envelope)
      onApplied?.({ tenant: envelope.tenant, id: envelope.topic, events })
    }
  }
}

/** The number of events that were new. Never throws for what a document says. */
async function applyCapture(ledger: Ledger, envelope: LoggedEnvelope): Promise<number> {
  const { tenant, topic: id, recordTime } = envelope
  const job = await readCapture(ledger.db, tenant, id)
  const behaviour = job?.behaviour ?? 'rollback'
  const finished = (events: number, errors: CaptureProblem[]): Capture => ({
    ...{ id, createdAt: recordTime, finishedAt: recordTime, events, errors },
  })
  const refuse = async (errors: CaptureProblem[]): Promise<number> => {
    await ledger.transact((db) => insertCapture(db, tenant, finished(0, errors)))
    return 0
  }
  const parsed = parseCaptureBody(envelope.body, { behaviour })
  if (!parsed.ok) return refuse(parsed.refusals.map(problemOf))
  const { events, masterData } = parsed.value
  // Only once: a replay must not make what was said then the latest again.
  if (masterData.length > 0 && job?.finishedAt === undefined)
    await ledger.transact(
      (db) => storeMasterData(db, tenant, { elements: masterData, at: recordTime }),
      { serializable: true },
    )
  try {
    return await ledger.transact(async (db) => {
      const stored = await storeEvents(db, tenant, { place: envelope, events })
      const contained = await applyContainment(db, tenant, { stored, at: recordTime })
      await markPhases(db, tenant, stored)
      const problems = [...told(parsed.value), ...stored.problems, ...contained]
      // EPCIS 2.0 §12.6: all events or none.
      if (behaviour === 'rollback' && problems.some(({ warning }) => !warning))
        throw new RolledBack(problems)
      await insertCapture(db, tenant, finished(events.length, problems))
      await suspect(db, envelope, stored)
      return stored.fresh.length
    }, marking(tenant))
  } catch (error) {
    if (error instanceof RolledBack) return refuse(error.problems)
    throw error
  }
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

/** Takes the transaction back; what was wrong stays known. */
class RolledBack extends Error {
  readonly problems: CaptureProblem[]
  constructor(problems: CaptureProblem[]) {
    super('a capture was rolled back')
    this.problems = problems
  }
}

/** What reading the document found: events that are not right, and what else wants to be known. */
const told = ({ refused, warnings }: CaptureDocument): CaptureProblem[] => [
  ...refused.map(problemOf),
  ...warnings.map((warning) => ({ ...problemOf(warning), warning: true })),
]

const problemOf = ({ code, path, detail }: Refusal): CaptureProblem => ({ code, path, detail })

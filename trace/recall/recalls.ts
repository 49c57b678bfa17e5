// Recalls: a set of serials, pinned by its hash, found by criteria, restated as a new revision when
// late events change who is meant, and followed until it is closed. A drill is the same with
// nothing blocked. The clock is an argument.
import { createHash } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { bounds } from '../../config.ts'
import type { Refusal, Result } from '../../domain/refusal.ts'
import { readSerialSet, type SerialLeg, writeSerialSet } from '../../store/ledger/alerts.ts'
import { idsOf } from '../../store/ledger/epcs.ts'
import type { Ledger, LedgerQuery, LedgerView, TransactOptions } from '../../store/ledger/ledger.ts'
import { markRecalled, unmarkRecalled } from '../../store/ledger/recalled.ts'
import {
  listRecalls,
  type RecallRow,
  readRecall,
  tenantsRecalling,
  writeHolders,
  writeRecall,
} from '../../store/ledger/recalls.ts'
import type { Criteria } from './criteria.ts'
import type { Heard } from './exposure.ts'
import { type Figures, figuresOf, type HolderCounts } from './figures.ts'
import { type FoundUnit, findUnits } from './find.ts'

export interface RecallAsked {
  name: string
  reason: string
  /** I, II or III (21 CFR 7.3(m)), or whatever the country calls it. */
  class?: string
  criteria: Criteria
  drill: boolean
}

/** What a step took. */
export interface StepTime {
  step: 'find' | 'pin' | 'locate' | 'store'
  ms: number
}

export interface RecallBody extends Omit<RecallAsked, 'name' | 'drill'> {
  serialCount: number
  /** SHA-256 of the EPCs, sorted by code unit, each ended by a line feed: as those of alerts. */
  serialSetHash: string
  figures: Figures
  /** Record time of the figures, and what it took to make them. */
  evaluatedAt: number
  steps: StepTime[]
}

export interface Recall extends RecallRow {
  body: RecallBody
}

export interface RecallChange {
  tenant: string
  recall: Pick<Recall, 'id' | 'status' | 'revision'>
}

/** Units, their hash, and the name their set is stored under. */
export interface Pinned {
  units: FoundUnit[]
  serialSetHash: string
  serialSet: string
}

/** Which units are meant now. `at`: event time of "now", epoch ms. Writes nothing. */
export async function evaluateRecall(
  db: LedgerQuery,
  tenant: string,
  of: { criteria: Criteria; at: number; heard?: Heard | undefined },
): Promise<Result<Pinned>> {
  const found = await findUnits(db, tenant, of)
  return found.ok ? { ok: true, value: pin(found.value) } : found
}

export function pin(units: FoundUnit[]): Pinned {
  const serialSetHash = createHash('sha256')
    .update(units.map(({ epc }) => `${epc}\n`).join(''))
    .digest('hex')
  return { units, serialSetHash, serialSet: `recall-${serialSetHash}` }
}

/** Starts a recall; the same id again is answered with what stands. */
export async function startRecall(
  ledger: LedgerView,
  tenant: string,
  of: { id: string; asked: RecallAsked; now: () => number; heard?: Heard },
): Promise<Result<Recall>> {
  const { id, asked, now, heard } = of
  const startedAt = now()
  const open = await listRecalls(ledger.db, tenant, {
    status: 'open',
    limit: bounds.recallsOpenMax,
  })
  if (open.length >= bounds.recallsOpenMax)
    return tooMany(`at most ${bounds.recallsOpenMax} recalls are open at once`)
  const made = await make(ledger.db, tenant, { asked, startedAt, now, heard })
  if (!made.ok) return made
  const { pinned, holders, body } = made.value
  const recall: Recall = {
    ...{ id, name: asked.name, status: 'open', drill: asked.drill, startedAt, closedAt: null },
    ...{ revision: 1, serialSet: pinned.serialSet, body },
  }
  const first = { revision: 1, recordTime: startedAt, cause: 'started', diff: {} }
  const stored = await store(ledger, tenant, {
    ...{ recall, pinned, holders, now },
    next: { revision: first, joined: pinned.units.map((unit) => unit.id), left: [] },
  })
  return { ok: true, value: stored }
}

/**
 * Finds and counts anew. When others are meant than before, that is a new revision; else only the
 * figures change. Closed recalls stay as they are. Undefined when there is none.
 */
export async function restateRecall(
  ledger: LedgerView,
  tenant: string,
  of: { id: string; now: () => number; cause: string; heard?: Heard | undefined },
): Promise<Recall | undefined> {
  const before = (await readRecall(ledger.db, tenant, of.id)) as Recall | undefined
  if (before?.status !== 'open') return before
  const { startedAt, name, drill, revision } = before
  const asked = { ...before.body, name, drill }
  const { heard } = of
  const made = await make(ledger.db, tenant, { asked, startedAt, now: of.now, heard })
  // What was too much at another time is told to whoever asks; the revision that stands goes on.
  if (!made.ok) return before
  const { pinned, holders, body } = made.value
  const same = pinned.serialSet === before.serialSet
  const recall: Recall = {
    ...before,
    ...{ serialSet: pinned.serialSet, body, revision: same ? revision : revision + 1 },
  }
  const writing = { recall, pinned, holders, now: of.now }
  if (same) return store(ledger, tenant, writing)
  const { diff, joined, left } = await diffOf(ledger.db, tenant, { before, pinned })
  const { cause } = of
  const next = { revision: recall.revision, recordTime: body.evaluatedAt, cause, diff }
  return store(ledger, tenant, { ...writing, next: { revision: next, joined, left } })
}

/** Nothing more is counted, nothing is blocked any more. Undefined when there is none. */
export const closeRecall = (
  ledger: LedgerView,
  tenant: string,
  { id, at }: { id: string; at: number },
): Promise<Recall | undefined> =>
  ledger.transact(
    async (db) => {
      const recall = (await readRecall(db, tenant, id)) as Recall | undefined
      if (recall?.status !== 'open') return recall
      const closed: Recall = { ...recall, status: 'closed', closedAt: at }
      await writeRecall(db, tenant, { recall: closed })
      for await (const epcs of pagesOfSet(db, tenant, recall))
        await unmarkRecalled(db, tenant, {
          recall: id,
          units: [...(await idsOf(db, tenant, epcs)).values()],
        })
      return closed
    },
    writingOf(tenant, id),
  )

/** Whoever writes a recall writes it alone: one that is restated and closed at once ends closed. */
const writingOf = (tenant: string, id: string): TransactOptions => ({
  alone: `recall/${tenant}/${id}`,
})

/** What may change who is meant: events and alerts that follow from them, or readings alone. */
export type RestateCause = 'events' | 'readings'

/**
 * All open recalls of all tenants, one after the other, so that others come between; for the sake
 * of readings only those that ask what units went through. `onChange`: who is meant, or where they
 * are, is no longer what it was.
 */
export async function restateAll(
  ledger: Ledger,
  of: {
    now: () => number
    cause: RestateCause
    heard?: Heard
    onChange?: (told: RecallChange) => void
  },
): Promise<void> {
  const { now, cause, heard, onChange } = of
  for (const tenant of await tenantsRecalling(ledger.db)) {
    const view = ledger.forTenant(tenant)
    const limit = bounds.recallsOpenMax
    const open = await listRecalls(view.db, tenant, { status: 'open', limit })
    for (const before of open as Recall[]) {
      if (cause !== 'events' && !asksExposure(before)) continue
      const after = await restateRecall(view, tenant, { id: before.id, now, cause, heard })
      if (after && !isSame(before, after)) onChange?.({ tenant, recall: after })
    }
  }
}

const isSame = (before: Recall, after: Recall): boolean =>
  before.revision === after.revision && isDeepStrictEqual(before.body.figures, after.body.figures)

const asksExposure = ({ body }: Recall): boolean =>
  body.criteria.allOf.some(({ field }) => field === 'exposure')

interface Made {
  pinned: Pinned
  holders: Map<string, HolderCounts>
  body: RecallBody
}

async function make(
  db: LedgerQuery,
  tenant: string,
  of: { asked: RecallAsked; startedAt: number; now: () => number; heard: Heard | undefined },
): Promise<Result<Made>> {
  const { asked, startedAt, now, heard } = of
  const steps: StepTime[] = []
  let last = now()
  const took = (step: StepTime['step']): void => {
    const at = now()
    steps.push({ step, ms: at - last })
    last = at
  }
  const found = await findUnits(db, tenant, { criteria: asked.criteria, at: last, heard })
  if (!found.ok) return found
  took('find')
  const pinned = pin(found.value)
  took('pin')
  const { figures, holders } = await figuresOf(db, tenant, {
    units: pinned.units,
    startedAt,
    at: last,
  })
  took('locate')
  const { reason, criteria } = asked
  const body: RecallBody = {
    ...{ reason, criteria, ...(asked.class !== undefined && { class: asked.class }) },
    ...{ serialCount: pinned.units.length, serialSetHash: pinned.serialSetHash },
    ...{ figures, evaluatedAt: last, steps },
  }
  return { ok: true, value: { pinned, holders, body } }
}

interface Writing {
  recall: Recall
  pinned: Pinned
  holders: Map<string, HolderCounts>
  now: () => number
  /** When others are meant than before: these units, by number. */
  next?: {
    revision: Parameters<typeof writeRecall>[2]['revision'] & object
    joined: readonly number[]
    left: readonly number[]
  }
}

/** The recall as it stands then, with the time that this took. */
const store = (ledger: LedgerView, tenant: string, writing: Writing): Promise<Recall> =>
  ledger.transact(
    async (db) => {
      const { recall, pinned, holders, now, next } = writing
      const began = now()
      // Another process may have closed or restated it meanwhile.
      const stands = (await readRecall(db, tenant, recall.id)) as Recall | undefined
      const expected = next ? next.revision.revision - 1 : recall.revision
      if ((stands?.revision ?? 0) !== expected || stands?.status === 'closed')
        return stands ?? recall
      if (next) {
        const rows = pinned.units.map(({ epc }): SerialLeg => [epc, 0])
        await writeSerialSet(db, tenant, pinned.serialSet, rows)
        await markRecalled(db, tenant, { recall: recall.id, units: next.joined })
        await unmarkRecalled(db, tenant, { recall: recall.id, units: next.left })
      }
      await writeHolders(db, tenant, { recall: recall.id, holders })
      const steps = [...recall.body.steps, { step: 'store' as const, ms: now() - began }]
      const timed = { ...recall, body: { ...recall.body, steps } }
      await writeRecall(db, tenant, { recall: timed, ...(next && { revision: next.revision }) })
      return timed
    },
    writingOf(tenant, writing.recall.id),
  )

/** How many came and went, and some of them; all of them by number. */
async function diffOf(
  db: LedgerQuery,
  tenant: string,
  { before, pinned }: { before: Recall; pinned: Pinned },
): Promise<{ diff: Record<string, unknown>; joined: number[]; left: number[] }> {
  const old = new Set<string>()
  for await (const epcs of pagesOfSet(db, tenant, before)) for (const epc of epcs) old.add(epc)
  const added = pinned.units.filter(({ epc }) => !old.delete(epc))
  const diff = {
    added: added.length,
    removed: old.size,
    addedSome: added.slice(0, bounds.recallDiffMax).map(({ epc }) => epc),
    removedSome: [...old].slice(0, bounds.recallDiffMax),
    serialCount: [before.body.serialCount, pinned.units.length],
    serialSetHash: [before.body.serialSetHash, pinned.serialSetHash],
  }
  const left = [...(await idsOf(db, tenant, [...old])).values()]
  return { diff, joined: added.map(({ id }) => id), left }
}

/** The EPCs of the set that stands. */
async function* pagesOfSet(
  db: LedgerQuery,
  tenant: string,
  { serialSet, body }: Recall,
): AsyncGenerator<string[]> {
  for (let offset = 0; offset < body.serialCount; offset += bounds.recallPage) {
    const page = { serialSet, offset, limit: bounds.recallPage }
    yield (await readSerialSet(db, tenant, page)).map(([epc]) => epc)
  }
}

const tooMany = (detail: string): { ok: false; refusals: Refusal[] } => ({
  ok: false,
  refusals: [{ code: 'request/conflict', path: '', detail }],
})

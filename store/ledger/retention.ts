// Ledger queries: from when on readings are kept, and up to when their hours are. The first is
// moved before older readings are dropped, so that nobody takes what is gone for what never was;
// the second when the hours are durable, and only then readings go.
import type { LedgerQuery } from './ledger.ts'
import { readMeta, writeMeta } from './registry.ts'

export const keptFromName = 'series/kept-from'

/** Epoch ms; -Infinity when nothing was ever dropped. */
export async function readKeptFrom(db: LedgerQuery): Promise<number> {
  const kept = await readMeta(db, keptFromName)
  return kept === undefined ? Number.NEGATIVE_INFINITY : Number(kept)
}

/** Never goes back. Returns what stands now. */
export async function moveKeptFrom(db: LedgerQuery, time: number): Promise<number> {
  const kept = await readKeptFrom(db)
  if (kept >= time) return kept
  await writeMeta(db, keptFromName, String(time))
  return time
}

export const hoursToName = 'series/hours-to'

/**
 * Epoch ms, a whole hour: before it hours say what was read, from then on the readings do. Until
 * the first were made -Infinity.
 */
export async function readHoursTo(db: LedgerQuery): Promise<number> {
  const made = await readMeta(db, hoursToName)
  return made === undefined ? Number.NEGATIVE_INFINITY : Number(made)
}

/** What is there of the past, epoch ms; -Infinity for all, and for no hours at all. */
export interface Kept {
  hoursTo: number
  readingsFrom: number
}

export async function readKept(db: LedgerQuery): Promise<Kept> {
  const hoursTo = await readHoursTo(db)
  // A release without hours has dropped readings before there were any.
  const readingsFrom = hoursTo > Number.NEGATIVE_INFINITY ? hoursTo : await readKeptFrom(db)
  return { hoursTo, readingsFrom }
}

/** Never goes back. */
export async function moveHoursTo(db: LedgerQuery, time: number): Promise<void> {
  if ((await readHoursTo(db)) < time) await writeMeta(db, hoursToName, String(time))
}

/** The last device whose hours before a time are made, while others wait for theirs. */
export interface HoursAt {
  before: number
  tenant: string
  device: string
}

const hoursAtName = 'series/hours-at'

export async function readHoursAt(db: LedgerQuery): Promise<HoursAt | undefined> {
  const at = await readMeta(db, hoursAtName)
  return at === undefined ? undefined : (JSON.parse(at) as HoursAt)
}

export const writeHoursAt = (db: LedgerQuery, at: HoursAt): Promise<void> =>
  writeMeta(db, hoursAtName, JSON.stringify(at))

// Back-test: stored readings judged again, under the profile in force and under a proposed one, by
// the code that judges live. The ledger and the series store are read device by device, the
// arithmetic runs in threads of its own: packets are acknowledged meanwhile. Changes nothing.
import { setImmediate as nextTurn } from 'node:timers/promises'
import { bounds } from '../../config.ts'
import { type BackTestReport, newSums } from '../../domain/back-test.ts'
import type { Interval } from '../../domain/breach.ts'
import type { Presence } from '../../domain/hierarchy.ts'
import type { Profile } from '../../domain/profile/profile.ts'
import { isTemperature } from '../../domain/reading.ts'
import { openAlertsOf } from '../../store/ledger/alerts.ts'
import { readPresence } from '../../store/ledger/contents.ts'
import { readDetectors } from '../../store/ledger/detectors.ts'
import type { LedgerQuery } from '../../store/ledger/ledger.ts'
import { profilesInForce } from '../../store/ledger/profiles.ts'
import { type Device, readDevice } from '../../store/ledger/registry.ts'
import { readStays } from '../../store/ledger/stays.ts'
import { mountedDevices } from '../../store/ledger/trace.ts'
import type { Series } from '../../store/series.ts'
import { gtinsOf } from '../affected.ts'
import { presenceKey } from '../judge.ts'
import { labelWatches } from '../label-watches.ts'
import { watchesOf } from '../plan.ts'
import { parseChannels } from '../tracker.ts'
import type { DeviceJob } from './device.ts'
import { type BackTestThreads, startBackTestThreads } from './threads.ts'

export interface BackTestAsk {
  tenant: string
  gtin: string
  /** Judges from effectiveFrom on; null: from the beginning. */
  profile: Profile
  effectiveFrom: number | null
  /** Excursions that begin in it are told. */
  span: Interval
  costPerUnit: number | null
}

export interface BackTestFrom {
  db: LedgerQuery
  series: Series
  /** Readings before it are gone; -Infinity when all are kept. */
  keptFrom: number
}

export interface BackTestWatch {
  signal: AbortSignal
  progress(done: { devices: number; of: number; readings: number }): void
  /** Its own ones, ended with it, when none are given. */
  threads?: BackTestThreads
}

/** Rejects with the signal's reason when it is aborted, with Unavailable when a store is away. */
export async function backTest(
  from: BackTestFrom,
  ask: BackTestAsk,
  { signal, progress, threads: given }: BackTestWatch,
): Promise<BackTestReport> {
  const { db } = from
  const { tenant, gtin } = ask
  const sums = newSums({
    costPerUnit: ask.costPerUnit,
    unitsMax: bounds.backTestUnitsMax,
    listMax: bounds.backTestListMax,
  })
  const devices = (await mountedDevices(db, tenant)).sort()
  let done = 0
  let readings = 0
  const threads = given ?? startBackTestThreads(bounds.backTestThreads)
  const judge = async (device: string): Promise<void> => {
    const job = await jobOf(from, ask, device)
    if (job) {
      const alerts = await openAlertsOf(db, tenant, device, ask.span.from)
      const live = alerts.filter((alert) => alert.gtin === gtin && isWithin(alert, ask.span))
      const told = await threads.judge(job)
      sums.add(
        told,
        live.map(({ id }) => id),
      )
      readings += told.readings
    }
    progress({ devices: ++done, of: devices.length, readings })
  }
  try {
    await inLanes(devices, { lanes: 2 * bounds.backTestThreads, signal, work: judge })
    return sums.report()
  } finally {
    if (!given) await threads.end()
  }
}

const isWithin = ({ from }: { from: number }, span: Interval): boolean =>
  span.from <= from && from < span.to

/** So many at a time, in order; the first failure ends all. */
async function inLanes<T>(
  all: readonly T[],
  { lanes, signal, work }: { lanes: number; signal: AbortSignal; work(one: T): Promise<void> },
): Promise<void> {
  let next = 0
  let failed = false
  const lane = async (): Promise<void> => {
    while (next < all.length && !failed) {
      signal.throwIfAborted()
      await work(all[next++]!)
      await nextTurn()
    }
  }
  const fail = (error: unknown): never => {
    failed = true
    throw error
  }
  await Promise.all(Array.from({ length: lanes }, () => lane().catch(fail)))
}

/** Undefined for a device that no unit of the product was ever with. */
async function jobOf(
  { db, series, keptFrom }: BackTestFrom,
  ask: BackTestAsk,
  id: string,
): Promise<DeviceJob | undefined> {
  const { tenant, gtin, span } = ask
  const device = await readDevice(db, tenant, id)
  if (!device?.giai) return undefined
  const job: DeviceJob = {
    ...{ tenant, device: id, channels: [], before: [], after: [] },
    ...{ presences: new Map<string, Presence>(), keptFrom, span },
  }
  const stays = await readStays(db, tenant, { in: 'child', among: [device.giai] })
  for (const stay of stays.sort((a, b) => a.from - b.from || (a.parent < b.parent ? -1 : 1))) {
    const window = { from: stay.from, to: stay.to }
    if (stay.from >= span.to) continue
    const presence = await readPresence(db, tenant, { container: stay.parent, window })
    if (gtinsOf(presence).includes(gtin)) await addStay(db, job, { device, stay, presence, ask })
  }
  await addLabels(db, job, { device, stays, ask })
  const watches = [...job.before, ...job.after]
  if (watches.length === 0) return undefined
  const gapMs = Math.max(...watches.map(({ options }) => options.gapMs))
  const from = Math.max(Math.min(...watches.map(({ window }) => window.from)) - gapMs, keptFrom)
  for (const channel of await temperaturesOf({ db, series }, tenant, id)) {
    // To the newest: whether an excursion that began in the span goes on is told by what is after.
    const readings = await series.columns({ tenant, device: id, channel, from, to: endOfTime })
    if (readings.times.length > 0) job.channels.push({ channel, readings })
  }
  return job
}

const endOfTime = Number.MAX_SAFE_INTEGER

/** The detector knows what it has judged; of a device it never heard of the series store tells. */
async function temperaturesOf(
  { db, series }: Pick<BackTestFrom, 'db' | 'series'>,
  tenant: string,
  device: string,
): Promise<string[]> {
  const [row] = await readDetectors(db, tenant, [device])
  const known = row && row.body !== '' ? Object.keys(parseChannels(row.body)) : []
  if (known.length > 0) return known
  const latest = await series.latest(tenant, device)
  return latest.map(({ channel }) => channel).filter(isTemperature)
}

async function addStay(
  db: LedgerQuery,
  job: DeviceJob,
  of: {
    device: Device
    stay: Stay
    presence: Presence
    ask: BackTestAsk
  },
): Promise<void> {
  const { device, stay, presence, ask } = of
  const about = { device, stay, gtin: ask.gtin }
  const spans = await profilesInForce(db, { tenant: ask.tenant, gtin: ask.gtin }, stay)
  const before = await watchesOf(db, { ...about, spans })
  const after = await watchesOf(db, { ...about, spans: withProposed(spans, ask, stay) })
  job.before.push(...before)
  job.after.push(...after)
  for (const watch of [...before, ...after]) {
    const key = presenceKey(watch)
    const whole = watch.window.from === stay.from && watch.window.to === stay.to
    const { container, window } = watch
    if (whole) job.presences.set(key, presence)
    else if (!job.presences.has(key))
      job.presences.set(key, await readPresence(db, ask.tenant, { container, window }))
  }
}

/** No profile moves the limits of labels, but how long readings stand and loggers settle. */
async function addLabels(
  db: LedgerQuery,
  job: DeviceJob,
  of: { device: Device; stays: readonly Stay[]; ask: BackTestAsk },
): Promise<void> {
  const { device, stays, ask } = of
  const { tenant, gtin, profile, span } = ask
  for (const [side, only] of [
    [job.before, { gtin }],
    [job.after, { gtin, profile }],
  ] as const) {
    const asked = { stays, intervalMs: device.loggingIntervalMs, only }
    for (const watch of (await labelWatches(db, tenant, asked)).watches) {
      const { container, window } = watch
      if (window.from >= span.to) continue
      side.push(watch)
      const key = presenceKey(watch)
      if (!job.presences.has(key))
        job.presences.set(key, await readPresence(db, tenant, { container, window }))
    }
  }
}

type Stay = Awaited<ReturnType<typeof readStays>>[number]
type InForce = Awaited<ReturnType<typeof profilesInForce>>[number]

/** As if it had been stored last: it rules from its time on. */
function withProposed(
  spans: readonly InForce[],
  { profile, effectiveFrom }: BackTestAsk,
  stay: Interval,
): InForce[] {
  const from = Math.max(effectiveFrom ?? Number.NEGATIVE_INFINITY, stay.from)
  const version = Math.max(0, ...spans.map((span) => span.version)) + 1
  const before = spans
    .filter((span) => span.from < from)
    .map((span) => ({ ...span, to: Math.min(span.to, from) }))
  return from < stay.to ? [...before, { version, profile, from, to: stay.to }] : before
}

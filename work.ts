// The work behind the log: the followers of every partition that this process holds. Which ones it
// holds is shared out by claims; in a single process, all of them. Starts and stops them, and holds
// no rule of its own.
import { setTimeout as delay } from 'node:timers/promises'
import { detectFollower, openDetector } from './analytics/detect.ts'
import type { AlertChange } from './analytics/raise.ts'
import { bounds } from './config.ts'
import type { Role } from './config-urls.ts'
import { Superseded } from './domain/refusal.ts'
import { captureStep } from './ingest/capture/capture.ts'
import { type Births, openBirths } from './ingest/decode/births.ts'
import { deviceOfEnvelope } from './ingest/decode/decode.ts'
import { decodeOnce } from './ingest/decode/once.ts'
import { recordStep } from './ingest/record.ts'
import { type Observer, type Origins, observeStep, observeSweep } from './observe.ts'
import type { Held, Share } from './store/claims.ts'
import { type Follower, follow } from './store/follow.ts'
import { claimCursor } from './store/ledger/cursors.ts'
import type { NewRefusal } from './store/ledger/refusals.ts'
import { readKeptFrom } from './store/ledger/retention.ts'
import type { LoggedEnvelope, Partition } from './store/log.ts'
import type { SeriesRow } from './store/series.ts'
import { refuseOld } from './store/series-kept.ts'
import type { Stores } from './stores.ts'

export const recordFollower = 'record'
export const captureFollower = 'capture'

export interface WorkTo {
  now: () => number
  roles: ReadonlySet<Role>
  /** Something broke that only a restart can mend. */
  fail: (error: unknown) => void
  onAlert: (change: AlertChange) => void
  onReadings: (rows: SeriesRow[]) => void
  onApplied: (capture: { tenant: string; id: string; events: number }) => void
  onRefusals: (refusals: readonly NewRefusal[]) => void
  /** A follower ended without being told to; Superseded when another process has its work now. */
  onEnded: (follower: string, partition: number, error: Error | undefined) => void
  observer: Observer
  origins: Origins
}

/** A follower that runs here. */
export interface Followed {
  follower: Follower
  partition: Partition
  /** Record time of the oldest envelope of the step under way or of the one that failed. */
  since(): number | undefined
}

export interface Work {
  followers(): readonly Followed[]
  /** Judges marked devices anew, as far as they are judged here. */
  sweep(): Promise<void>
  stop(): Promise<void>
}

/** Announced when devices were marked: whoever judges them looks at once. */
export const markedTopic = 'detectors.marked'

export async function startWork(stores: Stores, to: WorkTo): Promise<Work> {
  const { log, claims, announcements } = stores
  const running = new Set<Followed>()
  const sweeps = new Set<() => Promise<void>>()
  const births = openBirths(stores.ledger)
  const context: WorkContext = { stores, to, running, sweeps, decoders: new Map(), births }
  for (const partition of log.partitions)
    for (const name of followersOf(partition)) partition.keepFor(name)
  const shares: Share[] = []
  const sweep = async (): Promise<void> => {
    await Promise.all([...sweeps].map((one) => one()))
  }
  const share = async (role: Role, take: typeof record): Promise<void> => {
    if (!to.roles.has(role)) return
    const work = worksOf(log.partitions, role)
    const begin = (name: string): Promise<Held> => {
      const { follower, partition } = work.get(name)!
      return follower === captureFollower ? capture(context, partition) : take(context, partition)
    }
    shares.push(await claims.share(role, [...work.keys()], begin))
  }
  const forget = announcements.listen(markedTopic, () => void sweep())
  // A sweep that found the series store down is tried again even when nothing new comes in, and so
  // are marks whose announcement was lost.
  const again = setInterval(sweep, bounds.sweepRetryMs).unref()
  const stop = async (): Promise<void> => {
    clearInterval(again)
    forget()
    const stopped = Promise.all(shares.map((one) => one.stop()))
    const patience = delay(bounds.stopPatienceMs, 'late', { ref: false })
    // A step that waits for a store that is away would keep the process: it is done again anyhow.
    if ((await Promise.race([stopped, patience])) === 'late') await stores.series.close()
    await stopped
  }
  try {
    await share('record', record)
    await share('detect', detect)
  } catch (error) {
    await stop()
    throw error
  }
  return { followers: () => [...running], sweep, stop }
}

/** Names of the followers that a partition must not lose anything before. */
export function followersOf(partition: Partition): string[] {
  const holds = (kind: 'capture' | 'readings'): boolean => partition.kinds.includes(kind)
  return [
    ...(holds('readings') ? [recordFollower, detectFollower] : []),
    ...(holds('capture') ? [captureFollower] : []),
  ]
}

function worksOf(
  partitions: readonly Partition[],
  role: Role,
): Map<string, { follower: string; partition: Partition }> {
  const mine = role === 'detect' ? [detectFollower] : [recordFollower, captureFollower]
  const work = new Map<string, { follower: string; partition: Partition }>()
  for (const partition of partitions)
    for (const follower of followersOf(partition))
      if (mine.includes(follower)) work.set(`${follower}.${partition.id}`, { follower, partition })
  return work
}

interface WorkContext {
  stores: Stores
  to: WorkTo
  running: Set<Followed>
  sweeps: Set<() => Promise<void>>
  decoders: Map<number, ReturnType<typeof decodeOnce>>
  births: Births
}

/** Recording and detecting of one partition decode each packet once when both are here. */
function decoderOf({ stores, decoders, births }: WorkContext, partition: Partition) {
  const { device } = stores.directory
  const decode = decoders.get(partition.id) ?? decodeOnce({ device, birth: births.at })
  decoders.set(partition.id, decode)
  return decode
}

async function record(context: WorkContext, partition: Partition): Promise<Held> {
  const { stores, to } = context
  const { series, ledger, directory, alone } = stores
  series.forget?.()
  const step = recordStep({
    series: refuseOld(series, () => readKeptFrom(ledger.db)),
    ledger,
    decode: decoderOf(context, partition),
    ...(!alone && { renew: directory.refresh }),
    onReadings: to.onReadings,
    onRefusals: to.onRefusals,
  })
  const observed = observeStep(recordFollower, to, prepared(context, partition, step))
  const follower = follow(partition, {
    name: recordFollower,
    start: await partition.keptCursor(recordFollower),
    countMax: bounds.recordCountMax,
    everyMs: bounds.recordEveryMs,
    onFail: (error) => failed(to, error),
    step: observed.step,
  })
  const trim = setInterval(() => partition.trim().catch(() => undefined), bounds.trimEveryMs)
  trim.unref()
  return held(context, { follower, partition, since: () => observed.since }, async () => {
    clearInterval(trim)
    await partition.trim().catch(() => undefined)
  })
}

async function capture(context: WorkContext, partition: Partition): Promise<Held> {
  const { stores, to } = context
  const step = captureStep(stores.ledger, (applied) => {
    for (const each of applied) to.onApplied(each)
    stores.announcements.tell(markedTopic, { tenant: applied[0]!.tenant })
  })
  const observed = observeStep(captureFollower, to, step)
  const follower = follow(partition, {
    name: captureFollower,
    start: await partition.keptCursor(captureFollower),
    onFail: (error) => failed(to, error),
    step: observed.step,
  })
  const alone = !partition.kinds.includes('readings')
  const trim = setInterval(() => partition.trim().catch(() => undefined), bounds.trimEveryMs)
  trim.unref()
  return held(context, { follower, partition, since: () => observed.since }, async () => {
    clearInterval(trim)
    if (alone) await partition.trim().catch(() => undefined)
  })
}

/**
 * The cursor in the ledger moves with what the detector keeps, the one in the log also past what
 * concerned nobody. The log may have dropped all before the latter, and after a crash the former
 * may be ahead.
 */
async function detect(context: WorkContext, partition: Partition): Promise<Held> {
  const { stores, to, sweeps } = context
  const { ledger, series, said = series } = stores
  const name = `${detectFollower}/${partition.id}`
  const claimed = await ledger.transact((db) => claimCursor(db, name))
  const start = Math.max(claimed.offset, await partition.keptCursor(detectFollower))
  const detector = openDetector(
    {
      ledger,
      // The judgement reads what was stated of clocks in the ledger, together with the marks.
      series: said,
      now: to.now,
      decode: decoderOf(context, partition),
      recorded: (offset) =>
        offset === 0 ? Promise.resolve() : partition.passed(recordFollower, offset - 1),
      onChange: to.onAlert,
      observeSweep: observeSweep(to.observer),
      claim: { name, epoch: claimed.epoch },
      slots: partition.slots,
    },
    start,
  )
  const observed = observeStep(detectFollower, to, prepared(context, partition, detector.step))
  const follower = follow(partition, {
    name: detectFollower,
    start,
    everyMs: bounds.detectEveryMs,
    onFail: (error) => failed(to, error),
    step: observed.step,
    idle: detector.idle,
  })
  const sweep = async (): Promise<void> => {
    try {
      if (follower.state !== 'stopped') await detector.sweep()
    } catch (error) {
      // Whoever took over judges from here on; this follower finds out with its next step.
      if (!(error instanceof Superseded)) to.fail(error)
    }
  }
  sweeps.add(sweep)
  return held(context, { follower, partition, since: () => observed.since }, async () => {
    sweeps.delete(sweep)
  })
}

function held(
  { running, to }: WorkContext,
  entry: Followed,
  afterwards: () => Promise<void>,
): Held {
  const { follower, partition } = entry
  running.add(entry)
  let ordered = false
  const end = async (): Promise<void> => {
    await afterwards()
    running.delete(entry)
  }
  return {
    stop: async () => {
      ordered = true
      await follower.stop()
      await end()
    },
    // One that stopped because of damage stays where it is, for health to show: to take it up again
    // would only stop it again.
    ended: follower.ended.then(() => {
      if (!ordered) to.onEnded(follower.name, partition.id, follower.lastError)
      return follower.lastError instanceof Superseded ? end() : new Promise(() => undefined)
    }),
  }
}

/** Another process has the work now, or something is broken for good. */
function failed(to: WorkTo, error: unknown): void {
  if (!(error instanceof Superseded)) to.fail(error)
}

/** What decoding asks for is known when a step begins. */
const prepared = (
  { stores, births }: WorkContext,
  partition: Partition,
  step: (envelopes: LoggedEnvelope[]) => Promise<void>,
): typeof step => births.knowing(introduced(stores, step), () => partition.size().first)

/**
 * A device that this process has not heard of may have been registered by another one a moment ago:
 * the ledger is asked before anything of it is refused.
 */
function introduced(
  { alone, directory }: Stores,
  step: (envelopes: LoggedEnvelope[]) => Promise<void>,
): (envelopes: LoggedEnvelope[]) => Promise<void> {
  if (alone) return step
  return async (envelopes) => {
    const asked = new Set<string>()
    for (const envelope of envelopes) {
      const device = deviceOfEnvelope(envelope)
      const { tenant } = envelope
      if (directory.device(tenant, device) || asked.has(`${tenant}/${device}`)) continue
      asked.add(`${tenant}/${device}`)
      await directory.refresh(tenant, device)
    }
    await step(envelopes)
  }
}

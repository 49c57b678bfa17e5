// When the detector must look whether a logger is silent: at most once in the time that it may say
// nothing, not with every reading. The moment is an argument (I4). Judges nothing: a device that
// may be silent, or speaks again, is marked and judged anew by the sweep.
import { bounds } from '../../config.ts'
import { isTemperature } from '../../domain/reading.ts'
import type { SilenceTerms } from '../../domain/silence.ts'
import { checkEpoch } from '../../store/ledger/cursors.ts'
import { markDirty } from '../../store/ledger/detectors.ts'
import { dueLooks, type SilenceLook, writeLook } from '../../store/ledger/silence.ts'
import { type DetectorTo, type DeviceMemory, keyOf, remember } from '../memory.ts'
import type { ChannelState } from '../tracker.ts'

export interface Spoke {
  /** Where to judge from: the last word before. */
  since: number
  /** They came later than the device may be silent: a hole is filled, nothing is new. */
  late: boolean
}

export const isWatched = ({ plan }: DeviceMemory): boolean =>
  plan.watches.length > 0 || plan.silences.length > 0

/** Whether readings end or fill a silence; asked before they are taken. */
export function spokeAgain(
  { plan, channels, silent }: DeviceMemory,
  batch: { channels: ReadonlyMap<string, { time: number }[]>; recordTime: number },
): Spoke | undefined {
  if (plan.silences.length === 0) return undefined
  const times = [...batch.channels.values()].flatMap((points) => points.map(({ time }) => time))
  times.sort((a, b) => a - b)
  const newest = newestOf(channels)
  const first = times.find((time) => newest === undefined || time > newest)
  if (first === undefined) return undefined
  const allowanceMs = Math.min(...plan.silences.map((watch) => watch.allowanceMs))
  if (silent) {
    const since = Math.min(newest ?? Infinity, first)
    return { since, late: first + allowanceMs < batch.recordTime }
  }
  let before = newest ?? Number.NEGATIVE_INFINITY
  for (const time of times) {
    const after = before
    const paused = plan.silences.some(
      ({ window, ...terms }) =>
        after < window.to &&
        time >= window.from &&
        Math.min(time, window.to) - Math.max(after, window.from) > terms.allowanceMs,
    )
    if (paused) return { since: Math.max(after, 0), late: false }
    before = Math.max(before, time)
  }
  return undefined
}

/** Marks the devices that may be silent by now; of the others, when to look again. */
export async function lookForSilence(
  to: DetectorTo,
  memory: Map<string, DeviceMemory>,
): Promise<void> {
  const asOf = to.now()
  for (;;) {
    const limit = bounds.silenceLooksMax
    const due = await dueLooks(to.ledger.db, { asOf, slots: to.slots, limit })
    if (due.length === 0) return
    await remember(to.ledger.db, memory, due)
    await to.ledger.transact(async (db) => {
      await checkEpoch(db, to.claim.name, to.claim.epoch)
      for (const look of due) {
        const known = memory.get(keyOf(look))!
        const lookAt = look.ahead ? undefined : quietUntil(known, asOf)
        await writeLook(db, { ...look, lookAt: lookAt ?? Infinity, ahead: false })
        if (lookAt === undefined) await mark({ db, look, known, asOf })
      }
    })
  }
}

async function mark(of: {
  db: Parameters<typeof markDirty>[0]
  look: SilenceLook
  known: DeviceMemory
  asOf: number
}): Promise<void> {
  const { tenant, device } = of.look
  const last = Math.min(newestOf(of.known.channels) ?? 0, of.asOf)
  const since = Math.min(last, changedSince(of.look, of.known.plan.silences))
  await markDirty(of.db, tenant, { devices: [device], since, cause: 'silence' })
}

/** No silence that lay ahead of a look begins before. */
export function changedSince(look: SilenceLook, watches: readonly SilenceTerms[]): number {
  if (!look.ahead) return Infinity
  if (look.ongoing) return 0
  return look.asOf - Math.max(0, ...watches.map(({ allowanceMs }) => allowanceMs))
}

/**
 * Until when nothing it does not say can matter; undefined when that is past, or cannot be told.
 */
function quietUntil({ plan, channels, silent }: DeviceMemory, asOf: number): number | undefined {
  const newest = newestOf(channels)
  if (silent || newest === undefined || newest > asOf) return undefined
  const ends = plan.silences
    .filter(({ window }) => window.from <= asOf && asOf < window.to)
    .map(({ window, allowanceMs }) => Math.max(newest, window.from) + allowanceMs)
  const first = Math.min(...ends)
  return Number.isFinite(first) && first >= asOf ? first : undefined
}

/** Event time of the newest reading of any temperature. */
function newestOf(channels: Readonly<Record<string, ChannelState>>): number | undefined {
  let newest: number | undefined
  for (const [name, { last }] of Object.entries(channels))
    if (last && isTemperature(name)) newest = Math.max(newest ?? last.time, last.time)
  return newest
}

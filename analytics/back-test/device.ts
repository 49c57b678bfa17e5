// One device under two profiles: the excursions of its readings under the profile as it judges now
// and under the proposed one, by the same steps as live. Pure: runs in a thread of its own.
import type { DeviceTold, ToldExcursion } from '../../domain/back-test.ts'
import type { Interval } from '../../domain/breach.ts'
import type { Presence } from '../../domain/hierarchy.ts'
import { calmOf } from '../calm.ts'
import { isCut, judgeFound, presenceKey } from '../judge.ts'
import type { Watch } from '../plan.ts'
import { alertId } from '../raise.ts'
import { firstFrom, type Readings, replayReadings } from '../replay.ts'
import type { Found } from '../tracker.ts'

export interface DeviceJob {
  tenant: string
  device: string
  channels: { channel: string; readings: Readings }[]
  before: Watch[]
  after: Watch[]
  /** Of each container and window, by `presenceKey`. */
  presences: Map<string, Presence>
  /** Readings before it are gone. */
  keptFrom: number
  /** Excursions that begin in it are told. */
  span: Interval
}

export function backTestDevice(job: DeviceJob): DeviceTold {
  const told: DeviceTold = {
    ...{ device: job.device, before: [], after: [], readings: 0 },
    ...{ mountedMs: 0, unknownMs: 0, goneMs: 0 },
  }
  for (const { channel, readings } of job.channels) {
    told.readings += readings.times.length
    const same = sameWatches(job.before, job.after)
    const calm = calmOf(readings)
    const known = new Map<string, Found[]>()
    const findings = (watches: readonly Watch[]): ToldExcursion[] => {
      const fresh = watches.filter(({ id }) => !known.has(id) || !same.has(id))
      const { found } = replayReadings(readings, fresh, { calm })
      for (const { id } of fresh)
        known.set(
          id,
          found.filter(({ watch }) => watch.id === id),
        )
      return watches.flatMap((watch) =>
        known.get(watch.id)!.flatMap((one) => tell(job, { ...one, watch }, { channel, readings })),
      )
    }
    told.before.push(...findings(job.before))
    told.after.push(...findings(job.after))
  }
  addTimes(told, job)
  return told
}

/** Ids of the rules that judge the same on both sides: their readings are gone through once. */
function sameWatches(before: readonly Watch[], after: readonly Watch[]): Set<string> {
  const texts = new Map(before.map((watch) => [watch.id, said(watch)]))
  const same = after.filter((watch) => texts.get(watch.id) === said(watch))
  return new Set(same.map(({ id }) => id))
}

const said = ({ window, options }: Watch): string =>
  JSON.stringify([window.from, window.to, options])

function tell(
  job: DeviceJob,
  found: Found,
  { channel, readings }: { channel: string; readings: Readings },
): ToldExcursion[] {
  const { tenant, device, keptFrom, span } = job
  const { watch, breach } = found
  if (breach.from < span.from || breach.from >= span.to) return []
  if (isCut(found, { keptFrom, first: readings.times[0] })) return []
  const presence = job.presences.get(presenceKey(watch))
  const finding = presence && judgeFound(found, { readings, presence })
  if (!finding) return []
  const { rule } = watch.options
  const { serials, legs, setHash } = finding.affected
  return [
    {
      id: alertId({ tenant, device, channel, watch, breach }),
      ...{ device, channel, container: watch.container, rule: rule.id, severity: rule.severity },
      ...(watch.label !== undefined && { label: watch.label }),
      ...{ from: breach.from, to: breach.to, outMs: breach.outMs, holeMs: breach.holeMs },
      ...{ peakC: breach.peakC, verdict: breach.verdict, serialSetHash: setHash },
      units: serials.map(([epc, leg]) => [epc, legs[leg]!.verdict]),
    },
  ]
}

/** How long it was to be judged in the span, to its newest reading, and how much is not known. */
function addTimes(told: DeviceTold, job: DeviceJob): void {
  const gaps = new Map<string, { window: Interval; gapMs: number }>()
  for (const { container, window, options, label } of job.after) {
    // Where a label holds the product is, too, and its own rules ask for all of that time.
    if (label !== undefined) continue
    const key = `${container} ${window.from}`
    const known = gaps.get(key)
    const to = Math.max(known?.window.to ?? window.to, window.to)
    gaps.set(key, { window: { from: window.from, to }, gapMs: options.gapMs })
  }
  for (const { readings } of job.channels.slice(0, 1))
    for (const { window, gapMs } of gaps.values()) addTime(told, { job, readings, window, gapMs })
}

function addTime(
  told: DeviceTold,
  of: { job: DeviceJob; readings: Readings; window: Interval; gapMs: number },
): void {
  const { times } = of.readings
  const { span, keptFrom } = of.job
  const from = Math.max(of.window.from, span.from)
  const to = Math.min(of.window.to, span.to, times.at(-1) ?? Number.NEGATIVE_INFINITY)
  if (from < Math.min(keptFrom, of.window.to, span.to))
    told.goneMs += Math.min(keptFrom, of.window.to, span.to) - from
  if (to <= from) return
  told.mountedMs += to - from
  let knownMs = 0
  const first = Math.max(0, firstFrom(times, from) - 1)
  for (let i = first; i + 1 < times.length && times[i]! < to; i++) {
    const end = Math.min(times[i + 1]!, times[i]! + of.gapMs, to)
    const begin = Math.max(times[i]!, from)
    if (end > begin) knownMs += end - begin
  }
  told.unknownMs += to - from - knownMs
}

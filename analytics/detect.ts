// Stations 6 and 7: the follower `detect`. Readings in order advance small sums per rule; whatever
// is not in order (late readings, late events, changed profiles) marks the device, and a sweep
// judges its readings anew from the series store. Alerts, sums, marks and the cursor move in one
// transaction. No clock decides anything.
import { setImmediate as nextTurn } from 'node:timers/promises'
import { bounds } from '../config.ts'
import { type Breach, type Interval, lastMoment, type Point } from '../domain/breach.ts'
import { correctTime } from '../domain/clock-correction.ts'
import { isTemperature } from '../domain/reading.ts'
import { Unavailable } from '../domain/refusal.ts'
import { readPresence } from '../store/ledger/contents.ts'
import { writeCursor } from '../store/ledger/cursors.ts'
import { markDirty, writeDetectors } from '../store/ledger/detectors.ts'
import type { LedgerQuery } from '../store/ledger/ledger.ts'
import type { LoggedEnvelope } from '../store/log.ts'
import { affectedUnits, isWhole } from './affected.ts'
import { type ClockWatch, openClockWatch } from './clocks.ts'
import { type DetectorTo, type DeviceMemory, keyOf, remember } from './memory.ts'
import { type AlertChange, grow, type Raising, raise } from './raise.ts'
import type { Late } from './resume.ts'
import { isWatched, lookForSilence, type Spoke, spokeAgain } from './silence/looks.ts'
import { openSweep, type Sweep } from './sweep.ts'
import { advance, currentBreaches, type Found, formatChannels, newChannel } from './tracker.ts'

/** Name of the follower. */
export const detectFollower = 'detect'

export interface Detector {
  /** The step of the follower. */
  step(envelopes: LoggedEnvelope[]): Promise<void>
  /** Lets marked devices be judged anew, waiting only a moment for the end of it. */
  idle(): Promise<void>
  /**
   * Looks for loggers that are silent by now; resolves when all marked devices were judged anew, or
   * the series store is away.
   */
  sweep(): Promise<void>
}

/** `position`: the next offset to come. */
export function openDetector(to: DetectorTo, position: number): Detector {
  const memory = new Map<string, DeviceMemory>()
  let turn: Promise<unknown> = Promise.resolve()
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = turn.then(work)
    turn = mine.catch(() => undefined)
    return mine
  }
  const clocks = openClockWatch()
  const sweep = openSweep({ ...to, memory, position: () => position, inTurn })
  return {
    step: async (envelopes) => {
      const changes = await inTurn(async () => {
        if (envelopes.length === 0) return []
        const made = await takeBatch(to, memory, { envelopes, sweep, clocks })
        position = envelopes.at(-1)!.offset + 1
        return made
      })
      for (const change of changes) to.onChange?.(change)
      await sweep.nudge()
    },
    idle: sweep.nudge,
    sweep: async () => {
      try {
        await inTurn(() => lookForSilence(to, memory))
      } catch (error) {
        // The ledger is away: whoever is silent is still so at the next look.
        if (!(error instanceof Unavailable)) throw error
      }
      await sweep.run()
    },
  }
}

interface DeviceBatch {
  tenant: string
  device: string
  channels: Map<string, Point[]>
  recordTime: number
  /** The least time from the newest reading of a packet to its arrival. */
  leastMs: number
}

async function takeBatch(
  to: DetectorTo,
  memory: Map<string, DeviceMemory>,
  { envelopes, sweep, clocks }: { envelopes: LoggedEnvelope[]; sweep: Sweep; clocks: ClockWatch },
): Promise<AlertChange[]> {
  const batches = await byDevice(envelopes, to.decode)
  await remember(to.ledger.db, memory, batches)
  const steps: DeviceStep[] = []
  for (const batch of batches) {
    sweep.touched(keyOf(batch))
    clocks.heard(batch)
    const known = memory.get(keyOf(batch))!
    if (isWatched(known)) steps.push(stepDevice(known, batch))
  }
  const next = envelopes.at(-1)!.offset + 1
  if (steps.length === 0 && !clocks.news) return [] // nothing to keep: the cursor moves with the next thing that is
  try {
    const made = await to.ledger.transact(async (db) => {
      const changes: AlertChange[] = []
      const on = { sweeping: !sweep.blocked, now: to.now() }
      for (const step of steps) changes.push(...(await keepStep(db, step, on)))
      const rows = steps.map(({ batch, known }) => ({
        tenant: batch.tenant,
        device: batch.device,
        body: formatChannels(known.channels),
      }))
      await writeDetectors(db, rows)
      await clocks.keep(db)
      await writeCursor(db, { ...to.claim, offset: next })
      return changes
    })
    for (const { batch, marked } of steps) if (marked) sweep.late(keyOf(batch), marked)
    return made
  } catch (error) {
    // The sums have moved and were not kept: forget them, the repeated step reads what was.
    for (const { batch } of steps) memory.delete(keyOf(batch))
    throw error
  }
}

async function byDevice(
  envelopes: LoggedEnvelope[],
  decode: DetectorTo['decode'],
): Promise<DeviceBatch[]> {
  // By id first, which tells nearly all apart: a joined key would be built for every packet.
  const batches = new Map<string, DeviceBatch[]>()
  for (const [index, envelope] of envelopes.entries()) {
    if (index % bounds.followSlice === bounds.followSlice - 1) await nextTurn()
    if (envelope.kind === 'capture' || envelope.kind === 'forbidden') continue
    const { device, readings } = decode(envelope)
    const { tenant, recordTime } = envelope
    let batch: DeviceBatch | undefined
    let newest = Number.NEGATIVE_INFINITY
    for (const { channel, time, value } of readings) {
      if (!isTemperature(channel)) continue
      batch ??= batchOf(batches, { tenant, device, recordTime })
      if (time > newest) newest = time
      if (recordTime > batch.recordTime) batch.recordTime = recordTime
      const points = batch.channels.get(channel)
      if (points) points.push({ time, value })
      else batch.channels.set(channel, [{ time, value }])
    }
    if (batch) batch.leastMs = Math.min(batch.leastMs, recordTime - newest)
  }
  return [...batches.values()].flat()
}

function batchOf(
  batches: Map<string, DeviceBatch[]>,
  about: Omit<DeviceBatch, 'channels' | 'leastMs'>,
): DeviceBatch {
  const named = batches.get(about.device) ?? []
  const known = named.find(({ tenant }) => tenant === about.tenant)
  if (known) return known
  const batch = { ...about, channels: new Map<string, Point[]>(), leastMs: Infinity }
  batches.set(about.device, [...named, batch])
  return batch
}

interface DeviceStep {
  batch: DeviceBatch
  known: DeviceMemory
  found: { channel: string; found: Found }[]
  /** Event time of the earliest reading that was not in order. */
  lateSince: number | undefined
  /** Of the latest one, and of what a mark is about once the step is kept. */
  lateUntil: number
  /** Some readings were in order. */
  advanced: boolean
  marked?: Late
  /** The last word before a silence that these readings ended. */
  spokeAfter: Spoke | undefined
}

function stepDevice(known: DeviceMemory, said: DeviceBatch): DeviceStep {
  const batch = atRightTimes(known, said)
  const spokeAfter = spokeAgain(known, batch)
  const lateUntil = Number.NEGATIVE_INFINITY
  const step: DeviceStep = {
    ...{ batch, known, found: [], lateSince: undefined, lateUntil, advanced: false, spokeAfter },
  }
  for (const [channel, points] of batch.channels) {
    const state = known.channels[channel] ?? newChannel()
    known.channels[channel] = state
    const found: Found[] = []
    for (const point of points.sort((a, b) => a.time - b.time))
      switch (advance(state, point, { watches: known.plan.watches, found })) {
        case 'late':
          step.lateSince = Math.min(step.lateSince ?? Infinity, point.time)
          step.lateUntil = Math.max(step.lateUntil, point.time)
          break
        case 'advanced':
          step.advanced = true
      }
    found.push(...currentBreaches(state, known.plan.watches))
    for (const entry of found)
      if (entry.breach.verdict !== 'in') step.found.push({ channel, found: entry })
  }
  return step
}

/** Of devices whose clocks nobody stated anything of, nearly all, the same. */
function atRightTimes({ plan }: DeviceMemory, batch: DeviceBatch): DeviceBatch {
  if (plan.clock.length === 0) return batch
  const correct = ({ time, value }: Point): Point => ({
    time: correctTime(plan.clock, time),
    value,
  })
  const channels = [...batch.channels].map(([channel, points]): [string, Point[]] => [
    channel,
    points.map(correct),
  ])
  return { ...batch, channels: new Map(channels) }
}

/** In the transaction: alerts of one device, and its mark when readings must be looked at again. */
async function keepStep(
  db: LedgerQuery,
  step: DeviceStep,
  { sweeping, now }: { sweeping: boolean; now: number },
): Promise<AlertChange[]> {
  const { tenant, device, recordTime } = step.batch
  const changes: AlertChange[] = []
  let since = step.lateSince
  const late = since !== undefined
  const raising: Raising = { recordTime, cause: 'reading', judgedAt: now }
  // With a sweep right behind, judging unordered readings here would only raise alerts to take them
  // back.
  if (!(late && sweeping))
    for (const { channel, found } of step.found) {
      const subject = { tenant, device, channel, ...found }
      const outcome = await raiseInOrder(db, subject, raising)
      if (outcome.change) changes.push(outcome.change)
      if (outcome.partial) since = Math.min(since ?? Infinity, found.breach.extent.from)
    }
  const { spokeAfter } = step
  if (spokeAfter) since = Math.min(since ?? Infinity, spokeAfter.since)
  if (since !== undefined) {
    // What was found and not raised here, or only in part, is for the sweep: to the newest reading.
    const near = late && sweeping && !(step.advanced && step.found.length > 0)
    step.marked = { from: since, to: near ? step.lateUntil : Infinity }
    const cause = late || spokeAfter?.late ? 'late-reading' : 'reading'
    await markDirty(db, tenant, { devices: [device], since, cause })
  }
  return changes
}

/** `partial`: some units were not in for all of it, their shares must come from the readings. */
async function raiseInOrder(
  db: LedgerQuery,
  subject: Parameters<typeof grow>[1],
  raising: Raising,
): Promise<{ change?: AlertChange; partial: boolean }> {
  const grown = await grow(db, subject, raising)
  if (grown === 'same') return { partial: false }
  if (grown === 'partial') return { partial: true }
  if (grown) return { change: grown, partial: false }
  const { tenant, watch, breach } = subject
  const { container, window } = watch
  const presence = await readPresence(db, tenant, { container, window })
  let partial = false
  const affected = affectedUnits(presence, {
    gtin: watch.gtin,
    breach,
    judge: (intervals) => {
      if (isWhole(intervals, breach)) return breach
      partial = true
      return unjudged(intervals, breach)
    },
  })
  if (affected.serials.length === 0) return { partial: false }
  const change = await raise(db, { ...subject, affected }, raising)
  return { ...(change && { change }), partial }
}

/**
 * Stands until the sweep has read the readings: nothing is known of this share but when it was
 * (I6).
 */
function unjudged(
  presence: readonly Interval[],
  breach: Breach,
): ReturnType<Parameters<typeof affectedUnits>[1]['judge']> {
  const end = breach.to ?? Infinity
  const last = lastMoment(breach).breach
  const during = presence.filter(({ from, to }) => from < last && to > breach.from)
  const first = during[0]
  const final = during.at(-1)
  if (!first || !final) return undefined
  return {
    from: Math.max(first.from, breach.from),
    to: final.to >= end ? breach.to : final.to,
    outMs: 0,
    holeMs: breach.outMs + breach.holeMs,
    peakC: breach.peakC,
    verdict: 'indeterminate',
  }
}

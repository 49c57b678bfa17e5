// What the detector and its sweep share: what they are given, and what they remember of a device.
import type { Reading } from '../domain/reading.ts'
import type { Ledger } from '../store/ledger.ts'
import type { LoggedEnvelope } from '../store/log.ts'
import type { Series } from '../store/series.ts'
import type { Plan } from './plan.ts'
import type { AlertChange } from './raise.ts'
import type { ChannelState } from './tracker.ts'

export interface DetectorTo {
  ledger: Ledger
  series: Series
  /** Readings of an envelope, by device. Must give the same for the same envelope for ever. */
  decode: (envelope: LoggedEnvelope) => { device: string; readings: Reading[] }
  /** Resolves when all envelopes before the offset are in the series store. */
  recorded: (offset: number) => Promise<void>
  now: () => number
  /**
   * The cursor in the ledger that moves with the findings, and the epoch in which this detector
   * holds it: once another one has claimed it, nothing is written any more (Superseded).
   */
  claim: { name: string; epoch: number }
  /** Slots (store/slots.ts) of the devices that are judged here. */
  slots: readonly number[]
  onChange?: (change: AlertChange) => void
  /** Runs a sweep, which tells how many devices it judged anew, and takes its time. */
  observeSweep?: (sweep: () => Promise<number>) => Promise<number>
}

/** One device as the detector remembers it. */
export interface DeviceMemory {
  marks: number
  plan: Plan
  channels: Record<string, ChannelState>
}

export const keyOf = ({ tenant, device }: { tenant: string; device: string }): string =>
  `${tenant}/${device}`

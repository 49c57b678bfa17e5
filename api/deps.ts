// What the API is given by main.ts: stores, a clock, and three ways to speak to the rest of the
// process.
import type { BackTestAsked } from '../domain/back-test.ts'
import type { Anomalies } from '../domain/scored.ts'
import type { Lab } from '../ingest/lab.ts'
import type { Backups } from '../store/backup-folder.ts'
import type { Ledger, LedgerView } from '../store/ledger/ledger.ts'
import type { Kept } from '../store/ledger/retention.ts'
import type { Log } from '../store/log.ts'
import type { Series } from '../store/series.ts'
import type { Answered } from './observe.ts'

/** Something a console wants to see at once. `data` is sent as it is, as JSON. */
export interface Change {
  tenant: string
  event:
    | 'alert.raised'
    | 'alert.changed'
    | 'alert.workflow'
    | 'disposition.changed'
    | 'investigation.changed'
    | 'budget.corrected'
    | 'capture.applied'
    | 'case.opened'
    | 'case.changed'
    | 'recall.started'
    | 'recall.changed'
    | 'device.readings'
    | 'forecast.changed'
    | 'record.changed'
  /**
   * For device.readings: {device, time, …} of the newest ones; for record.changed: {of}, the first
   * part of the address below /api/v1/ of what somebody changed. Several in a short time become
   * the last.
   */
  data: Readonly<Record<string, unknown>>
}

export interface PartHealth {
  state: 'up' | 'waiting' | 'down'
  detail?: string
}

export interface Health {
  parts: Readonly<Record<string, PartHealth>>
}

export interface Strangers {
  /** Whose units and links a scan is about. */
  tenant: string
  /** Addresses and CIDR blocks of proxies whose X-Forwarded-For is believed. */
  proxies: readonly string[]
  /** How the resolver is reached from outside, without a slash at its end. */
  resolverUrl?: string | undefined
  /** GLN of whoever answers verifications. */
  responderGln?: string | undefined
  /** How whoever answers for the products is reached: `tel:`, `mailto:` or `https:`. */
  contact?: string | undefined
}

export interface BackTestRun {
  tenant: string
  id: string
  gtin: string
  ask: BackTestAsked
}

/** Back-tests that this process runs. */
export interface BackTestRuns {
  /** False when too many wait. */
  start(ledger: LedgerView, run: BackTestRun): boolean
  cancel(id: string): void
}

export interface Deps {
  /** Routes use the one in their context, which holds their caller's tenant only. */
  ledger: Ledger
  series: Series
  /** When readings go is the installation's affair, in no tenant's part of the ledger. */
  kept(): Promise<Kept>
  backTests: BackTestRuns
  anomalies: Anomalies
  log: Pick<Log, 'append' | 'whenDurable'>
  /** Record time, epoch ms. */
  now(): number
  /** SHA-256 in hex of the bootstrap administrator's token. */
  admin: { tokenHash: string }
  /** Resolves when the capture follower has passed an offset of the log. */
  applied(offset: number): Promise<void>
  /** Tells of changes until the returned function is called. */
  changes(listener: (change: Change) => void): () => void
  /** Has all who follow changes hear of one that people made here. */
  tell?(change: Change): void
  /** Drops the MQTT connections of a device or service key whose token no longer counts. */
  broker?: { disconnect(principalId: string): void }
  /** Wherever the server runs with the API; not in tests of other things. */
  lab?: Lab
  /** Something was stated of a clock, or taken back: reads see it from now on. */
  clocksChanged?(): Promise<void>
  /** A device was registered or changed: caches of it are stale. Awaited before the answer. */
  onDeviceChange?(tenant: string, id: string): void | Promise<void>
  /** Only when all stores are embedded. */
  backups?: Backups
  /** How others are told; without it, endpoints may be made and are told by another process. */
  deliveries?: {
    /** Hosts that may be told over plain HTTP and on private addresses. */
    allowed: ReadonlySet<string>
    /** There is something to tell. */
    wake(): void
  }
  /** How those without a token are served; tenant `default` and no proxies when absent. */
  strangers?: Strangers
  health(): Health
  /** Prometheus text format 0.0.4. */
  metrics(): Promise<string>
  /** The built console; without it the root says how to build it. */
  consoleDir?: string
  /** Hears of failures that nobody foresaw. */
  report(error: unknown, requestId: string): void
  /** Hears of every answer. */
  answered?(answer: Answered): void
}

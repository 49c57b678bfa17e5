// Tables of the ledger for loggers that say nothing or have wrong clocks, and for what was told of
// alerts; a part of store/ledger/schema.ts.

export interface SilenceTables {
  /** Devices whose silence is watched: when each was looked at last, and when it must be again. */
  silenceLooks: {
    tenant: string
    device: string
    slot: number
    asOf: number
    /** openEnd: not before something comes. */
    lookAt: number
    /** 1: it was silent then. */
    ongoing: number
    /** 1: a silence was known that lies after `asOf`. */
    ahead: number
  }
  /** What people said of silences. */
  silenceClosings: {
    tenant: string
    device: string
    container: string
    at: number
    by: string
    reason: string
    /** The alert they looked at. */
    alert: string
  }
  /** How quickly messages came in at best, by stretches of arrivals. */
  deviceClocks: { tenant: string; device: string; at: number; leastMs: number }
  /** What people stated of clocks; times by the device's own clock, null: to this day. */
  clockCorrections: {
    tenant: string
    device: string
    id: string
    from: number
    to: number | null
    aheadMs: number
    reason: string
    at: number
    by: string
    withdrawnAt: number | null
    withdrawnBy: string | null
    withdrawnReason: string | null
  }
  /** What edge nodes of Sparkplug B said of their metrics; device '' is the node itself. */
  sparkplugBirths: {
    tenant: string
    node: string
    device: string
    /** Its place in the log. */
    offset: number
    /** JSON of ingest/sparkplug-births.ts. */
    metrics: string
  }
  /** The newest birth and death, and messages that came after a gap; device '' as above. */
  edgeSessions: {
    tenant: string
    node: string
    device: string
    bornAt: number | null
    diedAt: number | null
    gaps: number
    gapAt: number | null
  }
  /** What receivers were told of each alert, and since when that is no longer how it stands. */
  tellings: {
    tenant: string
    alert: string
    /** JSON of what was told; null: nothing yet. */
    told: string | null
    since: number | null
    changedAt: number
    cause: string
    /** JSON: alerts that were told of and that this one took the place of. */
    supersedes: string
  }
}

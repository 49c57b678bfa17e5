// Tables of the ledger, the same in SQLite and PostgreSQL: times are epoch ms as bigint/integer,
// JSON is text, unknown ends are the largest safe integer. Tenant leads every key. Made by
// store/ledger-migrations.ts.
import type { Generated } from 'kysely'

/** Stands for "still open" in interval columns, so that comparisons need no null case. */
export const openEnd = Number.MAX_SAFE_INTEGER

export interface LedgerTables {
  meta: { name: string; value: string }
  /**
   * How far the work of a name is in the ledger; `epoch` counts who took it over. See
   * store/ledger-cursors.ts.
   */
  cursors: { name: string; epoch: number; offset: number }
  devices: {
    tenant: string
    id: string
    giai: string | null
    loggingIntervalMs: number | null
    channels: string
    tokenHash: string
    createdAt: number
  }
  keys: {
    id: string
    tenant: string
    name: string
    roles: string
    mqtt: string | null
    tokenHash: string
    createdAt: number
    revokedAt: number | null
  }
  products: {
    tenant: string
    gtin: string
    name: string
    profile: string
    version: number
    updatedAt: number
  }
  /**
   * Captured events. `seq` is the offset of the capture in the log, `pos` the place in the
   * document.
   */
  events: {
    tenant: string
    eventID: string
    type: string
    eventTime: number
    recordTime: number
    seq: number
    pos: number
    body: string
  }
  captures: {
    tenant: string
    id: string
    createdAt: number
    finishedAt: number | null
    events: number
    errors: string
  }
  units: {
    tenant: string
    epc: string
    gtin: string | null
    lot: string | null
    expiry: string | null
    commissionedAt: number | null
  }
  /** What each event says of each child; child '' = everything. The stays follow from these. */
  moves: {
    tenant: string
    relation: string
    child: string
    parent: string
    action: string
    eventTime: number
    eventID: string
  }
  stays: {
    tenant: string
    relation: string
    child: string
    parent: string
    from: number
    to: number
    endedBy: string | null
  }
  /**
   * What a detector remembers of a device, and since when it must look again (null: nothing to do).
   */
  detectors: {
    tenant: string
    device: string
    body: string
    dirtySince: number | null
    cause: string | null
    marks: number
    /** slotOf(tenant, device): whose work the device is. */
    slot: number
  }
  alerts: {
    tenant: string
    id: string
    device: string
    container: string
    channel: string
    gtin: string
    rule: string
    severity: string
    status: string
    verdict: string
    from: number
    to: number
    raisedAt: number
    revision: number
    body: string
  }
  revisions: {
    tenant: string
    alert: string
    revision: number
    recordTime: number
    cause: string
    diff: string
    body: string
    serialSet: string
  }
  serialChunks: { tenant: string; serialSet: string; chunk: number; body: Uint8Array }
  refusals: {
    id: Generated<number>
    tenant: string
    device: string
    offset: number
    pos: number
    recordTime: number
    topic: string
    code: string
    path: string
    detail: string
    raw: Uint8Array
  }
  /**
   * What happened that others may want to be told. `seq` is its place among those of its tenant,
   * given after its transaction has ended, so that whoever reads by it misses none.
   */
  notices: {
    tenant: string
    kind: string
    ref: string
    recordTime: number
    seq: number | null
    body: string
  }
  /** Webhooks and EPCIS subscriptions: whom to tell, and how far that is. */
  endpoints: {
    tenant: string
    id: string
    kind: string
    query: string
    url: string
    secrets: string
    settings: string
    status: string
    reason: string | null
    createdAt: number
    /** Place of a webhook: the last notice looked at. */
    notice: number
    /** Place of a subscription: the last event looked at. */
    offset: number
    pos: number
    /** Of a schedule: its next time, and what the run under way has found; null between runs. */
    runAt: number | null
    found: number | null
    /** Number of the last message. */
    number: number
    nextAt: number
    failingSince: number | null
    toldAt: number | null
    heldBy: string
    heldUntil: number
  }
  /** Messages: their bytes are fixed in the transaction that moves the place of the endpoint. */
  deliveries: {
    tenant: string
    endpoint: string
    number: number
    id: string
    type: string
    status: string
    createdAt: number
    endedAt: number | null
    tries: number
    attempts: string
    body: string
  }
}

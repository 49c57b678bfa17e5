// Tables of the ledger, the same in SQLite and PostgreSQL: times are epoch ms as bigint/integer,
// JSON is text, unknown ends are the largest safe integer. Tenant leads every key. Made by
// store/ledger/migrations.ts.
import type { Generated } from 'kysely'
import type { CaseTables } from './schema-cases.ts'
import type { ChangeTables } from './schema-changes.ts'
import type { LabTables } from './schema-lab.ts'
import type { ModelTables } from './schema-models.ts'
import type { NotificationTables } from './schema-notifications.ts'
import type { PeopleTables } from './schema-people.ts'
import type { QualityTables } from './schema-quality.ts'
import type { RegistryTables } from './schema-registry.ts'
import type { ScanTables } from './schema-scans.ts'
import type { SilenceTables } from './schema-silence.ts'

/** Stands for "still open" in interval columns, so that comparisons need no null case. */
export const openEnd = Number.MAX_SAFE_INTEGER

/** The place of an EPC in an event that names it. Part of the format. */
export const mentionRoles = {
  epcList: 1,
  parentID: 2,
  childEPCs: 3,
  inputEPCList: 4,
  outputEPCList: 5,
  quantityList: 6,
  childQuantityList: 7,
  inputQuantityList: 8,
  outputQuantityList: 9,
} as const

/** How stays say their relation, and why they ended. Part of the format. */
export const relationCodes = { aggregation: 0, association: 1 } as const
export const endCodes = {
  removed: 1,
  emptied: 2,
  moved: 3,
  consumed: 4,
  decommissioned: 5,
} as const

export interface LedgerTables
  extends CaseTables,
    LabTables,
    ModelTables,
    NotificationTables,
    PeopleTables,
    QualityTables,
    RegistryTables,
    ScanTables,
    SilenceTables,
    ChangeTables {
  meta: { name: string; value: string }
  /**
   * How far the work of a name is in the ledger; `epoch` counts who took it over. See
   * store/ledger/cursors.ts.
   */
  cursors: { name: string; epoch: number; offset: number }
  /**
   * Every EPC and EPC class that an event names in its lists or as its parent, written once. On
   * SQLite found by its key: see store/ledger/names.ts.
   */
  epcs: {
    id: Generated<number>
    tenant: string
    /** Without `https://id.gs1.org/`: see shortEpc in store/ledger/epcs.ts. */
    epc: string
    /** lots.id; of every serialised trade item, for others when their commissioning told one. */
    lot: number | null
    commissionedAt: number | null
  }
  /** What commissionings say of units; '' is unknown. */
  lots: { id: Generated<number>; tenant: string; gtin: string; lot: string; expiry: string }
  /**
   * Captured events. `seq` is the offset of the capture in the log, `pos` the place in the
   * document.
   */
  events: {
    id: Generated<number>
    tenant: string
    eventID: string
    type: string
    action: string | null
    eventTime: number
    recordTime: number
    seq: number
    pos: number
    bizStep: string | null
    disposition: string | null
    readPoint: string | null
    bizLocation: string | null
    /** epcs.id of parentID. */
    parent: number | null
    /** 1: takes everything out of its parent (EPCIS 2.0 §7.4.3, DELETE without children). */
    empties: number
    /** 1: declared to be in error (EPCIS 2.0 §7.4.1.2). */
    declared: number
    /** To be read by bodyOf (store/event-body.ts). */
    body: Uint8Array
  }
  /** Which event names which EPC, as what: see mentionRoles. */
  mentions: { tenant: string; epc: number; event: number; role: number }
  captures: {
    tenant: string
    id: string
    createdAt: number
    finishedAt: number | null
    events: number
    errors: string
    /** rollback or proceed (EPCIS 2.0 §12.6). */
    behaviour: Generated<string>
  }
  /** Of child and parent the numbers in epcs. They follow from events: see restateStays. */
  stays: {
    tenant: string
    relation: number
    child: number
    parent: number
    from: number
    to: number
    endedBy: number | null
  }
  /** Where events contradict each other about containment. See store/ledger/conflicts.ts. */
  conflicts: {
    id: Generated<number>
    tenant: string
    kind: string
    relation: number
    child: number
    parent: number
    otherParent: number | null
    from: number
    to: number
    recordTime: number
    resolvedAt: number | null
    body: string
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
  /** EPCIS queries that have a name, as the JSON they were made of. */
  queries: { tenant: string; name: string; query: string; createdAt: number }
  /** Where serial numbers come from. `secret` makes the numbers of random pools. */
  pools: {
    tenant: string
    id: string
    name: string
    /** What is numbered: sgtin or sscc, and its GTIN or SSCC prefix. */
    key: string
    prefix: string
    space: string
    secret: Uint8Array
    issuable: number
    issued: number
    returned: number
    createdAt: number
  }
  /** Serials of lists. */
  poolSerials: { tenant: string; prefix: string; serial: string; pool: string; place: number }
  /** Which places of a pool were given away for which request. */
  allocations: {
    tenant: string
    pool: string
    first: number
    past: number
    skipped: string
    request: string
    part: number
    asked: number
    reference: string | null
    at: number
  }
  /** Places of a pool whose numbers came back unused. */
  poolReturns: { tenant: string; pool: string; place: number; at: number }
  /** EPCIS vocabulary elements, each version; `latest` 1 is how it stands. */
  masterData: {
    tenant: string
    type: string
    id: string
    version: number
    latest: number
    recordTime: number
    attributes: string
    children: string
  }
  /** What is known of lots beside their units, each version. */
  lotRecords: {
    tenant: string
    gtin: string
    lot: string
    version: number
    latest: number
    recordTime: number
    supplier: string | null
    shift: string | null
    line: string | null
    body: string
  }
  /** What the columns of files of other systems mean, as JSON. */
  mappings: { tenant: string; name: string; updatedAt: number; body: string }
  /** Files of other systems that were loaded. */
  loads: {
    tenant: string
    id: string
    mapping: string
    createdAt: number
    updatedAt: number
    line: number
    rows: number
    applied: number
    already: number
    refused: number
    events: number
    warnings: number
  }
  /** What senders of equipment data transmitted, and the findings, as JSON. */
  transmissions: {
    tenant: string
    id: string
    transferSrc: string
    transferId: string
    transferType: string
    receivedAt: number
    times: number
    reports: number
    records: number
    errors: number
    warnings: number
    notices: number
    findings: string
  }
  /** Rows of loads that were refused, each fault on its own. */
  loadRefusals: {
    tenant: string
    load: string
    line: number
    pos: number
    column: string
    code: string
    detail: string
    row: string
  }
  /** Recalls as they stand. */
  recalls: {
    tenant: string
    id: string
    name: string
    status: string
    drill: number
    startedAt: number
    closedAt: number | null
    revision: number
    serialSet: string
    body: string
  }
  /** Each set of units that a recall ever meant. */
  recallRevisions: {
    tenant: string
    recall: string
    revision: number
    recordTime: number
    cause: string
    diff: string
    body: string
    serialSet: string
  }
  /** Units that open recalls mean, by number. */
  recalled: { tenant: string; epc: number; recall: string }
  /** Who had its units when it began, and how far each is. */
  recallHolders: {
    tenant: string
    recall: string
    holder: string
    counts: string
    notifiedAt: number | null
    acknowledgedAt: number | null
    acknowledgedBy: string | null
    note: string | null
  }
}

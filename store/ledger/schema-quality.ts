// Tables of the ledger for what people do with findings: lives of alerts, dispositions,
// investigations, corrections of budgets. Part of store/ledger/schema.ts.

export interface QualityTables {
  /** How far people are with each alert; it follows from its entries: see domain/alert-life.ts. */
  alertLives: {
    tenant: string
    alert: string
    /** Alerts on one container whose breaches met. */
    group: string
    /** 1: people still have to look at it. */
    pending: number
    state: string
    /** 0 to 3; beside it what else the inbox filters by. */
    severity: number
    assignee: string | null
    gtin: string
    container: string
    /** Where the container was when the breach began, as far as was known when it was raised. */
    place: string | null
    from: number
    changedAt: number
    /** How many there are: the number of the last. */
    entries: number
    /** The alert that took its place. */
    heir: string | null
    /** JSON of the life. */
    body: string
  }
  /** What was done and said; never changed. `body`: JSON. */
  alertEntries: {
    tenant: string
    alert: string
    number: number
    at: number
    by: string
    body: string
  }
  /** What was proposed for units, and the signature that put it in force. */
  dispositions: {
    tenant: string
    id: string
    /** proposed, signed or rejected. */
    state: string
    subjectKind: string
    /** Of an alert or recall its id; '' of a list. */
    subject: string
    proposedAt: number
    /** Its units, each with the number of its part. */
    serialSet: string
    /** JSON: all that is signed, and its SHA-256. */
    record: string
    recordHash: string
    signature: string | null
    signatureHash: string | null
    signedAt: number | null
  }
  /** What was decided of each unit; `endedBy` the later disposition, null: in force. */
  decisions: {
    tenant: string
    epc: number
    disposition: string
    decision: string
    at: number
    endedBy: string | null
  }
  /** Documents that are to be captured, written with what they follow from. */
  outbox: {
    tenant: string
    id: string
    at: number
    /** Who is told to have captured it. */
    source: string
    events: number
    document: Uint8Array
    keptAt: number | null
  }
  investigations: {
    tenant: string
    id: string
    /** open or closed. */
    state: string
    openedAt: number
    changedAt: number
    revision: number
    /** JSON, and its SHA-256. */
    record: string
    recordHash: string
    signature: string | null
    signatureHash: string | null
  }
  investigationRevisions: {
    tenant: string
    investigation: string
    revision: number
    at: number
    by: string
    cause: string
    record: string
    recordHash: string
  }
  /** Time given back to budgets: of a lot, of all of a product, or of the units named beside. */
  budgetCorrections: {
    tenant: string
    id: string
    gtin: string
    /** Null: of all lots, or of `correctedUnits`. */
    lot: string | null
    /** proposed, signed, rejected or reversed. */
    state: string
    proposedAt: number
    record: string
    recordHash: string
    signature: string | null
    reversal: string | null
  }
  correctedUnits: { tenant: string; epc: number; correction: string }
}

// Tables of the ledger for what may be wrong with units and shipments: what scans told, who must be
// looked at again, what detectors found, cases and what reviewers said of them; a part of
// store/ledger/schema.ts.

export interface CaseTables {
  /**
   * Scans as detectors need them: beside the session what the label said and where, and when it was
   * told. `epc` is short (store/ledger/epcs.ts), also of unknown numbers; '' is not told.
   */
  sightings: {
    tenant: string
    epc: string
    session: string
    place: string
    /** JSON of [lot, expiry]. */
    label: string
    firstAt: number
    lastAt: number
    firstHeardAt: number
    lastHeardAt: number
    times: number
  }
  /** Who must be looked at again. See SuspectKind. */
  suspects: { tenant: string; kind: string; subject: string; since: number; marks: number }
  /** What detectors say of each subject now; all of a subject are written at once. */
  findings: {
    tenant: string
    subject: string
    detector: string
    key: string
    from: number
    to: number
    foundAt: number
    body: string
  }
  /** Cases as they stand. */
  cases: {
    tenant: string
    id: string
    subject: string
    kind: string
    status: string
    openedAt: number
    changedAt: number
    from: number
    to: number
    logOdds: number
    revision: number
    serialSet: string
    body: string
  }
  /** Each way a case ever stood. */
  caseRevisions: {
    tenant: string
    case: string
    revision: number
    recordTime: number
    cause: string
    body: string
    serialSet: string
  }
  /** What reviewers said; never changed. `detectors`: JSON, whose evidence was before them. */
  caseVerdicts: {
    tenant: string
    case: string
    number: number
    at: number
    by: string
    verdict: string
    reason: string
    revision: number
    detectors: string
  }
}

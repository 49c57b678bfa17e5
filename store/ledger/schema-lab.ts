// Tables of the ledger for the conformance lab; a part of store/ledger/schema.ts.

export interface LabTables {
  labSessions: {
    tenant: string
    id: string
    device: string
    state: 'running' | 'ended' | 'stopped' | 'full' | 'lost'
    startedAt: number
    /** When it ends, or ended. */
    endsAt: number
    by: string
    loggingIntervalMs: number | null
    /** JSON of `Fault[]`. */
    faults: string
  }
  /** What one process saw of a session. */
  labParts: {
    tenant: string
    session: string
    node: string
    /** Grows for as long as the process lives; 0: the logger never spoke to it. */
    beat: number
    /** JSON of `HappenedFault[]`. */
    happened: string
    /** JSON of `LabSeen`. */
    seen: string
  }
}

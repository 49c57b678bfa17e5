// Tables of the ledger for links, scans, armed limits and verifications; a part of
// store/ledger/schema.ts.

export interface ScanTables {
  /** Where Digital Links lead, by key, lot or serial. */
  links: { tenant: string; anchor: string; updatedAt: number; body: string }
  /**
   * Who looked at which unit. `epc` is its number, or 0 with `unknown` the hash of one that no
   * event named then.
   */
  scans: {
    tenant: string
    epc: number
    unknown: string
    session: string
    source: string
    firstAt: number
    lastAt: number
    times: number
    place: string | null
    device: string | null
    capturedBy: string | null
  }
  /**
   * What scanned labels ask for. `container`: canonical Digital Link of an SSCC. `said`: the limits
   * as text, for the key, in which null would be like nothing.
   */
  armedLimits: {
    tenant: string
    container: string
    armedAt: number
    said: string
    minC: number | null
    maxC: number | null
    label: string
    armedBy: string
    recordTime: number
  }
  /** What trading partners asked, and the answers. */
  verifications: {
    tenant: string
    id: string
    at: number
    epc: string
    askedBy: string
    requestor: string | null
    verified: number
    body: string
  }
}

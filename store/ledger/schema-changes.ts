// Tables of the ledger for what is proposed of profiles: back-tests, changes and what a tenant asks
// of them. Part of store/ledger/schema.ts.

export interface ChangeTables {
  backTests: {
    tenant: string
    id: string
    gtin: string
    createdAt: number
    createdBy: string
    updatedAt: number
    /** waiting, running, done, failed or cancelled. */
    state: string
    /** JSON: profile, effectiveFrom, span, costPerUnit. */
    ask: string
    profileHash: string
    /** Of the profile that judged when it was asked. */
    baseHash: string
    devices: number
    devicesDone: number
    readings: number
    detail: string | null
    /** JSON, and the SHA-256 of that text. */
    report: string | null
    reportHash: string | null
  }
  profileChanges: {
    tenant: string
    id: string
    gtin: string
    /** proposed, approved or rejected. */
    state: string
    proposedAt: number
    /** JSON: all that is signed, and its SHA-256. */
    record: string
    recordHash: string
    /** JSON of who signed what when and why, and its SHA-256. */
    signature: string | null
    signatureHash: string | null
    /** The version of the product that it became. */
    version: number | null
  }
  tenantSettings: { tenant: string; body: string; updatedAt: number; updatedBy: string }
}

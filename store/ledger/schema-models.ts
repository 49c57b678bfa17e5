// Tables of the ledger for what was learned of channels; a part of store/ledger/schema.ts.

export interface ModelTables {
  /** Versions count from 1 for each channel. */
  anomalyModels: {
    tenant: string
    device: string
    channel: string
    version: number
    /** SHA-256 of the body. */
    hash: string
    trainedAt: number
    by: string
    /** JSON; analytics/band-model.ts says of what. */
    body: string
  }
}

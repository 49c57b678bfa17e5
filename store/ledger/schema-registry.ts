// Tables of the ledger for what is registered: devices, keys, products and their profiles; a part
// of store/ledger/schema.ts.
import type { Generated } from 'kysely'

export interface RegistryTables {
  devices: {
    tenant: string
    id: string
    giai: string | null
    loggingIntervalMs: number | null
    channels: string
    tokenHash: string
    createdAt: number
    /** Expanded uncertainty of its temperatures, as it says. */
    uncertaintyC: number | null
    /** Out of service since; null: it is in service. */
    retiredAt: number | null
    retiredBy: string | null
    retiredReason: string | null
    /** The token before this one, good until then: a logger learns its new one meanwhile. */
    formerTokenHash: string | null
    formerTokenUntil: number | null
  }
  /** When a device was calibrated, and until when that calibration speaks. */
  calibrations: {
    tenant: string
    device: string
    calibratedAt: number
    dueAt: number
    certificate: string | null
    laboratory: string | null
    /** JSON of `CalibrationPoint[]`. */
    points: string | null
  }
  /** Own keys have a private one; partners' are believed until they are revoked. */
  handOverKeys: {
    tenant: string
    id: string
    name: string
    publicKey: string
    privateKey: string | null
    createdAt: number
    revokedAt: number | null
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
    /** JSON: what else is told of the product. */
    attributes: Generated<string>
    /** From when on the profile judges; null: from the beginning. */
    effectiveFrom: number | null
  }
  /** Every profile that a product ever had. */
  profileVersions: {
    tenant: string
    gtin: string
    version: number
    effectiveFrom: number | null
    profile: string
    updatedAt: number
  }
}

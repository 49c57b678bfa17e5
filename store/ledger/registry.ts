// Ledger queries: devices, service keys, products. Tokens are kept as SHA-256 only; they
// carry 256 random bits, so a slow password hash would add nothing.
import { createHash, randomBytes } from 'node:crypto'
import type { Selectable } from 'kysely'
import type { Profile } from '../../domain/profile/profile.ts'
import type { Channel } from '../../domain/reading.ts'
import type { LedgerQuery } from './ledger.ts'
import { insertVersion } from './profiles.ts'
import type { LedgerTables } from './schema.ts'

export interface Device {
  tenant: string
  id: string
  giai?: string
  loggingIntervalMs?: number
  /** Expanded uncertainty of its temperatures (calibration certificate). */
  uncertaintyC?: number
  /** Extra channels this device declares. */
  channels: Record<string, Channel>
  createdAt: number
  /** Out of service: it has no token any more, what it sent stays. */
  retired?: { at: number; by: string; reason: string }
  /** Until then the token before its present one is good as well. */
  formerTokenUntil?: number
}

export interface ServiceKey {
  id: string
  tenant: string
  name: string
  roles: string[]
  mqtt?: { publish: string[]; subscribe: string[] }
  createdAt: number
  revokedAt?: number
}

export interface Product {
  tenant: string
  gtin: string
  name: string
  profile: Profile
  /** What else is told of it: names to values, at least one. */
  attributes?: Record<string, unknown>
  version: number
  /** From when on the profile judges; not there: from the beginning. */
  effectiveFrom?: number
  updatedAt: number
}

export const newToken = (): string => randomBytes(32).toString('base64url')
export const hashToken = (token: string | Uint8Array): string =>
  createHash('sha256').update(token).digest('hex')

/** False when the id or the GIAI is taken. */
export async function insertDevice(
  db: LedgerQuery,
  device: Device,
  tokenHash: string,
): Promise<boolean> {
  const result = await db
    .insertInto('devices')
    .values({
      tenant: device.tenant,
      id: device.id,
      giai: device.giai ?? null,
      loggingIntervalMs: device.loggingIntervalMs ?? null,
      uncertaintyC: device.uncertaintyC ?? null,
      channels: JSON.stringify(device.channels),
      tokenHash,
      createdAt: device.createdAt,
      ...{ retiredAt: null, retiredBy: null, retiredReason: null },
      ...{ formerTokenHash: null, formerTokenUntil: null },
    })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst()
  return (result.numInsertedOrUpdatedRows ?? 0n) > 0n
}

const deviceOf = (row: Selectable<LedgerTables['devices']>): Device => ({
  tenant: row.tenant,
  id: row.id,
  ...(row.giai !== null && { giai: row.giai }),
  ...(row.loggingIntervalMs !== null && { loggingIntervalMs: row.loggingIntervalMs }),
  ...(row.uncertaintyC !== null && { uncertaintyC: row.uncertaintyC }),
  channels: JSON.parse(row.channels),
  createdAt: row.createdAt,
  ...(row.retiredAt !== null && {
    retired: { at: row.retiredAt, by: row.retiredBy ?? '', reason: row.retiredReason ?? '' },
  }),
  ...(row.formerTokenUntil !== null && { formerTokenUntil: row.formerTokenUntil }),
})

export async function readDevice(
  db: LedgerQuery,
  tenant: string,
  id: string,
): Promise<Device | undefined> {
  const row = await db
    .selectFrom('devices')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('id', '=', id)
    .executeTakeFirst()
  return row && deviceOf(row)
}

/** The devices of these GIAIs (canonical Digital Links). */
export async function devicesByGiai(
  db: LedgerQuery,
  tenant: string,
  giais: string[],
): Promise<Device[]> {
  if (giais.length === 0) return []
  const rows = await db
    .selectFrom('devices')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('giai', 'in', giais)
    .execute()
  return rows.map(deviceOf)
}

/** Ascending by id, after a given one. */
export async function listDevices(
  db: LedgerQuery,
  tenant: string,
  page: { after?: string; limit: number },
): Promise<Device[]> {
  const rows = await db
    .selectFrom('devices')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('id', '>', page.after ?? '')
    .orderBy('id')
    .limit(page.limit)
    .execute()
  return rows.map(deviceOf)
}

export async function updateDevice(
  db: LedgerQuery,
  device: Pick<Device, 'tenant' | 'id'>,
  change: {
    giai?: string
    loggingIntervalMs?: number
    uncertaintyC?: number
    channels?: Device['channels']
    /** Null: back in service. */
    retired?: Device['retired'] | null
  },
): Promise<void> {
  const { channels, retired, ...columns } = change
  const set = {
    ...columns,
    ...(channels && { channels: JSON.stringify(channels) }),
    ...(retired !== undefined && {
      retiredAt: retired?.at ?? null,
      retiredBy: retired?.by ?? null,
      retiredReason: retired?.reason ?? null,
    }),
  }
  if (Object.keys(set).length === 0) return
  await db
    .updateTable('devices')
    .set(set)
    .where('tenant', '=', device.tenant)
    .where('id', '=', device.id)
    .execute()
}

/** The token that it had is good until `formerUntil`; null: dead at once. */
export async function changeToken(
  db: LedgerQuery,
  device: Pick<Device, 'tenant' | 'id'>,
  { tokenHash, formerUntil }: { tokenHash: string; formerUntil: number | null },
): Promise<void> {
  await db
    .updateTable('devices')
    .set(({ ref }) => ({
      tokenHash,
      formerTokenHash: formerUntil === null ? null : ref('tokenHash'),
      formerTokenUntil: formerUntil,
    }))
    .where('tenant', '=', device.tenant)
    .where('id', '=', device.id)
    .execute()
}

/** A token by its hash; the former one is good until a time. */
export interface Credential {
  tokenHash: string
  until?: number
}

/**
 * Every device of every tenant with its credentials: what decoders and the broker must know
 * without a query. With an id, those that have it.
 */
export async function listRegistered(
  db: LedgerQuery,
  id?: string,
): Promise<{ device: Device; credentials: Credential[] }[]> {
  let query = db.selectFrom('devices').selectAll()
  if (id !== undefined) query = query.where('id', '=', id)
  const rows = await query.execute()
  return rows.map((row) => ({ device: deviceOf(row), credentials: credentialsOf(row) }))
}

function credentialsOf(row: Selectable<LedgerTables['devices']>): Credential[] {
  const { tokenHash, formerTokenHash, formerTokenUntil: until } = row
  const own = [{ tokenHash }]
  if (formerTokenHash === null || until === null) return own
  return [...own, { tokenHash: formerTokenHash, until }]
}

export async function insertKey(
  db: LedgerQuery,
  key: ServiceKey,
  tokenHash: string,
): Promise<void> {
  await db
    .insertInto('keys')
    .values({
      id: key.id,
      tenant: key.tenant,
      name: key.name,
      roles: JSON.stringify(key.roles),
      mqtt: key.mqtt ? JSON.stringify(key.mqtt) : null,
      tokenHash,
      createdAt: key.createdAt,
      revokedAt: null,
    })
    .execute()
}

const keyOf = (row: {
  id: string
  tenant: string
  name: string
  roles: string
  mqtt: string | null
  createdAt: number
  revokedAt: number | null
}): ServiceKey => ({
  id: row.id,
  tenant: row.tenant,
  name: row.name,
  roles: JSON.parse(row.roles),
  ...(row.mqtt !== null && { mqtt: JSON.parse(row.mqtt) }),
  createdAt: row.createdAt,
  ...(row.revokedAt !== null && { revokedAt: row.revokedAt }),
})

/** The key of a token, unless it is revoked. */
export async function keyByToken(
  db: LedgerQuery,
  tokenHash: string,
): Promise<ServiceKey | undefined> {
  const row = await db
    .selectFrom('keys')
    .selectAll()
    .where('tokenHash', '=', tokenHash)
    .where('revokedAt', 'is', null)
    .executeTakeFirst()
  return row && keyOf(row)
}

export async function listKeys(
  db: LedgerQuery,
  tenant: string,
  page: { after?: string; limit: number },
): Promise<ServiceKey[]> {
  const rows = await db
    .selectFrom('keys')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('id', '>', page.after ?? '')
    .orderBy('id')
    .limit(page.limit)
    .execute()
  return rows.map(keyOf)
}

export async function readKey(
  db: LedgerQuery,
  tenant: string,
  id: string,
): Promise<ServiceKey | undefined> {
  const row = await db
    .selectFrom('keys')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('id', '=', id)
    .executeTakeFirst()
  return row && keyOf(row)
}

/** False when there is no such key in the tenant. */
export async function revokeKey(
  db: LedgerQuery,
  key: { tenant: string; id: string },
  at: number,
): Promise<boolean> {
  const result = await db
    .updateTable('keys')
    .set({ revokedAt: at })
    .where('tenant', '=', key.tenant)
    .where('id', '=', key.id)
    .executeTakeFirst()
  return result.numUpdatedRows > 0n
}

/**
 * Stores the product; the version grows when profile, name or attributes changed, or from when on
 * the profile judges. Not said, a changed profile judges from the beginning, and one that did not
 * change from when it did; null says from the beginning. Attributes that are not given stay as they
 * were. Returns what stands now.
 */
export async function putProduct(
  db: LedgerQuery,
  product: Omit<Product, 'version' | 'effectiveFrom'> & { effectiveFrom?: number | null },
): Promise<Product> {
  const { tenant, gtin, name, updatedAt } = product
  const known = await readProduct(db, tenant, gtin)
  const profile = JSON.stringify(product.profile)
  const attributes = JSON.stringify(product.attributes ?? known?.attributes ?? {})
  const same = known !== undefined && JSON.stringify(known.profile) === profile
  const since = product.effectiveFrom === undefined && same ? known.effectiveFrom : undefined
  const effectiveFrom = product.effectiveFrom ?? since ?? null
  if (same && known.name === name && (known.effectiveFrom ?? null) === effectiveFrom)
    if (JSON.stringify(known.attributes ?? {}) === attributes) return known
  const version = (known?.version ?? 0) + 1
  const change = { name, profile, attributes, version, effectiveFrom, updatedAt }
  await db
    .insertInto('products')
    .values({ tenant, gtin, ...change })
    .onConflict((conflict) => conflict.columns(['tenant', 'gtin']).doUpdateSet(change))
    .execute()
  await insertVersion(db, product, { ...change, profile: product.profile })
  return productOf({ tenant, gtin, ...change })
}

type ProductRow = Selectable<LedgerTables['products']>

function productOf({ attributes, effectiveFrom, ...row }: ProductRow): Product {
  const told = JSON.parse(attributes) as Record<string, unknown>
  return {
    ...row,
    profile: JSON.parse(row.profile) as Profile,
    ...(Object.keys(told).length > 0 && { attributes: told }),
    ...(effectiveFrom !== null && { effectiveFrom }),
  }
}

export async function readProduct(
  db: LedgerQuery,
  tenant: string,
  gtin: string,
): Promise<Product | undefined> {
  const row = await db
    .selectFrom('products')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('gtin', '=', gtin)
    .executeTakeFirst()
  return row && productOf(row)
}

export async function listProducts(
  db: LedgerQuery,
  tenant: string,
  page: { after?: string; limit: number },
): Promise<Product[]> {
  const rows = await db
    .selectFrom('products')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('gtin', '>', page.after ?? '')
    .orderBy('gtin')
    .limit(page.limit)
    .execute()
  return rows.map(productOf)
}

export async function readMeta(db: LedgerQuery, name: string): Promise<string | undefined> {
  const row = await db
    .selectFrom('meta')
    .select('value')
    .where('name', '=', name)
    .executeTakeFirst()
  return row?.value
}

export async function writeMeta(db: LedgerQuery, name: string, value: string): Promise<void> {
  await db
    .insertInto('meta')
    .values({ name, value })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
    .execute()
}

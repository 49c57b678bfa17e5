// Ledger queries: keys of hand-overs, one's own and those of partners, and the events that may hold
// one. An own private key is kept in clear, as the secrets of webhooks are: who reads the ledger
// could change what it signs anyway.
import { sql } from 'kysely'
import { readEventsById, type StoredEvent } from './events.ts'
import { type LedgerQuery, listed, pagesOf } from './ledger.ts'
import { readMentions } from './mentions.ts'
import { mentionRoles } from './schema.ts'

export interface HandOverKey {
  /** RFC 7638 thumbprint of the public key. */
  id: string
  name: string
  /** Raw Ed25519 key in base64url: `x` of a JWK (RFC 8037). */
  publicKey: string
  /** Only of own keys: `d` of the JWK. */
  privateKey: string | null
  createdAt: number
  revokedAt: number | null
}

/** The same key again is known, and counts again when it was revoked. */
export async function putHandOverKey(
  db: LedgerQuery,
  tenant: string,
  key: HandOverKey,
): Promise<void> {
  await db
    .insertInto('handOverKeys')
    .values({ tenant, ...key })
    .onConflict((conflict) =>
      conflict.columns(['tenant', 'id']).doUpdateSet({ name: key.name, revokedAt: null }),
    )
    .execute()
}

/** The oldest first. */
export const readHandOverKeys = (db: LedgerQuery, tenant: string): Promise<HandOverKey[]> =>
  db
    .selectFrom('handOverKeys')
    .select(['id', 'name', 'publicKey', 'privateKey', 'createdAt', 'revokedAt'])
    .where('tenant', '=', tenant)
    .orderBy('createdAt')
    .orderBy('id')
    .execute()

/** False when there is none. */
export async function revokeHandOverKey(
  db: LedgerQuery,
  tenant: string,
  { id, at }: { id: string; at: number },
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('handOverKeys')
    .set({ revokedAt: at })
    .where('tenant', '=', tenant)
    .where('id', '=', id)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

/**
 * Events of the step sensor_reporting that name it in their list. Of all others the bodies are not
 * read: some name 100,000 units.
 */
export async function sensorReportsOf(
  db: LedgerQuery,
  tenant: string,
  epc: number,
): Promise<StoredEvent[]> {
  const roles = [mentionRoles.epcList]
  const mentions = await readMentions(db, tenant, { epcs: [epc], roles })
  const found: number[] = []
  for (const page of pagesOf([...new Set(mentions.map(({ event }) => event))])) {
    const { rows } = await sql<{ id: number }>`
      select events.id from ${listed(db, page)} cross join events
      where events.id = listed.value and events.tenant = ${tenant}
        and events."bizStep" like ${'%sensor_reporting'} and events.declared = 0`.execute(db)
    for (const { id } of rows) found.push(id)
  }
  return readEventsById(db, tenant, found)
}

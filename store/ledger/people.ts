// Ledger queries: people and their sessions. Of passwords and tokens only hashes are kept. People
// are never deleted: what they signed names them.
import type { Selectable } from 'kysely'
import type { LedgerQuery } from './ledger.ts'
import type { LedgerTables } from './schema.ts'

export type PersonRow = Selectable<LedgerTables['people']>
/** What is not given stays as it was. */
export type PersonChange = {
  [Column in Exclude<keyof PersonRow, 'tenant' | 'id'>]?: PersonRow[Column] | undefined
}
export type SessionRow = Selectable<LedgerTables['sessions']>

/** False when there is somebody of this id. */
export async function insertPerson(db: LedgerQuery, row: PersonRow): Promise<boolean> {
  const result = await db
    .insertInto('people')
    .values(row)
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst()
  return (result.numInsertedOrUpdatedRows ?? 0n) > 0n
}

export const readPerson = (
  db: LedgerQuery,
  tenant: string,
  id: string,
): Promise<PersonRow | undefined> =>
  db
    .selectFrom('people')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('id', '=', id)
    .executeTakeFirst()

export async function updatePerson(
  db: LedgerQuery,
  { tenant, id }: { tenant: string; id: string },
  change: PersonChange,
): Promise<void> {
  const set = givenOf(change)
  if (Object.keys(set).length === 0) return
  await db
    .updateTable('people')
    .set(set)
    .where('tenant', '=', tenant)
    .where('id', '=', id)
    .execute()
}

export const listPeople = (
  db: LedgerQuery,
  tenant: string,
  page: { after?: string; limit: number },
): Promise<PersonRow[]> =>
  db
    .selectFrom('people')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('id', '>', page.after ?? '')
    .orderBy('id')
    .limit(page.limit)
    .execute()

export async function countPeople(db: LedgerQuery, tenant: string): Promise<number> {
  const { n } = await db
    .selectFrom('people')
    .select(({ fn }) => fn.countAll().as('n'))
    .where('tenant', '=', tenant)
    .executeTakeFirstOrThrow()
  return Number(n)
}

/** Ids of those who may sign in and hold the role. */
export async function activeWith(db: LedgerQuery, tenant: string, role: string): Promise<string[]> {
  const rows = await db
    .selectFrom('people')
    .select(['id', 'roles'])
    .where('tenant', '=', tenant)
    .where('status', '=', 'active')
    .where('roles', 'like', `%"${role}"%`)
    .execute()
  return rows.filter(({ roles }) => rolesIn(roles).includes(role)).map(({ id }) => id)
}

/** The newest `keep` sessions of the person stay, this one among them. */
export async function insertSession(db: LedgerQuery, row: SessionRow, keep: number): Promise<void> {
  const { tenant, person } = row
  const own = db.deleteFrom('sessions').where('tenant', '=', tenant).where('person', '=', person)
  await own.where('expiresAt', '<=', row.madeAt).execute()
  const old = await db
    .selectFrom('sessions')
    .select('tokenHash')
    .where('tenant', '=', tenant)
    .where('person', '=', person)
    .orderBy('usedAt', 'desc')
    .limit(1000)
    .offset(keep - 1)
    .execute()
  const dead = old.map(({ tokenHash }) => tokenHash)
  if (dead.length > 0) await own.where('tokenHash', 'in', dead).execute()
  await db.insertInto('sessions').values(row).execute()
}

/** Whose session it is, as the person stands now; undefined when it ended or they are disabled. */
export async function readSession(
  db: LedgerQuery,
  tokenHash: string,
  { now, idleMs }: { now: number; idleMs: number },
): Promise<(SessionRow & Pick<PersonRow, 'roles' | 'mustChange'>) | undefined> {
  return db
    .selectFrom('sessions')
    .innerJoin('people', (join) =>
      join
        .onRef('people.tenant', '=', 'sessions.tenant')
        .onRef('people.id', '=', 'sessions.person'),
    )
    .selectAll('sessions')
    .select(['people.roles', 'people.mustChange'])
    .where('sessions.tokenHash', '=', tokenHash)
    .where('sessions.expiresAt', '>', now)
    .where('sessions.usedAt', '>', now - idleMs)
    .where('people.status', '=', 'active')
    .executeTakeFirst()
}

export async function touchSession(
  db: LedgerQuery,
  tokenHash: string,
  usedAt: number,
): Promise<void> {
  await db
    .updateTable('sessions')
    .set({ usedAt })
    .where('tokenHash', '=', tokenHash)
    .where('usedAt', '<', usedAt)
    .execute()
}

/** All sessions of a person but the one named. */
export async function endSessions(
  db: LedgerQuery,
  { tenant, person, but = '' }: { tenant: string; person: string; but?: string },
): Promise<void> {
  await db
    .deleteFrom('sessions')
    .where('tenant', '=', tenant)
    .where('person', '=', person)
    .where('tokenHash', '!=', but)
    .execute()
}

export async function endSession(
  db: LedgerQuery,
  tenant: string,
  tokenHash: string,
): Promise<void> {
  await db
    .deleteFrom('sessions')
    .where('tenant', '=', tenant)
    .where('tokenHash', '=', tokenHash)
    .execute()
}

/** Without what is undefined. */
export const givenOf = (change: PersonChange): Partial<PersonRow> =>
  Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined))

export const rolesIn = (text: string): string[] => JSON.parse(text) as string[]

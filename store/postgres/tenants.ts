// Row-level security: the last line behind the API's checks. Routes run as a role that owns nothing
// and sees the rows of the tenant of its connection; followers run as the owner and see all. What
// this cannot stop is somebody who may run any SQL: such a one can change the setting.
import pg from 'pg'
import { OperatorError } from '../../domain/refusal.ts'
import { codeOf, placeOf } from './errors.ts'

/** The routes of the API become this role: it sees rows while the setting names their tenant. */
export const tenantRole = 'isotherm_app'
/** For dashboards: one tenant too, reads only, and no hashes of tokens. */
export const readerRole = 'isotherm_read'
export const tenantSetting = 'isotherm.tenant'

/** What the reader may see of tables that hold hashes of tokens or secrets. */
const readable: Record<string, readonly string[]> = {
  devices: ['tenant', 'id', 'giai', 'loggingIntervalMs', 'channels', 'createdAt'],
  keys: ['tenant', 'id', 'name', 'roles', 'createdAt', 'revokedAt'],
  endpoints: ['tenant', 'id', 'kind', 'query', 'status', 'createdAt', 'failingSince', 'toldAt'],
  people: ['tenant', 'id', 'printedName', 'roles', 'status', 'createdAt'],
  sessions: ['tenant', 'person', 'madeAt', 'usedAt', 'expiresAt'],
  pools: ['tenant', 'id', 'name', 'key', 'prefix', 'issuable', 'issued', 'returned', 'createdAt'],
}

/**
 * Makes the roles that the migrations grant rights to, and lets this login become the one of the
 * routes. Throws OperatorError when somebody with more rights must do that.
 */
export async function ensureRoles(client: pg.Client, url: URL): Promise<void> {
  try {
    for (const role of [tenantRole, readerRole])
      if (!(await hasRole(client, role))) await createRole(client, role)
    const { rows } = await client.query<{ member: boolean }>(
      `select pg_has_role(current_user, $1, 'member') as member`,
      [tenantRole],
    )
    if (!rows[0]!.member) await client.query(`grant ${tenantRole} to current_user`)
  } catch (error) {
    if (codeOf(error) !== '42501') throw error
    const user = decodeURIComponent(url.username) || 'the login of the service'
    const roles = [tenantRole, readerRole]
    const commands = roles.map((role) => `create role ${role} nologin`)
    throw new OperatorError(
      `${placeOf(url)} has not the roles that keep tenants apart, and ${user} may not make them`,
      `as a superuser, once: ${commands.join('; ')}; grant ${tenantRole} to "${user}"`,
      error,
    )
  }
}

const hasRole = async (client: pg.Client, role: string): Promise<boolean> => {
  const { rowCount } = await client.query('select from pg_roles where rolname = $1', [role])
  return rowCount! > 0
}

/** Roles belong to the whole server: a service on another of its databases may be at it as well. */
async function createRole(client: pg.Client, role: string): Promise<void> {
  try {
    await client.query(`create role ${role} nologin`)
  } catch (error) {
    if (!/^(42710|23505)$/.test(codeOf(error))) throw error
  }
}

/**
 * Guards every table that has a tenant, also those of migrations to come and those of a restored
 * dump, which comes without grants. Changes nothing when all stand as they should. To be called by
 * one process at a time.
 */
export async function guardTables(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ name: string; whole: boolean }>(
    `select relname as name, relrowsecurity
       and exists (select from pg_policy where polrelid = c.oid and polname = 'tenant')
       and has_table_privilege($1, c.oid, 'delete')
       and has_any_column_privilege($2, c.oid, 'select') as whole
     from pg_class c
     where relnamespace = current_schema()::regnamespace and relkind in ('r', 'p')
       and not relispartition
       and exists (select from pg_attribute where attrelid = c.oid and attname = 'tenant')`,
    [tenantRole, readerRole],
  )
  for (const { name, whole } of rows) if (!whole) await guardTable(client, name)
}

async function guardTable(client: pg.Client, name: string): Promise<void> {
  const table = pg.escapeIdentifier(name)
  const columns = readable[name]?.map(pg.escapeIdentifier).join()
  await client.query(`
    begin;
    alter table ${table} enable row level security;
    drop policy if exists tenant on ${table};
    create policy tenant on ${table} using (tenant = current_setting('${tenantSetting}', true));
    grant select, insert, update, delete on ${table} to ${tenantRole};
    grant select ${columns ? `(${columns})` : ''} on ${table} to ${readerRole};
    commit`)
}

/** Followers read all tenants: a login under the policies would silently find nothing to do. */
export async function refuseForeignTables(client: pg.Client, url: URL): Promise<void> {
  const { rows } = await client.query<{ active: boolean; owner: string }>(
    `select row_security_active(oid) as active, pg_get_userbyid(relowner) as owner
     from pg_class where oid = 'detectors'::regclass`,
  )
  const { active, owner } = rows[0]!
  if (!active) return
  throw new OperatorError(
    `the tables in ${placeOf(url)} belong to ${owner}, so their rows are hidden from this login`,
    `log in as ${owner}, or: grant ${owner} to the login and let it own the tables`,
  )
}

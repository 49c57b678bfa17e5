// The people of a tenant: made, changed and disabled by an administrator, never deleted, for what
// they signed names them. Tells a password once, when it makes one, and has it changed.
import { z } from '@hono/zod-openapi'
import { bounds } from '../../config.ts'
import { appendEvidence } from '../../store/ledger/evidence.ts'
import type { LedgerQuery } from '../../store/ledger/ledger.ts'
import {
  activeWith,
  countPeople,
  endSessions,
  givenOf,
  insertPerson,
  listPeople,
  type PersonChange,
  type PersonRow,
  readPerson,
  rolesIn,
  updatePerson,
} from '../../store/ledger/people.ts'
import type { Deps } from '../deps.ts'
import { serially } from '../once.ts'
import { likingFields } from '../organisation.ts'
import { cutPage, formatTime, pageOf, pageQuery, parseCursor, textPlace } from '../page.ts'
import { conflict, notFound } from '../problem.ts'
import { roles } from '../roles.ts'
import { guarded, nounApp } from '../route.ts'
import { formatPerson, loginName, personSchema } from './format.ts'
import { hashPassword, oneTimePassword } from './passwords.ts'

const fields = {
  printedName: z.string().trim().min(2).max(200),
  email: z.email().max(320).nullish(),
  roles: z.array(z.enum(roles)).max(roles.length),
  language: likingFields.language.nullish(),
  zone: likingFields.zone.nullish(),
  unit: likingFields.unit.nullish(),
}
const newSchema = z
  .strictObject({
    id: z
      .string()
      .max(200)
      .transform(loginName)
      .refine(isLogin, { error: 'want 2 to 100 of a-z 0-9 . _ @ + -, no name of a key' })
      .openapi({ type: 'string', description: 'what the person signs in with' }),
    ...fields,
  })
  .openapi('NewPerson', {
    example: { id: 'ada', printedName: 'Ada Example', roles: ['quality'], language: 'en' },
  })
const changeSchema = z
  .strictObject({
    ...z.object(fields).partial().shape,
    status: z.enum(['active', 'disabled']).optional(),
    resetPassword: z.literal(true).optional().openapi({ description: 'answers a new one' }),
  })
  .openapi('PersonChange')
const madeSchema = z
  .object({
    ...personSchema.shape,
    password: z
      .string()
      .optional()
      .openapi({ description: 'told once; has to be changed when signing in' }),
    passwordUntil: z.string().nullable().optional(),
  })
  .openapi('MadePerson')

const list = guarded(
  { noun: 'people', verb: 'read' },
  {
    method: 'get',
    path: '/api/v1/people',
    summary: 'List people; e-mail addresses are for administrators',
    request: { query: z.object(pageQuery) },
    responses: {
      200: {
        description: 'A page',
        content: { 'application/json': { schema: pageOf(personSchema) } },
      },
    },
  },
)

const create = guarded(
  { noun: 'people', verb: 'write' },
  {
    method: 'post',
    path: '/api/v1/people',
    summary: 'Make an account',
    description: `Known roles: ${roles.join(', ')}.`,
    request: { body: { required: true, content: { 'application/json': { schema: newSchema } } } },
    responses: {
      201: {
        description: 'Made, with a password for the first time',
        content: { 'application/json': { schema: madeSchema } },
      },
    },
  },
)

const change = guarded(
  { noun: 'people', verb: 'write' },
  {
    method: 'patch',
    path: '/api/v1/people/{id}',
    summary: 'Change an account, disable it, or make a new password',
    description:
      'Roles count with the next request; disabling ends all sessions. 409 for what would leave no administrator.',
    request: {
      params: z.object({ id: z.string().max(200) }),
      body: { required: true, content: { 'application/json': { schema: changeSchema } } },
    },
    responses: {
      200: {
        description: 'As it stands',
        content: { 'application/json': { schema: madeSchema } },
      },
    },
  },
)

export const people = ({ now }: Deps) =>
  nounApp()
    .openapi(list, async (c) => {
      const { limit, cursor } = c.req.valid('query')
      const identity = c.get('identity')
      const after = parseCursor(cursor, textPlace)?.[0]
      const rows = await listPeople(c.get('ledger').db, identity.tenant, {
        limit: limit + 1,
        ...(after !== undefined && { after }),
      })
      const { items, next } = cutPage(rows, limit, (row) => [row.id])
      const whole = identity.kind !== 'device' && identity.roles.includes('admin')
      const told = items.map(formatPerson)
      return c.json(
        { items: whole ? told : told.map((person) => ({ ...person, email: null })), next },
        200,
      )
    })
    .openapi(create, async (c) => {
      const { tenant, id: by } = c.get('identity')
      const body = c.req.valid('json')
      const at = now()
      if (await readPerson(c.get('ledger').db, tenant, body.id)) throw taken(body.id)
      const fresh = await freshPassword(at)
      const row: PersonRow = {
        ...{ tenant, id: body.id, printedName: body.printedName, email: body.email ?? null },
        ...{ roles: JSON.stringify(body.roles), language: body.language ?? null },
        ...{ zone: body.zone ?? null, unit: body.unit ?? null, ...fresh.kept },
        ...{ status: 'active', createdAt: at, createdBy: by },
      }
      await c.get('ledger').transact((db) => insert(db, row), serially)
      return c.json({ ...formatPerson(row), ...fresh.told }, 201)
    })
    .openapi(change, async (c) => {
      const { tenant, id: by } = c.get('identity')
      const id = loginName(c.req.valid('param').id)
      const { resetPassword, roles: held, ...body } = c.req.valid('json')
      const at = now()
      const fresh = resetPassword && (await freshPassword(at))
      const asked = { ...body, ...(held && { roles: JSON.stringify(held) }), ...fresh?.kept }
      const row = await c
        .get('ledger')
        .transact((db) => update(db, { tenant, id, by, at }, asked), serially)
      return c.json({ ...formatPerson(row), ...fresh?.told }, 200)
    })

/** Makes an account, with its evidence. Problem 409. */
export async function insert(db: LedgerQuery, row: PersonRow): Promise<void> {
  const { tenant, id, createdAt: at, createdBy: by } = row
  if ((await countPeople(db, tenant)) >= bounds.peoplePerTenantMax)
    throw conflict(`at most ${bounds.peoplePerTenantMax} people are kept`)
  if (!(await insertPerson(db, row))) throw taken(id)
  const record = { person: id, after: recordOf(row) }
  await appendEvidence(db, { tenant, kind: 'person.created', by, at, record })
}

/** A password that somebody else than its owner knows, for a while. */
export async function freshPassword(at: number) {
  const password = oneTimePassword()
  const passwordUntil = at + bounds.oneTimePasswordMs
  return {
    kept: { passwordHash: await hashPassword(password), passwordUntil, mustChange: 1 },
    told: { password, passwordUntil: formatTime(passwordUntil) },
  }
}

async function update(
  db: LedgerQuery,
  { tenant, id, by, at }: { tenant: string; id: string; by: string; at: number },
  asked: PersonChange,
): Promise<PersonRow> {
  const before = await readPerson(db, tenant, id)
  if (!before) throw notFound(`no person ${id}`, 'path/id')
  const change = givenOf(asked)
  const after = { ...before, ...change }
  if (isAdmin(before) && !isAdmin(after)) {
    const others = (await activeWith(db, tenant, 'admin')).filter((other) => other !== id)
    if (others.length === 0) throw conflict('nobody would be left to administer this tenant')
  }
  await updatePerson(db, { tenant, id }, change)
  if (after.status === 'disabled' || change.passwordHash !== undefined)
    await endSessions(db, { tenant, person: id })
  const record = {
    ...{ person: id, before: recordOf(before), after: recordOf(after) },
    ...(change.passwordHash !== undefined && { passwordReset: true }),
  }
  await appendEvidence(db, { tenant, kind: 'person.changed', by, at, record })
  return after
}

const taken = (id: string) => conflict(`there is somebody called ${id}`, '/id')

/**
 * What the evidence says of an account: old values are not obscured (21 CFR 11.10(e)). No address:
 * what stands there can never be erased.
 */
const recordOf = ({ printedName, roles: held, status }: PersonRow) => ({
  ...{ printedName, roles: rolesIn(held), status },
})

const isAdmin = ({ status, roles: held }: PersonRow): boolean =>
  status === 'active' && rolesIn(held).includes('admin')

/** Evidence names callers by their id: nobody is called as the administrator or a key is. */
function isLogin(name: string): boolean {
  return (
    /^[a-z0-9][a-z0-9._@+-]{1,99}$/.test(name) &&
    !['admin', 'isotherm', 'unknown'].includes(name) &&
    !name.startsWith('key-')
  )
}

// Who I am to the server: what I may do, so that a console need not show the rest, and how I like
// to see things. Keys and the administrator have no account: of them it tells what there is.
import { z } from '@hono/zod-openapi'
import { readSettings } from '../../store/ledger/changes.ts'
import { appendEvidence } from '../../store/ledger/evidence.ts'
import type { LedgerQuery } from '../../store/ledger/ledger.ts'
import { endSessions, readPerson, updatePerson } from '../../store/ledger/people.ts'
import { readKey } from '../../store/ledger/registry.ts'
import type { Deps } from '../deps.ts'
import type { Identity } from '../identity.ts'
import { type Likings, likingFields, likingsOf } from '../organisation.ts'
import { formatTime } from '../page.ts'
import { conflict, invalid } from '../problem.ts'
import { rightsOf } from '../roles.ts'
import { guarded, nounApp } from '../route.ts'
import { passwordAgain } from '../signer.ts'
import { ownLikings } from './format.ts'
import { refusesPassword } from './password-rules.ts'
import { hashPassword } from './passwords.ts'

const likings = z.object(likingFields)
const meSchema = z
  .object({
    kind: z.enum(['admin', 'key', 'person']),
    id: z.string(),
    tenant: z.string(),
    roles: z.array(z.string()),
    rights: z
      .array(z.string())
      .openapi({ description: 'noun/verb', example: ['alerts/read', 'alerts/write'] }),
    name: z.string().openapi({
      description: 'for people to read: the printed name, the name of the key; else the id',
    }),
    printedName: z.string().nullable(),
    email: z.string().nullable(),
    ...likings.openapi({ description: 'what counts: the own choice, else the organisation’s' })
      .shape,
    own: z.object({
      language: likingFields.language.nullable(),
      zone: z.string().nullable(),
      unit: likingFields.unit.nullable(),
    }),
    organisation: likings,
    signsWith: z.enum(['password', 'token']).openapi({ description: 'given again to sign' }),
    mustChange: z.boolean(),
    expires: z.string().nullable().openapi({ description: 'of the session, at the latest' }),
  })
  .openapi('Me')
const content = { 'application/json': { schema: meSchema } }

const get = guarded(
  { noun: 'me', verb: 'read' },
  {
    method: 'get',
    path: '/api/v1/me',
    summary: 'Who asks, and what they may do',
    responses: { 200: { description: 'As it stands', content } },
  },
)

const patch = guarded(
  { noun: 'me', verb: 'write' },
  {
    method: 'patch',
    path: '/api/v1/me',
    summary: 'Choose language, time zone and unit; null: as the organisation has it',
    request: {
      body: {
        required: true,
        content: {
          'application/json': {
            schema: z.strictObject({
              language: likingFields.language.nullish(),
              zone: likingFields.zone.nullish(),
              unit: likingFields.unit.nullish(),
            }),
          },
        },
      },
    },
    responses: { 200: { description: 'As it stands', content } },
  },
)

const changePassword = guarded(
  { noun: 'me', verb: 'write' },
  {
    method: 'post',
    path: '/api/v1/me/password',
    summary: 'Choose another password; all other sessions end',
    request: {
      body: {
        required: true,
        content: {
          'application/json': {
            schema: z
              .strictObject({
                old: z.string().min(1).max(512).openapi({ format: 'password' }),
                new: z.string().max(512).openapi({ format: 'password' }),
              })
              .openapi('ChangePassword'),
          },
        },
      },
    },
    responses: { 204: { description: 'Changed' } },
  },
)

export const me = (deps: Deps) =>
  nounApp()
    .openapi(get, async (c) => c.json(await tellMe(c.get('ledger').db, c.get('identity')), 200))
    .openapi(patch, async (c) => {
      const identity = c.get('identity')
      if (identity.kind !== 'person')
        throw conflict('only people have choices of their own: a key has those of the organisation')
      const change = c.req.valid('json')
      const told = await c.get('ledger').transact(async (db) => {
        await updatePerson(db, identity, change)
        return tellMe(db, identity)
      })
      return c.json(told, 200)
    })
    .openapi(changePassword, async (c) => {
      const identity = c.get('identity')
      if (identity.kind !== 'person') throw conflict('only people have passwords')
      const { old, new: chosen } = c.req.valid('json')
      const person = await readPerson(c.get('ledger').db, identity.tenant, identity.id)
      const refusal = person && refusesPassword(chosen, person)
      if (refusal !== undefined) throw invalid(refusal, '/new')
      if (chosen.normalize('NFKC') === old.normalize('NFKC'))
        throw invalid('is the one that it takes the place of', '/new')
      await passwordAgain(deps, c, { password: old, path: '/old', meaning: 'password.changed' })
      const passwordHash = await hashPassword(chosen)
      const { tenant, id, session } = identity
      await c.get('ledger').transact(async (db) => {
        await updatePerson(db, identity, { passwordHash, passwordUntil: null, mustChange: 0 })
        await endSessions(db, { tenant, person: id, but: session })
        const entry = { tenant, kind: 'password.changed', by: id, at: deps.now(), record: {} }
        await appendEvidence(db, entry)
      })
      return c.body(null, 204)
    })

async function tellMe(db: LedgerQuery, identity: Identity): Promise<z.output<typeof meSchema>> {
  // Device tokens do not come here: they hold no right.
  if (identity.kind === 'device') throw conflict('a device has no account')
  const { kind, id, tenant, roles } = identity
  const organisation = likingsOf(await readSettings(db, tenant))
  const person = kind === 'person' ? await readPerson(db, tenant, id) : undefined
  const own = person ? ownLikings(person) : { language: null, zone: null, unit: null }
  return {
    ...{ kind, id, tenant, roles: [...roles], rights: rightsOf(roles) },
    name: person?.printedName ?? (await nameOfKey(db, identity)) ?? id,
    printedName: person?.printedName ?? null,
    email: person?.email ?? null,
    ...chosen(own, organisation),
    ...{ own, organisation, signsWith: kind === 'person' ? 'password' : 'token' },
    mustChange: person?.mustChange === 1,
    expires: kind === 'person' ? formatTime(identity.expiresAt) : null,
  }
}

async function nameOfKey(db: LedgerQuery, { kind, tenant, id }: Identity) {
  return kind === 'key' ? (await readKey(db, tenant, id))?.name : undefined
}

const chosen = (own: ReturnType<typeof ownLikings>, organisation: Likings): Likings => ({
  language: own.language ?? organisation.language,
  zone: own.zone ?? organisation.zone,
  unit: own.unit ?? organisation.unit,
})

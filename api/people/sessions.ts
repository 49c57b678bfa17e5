// Signing in and out. A session is a random token that people send as a bearer, as keys do: what a
// browser does not send by itself no other page can make it send. It ends when it is not used,
// after a day, and with the account. Tells nobody whether a person is there.
import { z } from '@hono/zod-openapi'
import { bounds } from '../../config.ts'
import { appendEvidence } from '../../store/ledger/evidence.ts'
import type { LedgerView } from '../../store/ledger/ledger.ts'
import {
  endSession,
  insertSession,
  listPeople,
  type PersonRow,
  readPerson,
} from '../../store/ledger/people.ts'
import { hashToken } from '../../store/ledger/registry.ts'
import { jsonBodyOf } from '../body.ts'
import type { Deps } from '../deps.ts'
import { newSessionToken } from '../identity.ts'
import { formatTime } from '../page.ts'
import { conflict, Problem } from '../problem.ts'
import { guarded, nounApp, open } from '../route.ts'
import { formatPerson, loginName, personSchema } from './format.ts'
import { isPassword } from './passwords.ts'
import { wrongPasswords } from './wrong-passwords.ts'

const bodySchema = z
  .strictObject({
    person: z.string().max(200),
    password: z.string().min(1).max(512).openapi({ format: 'password' }),
    tenant: z.string().min(1).max(200).default('default'),
  })
  .openapi('SignIn', { example: { person: 'ada', password: 'four plain words together' } })

const signIn = open({
  method: 'post',
  path: '/api/v1/sign-in',
  tags: ['me'],
  summary: 'Sign in with a password',
  description:
    'The token goes into Authorization: Bearer. 401 says the same for a wrong password and for a person who is not there; 429 after too many wrong ones, with the seconds to wait.',
  middleware: [jsonBodyOf(bounds.signInBytesMax)],
  request: { body: { required: true, content: { 'application/json': { schema: bodySchema } } } },
  responses: {
    200: {
      description: 'Signed in',
      content: {
        'application/json': {
          schema: z
            .object({
              token: z.string(),
              expires: z.string().openapi({ description: 'at the latest' }),
              idleSeconds: z.int().openapi({ description: 'without use it ends sooner' }),
              person: personSchema,
            })
            .openapi('Session'),
        },
      },
    },
  },
})

const signOut = guarded(
  { noun: 'me', verb: 'write' },
  {
    method: 'post',
    path: '/api/v1/sign-out',
    summary: 'End this session at once',
    responses: { 204: { description: 'Ended' } },
  },
)

/** For everybody: to be mounted before the API is closed. */
export function signIns(deps: Deps) {
  const { ledger, now } = deps
  const guard = wrongPasswords(deps)
  return nounApp().openapi(signIn, async (c) => {
    const { person: typed, password, tenant } = c.req.valid('json')
    const claim = guard.claim(c, { tenant, person: loginName(typed) })
    guard.admit(claim)
    const view = ledger.forTenant(tenant)
    const at = now()
    const row = await readPerson(view.db, tenant, claim.person)
    const right = await isPassword(
      password,
      row && maySignIn(row, at) ? row.passwordHash : undefined,
    )
    guard.count(claim, right)
    if (!right || !row) {
      if (guard.noted()) await noteRefused(view, { tenant, by: row?.id, at })
      throw refused()
    }
    const token = newSessionToken()
    const expiresAt = at + bounds.sessionMs
    const base = { tenant, person: row.id, madeAt: at, usedAt: at, expiresAt }
    await view.transact(async (db) => {
      const session = { ...base, tokenHash: hashToken(token) }
      await insertSession(db, session, bounds.sessionsPerPersonMax)
      await appendEvidence(db, { tenant, kind: 'sign-in', by: row.id, at, record: {} })
    })
    const idleSeconds = bounds.sessionIdleMs / 1000
    const expires = formatTime(expiresAt)
    return c.json({ token, expires, idleSeconds, person: formatPerson(row) }, 200)
  })
}

export const signOuts = () =>
  nounApp().openapi(signOut, async (c) => {
    const identity = c.get('identity')
    if (identity.kind !== 'person') throw conflict('only people have sessions; revoke the key')
    const { tenant, session } = identity
    await c.get('ledger').transact((db) => endSession(db, tenant, session))
    return c.body(null, 204)
  })

/**
 * The same work for everybody: whether somebody is there is not to be told by the clock either. A
 * tenant that has no people gets no list by being asked for.
 */
async function noteRefused(
  view: LedgerView,
  { tenant, by, at }: { tenant: string; by: string | undefined; at: number },
): Promise<void> {
  await view.transact(async (db) => {
    if ((await listPeople(db, tenant, { limit: 1 })).length === 0) return
    // What was typed for a name may be a password.
    const entry = { tenant, kind: 'sign-in.refused', by: by ?? 'unknown', at, record: {} }
    await appendEvidence(db, entry)
  })
}

/** A password that somebody else made does not count for long. */
const maySignIn = ({ status, passwordUntil }: PersonRow, at: number): boolean =>
  status === 'active' && (passwordUntil === null || at < passwordUntil)

function refused(): Problem {
  const detail = 'no such person with this password'
  return new Problem(401, [{ code: 'request/unauthenticated', path: '', detail }], {
    'WWW-Authenticate': 'Bearer realm="isotherm"',
  })
}

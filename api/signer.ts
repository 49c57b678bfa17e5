// Who signs says again who they are (21 CFR 11.200(a)(1)): a person with the password, a key or the
// administrator with the token. Both components count: who is signed in, and what is given again.
// Decides who one is, not whether one may sign.
import { z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { appendEvidence } from '../store/ledger/evidence.ts'
import { readPerson } from '../store/ledger/people.ts'
import { originOf } from './client-address.ts'
import type { Deps } from './deps.ts'
import { callerOf, type Env, type Identity } from './identity.ts'
import { isPassword } from './people/passwords.ts'
import { wrongPasswords } from './people/wrong-passwords.ts'
import { invalid, Problem } from './problem.ts'

/** Fields of a body by which a signer says again who they are. */
export const signingFields = {
  password: z.string().min(1).max(512).optional().openapi({
    description: 'of a person, once more (21 CFR 11.200)',
    format: 'password',
  }),
  token: z.string().min(1).max(500).optional().openapi({
    description: 'of a key or the administrator: the caller’s own, once more',
    format: 'password',
  }),
  printedName: z.string().trim().min(2).max(200).optional().openapi({
    description: 'of whoever signs with a key; the account of a person has it',
  }),
}

export interface Given {
  /** Of a person. */
  password?: string | undefined
  /** Of a key or the administrator. */
  token?: string | undefined
  /** Who sits before a key; an account knows the name of its person. */
  printedName?: string | undefined
  /** What is signed and why, for the evidence of a refused attempt. */
  meaning: string
  reason: string
}

export interface Signer {
  signer: string
  /** 21 CFR 11.50(a)(1). */
  printedName: string
  /** How they said again who they are. */
  authentication: 'password' | 'token'
}

/**
 * To be called before the transaction of what is signed. Throws Problem 400 when nothing is given
 * again, 401 `request/signature` when it is wrong, 403 when it is somebody else's, 429 after too
 * many wrong ones.
 */
export async function signerOf(deps: Deps, c: Context<Env>, given: Given): Promise<Signer> {
  const identity = c.get('identity')
  if (identity.kind === 'person') {
    if (given.password === undefined) throw invalid('sign with the password', '/password')
    const asked = { password: given.password, path: '/password', meaning: given.meaning }
    const { printedName } = await passwordAgain(deps, c, asked)
    return { signer: identity.id, printedName, authentication: 'password' }
  }
  if (given.token === undefined) throw invalid('sign with the token', '/token')
  await tokenAgain(deps, c, { token: given.token, meaning: given.meaning })
  const printedName = given.printedName ?? identity.id
  return { signer: identity.id, printedName, authentication: 'token' }
}

/** The account of the person who asks, when it is their password. Problem 401 or 429. */
export async function passwordAgain(
  deps: Deps,
  c: Context<Env>,
  given: { password: string; path: string; meaning: string },
) {
  const { tenant, id: person } = c.get('identity')
  const guard = wrongPasswords(deps)
  const claim = guard.claim(c, { tenant, person })
  guard.admit(claim)
  const row = await readPerson(c.get('ledger').db, tenant, person)
  const right = await isPassword(given.password, row?.passwordHash)
  guard.count(claim, right)
  if (right && row) return row
  await noteRefused(deps, c, given.meaning)
  throw wrongSecond('this is not the password of who is signed in', given.path)
}

async function tokenAgain(
  deps: Deps,
  c: Context<Env>,
  { token, meaning }: { token: string; meaning: string },
): Promise<void> {
  const identity = await identityOf(deps, c, token)
  const { kind, id, tenant } = c.get('identity')
  if (identity?.kind === kind && identity.id === id && identity.tenant === tenant) return
  await noteRefused(deps, c, meaning)
  if (!identity) throw wrongSecond('the token is not valid, or no longer', '/token')
  const detail = 'this is not the token of the caller: each signs with their own'
  throw new Problem(403, [{ code: 'request/forbidden', path: '/token', detail }])
}

async function identityOf(
  deps: Deps,
  c: Context<Env>,
  token: string,
): Promise<Identity | undefined> {
  try {
    return (await callerOf(deps, `Bearer ${token}`, originOf(c))).identity
  } catch (error) {
    if (error instanceof Problem && error.status === 401) return undefined
    throw error
  }
}

async function noteRefused(deps: Deps, c: Context<Env>, meaning: string): Promise<void> {
  if (!wrongPasswords(deps).noted()) return
  const { tenant, id: by, kind: caller } = c.get('identity')
  const record = { caller, meaning, path: c.req.path }
  await c
    .get('ledger')
    .transact((db) =>
      appendEvidence(db, { tenant, kind: 'signature.refused', by, at: deps.now(), record }),
    )
}

/** The session goes on: it is the second component that is wrong. */
function wrongSecond(detail: string, path: string): Problem {
  return new Problem(401, [{ code: 'request/signature', path, detail }], {
    'WWW-Authenticate': 'Bearer realm="isotherm"',
  })
}

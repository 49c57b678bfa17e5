// Who calls: the administrator, a service key, a person or a device, by token (RFC 6750, RFC 7617).
// Nobody else passes. No tokens in URLs: they end in logs and histories.
import { timingSafeEqual } from 'node:crypto'
import type { Context, MiddlewareHandler } from 'hono'
import { bounds } from '../config.ts'
import type { LedgerView } from '../store/ledger/ledger.ts'
import { readSession, rolesIn, touchSession } from '../store/ledger/people.ts'
import { hashToken, keyByToken, newToken } from '../store/ledger/registry.ts'
import { deviceByToken } from '../store/ledger/trace.ts'
import { clientNetwork, type Origin, originOf } from './client-address.ts'
import type { Deps } from './deps.ts'
import { refuseAfter } from './limiter.ts'
import { Problem } from './problem.ts'
import { mayDo, type Noun, rolesFor, type Verb } from './roles.ts'
import { wrongTokens } from './wrong-tokens.ts'

export type Identity =
  | { kind: 'admin'; id: 'admin'; tenant: string; roles: readonly string[] }
  | { kind: 'key'; id: string; tenant: string; roles: readonly string[] }
  | Person
  | { kind: 'device'; id: string; tenant: string }

export interface Person {
  kind: 'person'
  id: string
  tenant: string
  roles: readonly string[]
  /** Has to choose a password before anything else. */
  mustChange: boolean
  /** Hash of the token. */
  session: string
  expiresAt: number
}

/**
 * What routes find in their context. The ledger is that of the caller's tenant, no other's; the
 * requestId is one for the caller, the log and a problem.
 */
export interface Env {
  Variables: {
    identity: Identity
    ledger: LedgerView
    requestId: string
    /** The route, when it changes something: see api/evidence.ts. */
    change?: string
    /** Where what it makes will be found, told before the end of the transaction that makes it. */
    created?: string
    /** Its entry stands in the evidence, with its change. */
    witnessed?: boolean
    /** Bytes of the body, once read. */
    body?: Uint8Array
  }
}

/**
 * What a route asks for. `deviceOf`: whose record it is; a device token passes when it is its own.
 */
export interface Right {
  noun: Noun
  verb: Verb
  deviceOf?: (c: Context<Env>) => string | undefined
}

/** Puts `identity` and its tenant's `ledger` into the context, or answers 401. */
export function identify(deps: Deps): MiddlewareHandler<Env> {
  return async (c, next) => {
    const { identity, ledger } = await callerOf(deps, c.req.header('Authorization'), originOf(c))
    c.set('identity', identity)
    c.set('ledger', ledger)
    await next()
  }
}

/**
 * Whose Authorization header it is, and the ledger of their tenant. Throws Problem 401, and 429
 * where too many wrong tokens came from.
 */
export async function callerOf(
  deps: Deps,
  header: string | undefined,
  origin: Origin = { peer: undefined, forwarded: undefined },
): Promise<Pick<Env['Variables'], 'identity' | 'ledger'>> {
  const token = tokenOf(header ?? '')
  if (token === undefined) throw unauthenticated(header !== undefined)
  const tokens = wrongTokens(deps)
  const network = clientNetwork(origin, tokens.trusted)
  const hash = hashToken(token)
  refuseAfter(tokens.waitFor(network, hash))
  const identity = await identityOf(deps, { token, hash, isUse: true })
  tokens.count(network, hash, identity !== undefined)
  if (!identity) throw unauthenticated(true)
  return { identity, ledger: deps.ledger.forTenant(identity.tenant) }
}

/** Whether a header still gives a right, for what goes on after its request. Uses no session. */
export async function stillMay(
  deps: Deps,
  header: string | undefined,
  { noun, verb }: Pick<Right, 'noun' | 'verb'>,
): Promise<boolean> {
  const token = tokenOf(header ?? '') ?? ''
  const identity = await identityOf(deps, { token, hash: hashToken(token), isUse: false })
  return identity !== undefined && mayNow(identity, noun, verb)
}

/** By roles; of a device token never. Who has to choose a password may do nothing else before. */
export function mayNow(identity: Identity, noun: Noun, verb: Verb): boolean {
  if (identity.kind === 'device' || (hasToChoose(identity) && noun !== 'me')) return false
  return mayDo(identity.roles, noun, verb)
}

const hasToChoose = (identity: Identity): boolean =>
  identity.kind === 'person' && identity.mustChange

/** The token of a session: told apart from keys, which have no dot, before it is looked for. */
export const newSessionToken = (): string => `${sessionMark}${newToken()}`

const sessionMark = 'session.'

/** Bearer, or Basic with the token as password, for senders that know no other (RFC 7617). */
function tokenOf(header: string): string | undefined {
  const bearer = /^Bearer +([A-Za-z0-9._~+/-]+=*) *$/i.exec(header)?.[1]
  if (bearer !== undefined) return bearer
  const basic = /^Basic +([A-Za-z0-9+/]+=*) *$/i.exec(header)?.[1]
  if (basic === undefined) return undefined
  const [, password] = /^[^:]*:(.+)$/s.exec(Buffer.from(basic, 'base64').toString()) ?? []
  return password
}

/** Lets pass who holds the right; 403 for everybody else. */
export const permit =
  ({ noun, verb, deviceOf }: Right): MiddlewareHandler<Env> =>
  async (c, next) => {
    const identity = c.get('identity') as Identity | undefined
    if (!identity) throw unauthenticated(false)
    const ofItself = identity.kind === 'device' && deviceOf !== undefined
    const allowed = ofItself
      ? (deviceOf(c) ?? identity.id) === identity.id
      : mayNow(identity, noun, verb)
    if (!allowed) throw hasToChoose(identity) ? unchosen() : forbidden(identity, noun, verb)
    await next()
  }

async function identityOf(
  deps: Deps,
  { token, hash, isUse }: { token: string; hash: string; isUse: boolean },
): Promise<Identity | undefined> {
  const admin = Buffer.from(deps.admin.tokenHash, 'hex')
  if (timingSafeEqual(Buffer.from(hash, 'hex'), admin))
    return { kind: 'admin', id: 'admin', tenant: 'default', roles: ['admin'] }
  // Whose tenant it is, is not known before: the only queries of the API that see all tenants.
  // Looked up each time: a revoked key is dead with its next request. The hash leaks no timing of
  // the token.
  if (token.startsWith(sessionMark)) return personOf(deps, hash, isUse)
  const key = await keyByToken(deps.ledger.db, hash)
  if (key) return { kind: 'key', id: key.id, tenant: key.tenant, roles: key.roles }
  const device = await deviceByToken(deps.ledger.db, hash, deps.now())
  return device && { kind: 'device', ...device }
}

/** As the account stands now: a role that was taken away is gone with the next request. */
async function personOf(
  { ledger, now }: Deps,
  hash: string,
  isUse: boolean,
): Promise<Person | undefined> {
  const at = now()
  const session = await readSession(ledger.db, hash, { now: at, idleMs: bounds.sessionIdleMs })
  if (!session) return undefined
  if (isUse && at - session.usedAt >= bounds.sessionTouchMs) await touchSession(ledger.db, hash, at)
  const { person: id, tenant, expiresAt } = session
  const roles = rolesIn(session.roles)
  const mustChange = session.mustChange === 1
  return { kind: 'person', id, tenant, roles, mustChange, session: hash, expiresAt }
}

function unauthenticated(given: boolean): Problem {
  const detail = given
    ? 'the token is not valid, or no longer'
    : 'send a token: Authorization: Bearer <token>'
  const challenge = `Bearer realm="isotherm"${given ? ', error="invalid_token"' : ''}`
  return new Problem(401, [{ code: 'request/unauthenticated', path: '', detail }], {
    'WWW-Authenticate': challenge,
  })
}

function unchosen(): Problem {
  const detail = 'choose a password of your own first: POST /api/v1/me/password'
  return new Problem(403, [{ code: 'request/forbidden', path: '', detail }])
}

function forbidden(identity: Identity, noun: Noun, verb: Verb): Problem {
  const names = rolesFor(noun, verb).join(', ') || 'nobody'
  const detail =
    identity.kind === 'device'
      ? `a device token speaks only of the device ${identity.id}`
      : `to ${verb} ${noun} ${identity.kind === 'person' ? 'one' : 'a key'} needs one of the roles ${names}`
  return new Problem(403, [{ code: 'request/forbidden', path: '', detail }])
}

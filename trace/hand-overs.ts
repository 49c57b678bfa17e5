// Hand-overs of exposure between partners: signs what a unit's passport says, and finds in the
// events of a unit what partners signed. Counts only what a key that this tenant trusts signed, of
// the unit and the time that the event names; all else is told with its reason and never counted.
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  sign,
  verify,
} from 'node:crypto'
import { canonicalEpc } from '../domain/gs1/gs1.ts'
import { formatHandOver, type HandOver, objectOf, parseHandOver } from '../domain/hand-over.ts'
import type { StoredEvent } from '../store/ledger/events.ts'
import { type HandOverKey, readHandOverKeys, sensorReportsOf } from '../store/ledger/hand-overs.ts'
import type { LedgerQuery } from '../store/ledger/ledger.ts'

/** Why a hand-over is not counted. */
export type Mistrust =
  | 'unreadable'
  | 'unknown-key'
  | 'revoked-key'
  | 'bad-signature'
  | 'content-changed'

export interface Received extends HandOver {
  eventID: string
  /** Whose key signed it, by the name that this tenant gave it. */
  partner: string
  key: string
}

export interface HandOvers {
  /** The one that says most: of those trusted the one that goes furthest. */
  opening: Received | undefined
  refused: { eventID: string; reason: Mistrust }[]
}

/** A fresh pair of keys. */
export function newHandOverKey(name: string, createdAt: number): HandOverKey {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const { x } = publicKey.export({ format: 'jwk' })
  const { d } = privateKey.export({ format: 'jwk' })
  const base = { name, createdAt, revokedAt: null }
  return { ...base, id: thumbprint(x!), publicKey: x!, privateKey: d! }
}

/** RFC 7638, RFC 8037 A.3: the members in the order of their names, without spaces. */
export const thumbprint = (x: string): string =>
  createHash('sha256').update(`{"crv":"Ed25519","kty":"OKP","x":"${x}"}`).digest('base64url')

/** Whether it is a public key at all. */
export function isPublicKey(x: string): boolean {
  try {
    return Buffer.from(x, 'base64url').length === 32 && publicKeyOf(x) !== undefined
  } catch {
    return false
  }
}

export const signHandOver = (handOver: HandOver, key: HandOverKey): string =>
  signJws(formatHandOver(handOver), key)

/** A JWS in its compact form (RFC 7515 §7.1) with EdDSA (RFC 8037), by an own key. */
export function signJws(text: string, { id, publicKey, privateKey }: HandOverKey): string {
  const header = base64url(JSON.stringify({ alg: 'EdDSA', kid: id }))
  const content = `${header}.${base64url(text)}`
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: publicKey, d: privateKey! }
  const key = createPrivateKey({ key: jwk, format: 'jwk' })
  return `${content}.${sign(null, Buffer.from(content), key).toString('base64url')}`
}

/** Whose it is and what it says; or why it is not believed. */
export function readSigned(
  jws: string,
  keys: readonly HandOverKey[],
): { handOver: HandOver; key: HandOverKey } | Mistrust {
  const [head = '', body = '', signature = '', more] = jws.split('.')
  const header = objectOf(textOf(head))
  const handOver = parseHandOver(textOf(body))
  if (more !== undefined || header?.alg !== 'EdDSA' || !handOver) return 'unreadable'
  const key = keys.find(({ id }) => id === header.kid)
  if (!key) return 'unknown-key'
  if (key.revokedAt !== null) return 'revoked-key'
  const content = Buffer.from(`${head}.${body}`)
  const signed = Buffer.from(signature, 'base64url')
  const fine = verify(null, content, publicKeyOf(key.publicKey), signed)
  return fine ? { handOver, key } : 'bad-signature'
}

/** What partners handed over of a unit until then, in the events that name it itself. */
export async function handOversOf(
  db: LedgerQuery,
  tenant: string,
  { id, epc, until }: { id: number; epc: string; until: number },
): Promise<HandOvers> {
  const found: HandOvers = { opening: undefined, refused: [] }
  const signed = (await sensorReportsOf(db, tenant, id)).flatMap(statementsIn)
  if (signed.length === 0) return found
  const keys = await readHandOverKeys(db, tenant)
  for (const { event, jws } of signed) {
    const { eventID } = event
    if (event.eventTime > until) continue
    const read = readSigned(jws, keys)
    if (typeof read === 'string') {
      found.refused.push({ eventID, reason: read })
      continue
    }
    const { handOver, key } = read
    // One's own says nothing that is not known here better.
    if (key.privateKey !== null) continue
    const named = canonicalEpc(handOver.epc)
    if (!named.ok || named.value !== epc || handOver.to !== event.eventTime)
      found.refused.push({ eventID, reason: 'content-changed' })
    else if (!found.opening || isFurther(handOver, found.opening))
      found.opening = { ...handOver, eventID, partner: key.name, key: key.id }
  }
  return found
}

/** Of two to one time the one that tells of more; whatever order they came in. */
const isFurther = (one: HandOver, other: Received): boolean =>
  one.to !== other.to
    ? one.to > other.to
    : one.from !== other.from
      ? one.from < other.from
      : one.passportHash < other.passportHash

/** Under whatever prefix: the statement says itself what it is. */
function statementsIn(event: StoredEvent): { event: StoredEvent; jws: string }[] {
  const fields = Object.entries(objectOf(event.body) ?? {})
  const found = fields.find(([name, value]) => /:statement$/.test(name) && isJws(value))
  return found ? [{ event, jws: String(found[1]) }] : []
}

const isJws = (value: unknown): boolean =>
  typeof value === 'string' && value.split('.').length === 3

const publicKeyOf = (x: string) =>
  createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' })

const base64url = (text: string): string => Buffer.from(text).toString('base64url')
const textOf = (encoded: string): string => Buffer.from(encoded, 'base64url').toString()

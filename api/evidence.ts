// Every change that a caller makes through the API leaves an entry in the evidence of its tenant:
// who, when, which route, what came of it, and the hash of the body, which may hold secrets and so
// is not kept. Written after the answer is known and before it is told: who was told that something
// is done finds it there. Does not write down what the log or a table of its own has in full.
import { createHash } from 'node:crypto'
import type { MiddlewareHandler } from 'hono'
import { bounds } from '../config.ts'
import { appendAllEvidence, type Evidence } from '../store/ledger/evidence.ts'
import type { Deps } from './deps.ts'
import { openGathering } from './gather.ts'
import type { Env } from './identity.ts'
import { openLimiter } from './limiter.ts'

/** What machines send all day long, each as it came, with whoever sent it. */
const keptElsewhere: ReadonlySet<string> = new Set([
  'POST /api/v1/readings',
  'POST /api/v1/transmissions',
  'POST /api/v1/scans',
  'POST /api/v1/verifications',
  'GET /verify/gtin/{gtin}/lot/{lot}/ser/{serial}',
  'POST /epcis/capture',
  'POST /epcis/events',
])

/** Of a route that changes something: says so to `leaveEvidence`. */
export const changing =
  (route: string): MiddlewareHandler<Env> =>
  async (c, next) => {
    if (!keptElsewhere.has(route)) c.set('change', route)
    await next()
  }

/**
 * After `identify`. Problem 503 when the evidence cannot be written. Who follows the stream hears
 * what kind of thing was changed, and asks for it.
 */
export function leaveEvidence({ now, tell }: Deps): MiddlewareHandler<Env> {
  const write = openGathering<Omit<Evidence, 'tenant'>>(
    bounds.evidencePerWriteMax,
    appendAllEvidence,
  )
  const keep = { now, keysMax: bounds.limiterKeysMax }
  const forbidden = openLimiter(bounds.forbiddenEvidenceRate, keep)
  return async (c, next) => {
    await next()
    const route = c.get('change')
    const { status } = c.res
    if (route === undefined || !leavesTrace(status)) return
    const { tenant, id: by, kind: caller } = c.get('identity')
    if (status === 403 && forbidden.take(`${tenant}\n${caller}\n${by}`) > 0) return
    const { search } = new URL(c.req.url)
    const body = c.get('body')
    const record = {
      ...{ caller, route, status, path: cut(c.req.path), requestId: c.get('requestId') },
      ...(search !== '' && { query: cut(search) }),
      ...(body && !holdsSecret(body) && { bodySha256: hashOf(body) }),
      created: c.res.headers.get('Location') ?? undefined,
    }
    await write(c.get('ledger'), tenant, { kind: 'request', by, at: now(), record })
    if (status < 400)
      tell?.({ tenant, event: 'record.changed', data: { of: c.req.path.split('/')[3] ?? '' } })
  }
}

/** What was done, what may have been, and what somebody had no right to. */
const leavesTrace = (status: number): boolean => status < 400 || status === 403 || status >= 500

/**
 * A password among what is known otherwise could be found by trying: this hash is a quick one, and
 * many may read it. Changes of this kind leave an entry of their own with what matters.
 */
const holdsSecret = (body: Uint8Array): boolean => secretNames.test(Buffer.from(body).toString())

const secretNames =
  /"(?:[\w-]{0,40}(?:passw|passphrase|secret|token|credential)[\w-]{0,40}|old|new|pin)"\s{0,40}:/i

const hashOf = (body: Uint8Array): string => createHash('sha256').update(body).digest('hex')

const cut = (text: string): string => text.slice(0, bounds.evidencePathCharsMax)

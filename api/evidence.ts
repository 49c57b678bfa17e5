// Every change that a caller makes through the API leaves an entry in the evidence of its tenant:
// who, when, which route, and the hash of the body, which may hold secrets and so is not kept. It
// is the last step of the first transaction that changes something, so that neither stands without
// the other. What changed nothing in the ledger (a backup, an order to another store), may have
// (5xx) or was forbidden is written after the answer is known and before it is told. Does not
// write down what the log or a table of its own has in full.
import { createHash } from 'node:crypto'
import type { Context, MiddlewareHandler } from 'hono'
import { bounds } from '../config.ts'
import { appendAllEvidence, appendEvidence, type Evidence } from '../store/ledger/evidence.ts'
import type { LedgerView, TransactOptions } from '../store/ledger/ledger.ts'
import { watchWrites } from '../store/ledger/watch-writes.ts'
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
  const turns = openTurns()
  return async (c, next) => {
    const ledger = c.get('ledger')
    c.set('ledger', witnessing(c, { ledger, now, turns }))
    await next()
    const { status } = c.res
    if (c.get('change') === undefined) return
    const { tenant, id: by, kind: caller } = c.get('identity')
    if (status < 400)
      tell?.({ tenant, event: 'record.changed', data: { of: c.req.path.split('/')[3] ?? '' } })
    if (isTold(c, status)) return
    if (status === 403 && forbidden.take(`${tenant}\n${caller}\n${by}`) > 0) return
    const created = c.res.headers.get('Location') ?? undefined
    const record = { ...recordOf(c), status, created }
    await write(ledger, tenant, { kind: 'request', by, at: now(), record })
  }
}

/** The ledger of the caller, of which each transaction that changes something says who asked. */
function witnessing(
  c: Context<Env>,
  { ledger, now, turns }: { ledger: LedgerView; now: () => number; turns: Turns },
): LedgerView {
  const transact = async <T>(
    steps: Parameters<typeof ledger.transact<T>>[0],
    options?: TransactOptions,
  ): Promise<T> => {
    if (c.get('change') === undefined || c.get('witnessed')) return ledger.transact(steps, options)
    const { tenant, id: by } = c.get('identity')
    let witnessed = false
    const run = () =>
      ledger.transact(async (db) => {
        const watched = watchWrites(db)
        const told = await steps(watched.db)
        witnessed = watched.wrote()
        const record = { ...recordOf(c), created: c.get('created') }
        if (witnessed) await appendEvidence(db, { tenant, kind: 'request', by, at: now(), record })
        return told
      }, options)
    const told = await (options?.serializable ? turns(tenant, run) : run())
    if (witnessed) c.set('witnessed', true)
    return told
  }
  return { db: ledger.db, transact }
}

/** Work of one name one after the other. */
type Turns = <T>(name: string, work: () => Promise<T>) => Promise<T>

/**
 * Serializable transactions of a tenant all write the end of its evidence: those of this process
 * take turns, for PostgreSQL would run all but one of them again.
 */
function openTurns(): Turns {
  const last = new Map<string, Promise<unknown>>()
  return (name, work) => {
    const mine = (last.get(name) ?? Promise.resolve()).then(work)
    const ended = mine.catch(() => undefined)
    last.set(name, ended)
    ended.then(() => {
      if (last.get(name) === ended) last.delete(name)
    })
    return mine
  }
}

/** Of the request as far as it is known before its answer. */
function recordOf(c: Context<Env>): Record<string, unknown> {
  const { search } = new URL(c.req.url)
  const body = c.get('body')
  return {
    ...{ caller: c.get('identity').kind, route: c.get('change') },
    ...{ path: cut(c.req.path), requestId: c.get('requestId') },
    ...(search !== '' && { query: cut(search) }),
    ...(body && !holdsSecret(body) && { bodySha256: hashOf(body) }),
  }
}

/** Its entry is there already, or there is nothing to tell. */
const isTold = (c: Context<Env>, status: number): boolean =>
  c.get('witnessed') === true ? status < 400 : !leavesTrace(status)

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

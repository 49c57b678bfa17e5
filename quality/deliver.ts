// Tells endpoints what they asked for: at least once, in order, each message with the same id and
// the same bytes however often it is tried, so that a receiver that remembers ids sees each exactly
// once. The place of an endpoint moves in the transaction that writes the messages, so that a crash
// loses none. One endpoint that is dead holds up nobody else. What is told is a source's business.
import { bounds } from '../config.ts'
import { Superseded, Unavailable } from '../domain/refusal.ts'
import {
  type Attempt,
  countPending,
  cutDelivery,
  type Delivery,
  forgetDeliveries,
  insertMessages,
  type Message,
  nextDelivery,
  noteAttempt,
  numberStep,
} from '../store/ledger/deliveries.ts'
import {
  claimEndpoint,
  dueEndpoints,
  type Endpoint,
  type EndpointKind,
  freeEndpoints,
  letGo,
  movePlace,
  type Place,
  readEndpoint,
  signingSecrets,
  updateEndpoint,
} from '../store/ledger/endpoints.ts'
import type { Ledger, LedgerQuery } from '../store/ledger/ledger.ts'
import { forgetNotices, placeNotices } from '../store/ledger/notices.ts'
import { forgetNotifications } from '../store/ledger/notifications.ts'
import type { Post, Posted } from './post.ts'
import { gs1Signature, headersOf } from './standard-webhooks.ts'
import { tellAlerts } from './tell-alerts.ts'

/** What lies behind the place of an endpoint. */
export interface Filled {
  messages: readonly Message[]
  place: Omit<Place, 'number'>
}

/** Where messages come from. */
export interface Source {
  /**
   * The next messages, at most `room` of them, and the place behind them. Undefined: there is
   * nothing new. A text: why there never will be again.
   */
  fill(
    db: LedgerQuery,
    endpoint: Endpoint,
    on: { now: number; room: number },
  ): Promise<Filled | string | undefined>
  /** Halves of a message that its receiver found too large; undefined when it is one piece. */
  cut?(message: Message): [Message, Message] | undefined
  /** One attempt, where it is not a signed POST to the endpoint's URL. Never rejects. */
  send?(
    endpoint: Endpoint,
    delivery: Delivery,
    on: { db: LedgerQuery; at: number },
  ): Promise<Posted>
  /**
   * Waits before each attempt after the first; after the last, or when it will never be taken, the
   * message is dead and the next one has its turn. Without: the endpoint ends with its message.
   */
  retryMs?: readonly number[]
}

export interface DeliverOptions {
  ledger: Ledger
  sources: Readonly<Record<EndpointKind, Source>>
  post: Post
  /** Epoch ms. */
  now: () => number
  /** From 0 to 1. */
  random: () => number
  /** Name of this process among its like. */
  node: string
  /** No other process tells anybody: what a process before this one held is free. */
  alone: boolean
  /** Hears of every attempt. */
  onAttempt?: (told: { tenant: string; endpoint: string; attempt: Attempt }) => void
  /** Hears of every message that is tried no more. */
  onGivenUp?: (given: { tenant: string; endpoint: string }) => void
  /** Hears of failures that are not the receivers'. */
  onFail: (error: unknown) => void
}

export interface Deliveries {
  /** Something may have happened: look at once. */
  wake(): void
  /** Resolves when everything that is due now has been tried. */
  settled(): Promise<void>
  /** Why the last look failed, while it does. */
  readonly failure: Error | undefined
  /** Attempts under way end unrecorded: they will be made again. */
  stop(): Promise<void>
}

/** Begins to tell. Any number of processes may do so on one ledger. */
export function openDeliveries(options: DeliverOptions, ended: AbortController): Deliveries {
  const running = new Map<string, Promise<void>>()
  let failure: Error | undefined
  let looking: Promise<number> | undefined
  let again = false

  const start = (endpoint: Endpoint): void => {
    const key = keyOf(endpoint)
    if (running.has(key)) return
    const run = tellInTurn(options, endpoint, ended.signal)
      .catch((error) => {
        // Whoever took over goes on, and a ledger that is away comes back.
        if (error instanceof Superseded || error instanceof Unavailable) return
        options.onFail(error)
        return restAfter(options, endpoint, error)
      })
      .finally(() => {
        running.delete(key)
        if (running.size >= bounds.deliverRunsMax - 1) wake()
      })
    running.set(key, run)
  }
  const findDue = openLook(options)
  const lookOnce = async (): Promise<number> => {
    try {
      const due = await findDue(bounds.deliverRunsMax - running.size)
      failure = undefined
      if (!ended.signal.aborted) due.forEach(start)
      return due.length
    } catch (error) {
      failure = error as Error
      if (!(error instanceof Unavailable)) options.onFail(error)
      return 0
    }
  }
  /** One at a time; who asks meanwhile causes another one. */
  const look = (): Promise<number> => {
    again = looking !== undefined
    looking ??= lookOnce().finally(() => {
      looking = undefined
      if (again) wake()
    })
    return looking
  }
  const wake = (): void => {
    if (!ended.signal.aborted) void look()
  }
  const timer = setInterval(wake, bounds.deliverLookMs).unref()
  wake()
  return {
    wake,
    settled: async () => {
      for (;;) {
        await looking
        const started = await look()
        if (started === 0 && running.size === 0 && !looking) return
        await Promise.all(running.values())
      }
    },
    get failure() {
      return failure
    },
    stop: async () => {
      clearInterval(timer)
      ended.abort()
      await looking
      await Promise.all(running.values())
    },
  }
}

/** A look before a claim is written finds it due again, and a claim lets its own process in. */
const keyOf = ({ tenant, id }: Endpoint): string => JSON.stringify([tenant, id])

/** What failed here for a reason of ours is not tried again every second. */
async function restAfter(
  { ledger, now }: DeliverOptions,
  endpoint: Endpoint,
  error: unknown,
): Promise<void> {
  const reason = `failed before it was sent: ${error instanceof Error ? error.message : error}`
  const rest = { reason, failingSince: endpoint.failingSince ?? now() }
  const nextAt = now() + bounds.endpointLeaseMs
  await updateEndpoint(ledger.db, endpoint, { ...rest, nextAt }).catch(() => undefined)
}

/** Finds whose turn it is, and now and then forgets what is old. */
function openLook({ ledger, now, alone }: DeliverOptions) {
  let begun = false
  let forgotten = Number.NEGATIVE_INFINITY
  return async (room: number): Promise<Endpoint[]> => {
    if (alone && !begun) await freeEndpoints(ledger.db)
    begun = true
    if (room <= 0) return []
    await tellAlerts(ledger, now())
    await placeNotices(ledger, bounds.noticesPlacedMax)
    if (now() - forgotten >= bounds.forgetEveryMs) {
      forgotten = now()
      const before = {
        ended: now() - bounds.deliveriesKeptMs,
        dead: now() - bounds.noticesKeptMs,
      }
      await ledger.transact((db) => forgetDeliveries(db, before))
      await ledger.transact(async (db) => {
        await forgetNotices(db, now() - bounds.noticesKeptMs)
        await forgetNotifications(db, now() - bounds.noticesKeptMs)
      })
    }
    return dueEndpoints(ledger.db, now(), room)
  }
}

/** Holds the endpoint for a while and tells it what there is. */
async function tellInTurn(
  options: DeliverOptions,
  { tenant, id, kind }: Endpoint,
  ended: AbortSignal,
): Promise<void> {
  const { ledger, now } = options
  const claim = { tenant, id, heldBy: options.node }
  let until = Number.NEGATIVE_INFINITY
  try {
    for (let count = 0; count < bounds.deliverRunMessages && !ended.aborted; count++) {
      if (now() > until - bounds.endpointLeaseMs / 2) {
        until = now() + bounds.endpointLeaseMs
        if (!(await claimEndpoint(ledger.db, claim, { now: now(), until }))) return
      }
      const endpoint = await readEndpoint(ledger.db, tenant, id)
      if (endpoint?.status !== 'active') return
      const delivery = await nextDelivery(ledger.db, endpoint)
      const more = delivery
        ? await tell(options, { endpoint, delivery }, ended)
        : await writeMessages(options, { tenant, id, kind })
      if (!more) return
    }
  } finally {
    // When the ledger is away, the claim ends by itself.
    await letGo(ledger.db, claim).catch(() => undefined)
  }
}

/** Writes what lies behind the place and moves it. False: there was nothing. */
function writeMessages(
  { ledger, sources, now }: DeliverOptions,
  { tenant, id, kind }: Pick<Endpoint, 'tenant' | 'id' | 'kind'>,
): Promise<boolean> {
  return ledger.transact(async (db) => {
    const endpoint = await readEndpoint(db, tenant, id)
    if (endpoint?.status !== 'active') return false
    const room = bounds.outboxMax - (await countPending(db, endpoint))
    const on = { now: now(), room }
    const filled = room > 0 ? await sources[kind].fill(db, endpoint, on) : undefined
    if (typeof filled === 'string') {
      await updateEndpoint(db, endpoint, { status: 'disabled', reason: filled })
      return false
    }
    if (!filled) return false
    const { messages, place } = filled
    const number = endpoint.number + messages.length * numberStep
    // First the place: whoever comes second waits here, and finds it moved.
    if (!(await movePlace(db, endpoint, { ...place, number }))) throw new Superseded(id)
    await insertMessages(db, endpoint, { messages, now: now() })
    return true
  })
}

/** One attempt and what follows from it. False when the next one has to wait. */
async function tell(
  options: DeliverOptions,
  { endpoint, delivery }: { endpoint: Endpoint; delivery: Delivery },
  ended: AbortSignal,
): Promise<boolean> {
  const { ledger, post, now } = options
  const at = now()
  const source = options.sources[endpoint.kind]
  const posted = source.send
    ? await source.send(endpoint, delivery, { db: ledger.db, at })
    : await post(endpoint.url, {
        headers: signedHeaders(endpoint, delivery, at),
        body: delivery.body,
      })
  if (ended.aborted && posted.status === null) return false
  const { status, error } = posted
  const attempt: Attempt = { at, durationMs: now() - at, status, error }
  options.onAttempt?.({ tenant: endpoint.tenant, endpoint: endpoint.id, attempt })
  if (error === null) {
    const good = { toldAt: now(), failingSince: null, reason: null, nextAt: 0 }
    await ledger.transact(async (db) => {
      await noteAttempt(db, delivery, { attempt, ended: 'delivered' })
      await updateEndpoint(db, endpoint, good)
    })
    return true
  }
  // The EPCIS binding: "The client … asks the server to send EPCIS events in smaller batches".
  const pieces = status === 413 ? source.cut?.(delivery) : undefined
  const dead = source.retryMs && (posted.permanent || delivery.tries >= source.retryMs.length)
  await ledger.transact(async (db) => {
    if (!(await noteAttempt(db, delivery, { attempt, ...(dead && { ended: 'dead' }) }))) return
    if (pieces) await cutDelivery(db, delivery, pieces)
    else if (dead) await updateEndpoint(db, endpoint, afterDeath(options, endpoint, posted))
    else await updateEndpoint(db, endpoint, afterFailure(options, endpoint, { delivery, posted }))
  })
  if (dead && !pieces) options.onGivenUp?.({ tenant: endpoint.tenant, endpoint: endpoint.id })
  return pieces !== undefined || dead === true
}

/** Every attempt is signed anew, over the same bytes. */
function signedHeaders(
  endpoint: Endpoint,
  { id, body }: Delivery,
  at: number,
): Record<string, string> {
  const secrets = signingSecrets(endpoint, at)
  const signed = headersOf({ id, time: at, body }, secrets)
  if (endpoint.kind !== 'subscription') return signed
  const [secret] = secrets
  return {
    ...signed,
    'GS1-EPCIS-Version': '2.0.0',
    ...(secret !== undefined && { 'GS1-Signature': gs1Signature(secret, body) }),
  }
}

/** The next message may be taken: its way is tried at once. */
const afterDeath = (
  { now }: DeliverOptions,
  { failingSince }: Endpoint,
  { error: reason }: Posted,
) => ({ failingSince: failingSince ?? now(), reason, nextAt: 0 })

function afterFailure(
  { now, random, sources }: DeliverOptions,
  endpoint: Endpoint,
  { delivery, posted }: { delivery: Delivery; posted: Posted },
) {
  const failingSince = endpoint.failingSince ?? now()
  const { error: reason, status, retryAfterMs = 0 } = posted
  const { retryMs } = sources[endpoint.kind]
  if (status === 410 && !retryMs)
    return { status: 'disabled', reason: 'answered 410: gone' } as const
  const wait = (retryMs ?? bounds.webhookRetryMs)[delivery.tries]
  if (wait === undefined) {
    const tries = delivery.tries + 1
    return {
      status: 'failing',
      failingSince,
      reason: `gave up after ${tries} tries: ${reason}`,
    } as const
  }
  // A crowd of endpoints that failed together does not come back together.
  const jittered = Math.round(wait * (1 + random() / 5))
  return { failingSince, reason, nextAt: now() + Math.max(jittered, retryAfterMs) }
}

// What webhooks are told: notices, one message each, `{type, timestamp, data}` (Standard Webhooks
// 1.0, Payload). A message follows from its notice and its endpoint alone, so that it can be made
// again with the same id and the same bytes for as long as the notice is kept.
import { createHash, randomBytes } from 'node:crypto'
import { bounds } from '../config.ts'
import {
  deliveriesById,
  insertMessages,
  type Message,
  numberStep,
} from '../store/ledger/deliveries.ts'
import {
  type Endpoint,
  movePlace,
  readEndpoint,
  updateEndpoint,
} from '../store/ledger/endpoints.ts'
import type { LedgerQuery } from '../store/ledger/ledger.ts'
import { type Notice, noticesAfter, noticesBetween } from '../store/ledger/notices.ts'
import type { Source } from './deliver.ts'

/** What a webhook may ask for. */
export const noticeKinds = [
  'alert.raised',
  'alert.changed',
  'capture.applied',
  'conflict.opened',
  'recall.started',
  'recall.changed',
  'alert.workflow',
  'disposition.signed',
  'case.opened',
  'case.changed',
] as const

export type NoticeKind = (typeof noticeKinds)[number]

/** How the body of a notice is shown to strangers; as it is when its kind is not named. */
export type Formats = Readonly<Partial<Record<NoticeKind, (body: unknown) => unknown>>>

/** What a webhook asked for; no kinds: all of them, also those of later releases. */
export const kindsOf = ({ settings }: Endpoint): readonly string[] =>
  (settings.kinds as string[] | undefined) ?? noticeKinds

export const webhookSource = (formats: Formats): Source => ({
  fill: async (db, endpoint, { room }) => {
    const limit = bounds.outboxLook
    const { tenant, notice: after } = endpoint
    const notices = await noticesAfter(db, tenant, { after, limit })
    const asked = notices.filter(({ kind }) => kindsOf(endpoint).includes(kind)).slice(0, room)
    const last = asked.length < room ? notices.at(-1) : asked.at(-1)
    if (!last) return undefined
    const { offset, pos, runAt, found } = endpoint
    const missed = notices[0]!.seq - after - 1
    return {
      messages: [
        ...(missed > 0 ? [gapOf(endpoint, notices[0]!, missed)] : []),
        ...asked.map((notice) => messageOf(formats, endpoint, notice)),
      ],
      place: { notice: last.seq, offset, pos, runAt, found },
    }
  },
})

/** Messages to be told again: all of a span of time, or those of these ids. */
export type Replay = { from: number; to: number } | { ids: readonly string[] }

/**
 * Puts messages behind those that wait; each has the id and the bytes it had. `unknown`: ids that
 * are not kept. Undefined: too many.
 */
export async function replay(
  db: LedgerQuery,
  endpoint: Endpoint,
  { of, formats, now }: { of: Replay; formats: Formats; now: number },
): Promise<{ count: number; unknown: string[] } | undefined> {
  if ('ids' in of) {
    const known = await deliveriesById(db, endpoint, of.ids)
    const unknown = of.ids.filter((id) => !known.has(id))
    if (unknown.length === 0)
      await appendMessages(db, endpoint, { messages: [...known.values()], now })
    return { count: unknown.length > 0 ? 0 : known.size, unknown }
  }
  const notices = await noticesBetween(db, endpoint.tenant, {
    ...of,
    // What lies beyond will be told anyhow.
    upTo: endpoint.notice,
    kinds: kindsOf(endpoint),
    limit: bounds.replayMax + 1,
  })
  if (notices.length > bounds.replayMax) return undefined
  const made = notices.map((notice) => messageOf(formats, endpoint, notice))
  const ids = made.map(({ id }) => id)
  // A later release may show a thing otherwise: bytes that were sent once stand.
  const known = await deliveriesById(db, endpoint, ids)
  const messages = made.map((message) => known.get(message.id) ?? message)
  await appendMessages(db, endpoint, { messages, now })
  return { count: messages.length, unknown: [] }
}

/** A message that says nothing, to see whether it arrives. Returns its id. */
export async function tellTest(db: LedgerQuery, endpoint: Endpoint, now: number): Promise<string> {
  const id = `msg_${randomBytes(16).toString('hex')}`
  const body = JSON.stringify({
    type: 'webhook.test',
    timestamp: new Date(now).toISOString(),
    data: { webhook: endpoint.id },
  })
  await appendMessages(db, endpoint, { messages: [{ id, type: 'webhook.test', body }], now })
  return id
}

/** Behind those that wait, whatever is written for this endpoint at the same time. */
export async function appendMessages(
  db: LedgerQuery,
  { tenant, id }: Endpoint,
  { messages, now }: { messages: readonly Message[]; now: number },
): Promise<void> {
  if (messages.length === 0) return
  let endpoint: Endpoint | undefined
  let moved = false
  // Messages may be written for this endpoint at the same time: then the place is another.
  while (!moved) {
    endpoint = await readEndpoint(db, tenant, id)
    if (!endpoint) return
    const { notice, offset, pos, runAt, found } = endpoint
    const number = endpoint.number + messages.length * numberStep
    moved = await movePlace(db, endpoint, { notice, offset, pos, runAt, found, number })
  }
  const plain = messages.map(({ id: message, type, body }) => ({ id: message, type, body }))
  await insertMessages(db, endpoint!, { messages: plain, now })
  // Whoever asks wants to see it now, not when the next try after a failure is due.
  await updateEndpoint(db, endpoint!, { nextAt: 0 })
}

/** Who was not told for so long that it was forgotten is told that much. */
function gapOf({ id: endpoint, notice }: Endpoint, next: Notice, missed: number): Message {
  const name = createHash('sha256')
    .update(JSON.stringify([endpoint, 'gap', notice]))
    .digest('hex')
  const body = JSON.stringify({
    type: 'webhook.gap',
    timestamp: new Date(next.recordTime).toISOString(),
    data: { missed },
  })
  return { id: `msg_${name.slice(0, 32)}`, type: 'webhook.gap', body }
}

function messageOf(formats: Formats, { id: endpoint }: Endpoint, notice: Notice): Message {
  const { kind, ref, recordTime } = notice
  const name = createHash('sha256')
    .update(JSON.stringify([endpoint, kind, ref]))
    .digest('hex')
  const body = JSON.stringify({
    type: kind,
    timestamp: new Date(recordTime).toISOString(),
    data: formats[kind as NoticeKind]?.(notice.body) ?? notice.body,
  })
  return { id: `msg_${name.slice(0, 32)}`, type: kind, body }
}

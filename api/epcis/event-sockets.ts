// Subscriptions to named EPCIS queries over WebSocket (EPCIS 2.0 §12.6): for as long as the socket
// is open, each matching event once, in the order of capture. Reads on from a place, one message at
// a time, and waits for the client to take it: a slow one falls behind and loses nothing. Keeps
// nothing beyond the socket: who comes back names an initialRecordTime.
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import { bounds } from '../../config.ts'
import { scheduleFields } from '../../domain/query-schedule.ts'
import {
  type EventPlace,
  findNext,
  firstPlace,
  formatResults,
  lastPlace,
  readQuery,
  runAfter,
} from '../../trace/subscriptions.ts'
import type { Deps } from '../deps.ts'
import { callerOf, mayNow } from '../identity.ts'
import { invalid, Problem } from '../problem.ts'
import { checkQuery, settingsOf } from './subscriptions.ts'

export interface EventSockets {
  /** Takes an upgrade of its path; false for others. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean
  close(): void
}

const pathForm = /^\/epcis\/queries\/([^/?]+)\/events(?:\?|$)/

export function openEventSockets(deps: Deps): EventSockets {
  const server = new WebSocketServer({ noServer: true, maxPayload: 1024, perMessageDeflate: false })
  const followers = new Set<Follower>()
  let forget: (() => void) | undefined
  const turnAll = (): void => {
    for (const follower of followers) void follower.turn()
  }
  const looking = setInterval(turnAll, bounds.deliverLookMs).unref()
  const pinging = setInterval(() => {
    for (const follower of followers) void follower.check()
  }, bounds.eventSocketPingMs).unref()

  const join = async (request: IncomingMessage, name: string): Promise<Follower> => {
    if (followers.size >= bounds.eventSocketsMax) throw new Problem(503, [])
    return openFollower(deps, request, name)
  }
  const accept = async (request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> => {
    const [, name] = pathForm.exec(request.url ?? '')!
    const follower = await join(request, nameOf(name!))
    server.handleUpgrade(request, socket, head, (webSocket) => {
      followers.add(follower)
      forget ??= deps.changes(({ event }) => {
        if (event === 'capture.applied') turnAll()
      })
      webSocket.on('error', () => undefined)
      webSocket.on('close', () => {
        followers.delete(follower)
        if (followers.size > 0) return
        forget?.()
        forget = undefined
      })
      follower.begin(webSocket)
    })
  }
  return {
    upgrade(request, socket, head) {
      if (!pathForm.test(request.url ?? '')) return false
      socket.on('error', () => undefined)
      accept(request, socket, head).catch((error: unknown) => refuse(deps, socket, error))
      return true
    },
    close() {
      clearInterval(looking)
      clearInterval(pinging)
      forget?.()
      for (const { end } of followers) end(1001, 'the server stops')
      server.close()
    },
  }
}

function nameOf(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    throw invalid('not percent-encoded UTF-8', 'path/name')
  }
}

interface Follower {
  begin(webSocket: WebSocket): void
  /** Tells what there is. */
  turn(): Promise<void>
  /** Lets go of a client that is gone or may not read any more. */
  check(): Promise<void>
  end(code: number, reason: string): void
}

/** Everything that may be refused is, before the socket is there. Throws Problem. */
async function openFollower(deps: Deps, request: IncomingMessage, name: string): Promise<Follower> {
  const { identity, ledger } = await readerOf(deps, request)
  const { tenant } = identity
  const { db } = ledger
  const search = new URL(request.url ?? '', 'http://localhost').searchParams
  const settings = settingsFrom(search, deps.now())
  await checkQuery(db, tenant, name)
  let place: EventPlace = search.has('initialRecordTime') ? firstPlace : await lastPlace(db, tenant)
  let runAt = runAfter(settings, deps.now())
  let socket: WebSocket | undefined
  let alive = true
  let busy = false
  let again = false

  const end = (code: number, reason: string): void => socket?.close(code, reason)
  /** One message; true when there may be more. */
  const step = async (run: { told: number }): Promise<boolean> => {
    const query = await readQuery(db, tenant, name)
    if (!query) {
      end(1000, 'the query is gone')
      return false
    }
    const since = settings.initialRecordTime
    const found = await findNext(db, tenant, { query, from: place, since })
    const { events } = found
    run.told += events.length
    const empty = found.end && run.told === 0 && runAt !== null && settings.reportIfEmpty === true
    if (events.length > 0 || empty)
      await sent(socket!, formatResults(events, { name, now: deps.now() }))
    place = found.place
    return !found.end
  }
  const turn = async (): Promise<void> => {
    again = busy
    if (busy || socket?.readyState !== socket?.OPEN) return
    if (runAt !== null && runAt > deps.now()) return
    busy = true
    try {
      const run = { told: 0 }
      while (socket?.readyState === socket?.OPEN && (await step(run)));
      if (runAt !== null) runAt = runAfter(settings, deps.now())
    } catch (error) {
      deps.report(error, 'websocket')
      end(1011, 'failed here')
    } finally {
      busy = false
    }
    if (again) void turn()
  }
  return {
    begin(webSocket) {
      socket = webSocket
      webSocket.on('pong', () => {
        alive = true
      })
      void turn()
    },
    turn,
    async check() {
      if (!alive) {
        socket?.terminate()
        return
      }
      alive = false
      socket?.ping()
      await readerOf(deps, request).catch(() => end(1008, 'the token counts no longer'))
    },
    end,
  }
}

/** Resolves when the system has taken it, or never will. */
const sent = (socket: WebSocket, text: string): Promise<void> =>
  new Promise((resolve) => {
    socket.send(text, () => resolve())
  })

/** Problem 401 or 403. */
async function readerOf(deps: Deps, request: IncomingMessage) {
  const forwarded = request.headers['x-forwarded-for']
  const caller = await callerOf(deps, request.headers.authorization, {
    peer: request.socket.remoteAddress,
    forwarded: forwarded === undefined ? undefined : String(forwarded),
  })
  if (!mayNow(caller.identity, 'events', 'read')) throw new Problem(403, [])
  return caller
}

/** Of the query string; other parameters are none of a subscription. */
function settingsFrom(search: URLSearchParams, now: number) {
  const given = scheduleFields.filter((field) => search.has(field))
  const schedule = Object.fromEntries(given.map((field) => [field, search.get(field)!]))
  const initialRecordTime = search.get('initialRecordTime') ?? undefined
  return settingsOf(
    {
      stream: search.get('stream') === 'true',
      schedule: given.length > 0 ? schedule : undefined,
      reportIfEmpty: search.get('reportIfEmpty') === 'true',
      // A + that was not percent-encoded arrives as a space.
      initialRecordTime: initialRecordTime?.replace(' ', '+'),
    },
    now,
  )
}

function refuse(deps: Deps, socket: Duplex, error: unknown): void {
  const problem = error instanceof Problem ? error : new Problem(500, [])
  if (!(error instanceof Problem)) deps.report(error, 'websocket')
  const { status, refusals, headers } = problem
  const body = JSON.stringify({
    type: status === 400 ? 'epcisException:SubscriptionControlsException' : 'about:blank',
    title: problem.message,
    status,
    ...(refusals.length > 0 && { errors: refusals }),
  })
  const lines = Object.entries({
    ...headers,
    'Content-Type': 'application/problem+json',
    'Content-Length': String(Buffer.byteLength(body)),
    Connection: 'close',
  }).map(([name, value]) => `${name}: ${value}\r\n`)
  socket.end(`HTTP/1.1 ${status} Refused\r\n${lines.join('')}\r\n${body}`)
}

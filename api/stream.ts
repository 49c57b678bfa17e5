// Live changes as server-sent events (HTML Living Standard §9.2). One subscription feeds all
// clients; a client that does not keep up is let go and comes back with its Last-Event-ID. Best
// effort: the lists are the truth.
import { z } from '@hono/zod-openapi'
import { bounds } from '../config.ts'
import { Unavailable } from '../domain/refusal.ts'
import type { Change, Deps } from './deps.ts'
import { stillMay } from './identity.ts'
import { guarded, nounApp } from './route.ts'

const right = { noun: 'stream', verb: 'read' } as const

const get = guarded(right, {
  method: 'get',
  path: '/api/v1/stream',
  summary: 'Follow changes as they happen',
  description:
    'Events alert.raised, alert.changed, alert.workflow, disposition.changed, investigation.changed, budget.corrected, capture.applied, case.opened, case.changed, recall.started, recall.changed, device.readings, forecast.changed, record.changed; data is JSON. A comment keeps the line alive.',
  request: { headers: z.object({ 'last-event-id': z.string().max(100).optional() }) },
  responses: {
    200: {
      description: 'Server-sent events',
      content: { 'text/event-stream': { schema: { type: 'string' } } },
    },
  },
})

export function stream(deps: Deps) {
  const feed = openFeed(deps)
  return nounApp().openapi(get, (c) => {
    const { tenant } = c.get('identity')
    const lastId = c.req.valid('header')['last-event-id']
    const header = c.req.header('Authorization')
    const body = feed.join({ tenant, counts: () => stillMay(deps, header, right) }, lastId)
    return c.body(body, 200, {
      'Content-Type': 'text/event-stream',
      'Cache-Control': 'no-store',
      'X-Accel-Buffering': 'no',
    })
  })
}

interface Entry {
  id: string
  tenant: string
  text: string
}

interface Reader {
  tenant: string
  /** Whether they still may. */
  counts(): Promise<boolean>
}

interface Client {
  tenant: string
  send(text: string): void
}

/** Listens once, from the first client on, for as long as the process lives. */
function openFeed({ changes, now }: Deps) {
  const clients = new Set<Client>()
  const recent: Entry[] = []
  const held = new Map<string, Change>()
  const lastTold = new Map<string, number>()
  // A restart begins a new run: an id of another run is no place in this one.
  const run = now().toString(36)
  let count = 0
  let listening = false
  let armed = false

  const tell = (change: Change): void => {
    const id = `${run}-${++count}`
    const data = JSON.stringify(change.data)
    const text = `id: ${id}\nevent: ${change.event}\ndata: ${data}\n\n`
    recent.push({ id, tenant: change.tenant, text })
    if (recent.length > bounds.streamBacklogMax) recent.shift()
    for (const client of clients) if (client.tenant === change.tenant) client.send(text)
  }
  /** Readings and changes come by the thousand: of each the newest, every so often. */
  const flush = (): void => {
    armed = false
    const waiting = [...held.values()]
    held.clear()
    lastTold.clear()
    for (const change of waiting) tell(change)
    const time = now()
    for (const change of waiting) lastTold.set(oftenTold(change)!, time)
    if (waiting.length > 0) arm()
  }
  const arm = (): void => {
    if (!armed) setTimeout(flush, bounds.streamReadingsEveryMs).unref()
    armed = true
  }
  const hear = (change: Change): void => {
    const name = oftenTold(change)
    if (name === undefined) {
      tell(change)
      return
    }
    if (lastTold.has(name)) held.set(name, change)
    else {
      lastTold.set(name, now())
      tell(change)
    }
    arm()
  }

  return {
    /**
     * Everything after `lastId` that is still remembered, then what happens. Throws Unavailable
     * when full.
     */
    join(reader: Reader, lastId: string | undefined): ReadableStream<Uint8Array> {
      if (clients.size >= bounds.streamClientsMax)
        throw new Unavailable('too many clients follow the stream', 5000)
      if (!listening) changes(hear)
      listening = true
      const from = lastId === undefined ? -1 : recent.findIndex((entry) => entry.id === lastId)
      const missed = from < 0 ? [] : recent.slice(from + 1)
      const opening = missed
        .filter(({ tenant }) => tenant === reader.tenant)
        .map(({ text }) => text)
      return clientStream(clients, reader, `retry: 2000\n: hello\n\n${opening.join('')}`)
    },
  }
}

/** Of what comes by the thousand, what it is of; undefined for all else. */
function oftenTold({ tenant, event, data }: Change): string | undefined {
  if (event === 'device.readings') return `${tenant}/device/${data.device}`
  return event === 'record.changed' ? `${tenant}/record/${data.of}` : undefined
}

function clientStream(
  clients: Set<Client>,
  { tenant, counts }: Reader,
  opening: string,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  let leave = (): void => undefined
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        const send = (text: string): void => {
          // Not read for so long: closing it is kinder than growing with it.
          if ((controller.desiredSize ?? 0) <= 0) end()
          else controller.enqueue(encoder.encode(text))
        }
        const client = { tenant, send }
        // A session ended, a key was revoked: a ledger that is away for a moment is neither.
        const beat = async (): Promise<void> => {
          const still = await counts().catch(() => true)
          if (!clients.has(client)) return
          if (still) send(': alive\n\n')
          else end()
        }
        const heartbeat = setInterval(() => void beat(), bounds.streamHeartbeatMs).unref()
        leave = () => {
          clearInterval(heartbeat)
          clients.delete(client)
        }
        const end = (): void => {
          leave()
          controller.close()
        }
        clients.add(client)
        send(opening)
      },
      cancel() {
        leave()
      },
    },
    { highWaterMark: bounds.streamBacklogMax },
  )
}

// A proxy in front of a real HTTP server that spoils what passes, as networks and overloaded servers
// do. For tests only.
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

/**
 * unavailable 503; overloaded 429 with Retry-After; unauthorized 401; no database 404; slow: answers
 * take two seconds; cut off before or after the server has done the work; silent: no answer at all.
 */
export type Disturbance =
  | 'none'
  | 'unavailable'
  | 'overloaded'
  | 'unauthorized'
  | 'no database'
  | 'slow'
  | 'cut off before'
  | 'cut off after'
  | 'silent'

export interface Disturber {
  url: string
  now: Disturbance
  close(): Promise<void>
}

const answers: Partial<Record<Disturbance, [number, Record<string, string>, string]>> = {
  unavailable: [503, {}, '{"error":"engine is closed"}'],
  overloaded: [429, { 'Retry-After': '1' }, '{"error":"too many requests"}'],
  unauthorized: [401, {}, '{"error":"authorization failed"}'],
  'no database': [404, {}, '{"error":"database not found"}'],
}
const slowMs = 2000

export async function openDisturber(target: string): Promise<Disturber> {
  const server = createServer((asked, answer) => {
    void disturb(disturber.now, { asked, answer, target }).catch(() => asked.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const disturber: Disturber = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    now: 'none',
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
    },
  }
  return disturber
}

interface Passing {
  asked: IncomingMessage
  answer: ServerResponse
  target: string
}

async function disturb(how: Disturbance, { asked, answer, target }: Passing): Promise<void> {
  const parts: Buffer[] = []
  for await (const part of asked) parts.push(part as Buffer)
  const said = answers[how]
  if (said) {
    const [status, headers, body] = said
    answer.writeHead(status, headers).end(body)
    return
  }
  if (how === 'silent') return
  if (how === 'cut off before') {
    asked.socket.destroy()
    return
  }
  if (how === 'slow') await delay(slowMs)
  const onward = request(new URL(asked.url!, target), {
    method: asked.method,
    headers: asked.headers,
  })
  onward.on('error', () => asked.socket.destroy())
  onward.on('response', (response) => {
    if (how === 'cut off after') {
      response.resume()
      response.on('end', () => asked.socket.destroy())
      return
    }
    answer.writeHead(response.statusCode!, response.headers)
    response.pipe(answer)
  })
  onward.end(Buffer.concat(parts))
}

// A receiver of webhooks for tests: a real HTTP server on a free port that remembers what came and
// answers as it is told.
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Received {
  path: string
  headers: IncomingHttpHeaders
  body: string
}

/** A status, or whatever a test does with the answer. */
export type Answer = number | ((response: ServerResponse, received: Received) => void)

export interface Receiver {
  url: string
  received: Received[]
  /** The ids that came, in order, repetitions too. */
  ids(): string[]
  /** Answers of the next requests; afterwards 200. */
  answers: Answer[]
  /** What is answered when no other answer is left. */
  usual: Answer
  close(): Promise<void>
}

export async function startReceiver(): Promise<Receiver> {
  const received: Received[] = []
  const receiver: Pick<Receiver, 'answers' | 'usual'> = { answers: [], usual: 200 }
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    try {
      for await (const chunk of request) chunks.push(chunk)
    } catch {
      return
    }
    const { headers, url = '' } = request
    const one = { path: url, headers, body: Buffer.concat(chunks).toString() }
    received.push(one)
    const answer = receiver.answers.shift() ?? receiver.usual
    if (typeof answer === 'function') answer(response, one)
    else response.writeHead(answer).end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return Object.assign(receiver, {
    url: `http://127.0.0.1:${port}`,
    received,
    ids: () => received.map(({ headers }) => String(headers['webhook-id'])),
    close: async () => {
      server.close()
      server.closeAllConnections()
    },
  })
}

// The HTTP port. Time limits are Node's own; what a request may hold is bounded in api/body.ts.
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { createAdaptorServer } from '@hono/node-server'
import { bounds } from '../config.ts'
import { OperatorError } from '../domain/refusal.ts'

export interface HttpListener {
  /** For upgrades: MQTT over WebSocket. */
  server: Server
  port: number
  /** Ends live streams too, and waits a moment for requests under way. */
  close(): Promise<void>
}

interface Fetches {
  fetch(request: Request): Response | Promise<Response>
}

/** Port 0 takes whichever is free. Throws OperatorError when the port cannot be had. */
export async function listenHttp(
  app: Fetches,
  { host, port }: { host: string; port: number },
): Promise<HttpListener> {
  const running = new Set<Promise<Response>>()
  const fetch = async (request: Request): Promise<Response> => {
    const answer = Promise.resolve(app.fetch(request))
    running.add(answer)
    try {
      return await answer
    } finally {
      running.delete(answer)
    }
  }
  const server = createAdaptorServer({ fetch }) as Server
  // Slow senders of headers and bodies are cut off (slowloris); answers may take their time.
  server.headersTimeout = 10_000
  server.requestTimeout = 120_000
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(listenError(error, { host, port })))
    server.listen(port, host, resolve)
  })
  return {
    server,
    port: (server.address() as AddressInfo).port,
    close: async () => {
      // Its callback waits for WebSockets too, and those end with the broker only.
      server.close()
      server.closeAllConnections()
      // Whoever is still reading the ledger must end before it is closed.
      const patience = delay(bounds.requestDrainMs, undefined, { ref: false })
      await Promise.race([Promise.allSettled(running), patience])
    },
  }
}

function listenError(error: Error, { host, port }: { host: string; port: number }): OperatorError {
  const code = 'code' in error ? error.code : ''
  const remedy =
    code === 'EADDRINUSE'
      ? 'stop the other program, or set ISOTHERM_HTTP_PORT to a free port (0 for any)'
      : code === 'EACCES'
        ? 'set ISOTHERM_HTTP_PORT to a port above 1023'
        : 'set ISOTHERM_LISTEN to an address of this machine'
  return new OperatorError(`cannot listen on ${host}:${port}: ${error.message}`, remedy, error)
}

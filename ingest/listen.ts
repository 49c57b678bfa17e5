// Where clients come in: a TCP port, and WebSocket upgrades of an HTTP server (MQTT 3.1.1 §6).
// Hands each connection to the broker and knows nothing else about it.
import type { Server as HttpServer, IncomingMessage } from 'node:http'
import { createServer, type Server } from 'node:net'
import type { Duplex } from 'node:stream'
import { createWebSocketStream, WebSocketServer } from 'ws'
import { bounds } from '../config.ts'
import { OperatorError } from '../domain/refusal.ts'
import type { Broker } from './broker.ts'

/** True when it is taken. */
export type TakesUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => boolean

export interface MqttListener {
  /** The port taken: another than asked for when that was 0. */
  port: number
  /** Takes no more connections. Those that are open belong to the broker. */
  close(): Promise<void>
}

/** Listens for MQTT over TCP. Throws OperatorError when the port cannot be had. */
export async function listenMqtt(
  broker: Broker,
  at: { host: string; port: number },
): Promise<MqttListener> {
  const server = createServer({ noDelay: true }, (socket) =>
    broker.serve(socket, `${socket.remoteAddress}:${socket.remotePort}`),
  )
  server.maxConnections = bounds.connectionsMax
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(cannotListen(error, at)))
    server.listen({ ...at, backlog: bounds.listenBacklog }, resolve)
  })
  // Out of file descriptors: the connection is lost, the server is not.
  server.on('error', () => undefined)
  // The callback of `close` waits for the last connection, and those end with the broker only.
  return { port: portOf(server), close: async () => void server.close() }
}

/**
 * Serves MQTT over WebSocket at a path. Upgrades that `otherwise` does not take are refused.
 * Returns the way to stop.
 */
export function attachWebSocket(
  broker: Broker,
  http: HttpServer,
  { path, otherwise }: { path: string; otherwise?: TakesUpgrade | undefined },
): () => void {
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: bounds.packetBytesMax,
    perMessageDeflate: false,
    handleProtocols: (offered) => (offered.has('mqtt') ? 'mqtt' : 'mqttv3.1'),
  })
  const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    socket.on('error', () => undefined)
    const [asked] = (request.url ?? '').split('?')
    if (asked !== path && otherwise?.(request, socket, head)) return
    // [MQTT-6.0.0-3]: the client offers the subprotocol.
    const offered = (request.headers['sec-websocket-protocol'] ?? '').split(/\s*,\s*/)
    const offersMqtt = offered.includes('mqtt') || offered.includes('mqttv3.1')
    if (asked !== path || !offersMqtt) {
      refuseUpgrade(socket, asked === path ? '400 Bad Request' : '404 Not Found')
      return
    }
    server.handleUpgrade(request, socket, head, (webSocket) => {
      // [MQTT-6.0.0-1]: packets come in binary frames only.
      webSocket.on('message', (_data, isBinary) => {
        if (!isBinary) webSocket.terminate()
      })
      const stream = createWebSocketStream(webSocket)
      broker.serve(stream, `${request.socket.remoteAddress}:${request.socket.remotePort} (ws)`)
    })
  }
  http.on('upgrade', upgrade)
  return () => {
    http.off('upgrade', upgrade)
    server.close()
  }
}

/** Upgrades of a server without a broker. Those that are not taken are refused. */
export function attachUpgrades(http: HttpServer, take: TakesUpgrade): () => void {
  const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    socket.on('error', () => undefined)
    if (!take(request, socket, head)) refuseUpgrade(socket, '404 Not Found')
  }
  http.on('upgrade', upgrade)
  return () => {
    http.off('upgrade', upgrade)
  }
}

function refuseUpgrade(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
}

function portOf(server: Server): number {
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

function cannotListen(error: NodeJS.ErrnoException, at: { host: string; port: number }): Error {
  const what = `MQTT cannot listen on ${at.host} port ${at.port}`
  if (error.code === 'EADDRINUSE')
    return new OperatorError(
      `${what}: the port is in use`,
      'stop the program that has it, or set ISOTHERM_MQTT_PORT to a free port (0 takes any)',
      error,
    )
  if (error.code === 'EACCES')
    return new OperatorError(
      `${what}: not permitted`,
      'set ISOTHERM_MQTT_PORT to a port above 1023, or let the program use low ports',
      error,
    )
  return new OperatorError(
    `${what}: ${error.message}`,
    'check ISOTHERM_LISTEN and ISOTHERM_MQTT_PORT',
    error,
  )
}

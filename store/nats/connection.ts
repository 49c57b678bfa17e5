// The connection to NATS: opens it or says what is wrong, comes back by itself for ever, and turns
// every failure into Unavailable. Sends nothing while it is away, so that nothing piles up. Its
// errors name hosts, never credentials.
import { setTimeout as delay } from 'node:timers/promises'
import { JetStreamApiError, jetstreamManager, type StreamAPI } from '@nats-io/jetstream'
import {
  AuthorizationError,
  connect,
  type Msg,
  type MsgHdrs,
  type NatsConnection,
} from '@nats-io/transport-node'
import { bounds } from '../../config.ts'
import { OperatorError, Unavailable } from '../../domain/refusal.ts'

export interface NatsServers {
  /** host:port */
  servers: string[]
  user?: string | undefined
  password?: string | undefined
  token?: string | undefined
  /** Name of this process, shown by NATS' own tools. */
  node: string
}

export interface NatsLink {
  readonly connection: NatsConnection
  readonly streams: StreamAPI
  /** Why it is away; undefined while it is there. */
  readonly failure: Error | undefined
  /** Resolves when it is there or closed. */
  connected(): Promise<void>
  /** Rejects with Unavailable: away, nobody answers, or not in time. */
  request(subject: string, payload: Uint8Array | string, headers?: MsgHdrs): Promise<Msg>
  /** Core NATS: at most once, dropped while away. */
  tell(subject: string, payload: Uint8Array | string): void
  close(): Promise<void>
}

/** Throws OperatorError when nobody answers or lets us in within bounds.natsOpenMs. */
export async function connectNats(options: NatsServers): Promise<NatsLink> {
  const { servers, user, password, token, node } = options
  const deadline = performance.now() + bounds.natsOpenMs
  for (;;) {
    try {
      const connection = await connect({
        servers,
        ...(user !== undefined && { user, pass: password ?? '' }),
        ...(token !== undefined && { token }),
        name: node,
        // What this process says, it knows.
        noEcho: true,
        maxReconnectAttempts: -1,
        reconnectTimeWait: bounds.natsReconnectMs,
        ignoreAuthErrorAbort: true,
        pingInterval: bounds.natsPingMs,
        timeout: bounds.natsRequestMs,
      })
      const { streams } = await jetstreamManager(connection, {
        checkAPI: false,
        timeout: bounds.natsRequestMs,
      })
      return new Link(connection, streams, servers)
    } catch (error) {
      const at = servers.join(', ')
      if (error instanceof AuthorizationError)
        throw new OperatorError(
          `NATS at ${at} refuses the user, the password or the token`,
          'correct them in ISOTHERM_LOG_URL, or in the configuration of NATS',
          error,
        )
      if (performance.now() > deadline)
        throw new OperatorError(
          `NATS at ${at} does not answer: ${(error as Error).message}`,
          'start it with JetStream (nats-server -js), or correct the hosts in ISOTHERM_LOG_URL',
          error,
        )
      await delay(bounds.natsReconnectMs)
    }
  }
}

/** JetStream's own number of an error; undefined for any other error. */
export function jetStreamCode(error: unknown): number | undefined {
  return error instanceof JetStreamApiError ? error.code : undefined
}

/** Unavailable stays what it is; anything else becomes it. */
export function unavailable(error: unknown, what: string): Unavailable {
  if (error instanceof Unavailable) return error
  const reason = error instanceof Error ? error.message : String(error)
  return new Unavailable(`${what}: ${reason}`, bounds.natsReconnectMs, error)
}

class Link implements NatsLink {
  readonly connection: NatsConnection
  readonly streams: StreamAPI
  failure: Error | undefined

  readonly #at: string
  #waiting: (() => void)[] = []

  constructor(connection: NatsConnection, streams: StreamAPI, servers: string[]) {
    this.connection = connection
    this.streams = streams
    this.#at = servers.join(', ')
    void this.#watch()
  }

  connected(): Promise<void> {
    if (this.failure === undefined) return Promise.resolve()
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  async request(subject: string, payload: Uint8Array | string, headers?: MsgHdrs): Promise<Msg> {
    if (this.failure) throw this.failure
    try {
      const timeout = bounds.natsRequestMs
      return await this.connection.request(subject, payload, {
        timeout,
        ...(headers && { headers }),
      })
    } catch (error) {
      throw unavailable(error, 'NATS')
    }
  }

  tell(subject: string, payload: Uint8Array | string): void {
    if (this.failure === undefined) this.connection.publish(subject, payload)
  }

  async close(): Promise<void> {
    await this.connection.close()
  }

  async #watch(): Promise<void> {
    for await (const status of this.connection.status()) {
      if (status.type === 'reconnect') this.#setFailure(undefined)
      else if (status.type === 'disconnect') this.#setFailure('is away')
      else if (status.type === 'error' && status.error instanceof AuthorizationError)
        this.#setFailure('refuses the user, the password or the token')
    }
    this.#setFailure('was closed')
    this.#wake()
  }

  #setFailure(what: string | undefined): void {
    this.failure = what === undefined ? undefined : new Unavailable(`NATS at ${this.#at} ${what}`)
    if (what === undefined) this.#wake()
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve()
  }
}

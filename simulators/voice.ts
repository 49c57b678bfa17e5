// One device's MQTT connection: says its readings until they are acknowledged. Refuses to keep
// anything beyond the process, and to go on when the broker refuses its name or token.
import { setImmediate as nextTurn } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { connect, type IClientOptions, type MqttClient } from 'mqtt'
import type { WireReading } from './actions.ts'
import { packetOf } from './wire.ts'

export interface Voice {
  /** Resolves on PUBACK, over as many connections as it takes. Rejects when closed or refused. */
  say(topic: string, payload: string | Buffer): Promise<void>
  /** `force`: does not wait for what is on its way. */
  close(force: boolean): Promise<void>
}

/** As a device sends them. */
export function payloadOf(readings: readonly WireReading[]): string | Buffer {
  return bytesOf(packetOf(readings))
}

export function bytesOf({ body, gzip }: { body: unknown; gzip?: true }): string | Buffer {
  const text = JSON.stringify(body)
  return gzip ? gzipSync(text) : text
}

export function createVoice(url: string, device: string, token: string): Voice {
  const options: IClientOptions = {
    clientId: device,
    username: device,
    password: token,
    protocolVersion: 4,
    clean: true,
    keepalive: 60,
    reconnectPeriod: 500,
    resubscribe: false,
    // MQTT 3.1.1 §3.2.2.3: 3 means not now. Only 4 and 5, bad name or token and not authorised,
    // are final.
    reconnectOnConnackError: true,
  }
  const client: MqttClient = connect(url, options)
  const gone = new AbortController()
  client.on('error', (error) => {
    if ('code' in error && (error.code === 4 || error.code === 5))
      gone.abort(new Error(`${device}: the broker refuses the connection`, { cause: error }))
  })
  return {
    async say(topic, payload) {
      for (;;) {
        gone.signal.throwIfAborted()
        try {
          return await published(client, [topic, payload], gone.signal)
        } catch (error) {
          if (gone.signal.aborted) throw error
          // MQTT.js fails, and forgets, what was published while it replayed its store and lost the
          // connection again ("Connection closed", mqttjs/MQTT.js #2015): saying it again is our
          // part.
          await nextTurn()
        }
      }
    },
    async close(force) {
      if (force) gone.abort(new Error(`${device}: closed`))
      await client.endAsync(force)
      gone.abort(new Error(`${device}: closed`))
    },
  }
}

/**
 * publishAsync, but it lets go when the voice is closed: MQTT.js may keep the callback for ever.
 */
function published(
  client: MqttClient,
  [topic, payload]: readonly [string, string | Buffer],
  signal: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const leave = () => reject(signal.reason)
    signal.addEventListener('abort', leave, { once: true })
    client.publish(topic, payload, { qos: 1 }, (error) => {
      signal.removeEventListener('abort', leave)
      if (error) reject(error)
      else resolve()
    })
  })
}

// What a world does, as it goes over the wire: MQTT packets and HTTP requests, exactly as a
// stranger would send them. A pure function of the action. Refuses to send.
import type { WireReading, WorldAction } from './actions.ts'
import { documentOf } from './events.ts'

/** `at`: when it arrives, epoch ms. `body` is sent as its JSON. */
export type Emission =
  | {
      at: number
      via: 'mqtt'
      topic: string
      body: unknown
      /** The packet holds the body's JSON as gzip. */
      gzip?: true
    }
  | { at: number; via: 'http'; method: 'PUT' | 'POST'; path: string; body: unknown }

/** Default tenant: `default`. */
export function emissionOf(action: WorldAction, tenant = 'default'): Emission {
  const { at } = action
  const put = (path: string, body: unknown): Emission => ({
    ...{ at, via: 'http', method: 'PUT', path, body },
  })
  const post = (path: string, body: unknown): Emission => ({
    ...{ at, via: 'http', method: 'POST', path, body },
  })
  switch (action.kind) {
    case 'product':
      return put(`/api/v1/products/${action.gtin}`, action.body)
    case 'place':
      return put(masterPath('BusinessLocation', action.sgln), action.body)
    case 'party':
      return put(masterPath('SourceDest', action.pgln), action.body)
    case 'plan':
      return put(masterPath('urn:isotherm:vtype:Plan', action.container), action.body)
    case 'lot':
      return put(`/api/v1/lots/${action.gtin}/${action.lot}`, action.body)
    case 'device': {
      const { device: id, giai, loggingIntervalSeconds } = action
      return post('/api/v1/devices', { id, giai, loggingIntervalSeconds })
    }
    case 'capture':
      return post('/epcis/capture', documentOf(action.events, at))
    case 'scans':
      return post('/api/v1/scans', action.body)
    case 'recall':
      return post('/api/v1/recalls', action.body)
    case 'readings': {
      const topic = `v1/${tenant}/${action.device}/readings`
      return { at, via: 'mqtt', topic, ...packetOf(action.readings) }
    }
  }
}

/** From this many readings on a packet may be worth packing. */
const gzipFrom = 20

/**
 * One reading as an object with RFC 3339 time; many as an array with epoch ms; some large ones as
 * gzip.
 */
export function packetOf(readings: readonly WireReading[]): { body: unknown; gzip?: true } {
  const [first] = readings
  if (first && readings.length === 1)
    return { body: { ...first, time: new Date(first.time).toISOString() } }
  const pack = readings.length >= gzipFrom && first !== undefined && first.seq % 2 === 0
  return { body: readings, ...(pack && { gzip: true }) }
}

const masterPath = (type: string, id: string): string =>
  `/api/v1/master-data/${encodeURIComponent(type)}/${encodeURIComponent(id)}`

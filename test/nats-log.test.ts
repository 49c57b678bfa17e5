// The replicated log on real nats-servers, one alone and three as a cluster. Skipped where there are
// none.
import { afterAll, beforeAll, describe } from 'vitest'
import { type NatsOptions, type NatsStore, openNats } from '../store/nats/log.ts'
import { slotOf } from '../store/slots.ts'
import { type LogPlace, logContract } from './contracts/log.ts'
import { type Nats, natsPath, startNats } from './nats.ts'

if (natsPath === undefined) console.warn('No nats-server here: the tests of the NATS log skip.')

let prefixes = 0

describe.skipIf(natsPath === undefined)('one nats-server', () => {
  let nats: Nats
  beforeAll(async () => {
    nats = await startNats()
  })
  afterAll(() => nats?.stop())

  logContract('NATS', () => natsPlace(() => nats, 1), { runs: 15 })
})

describe.skipIf(natsPath === undefined)('a cluster of three', { timeout: 60_000 }, () => {
  let nats: Nats
  beforeAll(async () => {
    nats = await startNats({ nodes: 3 })
  }, 30_000)
  afterAll(() => nats?.stop())

  logContract('NATS with three replicas', () => natsPlace(() => nats, 3), { runs: 3 })
})

/** A log of its own on servers that others use too. */
function natsPlace(nats: () => Nats, replicas: 1 | 3): LogPlace {
  const prefix = `contract-${++prefixes}`
  let store: NatsStore | undefined
  const close = async (): Promise<void> => {
    await store?.close()
    store = undefined
  }
  return {
    open: async ({ bytesMax = 64 * 1024 * 1024 } = {}) => {
      await close()
      store = await open(nats(), { prefix, replicas, bytesMax: 3 * bytesMax })
      return store.log
    },
    remove: close,
  }
}

function open(nats: Nats, options: Partial<NatsOptions> = {}): Promise<NatsStore> {
  return openNats({
    servers: nats.servers,
    node: 'test',
    prefix: 'test',
    replicas: 1,
    partitions: 2,
    bytesMax: 1024 ** 3,
    slotOf: ({ tenant, source }) => slotOf(tenant, source),
    ...options,
  })
}

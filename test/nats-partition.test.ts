// What a reader of the replicated log meets: batches in parts, parts without an end, and what other
// programs put there. A real nats-server; skipped where there is none.
import { jetstream, jetstreamManager } from '@nats-io/jetstream'
import { connect, headers, type NatsConnection } from '@nats-io/transport-node'
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { Corrupt } from '../domain/refusal.ts'
import { createSlab, sealSlab, writeEntry } from '../store/envelope.ts'
import { type Follower, follow } from '../store/follow.ts'
import type { Partition } from '../store/log.ts'
import { type NatsStore, openNats } from '../store/nats/log.ts'
import { publish } from './contracts/log.ts'
import { type Nats, natsPath, startNats } from './nats.ts'

if (natsPath === undefined) console.warn('No nats-server here: the tests of its partitions skip.')

let prefixes = 0

describe.skipIf(natsPath === undefined)('a partition in NATS', { timeout: 20_000 }, () => {
  let nats: Nats
  let prefix: string
  let store: NatsStore
  let partition: Partition
  let other: NatsConnection
  const followers: Follower[] = []
  beforeAll(async () => {
    nats = await startNats()
    return () => nats.stop()
  })
  beforeEach(async () => {
    prefix = `partition-${++prefixes}`
    store = await openNats({
      servers: nats.servers,
      node: 'test',
      ...{ prefix, replicas: 1, partitions: 1, bytesMax: 1e9, slotOf: () => 0 },
    })
    partition = store.log.partitions[0]!
    other = await connect({ servers: nats.servers })
  })
  afterEach(async () => {
    for (const follower of followers.splice(0)) await follower.stop()
    await other.close()
    await store.close()
  })
  const append = (topic: string): Promise<number> =>
    store.log.whenDurable(store.log.append(publish({ topic })))
  /** As another process would, or something else. */
  const put = async (data: Uint8Array, id?: string, part?: string): Promise<number> => {
    const head = headers()
    if (id !== undefined) head.set('Nats-Msg-Id', id)
    if (part !== undefined) head.set('Isotherm-Part', part)
    const { seq } = await jetstream(other).publish(`${prefix}.log.0`, data, { headers: head })
    return seq
  }
  const topics = async (): Promise<string[]> => {
    const { envelopes } = await partition.read(0, 1000, 1e9)
    return envelopes.map(({ topic }) => topic)
  }

  it('shows nothing of a batch whose last part has not come, and all of it then', async () => {
    const batch = batchOf('in two parts')
    await append('before')
    await put(batch.subarray(0, 40), 'another:1:0:0', '0/2')
    await put(batch.subarray(0, 40), 'writer:1:0:0', '0/2')
    const { readable } = partition
    partition.onReadable(() => undefined)
    await expect(topics()).resolves.toEqual(['before'])
    // It has asked the stream, which has two messages more.
    const { state } = await (await jetstreamManager(other)).streams.info(`${prefix}-0`)
    await vi.waitUntil(() => partition.size().bytes === state.bytes, { timeout: 5000 })
    expect(partition.readable).toBe(readable)
    await put(batch.subarray(40), 'writer:1:0:1', '1/2')
    await vi.waitUntil(() => partition.readable > readable, { timeout: 5000 })
    expect(await topics()).toEqual(['before', 'in two parts'])
  })

  it('skips parts whose end never came, wherever they stand', async () => {
    const batch = batchOf('begun twice')
    await put(batch.subarray(0, 40), 'writer:1:0:0', '0/2')
    await append('between')
    await put(batch.subarray(0, 40), 'writer:1:1:0', '0/2')
    await put(batch.subarray(40), 'writer:1:1:1', '1/2')
    await append('after')
    expect(await topics()).toEqual(['between', 'begun twice', 'after'])
    const seen: string[] = []
    const follower = follow(partition, {
      name: 'record',
      countMax: 1,
      step: async (envelopes) => void seen.push(...envelopes.map(({ topic }) => topic)),
    })
    followers.push(follower)
    await vi.waitUntil(() => seen.length === 3)
    expect(seen).toEqual(['between', 'begun twice', 'after'])
    expect(partition.behind(follower.position)).toBe(0)
  })

  it.for([
    ['a message of another program', Buffer.from('hello'), undefined],
    ['a batch that was changed on the way', changed(batchOf('x')), 'writer:1:0:0'],
    ['a batch that was cut', batchOf('x').subarray(0, 60), 'writer:1:0:0'],
  ] as const)('stops a follower at %s', async ([, data, id]) => {
    await append('before')
    const sequence = await put(data, id)
    await append('after')
    const follower = follow(partition, { name: 'record', countMax: 1, step: async () => undefined })
    followers.push(follower)
    await vi.waitUntil(() => follower.state === 'stopped')
    expect(follower.lastError).toBeInstanceOf(Corrupt)
    expect(Math.floor(follower.position / 2 ** 16)).toBe(sequence)
  })

  it('goes on at the oldest kept when what stood before was trimmed by somebody', async () => {
    await append('first')
    await append('second')
    const third = await append('third')
    const { streams } = await jetstreamManager(other)
    await streams.purge(`${prefix}-0`, { seq: 3 })
    expect(await topics()).toEqual(['third'])
    await vi.waitUntil(() => partition.size().first === third, { timeout: 5000 })
    expect(await topics()).toEqual(['third'])
  })
})

function batchOf(topic: string): Buffer {
  const slab = createSlab(1000)
  writeEntry(slab, publish({ topic }))
  return Buffer.from(sealSlab(slab, 0))
}

function changed(batch: Buffer): Buffer {
  batch[50]! ^= 1
  return batch
}

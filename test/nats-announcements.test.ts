// Announcements among several connections to a real nats-server. Skipped where there is none.
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import type { Announcement } from '../store/announcements.ts'
import { type NatsStore, openNats } from '../store/nats/log.ts'
import { type Nats, natsPath, startNats } from './nats.ts'

if (natsPath === undefined) console.warn('No nats-server here: the tests of announcements skip.')

const stores: NatsStore[] = []
afterEach(async () => {
  await Promise.all(stores.splice(0).map((store) => store.close()))
})

describe.skipIf(natsPath === undefined)('announcements', { timeout: 20_000 }, () => {
  let nats: Nats
  beforeAll(async () => {
    nats = await startNats()
    return () => nats.stop()
  })

  it('reach every process once, the one that tells included', async () => {
    const [here, there] = [await open(nats, 'tell'), await open(nats, 'tell')]
    const heard: [string, Announcement][] = []
    here.listen('device/changed', (body) => heard.push(['here', body]))
    const stop = there.listen('device/changed', (body) => heard.push(['there', body]))
    there.listen('another topic', (body) => heard.push(['other', body]))
    await vi.waitUntil(() => here.heeded('another topic'))
    here.tell('device/changed', { id: 'LOGGER-1' })
    await vi.waitUntil(() => heard.length === 2)
    expect(heard.toSorted()).toEqual([
      ['here', { id: 'LOGGER-1' }],
      ['there', { id: 'LOGGER-1' }],
    ])
    stop()
    there.tell('device/changed', { id: 'LOGGER-2' })
    await vi.waitUntil(() => heard.length === 3)
    expect(heard[2]).toEqual(['here', { id: 'LOGGER-2' }])
  })

  it('are heeded where somebody listens, here or elsewhere, whoever came first', async () => {
    const here = await open(nats, 'heed')
    expect(here.heeded('alerts')).toBe(false)
    const there = await open(nats, 'heed')
    there.listen('alerts', () => undefined)
    expect(there.heeded('alerts')).toBe(true)
    await vi.waitUntil(() => here.heeded('alerts'))
    const late = await open(nats, 'heed')
    await vi.waitUntil(() => late.heeded('alerts'))
    expect(late.heeded('readings')).toBe(false)
  })

  it('are dropped while NATS is away, and go on when it is back', async () => {
    const alone = await startNats()
    const [here, there] = [await open(alone, 'away'), await open(alone, 'away')]
    const heard: unknown[] = []
    there.listen('alerts', ({ id }) => heard.push(id))
    await alone.nodes[0]!.kill()
    await vi.waitUntil(() => stores.every(({ failure }) => failure !== undefined))
    expect(stores[0]!.failure?.message).toContain('is away')
    for (let count = 0; count < 1000; count++) here.tell('alerts', { id: 'lost' })
    await alone.nodes[0]!.restart()
    await vi.waitUntil(() => stores.every(({ failure }) => failure === undefined), 5000)
    here.tell('alerts', { id: 'heard' })
    await vi.waitUntil(() => heard.length > 0)
    expect(heard).toEqual(['heard'])
    await Promise.all(stores.splice(0).map((store) => store.close()))
    await alone.stop()
  })
})

async function open(nats: Nats, prefix: string): Promise<NatsStore['announcements']> {
  const store = await openNats({
    servers: nats.servers,
    node: 'test',
    ...{ prefix, replicas: 1, partitions: 1, bytesMax: 1e9, slotOf: () => 0 },
  })
  stores.push(store)
  return store.announcements
}

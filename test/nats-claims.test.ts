// Work shared out among real processes through a real nats-server. Skipped where there is none.
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { bounds } from '../config.ts'
import { Unavailable } from '../domain/refusal.ts'
import type { Held, Share } from '../store/claims.ts'
import { type NatsStore, openNats } from '../store/nats/log.ts'
import { type Nats, natsPath, startNats } from './nats.ts'

if (natsPath === undefined) console.warn('No nats-server here: the tests of claims skip.')

const names = ['0', '1', '2', '3', '4', '5', '6', '7']
const stores: NatsStore[] = []
const children: ChildProcess[] = []
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  await Promise.all(stores.splice(0).map((store) => store.close()))
})

describe.skipIf(natsPath === undefined)('names to share', { timeout: 40_000 }, () => {
  let nats: Nats
  beforeAll(async () => {
    nats = await startNats()
    return () => nats.stop()
  })

  it('go to one process alone, are shared fairly when others come, and come back at once', async () => {
    const first = await workAt(nats, 'fair')
    expect(first.share.held.toSorted()).toEqual(names)
    const second = await workAt(nats, 'fair')
    const third = await workAt(nats, 'fair')
    const all = [first, second, third]
    await vi.waitUntil(() => evenly(all, 3), { timeout: 10_000 })
    await third.share.stop()
    // It let go: nobody has to wait until its leases have expired.
    const stoppedAt = performance.now()
    expect(third.underWay).toEqual(new Set())
    await vi.waitUntil(() => evenly([first, second], 4), { timeout: 10_000 })
    expect(performance.now() - stoppedAt).toBeLessThan(bounds.natsLeaseMs)
    for (const { most } of all) expect(most, 'nobody did the same twice at once').toBe(1)
  })

  it('of a process that was killed are done by others when its leases expire', async () => {
    const here = await workAt(nats, 'killed')
    const [there, held] = await workElsewhere(nats, 'killed')
    await vi.waitUntil(() => held.size === 4 && here.underWay.size === 4, { timeout: 10_000 })
    there.kill('SIGKILL')
    const killedAt = performance.now()
    await vi.waitUntil(() => here.underWay.size === 8, { timeout: 15_000 })
    const tookMs = Math.round(performance.now() - killedAt)
    console.log(`taken over ${tookMs} ms after the kill`)
    // A lease, and as much again for those who look for free ones: other tests share the machine.
    expect(tookMs).toBeLessThan(3 * bounds.natsLeaseMs)
  })

  it('that could not be begun, or ended by themselves, are tried again', async () => {
    let failures = 0
    const store = await open(nats, 'again')
    const ends: (() => void)[] = []
    const share = await store.claims.share('detect', ['only'], async () => {
      if (failures++ === 0) throw new Unavailable('the ledger is away')
      return {
        stop: async () => undefined,
        ended: new Promise<void>((resolve) => ends.push(resolve)),
      }
    })
    expect(share.held).toEqual([])
    await vi.waitUntil(() => share.held.length === 1, { timeout: 10_000 })
    ends[0]!()
    await vi.waitUntil(() => share.held.length === 0, { timeout: 5000 })
    await vi.waitUntil(() => share.held.length === 1, { timeout: 10_000 })
  })

  it('of different roles have nothing to do with each other', async () => {
    const store = await open(nats, 'roles')
    const other = await open(nats, 'roles')
    const idle = async (): Promise<Held> => ({
      stop: async () => undefined,
      ended: new Promise(() => undefined),
    })
    const record = await store.claims.share('record', names, idle)
    const detect = await other.claims.share('detect', names, idle)
    expect([record.held.length, detect.held.length]).toEqual([8, 8])
  })
})

describe.skipIf(natsPath === undefined)('an outage of NATS', { timeout: 60_000 }, () => {
  it('ends no work: who had a name has it afterwards', async () => {
    const nats = await startNats()
    const workers = [await workAt(nats, 'outage'), await workAt(nats, 'outage')]
    await vi.waitUntil(() => evenly(workers, 4), { timeout: 10_000 })
    const before = workers.map(({ underWay }) => new Set(underWay))
    await nats.nodes[0]!.kill()
    await passed(bounds.natsLeaseMs + 2000)
    await nats.nodes[0]!.restart()
    // Longer than anybody waits before claiming what was let go.
    await passed(bounds.natsLeaseMs + 2000)
    expect(workers.map(({ underWay }) => underWay)).toEqual(before)
    for (const { stops } of workers.values()) expect(stops()).toBeLessThanOrEqual(4)
    await Promise.all(stores.splice(0).map((store) => store.close()))
    await nats.stop()
  })
})

/** Leases expire by the clock of NATS, which is no argument. */
async function passed(ms: number): Promise<void> {
  const until = performance.now() + ms
  await vi.waitUntil(() => performance.now() > until, { timeout: 2 * ms })
}

interface Worker {
  share: Share
  underWay: Set<string>
  /** The most that did one name at once. */
  most: number
  stops(): number
}

async function workAt(nats: Nats, prefix: string): Promise<Worker> {
  const store = await open(nats, prefix)
  const underWay = new Set<string>()
  let stops = 0
  const worker: Worker = { share: undefined as never, underWay, most: 1, stops: () => stops }
  worker.share = await store.claims.share('detect', names, async (name) => {
    if (underWay.has(name)) worker.most = 2
    underWay.add(name)
    return {
      ended: new Promise(() => undefined),
      stop: async () => {
        stops++
        underWay.delete(name)
      },
    }
  })
  return worker
}

/** All names are done, each by one, and nobody does more than so many. */
function evenly(workers: Worker[], most: number): boolean {
  const held = workers.map(({ underWay }) => underWay)
  return (
    held.every(({ size }) => size <= most) &&
    held
      .flatMap((one) => [...one])
      .toSorted()
      .join() === names.join()
  )
}

/** A process that works until it is killed, and the names it has. */
async function workElsewhere(nats: Nats, prefix: string): Promise<[ChildProcess, Set<string>]> {
  const folder = mkdtempSync(join(tmpdir(), 'isotherm-worker-'))
  const program = join(folder, 'worker.ts')
  const source = join(import.meta.dirname, '../store/nats/log.ts')
  writeFileSync(
    program,
    `import { openNats } from ${JSON.stringify(source)}
    const store = await openNats({ servers: ${JSON.stringify(nats.servers)}, node: 'worker',
      prefix: '${prefix}', replicas: 1, partitions: 1, bytesMax: 1e9, slotOf: () => 0 })
    process.send({ ready: true })
    await store.claims.share('detect', ${JSON.stringify(names)}, async (name) => {
      process.send({ took: name })
      return { ended: new Promise(() => {}), stop: async () => process.send({ let: name }) }
    })`,
  )
  const child = fork(program, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  children.push(child)
  const held = new Set<string>()
  child.on('message', (said: { took?: string; let?: string }) => {
    if (said.took) held.add(said.took)
    if (said.let) held.delete(said.let)
  })
  await once(child, 'message')
  rmSync(folder, { recursive: true })
  return [child, held]
}

async function open(nats: Nats, prefix: string): Promise<NatsStore> {
  const store = await openNats({
    servers: nats.servers,
    node: 'test',
    ...{ prefix, replicas: 1, partitions: 1, bytesMax: 1e9, slotOf: () => 0 },
  })
  stores.push(store)
  return store
}

// The replicated log alone: how many envelopes a second one process appends and reads, and what that
// costs it and the servers. Run by hand: node test/bench/nats-log.ts
import { readFileSync } from 'node:fs'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Envelope, Log } from '../../store/log.ts'
import { openNats } from '../../store/nats/log.ts'
import { slotOf } from '../../store/slots.ts'
import { type Nats, startNats } from '../nats.ts'

/** 60 bytes of body and the names: about 150 bytes in the log. */
const body = Buffer.alloc(60, '{"time":1,"temperature":5.1}')
const devices = Array.from({ length: 1000 }, (_, index) => `LOGGER-${index}`)
const envelopes: Envelope[] = devices.map((source) => ({
  ...{ kind: 'publish', tenant: 'default', source, topic: `v1/default/${source}/readings` },
  ...{ recordTime: Date.now(), body },
}))

for (const replicas of [1, 3] as const)
  for (const partitions of [1, 8]) {
    const nats = await startNats({ nodes: replicas })
    const { log, close } = await openNats({
      servers: nats.servers,
      node: 'bench',
      prefix: 'bench',
      ...{ replicas, partitions, bytesMax: 8 * 2 ** 30 },
      slotOf: ({ tenant, source }) => slotOf(tenant, source),
    })
    const count = replicas === 1 ? 1_000_000 : 500_000
    const appended = await measure(nats, count, () => appendAll(log, count))
    const read = await measure(nats, count, () => readAll(log))
    console.log(`replicas ${replicas}, partitions ${partitions}: append ${appended}; read ${read}`)
    await close()
    await nats.stop()
  }

async function appendAll(log: Log, count: number): Promise<void> {
  for (let index = 0; index < count; ) {
    for (let some = 0; some < 1000; some++) log.append(envelopes[index++ % devices.length]!)
    while (log.pressed || log.end - log.durable > 60_000) await log.whenDurable(log.durable)
    await nextTurn()
  }
  await log.whenDurable(count - 1)
}

async function readAll(log: Log): Promise<void> {
  const follow = async (partition: Log['partitions'][number]): Promise<void> => {
    for (let from = 0; from < partition.readable; )
      // Unavailable: a follower would wait and read again.
      from =
        (await partition.read(from, 4096, 2 * 1024 * 1024).catch(() => undefined))?.next ?? from
  }
  await Promise.all(log.partitions.map(follow))
}

async function measure(nats: Nats, count: number, run: () => Promise<void>): Promise<string> {
  const serversMs = (): number => nats.nodes.reduce((sum, { pid }) => sum + cpuMsOf(pid), 0)
  const [cpu, servers, begun] = [process.cpuUsage(), serversMs(), performance.now()]
  await run()
  const ms = performance.now() - begun
  const { user, system } = process.cpuUsage(cpu)
  const own = ((user + system) / count).toFixed(2)
  const theirs = (((serversMs() - servers) * 1000) / count).toFixed(2)
  return `${Math.round(count / ms)}k/s, CPU ${own} µs here and ${theirs} µs in the servers`
}

/** User and system time; the kernel counts in hundredths of a second. */
function cpuMsOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ')
  return (Number(fields[11]) + Number(fields[12])) * 10
}

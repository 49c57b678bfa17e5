// Runs the load generator (load.ts) in a process of its own and reads what it tells.
import { join } from 'node:path'
import { start } from './child.ts'

export interface Load {
  port: number
  /** Of the broker, whose processor time per packet is told. */
  pid: number
  connections: number
  seconds: number
  /**
   * Unacknowledged packets of each connection (closed loop), or packets a second over all (open).
   */
  window?: number
  rate?: number
  /** Further arguments of load.ts. */
  more?: string[]
}

export interface LoadResult {
  sent: number
  perSecond: number
  ackP50Ms: number
  ackP99Ms: number
  brokerMicrosPerPacket: number | null
  /** Warm-up included, as is what it sent in that time. */
  generatorCpuSeconds: number
  generatorSent: number
  generatorAcked: number
  /** When it measured, epoch ms. */
  fromMs: number
  toMs: number
}

/** Before it measures. */
export const warmupSeconds = 2

export async function runLoad(load: Load): Promise<LoadResult> {
  const { port, pid, connections, seconds, window = 8, rate = 0, more = [] } = load
  const child = await start({
    command: process.execPath,
    args: [
      join(import.meta.dirname, 'load.ts'),
      ...['--port', String(port), '--broker-pid', String(pid)],
      ...['--connections', String(connections), '--seconds', String(seconds)],
      ...['--warmup', String(warmupSeconds), '--window', String(window), '--rate', String(rate)],
      ...more,
    ],
    ready: /^\{/,
    readyMs: (seconds + warmupSeconds + 60) * 1000,
  })
  await child.ended
  return JSON.parse(child.lines[0]!) as LoadResult
}

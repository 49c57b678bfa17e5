// The threads of a back-test: each judges one device after the other, whoever has least to do gets
// the next. Readings are moved to them and not copied.
import { Worker } from 'node:worker_threads'
import type { DeviceTold } from '../../domain/back-test.ts'
import type { DeviceJob } from './device.ts'
import type { BackTestReply } from './worker.ts'

export interface BackTestThreads {
  judge(job: DeviceJob): Promise<DeviceTold>
  /** Ends them at once; what they were judging is lost, and who waits for it hears so. */
  end(): Promise<void>
}

interface Lane {
  worker: Worker
  waiting: PromiseWithResolvers<DeviceTold>[]
}

export function startBackTestThreads(count: number): BackTestThreads {
  const lanes = Array.from({ length: count }, startLane)
  return {
    judge(job) {
      const lane = lanes.reduce((a, b) => (b.waiting.length < a.waiting.length ? b : a))
      const waiter = Promise.withResolvers<DeviceTold>()
      lane.waiting.push(waiter)
      const moved = job.channels.flatMap(({ readings }) => [
        readings.times.buffer as ArrayBuffer,
        readings.values.buffer as ArrayBuffer,
      ])
      lane.worker.postMessage(job, moved)
      return waiter.promise
    },
    async end() {
      await Promise.all(lanes.map(({ worker }) => worker.terminate()))
    },
  }
}

function startLane(): Lane {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), {
    name: 'back-test',
    // Options of the process (--input-type, --import, …) are not meant for this thread.
    execArgv: [],
  })
  // A back-test keeps no process alive that is told to end.
  worker.unref()
  const waiting: Lane['waiting'] = []
  worker.on('message', (reply: BackTestReply) => {
    const waiter = waiting.shift()
    if ('told' in reply) waiter?.resolve(reply.told)
    else waiter?.reject(new Error(reply.failure))
  })
  const fail = (error: Error): void => {
    for (const { reject } of waiting.splice(0)) reject(error)
  }
  worker.on('error', fail)
  worker.on('exit', () => fail(new Error('the thread of the back-test ended')))
  return { worker, waiting }
}

// Trains one model in a thread of its own, which ends with it: TensorFlow.js is in memory only
// while it is needed, and keeps no process alive that is told to end.
import { Worker } from 'node:worker_threads'
import type { BandModel } from '../../domain/band-model.ts'
import type { SeriesColumns } from '../../store/series.ts'
import type { BandReply } from './band-worker.ts'

/** The columns are moved, not copied: they are empty afterwards. Rejects when the thread fails. */
export async function trainInThread(readings: SeriesColumns): Promise<BandModel> {
  const worker = new Worker(new URL('./band-worker.ts', import.meta.url), {
    name: 'band',
    // Options of the process (--input-type, --import, …) are not meant for this thread.
    execArgv: [],
  })
  worker.unref()
  const { promise, resolve, reject } = Promise.withResolvers<BandModel>()
  worker.once('message', (reply: BandReply) => {
    if ('model' in reply) resolve(reply.model)
    else reject(new Error(reply.failure))
  })
  worker.once('error', reject)
  worker.once('exit', () => reject(new Error('the thread that trains ended')))
  worker.postMessage(readings, [readings.times.buffer, readings.values.buffer])
  try {
    return await promise
  } finally {
    await worker.terminate()
  }
}

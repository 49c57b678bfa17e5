// Has a workbook made in a thread of its own: 50,000 rows take ten seconds, and in this thread
// devices wait for their acknowledgements.
import { Worker } from 'node:worker_threads'
import type { Row } from '../rows.ts'
import type { WorkbookAsked } from './workbook-worker.ts'

/** Rejects when the batches or the thread fail. */
export async function makeWorkbook(
  asked: WorkbookAsked,
  batches: AsyncIterable<readonly Row[]>,
): Promise<Uint8Array<ArrayBuffer>> {
  const worker = new Worker(new URL('./workbook-worker.ts', import.meta.url), {
    ...{ name: 'workbook', workerData: asked, resourceLimits: { maxOldGenerationSizeMb: 1024 } },
    // Options of the process (--input-type, --import, …) are not meant for this thread.
    execArgv: [],
  })
  worker.unref()
  const made = Promise.withResolvers<Uint8Array<ArrayBuffer>>()
  worker.once('message', made.resolve)
  worker.once('error', made.reject)
  worker.once('exit', () => made.reject(new Error('the thread that makes workbooks ended')))
  try {
    for await (const rows of batches) worker.postMessage(rows)
    worker.postMessage(null)
    return await made.promise
  } finally {
    made.promise.catch(() => undefined)
    await worker.terminate()
  }
}

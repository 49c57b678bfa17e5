// The thread that trains: readings of one channel in, what was learned out. Knows no store.
import { parentPort } from 'node:worker_threads'
import type { BandModel, BandReadings } from '../../domain/band-model.ts'
import { trainBand } from './band-train.ts'

export type BandReply = { model: BandModel } | { failure: string }

const port = parentPort!
port.once('message', (readings: BandReadings) => {
  trainBand(readings).then(
    (model) => port.postMessage({ model } satisfies BandReply),
    (error: unknown) => port.postMessage({ failure: String(error) } satisfies BandReply),
  )
})

// The thread of a back-test: devices in, what two profiles make of each out. Knows no store.
import { parentPort } from 'node:worker_threads'
import type { DeviceTold } from '../../domain/back-test.ts'
import { backTestDevice, type DeviceJob } from './device.ts'

export type BackTestReply = { told: DeviceTold } | { failure: string }

const port = parentPort!
port.on('message', (job: DeviceJob) => {
  try {
    port.postMessage({ told: backTestDevice(job) } satisfies BackTestReply)
  } catch (error) {
    port.postMessage({ failure: String(error) } satisfies BackTestReply)
  }
})

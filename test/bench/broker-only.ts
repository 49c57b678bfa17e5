// A server process with the broker and the log of the product and nothing else: no follower records
// or judges, and everybody is let in. The log is trimmed as it is in the product.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bounds } from '../../config.ts'
import { openBroker } from '../../ingest/broker.ts'
import { listenMqtt } from '../../ingest/listen.ts'
import { openLmdbLog } from '../../store/lmdb/log.ts'

const folder = mkdtempSync(join(tmpdir(), 'isotherm-bench-'))
const log = await openLmdbLog({ folder: join(folder, 'log'), bytesMax: 4 * 2 ** 30 })
log.keepFor('nobody')
const broker = await openBroker({
  log,
  now: Date.now,
  authenticate: async (id) => ({
    ...{ kind: 'device', id, tenant: 'default', publish: [], subscribe: [] },
  }),
})
const mqtt = await listenMqtt(broker, { host: '127.0.0.1', port: 0 })
const trim = setInterval(() => {
  void log.setCursor('nobody', log.durable).then(() => log.trim())
}, bounds.trimEveryMs)
process.once('SIGTERM', async () => {
  clearInterval(trim)
  await mqtt.close()
  await broker.close()
  await log.close()
  rmSync(folder, { recursive: true, force: true })
})
console.log(`ready: ${mqtt.port}`)

// A process that takes packets from another broker into a log of its own, as the product does:
// killed at will by tests and benchmarks.
//
//   node test/upstream-consumer.ts PORT CLIENT_ID FOLDER [CONNECTIONS]
//
// Says `ready` once it has its subscription, then its figures and its CPU time, a line of JSON each
// time there was something new.
import { openUpstream } from '../ingest/upstream.ts'
import { openLmdbLog } from '../store/lmdb/log.ts'

const [port, clientId, folder, connections = '1'] = process.argv.slice(2)
const log = await openLmdbLog({ folder: folder!, bytesMax: 2 ** 32 })
const upstream = openUpstream({
  url: `mqtt://127.0.0.1:${port}`,
  share: 'isotherm',
  clientId: clientId!,
  connections: Number(connections),
  tenants: ['default'],
  log,
  now: Date.now,
})
let said = -1
let wasUp = false
const tell = setInterval(() => {
  if (upstream.state === 'up' && !wasUp) console.log('ready')
  wasUp = upstream.state === 'up'
  const { acked } = upstream.stats()
  if (acked === said) return
  said = acked
  const { user, system } = process.cpuUsage()
  const cpuMs = (user + system) / 1000
  console.log(JSON.stringify({ at: Date.now(), ...upstream.stats(), cpuMs }))
}, 20)
process.once('SIGTERM', async () => {
  clearInterval(tell)
  await upstream.close()
  await log.close()
  process.exit(0)
})

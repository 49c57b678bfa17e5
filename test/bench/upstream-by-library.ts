// The same work as test/upstream-consumer.ts, with MQTT.js: its only place to wait before the
// acknowledgement takes one packet at a time.
//
//   node test/bench/upstream-by-library.ts PORT CLIENT_ID FOLDER
import { connectAsync } from 'mqtt'
import { openLmdbLog } from '../../store/lmdb/log.ts'

const [port, clientId, folder] = process.argv.slice(2)
const log = await openLmdbLog({ folder: folder!, bytesMax: 2 ** 32 })
const client = await connectAsync(`mqtt://127.0.0.1:${port}`, { clientId: clientId!, clean: false })
let acked = 0
client.handleMessage = ({ topic, payload }, done) => {
  const [, tenant = '', source = ''] = topic.split('/')
  const body = Buffer.from(payload)
  const envelope = { kind: 'publish', tenant, source, topic, recordTime: Date.now(), body } as const
  void log.whenDurable(log.append(envelope)).then(() => {
    acked++
    done()
  })
}
await client.subscribeAsync('$share/isotherm/v1/default/+/+', { qos: 1 })
console.log('ready')
setInterval(() => {
  const { user, system } = process.cpuUsage()
  console.log(JSON.stringify({ at: Date.now(), acked, cpuMs: (user + system) / 1000 }))
}, 20)
process.once('SIGTERM', () => process.exit(0))

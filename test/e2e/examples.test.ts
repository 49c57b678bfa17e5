// The examples of the README, run as they stand against a server started as the README says.
import { execFileSync, spawnSync } from 'node:child_process'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startServer, type TestServer } from './server.ts'

const missing = ['bash', 'curl', 'mosquitto_pub'].filter(
  (name) => spawnSync('sh', ['-c', `command -v ${name}`]).status !== 0,
)
if (missing.length > 0) console.warn(`skipped: ${missing.join(', ')} not found`)

let server: TestServer
beforeAll(async () => {
  server = await startServer()
})
afterAll(async () => {
  await server.stop()
})

it.skipIf(missing.length > 0)(
  'examples/case-of-record.sh names the serials with 40 and with 7 minutes',
  () => {
    const printed = execFileSync(
      'examples/case-of-record.sh',
      [server.url, String(server.mqttPort)],
      {
        encoding: 'utf8',
        env: { ...process.env, TOKEN: server.token },
      },
    )
    const [head, ...rows] = printed.trim().split(/\r?\n/)
    const names = head!.split(',')
    const figures = rows.map((row) => {
      const cells = row.split(',')
      return ['serial', 'minutes', 'verdict'].map((name) => cells[names.indexOf(name)])
    })
    expect(figures).toEqual([
      ['A1', '40', 'out'],
      ['A2', '40', 'out'],
      ['B1', '7', 'in'],
    ])
  },
)

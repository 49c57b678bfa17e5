// `serve` and `demo`: the server in this process, until somebody tells it to stop.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Config } from '../config.ts'
import { OperatorError } from '../domain/refusal.ts'
import { type Server, serve } from '../main.ts'
import { demoWorld } from '../simulators/demo-world.ts'
import { paceLive, wallClock } from '../simulators/pace.ts'
import { speak } from '../simulators/speak.ts'
import { newToken } from '../store/ledger/registry.ts'
import { openLedger } from '../stores.ts'
import { addDemoPeople } from './care.ts'

export const serveUntilTold = (config: Config): Promise<void> =>
  serveUntilStopped(() => start(config))

async function start(config: Config): Promise<Server> {
  const server = await serve(config)
  const http = `${server.httpUrl} (${config.roles.has('api') ? 'API and console' : 'health'})`
  const mqtt = server.mqttUrl ? `, ${server.mqttUrl} (MQTT)` : ''
  console.log(`Isotherm is ready: ${http}${mqtt}`)
  if (server.newAdminToken)
    console.log(`Administrator token, shown this once: ${server.newAdminToken}`)
  return server
}

/** Resolves when the process was told to stop, however early, and everything is closed. */
async function serveUntilStopped(
  starting: () => Promise<Server>,
  stop: () => Promise<void> = async () => {},
): Promise<void> {
  const signal = Promise.withResolvers<void>()
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => signal.resolve())
  const server = await starting()
  try {
    await Promise.race([signal.promise, server.failed])
  } finally {
    await stop()
    await server.close()
  }
}

export async function demo(config: Config): Promise<void> {
  if (!config.roles.has('broker') || !config.roles.has('api'))
    throw new OperatorError('the demo needs a broker and an API', 'unset ISOTHERM_ROLES')
  const dataDir = mkdtempSync(join(tmpdir(), 'isotherm-demo-'))
  const token = newToken()
  let stop = async (): Promise<void> => {}
  const startDemo = async (): Promise<Server> => {
    const ledger = await openLedger({ ...config, dataDir })
    const people = await addDemoPeople(ledger).finally(() => ledger.close())
    const server = await start({ ...config, dataDir, adminToken: token })
    console.log(`Signed-in console: ${server.httpUrl}/#token=${token}`)
    console.log(`Or sign in as ${people}`)
    const world = demoWorld({ seed: 1, now: Date.now(), convoys: true })
    const speaking = speak(world, {
      httpUrl: server.httpUrl,
      mqttUrl: server.mqttUrl!,
      token,
      pace: paceLive(world.liveFrom, 60, wallClock),
    })
    speaking.done.catch((error) =>
      console.error(`the simulated fleet fell silent: ${error.message}`),
    )
    stop = () => speaking.stop()
    return server
  }
  try {
    await serveUntilStopped(startDemo, () => stop())
  } finally {
    rmSync(dataDir, { recursive: true, force: true })
  }
}

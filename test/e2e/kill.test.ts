// The plug is pulled at random moments while loggers send and events are captured. Acknowledged
// means kept (I1); nothing is lost and nothing doubled (I2); what was sent again because its
// acknowledgement never came makes no difference (I3). ISOTHERM_TEST_KILLS says how often,
// ISOTHERM_TEST_SEED when.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, it, vi } from 'vitest'
import { createRandom } from '../../simulators/random.ts'
import { allUpTo, captureLate, cycle, expectAlerts, keptOf, Logger } from './senders.ts'
import { startServer, type TestServer } from './server.ts'
import * as story from './story.ts'

const kills = Number(process.env.ISOTHERM_TEST_KILLS ?? 5)
const seed = process.env.ISOTHERM_TEST_SEED ?? String(Date.now())
const loggers = 4
const readyWithinMs = 5000

it(`loses and doubles nothing that was acknowledged when it is killed ${kills} times`, {
  timeout: 60_000 + kills * 30_000,
}, async () => {
  console.info(`kill moments come from ISOTHERM_TEST_SEED=${seed}`)
  const random = createRandom(seed)
  let server = await startServer()
  const { dataDir } = server
  await story.tellProduct(server)
  const senders: Logger[] = []
  for (let number = 1; number <= loggers; number++)
    senders.push(new Logger(await story.tellCase(server, number), { pauseMs: 100 }))

  const ready: ReadyTime[] = []
  const late: string[] = []
  for (let round = 1; round <= kills; round++) {
    for (const sender of senders) await sender.open(server)
    const number = 1 + random.below(loggers)
    const capturing = captureLate(server, number, round)
    await delay(random.between(5, 1500))
    await server.kill('SIGKILL')
    for (const sender of senders) await sender.lost()
    const answered = await capturing
    server = await startServer({ dataDir })
    ready.push(await untilReady(server))
    // As its sender would: what was not answered is sent again, with the same event ids.
    if (!answered) expect(await captureLate(server, number, round)).toBe(true)
    late.push(story.vialLink(number, `LATE${round}X`))
  }
  const acked = senders.reduce((sum, sender) => sum + sender.acked.size, 0)

  // Everybody catches up and ends with a whole cycle.
  const total = cycle * (1 + Math.ceil(Math.max(...senders.map(({ count }) => count)) / cycle))
  for (const sender of senders) await sender.open(server, total)
  for (const sender of senders) await sender.finish()
  const resent = senders.reduce((sum, sender) => sum + sender.resent, 0)
  console.info(`${kills} kills: ${acked} acknowledged before the last, ${resent} sent again`)
  const times = ready.map(({ wallMs, ownMs }) => `${Math.round(wallMs)} (${Math.round(ownMs)})`)
  console.info(`ready after ms, in brackets without waiting for others: ${times.join(', ')}`)

  await vi.waitFor(() => expectCaughtUp(server), { timeout: 60_000, interval: 200 })
  for (const sender of senders) {
    expect(sender.acked.size).toBe(total)
    expect(await keptOf(server, sender.id)).toEqual(allUpTo(total))
    const refusals = await server.api('GET', `/api/v1/devices/${sender.id}/refusals`)
    expect(refusals).toMatchObject({ items: [] })
  }
  for (let number = 1; number <= loggers; number++)
    await vi.waitFor(() => expectAlerts(server, number, { total, late }), {
      timeout: 60_000,
      interval: 200,
    })
  for (const { ownMs } of ready) expect(ownMs).toBeLessThan(readyWithinMs)
  expect((await server.stop()).code).toBe(0)
})

interface ReadyTime {
  wallMs: number
  /**
   * Without the time in which other programs had the processor: tests share their machine, servers
   * may not.
   */
  ownMs: number
}

/** From the start of the process until it says that all parts are up. */
async function untilReady(server: TestServer): Promise<ReadyTime> {
  const startedAt = performance.now()
  while ((await fetch(`${server.url}/readyz`)).status !== 200) await delay(5)
  const wallMs = server.readyMs + performance.now() - startedAt
  const { ranMs, waitedMs } = processorTime(server.pid)
  return { wallMs, ownMs: Math.max(wallMs - waitedMs, Math.min(ranMs, wallMs)) }
}

/**
 * What Linux says of all threads: how long they ran, and how long they could have but others did.
 */
function processorTime(pid: number): { ranMs: number; waitedMs: number } {
  const sum = { ranMs: 0, waitedMs: 0 }
  const tasks = `/proc/${pid}/task`
  if (!existsSync(tasks)) return sum
  for (const task of readdirSync(tasks)) {
    const [ranNs, waitedNs] = readFileSync(join(tasks, task, 'schedstat'), 'utf8').split(' ')
    sum.ranMs += Number(ranNs) / 1e6
    sum.waitedMs += Number(waitedNs) / 1e6
  }
  return sum
}

/** No follower of the log has anything left to do. */
async function expectCaughtUp(server: TestServer): Promise<void> {
  const metrics = await (await server.ask('GET', '/metrics')).text()
  const lags = [...metrics.matchAll(/^isotherm_follower_lag\{.*\} (\d+)$/gm)]
  expect(lags).toHaveLength(3)
  expect(lags.map(([, lag]) => lag)).toEqual(['0', '0', '0'])
}

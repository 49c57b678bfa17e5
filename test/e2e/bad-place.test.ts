// What the operator can mend is told in one sentence with its remedy, never as a stack: a port in
// use, a folder in use or read-only, a misspelt setting. A disk that fills up delays and loses
// nothing that was acknowledged.
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, closeSync, existsSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, it, vi } from 'vitest'
import { adminToken, connectMqtt, type Finished, newFolder, run, startServer } from './server.ts'

const settings = (change: Record<string, string> = {}): Record<string, string> => ({
  ISOTHERM_DATA_DIR: join(newFolder(), 'data'),
  ISOTHERM_HTTP_PORT: '0',
  ISOTHERM_MQTT_PORT: '0',
  ISOTHERM_ADMIN_TOKEN: adminToken,
  ...change,
})

/** Ended by itself, with words for the operator only. */
function expectAdvice({ code, stdout, stderr }: Finished, words: RegExp[]): void {
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
  expect(stderr).toMatch(/^isotherm: .+\n {2}-> .+\n$/)
  for (const word of words) expect(stderr).toMatch(word)
  expect(stderr).not.toMatch(/^\s+at /m)
}

async function occupy(): Promise<{ port: number; server: Server }> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { port: (server.address() as { port: number }).port, server }
}

it('a port in use is named with its setting', async () => {
  const { port, server } = await occupy()
  const usual = settings()
  for (const name of ['ISOTHERM_HTTP_PORT', 'ISOTHERM_MQTT_PORT']) {
    const finished = await run(['serve'], { env: { ...usual, [name]: String(port) } })
    expectAdvice(finished, [new RegExp(`${port}`), new RegExp(`${name} to a free port`), /in use/])
  }
  server.close()
  // Nothing is left locked or half made: the same folder serves on other ports.
  const again = await startServer({ dataDir: usual.ISOTHERM_DATA_DIR! })
  expect((await again.stop()).code).toBe(0)
})

it('a second server on the same folder names the folder and the process that has it', async () => {
  const first = await startServer()
  const second = await run(['serve'], { env: settings({ ISOTHERM_DATA_DIR: first.dataDir }) })
  expectAdvice(second, [
    new RegExp(first.dataDir),
    new RegExp(`process ${first.pid}\\b`),
    /ISOTHERM_DATA_DIR/,
  ])
  expect((await first.ask('GET', '/readyz')).status).toBe(200)
  await first.kill('SIGKILL')
  const third = await startServer({ dataDir: first.dataDir })
  await third.stop()
})

it('an unknown, misspelt or senseless setting is named with what is right', async () => {
  expectAdvice(await run(['serve'], { env: settings({ ISOTHERM_HTTP_PROT: '1' }) }), [
    /ISOTHERM_HTTP_PROT/,
    /ISOTHERM_HTTP_PORT/,
  ])
  expectAdvice(await run(['serve'], { env: settings({ ISOTHERM_MQTT_PORT: '70000' }) }), [
    /ISOTHERM_MQTT_PORT=70000/,
    /0 to 65535/,
  ])
  const unknown = await run(['sevre'], { env: settings() })
  expect(unknown).toMatchObject({ code: 2, stdout: '' })
  expect(unknown.stderr).toMatch(/sevre/)
})

const isRoot = process.getuid?.() === 0
const asNobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups']
const mayBeReadOnly = process.platform !== 'win32' && (!isRoot || canRun([...asNobody, 'true']))
if (!mayBeReadOnly)
  console.warn('skipped: the read-only folder, which needs a user that is not root')

function canRun([command, ...args]: string[]): boolean {
  try {
    execFileSync(command!, args, { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

it.skipIf(!mayBeReadOnly)('a folder that may not be written is named with its remedy', async () => {
  const parent = newFolder()
  const folder = join(parent, 'data')
  mkdirSync(folder)
  chmodSync(parent, 0o755)
  chmodSync(folder, 0o555)
  const prefix = isRoot ? asNobody : []
  const env = settings({ ISOTHERM_DATA_DIR: folder, HOME: parent })
  expectAdvice(await run(['serve'], { env, prefix }), [new RegExp(folder), /writable/])
  const missing = settings({ ISOTHERM_DATA_DIR: join(folder, 'new'), HOME: parent })
  expectAdvice(await run(['serve'], { env: missing, prefix }), [new RegExp(folder), /writable/])
  chmodSync(folder, 0o755)
})

const mayMount = isRoot && process.platform === 'linux' && canMount()
if (!mayMount) console.warn('skipped: the full disk, which needs a root that may mount')

function canMount(): boolean {
  const folder = newFolder()
  if (!canRun(['mount', '-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder])) return false
  execFileSync('umount', [folder])
  return true
}

it.skipIf(!mayMount)(
  'a full disk holds publishing up, says so, loses nothing acknowledged and goes on when there is space',
  { timeout: 90_000 },
  async () => {
    const disk = newFolder()
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=48m', 'tmpfs', disk])
    try {
      await fillAndFree(disk)
    } finally {
      execFileSync('umount', ['-l', disk])
    }
  },
)

async function fillAndFree(disk: string): Promise<void> {
  const server = await startServer({ dataDir: join(disk, 'data') })
  const device = { id: 'logger-1', loggingIntervalSeconds: 60 }
  const { token } = await server.api<{ token: string }>('POST', '/api/v1/devices', device)
  const client = await connectMqtt(server, { id: device.id, token })
  const startTime = Date.parse('2026-03-02T00:00:00Z')
  const acked: number[] = []
  let sent = 0
  const send = async (): Promise<void> => {
    const time = startTime + sent++ * 60_000
    // Other numbers are noise that fills the log, not the store.
    const body = JSON.stringify({ time, temperature: 5, note: 'x'.repeat(20_000) })
    await client.publishAsync('v1/default/logger-1/readings', body, { qos: 1 })
    acked.push(time)
  }
  for (let n = 0; n < 20; n++) await send()
  const ballast = fill(join(disk, 'ballast'))
  // Until an acknowledgement stays away: there was some room inside the files.
  const sending: Promise<void>[] = []
  for (let stalled = false; !stalled; ) {
    const next = send()
    sending.push(next)
    stalled = (await Promise.race([next, delay(1500, 'no answer')])) === 'no answer'
    expect(sent).toBeLessThan(5000)
  }
  const ackedOnFullDisk = acked.length
  const ready = await server.ask('GET', '/readyz')
  expect(ready.status).toBe(503)
  expect(await ready.json()).toMatchObject({ ready: false, parts: { log: 'waiting' } })
  const posted = await server.ask('POST', '/api/v1/devices', { body: { id: 'logger-2' } })
  expect([201, 503], server.output()).toContain(posted.status)
  expect(acked).toHaveLength(ackedOnFullDisk)

  rmSync(ballast)
  await Promise.all(sending)
  await send()
  await vi.waitFor(async () => expect((await server.ask('GET', '/readyz')).status).toBe(200), {
    timeout: 30_000,
    interval: 100,
  })
  expect(acked).toHaveLength(sent)
  const path = `/api/v1/readings?device=logger-1&from=${new Date(startTime).toISOString()}`
  await vi.waitFor(
    async () => {
      const { items } = await server.api<{ items: { time: string }[] }>('GET', path)
      expect(items.map(({ time }) => Date.parse(time))).toEqual(acked)
    },
    { timeout: 30_000, interval: 100 },
  )
  await client.endAsync()
  expect((await server.stop()).code).toBe(0)
}

/** Takes all the space there is. */
function fill(file: string): string {
  const descriptor = openSync(file, 'w')
  for (let bytes = 1 << 20; bytes >= 512; ) {
    try {
      writeSync(descriptor, Buffer.alloc(bytes))
    } catch {
      bytes >>= 1
    }
  }
  closeSync(descriptor)
  expect(existsSync(file)).toBe(true)
  return file
}

import { execFileSync, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { bounds } from '../config.ts'
import { Corrupt, OperatorError, Unavailable } from '../domain/refusal.ts'
import { type LmdbLog, openLmdbLog } from '../store/lmdb/log.ts'
import { type LogPlace, logContract, publish, readAll } from './contracts/log.ts'

logContract('LMDB', lmdbPlace)

const folders: string[] = []
const logs: LmdbLog[] = []
afterEach(async () => {
  for (const log of logs.splice(0)) await log.close()
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

describe('a folder that cannot hold a log', () => {
  it('is named together with what the operator can do', async () => {
    const folder = newFolder()
    writeFileSync(join(folder, 'file'), '')
    const opening = openLmdbLog({ folder: join(folder, 'file', 'log'), bytesMax: 1e9 })
    await expect(opening).rejects.toThrow(OperatorError)
    await expect(opening).rejects.toMatchObject({ remedy: expect.stringMatching(/writable/) })
  })

  it.skipIf(!canMount())('may be one on a read-only disk (needs root to mount one)', async () => {
    await onSmallDisk('1m', async (folder) => {
      await (await openLmdbLog({ folder, bytesMax: 1e9 })).close()
      execFileSync('mount', ['-o', 'remount,ro', folder])
      await expect(openLmdbLog({ folder, bytesMax: 1e9 })).rejects.toThrow(OperatorError)
    })
  })

  it('may hold something else', async () => {
    const folder = newFolder()
    writeFileSync(join(folder, 'data.mdb'), 'not a log'.repeat(1000))
    await expect(openLmdbLog({ folder, bytesMax: 1e9 })).rejects.toThrow(OperatorError)
  })

  it('is no obstacle when it is only missing', async () => {
    const log = await openAt(join(newFolder(), 'data', 'log'))
    expect(log.end).toBe(0)
  })
})

it('is one partition whose offsets are the tickets: 0, 1, 2, … through trims and reopenings', async () => {
  const folder = newFolder()
  let log = await openAt(folder)
  log.keepFor('record')
  for (let index = 0; index < 5; index++)
    expect(await log.whenDurable(log.append(publish()))).toBe(index)
  expect([log.end, log.durable, log.readable, log.size().first]).toEqual([5, 5, 5, 0])
  const { envelopes, next } = await log.read(1, 3, 1e9)
  expect([envelopes.map(({ offset }) => offset), next]).toEqual([[1, 2, 3], 4])
  expect(log.behind(next)).toBe(1)
  await log.setCursor('record', 5)
  await log.trim()
  await log.close()
  log = await openAt(folder)
  expect([log.end, log.append(publish())]).toEqual([5, 5])
})

describe('damage on the disk', () => {
  it('in the newest batch is found when the log is opened', async () => {
    const folder = await folderWith(['first', 'second', 'newest'])
    damage(folder, 'newest')
    const opening = openLmdbLog({ folder, bytesMax: 1e9 })
    await expect(opening).rejects.toThrow(Corrupt)
    await expect(opening).rejects.toMatchObject({ where: 'log offset 2' })
  })

  it('in an older batch is found when it is read; what stands around it still reads', async () => {
    const folder = await folderWith(['first', 'second', 'newest'])
    damage(folder, 'second')
    const log = await openAt(folder)
    await expect(log.read(1, 1, 1)).rejects.toThrow(Corrupt)
    await expect(log.read(1, 1, 1)).rejects.toThrow(/log offset 1/)
    expect((await log.read(0, 1, 1)).envelopes[0]?.topic).toBe('first')
    expect((await log.read(2, 1, 1)).envelopes[0]?.topic).toBe('newest')
  })
})

describe('a disk that has no space left', () => {
  it.skipIf(!canMount())(
    'loses and acknowledges nothing: the log waits and goes on by itself (root mounts one)',
    async () => {
      await onSmallDisk('8m', async (folder) => {
        const log = await openAt(folder, { retryMs: [1, 5] })
        const pressures: boolean[] = []
        log.onPressure((pressed) => pressures.push(pressed))
        await log.whenDurable(log.append(publish()))
        const ballast = join(folder, 'ballast')
        fillDisk(ballast)
        const body = Buffer.alloc(300_000, 7)
        const durable = log.whenDurable(log.append(publish({ body })))
        await vi.waitUntil(() => log.fault !== undefined)
        const behind = log.whenDurable(log.append(publish({ topic: 'behind' })))
        expect([log.pressed, log.durable, log.end]).toEqual([true, 1, 3])
        rmSync(ballast)
        await Promise.all([durable, behind])
        expect([log.pressed, log.fault, log.durable]).toEqual([false, undefined, 3])
        expect(pressures).toEqual([true, false])
        await log.close()
        const again = await openAt(folder)
        const { envelopes } = await again.read(1, 2, 1e9)
        expect(envelopes[0]?.body).toEqual(body)
        expect(envelopes[1]?.topic).toBe('behind')
      })
    },
  )

  it.skipIf(!canMount())(
    'filled by the log itself is freed by trimming (needs root to mount one)',
    async () => {
      await onSmallDisk('8m', async (folder) => {
        const log = await openAt(folder, { retryMs: [1, 5] })
        log.keepFor('record')
        const body = Buffer.alloc(100_000, 7)
        while (!log.pressed) {
          log.append(publish({ body }))
          await vi.waitUntil(() => log.durable === log.end || log.fault, { interval: 1 })
        }
        const { durable, end } = log
        expect(durable).toBe(end - 1)
        const saved = log.setCursor('record', durable)
        await vi.waitUntil(() =>
          log.trim().then(
            () => log.size().first > 0,
            () => false,
          ),
        )
        await Promise.all([saved, log.whenDurable(end - 1)])
        expect(log.pressed).toBe(false)
      })
    },
  )

  it.skipIf(!canMount())(
    'does not keep the log from closing, and it opens again (needs root to mount one)',
    async () => {
      await onSmallDisk('8m', async (folder) => {
        const log = await openAt(folder)
        await log.whenDurable(log.append(publish()))
        fillDisk(join(folder, 'ballast'))
        const never = log.whenDurable(log.append(publish({ body: Buffer.alloc(300_000) })))
        const refused = expect(never).rejects.toThrow(Unavailable)
        await vi.waitUntil(() => log.fault !== undefined)
        await log.close()
        await refused
        const again = await openAt(folder)
        expect([again.end, (await readAll(again)).length]).toEqual([1, 1])
      })
    },
  )
})

describe('more than the disk can write', () => {
  it('is refused at a bound, so that memory stays bounded too', async () => {
    const log = await openAt(newFolder())
    const body = Buffer.alloc(1024 * 1024)
    let taken = 0
    const flood = (): void => {
      for (;;) {
        log.append(publish({ body }))
        taken += body.length
        expect(log.pressed).toBe(taken > bounds.unackedBytesMax - 100_000)
      }
    }
    // Without a pause nothing can be committed.
    expect(flood).toThrow(Unavailable)
    expect(taken).toBeLessThanOrEqual(2 * bounds.unackedBytesMax + body.length)
    await log.whenDurable(log.end - 1)
    expect(log.pressed).toBe(false)
  })
})

describe('two processes in one log', () => {
  it('never overwrite each other: the second waits for ever and says why', async () => {
    const folder = newFolder()
    const here = await openAt(folder, { retryMs: [1, 5] })
    await here.whenDurable(here.append(publish({ topic: 'before' })))
    const [there, message] = await appender(folder)
    expect(message.durable).toBeGreaterThan(1)
    there.kill('SIGKILL')
    await once(there, 'exit')
    const never = here.whenDurable(here.append(publish({ topic: 'late' })))
    const refused = expect(never).rejects.toThrow(Unavailable)
    await vi.waitUntil(() => here.fault?.message.includes('another process'))
    await here.close()
    await refused
    const again = await openAt(folder)
    const topics = (await readAll(again)).map((envelope) => envelope.topic)
    expect(topics).not.toContain('late')
  })
})

describe('a process that is killed', () => {
  it('has kept all it reported durable: contiguous, and every checksum right', async () => {
    const folder = newFolder()
    let reported = 0
    for (let round = 0; round < 4; round++) {
      const [child, first] = await appender(folder)
      const killAt = first.durable + 500 * (round + 1)
      await new Promise<void>((resolve) => {
        child.on('message', ({ durable }: { durable: number }) => {
          reported = durable
          // In the middle of appends and commits: nothing was told to end.
          if (durable >= killAt) resolve()
        })
      })
      child.kill('SIGKILL')
      await once(child, 'exit')
      const log = await openAt(folder)
      expect(log.end).toBeGreaterThanOrEqual(reported)
      const all = await readAll(log)
      expect(all.length).toBe(log.end)
      for (const [offset, envelope] of all.entries()) {
        if (envelope.offset !== offset || envelope.topic !== `offset ${offset}`)
          expect.fail(`offset ${offset} reads back as ${envelope.offset}, ${envelope.topic}`)
      }
      expect(log.cursor('record')).toBeLessThanOrEqual(log.end)
      await log.close()
    }
  }, 60_000)
})

/**
 * A process that appends for ever; each envelope's topic says its offset. With its first report.
 */
async function appender(folder: string): Promise<[ReturnType<typeof fork>, { durable: number }]> {
  const program = join(newFolder(), 'appender.ts')
  const source = join(import.meta.dirname, '../store/lmdb/log.ts')
  writeFileSync(
    program,
    `import { openLmdbLog } from ${JSON.stringify(source)}
    const log = await openLmdbLog({ folder: ${JSON.stringify(folder)}, bytesMax: 1e9 })
    log.onDurable((durable) => {
      process.send({ durable })
      void log.setCursor('record', durable)
    })
    const more = () => {
      for (let count = 0; count < 20; count++)
        log.append({ kind: 'publish', tenant: 'default', source: 'LOGGER-1', recordTime: 0,
          topic: 'offset ' + log.end, body: new Uint8Array((log.end * 7919) % 5000) })
      if (log.pressed) return log.whenDurable(log.end - 1).then(more)
      setImmediate(more)
    }
    more()`,
  )
  const child = fork(program, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  const [message] = (await once(child, 'message')) as [{ durable: number }]
  return [child, message]
}

async function openAt(
  folder: string,
  options: { retryMs?: [number, number] } = {},
): Promise<LmdbLog> {
  const log = await openLmdbLog({ folder, bytesMax: 1024 ** 3, ...options })
  logs.push(log)
  return log
}

/** A closed log of one batch for each topic. */
async function folderWith(topics: string[]): Promise<string> {
  const folder = newFolder()
  const log = await openLmdbLog({ folder, bytesMax: 1e9 })
  for (const topic of topics) await log.whenDurable(log.append(publish({ topic })))
  await log.close()
  return folder
}

/** Changes every copy of the text in the file of the log. */
function damage(folder: string, text: string): void {
  const file = join(folder, 'data.mdb')
  const bytes = readFileSync(file)
  for (let at = bytes.indexOf(text); at >= 0; at = bytes.indexOf(text, at + 1)) bytes[at]! ^= 0x20
  writeFileSync(file, bytes)
}

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'isotherm-log-'))
  folders.push(folder)
  return folder
}

function lmdbPlace(): LogPlace {
  const folder = newFolder()
  return {
    open: (options) => openLmdbLog({ folder, bytesMax: 1024 ** 3, ...options }),
    remove: async () => rmSync(folder, { recursive: true, force: true }),
  }
}

async function onSmallDisk(size: string, run: (folder: string) => Promise<void>): Promise<void> {
  const folder = newFolder()
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', folder])
  try {
    await run(folder)
  } finally {
    for (const log of logs.splice(0)) await log.close()
    execFileSync('umount', [folder])
  }
}

function canMount(): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'isotherm-mount-'))
  try {
    execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', folder], { stdio: 'ignore' })
    execFileSync('umount', [folder])
    return true
  } catch {
    console.warn('No small disk can be mounted here: the tests of full and read-only disks skip.')
    return false
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function fillDisk(file: string): void {
  const block = Buffer.alloc(4096, 1)
  mkdirSync(join(file, '..'), { recursive: true })
  try {
    for (;;) writeFileSync(file, block, { flag: 'a' })
  } catch (error) {
    expect((error as NodeJS.ErrnoException).code).toBe('ENOSPC')
  }
}

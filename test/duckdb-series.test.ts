import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Worker } from 'node:worker_threads'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { bounds } from '../config.ts'
import { Corrupt, OperatorError, Unavailable } from '../domain/refusal.ts'
import { type DuckdbSeries, openDuckdbSeries } from '../store/duckdb/series.ts'
import type { Series, SeriesRow } from '../store/series.ts'
import { seriesContract } from './contracts/series.ts'

const makeFolder = (): Promise<string> => mkdtemp(join(tmpdir(), 'isotherm-series-'))

seriesContract({
  name: 'DuckDB',
  async fixture() {
    const folder = await makeFolder()
    return {
      open: () => openDuckdbSeries({ folder, hotRowsMax: 50 }),
      settle: (series: Series) => (series as DuckdbSeries).compact(),
      dispose: () => rm(folder, { recursive: true }),
    }
  },
})

const key = { tenant: 'default', device: 'logger-1', channel: 'temperature' }
const always = { from: 0, to: 1e15 }
const batch = (number: number, rows = 500): SeriesRow[] =>
  Array.from({ length: rows }, (_, i) => ({
    ...key,
    device: `logger-${i % 5}`,
    time: number * rows + i,
    value: i,
    offset: number,
  }))

describe('the embedded series store', () => {
  let folder: string
  let store: DuckdbSeries | undefined
  beforeEach(async () => {
    folder = await makeFolder()
  })
  afterEach(async () => {
    await store?.close()
    store = undefined
    await rm(folder, { recursive: true, force: true })
  })
  const openStore = async (hotRowsMax = 1000): Promise<DuckdbSeries> => {
    store = await openDuckdbSeries({ folder, hotRowsMax })
    return store
  }

  it('sorts hot rows away by itself, without duplicates, in few tables', async () => {
    const series = await openStore(100)
    for (let number = 0; number < 40; number++) {
      await series.write([...batch(number, 50), ...batch(number >> 1, 50)])
    }
    await series.compact()
    const stats = await series.stats()
    expect(stats.hotRows).toBe(0)
    expect(stats.sortedTables).toBeLessThan(8)
    expect(stats.compactionError).toBeUndefined()
    let count = 0
    for (let device = 0; device < 5; device++)
      count += (await series.range({ ...key, device: `logger-${device}`, ...always })).length
    expect(count).toBe(40 * 50)
  })

  it('keeps a row once after sorting, however often it was written', async () => {
    // Far below the bound: the store must not sort by itself before the rows are counted.
    const series = await openStore(100_000)
    for (let time = 0; time < 5; time++) await series.write(batch(0))
    expect((await series.stats()).hotRows).toBe(2500)
    await series.compact()
    expect(await series.stats()).toMatchObject({ hotRows: 0, sortedRows: 500, series: 5 })
  })

  it('writes what it was given before it closes', async () => {
    const series = await openStore()
    const writes = [series.write(batch(0)), series.write(batch(1)), series.compact()]
    await series.close()
    expect((await Promise.allSettled(writes)).slice(0, 2).map(({ status }) => status)).toEqual([
      'fulfilled',
      'fulfilled',
    ])
    const { hotRows, sortedRows } = await (await openStore()).stats()
    expect(hotRows + sortedRows).toBe(1000)
  })

  it('lets callers back off when too many reads wait', async () => {
    const series = await openStore()
    await series.write(batch(0))
    const reads = Array.from({ length: bounds.seriesReadsMax + 50 }, () =>
      series.range({ ...key, ...always }),
    )
    const ends = await Promise.allSettled(reads)
    const refused = ends.filter((end) => end.status === 'rejected')
    expect(refused.length).toBeGreaterThan(0)
    for (const { reason } of refused) expect(reason).toBeInstanceOf(Unavailable)
    expect(ends.filter((end) => end.status === 'fulfilled')[0]?.value).toHaveLength(100)
    expect(await series.range({ ...key, ...always })).toHaveLength(100)
  })

  it('is Unavailable when its thread dies, and opens the file for the next call', async () => {
    const started = once(process, 'worker') as Promise<[Worker]>
    const series = await openStore()
    const [thread] = await started
    await series.write(batch(0))
    const death = thread.terminate()
    await expect(series.range({ ...key, ...always })).rejects.toBeInstanceOf(Unavailable)
    await death
    expect(series.failure).toBeInstanceOf(Unavailable)
    await series.write([...batch(1), { ...key, channel: 'new', time: 1, value: 1, offset: 1 }])
    expect(series.failure).toBeUndefined()
    expect(await series.range({ ...key, ...always })).toHaveLength(200)
    expect(await series.channels('default', 'logger-1')).toHaveLength(2)
  })

  it('refuses a folder that another owner holds, and names folder and remedy', async () => {
    await openStore()
    await expect(openDuckdbSeries({ folder })).rejects.toThrow(OperatorError)
    const child = startChild(`await openDuckdbSeries({ folder })`, folder)
    const [line] = await linesOf(child)
    expect(line).toContain('OperatorError')
    expect(line).toContain(folder)
    expect(line).toContain('stop the other process')
  })

  it('asks the operator when the folder cannot be written', async () => {
    const file = join(folder, 'a-file')
    await writeFile(file, '')
    await expect(openDuckdbSeries({ folder: join(file, 'store') })).rejects.toThrow(OperatorError)
  })

  it('is Corrupt when the file is not what it wrote', async () => {
    const file = join(folder, 'series.duckdb')
    await writeFile(file, 'temperature,5.0\n'.repeat(2000))
    await expect(openDuckdbSeries({ folder })).rejects.toThrow(Corrupt)
    await rm(file)
    const series = await openStore()
    await series.write(batch(0, 20_000))
    await series.compact()
    await series.close()
    const handle = await open(file, 'r+')
    const { size } = await handle.stat()
    const noise = Buffer.alloc(4096, 0x5a)
    for (let at = 3 * 4096; at + 8192 < size; at += 16_384) await handle.write(noise, 0, 4096, at)
    await handle.close()
    const damaged = openStore().then((reopened) => reopened.range({ ...key, ...always }))
    await expect(damaged).rejects.toThrow(Corrupt)
  })

  it('has every acknowledged row exactly once after kill -9 at any moment', async () => {
    let kept = 0
    for (let round = 0; round < 3; round++) {
      const child = startChild(
        `const series = await openDuckdbSeries({ folder, hotRowsMax: 2000 })
         for (let number = ${kept}; ; number++) {
           await series.write(batch(number))
           console.log(number)
         }`,
        folder,
      )
      const enough = kept + 1 + Math.floor(Math.random() * 40)
      let acked = kept - 1
      for await (const line of createInterface({ input: child.stdout! })) {
        acked = Number(line)
        if (acked >= enough) child.kill('SIGKILL')
      }
      expect(acked).toBeGreaterThanOrEqual(enough)
      const series = await openStore(2000)
      const { hotRows, sortedRows } = await series.stats()
      const rows = hotRows + sortedRows
      // A write that was kept but not told any more is whole, too.
      expect([acked + 1, acked + 2]).toContain(rows / 500)
      kept = rows / 500
      for (let device = 0; device < 5; device++) {
        const points = await series.range({ ...key, device: `logger-${device}`, ...always })
        expect(points).toEqual(pointsOf(kept, device))
      }
      await series.close()
    }
  }, 120_000)

  const canMount = spawnSync('unshare', ['-rm', 'true']).status === 0
  it.skipIf(!canMount)(
    'is Unavailable while the disk is full and loses nothing (skipped where unshare -rm is denied)',
    async () => {
      const script = `
        const { execSync } = await import('node:child_process')
        execSync('mount -t tmpfs -o size=8m tmpfs ' + folder)
        const series = await openDuckdbSeries({ folder })
        let number = 0
        let failed
        while (!failed) {
          const end = await series.write(batch(number, 20_000)).then(() => 0, (error) => error)
          if (end) failed = end
          else number++
        }
        const again = await series.write(batch(number, 20_000)).then(() => 0, (e) => e.name)
        const readable = (await series.latest('default', 'logger-1')).length
        execSync('mount -o remount,size=200m ' + folder)
        await series.write(batch(number++, 20_000))
        const { count } = (await series.channels('default', 'logger-1'))[0]
        console.log(JSON.stringify([failed.name, again, readable, count / 4000 === number]))
        await series.close()`
      const child = startChild(script, folder, ['unshare', '-rm'])
      expect(await linesOf(child)).toEqual(['["Unavailable","Unavailable",1,true]'])
    },
    60_000,
  )
})

function pointsOf(batches: number, device: number): { time: number; value: number }[] {
  return Array.from({ length: batches }, (_, number) => batch(number))
    .flat()
    .filter((row) => row.device === `logger-${device}`)
    .map(({ time, value }) => ({ time, value }))
}

/**
 * Runs a script on the real store in a process of its own; an error becomes a line of its
 * output.
 */
function startChild(script: string, folder: string, before: string[] = []): ChildProcess {
  const store = JSON.stringify(new URL('../store/duckdb/series.ts', import.meta.url).href)
  const code = `
    const key = ${JSON.stringify(key)}
    const batch = ${batch}
    const folder = ${JSON.stringify(folder)}
    const { openDuckdbSeries } = await import(${store})
    try { ${script} } catch (error) { console.log(error.name, error.message, error.remedy) }`
  const [command, ...args] = [...before, process.execPath, '--input-type=module', '-e', code]
  return spawn(command!, args, { stdio: ['ignore', 'pipe', 'inherit'] })
}

async function linesOf(child: ChildProcess): Promise<string[]> {
  const lines: string[] = []
  for await (const line of createInterface({ input: child.stdout! })) lines.push(line)
  return lines
}

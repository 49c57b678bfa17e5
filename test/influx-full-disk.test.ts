// A full disk under a real InfluxDB 1.x. It answers 500 and, with room again, goes on behind a half
// entry of its log: what it takes then is gone after its next start, or the one after. So nothing is
// given to it before it has moved what it holds to its files (here after a second, not ten minutes).
import { spawn, spawnSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, it } from 'vitest'
import { influxdPath } from './influxd.ts'

const canMount = spawnSync('unshare', ['-rm', 'true']).status === 0

/** Runs in a process of its own, whose mounts nobody else sees. */
const script = (root: string, folder: string): string => `
import { execSync } from 'node:child_process'
import { startInfluxd } from '${root}/test/influxd.ts'
import { openInfluxSeries } from '${root}/store/influx/series.ts'
const folder = '${folder}/disk'
execSync('mkdir ' + folder + ' && mount -t tmpfs -o size=6m tmpfs ' + folder)
const influxd = await startInfluxd({ folder: folder + '/influxd' })
const series = await openInfluxSeries({ url: influxd.url, bucket: 'full', tornMs: 6000 })
const devices = 100
const batch = (number) => Array.from({ length: 10_000 }, (_, i) => ({
  tenant: 'default', device: 'logger-' + (i % devices), channel: 'temperature',
  time: 1.7e12 + (number * 100 + Math.floor(i / devices)) * 1000,
  value: ((number * 7919 + i * 104729) % 100_003) / 1e7, offset: number * 10_000 + i,
}))
const wrong = async (batches) => {
  let count = 0
  for (let device = 0; device < devices; device++) {
    const [found] = await series.channels('default', 'logger-' + device)
    if (found?.count !== batches * 100) count++
  }
  return count
}
let number = 0
let failed
while (!failed) {
  failed = await series.write(batch(number)).then(() => undefined, (error) => error)
  if (!failed) number++
}
const full = await series.write(batch(number)).then(() => 'taken', (error) => error.message)
const readable = (await series.latest('default', 'logger-1')).length
execSync('mount -o remount,size=200m ' + folder)
const room = await series.write(batch(number)).then(() => 'taken', (error) => error.message)
await influxd.restart()
let waited = 0
for (const more of [number, number + 1, number + 2])
  while (await series.write(batch(more)).then(() => false, () => true)) {
    waited++
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
await influxd.restart()
const lost = await wrong(number + 3)
await series.close()
await influxd.kill()
console.log(JSON.stringify({ failed: failed.name, full, readable, room, waited: waited > 0, lost }))
`

it.skipIf(!influxdPath || !canMount)(
  'a full disk under InfluxDB loses nothing (skipped where there is no influxd, or unshare -rm is denied)',
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'isotherm-full-'))
    const file = join(folder, 'full.ts')
    await writeFile(file, script(process.cwd(), folder))
    const child = spawn('unshare', ['-rm', process.execPath, file], {
      env: { ...process.env, INFLUXDB_DATA_CACHE_SNAPSHOT_WRITE_COLD_DURATION: '1s' },
    })
    const [said, wrong] = await Promise.all([text(child.stdout), text(child.stderr)])
    await rm(folder, { recursive: true, force: true })
    expect(wrong.replaceAll(/.*ExperimentalWarning.*\n|.*--trace-warnings.*\n/g, '')).toBe('')
    const told = JSON.parse(said)
    const remedy = expect.stringMatching(/no space left.*make room on its disk; readings wait/)
    expect(told).toEqual({
      failed: 'Unavailable',
      full: remedy,
      readable: 1,
      room: remedy,
      waited: true,
      lost: 0,
    })
  },
  120_000,
)

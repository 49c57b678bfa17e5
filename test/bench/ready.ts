// How long `npm start` takes until the server says that it is ready, on an empty data folder.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { start } from './child.ts'

/** Milliseconds of each start, in order. */
export async function measureReady(times: number): Promise<number[]> {
  const taken: number[] = []
  for (let i = 0; i < times; i++) {
    const folder = mkdtempSync(join(tmpdir(), 'isotherm-bench-'))
    try {
      const startedAt = performance.now()
      const server = await start({
        command: 'npm',
        args: ['start', '--silent'],
        cwd: join(import.meta.dirname, '../..'),
        env: {
          ISOTHERM_DATA_DIR: join(folder, 'data'),
          ISOTHERM_HTTP_PORT: '0',
          ISOTHERM_MQTT_PORT: '0',
        },
        ready: /is ready/,
      })
      taken.push(performance.now() - startedAt)
      await server.end()
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }
  return taken
}

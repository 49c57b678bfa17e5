// `isotherm export DIR` and `isotherm import DIR`: an installation leaves its stores and enters
// those that the settings name, embedded or not. The server is stopped meanwhile. Tells how far it
// is: on a terminal in one line, else a line now and then, or JSON.
import { resolve } from 'node:path'
import type { Config } from '../config.ts'
import { exportStores, type MovingProgress } from '../store/export.ts'
import type { ExportManifest } from '../store/export-format.ts'
import { importStores } from '../store/import.ts'
import type { Ledger } from '../store/ledger/ledger.ts'
import { ownFolder } from '../store/ledger/owner.ts'
import { newToken } from '../store/ledger/registry.ts'
import type { Series } from '../store/series.ts'
import { type Closing, openLedger, openSeries } from '../stores.ts'

interface MoveOptions {
  config: Config
  json: boolean
}

/** Throws OperatorError. */
export async function exportTo(folder: string, { config, json }: MoveOptions): Promise<void> {
  await readLogToItsEnd(config)
  const progress = teller(json)
  const manifest = await withStores(config, (stores) =>
    exportStores(stores, folder, { at: Date.now(), tell: progress.tell }),
  )
  progress.end(`Exported to ${resolve(folder)}`, manifest)
}

/** Throws OperatorError, Corrupt or Unavailable; whatever it throws, it may be run again. */
export async function importFrom(folder: string, { config, json }: MoveOptions): Promise<void> {
  const progress = teller(json)
  const { retentionDays = Number.POSITIVE_INFINITY } = config
  const keepFrom = (): number => Date.now() - retentionDays * 86_400_000
  const manifest = await withStores(config, (stores) =>
    importStores(stores, folder, { tell: progress.tell, keepFrom }),
  )
  progress.end(`Imported from ${resolve(folder)}`, manifest)
}

/** A whole server without visitors: its followers know best when they have taken everything. */
async function readLogToItsEnd(config: Config): Promise<void> {
  const { serve } = await import('../main.ts')
  const server = await serve({
    ...config,
    adminToken: config.adminToken ?? newToken(),
    upstream: undefined,
    listen: '127.0.0.1',
    httpPort: 0,
    mqttPort: 0,
    logLevel: 'silent',
  })
  try {
    await Promise.race([server.settled(), server.failed])
  } finally {
    await server.close()
  }
}

/** Ledger and series alone: what is moved needs no log, and nothing works meanwhile. */
async function withStores<T>(
  config: Config,
  work: (stores: { ledger: Ledger; series: Series }) => Promise<T>,
): Promise<T> {
  const closing: Closing = []
  try {
    if (config.ledger.kind === 'sqlite' || config.series.kind === 'duckdb') {
      const owner = ownFolder(config.dataDir)
      closing.push(() => owner.release())
    }
    const ledger = await openLedger(config)
    closing.push(() => ledger.close())
    const series = await openSeries(config)
    closing.push(() => series.close())
    return await work({ ledger, series })
  } finally {
    for (const close of closing.reverse()) await close()
  }
}

function teller(json: boolean) {
  const terminal = !json && process.stdout.isTTY
  let shownAt = 0
  return {
    tell: ({ of, rows }: MovingProgress): void => {
      if (json) console.log(JSON.stringify({ of, rows }))
      else if (terminal) process.stdout.write(`\r\x1b[K${of}: ${rows}`)
      else if (performance.now() - shownAt > 5000) {
        shownAt = performance.now()
        console.log(`${of}: ${rows}`)
      }
    },
    end: (what: string, { id, chunks }: ExportManifest): void => {
      const sum = (of: (name: string) => boolean): number =>
        chunks.filter((chunk) => of(chunk.of)).reduce((all, { rows }) => all + rows, 0)
      const [readings, hours] = [sum((of) => of === 'series'), sum((of) => of === 'hours')]
      const rows = sum(() => true) - readings - hours
      const past = hours === 0 ? '' : `, ${hours} hours of readings that are gone`
      if (terminal) process.stdout.write('\r\x1b[K')
      if (json) console.log(JSON.stringify({ done: what, id, rows, readings, hours }))
      else console.log(`${what}: ${rows} rows of the ledger, ${readings} readings${past}`)
    },
  }
}

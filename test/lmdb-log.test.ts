import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openLmdbLog } from '../store/lmdb-log.ts'
import { type LogPlace, logContract } from './contracts/log.ts'

logContract('LMDB', lmdbPlace)

function lmdbPlace(): LogPlace {
  const folder = mkdtempSync(join(tmpdir(), 'isotherm-log-'))
  return {
    open: (options) => openLmdbLog({ folder, bytesMax: 1024 ** 3, ...options }),
    remove: async () => rmSync(folder, { recursive: true, force: true }),
  }
}

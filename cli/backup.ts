// `isotherm backup` and `isotherm restore`. A running server is asked for a backup over HTTP, which
// is then fetched file by file and checked; without one the stores are opened here. Restoring is
// only for a data folder with nothing in it.
import { createWriteStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Config } from '../config.ts'
import { Corrupt, OperatorError } from '../domain/refusal.ts'
import {
  type BackupManifest,
  backupStores,
  copiedStores,
  makeEmpty,
  restoreBackup,
  seal,
  writeManifest,
} from '../store/backup.ts'
import { openBackups } from '../store/backup-folder.ts'
import { ownFolder } from '../store/ledger/owner.ts'
import { type Closing, openStores } from '../stores.ts'
import { type Reach, send } from './files.ts'

export interface BackupOptions extends Reach {
  config: Config
  json: boolean
}

/** Without a folder it stays where the server (or this command) keeps backups. */
export async function backup(folder: string | undefined, options: BackupOptions): Promise<void> {
  const { url, config } = options
  if (url) return fetchBackup(url, folder, options)
  const closing: Closing = []
  try {
    const stores = await openStores(config, closing)
    const copied = copiedStores(stores, config.dataDir)
    if (!copied)
      throw new OperatorError(
        'not all stores are embedded: Isotherm copies embedded ones only',
        'pg_dump, influxd backup, nats stream backup: see docs/operations.md',
      )
    if (folder !== undefined) {
      tell(folder, await backupStores(copied, folder, Date.now()), options)
      return
    }
    const made = await openBackups(copied, { folder: config.backupDir, now: Date.now }).make()
    tell(made!.folder, made!, options)
  } catch (error) {
    if (!(error instanceof OperatorError && error.message.startsWith('another Isotherm')))
      throw error
    return fetchBackup(`http://127.0.0.1:${config.httpPort}`, folder, options)
  } finally {
    for (const close of closing.reverse()) await close()
  }
}

/** Throws OperatorError, or Corrupt when a file is not what was backed up. */
export async function restore(from: string, { config, json }: BackupOptions): Promise<void> {
  const owner = ownFolder(config.dataDir)
  try {
    const manifest = await restoreBackup(from, config.dataDir)
    if (json) console.log(JSON.stringify({ dataDir: resolve(config.dataDir), ...manifest }))
    else
      console.log(
        `Restored into ${resolve(config.dataDir)}: everything acknowledged before ${manifest.beganAt}`,
      )
  } finally {
    owner.release()
  }
}

interface Made {
  id: string
  folder: string
  manifest: BackupManifest
}

async function fetchBackup(
  url: string,
  folder: string | undefined,
  options: BackupOptions,
): Promise<void> {
  if (folder !== undefined) makeEmpty(folder)
  const headers = { authorization: `Bearer ${options.token()}` }
  const asked = await send(`${url}/api/v1/backups`, { method: 'POST', headers })
  const body = (await asked.json()) as Made & { detail?: string; title?: string }
  if (!asked.ok)
    throw new OperatorError(
      `${url} makes no backup: ${body.detail ?? body.title}`,
      asked.status < 500 ? 'give the token of the administrator' : 'see the log of the server',
    )
  if (folder === undefined) {
    tell(body.folder, body.manifest, options)
    return
  }
  const at = `${url}/api/v1/backups/${body.id}`
  for (const { name, sha256 } of body.manifest.files) {
    const answer = await send(`${at}/files/${name}`, { headers })
    if (!answer.ok || !answer.body) throw new Corrupt(name, `the server answers ${answer.status}`)
    await pipeline(Readable.fromWeb(answer.body), createWriteStream(join(folder, name)))
    if ((await seal(folder, name)).sha256 === sha256) continue
    await rm(join(folder, name))
    throw new Corrupt(name, 'it did not arrive as it was sent: try again')
  }
  await writeManifest(folder, body.manifest)
  await send(at, { method: 'DELETE', headers })
  tell(folder, body.manifest, options)
}

function tell(folder: string, manifest: BackupManifest, { json }: BackupOptions): void {
  const bytes = manifest.files.reduce((sum, file) => sum + file.bytes, 0)
  const { beganAt } = manifest
  if (json) console.log(JSON.stringify({ folder: resolve(folder), beganAt, bytes }))
  else
    console.log(
      `Backup in ${resolve(folder)}: everything acknowledged before ${beganAt} (${bytes} bytes)`,
    )
}

// The backups that a running server has made, each in a folder named by its time. Only what it made
// itself is listed, read or removed, whatever name it is asked for.
import { createReadStream, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { bounds } from '../config.ts'
import { type BackupManifest, backupStores, type CopiedStores, readManifest } from './backup.ts'

export interface KeptBackup extends BackupManifest {
  id: string
  /** Where it is on the server. */
  folder: string
}

export interface Backups {
  /**
   * Undefined while another one is being made. Of more than bounds.backupsMax the oldest go. Throws
   * Unavailable.
   */
  make(): Promise<KeptBackup | undefined>
  /** Oldest first. */
  list(): KeptBackup[]
  find(id: string): KeptBackup | undefined
  /** Undefined when the backup has no such file. */
  read(id: string, name: string): { bytes: number; body: Readable } | undefined
  /** False when there is none. */
  remove(id: string): boolean
}

export function openBackups(
  stores: CopiedStores,
  { folder, now }: { folder: string; now: () => number },
): Backups {
  let making = false
  const find = (id: string): KeptBackup | undefined => {
    if (!/^\d{4}-\d\d-\d\dT\d{6}\.\d{3}Z$/.test(id)) return undefined
    const own = join(folder, id)
    const manifest = readManifest(own)
    return manifest && { id, folder: own, ...manifest }
  }
  const list = (): KeptBackup[] =>
    existsSync(folder)
      ? readdirSync(folder)
          .sort()
          .flatMap((id) => find(id) ?? [])
      : []
  const remove = (id: string): boolean => {
    const found = find(id)
    if (found) rmSync(found.folder, { recursive: true, force: true })
    return found !== undefined
  }
  return {
    make: async () => {
      if (making) return undefined
      making = true
      try {
        mkdirSync(folder, { recursive: true, mode: 0o700 })
        const beganAt = now()
        const id = new Date(beganAt).toISOString().replaceAll(':', '')
        const own = join(folder, id)
        const manifest = await backupStores(stores, own, beganAt)
        for (const old of list().slice(0, -bounds.backupsMax)) remove(old.id)
        return { id, folder: own, ...manifest }
      } finally {
        making = false
      }
    },
    list,
    find,
    read: (id, name) => {
      const found = find(id)
      const file = found?.files.find((one) => one.name === name)
      if (!found || !file) return undefined
      return { bytes: file.bytes, body: createReadStream(join(found.folder, name)) }
    },
    remove,
  }
}

// Backups of a server with embedded stores: made below its own folder, fetched file by file,
// removed. They hold every tenant, so only the administrator of the installation reaches them, not
// the administrators' keys of a tenant (I8). Nobody says where on the server they are written.
import { Readable } from 'node:stream'
import { z } from '@hono/zod-openapi'
import type { Backups, KeptBackup } from '../store/backup-folder.ts'
import type { Deps } from './deps.ts'
import type { Identity } from './identity.ts'
import { pageOf } from './page.ts'
import { conflict, notFound, Problem } from './problem.ts'
import { guarded, nounApp } from './route.ts'

const fileSchema = z.object({ name: z.string(), bytes: z.number().int(), sha256: z.string() })
const backupSchema = z
  .object({
    id: z.string().openapi({ example: '2026-03-01T120000.000Z' }),
    beganAt: z.string().openapi({ description: 'everything acknowledged before is in it' }),
    folder: z.string().openapi({ description: 'where it is on the server' }),
    files: z.array(fileSchema),
    manifest: z.looseObject({}).openapi({ description: 'manifest.json, beside the files' }),
  })
  .openapi('Backup')

const params = z.object({ id: z.string().max(40) })

const make = guarded(
  { noun: 'backups', verb: 'write' },
  {
    method: 'post',
    path: '/api/v1/backups',
    summary: 'Back up the embedded stores, while they are used',
    description: 'Answered when it is whole and on disk.',
    responses: {
      201: { description: 'Made', content: { 'application/json': { schema: backupSchema } } },
    },
  },
)

const list = guarded(
  { noun: 'backups', verb: 'read' },
  {
    method: 'get',
    path: '/api/v1/backups',
    summary: 'List the backups kept on the server, oldest first',
    responses: {
      200: {
        description: 'All of them',
        content: { 'application/json': { schema: pageOf(backupSchema) } },
      },
    },
  },
)

const file = guarded(
  { noun: 'backups', verb: 'read' },
  {
    method: 'get',
    path: '/api/v1/backups/{id}/files/{name}',
    summary: 'Fetch one file of a backup',
    request: { params: params.extend({ name: z.string().max(40) }) },
    responses: {
      200: {
        description: 'Its bytes',
        content: { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } },
      },
    },
  },
)

const remove = guarded(
  { noun: 'backups', verb: 'write' },
  {
    method: 'delete',
    path: '/api/v1/backups/{id}',
    summary: 'Remove a backup',
    request: { params },
    responses: { 204: { description: 'Removed' } },
  },
)

export const backups = ({ backups: kept }: Deps) =>
  nounApp()
    .openapi(make, async (c) => {
      const made = await makeOne(allowed(c.get('identity'), kept))
      return c.json(formatBackup(made), 201, { Location: `/api/v1/backups/${made.id}` })
    })
    .openapi(list, (c) => {
      const items = allowed(c.get('identity'), kept).list().map(formatBackup)
      return c.json({ items, next: null }, 200)
    })
    .openapi(file, (c) => {
      const { id, name } = c.req.valid('param')
      const found = allowed(c.get('identity'), kept).read(id, name)
      if (!found) throw notFound(`no file ${name} of a backup ${id}`, 'path/name')
      return c.body(Readable.toWeb(found.body) as ReadableStream, 200, {
        'Content-Type': 'application/octet-stream',
        'Content-Length': String(found.bytes),
      })
    })
    .openapi(remove, (c) => {
      const { id } = c.req.valid('param')
      if (!allowed(c.get('identity'), kept).remove(id)) throw notFound(`no backup ${id}`, 'path/id')
      return c.body(null, 204)
    })

function allowed(identity: Identity, kept: Backups | undefined): Backups {
  if (identity.kind !== 'admin') {
    const detail = 'a backup holds all tenants: only the administrator of the installation may'
    throw new Problem(403, [{ code: 'request/forbidden', path: '', detail }])
  }
  if (kept) return kept
  throw conflict('the stores are not embedded: back them up with their own tools')
}

async function makeOne(kept: Backups): Promise<KeptBackup> {
  const made = await kept.make()
  if (made) return made
  throw conflict('another backup is being made')
}

function formatBackup({ id, folder, ...manifest }: KeptBackup) {
  const { beganAt, files } = manifest
  return { id, beganAt, folder, files, manifest: { ...manifest } }
}

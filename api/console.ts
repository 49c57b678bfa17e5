// The console's static files. Serves what is in its folder and nothing else, compressed where the
// build left a compressed form beside it and the browser takes it; without a build it says how to
// make one.
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { extname, join, normalize, sep } from 'node:path'
import { Hono } from 'hono'

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.wasm': 'application/wasm',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
}

/** WebAssembly of ours only: what reads codes in pictures of the camera. */
export const consolePolicy =
  "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'"

const notBuilt = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Isotherm</title>
<h1>Isotherm</h1><p>The console is not built. Run <code>npm run build</code> and load this page again.</p>
<p>The API is described at <a href="/docs">/docs</a>.</p></html>`

export function consoleFiles(folder: string | undefined) {
  return new Hono().get('/*', async (c, next) => {
    const path = c.req.path === '/' ? '/index.html' : c.req.path
    const { bytes, encoding } = await readForm(folder, path, c.req.header('Accept-Encoding'))
    const html = { 'Content-Type': types['.html']!, 'Cache-Control': 'no-cache' }
    if (!bytes && path === '/index.html')
      return c.body(notBuilt, 200, { ...html, 'Content-Security-Policy': consolePolicy })
    if (!bytes) return next()
    const etag = `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`
    const headers = {
      'Content-Type': types[extname(path)] ?? 'application/octet-stream',
      // Built files carry a hash of their content in their name; the page that names them does not.
      'Cache-Control': path.startsWith('/assets/')
        ? 'public, max-age=31536000, immutable'
        : 'no-cache',
      'Content-Security-Policy': consolePolicy,
      Vary: 'Accept-Encoding',
      // Of these bytes: each form has its own (RFC 9110 §8.8.3.3).
      ETag: etag,
      ...(encoding && { 'Content-Encoding': encoding }),
    }
    if (c.req.header('If-None-Match') === etag) return c.body(null, 304, headers)
    return c.body(bytes, 200, headers)
  })
}

/** Forms that the build leaves beside a file, the smaller one first. */
const forms = [
  ['br', '.br'],
  ['gzip', '.gz'],
] as const

interface Form {
  bytes?: Uint8Array<ArrayBuffer> | undefined
  encoding?: string
}

async function readForm(folder: string | undefined, path: string, taken = ''): Promise<Form> {
  if (!folder) return {}
  for (const [encoding, ending] of forms) {
    if (!takes(taken, encoding)) continue
    const bytes = await readInside(folder, path + ending)
    if (bytes) return { bytes, encoding }
  }
  return { bytes: await readInside(folder, path) }
}

/** Whether an Accept-Encoding names a coding without refusing it by `q=0` (RFC 9110 §12.5.3). */
const takes = (header: string, coding: string): boolean =>
  header.split(',').some((part) => {
    const [name = '', ...parameters] = part.split(';').map((piece) => piece.trim().toLowerCase())
    return name === coding && !parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter))
  })

async function readInside(
  folder: string,
  path: string,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  let name: string
  try {
    name = decodeURIComponent(path)
  } catch {
    return undefined
  }
  const root = normalize(folder + sep)
  const file = normalize(join(root, name))
  if (!file.startsWith(root) || name.includes('\0') || /(^|[\\/])\./.test(name)) return undefined
  try {
    return await readFile(file)
  } catch {
    return undefined
  }
}

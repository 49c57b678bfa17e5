// The console's static files. Serves what is in its folder and nothing else; without a build it
// says how to make one.
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
    const file = folder && (await readInside(folder, path))
    const html = { 'Content-Type': types['.html']!, 'Cache-Control': 'no-cache' }
    if (!file && path === '/index.html')
      return c.body(notBuilt, 200, { ...html, 'Content-Security-Policy': consolePolicy })
    if (!file) return next()
    const etag = `"${createHash('sha256').update(file).digest('base64url').slice(0, 22)}"`
    const headers = {
      'Content-Type': types[extname(path)] ?? 'application/octet-stream',
      // Built files carry a hash of their content in their name; the page that names them does not.
      'Cache-Control': path.startsWith('/assets/')
        ? 'public, max-age=31536000, immutable'
        : 'no-cache',
      'Content-Security-Policy': consolePolicy,
      ETag: etag,
    }
    if (c.req.header('If-None-Match') === etag) return c.body(null, 304, headers)
    return c.body(file, 200, headers)
  })
}

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

// Builds the console into dashboards/console/dist. Plain JavaScript, because it also runs right
// after `npm ci`, maybe on an older Node. With --if-possible it never fails the install: it says
// one sentence.
import { readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'

const ifPossible = process.argv.includes('--if-possible')
const configFile = fileURLToPath(new URL('./console/vite.config.js', import.meta.url))
const dist = fileURLToPath(new URL('./console/dist', import.meta.url))

/** Below it a packet of the network holds the file as it is. */
const smallestBytes = 1400
/** What is compressed already gains nothing. */
const compressible = /\.(html|js|css|json|svg|wasm|txt|webmanifest)$/

/** Leaves a `.br` and a `.gz` beside each file: the server sends what the browser takes. */
async function compressFiles() {
  const names = await readdir(dist, { recursive: true })
  const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: 10 } }
  const compress = async (name) => {
    const bytes = await readFile(join(dist, name))
    if (bytes.length < smallestBytes) return
    await put(`${name}.br`, await promisify(brotliCompress)(bytes, quality))
    await put(`${name}.gz`, await promisify(gzip)(bytes, { level: 9 }))
  }
  await Promise.all(names.filter((name) => compressible.test(name)).map(compress))
}

/** All of it or nothing: a server may be at work beside this. */
async function put(name, bytes) {
  await writeFile(join(dist, `${name}.part`), bytes)
  await rename(join(dist, `${name}.part`), join(dist, name))
}

try {
  // Vite is a development dependency: after `npm ci --omit=dev` it is not there.
  const { build } = await import('vite')
  await build({ configFile, logLevel: ifPossible ? 'error' : 'info' })
  await compressFiles()
  if (ifPossible) console.log('console: built into dashboards/console/dist')
} catch (error) {
  if (!ifPossible) throw error
  const reason = String(error instanceof Error ? error.message : error).split('\n', 1)[0]
  console.log(
    `console: not built (${reason}); "npm ci" without --omit=dev, then "npm run build", brings it.`,
  )
}

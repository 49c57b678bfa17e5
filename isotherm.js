#!/usr/bin/env node
// The entry point, in plain JavaScript, so that even an old Node can say what is missing. It finds
// a runtime that runs TypeScript as it is (Node 24; npm brings one as a package) and starts cli.ts
// on it.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import module from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(fileURLToPath(import.meta.url))
const major = Number(process.versions.node.split('.')[0])

if (major >= 24) {
  // Log, series store and files share libuv's threads: with the default four, a busy series store
  // would make commits of the log, and with them acknowledgements, wait.
  process.env.UV_THREADPOOL_SIZE ??= '8'
  // Compiled code is kept from start to start: half of a start is compiling. Not a word when it
  // cannot be.
  module.enableCompileCache()
  const { main } = await import('./cli.ts')
  await main(process.argv.slice(2))
} else {
  const bundled = join(
    root,
    'node_modules',
    '.bin',
    process.platform === 'win32' ? 'node.cmd' : 'node',
  )
  if (!existsSync(bundled)) {
    console.error(
      `isotherm needs Node 24 and this is ${process.version}: run "npm ci" without --ignore-scripts or --omit=optional, which brings it.`,
    )
    process.exit(1)
  }
  const child = spawn(bundled, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: 'inherit',
  })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.on('exit', (code, signal) => {
    if (signal) process.kill(process.pid, signal)
    else process.exit(code ?? 1)
  })
}

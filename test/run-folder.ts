// A folder for what is made once in a run of the tests and copied by many of them. Made before the
// first test and removed after the last; who needs something of it first makes it.
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export default function setup(): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'isotherm-run-'))
  // Other users run some of the servers of the tests.
  chmodSync(folder, 0o755)
  process.env.ISOTHERM_TEST_RUN_FOLDER = folder
  // Each test has a process of its own, and many start more: what one has compiled is there for all,
  // where Node keeps it for others too, for the last ones write to it when this folder is gone.
  process.env.NODE_COMPILE_CACHE ??= join(tmpdir(), 'node-compile-cache')
  return () => rmSync(folder, { recursive: true, force: true })
}

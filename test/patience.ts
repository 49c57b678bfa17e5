// A wait of a test gives up when something hangs, not when the machine is busy: the second that
// vitest has for it is over soon while other tests work. Whoever means another time says so.
import { vi } from 'vitest'

const patienceMs = 30_000
const { waitFor, waitUntil } = vi
type Options = Parameters<typeof waitFor>[1]

const patient = (options: Options): Options =>
  typeof options === 'number' ? options : { timeout: patienceMs, ...options }

vi.waitFor = (check, options) => waitFor(check, patient(options))
vi.waitUntil = (check, options) => waitUntil(check, patient(options))

// What `isotherm doctor` finds of one part: well, worth a look, or broken, and then the one command
// or setting that mends it. Each store is looked at by a file beside it; none of them
// changes anything, and none shows a secret.

export interface Check {
  /** The part: settings, port, log, influxdb, … */
  part: string
  state: 'ok' | 'warn' | 'broken'
  /** One line. */
  detail: string
  /** The command to type or the setting to change; always there when broken. */
  remedy?: string
}

export const well = (part: string, detail: string): Check => ({ part, state: 'ok', detail })

export const doubtful = (part: string, detail: string, remedy: string): Check => ({
  part,
  state: 'warn',
  detail,
  remedy,
})

export const broken = (part: string, detail: string, remedy: string): Check => ({
  part,
  state: 'broken',
  detail,
  remedy,
})

/** How long a server may take to answer a question of the doctor. */
export const answerWithinMs = 5000

/** The innermost reason: `fetch` and others wrap what the system said. */
export function reasonOf(error: unknown): string {
  let at = error
  while (at instanceof Error && at.cause instanceof Error) at = at.cause
  if (at instanceof AggregateError && at.errors[0] instanceof Error) at = at.errors[0]
  const code = at instanceof Error && 'code' in at ? `${at.code}` : ''
  const message = at instanceof Error ? at.message : String(at)
  return message === '' || message.includes(code) ? message || code : `${code}: ${message}`
}

/** Clocks apart confuse record times, tokens and retention. `at` is the other's time, epoch ms. */
export function checkClock(part: string, at: number, now: number): Check[] {
  const seconds = Math.round(Math.abs(at - now) / 1000)
  const detail = `its clock is ${seconds} s ${at > now ? 'ahead of' : 'behind'} ours`
  const remedy = 'timedatectl set-ntp true (on both machines)'
  // The Date header of HTTP has whole seconds (RFC 9110 §6.6.1), and an answer takes its time.
  if (!Number.isFinite(at) || seconds <= 2) return []
  return [seconds > 60 ? broken(part, detail, remedy) : doubtful(part, detail, remedy)]
}

/** Is it this machine? Then the remedy is to start it here. */
export const isLocal = (host: string): boolean =>
  /^(localhost|127\.\d+\.\d+\.\d+|\[?::1\]?)(:\d+)?$/.test(host)

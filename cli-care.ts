// Commands that look after an installation: doctor. What they do is elsewhere; here they are called
// and their findings printed.
import { examine } from './doctor.ts'
import type { Check } from './store/check.ts'

/** False when something is broken. */
export async function doctor(
  env: Readonly<Record<string, string | undefined>>,
  json: boolean,
): Promise<boolean> {
  let fine = true
  for await (const check of examine(env)) {
    fine &&= check.state !== 'broken'
    console.log(json ? JSON.stringify(check) : formatCheck(check))
  }
  return fine
}

const words = { ok: 'ok', warn: 'warn', broken: 'BROKEN' } as const

function formatCheck({ part, state, detail, remedy }: Check): string {
  const line = `${words[state].padEnd(7)} ${part}: ${detail.replaceAll('\n', ' ')}`
  return remedy === undefined ? line : `${line}\n        -> ${remedy}`
}

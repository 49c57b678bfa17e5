// Commands that look after an installation, and after what is kept of it: doctor, verify. What they
// do is elsewhere; here they are called and their findings printed.
import { createReadStream, readFileSync } from 'node:fs'
import { examine } from './doctor.ts'
import { OperatorError } from './domain/refusal.ts'
import { checkAudit, type SignedHead } from './quality/audit-file.ts'
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

export interface VerifyOptions {
  /** Export of the evidence. */
  file: string
  /** Heads that were kept, as the API answered them. */
  heads: readonly string[]
  /** Public key, base64url. */
  key: string | undefined
  json: boolean
}

/** False when the exported evidence is not what was signed. Needs no server. */
export async function verifyAudit({ file, heads, key, json }: VerifyOptions): Promise<boolean> {
  const check = await told(file, () => {
    const kept = heads.map((head) => JSON.parse(readFileSync(head, 'utf8')) as SignedHead)
    return checkAudit(linesOf(file), { kept, publicKey: key })
  })
  const { entries, root, head, continues, faults } = check
  if (json) console.log(JSON.stringify(check))
  else {
    console.log(`${entries} entries, root ${root}${head ? `, signed ${head.at}` : ''}`)
    for (const size of continues) console.log(`goes on from the head of ${size} entries`)
    for (const fault of faults) console.log(`WRONG   ${fault}`)
    if (faults.length === 0 && !key)
      console.log('whole; whose it is, --key tells: x of /.well-known/isotherm-keys/TENANT')
    else if (faults.length === 0) console.log('whole, and signed by this key')
  }
  return faults.length === 0
}

/** Cut at line feeds only: node:readline cuts at U+2028 too, which JSON may hold. */
async function* linesOf(file: string): AsyncGenerator<string> {
  let rest = ''
  for await (const chunk of createReadStream(file, { encoding: 'utf8' })) {
    const lines = `${rest}${chunk as string}`.split('\n')
    rest = lines.pop()!
    yield* lines
  }
  yield rest
}

async function told<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new OperatorError(`cannot read ${file} or a head: ${reason}`, 'docs/people.md says how')
  }
}

const words = { ok: 'ok', warn: 'warn', broken: 'BROKEN' } as const

function formatCheck({ part, state, detail, remedy }: Check): string {
  const line = `${words[state].padEnd(7)} ${part}: ${detail.replaceAll('\n', ' ')}`
  return remedy === undefined ? line : `${line}\n        -> ${remedy}`
}

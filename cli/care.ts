// Commands that look after an installation, its people, and what is kept of it: doctor, people,
// verify. What they do is elsewhere; here they are called and their findings printed.
import { createReadStream, readFileSync } from 'node:fs'
import { hashPassword, oneTimePassword } from '../api/people/passwords.ts'
import { OperatorError } from '../domain/refusal.ts'
import { checkAudit, type SignedHead } from '../quality/audit-file.ts'
import { formatPdf, recordIn } from '../quality/report/pdf.ts'
import { reportHashOf } from '../quality/report/record.ts'
import type { Check } from '../store/check/check.ts'
import type { Ledger } from '../store/ledger/ledger.ts'
import { insertPerson, updatePerson } from '../store/ledger/people.ts'
import { reach, type SendOptions, send } from './files.ts'

/** False when something is broken. */
export async function doctor(
  env: Readonly<Record<string, string | undefined>>,
  json: boolean,
): Promise<boolean> {
  const { examine } = await import('../doctor.ts')
  let fine = true
  for await (const check of examine(env)) {
    fine &&= check.state !== 'broken'
    console.log(json ? JSON.stringify(check) : formatCheck(check))
  }
  return fine
}

export interface PersonOptions extends SendOptions {
  /** Printed name. */
  name: string | undefined
  /** Names with commas between them. */
  roles: string
  email: string | undefined
}

/** Makes an account, and tells the password with which it begins. */
export async function addPerson(id: string, options: PersonOptions): Promise<void> {
  const { name = id, email, json } = options
  const roles = options.roles.split(',').filter((role) => role !== '')
  const { url, token, close } = await reach(options)
  try {
    const body = { id, printedName: name, roles, ...(email !== undefined && { email }) }
    const told = await post(`${url}/api/v1/people`, token, body)
    if (json) console.log(JSON.stringify(told))
    else console.log(`${told.id} may sign in until ${told.passwordUntil}, with: ${told.password}`)
  } finally {
    await close()
  }
}

/** Somebody of each role, two of quality for four eyes. Returns how to sign in as them. */
export async function addDemoPeople(ledger: Ledger): Promise<string> {
  const password = oneTimePassword()
  const passwordHash = await hashPassword(password)
  await ledger.transact(async (db) => {
    for (const [id, role] of Object.entries(demoRoles)) {
      const row = {
        ...{ tenant: 'default', id, printedName: `${id[0]!.toUpperCase()}${id.slice(1)} Example` },
        ...{ email: null, roles: JSON.stringify([role]), language: null, zone: null, unit: null },
        ...{ passwordHash, passwordUntil: null, mustChange: 0, status: 'active' },
        ...{ createdAt: Date.now(), createdBy: 'demo' },
      }
      if (!(await insertPerson(db, row))) await updatePerson(db, row, { passwordHash })
    }
  })
  const people = Object.entries(demoRoles).map(([id, role]) => `${id} (${role})`)
  return `${people.join(', ')}: ${password}`
}

const demoRoles = {
  ...{ alma: 'admin', quinn: 'quality', quirin: 'quality', otto: 'operator', edda: 'engineer' },
  vera: 'viewer',
}

async function post(url: string, token: string, body: object): Promise<Record<string, string>> {
  const answer = await send(url, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  const told = (await answer.json()) as Record<string, string> & { errors?: { detail: string }[] }
  if (answer.ok) return told
  const reasons = told.errors?.map(({ detail }) => detail).join('; ') ?? told.detail
  throw new OperatorError(`the server refused: ${reasons}`, 'see docs/people.md')
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

/** False when a printed report is not what its attached record makes. Needs no server. */
export async function verifyReport(file: string, json: boolean): Promise<boolean> {
  const bytes = await told(file, async () => readFileSync(file))
  const record = recordIn(bytes)
  const again = record && (await formatPdf(record))
  const whole = again !== undefined && Buffer.compare(bytes, again) === 0
  const hash = record && reportHashOf(record)
  if (json) console.log(JSON.stringify({ whole, hash: hash ?? null, title: record?.title ?? null }))
  else if (!record) console.log(`WRONG   no record is attached to ${file}`)
  else if (whole) console.log(`whole: ${record.title}, ${record.subtitle}; record SHA-256 ${hash}`)
  else console.log(`WRONG   ${file} is not what its record makes (${hash})`)
  return whole
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

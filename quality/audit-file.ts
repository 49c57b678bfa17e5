// An exported evidence log, checked without the server that wrote it: each line is hashed again,
// the tree is made again, and its root must be the one that the head at the end was signed for, and
// that of every head that was kept before. Believes nothing that the file says of itself but the
// key, where none was given.
import { createPublicKey, verify } from 'node:crypto'
import { canonical } from '../domain/canonical.ts'
import { appendLeaf, leafHashOf, rootOf } from '../domain/merkle.ts'

export interface TreeHead {
  kind: 'tree-head'
  tenant: string
  size: number
  rootHash: string
  at: string
}

/** As `GET /api/v1/audit/head` answers and the last line of an export says. */
export interface SignedHead {
  head: TreeHead
  jws: string
  key: { x?: string; kid?: string }
}

export interface AuditCheck {
  entries: number
  root: string
  head: TreeHead | undefined
  /** Sizes of the heads kept before that this list goes on from. */
  continues: number[]
  /** Empty: it is what was signed. */
  faults: string[]
}

/**
 * `kept`: heads from before, of the same tenant. `publicKey`: Ed25519 in base64url, as it was
 * published; else the one in the file counts, which then shows that the file is whole, not whose it
 * is.
 */
export async function checkAudit(
  lines: AsyncIterable<string> | Iterable<string>,
  { kept = [], publicKey }: { kept?: readonly SignedHead[]; publicKey?: string | undefined } = {},
): Promise<AuditCheck> {
  const check: AuditCheck = {
    entries: 0,
    root: rootOf([]),
    head: undefined,
    continues: [],
    faults: [],
  }
  const fault = (what: string): void => {
    if (check.faults.length < faultsMax) check.faults.push(what)
  }
  let peaks: string[] = []
  let end: SignedHead | undefined
  const compare = (): void => {
    for (const { head } of kept.filter(({ head: { size } }) => size === check.entries))
      if (head.rootHash === rootOf(peaks)) check.continues.push(head.size)
      else fault(`the first ${head.size} entries are not those of the head of ${head.at}`)
  }
  compare()
  for await (const line of lines) {
    if (line === '') continue
    const told = objectOf(line)
    if (end) fault('something stands after the head')
    else if (told?.head !== undefined) end = told as unknown as SignedHead
    else {
      if (told?.seq !== check.entries)
        fault(`line ${check.entries + 1} is not entry ${check.entries}`)
      peaks = appendLeaf({ peaks, size: check.entries }, leafHashOf(line)).peaks
      check.entries += 1
      compare()
    }
  }
  check.root = rootOf(peaks)
  for (const { head } of kept)
    if (head.size > check.entries) fault(`${head.size} entries were there at ${head.at}`)
  for (const each of [...kept, ...(end ? [end] : [])])
    for (const what of faultsOf(each, publicKey)) fault(what)
  if (!end) fault('there is no head at the end')
  else if (end.head.size !== check.entries) fault(`the head is of ${end.head.size} entries`)
  else if (end.head.rootHash !== check.root) fault('the head is of other entries')
  check.head = end?.head
  return check
}

const faultsMax = 20

function faultsOf({ head, jws, key }: SignedHead, publicKey: string | undefined): string[] {
  const [header = '', payload = '', signature = ''] = String(jws).split('.')
  const of = `the head of ${head.size} entries`
  if (textOf(payload) !== canonical(head)) return [`${of} is not what was signed`]
  const x = publicKey ?? key?.x ?? ''
  if (objectOf(textOf(header))?.alg !== 'EdDSA' || Buffer.from(x, 'base64url').length !== 32)
    return [`${of} is signed by no key that is known`]
  const jwk = { kty: 'OKP', crv: 'Ed25519', x }
  const signed = Buffer.from(signature, 'base64url')
  const fine = verify(
    null,
    Buffer.from(`${header}.${payload}`),
    createPublicKey({ key: jwk, format: 'jwk' }),
    signed,
  )
  return fine ? [] : [`${of} has a signature that does not belong to it`]
}

function objectOf(text: string): Record<string, unknown> | undefined {
  try {
    const value = JSON.parse(text) as unknown
    return typeof value === 'object' && value !== null
      ? (value as Record<string, unknown>)
      : undefined
  } catch {
    return undefined
  }
}

const textOf = (encoded: string): string => Buffer.from(encoded, 'base64url').toString()

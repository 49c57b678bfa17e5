// Passwords as they are kept: scrypt (RFC 7914) with a salt of its own for each, its cost written
// beside it, so that the cost can grow. Checks take turns, so that sign-ins starve nothing else,
// and take the same time for people who are not there.
import { randomBytes, randomInt, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto'
import { bounds } from '../../config.ts'
import { Unavailable } from '../../domain/refusal.ts'

export interface PasswordCost {
  /** Of memory and time, a power of two. */
  N: number
  r: number
  p: number
}

/** To be kept: `$scrypt$ln=15,r=8,p=3$salt$hash` (PHC string format). Throws Unavailable. */
export async function hashPassword(
  password: string,
  cost: PasswordCost = bounds.passwordCost,
): Promise<string> {
  const salt = randomBytes(16)
  const hash = await derive(password, salt, cost)
  const costs = `ln=${Math.log2(cost.N)},r=${cost.r},p=${cost.p}`
  return `$scrypt$${costs}$${base64(salt)}$${base64(hash)}`
}

/**
 * Whether it is the one that was hashed. Without a hash false, after the same work. Throws
 * Unavailable when too many wait.
 */
export async function isPassword(password: string, kept: string | undefined): Promise<boolean> {
  const [, ln, r, p, salt = '', hash = ''] =
    /^\$scrypt\$ln=(\d+),r=(\d+),p=(\d+)\$([\w+/]+)\$([\w+/]+)$/.exec(kept ?? nobodys) ?? []
  const cost = { N: 2 ** Number(ln), r: Number(r), p: Number(p) }
  const given = await derive(password, Buffer.from(salt, 'base64'), cost)
  return timingSafeEqual(given, Buffer.from(hash, 'base64')) && kept !== undefined
}

/** 98 bits in letters and digits that nobody mistakes for each other, to be read out. */
export function oneTimePassword(): string {
  const letters = Array.from({ length: 20 }, () => alphabet[randomInt(alphabet.length)])
  return letters.join('').replace(/.{5}(?=.)/g, '$&-')
}

const alphabet = 'abcdefghijkmnpqrstuvwxyz23456789'
const hashBytes = 32

/** Composed or not, full width or not: the same (NIST SP 800-63B §3.1.1.2). */
const derive = (password: string, salt: Uint8Array, cost: PasswordCost): Promise<Buffer> =>
  inTurn(() => {
    const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
    const options: ScryptOptions = { ...cost, maxmem: 256 * cost.N * cost.r }
    scrypt(password.normalize('NFKC'), salt, hashBytes, options, (error, key) =>
      error ? reject(error) : resolve(key),
    )
    return promise
  })

const base64 = (bytes: Uint8Array): string =>
  Buffer.from(bytes).toString('base64').replaceAll('=', '')

/** Of people who are not there. */
const nobodys = `$scrypt$ln=${Math.log2(bounds.passwordCost.N)},r=${bounds.passwordCost.r},p=${
  bounds.passwordCost.p
}$${base64(randomBytes(16))}$${base64(randomBytes(hashBytes))}`

let running = 0
const waiting: (() => void)[] = []

async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (running < bounds.passwordChecksAtOnce) running += 1
  else if (waiting.length < bounds.passwordChecksWaitingMax)
    await new Promise<void>((resolve) => waiting.push(resolve))
  else throw new Unavailable('too many passwords are to be checked', 5000)
  try {
    return await work()
  } finally {
    // Whoever is next takes over the turn: nobody comes between.
    const next = waiting.shift()
    if (next) next()
    else running -= 1
  }
}

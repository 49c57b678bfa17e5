// Format-preserving encryption FF1 (NIST SP 800-38G §6.2, algorithms 7 and 8) with AES and an empty
// tweak, over numbers below radix^length: a secret permutation that needs no memory. Works on many
// numbers at once. Refuses domains below 1,000,000 (SP 800-38G Rev. 1 §5.2): too few to hide in.
import { createCipheriv } from 'node:crypto'

export interface Ff1 {
  /** radix^length. */
  readonly size: bigint
  encrypt(numbers: readonly bigint[]): bigint[]
  decrypt(numbers: readonly bigint[]): bigint[]
}

const rounds = 10
const block = 16

/**
 * `key`: 16, 24 or 32 bytes. `radix` 2 to 256 and `length` digits with at most 64 bits in half of
 * them, which AI 21 with its 20 characters of 82 just meets. Throws RangeError for others.
 */
export function createFf1(
  key: Uint8Array,
  { radix, length }: { radix: number; length: number },
): Ff1 {
  const u = Math.floor(length / 2)
  const v = length - u
  const size = BigInt(radix) ** BigInt(length)
  const left = BigInt(radix) ** BigInt(u)
  const right = BigInt(radix) ** BigInt(v)
  if (radix < 2 || radix > 256 || size < 1_000_000n || right > 1n << 64n)
    throw new RangeError(`FF1 does not take ${length} digits of radix ${radix}`)
  const bytes = Math.ceil((right - 1n).toString(2).length / 8)
  const d = 4 * Math.ceil(bytes / 4) + 4
  const cipher = createCipheriv(`aes-${key.length * 8}-ecb`, key, null).setAutoPadding(false)
  const p = Buffer.alloc(block)
  p.set([1, 2, 1])
  p.writeUInt16BE(radix, 4)
  p.set([rounds, u], 6)
  p.writeUInt32BE(length, 8)
  // CBC-MAC of P || Q: what comes of P is the same for all numbers.
  const afterP = cipher.update(p)

  /** R of step 6.ii for each number. */
  const drawn = (round: number, halves: readonly bigint[]): DataView => {
    const first = Buffer.from(afterP)
    first[block - 1 - bytes]! ^= round
    const low = first.readBigUInt64BE(8)
    const q = Buffer.alloc(halves.length * block, first)
    const words = viewOf(q)
    for (let i = 0; i < halves.length; i++) words.setBigUint64(i * block + 8, low ^ halves[i]!)
    return viewOf(cipher.update(q))
  }
  const yOf = (r: DataView, at: number): bigint => {
    const high = r.getBigUint64(at)
    return d === 8 ? high : (high << 32n) | BigInt(r.getUint32(at + 8))
  }
  const run = (numbers: readonly bigint[], forth: boolean): bigint[] => {
    let a = numbers.map((number) => number / right)
    let b = numbers.map((number) => number % right)
    for (let i = 0; i < rounds; i++) {
      const round = forth ? i : rounds - 1 - i
      const m = round % 2 === 0 ? left : right
      const [moved, kept] = forth ? [a, b] : [b, a]
      const r = drawn(round, kept)
      const next = moved.map((half, j) => {
        const y = yOf(r, j * block) % m
        const sum = forth ? half + y : half - y
        return sum < 0n ? sum + m : sum >= m ? sum - m : sum
      })
      ;[a, b] = forth ? [kept, next] : [next, kept]
    }
    return a.map((half, i) => half * right + b[i]!)
  }
  return {
    size,
    encrypt: (numbers) => run(numbers, true),
    decrypt: (numbers) => run(numbers, false),
  }
}

const viewOf = ({ buffer, byteOffset, byteLength }: Buffer): DataView =>
  new DataView(buffer, byteOffset, byteLength)

// What a consignment is made of: its lot, its cases and their items. Serials follow from the
// identity alone and are written out when somebody asks, so that a fleet with a million serials on
// the way holds none of them. Refuses to know where they go.
import { sgtin } from './keys.ts'
import type { Product } from './products.ts'
import type { Random } from './random.ts'

/** Who is on the way: no two of (run, device, consignment) share a serial. */
export interface Identity {
  /** 0 to 999: worlds with different runs share no serials. */
  run: number
  /** 0 to 9999 */
  device: number
  /** 0 to 999 */
  consignment: number
}

export interface Load {
  cases: number
  itemsPerCase: number
}

export interface Case {
  readonly epc: string
  /** All of them, written out each time it is asked for. */
  readonly items: readonly string[]
  readonly itemCount: number
  /** By its index in the case. */
  item(index: number): string
  /** When it leaves the container before the end. */
  takenOffAt?: number
}

export function fill(
  product: Product,
  identity: Identity,
  { random, load }: { random: Random; load: Load },
): Case[] {
  const { run, device, consignment } = identity
  const prefix = base36(run, 2) + base36(device, 3) + base36(consignment, 2)
  const salt = random.uint32()
  // The tail makes neighbours unguessable, as the EU rules on unique identifiers ask (2016/161 art.
  // 4).
  const serial = (level: number, index: number): string =>
    prefix + base36(index, 4) + base36(mixed(salt, 2 * index + level) % 36 ** 4, 4)
  const { itemsPerCase } = load
  return Array.from({ length: load.cases }, (_, c): Case => {
    const item = (index: number): string => sgtin(product.gtin, serial(0, c * itemsPerCase + index))
    return {
      get epc() {
        return sgtin(product.caseGtin, serial(1, c))
      },
      get items() {
        return Array.from({ length: itemsPerCase }, (_, index) => item(index))
      },
      ...{ itemCount: itemsPerCase, item },
    }
  })
}

/** One of the four lots a year that each product, run and line makes. */
export const drawLot = (product: Product, making: Making, random: Random): Lot =>
  lotOf(product, making, random.below(4))

export interface Lot {
  lot: string
  expiry: string
}

export interface Making {
  run: number
  /** Whose year counts, epoch ms. */
  startAt: number
  line?: string
}

export function lotOf(product: Product, { run, startAt, line = '' }: Making, quarter: number): Lot {
  const year = new Date(startAt).getUTCFullYear()
  const lot = `${product.gtin.slice(-4)}${base36(run, 2)}${'ABCD'[quarter]}${line}`
  return { lot, expiry: `${year + 2}-${['03', '06', '09', '12'][quarter]}-28` }
}

export function base36(value: number, length: number): string {
  const text = value.toString(36).toUpperCase()
  if (text.length > length) throw new RangeError(`${value} does not fit into ${length} places`)
  return text.padStart(length, '0')
}

/** murmur3's mixer over both: 32 bits that tell nothing of their neighbours. */
function mixed(salt: number, index: number): number {
  let h = salt ^ Math.imul(index + 1, 0x9e3779b1)
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}

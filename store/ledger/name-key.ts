// The number by which SQLite finds a name, and the tables that have it. Part of the format: older
// folders are converted to both. Knows no queries: store/ledger/names.ts.

/** From the smallest to the largest. Part of the format of SQLite. */
export const nameTables = ['names0', 'names1', 'names2'] as const

export const keyBits = 53

/** Part of the format: 53 bits of each name as it is kept. Names may share one. */
export function nameKeys(tenant: string, names: readonly string[]): number[] {
  const seed = mix({ a: 0xdeadbeef, b: 0x41c6ce57 }, `${tenant}\0`)
  return names.map((name) => finish(mix(seed, name)))
}

interface Halves {
  a: number
  b: number
}

function mix({ a, b }: Halves, text: string): Halves {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    a = Math.imul(a ^ unit, 0x9e3779b1)
    b = Math.imul(b ^ unit, 0x5f356495)
  }
  return { a, b }
}

/** The finish of MurmurHash3, of two halves that stir each other. */
function finish({ a, b }: Halves): number {
  const x = Math.imul(a ^ (a >>> 16), 0x85ebca6b) ^ Math.imul(b ^ (b >>> 13), 0xc2b2ae35)
  const y = Math.imul(b ^ (b >>> 16), 0x85ebca6b) ^ Math.imul(x ^ (x >>> 13), 0xc2b2ae35)
  return (y >>> (64 - keyBits)) * 2 ** 32 + (x >>> 0)
}

/** JSON of an object: of each number its key. */
export const formatKeys = (rows: readonly { id: number; tenant: string; epc: string }[]): string =>
  `{${rows.map(({ id, tenant, epc }) => `"${id}":${nameKeys(tenant, [epc])[0]}`).join(',')}}`

// Bytes become a CBOR value (RFC 8949) within a bound depth and number of items. Refuses every tag
// but decimal fractions, which SenML allows for numbers (RFC 8428 §6), and a map with one key
// twice.
import { type DecodeOptions, decode, Tokenizer, Type } from 'cborg'
import { bounds } from '../config.ts'
import type { Result } from '../domain/refusal.ts'

/** Maps come as Map, since SenML labels are integers. packet/cbor when it is not one CBOR item. */
export function decodeCbor(body: Uint8Array): Result<unknown> {
  // A plain view: the library treats Buffer differently.
  const bytes = new Uint8Array(body.buffer, body.byteOffset, body.byteLength)
  try {
    const tokenizer = boundItems(new Tokenizer(bytes, options))
    return { ok: true, value: decode(bytes, { ...options, tokenizer }) as unknown }
  } catch (error) {
    const detail = (error as Error).message.replace('CBOR decode error: ', 'not CBOR: ')
    return { ok: false, refusals: [{ code: 'packet/cbor', path: '', detail }] }
  }
}

const options: DecodeOptions = {
  useMaps: true,
  rejectDuplicateMapKeys: true,
  tags: {
    // RFC 8949 §3.4.4: [exponent, mantissa] in base 10. NaN is refused later, where its label is
    // known.
    4: (content) => {
      const pair = content() as unknown
      return Array.isArray(pair) && pair.length === 2 ? Number(`${pair[1]}e${pair[0]}`) : Number.NaN
    },
  },
}

/**
 * The library recurses once per level; a packet must not choose how deep our stack goes, nor for
 * how long.
 */
function boundItems(inner: Tokenizer): NonNullable<DecodeOptions['tokenizer']> {
  // How many items each open container still wants.
  const open: number[] = []
  let count = 0
  return {
    done: () => inner.done(),
    pos: () => inner.pos(),
    next() {
      if (++count > bounds.cborItemsMax) throw new Error(`more than ${bounds.cborItemsMax} items`)
      const token = inner.next()
      const items = token.type === Type.tag ? 1 : Number(token.value)
      const width = token.type === Type.map ? 2 * items : items
      const isContainer =
        token.type === Type.tag || token.type === Type.map || token.type === Type.array
      if (isContainer && width > 0) {
        if (open.push(width) > bounds.cborDepthMax)
          throw new Error(`more than ${bounds.cborDepthMax} levels`)
        return token
      }
      if (token.type === Type.break) open.pop()
      while (open.length > 0 && --open[open.length - 1]! === 0) open.pop()
      return token
    },
  }
}

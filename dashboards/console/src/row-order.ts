// In which order rows stand when a column is chosen: a hundred thousand within one action of a
// person, by counting instead of comparing. Pure; knows no table.

export type SortValue = string | number | null

/**
 * Positions of `values` in their order: numbers by size, texts as languages sort them with the
 * numbers in them by size. Those without a value come last, whichever way; equal ones stay as they
 * were.
 */
export function orderOf(values: readonly SortValue[], down: boolean): Uint32Array {
  const sizes = sizesOf(values)
  if (sizes) return byNumber(sizes, down)
  const texts = values.map((value) => (value === null ? null : String(value)))
  const from = texts.length > fewTexts ? plainFrom(texts) : null
  return from === null ? byText(texts, down) : byHead(texts, from, down)
}

/** Null when there are texts among them; what has no value is NaN. */
function sizesOf(values: readonly SortValue[]): Float64Array | null {
  const sizes = new Float64Array(values.length)
  for (let index = 0; index < values.length; index++) {
    const value = values[index]!
    if (typeof value === 'string') return null
    sizes[index] = value === null ? Number.NaN : value
  }
  return sizes
}

/** Few texts are compared by their language at once; only many are worth heads. */
const fewTexts = 2000
const languages = new Intl.Collator(undefined, { numeric: true })

/** By the rank of each among those that differ: most columns say the same many times. */
function byText(texts: readonly (string | null)[], down: boolean): Uint32Array {
  const differing = [...new Set(texts)].filter((text) => text !== null).sort(languages.compare)
  const ranks = new Map<string | null, number>([[null, Number.NaN]])
  let rank = 0
  for (const [at, text] of differing.entries()) {
    if (at > 0 && languages.compare(differing[at - 1]!, text) !== 0) rank++
    ranks.set(text, rank)
  }
  return byNumber(
    Float64Array.from(texts, (text) => ranks.get(text)!),
    down,
  )
}

/** Printable ASCII as the root collation of Unicode has it, letters without their case. */
const signs = ' _-,;:!?.\'"()[]{}@*/\\&#%`^+<=>|~$'
const [zero, nine] = [48, 57]
const places = Uint8Array.from({ length: 128 }, (_, code) => {
  const letter = String.fromCharCode(code).toLowerCase()
  return letter >= 'a' && letter <= 'z' ? letter.charCodeAt(0) : signs.indexOf(letter) + 1
})
/** The length of a number stands above all signs and below all letters. */
const digitsMost = 40

/**
 * From where on texts have to be compared: after what all begin with, and not within a number, but
 * where it is as long in all of them. Null when one of them is not plain ASCII.
 */
function plainFrom(texts: readonly (string | null)[]): number | null {
  const first = texts.find((text) => text !== null) ?? ''
  let shared = first
  for (const text of texts)
    while (text !== null && !text.startsWith(shared))
      shared = shared.slice(0, sameLength(text, shared))
  if (!isPlain(first, 0)) return null
  for (const text of texts) if (text !== null && !isPlain(text, shared.length)) return null
  let from = shared.length
  const end = numberEnd(first, from)
  if (texts.every((text) => text === null || numberEnd(text, from) === end)) return from
  while (from > 0 && isDigit(first.charCodeAt(from - 1))) from--
  return from
}

function numberEnd(text: string, from: number): number {
  let end = from
  while (end < text.length && isDigit(text.charCodeAt(end))) end++
  return end
}

function sameLength(one: string, other: string): number {
  let same = 0
  while (same < other.length && one.charCodeAt(same) === other.charCodeAt(same)) same++
  return same
}

function isPlain(text: string, from: number): boolean {
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code < 32 || code > 126) return false
  }
  return true
}

const isDigit = (code: number): boolean => code >= zero && code <= nine

/** What heads do not tell apart is compared by its language. */
function byHead(texts: readonly (string | null)[], from: number, down: boolean): Uint32Array {
  const sign = down ? -1 : 1
  const heads = Float64Array.from(texts, (text) =>
    text === null ? Number.NaN : headOf(text, from),
  )
  const order = byNumber(heads, down)
  for (let begin = 0, end = 0; begin < order.length; begin = end) {
    const index = order[begin]!
    let differ = false
    for (end = begin + 1; end < order.length && heads[order[end]!] === heads[index]; end++)
      if (texts[order[end]!] !== texts[index]) differ = true
    if (!differ) continue
    order.subarray(begin, end).sort((a, b) => sign * languages.compare(texts[a]!, texts[b]!))
  }
  return order
}

/** More than signs, lengths of numbers and letters together; none of them is 0. */
const codes = 128

/**
 * As much of a text as fits the whole numbers of a double, so that these stand as the texts do:
 * each sign, letter or digit takes its part of what those before it have left.
 */
function headOf(text: string, from: number): number {
  let head = 0
  let width = 2 ** 53
  for (let at = from; at < text.length; at++) {
    let code = text.charCodeAt(at)
    width = Math.floor(width / codes)
    if (width < 1) return head
    if (!isDigit(code)) {
      head += places[code]! * width
      continue
    }
    const end = numberEnd(text, at)
    while (code === zero && at < end - 1) code = text.charCodeAt(++at)
    head += (zero + Math.min(end - at, digitsMost)) * width
    if (end - at >= digitsMost) return head
    for (; at < end; at++) {
      width = Math.floor(width / 10)
      if (width < 1) return head
      head += (text.charCodeAt(at) - zero) * width
    }
    at--
  }
  return head
}

/**
 * Radix sort of doubles, 16 bits at a time, the lowest first: as whole numbers without a sign their
 * bits stand as their sizes do, once those of negative ones are turned. NaN comes last.
 */
function byNumber(sizes: Float64Array, down: boolean): Uint32Array {
  const count = sizes.length
  const { digits, differ } = digitsOf(sizes, down)
  let order = new Uint32Array(count)
  for (let index = 0; index < count; index++) order[index] = index
  let other = new Uint32Array(count)
  for (let digit = 0; digit < 4; digit++) {
    if (!differ[digit]) continue
    const next = new Uint32Array(65_537)
    for (let at = digit; at < digits.length; at += 4) next[digits[at]! + 1]!++
    for (let at = 1; at < next.length; at++) next[at]! += next[at - 1]!
    for (let at = 0; at < count; at++) {
      const index = order[at]!
      const place = digits[4 * index + digit]!
      other[next[place]!] = index
      next[place]!++
    }
    ;[order, other] = [other, order]
  }
  return order
}

/** Four digits of each size, the lowest first, and which of them are not alike in all sizes. */
function digitsOf(
  sizes: Float64Array,
  down: boolean,
): { digits: Uint16Array; differ: Uint16Array } {
  const doubles = new Float64Array(sizes.length)
  const words = new Uint32Array(doubles.buffer)
  const differ = new Uint32Array(2)
  for (let index = 0; index < sizes.length; index++) {
    const size = sizes[index]!
    // 0 in place of -0: they are equal and their bits are not. NaN has no other side.
    doubles[index] = Number.isNaN(size) ? Number.NaN : down ? 0 - size : size + 0
    const [low, high] = [2 * index, 2 * index + 1]
    if (words[high]! >>> 31 === 0) words[high]! ^= 0x8000_0000
    else {
      words[low] = ~words[low]!
      words[high] = ~words[high]!
    }
    differ[0]! |= words[low]! ^ words[0]!
    differ[1]! |= words[high]! ^ words[1]!
  }
  return { digits: new Uint16Array(words.buffer), differ: new Uint16Array(differ.buffer) }
}

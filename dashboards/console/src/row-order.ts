// In which order rows stand when a column is chosen: a hundred thousand within one action of a
// person, by counting instead of comparing. Pure; knows no table.

export type SortValue = string | number | null

/**
 * Positions of `values` in their order: numbers by size, texts as languages sort them with the
 * numbers in them by size. Those without a value come last, whichever way; equal ones stay as they
 * were.
 */
export function orderOf(values: readonly SortValue[], down: boolean): Uint32Array {
  if (values.every((value) => typeof value !== 'string'))
    return byNumber(
      values.map((value) => (value === null ? Number.NaN : +value)),
      down,
    )
  const texts = values.map((value) => (value === null ? null : String(value)))
  const many = texts.length > fewTexts && texts.every((text) => text === null || isPlain(text))
  return many ? byKey(keysOf(texts), down) : byText(texts, down)
}

/** Few texts are compared by their language at once; only many are worth keys. */
const fewTexts = 2000
const isPlain = (text: string): boolean => /^[ -~]*$/.test(text)
const languages = new Intl.Collator(undefined, { numeric: true })

function byText(texts: readonly (string | null)[], down: boolean): Uint32Array {
  const sign = down ? -1 : 1
  return Uint32Array.from(texts, (_, index) => index).sort((a, b) => {
    const [one, other] = [texts[a]!, texts[b]!]
    if (one === null || other === null) return one === other ? 0 : one === null ? 1 : -1
    return sign * languages.compare(one, other)
  })
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

/** What all texts begin with compares nothing; a number is taken whole. */
function keysOf(texts: readonly (string | null)[]): (string | null)[] {
  let from = sharedOf(texts)
  const first = texts.find((text) => text !== null) ?? ''
  while (from > 0 && isDigit(first.charCodeAt(from - 1))) from--
  return texts.map((text) => (text === null ? null : keyOf(text, from)))
}

/**
 * A text that compares code by code as languages compare the given one from there on; a number in
 * it is its length and its digits: `L-9` before `L-10`.
 */
function keyOf(text: string, from: number): string {
  let key = ''
  for (let at = from; at < text.length; ) {
    const code = text.charCodeAt(at)
    if (!isDigit(code)) {
      key += String.fromCharCode(places[code]!)
      at++
      continue
    }
    let first = at
    while (at < text.length && isDigit(text.charCodeAt(at))) at++
    while (first < at - 1 && text.charCodeAt(first) === zero) first++
    key += String.fromCharCode(zero + Math.min(at - first, digitsMost)) + text.slice(first, at)
  }
  return key
}

const isDigit = (code: number): boolean => code >= zero && code <= nine

/** The first six codes in which keys differ are one number; the rest is compared where it must. */
function byKey(keys: readonly (string | null)[], down: boolean): Uint32Array {
  const from = sharedOf(keys)
  const heads = keys.map((key) => (key === null ? Number.NaN : headOf(key, from)))
  const order = byNumber(heads, down)
  const sign = down ? -1 : 1
  for (let begin = 0, end = 0; begin < order.length; begin = end) {
    const head = heads[order[begin]!]!
    while (end < order.length && heads[order[end]!] === head) end++
    if (end === begin) break
    if (end - begin > 1)
      order.subarray(begin, end).sort((a, b) => {
        const [one, other] = [keys[a]!, keys[b]!]
        return one === other ? a - b : sign * (one! < other! ? -1 : 1)
      })
  }
  return order
}

const headLength = 6

function headOf(key: string, from: number): number {
  let head = 0
  for (let at = from; at < from + headLength; at++)
    head = head * 256 + (at < key.length ? key.charCodeAt(at) + 1 : 0)
  return head
}

/** With how many codes all of them begin alike. */
function sharedOf(texts: readonly (string | null)[]): number {
  const first = texts.find((text) => text !== null) ?? ''
  let length = first.length
  for (const text of texts) {
    if (text === null || text.startsWith(first.slice(0, length))) continue
    let same = 0
    while (text.charCodeAt(same) === first.charCodeAt(same)) same++
    length = same
  }
  return length
}

/**
 * Radix sort of doubles, 16 bits at a time, the lowest first: as whole numbers without a sign their
 * bits stand as their sizes do, once those of negative ones are turned. NaN comes last.
 */
function byNumber(sizes: readonly number[], down: boolean): Uint32Array {
  const count = sizes.length
  const digits = digitsOf(sizes, down)
  let order = new Uint32Array(count)
  for (let index = 0; index < count; index++) order[index] = index
  let other = new Uint32Array(count)
  for (let digit = 0; digit < 4; digit++) {
    const next = new Uint32Array(65_537)
    for (let at = digit; at < digits.length; at += 4) next[digits[at]! + 1]!++
    // All alike in it: nothing would move.
    if (count === 0 || next[digits[digit]! + 1] === count) continue
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

function digitsOf(sizes: readonly number[], down: boolean): Uint16Array {
  const doubles = new Float64Array(sizes.length)
  const words = new Uint32Array(doubles.buffer)
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
  }
  return new Uint16Array(words.buffer)
}

// Readers of drawn symbols, as far as labels need them: PNG pixels to modules or bars, and these to
// what a scanner would send. Independent of the encoder; no error correction, so that a single
// wrong module is seen.
import { inflateSync } from 'node:zlib'

export interface Picture {
  width: number
  height: number
  dark(x: number, y: number): boolean
}

/** RGBA of 8 bits, not interlaced (PNG, 3rd edition §9). */
export function readPng(bytes: Uint8Array): Picture {
  const png = Buffer.from(bytes)
  if (png.subarray(0, 8).toString('latin1') !== '\x89PNG\r\n\x1a\n') throw new Error('no PNG')
  const parts: Buffer[] = []
  let [width, height] = [0, 0]
  for (let at = 8; at < png.length; ) {
    const length = png.readUInt32BE(at)
    const type = png.toString('latin1', at + 4, at + 8)
    const data = png.subarray(at + 8, at + 8 + length)
    if (type === 'IHDR') {
      width = data.readUInt32BE(0)
      height = data.readUInt32BE(4)
      if (data[8] !== 8 || data[9] !== 6 || data[12] !== 0) throw new Error('another kind of PNG')
    }
    if (type === 'IDAT') parts.push(data)
    at += length + 12
  }
  const rows = unfilter(inflateSync(Buffer.concat(parts)), width * 4)
  return { width, height, dark: (x, y) => rows[y * width * 4 + x * 4]! < 128 }
}

function unfilter(raw: Buffer, stride: number): Uint8Array {
  const rows = new Uint8Array((raw.length / (stride + 1)) * stride)
  for (let y = 0; y * (stride + 1) < raw.length; y++) {
    const filter = raw[y * (stride + 1)]!
    for (let x = 0; x < stride; x++) {
      const a = x >= 4 ? rows[y * stride + x - 4]! : 0
      const b = y > 0 ? rows[(y - 1) * stride + x]! : 0
      const c = x >= 4 && y > 0 ? rows[(y - 1) * stride + x - 4]! : 0
      const guess = [0, a, b, (a + b) >> 1, paeth(a, b, c)][filter]!
      rows[y * stride + x] = raw[y * (stride + 1) + 1 + x]! + guess
    }
  }
  return rows
}

function paeth(a: number, b: number, c: number): number {
  const p = a + b - c
  const [pa, pb, pc] = [Math.abs(p - a), Math.abs(p - b), Math.abs(p - c)]
  return pa <= pb && pa <= pc ? a : pb <= pc ? b : c
}

/** Dark modules of a square symbol, and the light border around it in modules. */
export function modulesOf(picture: Picture, pixels: number): { rows: boolean[][]; quiet: number } {
  let [left, right, top, bottom] = [picture.width, 0, picture.height, 0]
  for (let y = 0; y < picture.height; y++)
    for (let x = 0; x < picture.width; x++)
      if (picture.dark(x, y)) {
        left = Math.min(left, x)
        right = Math.max(right, x)
        top = Math.min(top, y)
        bottom = Math.max(bottom, y)
      }
  const [columns, lines] = [(right - left + 1) / pixels, (bottom - top + 1) / pixels]
  const rows = Array.from({ length: lines }, (_, row) =>
    Array.from({ length: columns }, (_, column) =>
      picture.dark(left + (column + 0.5) * pixels, top + (row + 0.5) * pixels),
    ),
  )
  const space = [left, top, picture.width - 1 - right, picture.height - 1 - bottom]
  return { rows, quiet: Math.min(...space) / pixels }
}

/** Code 128 along the middle line (ISO/IEC 15417); GS for FNC1, which the first one is too. */
export function readCode128(picture: Picture): string {
  const line = Math.floor(picture.height / 2)
  const runs: number[] = []
  let before = false
  for (let x = 0; x < picture.width; x++) {
    const dark = picture.dark(x, line)
    if (dark !== before) runs.push(0)
    if (runs.length > 0) runs[runs.length - 1]! += 1
    before = dark
  }
  runs.pop()
  const unit = Math.min(...runs)
  const values: number[] = []
  for (let at = 0; at + 7 < runs.length; at += 6) {
    const widths = runs.slice(at, at + 6).map((run) => Math.round(run / unit))
    const value = code128.indexOf(widths.join(''))
    if (value < 0) throw new Error(`no character ${widths.join('')}`)
    values.push(value)
  }
  const check = values.pop()!
  const sum = values.reduce((total, value, i) => total + value * Math.max(1, i), 0)
  if (sum % 103 !== check) throw new Error('wrong check character')
  return textOf128(values)
}

function textOf128(values: readonly number[]): string {
  let set = 'ABC'[values[0]! - 103]!
  let text = ''
  for (let i = 1; i < values.length; i++) {
    const value = values[i]!
    if (value === 102) text += '\x1d'
    else if (set === 'C' && value < 100) text += String(value).padStart(2, '0')
    else if (value < 96)
      text += String.fromCharCode(value < 64 || set === 'B' ? value + 32 : value - 64)
    else if (value === 99) set = 'C'
    else if (value === 100) set = 'B'
    else if (value === 101) set = 'A'
    else throw new Error(`character ${value} of set ${set} is not read here`)
  }
  return text
}

const code128 =
  `212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 231212 112232 122132
  122231 113222 123122 123221 223211 221132 221231 213212 223112 312131 311222 321122 321221 312212
  322112 322211 212123 212321 232121 111323 131123 131321 112313 132113 132311 211313 231113 231311
  112133 112331 132131 113123 113321 133121 313121 211331 231131 213113 213311 213131 311123 311321
  331121 312113 312311 332111 314111 221411 431111 111224 111422 121124 121421 141122 141221 112214
  112412 122114 122411 142112 142211 241211 221114 413111 241112 134111 111242 121142 121241 114212
  124112 124211 411212 421112 421211 212141 214121 412121 111143 111341 131141 114113 114311 411113
  411311 113141 114131 311141 411131 211412 211214 211232`.split(/\s+/)

/** Data Matrix ECC 200, up to 26 x 26 (ISO/IEC 16022, annex F); GS for FNC1. */
export function readDataMatrix(rows: readonly (readonly boolean[])[]): string {
  const size = rows.length
  if (size > 26) throw new Error('several regions are not read here')
  if (!rows.every((row) => row[0]) || !rows[size - 1]!.every(Boolean)) throw new Error('no finder')
  const n = size - 2
  const places = placesOfDataMatrix(n)
  const codewords: number[] = []
  for (const [key, place] of places.entries())
    if (rows[1 + Math.floor(key / n)]![1 + (key % n)] && place)
      codewords[Math.floor(place / 8) - 1] =
        (codewords[Math.floor(place / 8) - 1] ?? 0) | (1 << (7 - (place % 8)))
  const data = dataCodewords[size]!
  return textOfDataMatrix(Array.from({ length: data }, (_, i) => codewords[i] ?? 0))
}

const dataCodewords: Record<number, number> = {
  10: 3,
  12: 5,
  14: 8,
  16: 12,
  18: 18,
  20: 22,
  22: 30,
  24: 36,
  26: 44,
}

/** For each module: codeword (from 1) * 8 + bit (0 is the highest); 0 for fixed ones. */
function placesOfDataMatrix(n: number): number[] {
  const places = new Array<number>(n * n).fill(0)
  const free = (row: number, column: number): boolean => places[row * n + column] === 0
  const put = (r: number, c: number, place: number): void => {
    let [row, column] = [r, c]
    if (row < 0) [row, column] = [row + n, column + 4 - ((n + 4) % 8)]
    if (column < 0) [row, column] = [row + 4 - ((n + 4) % 8), column + n]
    places[row * n + column] = place
  }
  const shape = (cells: readonly (readonly [number, number])[], codeword: number): void =>
    cells.forEach(([row, column], bit) => {
      put(row, column, codeword * 8 + bit)
    })
  const utah = (r: number, c: number, codeword: number): void =>
    shape(
      [
        [r - 2, c - 2],
        [r - 2, c - 1],
        [r - 1, c - 2],
        [r - 1, c - 1],
        [r - 1, c],
        [r, c - 2],
        [r, c - 1],
        [r, c],
      ],
      codeword,
    )
  let [codeword, row, column] = [1, 4, 0]
  do {
    if (row === n && column === 0) shape(cornerOne(n), codeword++)
    if (row === n - 2 && column === 0 && n % 4) shape(cornerTwo(n), codeword++)
    if (row === n - 2 && column === 0 && n % 8 === 4) shape(cornerThree(n), codeword++)
    if (row === n + 4 && column === 2 && n % 8 === 0) shape(cornerFour(n), codeword++)
    do {
      if (row < n && column >= 0 && free(row, column)) utah(row, column, codeword++)
      row -= 2
      column += 2
    } while (row >= 0 && column < n)
    row += 1
    column += 3
    do {
      if (row >= 0 && column < n && free(row, column)) utah(row, column, codeword++)
      row += 2
      column -= 2
    } while (row < n && column >= 0)
    row += 3
    column += 1
  } while (row < n || column < n)
  return places
}

type Cells = readonly (readonly [number, number])[]
const cornerOne = (n: number): Cells => [
  [n - 1, 0],
  [n - 1, 1],
  [n - 1, 2],
  [0, n - 2],
  [0, n - 1],
  [1, n - 1],
  [2, n - 1],
  [3, n - 1],
]
const cornerTwo = (n: number): Cells => [
  [n - 3, 0],
  [n - 2, 0],
  [n - 1, 0],
  [0, n - 4],
  [0, n - 3],
  [0, n - 2],
  [0, n - 1],
  [1, n - 1],
]
const cornerThree = (n: number): Cells => [
  [n - 3, 0],
  [n - 2, 0],
  [n - 1, 0],
  [0, n - 2],
  [0, n - 1],
  [1, n - 1],
  [2, n - 1],
  [3, n - 1],
]
const cornerFour = (n: number): Cells => [
  [n - 1, 0],
  [n - 1, n - 1],
  [0, n - 3],
  [0, n - 2],
  [0, n - 1],
  [1, n - 3],
  [1, n - 2],
  [1, n - 1],
]

/** ISO/IEC 16022 §5.2: ASCII, C40, Text, X12 and EDIFACT. */
function textOfDataMatrix(codewords: readonly number[]): string {
  let text = ''
  let at = 0
  while (at < codewords.length) {
    const word = codewords[at++]!
    if (word === 129) return text
    if (word <= 128) text += String.fromCharCode(word - 1)
    else if (word <= 229) text += String(word - 130).padStart(2, '0')
    else if (word === 232) text += '\x1d'
    else if (word === 230 || word === 239 || word === 238) {
      const values: number[] = []
      while (at + 1 < codewords.length && codewords[at] !== 254) {
        const pair = codewords[at]! * 256 + codewords[at + 1]! - 1
        values.push(Math.floor(pair / 1600), Math.floor(pair / 40) % 40, pair % 40)
        at += 2
      }
      if (codewords[at] === 254) at++
      text += word === 238 ? textOfX12(values) : textOfC40(values, word === 239)
    } else if (word === 240) {
      let bits = ''
      let ended = false
      // Unlatched by the value 31; fewer than three codewords at the end are ASCII.
      while (!ended && (bits !== '' || at + 2 < codewords.length)) {
        while (bits.length < 6) bits += (codewords[at++] ?? 0).toString(2).padStart(8, '0')
        const value = Number.parseInt(bits.slice(0, 6), 2)
        bits = bits.slice(6)
        ended = value === 31
        if (!ended) text += String.fromCharCode(value < 32 ? value + 64 : value)
      }
    } else throw new Error(`codeword ${word} is not read here`)
  }
  return text
}

const textOfX12 = (values: readonly number[]): string =>
  values
    .map((value) => {
      if (value < 4) return '\r*> '[value]
      return String.fromCharCode(value < 14 ? value + 44 : value + 51)
    })
    .join('')

function textOfC40(values: readonly number[], lower: boolean): string {
  let text = ''
  let set = 0
  const letters = lower ? 97 : 65
  for (const value of values) {
    if (set === 0 && value < 3) set = value + 1
    else {
      if (set === 0)
        text +=
          value === 3 ? ' ' : String.fromCharCode(value < 14 ? value + 44 : value - 14 + letters)
      else if (set === 1) text += String.fromCharCode(value)
      else if (set === 2)
        text +=
          value === 27
            ? '\x1d'
            : String.fromCharCode(value < 15 ? 33 + value : value < 22 ? 43 + value : 69 + value)
      else text += String.fromCharCode((lower && value > 0 && value < 27 ? 64 : 96) + value)
      set = 0
    }
  }
  return text
}

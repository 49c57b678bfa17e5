// The bytes of a file of another system become text: by its byte order mark, else as the mapping
// says. Refuses what is no text at all; characters that cannot be are seen later, in their cell.
import type { Refusal } from '../../domain/refusal.ts'

export const encodings = ['utf-8', 'windows-1252', 'iso-8859-15', 'utf-16le', 'utf-16be'] as const
export type Encoding = (typeof encodings)[number]

export interface TextReader {
  push(bytes: Uint8Array): string
  finish(): string
}

/** What stands in the text for bytes that are no character. */
export const notText = '\u{FFFD}'

/** `encoding`: when no byte order mark says another. */
export function readText(encoding: Encoding): TextReader {
  let decoder: InstanceType<typeof TextDecoder> | undefined
  let first: Uint8Array = new Uint8Array()
  const begin = (bytes: Uint8Array): string => {
    decoder = new TextDecoder(marked(bytes) ?? encoding)
    return decoder.decode(bytes, { stream: true })
  }
  return {
    push: (bytes) => {
      if (decoder) return decoder.decode(bytes, { stream: true })
      first = first.length === 0 ? bytes : Buffer.concat([first, bytes])
      return first.length < 4 ? '' : begin(first)
    },
    finish: () => (decoder ? '' : begin(first)) + decoder!.decode(),
  }
}

/** Why the beginning of a file says that it is no delimited text. */
export function refuseBinary(first: Uint8Array): Refusal | undefined {
  const zip = first[0] === 0x50 && first[1] === 0x4b && first[2] === 3 && first[3] === 4
  const ole = first[0] === 0xd0 && first[1] === 0xcf && first[2] === 0x11 && first[3] === 0xe0
  if (!zip && !ole) return undefined
  const detail = 'this is a workbook or an archive, not text: save the sheet as CSV'
  return { code: 'file/value', path: '', detail }
}

function marked([a, b, c]: Uint8Array): Encoding | undefined {
  if (a === 0xef && b === 0xbb && c === 0xbf) return 'utf-8'
  if (a === 0xff && b === 0xfe) return 'utf-16le'
  if (a === 0xfe && b === 0xff) return 'utf-16be'
  return undefined
}

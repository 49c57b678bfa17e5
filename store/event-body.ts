// The form in which the body of an event is kept: its JSON text as it is while that is short, else
// as one zstd frame, which a first byte that no JSON text has tells apart. Part of the format.
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { bounds } from '../config.ts'

/** First byte of a zstd frame (RFC 8878 §3.1.1). JSON text of an object begins with `{`. */
const zstdMark = 0x28

export function packBody(json: string): Uint8Array {
  const bytes = Buffer.from(json)
  return bytes.length < bounds.packedBodyMin ? bytes : zstdCompressSync(bytes)
}

/** The JSON text of an event as it was captured. */
export function bodyOf({ body }: { body: Uint8Array }): string {
  const bytes = body[0] === zstdMark ? zstdDecompressSync(body) : body
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString()
}

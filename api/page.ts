// Pages and times, the same for every list. Cursors are opaque to callers and checked when they
// come back.
import { z } from '@hono/zod-openapi'
import { bounds } from '../config.ts'
import { parseRfc3339 } from '../domain/rfc3339.ts'
import { invalid } from './problem.ts'

export const limitQuery = (max: number = bounds.pageMax, fallback: number = bounds.pageDefault) =>
  z.coerce
    .number()
    .int()
    .min(1)
    .max(max)
    .default(fallback)
    .openapi({ type: 'integer', description: `rows of a page, at most ${max}` })

export const pageQuery = {
  limit: limitQuery(),
  cursor: z.string().max(1000).optional().openapi({ description: '`next` of the page before' }),
}

/** An RFC 3339 time with offset, or epoch ms; becomes epoch ms. */
export const timeQuery = z
  .string()
  .transform((text, context) => {
    const time = parseTime(text)
    if (Number.isFinite(time)) return time
    context.addIssue('want RFC 3339 with offset or Z, or epoch ms')
    return z.NEVER
  })
  .openapi({ type: 'string', example: '2026-03-01T12:00:00Z' })

/** {"items", "next"}: the shape of every list. */
export const pageOf = <T extends z.ZodType>(item: T) =>
  z.object({
    items: z.array(item),
    next: z
      .string()
      .nullable()
      .openapi({ description: 'cursor of the next page; null at the end' }),
  })

/** Of limit + 1 rows the page and its cursor. */
export function cutPage<T>(
  rows: readonly T[],
  limit: number,
  placeOf: (row: T) => readonly (string | number)[],
): { items: T[]; next: string | null } {
  const items = rows.slice(0, limit)
  const last = items.at(-1)
  const next = rows.length > limit && last !== undefined ? formatCursor(placeOf(last)) : null
  return { items, next }
}

export const formatCursor = (place: readonly (string | number)[]): string =>
  Buffer.from(JSON.stringify(place)).toString('base64url')

/** The place a cursor stands for; undefined without one. Problem 400 when it is none of ours. */
export function parseCursor<T extends z.ZodType>(
  cursor: string | undefined,
  place: T,
): z.output<T> | undefined {
  if (cursor === undefined) return undefined
  try {
    return place.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString()))
  } catch {
    throw invalid('not a cursor of this list: take it from `next`', 'query/cursor')
  }
}

export const textPlace = z.tuple([z.string()])
export const numberPlace = z.tuple([z.int()])

/** RFC 3339 in UTC, with milliseconds only when there are any. */
export const formatTime = (time: number): string =>
  new Date(time).toISOString().replace('.000Z', 'Z')

export const formatEnd = (time: number | null): string | null =>
  time === null || !Number.isFinite(time) || time > 8.64e15 ? null : formatTime(time)

function parseTime(text: string): number {
  if (/^-?\d{1,16}(\.\d+)?$/.test(text)) {
    const time = Math.floor(Number(text))
    return Math.abs(time) <= 8.64e15 ? time : Number.NaN
  }
  // A + that was not percent-encoded arrives as a space.
  return parseRfc3339(text.replace(/ (?=\d\d:\d\d$)/, '+'))
}

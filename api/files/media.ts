// Which of the media types of a report a caller wants most (RFC 9110 §12.5.1), and how refusals of
// reports leave. Knows no report.
import type { Context } from 'hono'
import type { Refusal } from '../../domain/refusal.ts'
import { Problem } from '../problem.ts'

export const xlsxType = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'
export const parquetType = 'application/vnd.apache.parquet'

/** The first of `offered` when Accept is silent or takes anything. Problem 406 for none of them. */
export function mediaAsked<T extends string>(c: Context, offered: readonly T[]): T {
  const accept = c.req.header('Accept')?.trim()
  if (!accept) return offered[0]!
  let best: { media: T; weight: number } | undefined
  for (const part of accept.split(',')) {
    const [range = '', ...params] = part.split(';').map((text) => text.trim().toLowerCase())
    const given = params.find((param) => param.startsWith('q='))?.slice(2)
    const weight = given === undefined ? 1 : Number(given)
    const media = offered.find((one) => covers(range, one))
    if (media !== undefined && weight > (best?.weight ?? 0)) best = { media, weight }
  }
  if (best) return best.media
  const detail = `this report comes as ${offered.join(', ')}`
  throw new Problem(406, [{ code: 'request/media-type', path: 'header/Accept', detail }])
}

const covers = (range: string, media: string): boolean =>
  range === '*/*' ||
  range === media ||
  (range.endsWith('/*') && media.startsWith(range.slice(0, -1))) ||
  (range === 'text/xml' && media === 'application/xml')

/** Problem 404, 413 or 422. */
export function reportProblem(refusals: Refusal[]): Problem {
  const has = (code: Refusal['code']): boolean => refusals.some((one) => one.code === code)
  if (has('request/not-found')) return new Problem(404, refusals)
  return new Problem(has('request/too-large') ? 413 : 422, refusals)
}

/** So that it is saved under a name that says what it is. */
export const attachment = (name: string): Record<string, string> => ({
  'Content-Disposition': `attachment; filename="${name.replace(/[^\w.-]+/g, '_').slice(0, 120)}"`,
})

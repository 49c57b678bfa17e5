// How strangers ask who come without a token: from any page of the web, and some with a browser in
// their hands. Knows nothing of what they ask for.
import type { MiddlewareHandler } from 'hono'
import { parsePreferences } from '../trace/link-choice.ts'
import type { Env } from './identity.ts'

/** Says text/html, and not less than JSON. */
export function prefersPage(accept: string | undefined): boolean {
  const accepted = parsePreferences(accept)
  const q = (name: string): number => accepted.find((one) => one.name === name)?.q ?? 0
  return q('text/html') > 0 && q('text/html') >= q('application/json')
}

/** What is said here anybody may read, from any page (CORS). */
export const shareFreely: MiddlewareHandler<Env> = async (c, next) => {
  c.header('Access-Control-Allow-Origin', '*')
  c.header('Access-Control-Expose-Headers', 'Link, Location, Retry-After')
  if (c.req.method !== 'OPTIONS') return next()
  return c.body(null, 204, {
    Allow: 'GET, HEAD, OPTIONS',
    'Access-Control-Allow-Methods': 'GET, HEAD, OPTIONS',
    'Access-Control-Allow-Headers': 'Accept, Accept-Language',
    'Access-Control-Max-Age': '86400',
  })
}

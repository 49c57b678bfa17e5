// Around every request: an id that the caller, the log and a problem share, a span, and the time it
// took. Tells the pattern of the route, never what was asked for: paths hold serials.
import { randomUUID } from 'node:crypto'
import { context, propagation, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import type { Context, MiddlewareHandler } from 'hono'
import { matchedRoutes } from 'hono/route'
import type { Env } from './identity.ts'

export interface Answered {
  /** As registered, such as /api/v1/units/:epc; `none` when nothing is there. */
  route: string
  method: string
  status: number
  /** Until the answer began: a stream goes on after it. */
  durationMs: number
  requestId: string
}

/** An id that came along is kept, so that one id runs through a proxy and us. */
const idShape = /^[\w.-]{1,64}$/
const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']

export function observe(answered?: (answer: Answered) => void): MiddlewareHandler<Env> {
  return async (c, next) => {
    const given = c.req.header('X-Request-Id')
    const requestId = given && idShape.test(given) ? given : randomUUID()
    c.set('requestId', requestId)
    const began = performance.now()
    const method = methods.includes(c.req.method) ? c.req.method : 'other'
    const under = propagation.extract(context.active(), c.req.raw.headers, fromHeaders)
    const span = trace.getTracer('isotherm').startSpan(method, { kind: SpanKind.SERVER }, under)
    await context.with(trace.setSpan(under, span), next)
    c.res.headers.set('X-Request-Id', requestId)
    const route = routeOf(c)
    const { status } = c.res
    span.updateName(`${method} ${route}`)
    span.setAttributes({
      'http.request.method': method,
      'http.route': route,
      'http.response.status_code': status,
      'isotherm.request_id': requestId,
    })
    if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR })
    span.end()
    answered?.({ route, method, status, durationMs: performance.now() - began, requestId })
  }
}

/** Middleware matches too, with any method; the first that is not one is what was meant. */
const routeOf = (c: Context): string =>
  matchedRoutes(c).find(({ method }) => method !== 'ALL')?.path ?? 'none'

const fromHeaders = {
  keys: (headers: Headers) => [...headers.keys()],
  get: (headers: Headers, name: string) => headers.get(name) ?? undefined,
}

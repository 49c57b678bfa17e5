// How every route of the API is made: with its right checked first, its body read within bounds,
// its problems declared. A route made otherwise is public, and test/api-access.test.ts lists those.
import { createRoute, OpenAPIHono, type RouteConfig, z } from '@hono/zod-openapi'
import type { MiddlewareHandler } from 'hono'
import type { ZodError } from 'zod'
import { bounds } from '../config.ts'
import type { Refusal } from '../domain/refusal.ts'
import { jsonBodyOf } from './body.ts'
import { changing } from './evidence.ts'
import { type Env, permit, type Right } from './identity.ts'
import { Problem, problemSchema } from './problem.ts'
import { rolesFor } from './roles.ts'

/**
 * An app for the routes of one noun; all zod failures of a request become refusals with their
 * pointers.
 */
export const nounApp = () =>
  new OpenAPIHono<Env>({
    defaultHook: (result) => {
      if (!result.success) throw new Problem(400, refusalsOf(result.target, result.error))
    },
  })

/**
 * A route that only holders of the right reach. JSON bodies with a schema are parsed and checked.
 */
export function guarded<P extends string, R extends Omit<RouteConfig, 'path'> & { path: P }>(
  right: Right,
  route: R,
  { bodyBytesMax = bounds.requestBytesMax }: { bodyBytesMax?: number } = {},
) {
  const roles = [...rolesFor(right.noun, right.verb)]
  const device = right.deviceOf ? ' Device tokens: for the device itself.' : ''
  const middleware: MiddlewareHandler<Env>[] = [permit(right)]
  if (right.verb === 'write')
    middleware.unshift(changing(`${route.method.toUpperCase()} ${route.path}`))
  const json = route.request?.body?.content?.['application/json']
  if (json && 'schema' in json && json.schema instanceof z.ZodType)
    middleware.push(jsonBodyOf(bodyBytesMax))
  const asked = {
    ...route,
    // Not in the type: a handler need not know what was checked before it.
    middleware,
    tags: route.tags ?? [right.noun],
    security: [{ bearer: [] }],
    description: `${route.description ?? ''}\n\nRoles: ${roles.join(', ')}.${device}`.trim(),
    responses: { ...route.responses, ...problemResponses },
    'x-roles': roles,
  }
  return createRoute(asked as unknown as R)
}

/** A route that everybody reaches: it must tell nothing of what is kept here. */
export const open = <P extends string, R extends Omit<RouteConfig, 'path'> & { path: P }>(
  route: R,
) => createRoute({ ...route, security: [] } as unknown as R)

const problem = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: problemSchema } },
})

const problemResponses = {
  400: problem('Refused; `errors` holds every reason'),
  401: problem('No token, or one that does not count'),
  403: problem('The token does not allow this'),
  default: problem('Any other problem'),
}

function refusalsOf(target: string, error: ZodError): Refusal[] {
  // A body is pointed into (RFC 6901); elsewhere the name of the parameter is the place.
  const base = target === 'json' ? '' : target
  return error.issues.flatMap((issue) => {
    const places =
      issue.code === 'unrecognized_keys'
        ? issue.keys.map((key) => [...issue.path, key])
        : [issue.path]
    return places.map((place) => ({
      code: 'request/invalid' as const,
      path: base + place.map((step) => `/${escapePointer(String(step))}`).join(''),
      detail: issue.code === 'unrecognized_keys' ? 'is not known here' : issue.message,
    }))
  })
}

const escapePointer = (step: string): string => step.replaceAll('~', '~0').replaceAll('/', '~1')

// What a caller is told when the answer is no: problem+json (RFC 9457) with every refusal in it.
// Tells nothing about unknown failures: those go to the operator's log and leave as a bare 500.
import { z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { HTTPException } from 'hono/http-exception'
import {
  Corrupt,
  type Refusal,
  type RefusalCode,
  refusalCodes,
  Unavailable,
} from '../domain/refusal.ts'

const titles = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  406: 'Not Acceptable',
  409: 'Conflict',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  422: 'Unprocessable Content',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
} as const

export type ProblemStatus = keyof typeof titles

/**
 * The names of EPCIS 2.0 §12.7 for problems below /epcis; elsewhere the type says nothing more than
 * the status.
 */
const epcisTypes: Partial<Record<ProblemStatus, string>> = {
  400: 'epcisException:ValidationException',
  401: 'epcisException:SecurityException',
  403: 'epcisException:SecurityException',
  404: 'epcisException:NoSuchResourceException',
  406: 'epcisException:NotAcceptableException',
  409: 'epcisException:ResourceAlreadyExistsException',
  413: 'epcisException:CaptureLimitExceededException',
  415: 'epcisException:UnsupportedMediaTypeException',
  500: 'epcisException:ImplementationException',
  503: 'epcisException:ImplementationException',
}

/** Those of EPCIS queries, where the refusal says more than the status. */
const epcisTypesOfCodes: Partial<Record<RefusalCode, string>> = {
  'epcis/query-parameter': 'epcisException:QueryParameterException',
  'epcis/query-too-complex': 'epcisException:QueryTooComplexException',
  'epcis/query-too-large': 'epcisException:QueryTooLargeException',
  'epcis/query-unknown': 'epcisException:NoSuchNameException',
  'epcis/subscription': 'epcisException:SubscriptionControlsException',
}

export const problemSchema = z
  .object({
    type: z.string().openapi({ example: 'about:blank' }),
    title: z.string().openapi({ example: 'Bad Request' }),
    status: z.number().int().openapi({ example: 400 }),
    detail: z.string().optional().openapi({ example: '1 problem in the request' }),
    instance: z.string().optional().openapi({ example: '/api/v1/products/09521234543213' }),
    requestId: z
      .string()
      .optional()
      .openapi({ description: 'stands in X-Request-Id and in the log of the server too' }),
    errors: z
      .array(
        z.object({
          code: z.enum(refusalCodes),
          path: z
            .string()
            .openapi({ description: 'JSON pointer, line, or query/header/path name' }),
          detail: z.string(),
          at: z.number().int().optional().openapi({ description: 'where the fault starts' }),
          length: z.number().int().optional(),
          remedy: z.string().optional().openapi({ description: 'of refused readings' }),
        }),
      )
      .optional(),
  })
  .openapi('Problem')

/** Thrown by handlers; `answerError` writes it down. */
export class Problem extends Error {
  readonly status: ProblemStatus
  readonly refusals: readonly Refusal[]
  readonly headers: Readonly<Record<string, string>>
  constructor(
    status: ProblemStatus,
    refusals: readonly Refusal[],
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(refusals[0]?.detail ?? titles[status])
    this.name = 'Problem'
    this.status = status
    this.refusals = refusals
    this.headers = headers
  }
}

export const notFound = (detail: string, path = ''): Problem =>
  new Problem(404, [{ code: 'request/not-found', path, detail }])

export const conflict = (detail: string, path = ''): Problem =>
  new Problem(409, [{ code: 'request/conflict', path, detail }])

export const invalid = (detail: string, path: string): Problem =>
  new Problem(400, [{ code: 'request/invalid', path, detail }])

/**
 * The response for a problem. One refusal speaks for itself; of several the detail gives the
 * number.
 */
export function formatProblem(problem: Problem, c: Context): Response {
  const { status, refusals, headers } = problem
  const { path } = c.req
  const body = {
    type: (/^\/epcis(\/|$)/.test(path) && epcisTypeOf(problem)) || 'about:blank',
    title: titles[status],
    status,
    ...(refusals.length > 0 && {
      detail: refusals.length === 1 ? refusals[0]!.detail : `${refusals.length} problems`,
    }),
    instance: path,
    requestId: requestIdOf(c),
    ...(refusals.length > 0 && { errors: refusals }),
  }
  return c.body(JSON.stringify(body), status, {
    'Content-Type': 'application/problem+json',
    ...headers,
  })
}

const epcisTypeOf = ({ status, refusals }: Problem): string | undefined =>
  refusals.map(({ code }) => epcisTypesOfCodes[code]).find(Boolean) ?? epcisTypes[status]

/** For Hono's onError. `report` hears of what must not happen. */
export function answerError(
  error: unknown,
  c: Context,
  report: (error: unknown, requestId: string) => void,
): Response {
  if (error instanceof Problem) return formatProblem(error, c)
  if (error instanceof Unavailable) {
    const retryAfter = { 'Retry-After': String(Math.ceil(error.retryAfterMs / 1000)) }
    return formatProblem(new Problem(503, [], retryAfter), c)
  }
  if (error instanceof HTTPException && error.status in titles) {
    const status = error.status as ProblemStatus
    const code = status === 415 ? 'request/media-type' : 'request/invalid'
    return formatProblem(new Problem(status, [{ code, path: '', detail: error.message }]), c)
  }
  const told = error instanceof Corrupt ? new Error(`${error.message} in ${error.where}`) : error
  report(told, requestIdOf(c))
  return formatProblem(new Problem(500, []), c)
}

/** An app that answers problems sets it before anything else. */
const requestIdOf = (c: Context): string => c.get('requestId')

// Idempotency-Key: the same key with the same body gives the same answer without doing it again.
// Answers are remembered in memory, bounded; beyond that window, and in another process, the
// uniqueness of what was created refuses the repetition.
import { createHash, randomBytes } from 'node:crypto'
import { bounds } from '../config.ts'
import { Problem } from './problem.ts'

export interface Once {
  /**
   * `scope`: caller and route. Runs `create` unless this key was seen. Problem 422: another body.
   */
  run<T>(ask: OnceRequest, create: () => Promise<T>): Promise<T>
}

export interface OnceRequest {
  key: string | undefined
  scope: string
  body: unknown
}

/** Answers of one route. */
export function rememberAnswers(max: number = bounds.idempotencyKeysMax): Once {
  const seen = new Map<string, { body: string; answer: Promise<unknown> }>()
  return {
    async run<T>({ key, scope, body }: OnceRequest, create: () => Promise<T>): Promise<T> {
      if (key === undefined) return create()
      const name = `${scope}\n${key}`
      const digest = createHash('sha256').update(JSON.stringify(body)).digest('hex')
      const known = seen.get(name)
      if (known && known.body !== digest) throw otherBody()
      if (known) return known.answer as Promise<T>
      const answer = create()
      seen.set(name, { body: digest, answer })
      if (seen.size > max) seen.delete(seen.keys().next().value!)
      // What failed may be tried again with the same key.
      answer.catch(() => seen.delete(name))
      return answer
    },
  }
}

/** An id that follows from who asks by which key: a repetition is found however late it comes. */
export const idOf = (prefix: string, asking: string): string =>
  `${prefix}-${createHash('sha256').update(asking).digest('hex').slice(0, 24)}`

export const randomId = (prefix: string): string => `${prefix}-${randomBytes(12).toString('hex')}`

/** Two requests for the same thing, which may come to two processes at once, take turns. */
export const serially = { serializable: true }

/** The answer to who asks for something else by a key that was used. */
export function otherBody(): Problem {
  const detail = 'this key was used with another body'
  const path = 'header/idempotency-key'
  return new Problem(422, [{ code: 'request/conflict', path, detail }])
}

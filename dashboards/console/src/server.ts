// Asks and tells the server as who is signed in. A token that no longer counts ends the session
// with its reason. Keeps no answer: load.ts does.
import { askJson, type Problem, type Query, tellJson, toProblem } from './client.ts'
import { signOut, token } from './session.ts'

/** JSON of a GET; throws a Problem. */
export async function read(
  path: string,
  query: Query = {},
  signal?: AbortSignal,
): Promise<unknown> {
  return held(() => askJson(path, { token: token.value ?? '', query, ...(signal && { signal }) }))
}

/** JSON of the answer to a change, null without one; throws a Problem. */
export async function tell(
  method: 'POST' | 'PUT' | 'PATCH' | 'DELETE',
  path: string,
  body?: unknown,
): Promise<unknown> {
  return held(() => tellJson(path, { token: token.value ?? '', method, body }))
}

/** `/api/v1/alerts/a%2Fb/serials` */
export const apiPath = (...segments: string[]): string =>
  `/api/v1/${segments.map(encodeURIComponent).join('/')}`

async function held(asking: () => Promise<unknown>): Promise<unknown> {
  const asked = token.value
  try {
    return await asking()
  } catch (error) {
    const problem: Problem = toProblem(error)
    if (error instanceof DOMException && error.name === 'AbortError') throw error
    // A wrong password given again to sign ends nothing: it is the second component that is wrong.
    const ended = problem.status === 401 && !problem.codes.includes('request/signature')
    if (ended && asked === token.value) signOut(problem)
    throw problem
  }
}

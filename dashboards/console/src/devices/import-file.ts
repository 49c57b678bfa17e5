// A file of loggers on its way to the server: only looked at, or registered. What is wrong comes
// back by line and column; the tokens of those that are new come once, as a file.
import { problemOf, reach } from '../client.ts'
import { token } from '../session.ts'
import { numberOf, objectOf, textOf } from '../shapes.ts'

export interface WrongCell {
  line: number
  /** Empty: the line as a whole. */
  column: string
  code: string
  detail: string
}

/** Told by line; nothing was registered. */
export type Looked = { wrong: WrongCell[] } | { found: { line: number; id: string }[] }

export async function look(file: string): Promise<Looked> {
  const answer = await send(file, '?dryRun=true', 'application/json')
  if (!(answer instanceof Response)) return { wrong: answer }
  const { items } = objectOf(await answer.json())
  const rows = Array.isArray(items) ? items.map(objectOf) : []
  return { found: rows.map(({ line, id }) => ({ line: numberOf(line) ?? 0, id: textOf(id) })) }
}

/** All of them, or none. The file has a line with the token of each. */
export async function register(file: string): Promise<{ wrong: WrongCell[] } | { tokens: Blob }> {
  const answer = await send(file, '', 'text/csv')
  return answer instanceof Response ? { tokens: await answer.blob() } : { wrong: answer }
}

/** Throws a Problem where it is not the file that is wrong. */
async function send(file: string, query: string, accept: string): Promise<Response | WrongCell[]> {
  const headers = {
    ...{ Authorization: `Bearer ${token.value ?? ''}`, Accept: accept },
    'Content-Type': 'text/csv',
  }
  const init = { method: 'POST', headers, body: file }
  const response = await reach(`/api/v1/devices/import${query}`, init)
  if (response.ok) return response
  const { errors } = objectOf(
    await response
      .clone()
      .json()
      .catch(() => null),
  )
  const wrong = (Array.isArray(errors) ? errors.map(objectOf) : []).flatMap(wrongOf)
  if (wrong.length === 0) throw await problemOf(response)
  return wrong
}

function wrongOf({ code, path, detail }: Readonly<Record<string, unknown>>): WrongCell[] {
  const [, line, column = ''] = /^line (\d+)(?:, (.*))?$/.exec(textOf(path)) ?? []
  if (line === undefined) return []
  return [{ line: Number(line), column, code: textOf(code), detail: textOf(detail) }]
}

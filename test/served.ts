// A server within the test's own process, told a story and asked like any other: for tests of what
// is kept, which start and stop many.
import { type Config, parseConfig } from '../config.ts'
import type { Server } from '../main.ts'
import { type Answers, readAnswers } from './answers.ts'
import * as story from './e2e/story.ts'

export const adminToken = 'administrator-of-the-test'

export const configOf = (dataDir: string, env: Record<string, string> = {}): Config => ({
  ...parseConfig({ ISOTHERM_DATA_DIR: dataDir, ISOTHERM_LOG_LEVEL: 'silent', ...env }),
  httpPort: 0,
  mqttPort: 0,
  adminToken,
})

export function listenerOf(server: Server): story.Listener {
  const ask: story.Listener['ask'] = (method, path, { body, headers, token } = {}) =>
    fetch(new URL(path, server.httpUrl), {
      method,
      headers: {
        Authorization: `Bearer ${token ?? adminToken}`,
        ...(body !== undefined && { 'Content-Type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
  return {
    ask,
    api: async (method, path, body) => {
      const answer = await ask(method, path, { body })
      const text = await answer.text()
      if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`)
      return text === '' ? undefined : JSON.parse(text)
    },
  }
}

export const answersOf = (server: Server): Promise<Answers> =>
  readAnswers((path) => listenerOf(server).api('GET', path))

/** The case of record twice, judged. */
export async function tellTwoCases(server: Server): Promise<story.Teller[]> {
  const listener = listenerOf(server)
  await story.tellProduct(listener)
  const tellers = [await story.tellCase(listener, 1), await story.tellCase(listener, 2)]
  for (const { id } of tellers)
    await listener.api('POST', `/api/v1/readings?device=${id}`, story.caseReadings())
  await server.settled()
  return tellers
}

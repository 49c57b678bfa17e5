// Telling the server of one change from a form: busy while it is under way, and why it was not
// taken. Knows no form.
import { useState } from 'preact/hooks'
import { type Problem, toProblem } from '../client.ts'
import { tell } from '../server.ts'

export interface Telling {
  method?: 'POST' | 'PATCH'
  path: string
  body: unknown
}

export interface Sending {
  busy: boolean
  problem: Problem | null
  /** The answer; null when it was not taken, and `problem` says why. */
  send(of: Telling): Promise<unknown>
}

export function useSend(): Sending {
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem | null>(null)
  const send = async ({ method = 'POST', path, body }: Telling): Promise<unknown> => {
    setBusy(true)
    setProblem(null)
    try {
      return (await tell(method, path, body)) ?? {}
    } catch (error) {
      setProblem(toProblem(error))
      return null
    } finally {
      setBusy(false)
    }
  }
  return { busy, problem, send }
}

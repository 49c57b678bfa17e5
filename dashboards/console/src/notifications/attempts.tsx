// Every attempt of a message: when, what was answered, how long it took.
import * as say from '../say.ts'
import { write } from '../words/notifications.ts'
import type { Logged } from './shapes.ts'

export function Attempts({ attempts }: Pick<Logged, 'attempts'>) {
  return (
    <ol class="rungs">
      {attempts.map(({ at, durationMs, status, error }, index) => (
        <li key={index}>
          {write('log.attempt', {
            time: say.time(at),
            answer: error ?? (status === null ? write('log.taken') : String(status)),
            ms: Math.round(durationMs),
          })}
        </li>
      ))}
    </ol>
  )
}

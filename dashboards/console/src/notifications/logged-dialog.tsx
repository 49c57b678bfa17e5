// One line of the log with every attempt, and a message that was given up tried again.
import { Dialog } from '../dialog.tsx'
import { ProblemNote, SeverityMark } from '../marks.tsx'
import { useSend } from '../quality/use-send.ts'
import { addressOf } from '../router.ts'
import * as say from '../say.ts'
import { apiPath } from '../server.ts'
import { toast } from '../toasts.tsx'
import { write } from '../words/notifications.ts'
import { Attempts } from './attempts.tsx'
import { wordOf } from './say.ts'
import type { Logged } from './shapes.ts'

export interface LoggedDialogProps {
  entry: Logged
  /** Name of its rule, as far as there still is one. */
  rule: string
  may: boolean
  onClose(): void
  onRetried(): void
}

export function LoggedDialog({ entry, rule, may, onClose, onRetried }: LoggedDialogProps) {
  const { id, state, alert, kind, attempts } = entry
  const sending = useSend()
  const retry = async (): Promise<void> => {
    const path = apiPath('notifications', id, 'retry')
    if ((await sending.send({ path, body: undefined })) === null) return
    toast(write('log.retried'))
    onRetried()
  }
  return (
    <Dialog title={wordOf('kind', kind)} kind="wide" onClose={onClose}>
      <div class="dialog-body stack">
        <dl class="logged">
          {factsOf(entry, rule).map(([name, text]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{text}</dd>
            </div>
          ))}
          <div>
            <dt>{write('rule.severityOf')}</dt>
            <dd>
              <SeverityMark severity={entry.severity} />
            </dd>
          </div>
        </dl>
        {attempts.length > 0 && (
          <div>
            <h3>{write('log.tries')}</h3>
            <Attempts attempts={attempts} />
          </div>
        )}
        {alert !== null && (
          <p>
            <a href={addressOf(['alerts', alert])}>{write('log.toAlert')}</a>
          </p>
        )}
        {sending.problem && <ProblemNote problem={sending.problem} />}
        {may && state === 'failed' && (
          <div class="actions">
            <button type="button" class="primary" disabled={sending.busy} onClick={retry}>
              {write('log.retry')}
            </button>
          </div>
        )}
      </div>
    </Dialog>
  )
}

function factsOf(entry: Logged, rule: string): [name: string, text: string][] {
  const { state, reason, channelName, at, dueAt, heldUntil, endedAt, step } = entry
  const why = reason === null ? '' : `: ${wordOf('reason', reason)}`
  const times: [string, number | null][] = [
    [write('log.at'), at],
    [write('log.due'), dueAt],
    [write('log.held'), heldUntil],
    [write('log.ended'), endedAt],
  ]
  return [
    [write('log.state'), `${write(`state.${state}`)}${why}`],
    [write('log.channel'), channelName ?? write('rule.gone')],
    [write('log.rule'), `${rule}, ${write('rule.step', { number: step + 1 })}`],
    ...times.flatMap(([name, time]): [string, string][] =>
      time === null ? [] : [[name, say.time(time)]],
    ),
  ]
}

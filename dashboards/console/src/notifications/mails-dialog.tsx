// The mails of one report with every attempt; one that was given up is sent again from here.
import { Dialog } from '../dialog.tsx'
import { useLoad } from '../load.ts'
import { ProblemNote, StatusMark } from '../marks.tsx'
import * as d from '../quality/decode.ts'
import { useSend } from '../quality/use-send.ts'
import * as say from '../say.ts'
import { apiPath, read } from '../server.ts'
import { toast } from '../toasts.tsx'
import { write as writeNotifications } from '../words/notifications.ts'
import { write } from '../words/schedules.ts'
import { write as writeShell } from '../words/shell.ts'
import { Attempts } from './attempts.tsx'
import { mail, type Schedule, type State } from './shapes.ts'

export interface MailsDialogProps {
  schedule: Schedule
  may: boolean
  onClose(): void
}

/** The newest; who wants more asks the API. */
const mailsMax = 50

const states: Readonly<Record<string, State>> = {
  pending: 'sending',
  delivered: 'delivered',
  skipped: 'skipped',
  dead: 'failed',
}

export function MailsDialog({ schedule, may, onClose }: MailsDialogProps) {
  const path = apiPath('report-schedules', schedule.id, 'deliveries')
  const { value, problem, reload } = useLoad(path, async (signal) =>
    d.page(mail)(await read(path, { limit: mailsMax }, signal)),
  )
  const sending = useSend()
  const retry = async (id: string): Promise<void> => {
    const of = { path: `${path}/${encodeURIComponent(id)}/retry`, body: undefined }
    if ((await sending.send(of)) === null) return
    toast(writeNotifications('log.retried'))
    reload()
  }
  return (
    <Dialog title={`${write('mails')}: ${schedule.name}`} kind="wide" onClose={onClose}>
      {problem && <ProblemNote problem={problem} />}
      {sending.problem && <ProblemNote problem={sending.problem} />}
      {!value && !problem && <p class="empty">{writeShell('loading')}</p>}
      {value?.items.length === 0 && <p class="empty">{write('mails.none')}</p>}
      <ul class="changes">
        {value?.items.map(({ id, status, createdAt, attempts }) => {
          const state = states[status] ?? 'sending'
          return (
            <li key={id}>
              <div class="row-head">
                <span class="row-title number">{say.time(createdAt)}</span>
                <StatusMark status={writeNotifications(`state.${state}`)} />
              </div>
              <Attempts attempts={attempts} />
              {may && state === 'failed' && (
                <button
                  type="button"
                  class="start"
                  aria-label={`${writeNotifications('log.retry')}: ${say.time(createdAt)}`}
                  disabled={sending.busy}
                  onClick={() => void retry(id)}
                >
                  {writeNotifications('log.retry')}
                </button>
              )}
            </li>
          )
        })}
      </ul>
    </Dialog>
  )
}

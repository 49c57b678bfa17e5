// Reports that are sent again and again by e-mail: which, when, to whom, how it went; one sent now.
import { useState } from 'preact/hooks'
import { Icon } from '../icons.tsx'
import { useLoad } from '../load.ts'
import { Exact, ProblemNote } from '../marks.tsx'
import * as d from '../quality/decode.ts'
import { useSend } from '../quality/use-send.ts'
import * as say from '../say.ts'
import { apiPath, read } from '../server.ts'
import { toast } from '../toasts.tsx'
import { write as writeNotifications } from '../words/notifications.ts'
import { write } from '../words/schedules.ts'
import { write as writeSettings } from '../words/settings.ts'
import { write as writeShell } from '../words/shell.ts'
import { MailsDialog } from './mails-dialog.tsx'
import { RemoveDialog } from './remove-dialog.tsx'
import { rhythmOf } from './rhythm.ts'
import { mediaNames, scheduleDraft } from './schedule-drafts.ts'
import { ScheduleDialog } from './schedule-form.tsx'
import { type Channel, type Schedule, schedule } from './shapes.ts'

export interface SchedulesProps {
  channels: readonly Channel[]
  may: boolean
}

type Open = { is: 'form' | 'mails' | 'remove'; schedule: Schedule } | { is: 'new' }

const schedulesMax = 100

export function Schedules({ channels, may }: SchedulesProps) {
  const { value, problem, reload } = useLoad(
    'report-schedules',
    async (signal) =>
      d.page(schedule)(await read(apiPath('report-schedules'), { limit: schedulesMax }, signal)),
    ['changed:report-schedules'],
  )
  const [open, setOpen] = useState<Open | null>(null)
  const mails = channels.filter(({ via }) => via === 'email')
  return (
    <section class="panel" aria-labelledby="schedules-title">
      <header class="filters">
        <h2 id="schedules-title">{write('schedules')}</h2>
        {may && mails.length > 0 && (
          <button type="button" class="primary" onClick={() => setOpen({ is: 'new' })}>
            <Icon name="plus" />
            {write('new')}
          </button>
        )}
      </header>
      {problem && <ProblemNote problem={problem} />}
      {!value && !problem && <p class="empty">{writeShell('loading')}</p>}
      {value?.items.length === 0 && (
        <p class="empty">{write(mails.length > 0 ? 'none' : 'channelFirst')}</p>
      )}
      <ul class="changes">
        {value?.items.map((one) => (
          <ScheduleRow
            key={one.id}
            schedule={one}
            channels={channels}
            may={may}
            onOpen={(is) => setOpen({ is, schedule: one })}
          />
        ))}
      </ul>
      <Opened open={open} mails={mails} may={may} onClose={() => setOpen(null)} onDone={reload} />
    </section>
  )
}

interface OpenedProps {
  open: Open | null
  mails: readonly Channel[]
  may: boolean
  onClose(): void
  onDone(): void
}

function Opened({ open, mails, may, onClose, onDone }: OpenedProps) {
  if (!open) return null
  if (open.is === 'mails')
    return <MailsDialog schedule={open.schedule} may={may} onClose={onClose} />
  if (open.is === 'remove') {
    const { id, name } = open.schedule
    return (
      <RemoveDialog
        title={name}
        what={write('remove', { name })}
        path={apiPath('report-schedules', id)}
        onClose={onClose}
        onRemoved={onDone}
      />
    )
  }
  return (
    <ScheduleDialog
      schedule={open.is === 'new' ? null : open.schedule}
      channels={mails}
      onClose={onClose}
      onSaved={() => {
        onClose()
        toast(writeSettings('saved'))
        onDone()
      }}
    />
  )
}

interface ScheduleRowProps {
  schedule: Schedule
  channels: readonly Channel[]
  may: boolean
  onOpen(is: 'form' | 'mails' | 'remove'): void
}

function ScheduleRow({ schedule: one, channels, may, onOpen }: ScheduleRowProps) {
  const sending = useSend()
  const { id, name, media, nextRunAt, toldAt, failingSince, reason } = one
  const { kind } = scheduleDraft(one)
  const run = async (): Promise<void> => {
    const path = apiPath('report-schedules', id, 'run')
    if ((await sending.send({ path, body: undefined })) !== null) toast(write('started'))
  }
  const names = one.channels.map(
    (channel) =>
      channels.find((known) => known.id === channel)?.name ?? writeNotifications('rule.gone'),
  )
  const report = kind === 'other' ? one.report : write(`report.${kind}`)
  const acts = [
    ...(may ? [{ label: write('run'), act: run }] : []),
    { label: write('mails'), act: () => onOpen('mails') },
    ...(may ? [{ label: writeSettings('edit'), act: () => onOpen('form') }] : []),
    ...(may ? [{ label: writeSettings('remove'), act: () => onOpen('remove') }] : []),
  ]
  return (
    <li>
      <span class="row-title">{name}</span>
      <p class="row-note">
        {[report, mediaNames[media] ?? media, rhythmOf(one), names.join(', ')].join(' · ')}
      </p>
      <p class="row-note number">
        {[
          nextRunAt !== null && write('next', { time: say.time(nextRunAt) }),
          toldAt !== null && write('last', { time: say.time(toldAt) }),
        ]
          .filter(Boolean)
          .join(' · ')}
      </p>
      {failingSince !== null && (
        <p class="alarm told-where">
          {writeNotifications('channel.failing', { time: say.time(failingSince) })}{' '}
          <Exact text={reason ?? ''} />
        </p>
      )}
      {sending.problem && <ProblemNote problem={sending.problem} />}
      <div class="actions actions-start">
        {acts.map(({ label, act }) => (
          <button
            key={label}
            type="button"
            aria-label={`${label}: ${name}`}
            disabled={sending.busy}
            onClick={() => void act()}
          >
            {label}
          </button>
        ))}
      </div>
    </li>
  )
}

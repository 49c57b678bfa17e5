// What was stated of a logger's clock, in force and taken back, and how to state more or take one
// back. Moves no reading itself: the server judges anew.
import { useState } from 'preact/hooks'
import { Dialog } from '../dialog.tsx'
import { Field, SendForm } from '../form.tsx'
import { useLoad } from '../load.ts'
import { ProblemNote, StatusMark } from '../marks.tsx'
import { nameOf, usePeople } from '../quality/people.ts'
import * as say from '../say.ts'
import { apiPath, read, tell } from '../server.ts'
import { mayAs } from '../settings/may.ts'
import { writeClock as write } from '../words/clock.ts'
import { writeQuality } from '../words/quality.ts'
import { type ClockCorrection, formatHms, parseClockCorrections } from './clock.ts'
import { ClockForm } from './clock-form.tsx'

export interface ClockCorrectionsProps {
  id: string
  /** What the page tells of the logger is another now. */
  onChanged(): void
}

export function ClockCorrections({ id, onChanged }: ClockCorrectionsProps) {
  usePeople()
  const [open, setOpen] = useState<'state' | ClockCorrection | null>(null)
  const { value, problem, reload } = useLoad(
    `clock ${id}`,
    async (signal) =>
      parseClockCorrections(await read(apiPath('devices', id, 'clock-corrections'), {}, signal)),
    ['changed:devices'],
  )
  const may = mayAs('admin', 'operator', 'engineer', 'integration')
  const props = {
    id,
    onClose: () => setOpen(null),
    onDone: () => {
      setOpen(null)
      reload()
      onChanged()
    },
  }
  return (
    <section class="panel facts" aria-busy={!value && !problem} aria-label={write('list')}>
      <header>
        <h2>{write('list')}</h2>
      </header>
      {problem && <ProblemNote problem={problem} />}
      {value?.length === 0 && <p class="empty">{write('none')}</p>}
      <ul class="told">
        {(value ?? []).map((one) => (
          <Row key={one.id} of={one} {...(may && { onWithdraw: () => setOpen(one) })} />
        ))}
      </ul>
      {may && (
        <div class="actions actions-start">
          <button type="button" onClick={() => setOpen('state')}>
            {write('state')}
          </button>
        </div>
      )}
      {open === 'state' && <ClockForm {...props} />}
      {open !== null && open !== 'state' && <Withdraw of={open} {...props} />}
    </section>
  )
}

function Row({ of, onWithdraw }: { of: ClockCorrection; onWithdraw?: () => void }) {
  const { reason, at, by, withdrawn } = of
  return (
    <li>
      <span>
        <strong class="number">{aheadText(of)}</strong>{' '}
        <StatusMark status={write(withdrawn ? 'withdrawn' : 'inForce')} />
      </span>
      <span class="number">{spanText(of)}</span>
      <Said reason={reason} by={by} at={at} />
      {withdrawn && <Said {...withdrawn} before={write('withdrawn')} />}
      {!withdrawn && onWithdraw && (
        <button type="button" class="start" onClick={onWithdraw}>
          {write('withdraw')}
        </button>
      )}
    </li>
  )
}

interface SaidProps {
  reason: string
  by: string
  at: number | null
  before?: string
}

function Said({ reason, by, at, before }: SaidProps) {
  const who = writeQuality('by', { name: nameOf(by), time: say.time(at) })
  return (
    <span>
      {before === undefined ? '' : `${before}: `}
      {reason} <span class="number">({who})</span>
    </span>
  )
}

const aheadText = ({ aheadSeconds }: ClockCorrection): string =>
  write(aheadSeconds < 0 ? 'is.behind' : 'is.ahead', { much: formatHms(aheadSeconds) })

const spanText = ({ from, to }: ClockCorrection): string =>
  from === null || to === null ? write('since', { from: say.time(from) }) : say.span(from, to)

interface WithdrawProps {
  id: string
  of: ClockCorrection
  onClose(): void
  onDone(): void
}

function Withdraw({ id, of, onClose, onDone }: WithdrawProps) {
  const [reason, setReason] = useState('')
  const send = async (): Promise<void> => {
    const path = apiPath('devices', id, 'clock-corrections', of.id, 'withdraw')
    await tell('POST', path, { reason: reason.trim() })
    onDone()
  }
  return (
    <Dialog title={write('withdraw')} onClose={onClose}>
      <SendForm send={send} button={write('withdraw')} class="dialog-body stack" onCancel={onClose}>
        <p>
          <strong class="number">{aheadText(of)}</strong>,{' '}
          <span class="number">{spanText(of)}</span>
        </p>
        <p>{write('withdraw.text')}</p>
        <Field
          id="clock-withdraw-reason"
          label={writeQuality('reason')}
          hint={writeQuality('reason.hint')}
          required
          maxLength={500}
          value={reason}
          onInput={setReason}
        />
      </SendForm>
    </Dialog>
  )
}

// States that a logger's clock was wrong: from when to when, which way, by how much, and why.
import { useState } from 'preact/hooks'
import { Problem } from '../client.ts'
import { Dialog } from '../dialog.tsx'
import { Choice, Field, SendForm } from '../form.tsx'
import { apiPath, tell } from '../server.ts'
import { zone } from '../session.ts'
import { writeClock as write } from '../words/clock.ts'
import { writeQuality } from '../words/quality.ts'
import { momentOf, parseHms } from './clock.ts'

export interface ClockFormProps {
  id: string
  onClose(): void
  onDone(): void
}

const empty = { from: '', to: '', way: 'ahead' as 'ahead' | 'behind', much: '', reason: '' }

export function ClockForm({ id, onClose, onDone }: ClockFormProps) {
  const [draft, setDraft] = useState(empty)
  const set = (part: Partial<typeof empty>): void => setDraft({ ...draft, ...part })
  const send = async (): Promise<void> => {
    await tell('POST', apiPath('devices', id, 'clock-corrections'), bodyOf(draft, zone.value))
    onDone()
  }
  const shown = write('zone', { zone: zone.value })
  return (
    <Dialog title={write('state')} onClose={onClose}>
      <SendForm send={send} button={write('state')} class="dialog-body stack" onCancel={onClose}>
        <p class="hint">{write('hint')}</p>
        <WallTime name="from" hint={shown} value={draft.from} onInput={(from) => set({ from })} />
        <WallTime
          name="to"
          hint={write('to.hint', { zone: shown })}
          value={draft.to}
          onInput={(to) => set({ to })}
        />
        <Choice
          id="clock-way"
          label={write('way')}
          value={draft.way}
          options={[
            ['ahead', write('ahead')],
            ['behind', write('behind')],
          ]}
          onChange={(way) => set({ way })}
        />
        <Field
          id="clock-much"
          label={write('much')}
          hint={write('much.hint')}
          required
          maxLength={14}
          value={draft.much}
          onInput={(much) => set({ much })}
        />
        <Field
          id="clock-reason"
          label={writeQuality('reason')}
          hint={writeQuality('reason.hint')}
          required
          maxLength={500}
          value={draft.reason}
          onInput={(reason) => set({ reason })}
        />
      </SendForm>
    </Dialog>
  )
}

interface WallTimeProps {
  name: 'from' | 'to'
  hint: string
  value: string
  onInput(value: string): void
}

function WallTime({ name, hint, value, onInput }: WallTimeProps) {
  const id = `clock-${name}`
  return (
    <div class="field">
      <label for={id}>{write(name)}</label>
      <input
        id={id}
        type="datetime-local"
        step={1}
        required={name === 'from'}
        aria-describedby={`${id}-hint`}
        value={value}
        onInput={(event) => onInput(event.currentTarget.value)}
      />
      <p class="hint" id={`${id}-hint`}>
        {hint}
      </p>
    </div>
  )
}

/** Throws a Problem for a length that is none: the server would not see what was typed. */
function bodyOf({ from, to, way, much, reason }: typeof empty, ofZone: string): object {
  const seconds = parseHms(much)
  if (seconds === null) throw new Problem(422, write('much.wrong'), write('much.hint'))
  const end = momentOf(to, ofZone)
  return {
    from: rfc3339(momentOf(from, ofZone)),
    ...(end !== null && { to: rfc3339(end) }),
    aheadSeconds: way === 'ahead' ? seconds : -seconds,
    reason: reason.trim(),
  }
}

const rfc3339 = (at: number | null): string => (at === null ? '' : new Date(at).toISOString())

// The calibrations of a logger with their certificates, how its errors drifted between them, and a
// form to tell of another one.
import { useState } from 'preact/hooks'
import { Problem } from '../client.ts'
import { Dialog } from '../dialog.tsx'
import { Field, SendForm } from '../form.tsx'
import { useLoad } from '../load.ts'
import { ProblemNote } from '../marks.tsx'
import * as say from '../say.ts'
import { apiPath, read, tell } from '../server.ts'
import { mayAs } from '../settings/may.ts'
import { numberIn } from '../settings/profile.ts'
import { write } from '../words/device-care.ts'
import { write as writeDevices } from '../words/devices.ts'
import { write as writeShell } from '../words/shell.ts'
import { DayField } from './day-field.tsx'
import { type Calibration, type Drift, parseCalibrations } from './shapes.ts'

export interface CalibrationsProps {
  id: string
  isRetired: boolean
  /** What the page tells of the logger is another now. */
  onChanged(): void
}

export function Calibrations({ id, isRetired, onChanged }: CalibrationsProps) {
  const [open, setOpen] = useState(false)
  const { value, problem, reload } = useLoad(`calibrations ${id}`, async (signal) =>
    parseCalibrations(await read(apiPath('devices', id, 'calibrations'), {}, signal)),
  )
  return (
    <section class="panel facts" aria-busy={!value && !problem} aria-label={write('cal')}>
      <header>
        <h2>{write('cal')}</h2>
      </header>
      {problem && <ProblemNote problem={problem} />}
      {value?.items.length === 0 && <p class="empty">{write('cal.none')}</p>}
      <ul class="told">
        {(value?.items ?? []).map((one) => (
          <One key={one.at} of={one} />
        ))}
        {(value?.drifts ?? []).map((drift) => (
          <li key={`${drift.reference} ${drift.to}`} class="number">
            {driftText(drift)}
          </li>
        ))}
      </ul>
      {!isRetired && mayAs('admin', 'operator', 'engineer', 'integration') && (
        <div class="actions actions-start">
          <button type="button" onClick={() => setOpen(true)}>
            {write('cal.add')}
          </button>
        </div>
      )}
      {open && (
        <CalibrationForm
          id={id}
          onClose={() => setOpen(false)}
          onDone={() => {
            setOpen(false)
            reload()
            onChanged()
          }}
        />
      )}
    </section>
  )
}

function One({ of }: { of: Calibration }) {
  const { at, due, certificate, laboratory, points } = of
  const from = at === null ? write('cal.unknown') : say.day(at)
  const named = [certificate, laboratory].filter((text) => text !== '').join(' · ')
  return (
    <li>
      {named !== '' && <strong>{named}</strong>}
      <span class="number">{write('cal.span', { from, due: say.day(due) })}</span>
      {points.map((point) => (
        <span key={point.reference} class="number">
          {pointText(point)}
        </span>
      ))}
    </li>
  )
}

function pointText({ reference, error, uncertainty }: Calibration['points'][number]): string {
  const said = { reference: say.temperature(reference), error: signed(error) }
  if (uncertainty === null) return write('cal.point', said)
  return write('cal.pointWith', { ...said, uncertainty: say.difference(uncertainty, 2) })
}

/** With its sign: which way it is off is what matters. */
const signed = (celsius: number): string => `${celsius > 0 ? '+' : ''}${say.difference(celsius, 2)}`

function driftText({ reference, from, change, perYear, significant }: Drift): string {
  const text = write('cal.drift', {
    ...{ reference: say.temperature(reference), from: say.day(from) },
    ...{ change: signed(change), perYear: signed(perYear) },
  })
  return significant ? `${text}; ${write('cal.significant')}` : text
}

const empty = { at: '', due: '', certificate: '', laboratory: '', points: '' }

interface FormProps {
  id: string
  onClose(): void
  onDone(): void
}

function CalibrationForm({ id, onClose, onDone }: FormProps) {
  const [draft, setDraft] = useState(empty)
  const set = (part: Partial<typeof empty>): void => setDraft({ ...draft, ...part })
  const send = async (): Promise<void> => {
    await tell('POST', apiPath('devices', id, 'calibrations'), bodyOf(draft))
    onDone()
  }
  const lines = [
    ['certificate', write('cal.certificate')],
    ['laboratory', write('cal.laboratory')],
  ] as const
  return (
    <Dialog title={write('cal.add')} onClose={onClose}>
      <SendForm
        send={send}
        button={writeShell('save')}
        class="dialog-body stack wide-fields"
        onCancel={onClose}
      >
        <div class="field-row">
          <DayField
            id="calibration-at"
            label={writeDevices('device.calibrated')}
            required
            value={draft.at}
            onInput={(at) => set({ at })}
          />
          <DayField
            id="calibration-due"
            label={writeDevices('device.due')}
            hint={writeDevices('device.dueHint')}
            value={draft.due}
            onInput={(due) => set({ due })}
          />
        </div>
        {lines.map(([key, label]) => (
          <Field
            key={key}
            id={`calibration-${key}`}
            label={label}
            maxLength={200}
            value={draft[key]}
            onInput={(value) => set({ [key]: value })}
          />
        ))}
        <div class="field">
          <label for="calibration-points">{write('cal.points')}</label>
          <textarea
            id="calibration-points"
            rows={4}
            aria-describedby="calibration-points-hint"
            value={draft.points}
            onInput={(event) => set({ points: event.currentTarget.value })}
          />
          <p class="hint" id="calibration-points-hint">
            {write('cal.pointsHint')}
          </p>
        </div>
      </SendForm>
    </Dialog>
  )
}

/** Days are those of UTC. Throws a Problem for a line that is no point. */
function bodyOf({ at, due, certificate, laboratory, points }: typeof empty): object {
  return {
    calibratedAt: `${at}T00:00:00Z`,
    ...(due && { calibrationDue: `${due}T00:00:00Z` }),
    ...(certificate.trim() && { certificate: certificate.trim() }),
    ...(laboratory.trim() && { laboratory: laboratory.trim() }),
    ...(points.trim() && { points: points.trim().split('\n').map(pointOf) }),
  }
}

function pointOf(line: string, index: number): object {
  const numbers = line.split(/[;\t]/).map((cell) => (cell.trim() === '' ? NaN : numberIn(cell)))
  const [referenceC, readC, uncertaintyC] = numbers
  const isPoint = numbers.length >= 2 && numbers.length <= 3 && numbers.every(Number.isFinite)
  if (!isPoint)
    throw new Problem(422, write('cal.pointsWrong', { line: index + 1 }), write('cal.pointsHint'))
  return { referenceC, readC, ...(uncertaintyC !== undefined && { uncertaintyC }) }
}

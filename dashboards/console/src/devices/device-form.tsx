// Registers a logger, or changes one: its key, its interval, its uncertainty and a new calibration.
import { useState } from 'preact/hooks'
import { Field, SendForm } from '../form.tsx'
import { apiPath, tell } from '../server.ts'
import { numberIn } from '../settings/profile.ts'
import { objectOf } from '../shapes.ts'
import { write } from '../words/devices.ts'
import { write as writeShell } from '../words/shell.ts'
import { DayField } from './day-field.tsx'
import type { Device } from './shapes.ts'

export interface DeviceFormProps {
  /** Absent: a new one. */
  device?: Device
  onClose(): void
  onSaved(answer: Readonly<Record<string, unknown>>): void
}

export function DeviceForm({ device, onClose, onSaved }: DeviceFormProps) {
  const [draft, setDraft] = useState(() => draftOf(device))
  const set = (part: Partial<Draft>): void => setDraft({ ...draft, ...part })
  const send = async (): Promise<void> => {
    const path = device ? apiPath('devices', device.id) : apiPath('devices')
    const body = { ...(!device && { id: draft.id.trim() }), ...bodyOf(draft) }
    onSaved(objectOf(await tell(device ? 'PATCH' : 'POST', path, body)))
  }
  const fields = [
    ['giai', write('device.giai'), write('device.giaiHint')],
    ['interval', write('device.interval'), write('device.intervalHint')],
    ['uncertainty', write('device.uncertainty'), write('device.uncertaintyHint')],
  ] as const
  return (
    <SendForm
      send={send}
      button={writeShell('save')}
      class="dialog-body stack wide-fields"
      onCancel={onClose}
    >
      {!device && (
        <Field
          id="device-id"
          label={write('device.id')}
          hint={write('device.idHint')}
          required
          maxLength={64}
          value={draft.id}
          onInput={(id) => set({ id })}
        />
      )}
      {fields.map(([key, label, hint]) => (
        <Field
          key={key}
          id={`device-${key}`}
          label={label}
          hint={hint}
          number={key === 'interval' || key === 'uncertainty'}
          value={draft[key]}
          onInput={(value) => set({ [key]: value })}
        />
      ))}
      <div class="field-row">
        <DayField
          id="device-calibrated"
          label={write('device.calibrated')}
          value={draft.calibrated}
          onInput={(calibrated) => set({ calibrated })}
        />
        <DayField
          id="device-due"
          label={write('device.due')}
          hint={write('device.dueHint')}
          value={draft.due}
          onInput={(due) => set({ due })}
        />
      </div>
    </SendForm>
  )
}

interface Draft {
  id: string
  giai: string
  interval: string
  uncertainty: string
  calibrated: string
  due: string
}

const dayOf = (at: number | null | undefined): string =>
  at === null || at === undefined ? '' : new Date(at).toISOString().slice(0, 10)

const draftOf = (device: Device | undefined): Draft => ({
  id: device?.id ?? '',
  giai: device?.giai ?? '',
  interval: String(device?.intervalSeconds ?? (device ? '' : 300)),
  uncertainty: String(device?.uncertaintyC ?? ''),
  calibrated: dayOf(device?.calibratedAt),
  due: dayOf(device?.calibrationDue),
})

/** Days are those of UTC; what is left empty stays as it is. */
function bodyOf({ giai, interval, uncertainty, calibrated, due }: Draft): object {
  return {
    ...(giai.trim() && { giai: giai.trim() }),
    ...(interval.trim() && { loggingIntervalSeconds: numberIn(interval) }),
    ...(uncertainty.trim() && { uncertaintyC: numberIn(uncertainty) }),
    ...(calibrated && { calibratedAt: `${calibrated}T00:00:00Z` }),
    ...(due && { calibrationDue: `${due}T00:00:00Z` }),
  }
}

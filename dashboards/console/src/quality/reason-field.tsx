// The field in which a person says why: it stays in the record.
import { writeQuality as write } from '../words/quality.ts'

export interface ReasonFieldProps {
  id: string
  /** `Reason`, unless something else is asked for. */
  label?: string
  value: string
  rows?: number
  onChange(value: string): void
}

export function ReasonField({ id, label, value, rows = 3, onChange }: ReasonFieldProps) {
  return (
    <div class="field field-wide">
      <label for={id}>{label ?? write('reason')}</label>
      <textarea
        id={id}
        rows={rows}
        required
        minLength={3}
        maxLength={2000}
        value={value}
        onInput={(event) => onChange(event.currentTarget.value)}
      />
      <p class="hint">{write('reason.hint')}</p>
    </div>
  )
}

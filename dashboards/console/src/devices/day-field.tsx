// A day as the browser's own calendar gives it, written as the API wants it. Days are those of UTC.
export interface DayFieldProps {
  id: string
  label: string
  hint?: string | undefined
  required?: boolean
  /** `2026-02-10`; empty: none. */
  value: string
  onInput(value: string): void
}

export function DayField({ id, label, hint, required = false, value, onInput }: DayFieldProps) {
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        id={id}
        type="date"
        min="2000-01-01"
        max="2100-01-01"
        required={required}
        aria-describedby={hint === undefined ? undefined : `${id}-hint`}
        value={value}
        onInput={(event) => onInput(event.currentTarget.value)}
      />
      {hint !== undefined && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </div>
  )
}

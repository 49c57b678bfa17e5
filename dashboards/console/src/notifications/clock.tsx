// A time of day in a form.

export interface ClockProps {
  id: string
  label: string
  value: string
  onInput(value: string): void
}

/** HH:MM, whatever the browser shows. */
export function Clock({ id, label, value, onInput }: ClockProps) {
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        id={id}
        type="time"
        required
        value={value}
        onInput={(event) => onInput(event.currentTarget.value)}
      />
    </div>
  )
}

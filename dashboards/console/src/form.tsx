// Fields of forms: a label above, a hint below, and a way to send that says what became of it.
import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import { type Problem, toProblem } from './client.ts'
import { ProblemNote } from './marks.tsx'
import { write } from './words/shell.ts'

export interface FieldProps {
  id: string
  label: string
  value: string
  onInput(value: string): void
  hint?: string
  secret?: boolean
  /** Numbers are typed as the language writes them: no browser's idea of it comes between. */
  number?: boolean
  required?: boolean
  readOnly?: boolean
  maxLength?: number
  /** Id of a datalist with what is likely. */
  list?: string
  autocomplete?: string
}

export function Field(props: FieldProps) {
  const { id, label, value, onInput, hint, secret = false, number = false, ...rest } = props
  const own = {
    ...rest,
    ...(number && { inputMode: 'decimal' as const, pattern: '[\\-\u2212]?[0-9]*[.,]?[0-9]+' }),
    id,
    value,
    spellcheck: false,
    'aria-describedby': hint === undefined ? undefined : `${id}-hint`,
    onInput: (event: { currentTarget: HTMLInputElement }) => onInput(event.currentTarget.value),
  }
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {secret ? <input type="password" {...own} /> : <input type="text" {...own} />}
      {hint !== undefined && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </div>
  )
}

export interface ChoiceProps<T extends string> {
  id: string
  label: string
  value: T
  options: readonly (readonly [value: T, text: string])[]
  onChange(value: T): void
  bare?: boolean
}

/** One of a few. `bare`: the label is for screen readers. */
export function Choice<T extends string>(props: ChoiceProps<T>) {
  const { id, label, value, options, onChange, bare = false } = props
  return (
    <div class="field">
      <label for={id} class={bare ? 'hidden' : ''}>
        {label}
      </label>
      <select
        id={id}
        value={value}
        onChange={(event) => {
          const chosen = options.find(([name]) => name === event.currentTarget.value)
          if (chosen) onChange(chosen[0])
        }}
      >
        {options.map(([name, text]) => (
          <option key={name} value={name}>
            {text}
          </option>
        ))}
      </select>
    </div>
  )
}

export interface SendFormProps {
  /** Throws a Problem: it is shown above the button, and nothing that was typed is lost. */
  send(): Promise<void>
  button: string
  children: ComponentChildren
  beside?: ComponentChildren
  /** Makes a button beside that leaves everything as it was. */
  onCancel?: (() => void) | undefined
  class?: string
}

export function SendForm(props: SendFormProps) {
  const { send, button, children, beside, onCancel, class: kind = 'stack' } = props
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem | null>(null)
  const submit = async (): Promise<void> => {
    setBusy(true)
    setProblem(null)
    try {
      await send()
    } catch (error) {
      setProblem(toProblem(error))
    }
    setBusy(false)
  }
  return (
    <form
      class={kind}
      onSubmit={(event) => {
        event.preventDefault()
        void submit()
      }}
    >
      {children}
      {problem && <ProblemNote problem={problem} />}
      <div class="actions">
        {beside}
        {onCancel && (
          <button type="button" onClick={onCancel}>
            {write('cancel')}
          </button>
        )}
        <button type="submit" class="primary" disabled={busy}>
          {button}
        </button>
      </div>
    </form>
  )
}

// Several entries of one kind, one a line, with what is known to choose from beside it. What is not
// known may be typed; the server judges it.
import { write } from '../words/notifications.ts'
import { linesOf } from './drafts.ts'

export interface ListFieldProps {
  id: string
  label: string
  value: string
  known: readonly (readonly [id: string, name: string])[]
  onInput(value: string): void
}

export function ListField({ id, label, value, known, onInput }: ListFieldProps) {
  const chosen = linesOf(value)
  const others = known.filter(([entry]) => !chosen.includes(entry))
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <textarea
        id={id}
        rows={Math.min(6, Math.max(2, chosen.length))}
        spellcheck={false}
        aria-describedby={`${id}-hint`}
        value={value}
        onInput={(event) => onInput(event.currentTarget.value)}
      />
      {others.length > 0 && (
        <select
          aria-label={write('rule.pick', { list: label })}
          value=""
          onChange={(event) => onInput([...chosen, event.currentTarget.value].join('\n'))}
        >
          <option value="">{write('rule.pick', { list: label })}</option>
          {others.map(([entry, name]) => (
            <option key={entry} value={entry}>
              {name}
            </option>
          ))}
        </select>
      )}
      <p class="hint" id={`${id}-hint`}>
        {write('rule.listHint')}
      </p>
    </div>
  )
}

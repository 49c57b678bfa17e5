// Who first and who next: rungs with their minutes and their channels. A rung more begins later
// than the one before; the server refuses others.
import { Field } from '../form.tsx'
import { Icon } from '../icons.tsx'
import { write } from '../words/notifications.ts'
import { write as writeSettings } from '../words/settings.ts'
import { nextStep, type StepDraft, toggled } from './drafts.ts'
import type { Channel } from './shapes.ts'

export interface LadderProps {
  steps: readonly StepDraft[]
  channels: readonly Channel[]
  onChange(steps: StepDraft[]): void
}

export function Ladder({ steps, channels, onChange }: LadderProps) {
  const change = (index: number, part: Partial<StepDraft>): void =>
    onChange(steps.map((step, at) => (at === index ? { ...step, ...part } : step)))
  return (
    <fieldset class="stack part">
      <legend>{write('rule.steps')}</legend>
      {steps.map((step, index) => (
        <Rung
          key={index}
          step={step}
          index={index}
          channels={channels}
          onChange={(part) => change(index, part)}
          onRemove={
            steps.length > 1 ? () => onChange(steps.filter((_, at) => at !== index)) : undefined
          }
        />
      ))}
      <p class="hint">{write('rule.stepsHint')}</p>
      {steps.length < stepsMax && (
        <button type="button" class="start" onClick={() => onChange([...steps, nextStep(steps)])}>
          <Icon name="plus" />
          {write('rule.stepAdd')}
        </button>
      )}
    </fieldset>
  )
}

/** As the server has it (ruleStepsMax). */
const stepsMax = 8

interface RungProps {
  step: StepDraft
  index: number
  channels: readonly Channel[]
  onChange(part: Partial<StepDraft>): void
  onRemove: (() => void) | undefined
}

function Rung({ step, index, channels, onChange, onRemove }: RungProps) {
  const title = write('rule.step', { number: index + 1 })
  const gone = step.channels.filter((id) => channels.every((channel) => channel.id !== id))
  const options = [
    ...channels.map(({ id, name }) => [id, name] as const),
    ...gone.map((id) => [id, write('rule.gone')] as const),
  ]
  return (
    <fieldset class="rung">
      <legend>{title}</legend>
      <Field
        id={`rung-${index}`}
        label={write('rule.after')}
        number
        required
        value={step.afterMinutes}
        onInput={(afterMinutes) => onChange({ afterMinutes })}
      />
      <div class="check-grid">
        {options.map(([id, name]) => (
          <label key={id} class="check">
            <input
              type="checkbox"
              checked={step.channels.includes(id)}
              onChange={() => onChange({ channels: toggled(step.channels, id) })}
            />
            {name}
          </label>
        ))}
      </div>
      {onRemove && (
        <button
          type="button"
          class="icon-button"
          aria-label={`${writeSettings('remove')}: ${title}`}
          title={writeSettings('remove')}
          onClick={onRemove}
        >
          <Icon name="close" />
        </button>
      )}
    </fieldset>
  )
}

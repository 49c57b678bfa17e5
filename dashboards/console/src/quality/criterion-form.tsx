// One condition of a recall: a field and what it must be.
import { useId } from 'preact/hooks'
import { unit } from '../session.ts'
import { writeQuality } from '../words/quality.ts'
import { writeRecall as write } from '../words/recall.ts'
import { type LimitSide, limitSides } from './decode.ts'
import { type Criterion, type Field, fields } from './recall-shapes.ts'

export interface CriterionFormProps {
  of: Criterion
  number: number
  onChange(of: Criterion): void
  onRemove?: (() => void) | undefined
}

const withDates: readonly Field[] = ['expiry', 'place', 'container', 'exposure']

export function CriterionForm({ of, number, onChange, onRemove }: CriterionFormProps) {
  const { field } = of
  const set = (change: Partial<Criterion>) => onChange({ ...of, ...change })
  return (
    <fieldset class="part">
      <legend>{write('criterion.number', { number })}</legend>
      <div class="part-choices">
        <label class="filter">
          <span>{write('field')}</span>
          <select
            value={field}
            onChange={(event) => set({ field: event.currentTarget.value as Field })}
          >
            {fields.map((one) => (
              <option key={one} value={one}>
                {write(`field.${one}`)}
              </option>
            ))}
          </select>
        </label>
        {field === 'attribute' && (
          <Input name={write('attribute')} value={of.name} onChange={(name) => set({ name })} />
        )}
        {field === 'place' && <When of={of} onChange={set} />}
        {field === 'exposure' && <Exposure of={of} onChange={set} />}
        {withDates.includes(field) && (
          <>
            <Input
              type="date"
              name={write('from')}
              value={of.from}
              onChange={(from) => set({ from })}
            />
            <Input type="date" name={write('to')} value={of.to} onChange={(to) => set({ to })} />
          </>
        )}
        {onRemove && (
          <button type="button" onClick={onRemove}>
            {write('criteria.remove', { number })}
          </button>
        )}
      </div>
      {field !== 'expiry' && field !== 'exposure' && (
        <div class="field field-wide">
          <label for={`values-${number}`}>
            {write(field === 'condition' ? 'alerts' : 'values')}
          </label>
          <textarea
            id={`values-${number}`}
            rows={2}
            class="mono"
            spellcheck={false}
            value={of.values}
            onInput={(event) => set({ values: event.currentTarget.value })}
          />
        </div>
      )}
    </fieldset>
  )
}

interface ChangeProps {
  of: Criterion
  onChange(change: Partial<Criterion>): void
}

function When({ of, onChange }: ChangeProps) {
  return (
    <label class="filter">
      <span>{write('place.when')}</span>
      <select
        value={of.when}
        onChange={(event) => onChange({ when: event.currentTarget.value === 'is' ? 'is' : 'was' })}
      >
        <option value="was">{write('place.was')}</option>
        <option value="is">{write('place.is')}</option>
      </select>
    </label>
  )
}

function Exposure({ of, onChange }: ChangeProps) {
  return (
    <>
      <label class="filter">
        <span>{write('side')}</span>
        <select
          value={of.side}
          onChange={(event) => onChange({ side: event.currentTarget.value as LimitSide })}
        >
          {limitSides.map((side) => (
            <option key={side} value={side}>
              {writeQuality(`limit.${side}`, { degrees: '…' })}
            </option>
          ))}
        </select>
      </label>
      <Input
        name={write('limit', { unit: `°${unit.value}` })}
        value={of.limit}
        onChange={(limit) => onChange({ limit })}
      />
      <Input
        type="number"
        name={write('minutes')}
        value={of.minutes}
        onChange={(minutes) => onChange({ minutes })}
      />
    </>
  )
}

interface InputProps {
  name: string
  value: string
  type?: 'text' | 'date' | 'number'
  onChange(value: string): void
}

function Input({ name, value, type = 'text', onChange }: InputProps) {
  const onInput = (event: { currentTarget: HTMLInputElement }) =>
    onChange(event.currentTarget.value)
  const id = useId()
  const shared = { id, value, onInput }
  return (
    <div class="filter">
      <label for={id}>{name}</label>
      {type === 'date' && <input type="date" {...shared} />}
      {type === 'number' && <input type="number" min={0} {...shared} />}
      {type === 'text' && <input type="text" {...shared} />}
    </div>
  )
}

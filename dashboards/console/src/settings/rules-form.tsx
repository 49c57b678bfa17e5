// The rules of a profile as a form: a ready rule set, or a row for each rule.
import { Choice, Field } from '../form.tsx'
import { Icon } from '../icons.tsx'
import { useLoad } from '../load.ts'
import * as say from '../say.ts'
import { apiPath, read } from '../server.ts'
import { unit } from '../session.ts'
import { numberOf, objectOf, parsePage, textOf } from '../shapes.ts'
import { sourceOfRuleSet, titleOfRuleSet } from '../words/rule-sets.ts'
import { write } from '../words/settings.ts'
import { write as writeShell } from '../words/shell.ts'
import { kinds, newRule, type ProfileDraft, type RuleDraft, severities, sides } from './profile.ts'

export interface RulesFormProps {
  draft: ProfileDraft
  onChange(draft: ProfileDraft): void
}

export function RulesForm({ draft, onChange }: RulesFormProps) {
  const sets = useLoad(
    'rule-sets',
    async (signal) =>
      parsePage(await read(apiPath('rule-sets'), {}, signal), (item) => ({
        name: textOf(item.name),
        title: textOf(item.title),
        source: textOf(item.source),
        range: objectOf(item.rangeC),
      })).items,
  )
  const known = sets.value ?? []
  const chosen = known.find(({ name }) => name === draft.ruleSet)
  const source = chosen && sourceOfRuleSet(chosen.name, chosen.source)
  const options = [
    ['', write('product.own')] as const,
    ...known.map(({ name, title, range }) => {
      const [min, max] = [numberOf(range.min), numberOf(range.max)].map(say.temperature)
      return [name, titleOfRuleSet(name, title, `${min} – ${max}`)] as const
    }),
  ]
  return (
    <>
      <div class="field-row">
        <Choice
          id="rule-set"
          label={write('product.set')}
          value={draft.ruleSet}
          options={options}
          onChange={(ruleSet) => onChange({ ...draft, ruleSet })}
        />
        <Field
          id="interval"
          label={write('product.interval')}
          number
          value={draft.intervalMinutes}
          onInput={(intervalMinutes) => onChange({ ...draft, intervalMinutes })}
        />
      </div>
      {source && <p class="hint">{write('product.source', { source })}</p>}
      {draft.ruleSet === '' && <OwnRules draft={draft} onChange={onChange} />}
    </>
  )
}

function OwnRules({ draft, onChange }: RulesFormProps) {
  const change = (index: number, next: RuleDraft): void =>
    onChange({ ...draft, rules: draft.rules.map((rule, at) => (at === index ? next : rule)) })
  const range = write('product.range')
  return (
    <>
      <fieldset class="field-row">
        <legend>
          {range} (°{unit.value})
        </legend>
        <Field
          id="range-min"
          label={write('product.min')}
          number
          value={draft.min}
          onInput={(min) => onChange({ ...draft, min })}
        />
        <Field
          id="range-max"
          label={write('product.max')}
          number
          value={draft.max}
          onInput={(max) => onChange({ ...draft, max })}
        />
      </fieldset>
      <fieldset class="stack">
        <legend>{write('product.rules')}</legend>
        {draft.rules.map((rule, index) => (
          <RuleRow
            key={index}
            rule={rule}
            index={index}
            onChange={(next) => change(index, next)}
            onRemove={() =>
              onChange({ ...draft, rules: draft.rules.filter((_, at) => at !== index) })
            }
          />
        ))}
        {draft.kept.map((rule) => (
          <p class="hint" key={textOf(rule.id)}>
            {write('rule.kept', { id: textOf(rule.id) })}
          </p>
        ))}
        <button
          type="button"
          class="start"
          onClick={() => onChange({ ...draft, rules: [...draft.rules, newRule(draft.rules)] })}
        >
          <Icon name="plus" />
          {write('rule.add')}
        </button>
      </fieldset>
    </>
  )
}

interface RuleRowProps {
  rule: RuleDraft
  index: number
  onChange(rule: RuleDraft): void
  onRemove(): void
}

function RuleRow({ rule, index, onChange, onRemove }: RuleRowProps) {
  const set = (part: Partial<RuleDraft>): void => onChange({ ...rule, ...part })
  return (
    <div class="field-row rule-row">
      <Field
        id={`rule-${index}`}
        label={write('rule.id')}
        required
        maxLength={64}
        value={rule.id}
        onInput={(id) => set({ id })}
      />
      <Choice
        id={`side-${index}`}
        label={write('rule.side')}
        value={rule.side}
        options={sides.map((name) => [name, write(`rule.${name}`)] as const)}
        onChange={(side) => set({ side })}
      />
      <Field
        id={`degrees-${index}`}
        label={write('rule.degrees', { unit: unit.value })}
        number
        required
        value={rule.degrees}
        onInput={(degrees) => set({ degrees })}
      />
      <Choice
        id={`kind-${index}`}
        label={write('rule.kind')}
        value={rule.kind}
        options={kinds.map((name) => [name, write(`rule.kind.${name}`)] as const)}
        onChange={(kind) => set({ kind })}
      />
      {rule.kind !== 'instant' && (
        <Field
          id={`minutes-${index}`}
          label={write('rule.minutes')}
          number
          required
          value={rule.minutes}
          onInput={(minutes) => set({ minutes })}
        />
      )}
      <Choice
        id={`severity-${index}`}
        label={write('rule.severity')}
        value={rule.severity}
        options={severities.map((name) => [name, writeShell(`severity.${name}`)] as const)}
        onChange={(severity) => set({ severity })}
      />
      <button
        type="button"
        class="icon-button"
        aria-label={`${write('remove')}: ${rule.id}`}
        title={write('remove')}
        onClick={onRemove}
      >
        <Icon name="close" />
      </button>
    </div>
  )
}

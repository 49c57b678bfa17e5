// A rule as a form: of what somebody is told, who first and who next. The server refuses what does
// not fit.
import { useState } from 'preact/hooks'
import { Dialog } from '../dialog.tsx'
import { Choice, Field, SendForm } from '../form.tsx'
import { Icon } from '../icons.tsx'
import { apiPath, tell } from '../server.ts'
import { write } from '../words/notifications.ts'
import { write as writeSettings } from '../words/settings.ts'
import { write as writeShell } from '../words/shell.ts'
import { newRule, type RuleDraft, ruleBody, ruleDraft, toggled } from './drafts.ts'
import { useKnown } from './known.ts'
import { Ladder } from './ladder.tsx'
import { ListField } from './list-field.tsx'
import { type Channel, kinds, phases, type Rule, severities } from './shapes.ts'

export interface RuleDialogProps {
  rule: Rule | null
  channels: readonly Channel[]
  onClose(): void
  onSaved(): void
}

export function RuleDialog({ rule, channels, onClose, onSaved }: RuleDialogProps) {
  const [draft, setDraft] = useState<RuleDraft>(() => (rule ? ruleDraft(rule) : newRule()))
  const set = (part: Partial<RuleDraft>): void => setDraft({ ...draft, ...part })
  const send = async (): Promise<void> => {
    const path = apiPath('notification-rules', ...(rule ? [rule.id] : []))
    await tell(rule ? 'PUT' : 'POST', path, ruleBody(draft))
    onSaved()
  }
  return (
    <Dialog title={rule?.name ?? write('rule.new')} kind="wide" onClose={onClose}>
      <SendForm
        send={send}
        button={writeShell('save')}
        class="dialog-body stack"
        onCancel={onClose}
      >
        <Field
          id="rule-name"
          label={writeSettings('name')}
          required
          maxLength={100}
          value={draft.name}
          onInput={(name) => set({ name })}
        />
        <label class="check">
          <input
            type="checkbox"
            checked={draft.enabled}
            onChange={(event) => set({ enabled: event.currentTarget.checked })}
          />
          {write('rule.enabled')}
        </label>
        <About draft={draft} set={set} />
        <Ladder steps={draft.steps} channels={channels} onChange={(steps) => set({ steps })} />
      </SendForm>
    </Dialog>
  )
}

interface PartProps {
  draft: RuleDraft
  set(part: Partial<RuleDraft>): void
}

function About({ draft, set }: PartProps) {
  const known = useKnown()
  return (
    <fieldset class="stack part">
      <legend>{write('rule.about')}</legend>
      <Choice
        id="rule-severity"
        label={write('rule.severity')}
        value={draft.severity}
        options={[
          ['', write('rule.anySeverity')],
          ...severities.map((name) => [name, writeShell(`severity.${name}`)] as const),
        ]}
        onChange={(severity) => set({ severity })}
      />
      <Checks
        title={write('rule.kinds')}
        hint={write('rule.kindsHint')}
        options={kinds.map((name) => [name, write(`kind.${name}`)])}
        chosen={draft.kinds}
        onChange={(chosen) => set({ kinds: chosen })}
      />
      <Checks
        title={write('rule.phases')}
        options={phases.map((name) => [name, write(`phase.${name}`)])}
        chosen={draft.phases}
        onChange={(chosen) => set({ phases: chosen })}
      />
      <div class="field-row">
        <ListField
          id="rule-gtins"
          label={write('rule.gtins')}
          known={known.products}
          value={draft.gtins}
          onInput={(gtins) => set({ gtins })}
        />
        <ListField
          id="rule-devices"
          label={write('rule.devices')}
          known={known.devices}
          value={draft.devices}
          onInput={(devices) => set({ devices })}
        />
      </div>
      <ListField
        id="rule-places"
        label={write('rule.places')}
        known={known.places}
        value={draft.places}
        onInput={(places) => set({ places })}
      />
      <Lanes draft={draft} set={set} />
    </fieldset>
  )
}

interface ChecksProps {
  title: string
  hint?: string
  options: readonly (readonly [name: string, text: string])[]
  chosen: readonly string[]
  onChange(chosen: string[]): void
}

export function Checks({ title, hint, options, chosen, onChange }: ChecksProps) {
  return (
    <fieldset class="stack">
      <legend>{title}</legend>
      <div class="check-grid">
        {options.map(([name, text]) => (
          <label key={name} class="check">
            <input
              type="checkbox"
              checked={chosen.includes(name)}
              onChange={() => onChange(toggled(chosen, name))}
            />
            {text}
          </label>
        ))}
      </div>
      {hint !== undefined && <p class="hint">{hint}</p>}
    </fieldset>
  )
}

function Lanes({ draft, set }: PartProps) {
  const { lanes } = draft
  const change = (index: number, part: { from?: string; to?: string }): void =>
    set({ lanes: lanes.map((lane, at) => (at === index ? { ...lane, ...part } : lane)) })
  return (
    <fieldset class="stack">
      <legend>{write('rule.lanes')}</legend>
      {lanes.map(({ from, to }, index) => (
        <div class="field-row" key={index}>
          <Field
            id={`lane-from-${index}`}
            label={write('rule.laneFrom')}
            maxLength={500}
            value={from}
            onInput={(text) => change(index, { from: text })}
          />
          <Field
            id={`lane-to-${index}`}
            label={write('rule.laneTo')}
            maxLength={500}
            value={to}
            onInput={(text) => change(index, { to: text })}
          />
          <button
            type="button"
            class="icon-button row-end"
            aria-label={`${writeSettings('remove')}: ${from} → ${to}`}
            onClick={() => set({ lanes: lanes.filter((_, at) => at !== index) })}
          >
            <Icon name="close" />
          </button>
        </div>
      ))}
      <button
        type="button"
        class="start"
        onClick={() => set({ lanes: [...lanes, { from: '', to: '' }] })}
      >
        <Icon name="plus" />
        {write('rule.laneAdd')}
      </button>
    </fieldset>
  )
}

// Who is told of what: the rules as sentences, switched off or removed, and tried with an alert.
import { useState } from 'preact/hooks'
import { Icon } from '../icons.tsx'
import type { Loaded } from '../load.ts'
import { ProblemNote, StatusMark } from '../marks.tsx'
import { placeName, usePlaces } from '../places.ts'
import { apiPath } from '../server.ts'
import { toast } from '../toasts.tsx'
import { write } from '../words/notifications.ts'
import { write as writeSettings } from '../words/settings.ts'
import { write as writeShell } from '../words/shell.ts'
import { RemoveDialog } from './remove-dialog.tsx'
import { RuleDialog } from './rule-form.tsx'
import { aboutOf, ladderOf } from './say.ts'
import type { Channel, Rule } from './shapes.ts'

export interface RulesProps {
  loaded: Loaded<Rule[]>
  channels: readonly Channel[]
  may: boolean
}

export function Rules({ loaded, channels, may }: RulesProps) {
  const [edits, setEdits] = useState<Rule | 'new' | null>(null)
  const [removes, setRemoves] = useState<Rule | null>(null)
  const { value, problem, reload } = loaded
  return (
    <section class="panel" aria-busy={!value && !problem} aria-labelledby="rules-title">
      <header class="filters">
        <h2 id="rules-title">{write('rules')}</h2>
        {may && channels.length > 0 && (
          <button type="button" class="primary" onClick={() => setEdits('new')}>
            <Icon name="plus" />
            {write('rule.new')}
          </button>
        )}
      </header>
      {problem && <ProblemNote problem={problem} />}
      {!value && !problem && <p class="empty">{writeShell('loading')}</p>}
      {value?.length === 0 && (
        <p class="empty">{write(channels.length > 0 ? 'rules.none' : 'rules.channelFirst')}</p>
      )}
      <ul class="changes">
        {value?.map((rule) => (
          <RuleRow
            key={rule.id}
            rule={rule}
            channels={channels}
            may={may}
            onEdit={() => setEdits(rule)}
            onRemove={() => setRemoves(rule)}
          />
        ))}
      </ul>
      {edits && (
        <RuleDialog
          rule={edits === 'new' ? null : edits}
          channels={channels}
          onClose={() => setEdits(null)}
          onSaved={() => {
            setEdits(null)
            toast(writeSettings('saved'))
            reload()
          }}
        />
      )}
      {removes && (
        <RemoveDialog
          title={removes.name}
          what={write('remove.rule', { name: removes.name })}
          path={apiPath('notification-rules', removes.id)}
          onClose={() => setRemoves(null)}
          onRemoved={reload}
        />
      )}
    </section>
  )
}

interface RuleRowProps {
  rule: Rule
  channels: readonly Channel[]
  may: boolean
  onEdit(): void
  onRemove(): void
}

function RuleRow({ rule, channels, may, onEdit, onRemove }: RuleRowProps) {
  const { value: places } = usePlaces()
  const { name, enabled, when } = rule
  const acts = [
    { label: writeSettings('edit'), act: onEdit },
    { label: writeSettings('remove'), act: onRemove },
  ]
  return (
    <li>
      <div class="row-head">
        <span class="row-title">{name}</span>
        {!enabled && <StatusMark status={write('rule.off')} />}
      </div>
      <p class="row-note wrap">{aboutOf(when, (id) => placeName(places, id)).join(' · ')}</p>
      <ol class="rungs">
        {ladderOf(rule, channels).map((line, index) => (
          <li key={index}>{line}</li>
        ))}
      </ol>
      {may && (
        <div class="actions actions-start">
          {acts.map(({ label, act }) => (
            <button key={label} type="button" aria-label={`${label}: ${name}`} onClick={act}>
              {label}
            </button>
          ))}
        </div>
      )}
    </li>
  )
}

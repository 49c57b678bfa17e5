// The filters of the inbox, with how many alerts each state has.

import * as say from '../say.ts'
import { me } from '../session.ts'
import { writeInbox as write } from '../words/inbox.ts'
import { writeQuality } from '../words/quality.ts'
import { write as writeShell } from '../words/shell.ts'
import { usePeople } from './people.ts'
import { type inboxCounts, lifeStates, severities } from './shapes.ts'

export interface InboxFilter {
  state: string
  severity: string
  assignee: string
  gtin: string
  container: string
}

export const noFilter: InboxFilter = {
  ...{ state: '', severity: '', assignee: '', gtin: '', container: '' },
}

export interface InboxFiltersProps {
  filter: InboxFilter
  counts: ReturnType<typeof inboxCounts> | null
  onChange(filter: InboxFilter): void
}

export function InboxFilters({ filter, counts, onChange }: InboxFiltersProps) {
  const people = usePeople().filter(({ id }) => id !== me.value?.id)
  const set = (name: keyof InboxFilter) => (value: string) => onChange({ ...filter, [name]: value })
  const filtered = Object.values(filter).some((value) => value !== '')
  const stateLabel = (state: (typeof lifeStates)[number]): string => {
    const name = writeQuality(`state.${state}`)
    return counts && filter.state === ''
      ? `${name} (${say.count(counts.states[state] ?? 0)})`
      : name
  }
  return (
    <details class="filters-fold" open={filtered || isWide()}>
      <summary>{write('filters')}</summary>
      <search class="filters" aria-label={write('filters')}>
        <Select name="state" value={filter.state} onChange={set('state')}>
          <option value="">{write('filter.open')}</option>
          {lifeStates.map((state) => (
            <option key={state} value={state}>
              {stateLabel(state)}
            </option>
          ))}
        </Select>
        <Select name="severity" value={filter.severity} onChange={set('severity')}>
          <option value="">{write('filter.any')}</option>
          {severities.map((severity) => (
            <option key={severity} value={severity}>
              {writeShell(`severity.${severity}`)}
            </option>
          ))}
        </Select>
        <Select name="assignee" value={filter.assignee} onChange={set('assignee')}>
          <option value="">{write('filter.any')}</option>
          <option value="me">{writeQuality('me')}</option>
          <option value="nobody">{writeQuality('nobody')}</option>
          {people.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </Select>
        <Text name="product" value={filter.gtin} onChange={set('gtin')} />
        <Text name="container" value={filter.container} onChange={set('container')} />
        {filtered && (
          <button type="button" class="filter-clear" onClick={() => onChange(noFilter)}>
            {write('filter.clear')}
          </button>
        )}
      </search>
    </details>
  )
}

/** On a phone the alerts come first: the filters are folded away. */
const isWide = (): boolean => matchMedia('(min-width: 801px)').matches

interface FieldProps {
  value: string
  onChange(value: string): void
}

function Select({
  name,
  value,
  onChange,
  children,
}: FieldProps & {
  name: 'state' | 'severity' | 'assignee'
  children: preact.ComponentChildren
}) {
  return (
    <label class="filter">
      <span>{write(`filter.${name}`)}</span>
      <select value={value} onChange={(event) => onChange(event.currentTarget.value)}>
        {children}
      </select>
    </label>
  )
}

function Text({ name, value, onChange }: FieldProps & { name: 'product' | 'container' }) {
  return (
    <label class="filter">
      <span>{write(`filter.${name}`)}</span>
      <input
        type="search"
        value={value}
        onChange={(event) => onChange(event.currentTarget.value.trim())}
      />
    </label>
  )
}

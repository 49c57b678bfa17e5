// What was told to whom, what waits and why, what was not told and why; what was given up is tried
// again from here. Deletes nothing: the server forgets it after its time.
import { useEffect, useMemo, useState } from 'preact/hooks'
import { Choice } from '../form.tsx'
import { useLoad } from '../load.ts'
import { ProblemNote, SeverityMark, StatusMark } from '../marks.tsx'
import * as d from '../quality/decode.ts'
import { addressOf, goTo } from '../router.ts'
import * as say from '../say.ts'
import { apiPath, read } from '../server.ts'
import { type Column, Table } from '../table.tsx'
import { write } from '../words/notifications.ts'
import { write as writeShell } from '../words/shell.ts'
import { LoggedDialog } from './logged-dialog.tsx'
import { wordOf } from './say.ts'
import { type Channel, type Logged, logged, type Rule, type State, states } from './shapes.ts'

export interface LogProps {
  query: URLSearchParams
  channels: readonly Channel[]
  rules: readonly Rule[]
  may: boolean
}

const pageRows = 100
/** While a message is under way, its end is near. */
const againMs = 3000

export function Log({ query, channels, rules, may }: LogProps) {
  const state = states.find((name) => name === query.get('state')) ?? ''
  const channel = query.get('channel') ?? ''
  const { first, rows, onEnd } = useLog({ state, channel })
  const filtered = state !== '' || channel !== ''
  const entry = query.get('entry')
  const open = rows.find(({ id }) => id === entry)
  const addressFor = (part: { state?: string; channel?: string; entry?: string }): string => {
    const all = { state, channel, ...part }
    const given = Object.entries(all).filter(([, value]) => value !== '')
    return addressOf(['notifications'], Object.fromEntries(given))
  }
  const choose = (part: { state?: string; channel?: string }): void =>
    goTo(addressFor(part), { replace: true })
  return (
    <section class="panel" aria-busy={!first.value && !first.problem} aria-labelledby="log-title">
      <header class="filters log-head">
        <h2 id="log-title">{write('log')}</h2>
        <Choice<State | ''>
          id="log-state"
          label={write('log.state')}
          value={state}
          options={[
            ['', write('log.all')],
            ...states.map((name) => [name, write(`state.${name}`)] as const),
          ]}
          onChange={(name) => choose({ state: name })}
        />
        <Choice
          id="log-channel"
          label={write('log.channel')}
          value={channel}
          options={[['', write('log.all')], ...channels.map(({ id, name }) => [id, name] as const)]}
          onChange={(id) => choose({ channel: id })}
        />
      </header>
      {first.problem && <ProblemNote problem={first.problem} />}
      <Table
        name={write('log')}
        columns={columns()}
        rows={rows}
        keyOf={({ id }) => id}
        hrefOf={({ id }) => addressFor({ entry: id })}
        current={entry}
        onEnd={onEnd}
        empty={first.value ? write(filtered ? 'log.noneHere' : 'log.none') : writeShell('loading')}
      />
      {open && (
        <LoggedDialog
          entry={open}
          rule={rules.find(({ id }) => id === open.rule)?.name ?? open.rule}
          may={may}
          onClose={() => choose({})}
          onRetried={() => {
            choose({})
            first.reload()
          }}
        />
      )}
    </section>
  )
}

interface Filter {
  state: State | ''
  channel: string
}

/** The newest page, which comes again while something is under way, and older ones as asked for. */
function useLog({ state, channel }: Filter) {
  const load = async (cursor?: string, signal?: AbortSignal) => {
    const given = { state: state || undefined, channel: channel || undefined }
    const query = { limit: pageRows, cursor, ...given }
    return d.page(logged)(await read(apiPath('notifications'), query, signal))
  }
  const first = useLoad(`log ${state} ${channel}`, (signal) => load(undefined, signal), [
    'alert.changed',
    'changed:notifications',
  ])
  const [more, setMore] = useState<{ of: unknown; page: d.Page<Logged> } | null>(null)
  const mine = more && more.of === first.value ? more.page : null
  const rows = useMemo(
    () => [...(first.value?.items ?? []), ...(mine?.items ?? [])],
    [first.value, mine],
  )
  const moving = rows.some((row) => row.state === 'sending' && row.tries === 0)
  useEffect(() => {
    const again = moving ? setTimeout(first.reload, againMs) : undefined
    return () => clearTimeout(again)
  }, [moving, first.value])
  const next = mine ? mine.next : (first.value?.next ?? null)
  const onEnd = (): void => {
    const of = first.value
    if (next === null) return
    load(next).then(
      ({ items, next: after }) =>
        setMore({ of, page: { items: [...(mine?.items ?? []), ...items], next: after } }),
      () => undefined,
    )
  }
  return { first, rows, onEnd: next === null ? undefined : onEnd }
}

const columns = (): Column<Logged>[] => [
  {
    key: 'what',
    title: write('log.what'),
    cell: ({ kind, at }) => `${wordOf('kind', kind)} · ${say.time(at)}`,
  },
  {
    key: 'severity',
    title: write('rule.severityOf'),
    cell: ({ severity }) => <SeverityMark severity={severity} />,
    rank: 2,
  },
  {
    key: 'channel',
    title: write('log.channel'),
    cell: ({ channelName }) => channelName ?? write('rule.gone'),
    rank: 2,
  },
  {
    key: 'state',
    title: write('log.state'),
    cell: ({ state }) => <StatusMark status={write(`state.${state}`)} />,
  },
  {
    key: 'why',
    title: write('log.why'),
    cell: ({ reason }) => (reason === null ? '' : wordOf('reason', reason)),
    rank: 2,
  },
  {
    key: 'tries',
    title: write('log.tries'),
    cell: ({ tries }) => say.count(tries),
    right: true,
    rank: 3,
  },
]

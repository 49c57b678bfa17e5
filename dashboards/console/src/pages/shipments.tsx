// All shipments as a table: where something is open, how warm it is, when it was last heard of.
import { useMemo, useState } from 'preact/hooks'
import { type FleetState, fleetStates, parseSeen, type Seen, stateOf, useFleet } from '../fleet.ts'
import { useLoad } from '../load.ts'
import { ProblemNote } from '../marks.tsx'
import type { PageProps } from '../pages.ts'
import { type Places, placeAt, usePlaces } from '../places.ts'
import { addressOf, goTo } from '../router.ts'
import * as say from '../say.ts'
import { apiPath, read } from '../server.ts'
import { parsePage } from '../shapes.ts'
import { dataUpTo } from '../stream.ts'
import { type Column, Table } from '../table.tsx'
import { write } from '../words/logistics.ts'
import { write as writeShell } from '../words/shell.ts'

const endedMax = 500

export default function Shipments({ query }: PageProps) {
  const fleet = useFleet()
  const places = usePlaces().value
  const ended = query.get('ended') === '1'
  const all = useLoad(ended ? 'ended' : null, loadEnded)
  const [text, setText] = useState('')
  const only = fleetStates.find((state) => state === query.get('only')) ?? null
  const rows = useMemo(() => {
    const under = fleet.value?.seen ?? []
    const past = (all.value ?? []).filter(({ mountedTo }) => mountedTo !== null)
    return [...under, ...past].filter((one) => fits(one, { text, only }))
  }, [fleet.value, all.value, text, only])
  const choose = (next: { only?: string | undefined; ended?: string | undefined }): void =>
    goTo(
      addressOf(['shipments'], {
        only: only ?? undefined,
        ended: ended ? '1' : undefined,
        ...next,
      }),
      { replace: true },
    )
  return (
    <div class="page">
      <section class="panel keyed" aria-label={write('table')}>
        <header class="filters">
          <label for="filter" class="hidden">
            {write('table.filter')}
          </label>
          <input
            id="filter"
            type="search"
            placeholder={write('table.filterHint')}
            value={text}
            onInput={(event) => setText(event.currentTarget.value)}
          />
          <fieldset class="switch">
            <legend class="hidden">{write('col.state')}</legend>
            {fleetStates.map((state) => (
              <button
                key={state}
                type="button"
                aria-pressed={only === state}
                onClick={() => choose({ only: only === state ? undefined : state })}
              >
                {write(`state.${state}`)}
              </button>
            ))}
          </fieldset>
          <label class="check">
            <input
              type="checkbox"
              checked={ended}
              onChange={() => choose({ ended: ended ? undefined : '1' })}
            />
            {write('table.ended')}
          </label>
          <span class="count number">{writeShell('table.rows', { count: rows.length })}</span>
        </header>
        {fleet.problem && <ProblemNote problem={fleet.problem} />}
        {all.problem && <ProblemNote problem={all.problem} />}
        <Table
          name={write('table')}
          columns={columns(places)}
          rows={rows}
          keyOf={({ container, device, mountedFrom }) => `${container} ${device} ${mountedFrom}`}
          hrefOf={({ container, device, mountedTo }) =>
            addressOf(['shipments', container], { device: mountedTo === null ? undefined : device })
          }
          empty={fleet.value ? write('table.none') : writeShell('loading')}
        />
        {fleet.value?.complete === false && (
          <p class="empty">{write('table.partly', { count: fleet.value.seen.length })}</p>
        )}
      </section>
    </div>
  )
}

/** A place's name, or where on the globe. */
function whereOf(position: Seen['position'], places: Places | null): string {
  if (position === null) return '–'
  const { lat, lon } = position
  const name = placeAt(places, position)?.name
  return name || `${say.decimal(lat, 2)}°, ${say.decimal(lon, 2)}°`
}

const columns = (places: Places | null): Column<Seen>[] => [
  {
    key: 'container',
    title: write('col.container'),
    cell: ({ container }) => say.key(container),
    by: ({ container }) => container,
  },
  {
    key: 'state',
    title: write('col.state'),
    cell: (seen) => <StateMark state={stateOf(seen, dataUpTo.value)} />,
    by: (seen) => fleetStates.indexOf(stateOf(seen, dataUpTo.value)),
    rank: 2,
  },
  {
    key: 'temperature',
    title: write('col.temperature'),
    cell: ({ latest }) => say.temperature(latest?.value ?? null),
    by: ({ latest }) => latest?.value ?? null,
    right: true,
  },
  {
    key: 'read',
    title: write('col.read'),
    cell: ({ latest }) => say.time(latest?.time ?? null),
    by: ({ latest }) => latest?.time ?? null,
    rank: 2,
  },
  {
    key: 'alerts',
    title: write('col.alerts'),
    cell: ({ openAlerts }) =>
      openAlerts > 0 ? <b class="alarm">{say.count(openAlerts)}</b> : say.count(0),
    by: ({ openAlerts }) => openAlerts,
    right: true,
  },
  {
    key: 'device',
    title: write('col.device'),
    cell: ({ device }) => device,
    by: ({ device }) => device,
    rank: 3,
  },
  {
    key: 'seen',
    title: write('col.seen'),
    cell: ({ position }) => whereOf(position, places),
    by: ({ position }) => whereOf(position, places),
    rank: 3,
  },
]

export function StateMark({ state }: { state: FleetState }) {
  const verdict = { alert: 'out', silent: 'indeterminate', fine: 'in' }[state]
  return <span class={`verdict verdict-${verdict}`}>{write(`mark.${state}`)}</span>
}

interface Filter {
  text: string
  only: FleetState | null
}

function fits(seen: Seen, { text, only }: Filter): boolean {
  if (only !== null && stateOf(seen, dataUpTo.value) !== only) return false
  const wanted = text.trim().toLowerCase()
  if (wanted === '') return true
  return [seen.container, say.key(seen.container), seen.device].some((name) =>
    name.toLowerCase().includes(wanted),
  )
}

async function loadEnded(signal: AbortSignal): Promise<Seen[]> {
  const query = { all: 1, limit: endedMax }
  return parsePage(await read(apiPath('positions'), query, signal), parseSeen).items
}

// What is under way, where, and what needs a person now. Numbers are filters: they choose what the
// map and the table show.
import { useMemo, useState } from 'preact/hooks'
import { FirstSteps } from '../first-steps.tsx'
import {
  countStates,
  type FleetState,
  fleetStates,
  type Seen,
  stateOf,
  useFleet,
} from '../fleet.ts'
import { Icon } from '../icons.tsx'
import { MapView, type Marker } from '../map/map.tsx'
import { ProblemNote } from '../marks.tsx'
import { NeedsNow } from '../needs-now.tsx'
import type { PageProps } from '../pages.ts'
import { usePlaces } from '../places.ts'
import { addressOf, goTo } from '../router.ts'
import * as say from '../say.ts'
import { dataUpTo } from '../stream.ts'
import { write } from '../words/logistics.ts'
import './overview.css'

export default function Overview(_: PageProps) {
  const fleet = useFleet()
  const places = usePlaces()
  const [only, setOnly] = useState<FleetState | null>(null)
  const seen = fleet.value?.seen ?? []
  const shown = only === null ? seen : seen.filter((one) => stateOf(one, dataUpTo.value) === only)
  const markers = useMemo(() => shown.flatMap(markerOf), [fleet.value, only])
  const fences = useMemo(
    () =>
      [...(places.value?.values() ?? [])].flatMap(({ ring, name }) =>
        ring ? [{ ring, name }] : [],
      ),
    [places.value],
  )
  if (fleet.value && seen.length === 0) return <Nothing />
  const open = (ids: readonly string[]): void =>
    goTo(
      ids.length === 1
        ? addressOf(['shipments', ids[0]!])
        : addressOf(['shipments'], { only: only ?? undefined }),
    )
  const unplaced = shown.filter(({ position }) => position === null).length
  return (
    <div class="page overview">
      {fleet.problem && <ProblemNote problem={fleet.problem} />}
      <States seen={seen} only={only} onOnly={setOnly} loaded={fleet.value !== null} />
      <div class="overview-map panel">
        <MapView name={write('map.name')} markers={markers} fences={fences} onOpen={open} />
        {fleet.value && markers.length === 0 && <p class="map-note">{write('map.none')}</p>}
        {markers.length > 0 && unplaced > 0 && (
          <p class="map-note map-note-small">{write('map.unplaced', { count: unplaced })}</p>
        )}
      </div>
      <NeedsNow />
    </div>
  )
}

const icons = { alert: 'alert', silent: 'clock', fine: 'check' } as const

interface StatesProps {
  seen: readonly Seen[]
  only: FleetState | null
  onOnly(state: FleetState | null): void
  loaded: boolean
}

function States({ seen, only, onOnly, loaded }: StatesProps) {
  const counts = countStates(seen)
  return (
    <fieldset class="figures">
      <legend class="hidden">{write('states')}</legend>
      <button
        type="button"
        class="figure"
        aria-pressed={only === null}
        onClick={() => onOnly(null)}
      >
        <Icon name="truck" />
        <b class="number">{loaded ? say.count(seen.length) : '–'}</b>
        <span>{write('state.all')}</span>
      </button>
      {fleetStates.map((state) => (
        <button
          key={state}
          type="button"
          class={`figure figure-${state} ${counts[state] === 0 ? 'figure-none' : ''}`}
          aria-pressed={only === state}
          onClick={() => onOnly(only === state ? null : state)}
        >
          <Icon name={icons[state]} />
          <b class="number">{loaded ? say.count(counts[state]) : '–'}</b>
          <span>{write(`state.${state}`)}</span>
        </button>
      ))}
    </fieldset>
  )
}

function Nothing() {
  return (
    <div class="page page-narrow">
      <section class="panel notice">
        <h2>{write('first')}</h2>
        <p>{write('first.how')}</p>
        <a class="button" href={addressOf(['shipments'], { ended: '1' })}>
          {write('table.ended')}
        </a>
      </section>
      <FirstSteps />
    </div>
  )
}

function markerOf(seen: Seen): Marker[] {
  const { container, position, latest, openAlerts } = seen
  if (!position) return []
  const label = write('marker', {
    key: say.key(container),
    temperature: latest ? say.temperature(latest.value) : write('temperature.never'),
    alerts: write('marker.alerts', { count: openAlerts }),
  })
  const { lat, lon } = position
  return [{ id: container, label, lat, lon, kind: stateOf(seen, dataUpTo.value) }]
}

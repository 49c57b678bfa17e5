// The places that master data tell of, on a map and as a table. Positions and fences are what maps
// and the search for diversion know of them.
import { useMemo } from 'preact/hooks'
import { Icon } from '../icons.tsx'
import { MapView, type Marker } from '../map/map.tsx'
import { ProblemNote } from '../marks.tsx'
import type { PageProps } from '../pages.ts'
import { type Place, usePlaces } from '../places.ts'
import { addressOf, goTo } from '../router.ts'
import * as say from '../say.ts'
import { mayAs } from '../settings/may.ts'
import { type Column, Table } from '../table.tsx'
import { write } from '../words/settings.ts'
import { write as writeShell } from '../words/shell.ts'
import '../settings/settings.css'

export default function PlacesPage(_: PageProps) {
  const loaded = usePlaces()
  const rows = useMemo(() => [...(loaded.value?.values() ?? [])], [loaded.value])
  const markers = useMemo(
    () =>
      rows.flatMap(({ id, name, spot }): Marker[] =>
        spot ? [{ id, label: name || say.key(id), kind: 'place', ...spot }] : [],
      ),
    [rows],
  )
  const fences = useMemo(
    () => rows.flatMap(({ ring, name }) => (ring ? [{ ring, name }] : [])),
    [rows],
  )
  return (
    <div class="page">
      {(!loaded.value || markers.length + fences.length > 0) && (
        <div class="panel places-map" aria-busy={!loaded.value && !loaded.problem}>
          <MapView
            name={write('places.map')}
            markers={markers}
            fences={fences}
            onOpen={([id]) => id !== undefined && goTo(addressOf(['places', id]))}
          />
        </div>
      )}
      <section class="panel" aria-label={write('places')}>
        <header class="filters">
          <span class="count number">
            {loaded.value && writeShell('table.rows', { count: rows.length })}
          </span>
          {mayAs('admin', 'quality', 'integration') && (
            <a class="button primary" href={addressOf(['places', 'new'])}>
              <Icon name="plus" />
              {write('places.new')}
            </a>
          )}
        </header>
        {loaded.problem && <ProblemNote problem={loaded.problem} />}
        <Table
          name={write('places')}
          columns={columns()}
          rows={rows}
          keyOf={({ id }) => id}
          hrefOf={({ id }) => addressOf(['places', id])}
          empty={loaded.value ? write('places.none') : writeShell('loading')}
        />
      </section>
    </div>
  )
}

const columns = (): Column<Place>[] => [
  {
    key: 'name',
    title: write('name'),
    cell: ({ name, id }) => name || say.key(id),
    by: ({ name, id }) => name || id,
  },
  {
    key: 'gln',
    title: write('place.gln'),
    cell: ({ id }) => say.key(id),
    by: ({ id }) => id,
    rank: 2,
  },
  {
    key: 'kind',
    title: write('place.kind'),
    cell: ({ kind }) => kind || '–',
    by: ({ kind }) => kind,
  },
  {
    key: 'country',
    title: write('place.country'),
    cell: ({ country }) => country || '–',
    by: ({ country }) => country,
    rank: 2,
  },
  {
    key: 'fence',
    title: write('place.fence'),
    cell: ({ ring }) => (ring ? write('place.corners', { count: ring.length - 1 }) : '–'),
    by: ({ ring }) => ring?.length ?? null,
    rank: 3,
  },
]

// All shipments as a table: where something is open, how warm it is, when it was last heard of.
import { useMemo, useState } from 'preact/hooks'
import { FileMenu } from '../file-menu.tsx'
import { FileMenu } from '../file-menu.tsx'
import { type FleetState, fleetStates, type Seen, stateOf, useFleetAbout } from '../fleet.ts'
import { Choice } from '../form.tsx'
import { ProblemNote } from '../marks.tsx'
import type { PageProps } from '../pages.ts'
import { nameOfPlace, type Places, placeAt, usePlaces } from '../places.ts'
import { nameOfProduct, useProductNames } from '../product-names.ts'
import { addressOf, goTo } from '../router.ts'
import * as say from '../say.ts'
import { apiPath } from '../server.ts'
import { expectedText, placesOf, productsOf, productsText, whereText } from '../shipment-way.ts'
import { dataUpTo } from '../stream.ts'
import { type Column, Table } from '../table.tsx'
import { write } from '../words/logistics.ts'
import { write as writeShell } from '../words/shell.ts'
import { write as writeWay } from '../words/shipments.ts'

const ways = ['', 'origin', 'transit', 'destination'] as const

/** As it stands in the address. */
interface Chosen {
  only: FleetState | undefined
  product: string
  place: string
  way: (typeof ways)[number]
  ended: boolean
}

export default function Shipments({ query }: PageProps) {
  const chosen = chosenIn(query)
  const fleet = useFleetAbout(chosen.ended)
  const places = usePlaces().value
  useProductNames()
  const [text, setText] = useState('')
  const all = fleet.value?.seen ?? []
  const { only, product, place, way } = chosen
  const rows = useMemo(
    () => all.filter((one) => fits(one, { text, only, product, place, way })),
    [fleet.value, places, text, only, product, place, way],
  )
  return (
    <div class="page">
      <section class="panel" aria-label={write('table')}>
        <header class="filters">
          <label for="filter" class="hidden">
            {write('table.filter')}
          </label>
          <input
            id="filter"
            type="search"
            placeholder={writeWay('filter.hint')}
            value={text}
            onInput={(event) => setText(event.currentTarget.value)}
          />
          <Filters chosen={chosen} seen={all} />
          <span class="count number">{writeShell('table.rows', { count: rows.length })}</span>
          <FileMenu
            path={apiPath('shipments')}
            query={{ all: ended ? 1 : 0 }}
            of={write('table')}
          />
          <FileMenu
            path={apiPath('shipments')}
            query={{ all: chosen.ended ? 1 : 0 }}
            of={write('table')}
          />
        </header>
        {fleet.problem && <ProblemNote problem={fleet.problem} />}
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

function chosenIn(query: PageProps['query']): Chosen {
  return {
    only: fleetStates.find((state) => state === query.get('only')),
    product: query.get('product') ?? '',
    place: query.get('place') ?? '',
    way: ways.find((way) => way === query.get('way')) ?? '',
    ended: query.get('ended') === '1',
  }
}

function choose({ only, product, place, way, ended }: Chosen): void {
  const query = {
    only,
    product: product || undefined,
    place: place || undefined,
    way: way || undefined,
    ended: ended ? '1' : undefined,
  }
  goTo(addressOf(['shipments'], query), { replace: true })
}

/** Of products and places those that the shipments have, and what was chosen. */
function Filters({ chosen, seen }: { chosen: Chosen; seen: readonly Seen[] }) {
  const { only, product, place, way, ended } = chosen
  const products = useMemo(() => distinct(seen.flatMap(productsOf), product), [seen, product])
  const stops = useMemo(
    () =>
      distinct(
        seen.flatMap(({ journey }) => placesOf(journey)),
        place,
      ),
    [seen, place],
  )
  return (
    <>
      <Choice
        id="product"
        label={writeWay('col.product')}
        bare
        value={product}
        options={optionsOf(products, { all: writeWay('product.all'), nameOf: nameOfProduct })}
        onChange={(next) => choose({ ...chosen, product: next })}
      />
      <Choice
        id="place"
        label={writeWay('col.where')}
        bare
        value={place}
        options={optionsOf(stops, { all: writeWay('place.all'), nameOf: nameOfPlace })}
        onChange={(next) => choose({ ...chosen, place: next })}
      />
      <Choice
        id="way"
        label={write('col.state')}
        bare
        value={way}
        options={ways.map((each) => [each, writeWay(each === '' ? 'way.all' : `way.${each}`)])}
        onChange={(next) => choose({ ...chosen, way: next })}
      />
      <fieldset class="switch">
        <legend class="hidden">{write('col.state')}</legend>
        {fleetStates.map((state) => (
          <button
            key={state}
            type="button"
            aria-pressed={only === state}
            onClick={() => choose({ ...chosen, only: only === state ? undefined : state })}
          >
            {write(`state.${state}`)}
          </button>
        ))}
      </fieldset>
      <label class="check">
        <input
          type="checkbox"
          checked={ended}
          onChange={() => choose({ ...chosen, ended: !ended })}
        />
        {write('table.ended')}
      </label>
    </>
  )
}

const distinct = (all: readonly string[], chosen: string): string[] => [
  ...new Set(chosen === '' ? all : [...all, chosen]),
]

const optionsOf = (
  values: readonly string[],
  { all, nameOf }: { all: string; nameOf(value: string): string },
): [string, string][] => [
  ['', all],
  ...values
    .map((value): [string, string] => [value, nameOf(value)])
    .sort(([, a], [, b]) => a.localeCompare(b)),
]

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
    key: 'product',
    title: writeWay('col.product'),
    cell: (seen) => <Products seen={seen} />,
    by: productsText,
  },
  {
    key: 'where',
    title: writeWay('col.where'),
    cell: (seen) => whereText(seen),
    by: whereText,
    rank: 2,
  },
  {
    key: 'expected',
    title: writeWay('col.expected'),
    cell: (seen) => expectedText(seen, dataUpTo.value),
    by: ({ journey }) => journey?.expectedAt ?? null,
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
    key: 'heard',
    title: writeWay('col.heard'),
    cell: ({ heardAt }) => say.time(heardAt),
    by: ({ heardAt }) => heardAt,
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

function Products({ seen }: { seen: Seen }) {
  const names = productsText(seen)
  const partly = seen.cargo?.complete === false
  return <span title={partly ? writeWay('product.look', { names }) : names}>{names}</span>
}

export function StateMark({ state }: { state: FleetState }) {
  const verdict = { alert: 'out', silent: 'indeterminate', fine: 'in' }[state]
  return <span class={`verdict verdict-${verdict}`}>{write(`mark.${state}`)}</span>
}

interface Filter extends Omit<Chosen, 'ended'> {
  text: string
}

function fits(seen: Seen, { text, only, product, place, way }: Filter): boolean {
  if (only !== undefined && stateOf(seen, dataUpTo.value) !== only) return false
  if (way !== '' && seen.journey?.phase !== way) return false
  if (product !== '' && !seen.cargo?.gtins.includes(product)) return false
  const stops = placesOf(seen.journey)
  if (place !== '' && !stops.includes(place)) return false
  const wanted = text.trim().toLowerCase()
  if (wanted === '') return true
  const names = [
    ...[seen.container, say.key(seen.container), seen.device],
    ...[productsText(seen), ...stops.map(nameOfPlace)],
  ]
  return names.some((name) => name.toLowerCase().includes(wanted))
}

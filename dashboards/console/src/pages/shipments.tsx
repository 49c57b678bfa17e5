// All shipments as a table: where something is open, how warm it is, when it was last heard of.
import { useMemo, useState } from 'preact/hooks'
import { FileMenu } from '../file-menu.tsx'
import { type FleetState, fleetStates, type Seen, stateOf, useFleetAbout } from '../fleet.ts'
import { Choice } from '../form.tsx'
import { ProblemNote } from '../marks.tsx'
import type { PageProps } from '../pages.ts'
import { nameOfPlace, type Places, usePlaces } from '../places.ts'
import { nameOfProduct, useProductNames } from '../product-names.ts'
import { addressOf, goTo } from '../router.ts'
import * as say from '../say.ts'
import { apiPath } from '../server.ts'
import {
  expectedText,
  momentText,
  placesOf,
  productsOf,
  productsText,
  whereText,
} from '../shipment-way.ts'
import { dataUpTo } from '../stream.ts'
import { type Column, Table } from '../table.tsx'
import { write } from '../words/logistics.ts'
import { write as writeShell } from '../words/shell.ts'
import { write as writeWay } from '../words/shipments.ts'
import './shipments.css'

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
  const wide = useMemo(() => matchMedia('(min-width: 801px)').matches, [])
  const all = fleet.value?.seen ?? []
  const { only, product, place, way } = chosen
  const rows = useMemo(
    () => all.filter((one) => fits(one, { text, only, product, place, way })),
    [fleet.value, places, text, only, product, place, way],
  )
  return (
    <div class="page">
      <section class="panel shipments" aria-label={write('table')}>
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
          <details class="fold" open={wide || isFiltered(chosen)}>
            <summary>{write('table.filter')}</summary>
            <div class="more-filters">
              <Filters chosen={chosen} seen={all} />
            </div>
          </details>
          <span class="count number">{writeShell('table.rows', { count: rows.length })}</span>
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
          empty={
            <Nothing loaded={fleet.value !== null} any={all.length > 0} ended={chosen.ended} />
          }
        />
        {fleet.value?.complete === false && (
          <p class="empty">{write('table.partly', { count: fleet.value.seen.length })}</p>
        )}
      </section>
    </div>
  )
}

/** A filter is to blame only when there is something that it keeps back. */
function Nothing({ loaded, any, ended }: { loaded: boolean; any: boolean; ended: boolean }) {
  if (!loaded) return <>{writeShell('loading')}</>
  if (any) return <>{write('table.none')}</>
  return (
    <div class="stack">
      <p>
        <b>{write('first')}</b> {write('first.how')}
      </p>
      <div class="actions actions-start">
        <a class="button" href={addressOf(['overview'])}>
          {writeWay('none.steps')}
        </a>
        {!ended && (
          <a class="button" href={addressOf(['shipments'], { ended: '1' })}>
            {write('table.ended')}
          </a>
        )}
      </div>
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

const isFiltered = ({ only, product, place, way, ended }: Chosen): boolean =>
  ended || [only ?? '', product, place, way].some((value) => value !== '')

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

const columns = (places: Places | null): Column<Seen>[] => [
  {
    key: 'container',
    title: write('col.container'),
    cell: (seen) => (
      <>
        {say.key(seen.container)} <span class="on-phone">{productsText(seen)}</span>
      </>
    ),
    by: ({ container }) => container,
  },
  {
    key: 'state',
    title: write('col.state'),
    cell: (seen) => <StateMark seen={seen} />,
    // The worst first, and of these those with most alerts.
    by: (seen) => fleetStates.indexOf(stateOf(seen, dataUpTo.value)) - seen.openAlerts / 1e6,
  },
  {
    key: 'product',
    title: writeWay('col.product'),
    cell: (seen) => <Products seen={seen} />,
    by: productsText,
    rank: 2,
  },
  {
    key: 'where',
    title: writeWay('col.where'),
    cell: (seen) => <Brief kind="where" text={whereText(seen, places)} />,
    by: (seen) => whereText(seen, places),
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
    cell: ({ latest, heardAt }) => (
      <>
        {say.temperature(latest?.value ?? null)}
        {heardAt !== null && <span class="heard">{momentText(heardAt, dataUpTo.value)}</span>}
      </>
    ),
    by: ({ latest }) => latest?.value ?? null,
    right: true,
  },
  {
    key: 'heard',
    title: writeWay('col.heard'),
    cell: ({ heardAt, device }) => (
      <span title={device}>{momentText(heardAt, dataUpTo.value)}</span>
    ),
    by: ({ heardAt }) => heardAt,
    rank: 3,
  },
]

function StateMark({ seen }: { seen: Seen }) {
  const state = stateOf(seen, dataUpTo.value)
  const verdict = { alert: 'out', silent: 'indeterminate', fine: 'in' }[state]
  const text =
    state === 'alert' ? writeWay('mark.alerts', { count: seen.openAlerts }) : write(`mark.${state}`)
  return <span class={`verdict verdict-${verdict}`}>{text}</span>
}

const Brief = ({ kind, text, all = text }: { kind: string; text: string; all?: string }) => (
  <span class={`brief brief-${kind}`} title={all}>
    {text}
  </span>
)

function Products({ seen }: { seen: Seen }) {
  const names = productsText(seen)
  const partly = seen.cargo?.complete === false
  const all = partly ? writeWay('product.look', { names }) : names
  return <Brief kind="product" text={names} all={all} />
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

// Lanes by how often their shipments had an excursion, most risk first, with the uncertainty of it.
import { FileMenu } from '../file-menu.tsx'
import { useLoad } from '../load.ts'
import { ProblemNote } from '../marks.tsx'
import type { PageProps } from '../pages.ts'
import { type Places, placeName, usePlaces } from '../places.ts'
import { nameOfProduct, useProductNames } from '../product-names.ts'
import { addressOf, goTo } from '../router.ts'
import * as say from '../say.ts'
import { apiPath, read } from '../server.ts'
import { numberOf, objectOf, parsePage, parseTime, textOf } from '../shapes.ts'
import { type Column, Table } from '../table.tsx'
import { write } from '../words/logistics.ts'
import { write as writeShell } from '../words/shell.ts'
import './lanes.css'

interface Lane {
  origin: string
  destination: string
  carrier: string | null
  product: string | null
  month: string | null
  shipments: number
  excursions: number
  mean: number
  low: number
  high: number
  exposureMinutes: number
}

interface Lanes {
  lanes: Lane[]
  from: number | null
  to: number | null
  shipments: number
  unplaced: number
  prior: number | null
}

const splits = ['carrier', 'product', 'month'] as const
const lanesMax = 500

export default function LanesPage({ query }: PageProps) {
  const by = splits.filter((name) => (query.get('by') ?? '').split(',').includes(name))
  const loaded = useLoad(`lanes ${by}`, (signal) => loadLanes(by.join(','), signal))
  const places = usePlaces().value
  useProductNames()
  const { value } = loaded
  const toggle = (name: (typeof splits)[number]): void => {
    const next = splits.filter((one) => (one === name) !== by.includes(one))
    goTo(addressOf(['lanes'], { by: next.join(',') || undefined }), { replace: true })
  }
  return (
    <div class="page">
      <section class="panel lanes" aria-label={write('lanes')}>
        <header class="filters">
          <fieldset class="switch">
            <legend class="hidden">{write('lanes.split')}</legend>
            {splits.map((name) => (
              <button
                key={name}
                type="button"
                aria-pressed={by.includes(name)}
                onClick={() => toggle(name)}
              >
                {write(`lanes.${name}`)}
              </button>
            ))}
          </fieldset>
          <span class="count">{value && sumOf(value)}</span>
          <FileMenu path={apiPath('lanes')} query={{ by: by.join(',') }} of={write('lanes')} />
        </header>
        {loaded.problem && <ProblemNote problem={loaded.problem} />}
        <Table
          name={write('lanes')}
          columns={columnsFor(by, places)}
          rows={value?.lanes ?? []}
          keyOf={(lane) =>
            [lane.origin, lane.destination, lane.carrier, lane.product, lane.month].join(' ')
          }
          empty={value ? write('lanes.none') : writeShell('loading')}
        />
        {value && value.lanes.length > 0 && value.prior !== null && (
          <p class="empty">{write('lanes.prior', { risk: say.share(value.prior) })}</p>
        )}
      </section>
    </div>
  )
}

function Risk({ lane }: { lane: Lane }) {
  const { mean, low, high } = lane
  const words = { mean: say.share(mean), low: say.share(low), high: say.share(high) }
  return (
    <span class="risk">
      <span class="risk-bar" aria-hidden="true">
        <i style={{ left: `${low * 100}%`, width: `${(high - low) * 100}%` }} />
        <b style={{ left: `${mean * 100}%` }} />
      </span>
      <span class="number">{write('lane.riskOf', words)}</span>
    </span>
  )
}

function columnsFor(by: readonly (typeof splits)[number][], places: Places | null): Column<Lane>[] {
  const place = (id: string): string => placeName(places, id)
  return [
    {
      key: 'origin',
      title: write('lane.origin'),
      cell: ({ origin, destination }) => `${place(origin)} → ${place(destination)}`,
      by: ({ origin, destination }) => `${place(origin)} ${place(destination)}`,
    },
    ...by.map(
      (name): Column<Lane> => ({
        key: name,
        title: write(`lanes.${name}`),
        cell: (lane) => {
          const value = lane[name]
          if (value === null) return name === 'product' ? write('lane.several') : '–'
          if (name === 'product') return nameOfProduct(value)
          return name === 'carrier' ? place(value) : value
        },
        by: (lane) => lane[name],
        rank: 2,
      }),
    ),
    {
      key: 'risk',
      title: write('lane.risk'),
      cell: (lane) => <Risk lane={lane} />,
      by: ({ mean }) => mean,
    },
    {
      key: 'shipments',
      title: write('lane.shipments'),
      cell: ({ shipments }) => say.count(shipments),
      by: ({ shipments }) => shipments,
      right: true,
      rank: 2,
    },
    {
      key: 'excursions',
      title: write('lane.excursions'),
      cell: ({ excursions }) => say.count(excursions),
      by: ({ excursions }) => excursions,
      right: true,
      rank: 2,
    },
    {
      key: 'exposure',
      title: write('lane.exposure'),
      cell: ({ exposureMinutes }) => say.minutes(exposureMinutes),
      by: ({ exposureMinutes }) => exposureMinutes,
      right: true,
      rank: 3,
    },
  ]
}

const sumOf = ({ shipments, unplaced, from, to }: Lanes): string =>
  write('lanes.sum', { count: shipments, from: say.day(from), to: say.day(to), unplaced })

async function loadLanes(by: string, signal: AbortSignal): Promise<Lanes> {
  const json = objectOf(await read(apiPath('lanes'), { by, limit: lanesMax }, signal))
  const count = (value: unknown): number => numberOf(value) ?? 0
  const lanes = parsePage(json, (item) => {
    const risk = objectOf(item.risk)
    return {
      origin: textOf(item.origin),
      destination: textOf(item.destination),
      carrier: textOf(item.carrier) || null,
      product: textOf(item.product) || null,
      month: textOf(item.month) || null,
      shipments: count(item.shipments),
      excursions: count(item.excursions),
      mean: count(risk.mean),
      low: count(risk.low),
      high: count(risk.high),
      exposureMinutes: count(objectOf(item.exposureMinutes).mean),
    }
  }).items
  return {
    lanes,
    from: parseTime(json.from),
    to: parseTime(json.to),
    shipments: count(json.shipments),
    unplaced: count(json.unplaced),
    prior: numberOf(objectOf(json.prior).mean),
  }
}

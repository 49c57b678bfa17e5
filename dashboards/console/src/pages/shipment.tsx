// One shipment: where it is and was, how warm, what stands against it, what is inside.
import { useMemo } from 'preact/hooks'
import { Cargo } from '../cargo.tsx'
import { Chart, type ChartWindow } from '../chart.tsx'
import { Fact } from '../fact.tsx'
import { FileMenu } from '../file-menu.tsx'
import { useForecasts } from '../forecasts.ts'
import { Icon } from '../icons.tsx'
import { type Arrival, arrivalOf, loadEvents, loadTrack, type Stop, stopsOf } from '../journey.ts'
import { useLoad } from '../load.ts'
import { MapView, type Marker } from '../map/map.tsx'
import { ProblemNote, SeverityMark, VerdictMark } from '../marks.tsx'
import { useHeading } from '../navigation.tsx'
import type { PageProps } from '../pages.ts'
import { loadPlan, type Places, placeName, usePlaces } from '../places.ts'
import { wordText } from '../quality/figures.ts'
import { ReportButton } from '../report-button.tsx'
import { addressOf, goTo } from '../router.ts'
import * as say from '../say.ts'
import { apiPath, read } from '../server.ts'
import { type Alert, parseAlert, parsePage, parseShipment, type Shipment } from '../shapes.ts'
import { dataUpTo } from '../stream.ts'
import { write } from '../words/logistics.ts'
import { writeReport } from '../words/report.ts'
import { write as writeShell } from '../words/shell.ts'
import './shipment.css'

const hour = 3_600_000

export default function ShipmentPage({ params, query }: PageProps) {
  const container = params.container ?? ''
  useHeading(say.key(container))
  const mounts = useLoad(container, (signal) => loadMounts(container, signal), [
    'capture.applied',
    'alert.raised',
    'alert.changed',
  ])
  const chosen = query.get('device')
  const list = mounts.value ?? []
  const mount = list.find(({ device }) => device === chosen) ?? list.at(-1)
  if (!mount)
    return (
      <div class="page">
        {mounts.problem && <ProblemNote problem={mounts.problem} />}
        {!mounts.problem && (
          <section class="panel notice">
            <p>{mounts.value ? write('shipment.unknown') : writeShell('loading')}</p>
            {mounts.value && (
              <a class="button" href={addressOf(['units', container])}>
                {write('shipment.unit')}
              </a>
            )}
          </section>
        )}
      </div>
    )
  const key = `${mount.device} ${mount.mountedFrom}`
  return <Journey key={key} container={container} mount={mount} mounts={list} />
}

interface JourneyProps {
  container: string
  mount: Shipment
  mounts: readonly Shipment[]
}

function Journey({ container, mount, mounts }: JourneyProps) {
  const places = usePlaces().value
  const events = useLoad(container, (signal) => loadEvents(container, signal), ['capture.applied'])
  const plan = useLoad(container, (signal) => loadPlan(container, signal))
  const alerts = useLoad(container, (signal) => loadAlerts(container, signal), [
    'alert.raised',
    'alert.changed',
  ])
  const stops = useMemo(() => stopsOf(events.value ?? []), [events.value])
  const arrival = arrivalOf(plan.value ?? [], stops)
  return (
    <div class="page shipment">
      <section class="panel facts" aria-label={write('table')}>
        {mounts.length > 1 && <Mounts container={container} mount={mount} mounts={mounts} />}
        <Facts mount={mount} stops={stops} places={places} arrival={arrival} />
        <p class="actions actions-start">
          <ReportButton of="shipments" id={container} device={mount.device} />
          <FileMenu
            path={apiPath('readings')}
            query={readingsOf(mount)}
            of={mount.device}
            label={writeReport('file.readings')}
          />
        </p>
      </section>
      <ShipmentChart mount={mount} alerts={alerts.value ?? []} />
      <Route mount={mount} stops={stops} />
      <Stops stops={stops} problem={events.problem} />
      <Alerts alerts={alerts.value} problem={alerts.problem} />
      <Cargo container={container} endedAt={mount.mountedTo} />
    </div>
  )
}

function Mounts({ container, mount, mounts }: JourneyProps) {
  return (
    <p class="mounts">
      <label for="mount">{write('mount')}</label>
      <select
        id="mount"
        value={mount.device}
        onChange={(event) =>
          goTo(addressOf(['shipments', container], { device: event.currentTarget.value }), {
            replace: true,
          })
        }
      >
        {mounts.map(({ device, mountedFrom, mountedTo }) => (
          <option key={`${device} ${mountedFrom}`} value={device}>
            {write('mount.one', { device, span: say.span(mountedFrom ?? 0, mountedTo) })}
          </option>
        ))}
      </select>
    </p>
  )
}

interface FactsProps {
  mount: Shipment
  stops: readonly Stop[]
  places: Places | null
  arrival: Arrival | null
}

function Facts({ mount, stops, places, arrival }: FactsProps) {
  const { latest, products, device, openAlerts } = mount
  const last = stops.at(-1)
  // Packages of what is named need no name of their own.
  const named = products.filter(({ name }) => name !== '')
  const names = (named.length > 0 ? named : products)
    .map(({ gtin, name }) => name || gtin)
    .join(', ')
  return (
    <dl>
      <Fact
        name={write('col.temperature')}
        value={say.temperature(latest?.value ?? null)}
        note={latest ? say.time(latest.time) : write('temperature.never')}
        strong
      />
      <Fact
        name={write('col.alerts')}
        value={say.count(openAlerts)}
        strong
        alarm={openAlerts > 0}
      />
      <Fact name={write('cargo')} value={say.units(mount)} note={names || undefined} strong />
      <Fact
        name={write('col.device')}
        value={<a href={addressOf(['devices', device])}>{device}</a>}
      />
      <Fact
        name={write('fact.place')}
        value={last ? placeName(places, last.place) : '–'}
        note={last ? say.time(last.to) : undefined}
      />
      <Fact
        name={write('eta')}
        value={arrival ? say.time(arrival.at) : write('eta.none')}
        note={
          arrival && arrival.lateMs > 0
            ? write('eta.late', { minutes: say.minutes(arrival.lateMs / 60_000) })
            : undefined
        }
      />
      {arrival && <Fact name={write('fact.to')} value={placeName(places, arrival.place)} />}
    </dl>
  )
}

function ShipmentChart({ mount, alerts }: { mount: Shipment; alerts: readonly Alert[] }) {
  const { device, mountedFrom, mountedTo, products, latest } = mount
  const forecasts = useForecasts(mountedTo === null ? device : null, mount.container)
  const windows = useMemo(() => windowsOf(mount), [device, mountedFrom, mountedTo])
  const gtins = useMemo(() => products.map(({ gtin }) => gtin), [products])
  const own = useMemo(
    () => alerts.filter((alert) => alert.device === device && alert.channel === 'temperature'),
    [alerts, device],
  )
  return (
    <div class="shipment-chart">
      <Chart
        device={device}
        gtins={gtins}
        windows={windows}
        breaches={own}
        forecasts={forecasts}
        newestAt={mountedTo === null ? (latest?.time ?? null) : null}
        endedAt={mountedTo}
      />
      {mountedTo === null && (
        <p class="hint forecast-line">
          {forecasts.length === 0 && write('forecast.none')}
          {forecasts.map(({ limitC, expected, low, high }) => (
            <b key={`${limitC} ${expected}`}>
              {write('forecast.reach', {
                limit: say.temperature(limitC),
                time: say.clock(expected),
                low: say.clock(low),
                high: say.clock(high),
              })}
            </b>
          ))}{' '}
          {write('forecast.advice')}
        </p>
      )}
    </div>
  )
}

function Route({ mount, stops }: { mount: Shipment; stops: readonly Stop[] }) {
  const { device, container, mountedFrom, mountedTo } = mount
  const places = usePlaces().value
  const from = mountedFrom ?? 0
  const to = mountedTo ?? Math.max(from, dataUpTo.peek() ?? Date.now()) + 60_000
  const track = useLoad(`${device} ${from}`, (signal) => loadTrack({ device, from, to }, signal))
  const plan = useLoad(container, (signal) => loadPlan(container, signal))
  const tracks = useMemo(
    () => [
      ...(plan.value ?? []).map(({ spots }) => ({ spots, kind: 'planned' as const })),
      { spots: track.value ?? [], kind: 'travelled' as const },
    ],
    [track.value, plan.value],
  )
  const markers = useMemo(() => {
    const named = stops.flatMap(({ place }): Marker[] => {
      const { spot } = places?.get(place) ?? { spot: null }
      return spot ? [{ id: place, label: placeName(places, place), kind: 'place', ...spot }] : []
    })
    const here = track.value?.at(-1)
    const kind = mount.openAlerts > 0 ? 'alert' : 'fine'
    return here
      ? [...named, { id: 'here', label: say.key(container), kind, ...here } satisfies Marker]
      : named
  }, [track.value, places, stops])
  const fences = useMemo(
    () =>
      stops.flatMap(({ place }) => {
        const ring = places?.get(place)?.ring
        return ring ? [{ ring }] : []
      }),
    [places, stops],
  )
  const empty = track.value?.length === 0 && markers.length === 0
  return (
    <section class="panel route" aria-labelledby="route-title">
      <header>
        <h2 id="route-title">{write('route')}</h2>
        <span class="count">
          <span class="line-key line-travelled">{write('route.travelled')}</span>
          {(plan.value?.length ?? 0) > 0 && (
            <span class="line-key line-planned">{write('route.planned')}</span>
          )}
        </span>
      </header>
      <div class="route-map">
        <MapView name={write('route.map')} markers={markers} tracks={tracks} fences={fences} />
        {empty && <p class="map-note">{write('route.none')}</p>}
      </div>
    </section>
  )
}

function Stops({ stops, problem }: StopsProps) {
  const places = usePlaces().value
  return (
    <section class="panel" aria-labelledby="stops-title">
      <header>
        <h2 id="stops-title">{write('stops')}</h2>
      </header>
      {problem && <ProblemNote problem={problem} />}
      {stops.length === 0 && !problem && <p class="empty">{write('stops.none')}</p>}
      <ol class="stops">
        {stops.map(({ place, from, to, steps }) => (
          <li key={`${place} ${from}`}>
            <Icon name="pin" />
            <div>
              <b>{placeName(places, place)}</b>
              <p class="number">{from === to ? say.time(from) : say.span(from, to)}</p>
              <p class="hint">{steps.map(wordText).join(', ')}</p>
            </div>
          </li>
        ))}
      </ol>
    </section>
  )
}

interface StopsProps {
  stops: readonly Stop[]
  problem: { message: string; remedy: string } | null
}

function Alerts({ alerts, problem }: AlertsProps) {
  return (
    <section class="panel" aria-labelledby="shipment-alerts">
      <header>
        <h2 id="shipment-alerts">{write('alerts')}</h2>
      </header>
      {problem && <ProblemNote problem={problem} />}
      {alerts?.length === 0 && <p class="empty">{write('alerts.none')}</p>}
      <ul class="alert-rows">
        {alerts?.map((alert) => (
          <li key={alert.id}>
            <a class="row" href={addressOf(['alerts', alert.id])}>
              <span class="row-head">
                <SeverityMark severity={alert.severity} />
                <VerdictMark verdict={alert.verdict} />
                <span class="row-figure number">{say.temperature(alert.peakC)}</span>
              </span>
              <span class="row-note">{say.rule(alert)}</span>
              <span class="row-note number">{say.span(alert.from, alert.to)}</span>
            </a>
          </li>
        ))}
      </ul>
    </section>
  )
}

interface AlertsProps {
  alerts: readonly Alert[] | null
  problem: { message: string; remedy: string } | null
}

/** All that the logger said while it was on the container. */
const readingsOf = ({ device, mountedFrom, mountedTo }: Shipment) => ({
  ...{ device, from: mountedFrom ?? undefined, to: mountedTo ?? undefined },
})

/** Ends with the data, not with the clock: event time rules. */
function windowsOf({ mountedFrom, mountedTo, latest }: Shipment): ChartWindow[] {
  const newest = mountedTo ?? latest?.time ?? dataUpTo.peek() ?? Date.now()
  const from = mountedFrom ?? newest - 24 * hour
  const to = Math.max(newest, from + hour)
  const span = (back: number) => ({ from: newest - back, to: newest + back * 0.02 })
  return [
    { key: 'trip', label: write('window.trip'), span: { from, to: to + (to - from) * 0.02 } },
    { key: 'day', label: write('window.day'), span: span(24 * hour) },
    { key: 'week', label: write('window.week'), span: span(7 * 24 * hour) },
  ]
}

async function loadMounts(container: string, signal: AbortSignal): Promise<Shipment[]> {
  const json = await read(apiPath('shipments'), { container, all: 1, limit: 100 }, signal)
  return parsePage(json, parseShipment).items
}

async function loadAlerts(container: string, signal: AbortSignal): Promise<Alert[]> {
  return parsePage(await read(apiPath('alerts'), { container, limit: 100 }, signal), parseAlert)
    .items
}

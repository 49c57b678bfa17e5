// A temperature chart: choice of window, picture, value under the cursor, and the same in words
// beside it. The picture is a slider: arrow keys go from reading to reading, and a screen reader
// says each. Follows the stream; knows no page.
import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import {
  type Curve,
  columnsOf,
  type ForecastBand,
  holesOf,
  mergeSpans,
  type Span,
  scaleOf,
  summarize,
  within,
} from './chart-data.ts'
import { type Drawing, loadDrawing, withReading } from './curve.ts'
import { useLoad } from './load.ts'
import { LoadProblem } from './load-problem.tsx'
import { openPlot, type Picture, type Plot, type PlotListeners } from './plot.ts'
import * as say from './say.ts'
import { look, theme } from './session.ts'
import { numberOf, objectOf, parseTime, type Row } from './shapes.ts'
import { listen } from './stream.ts'
import { writeBoard as write } from './words/board.ts'

export interface ChartWindow {
  key: string
  label: string
  span: Span
}

export interface ChartProps {
  device: string
  channel?: string
  /** Products whose limits are drawn. */
  gtins: readonly string[]
  /** The first is shown first. */
  windows: readonly ChartWindow[]
  /** `to` null: until the newest reading. */
  breaches: readonly { from: number; to: number | null }[]
  /** Limit of a rule that is not that of the storage range, °C. */
  ruleLimitC?: number | null
  forecasts?: readonly ForecastBand[]
  /** Time of the device's newest reading; it stands for no time yet and is drawn as a dot. */
  newestAt?: number | null
  /** From here on the logger spoke of something else; null: it still speaks of this. */
  endedAt?: number | null
}

/** Readings that come late, into the past, are fetched, but not for each packet. */
const lateWaitMs = 10_000

export function Chart(props: ChartProps) {
  const { device, channel = 'temperature', gtins, windows } = props
  const [chosen, setChosen] = useState(windows[0]?.key)
  const [zoom, setZoom] = useState<Span | null>(null)
  const [index, setIndex] = useState<number | null>(null)
  const named = windows.find(({ key }) => key === chosen) ?? windows[0]
  // Named windows move with the newest reading: what is looked at stays until another is chosen.
  const pinned = useRef<ChartWindow | null>(null)
  if (named && pinned.current?.key !== named.key) pinned.current = named
  const window = zoom ?? pinned.current?.span ?? null
  const loaded = useDrawing(device, channel, { window, gtins, endedAt: props.endedAt ?? null })
  const drawn = loaded.value
  const shown = useMemo(
    () => (drawn ? pictureOf(drawn, props) : null),
    [drawn, look.value, props.breaches, props.forecasts, props.ruleLimitC],
  )
  const readout = shown && drawn && index !== null ? readingAt(shown, drawn, index) : ''
  const stale = drawn !== null && drawn.device !== device
  return (
    <section class="panel chart" aria-labelledby="chart-title">
      <header>
        <h2 id="chart-title">
          {write('chart')} <span class="chart-source">{device}</span>
        </h2>
        <span class="readout number">{readout || rangeOf(drawn)}</span>
        <WindowSwitch
          windows={windows}
          chosen={zoom ? null : (named?.key ?? null)}
          onChoose={(key) => {
            setZoom(null)
            if (key !== null) setChosen(key)
          }}
          zoomed={zoom !== null}
        />
      </header>
      <LoadProblem problem={loaded.problem} kept={drawn !== null} />
      <div class={`plot-frame ${stale || drawn === null ? 'plot-old' : ''}`}>
        {shown && (
          <PlotView
            picture={shown}
            readout={readout}
            listeners={{ onCursor: setIndex, onZoom: setZoom }}
            index={index}
          />
        )}
        {drawn?.curve.rows.length === 0 && !loaded.busy && (
          <p class="plot-note">{write('chart.empty', { device })}</p>
        )}
        {!drawn && !loaded.problem && <p class="plot-note">{write('chart.loading')}</p>}
      </div>
      <ChartWords drawn={drawn} forecast={(props.forecasts?.length ?? 0) > 0} />
    </section>
  )
}

interface InWindow {
  window: Span | null
  gtins: readonly string[]
  endedAt: number | null
}

/** What is drawn; a new reading is added to it, older ones are asked for again. */
function useDrawing(device: string, channel: string, { window, gtins, endedAt }: InWindow) {
  const key = window && JSON.stringify([device, channel, window.from, window.to, gtins])
  const [added, setAdded] = useState<{ key: string; drawing: Drawing } | null>(null)
  const kept = useRef<Drawing | null>(null)
  const loaded = useLoad(key, (signal) => {
    if (!window) throw new Error('no window')
    return loadDrawing({ device, channel, window, gtins }, signal)
  })
  const current = added && added.key === key ? added.drawing : loaded.value
  // While another window is on its way the old one stays, so that nothing jumps.
  if (current) kept.current = current
  useEffect(() => setAdded(null), [loaded.value])
  useEffect(() => {
    let late: ReturnType<typeof setTimeout> | undefined
    const stop = listen(['device.readings'], (event) => {
      if (event.device !== device || !Array.isArray(event.latest)) return
      const own = event.latest.map(objectOf).find((entry) => entry.channel === channel)
      const time = parseTime(own?.time)
      const value = numberOf(own?.value)
      if (time === null || value === null || !kept.current || key === null) return
      if (endedAt !== null && time >= endedAt) return
      const drawing = withReading(kept.current, { time, value })
      if (drawing) setAdded({ key, drawing })
      late ??= setTimeout(() => {
        late = undefined
        loaded.reload()
      }, lateWaitMs)
    })
    return () => {
      clearTimeout(late)
      stop()
    }
  }, [device, channel, key, endedAt])
  return { ...loaded, value: current ?? kept.current }
}

interface WindowSwitchProps {
  windows: readonly ChartWindow[]
  chosen: string | null
  zoomed: boolean
  onChoose(key: string | null): void
}

function WindowSwitch({ windows, chosen, zoomed, onChoose }: WindowSwitchProps) {
  return (
    <fieldset class="switch">
      <legend class="hidden">{write('chart.window')}</legend>
      {windows.map(({ key, label }) => (
        <button key={key} type="button" aria-pressed={chosen === key} onClick={() => onChoose(key)}>
          {label}
        </button>
      ))}
      {zoomed && (
        <button type="button" aria-pressed={true} onClick={() => onChoose(null)}>
          {write('chart.zoomed')} <span aria-hidden="true">✕</span>
          <span class="hidden">{write('chart.unzoom')}</span>
        </button>
      )}
    </fieldset>
  )
}

interface PlotViewProps {
  picture: Picture
  readout: string
  index: number | null
  listeners: PlotListeners
}

function PlotView({ picture, readout, index, listeners }: PlotViewProps) {
  const host = useRef<HTMLDivElement>(null)
  const plot = useRef<Plot | null>(null)
  useEffect(() => {
    if (!host.current) return
    const opened = openPlot(host.current, picture, listeners)
    plot.current = opened
    const sizes = new ResizeObserver(() => opened.resize())
    sizes.observe(host.current)
    const dark = matchMedia('(prefers-color-scheme: dark)')
    dark.addEventListener('change', opened.recolour)
    // On paper it is light, whatever the screen is.
    const paper = matchMedia('print')
    paper.addEventListener('change', opened.recolour)
    return () => {
      dark.removeEventListener('change', opened.recolour)
      paper.removeEventListener('change', opened.recolour)
      sizes.disconnect()
      opened.close()
      plot.current = null
    }
  }, [])
  useEffect(() => plot.current?.show(picture), [picture])
  const { value: chosenTheme } = theme
  useEffect(() => plot.current?.recolour(), [chosenTheme])
  return (
    <div
      class="plot"
      ref={host}
      role="slider"
      aria-label={write('chart.slider')}
      aria-valuemin={0}
      aria-valuemax={picture.columns.times.length}
      aria-valuenow={index ?? 0}
      aria-valuetext={readout || write('chart.noChoice')}
      aria-describedby="chart-words"
      tabIndex={0}
      onKeyDown={(event) => {
        const by = { ArrowLeft: -1, ArrowRight: 1, PageUp: -20, PageDown: 20 }[event.key]
        if (by === undefined) return
        event.preventDefault()
        plot.current?.step(by)
      }}
    />
  )
}

function ChartWords({ drawn, forecast }: { drawn: Drawing | null; forecast: boolean }) {
  const words = drawn
    ? summarize(within(drawn.curve, drawn.window), drawn.limits, look.value)
    : ['\u00a0']
  return (
    <div class="chart-words" id="chart-words">
      <p>{words.join('; ')}</p>
      <ul class="key" aria-label={write('chart.key')}>
        <li class="key-curve">
          {write(drawn?.curve.everyMs == null ? 'chart.key.reading' : 'chart.key.mean')}
        </li>
        {drawn?.curve.everyMs != null && (
          <li class="key-envelope">{write('chart.key.envelope')}</li>
        )}
        {drawn?.limits && <li class="key-band">{write('chart.key.band')}</li>}
        <li class="key-breach">{write('chart.key.breach')}</li>
        <li class="key-hole">{write('chart.key.hole')}</li>
        {forecast && <li class="key-forecast">{write('chart.key.forecast')}</li>}
      </ul>
    </div>
  )
}

function pictureOf({ curve, window, limits }: Drawing, props: ChartProps): Picture {
  const { breaches, forecasts = [], ruleLimitC = null, newestAt = null } = props
  const rangeLimits = limits ? [limits.min, limits.max] : []
  const extra = ruleLimitC !== null && !rangeLimits.includes(ruleLimitC) ? ruleLimitC : null
  const foretold = forecasts.flatMap(({ limitC }) => limitC)
  // A forecast reaches beyond what is known: make room for it.
  const reach = Math.max(window.to, ...forecasts.map(({ high }) => high))
  const shown = forecasts.length > 0 ? { ...window, to: reach } : window
  return {
    columns: columnsOf(curve, look.value.unit),
    window: shown,
    limits,
    ruleLimitC: extra,
    scale: scaleOf(curve.rows, [...rangeLimits, ...foretold, ...(extra === null ? [] : [extra])]),
    breaches: breachesIn(window, breaches, curve),
    holes: holesOf(curve),
    newest: newestIn(curve, newestAt),
    forecasts,
    look: look.value,
  }
}

/** An open breach lasts until the newest reading. */
function breachesIn(window: Span, breaches: ChartProps['breaches'], { rows }: Curve): Span[] {
  const newest = rows.at(-1)?.time ?? window.to
  const spans = breaches
    .map(({ from, to }) => ({ from, to: to ?? Math.max(from, newest) }))
    .filter(({ from, to }) => from < window.to && to > window.from)
  return mergeSpans(spans)
}

/** The device's newest reading, when the window reaches it. */
function newestIn({ rows, everyMs }: Curve, newestAt: number | null): Row | null {
  const last = rows.at(-1)
  return everyMs === null && last && newestAt !== null && last.time >= newestAt ? last : null
}

function readingAt({ columns }: Picture, { curve }: Drawing, index: number): string {
  const time = columns.times[index]
  if (time === undefined) return ''
  const at = say.time(time)
  const row = curve.rows.findLast((entry) => entry.time <= time)
  if (columns.values[index] === null || !row) return `${at}  ${write('chart.noData')}`
  const t = say.temperature
  const range = { min: t(row.min ?? row.value), max: t(row.max ?? row.value) }
  const envelope = row.min === undefined ? '' : `  ${write('chart.envelope', range)}`
  return `${at}  ${t(row.value)}${envelope}`
}

function rangeOf(drawn: Drawing | null): string {
  if (!drawn?.limits) return '\u00a0'
  const { min, max } = drawn.limits
  return write('chart.range', { min: say.temperature(min), max: say.temperature(max) })
}

// The temperature chart of what is selected: choice of window, picture, value under the cursor, and
// the same in words beside it. The picture is a slider: arrow keys go from reading to reading, and
// a screen reader says each.
import { computed, signal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import {
  type Curve,
  columnsOf,
  holesOf,
  mergeSpans,
  type Span,
  scaleOf,
  summarize,
  within,
} from './chart-data.ts'
import { type Drawing, drawing, drawingBusy, drawingProblem } from './curve.ts'
import { alerts } from './lists.ts'
import { ProblemNote } from './marks.tsx'
import { openPlot, type Picture, type Plot } from './plot.ts'
import * as say from './say.ts'
import { look, theme, unit } from './session.ts'
import type { Row } from './shapes.ts'
import { target, targetKey, windowName, windowNames, zoom } from './target.ts'
import { writeBoard as write } from './words/board.ts'

/** Column under the cursor. */
const cursorIndex = signal<number | null>(null)
const picture = computed(() => (drawing.value ? pictureOf(drawing.value) : null))
const readout = computed(() =>
  cursorIndex.value === null || !picture.value ? '' : readingAt(picture.value, cursorIndex.value),
)

export function Chart() {
  const drawn = drawing.value
  const stale = drawn !== null && drawn.key !== targetKey.value
  return (
    <section class="panel chart" aria-labelledby="chart-title">
      <header>
        <h2 id="chart-title">
          {write('chart')} <span class="chart-source">{target.value?.device}</span>
        </h2>
        <span class="readout number">{readout.value || rangeOf(drawn)}</span>
        <WindowSwitch />
      </header>
      {drawingProblem.value && <ProblemNote problem={drawingProblem.value} />}
      <div class={`plot-frame ${stale || drawn === null ? 'plot-old' : ''}`}>
        {drawn && <PlotView />}
        {drawn?.curve.rows.length === 0 && !drawingBusy.value && (
          <p class="plot-note">{write('chart.empty', { device: target.value?.device ?? '' })}</p>
        )}
        {!drawn && !drawingProblem.value && (
          <p class="plot-note">{write(target.value ? 'chart.loading' : 'chart.nothing')}</p>
        )}
      </div>
      <ChartWords drawn={drawn} />
    </section>
  )
}

function WindowSwitch() {
  return (
    <fieldset class="switch">
      <legend class="hidden">{write('chart.window')}</legend>
      {windowNames.value.map((name) => (
        <button
          key={name}
          type="button"
          aria-pressed={zoom.value === null && windowName.value === name}
          onClick={() => {
            zoom.value = null
            windowName.value = name
          }}
        >
          {write(`chart.window.${name}`)}
        </button>
      ))}
      {zoom.value !== null && (
        <button type="button" aria-pressed={true} onClick={() => (zoom.value = null)}>
          {write('chart.zoomed')} <span aria-hidden="true">✕</span>
          <span class="hidden">{write('chart.unzoom')}</span>
        </button>
      )}
    </fieldset>
  )
}

function PlotView() {
  const host = useRef<HTMLDivElement>(null)
  const plot = useRef<Plot | null>(null)
  const current = picture.value
  useEffect(() => {
    if (!host.current || !picture.value) return
    const opened = openPlot(host.current, picture.value, {
      onCursor: (index) => {
        cursorIndex.value = index
      },
      onZoom: (span) => {
        zoom.value = span
      },
    })
    plot.current = opened
    const sizes = new ResizeObserver(() => opened.resize())
    sizes.observe(host.current)
    const dark = matchMedia('(prefers-color-scheme: dark)')
    dark.addEventListener('change', opened.recolour)
    return () => {
      dark.removeEventListener('change', opened.recolour)
      sizes.disconnect()
      opened.close()
      plot.current = null
    }
  }, [])
  useEffect(() => {
    if (current) plot.current?.show(current)
  }, [current])
  const { value: chosenTheme } = theme
  useEffect(() => {
    void chosenTheme
    plot.current?.recolour()
  }, [chosenTheme])
  return (
    <div
      class="plot"
      ref={host}
      role="slider"
      aria-label={write('chart.slider')}
      aria-valuemin={0}
      aria-valuemax={current?.columns.times.length ?? 0}
      aria-valuenow={cursorIndex.value ?? 0}
      aria-valuetext={readout.value || write('chart.noChoice')}
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

function ChartWords({ drawn }: { drawn: Drawing | null }) {
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
      </ul>
    </div>
  )
}

function pictureOf({ curve, window, limits }: Drawing): Picture {
  const alert = target.value?.alert ?? null
  const ruleLimitC = alert?.limitC ?? null
  const rangeLimits = limits ? [limits.min, limits.max] : []
  const extra = ruleLimitC !== null && !rangeLimits.includes(ruleLimitC) ? ruleLimitC : null
  return {
    columns: columnsOf(curve, unit.value),
    window,
    limits,
    ruleLimitC: extra,
    scale: scaleOf(curve.rows, extra === null ? rangeLimits : [...rangeLimits, extra]),
    breaches: breachesIn(window),
    holes: holesOf(curve),
    newest: newestIn(curve),
    look: look.value,
  }
}

/**
 * The selected breach; for a device all that are known of it. An open one lasts until the newest
 * reading.
 */
function breachesIn(window: Span): Span[] {
  const { value: current } = target
  const list = current?.alert
    ? [current.alert]
    : (alerts.value.value ?? []).filter(
        ({ device, channel }) => device === current?.device && channel === current.channel,
      )
  const newest = drawing.value?.curve.rows.at(-1)?.time ?? window.to
  const spans = list
    .map(({ from, to }) => ({ from, to: to ?? Math.max(from, newest) }))
    .filter(({ from, to }) => from < window.to && to > window.from)
  return mergeSpans(spans)
}

/** The device's newest reading, when the window reaches it. */
function newestIn({ rows, everyMs }: Curve): Row | null {
  const last = rows.at(-1)
  const newest = target.value?.shipment?.latest?.time
  return everyMs === null && last && newest !== undefined && last.time >= newest ? last : null
}

function readingAt({ columns }: Picture, index: number): string {
  const time = columns.times[index]
  if (time === undefined) return ''
  const at = say.time(time)
  const row = drawing.value?.curve.rows.findLast((entry) => entry.time <= time)
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

// Draws the temperature picture with uPlot: limit range as a band, breaches and holes as marked
// spans, readings in steps with their min/max envelope. Knows pixels and colours; computes nothing
// that somebody could rely on.
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import type { Columns, ForecastBand, Limits, Span } from './chart-data.ts'
import { formatAxisTimes, formatDegrees, type Look, toUnit } from './format.ts'
import { drawLimits } from './plot-limits.ts'

export interface Picture {
  columns: Columns
  window: Span
  /** y axis, °C. */
  scale: Limits
  /** Storage range, °C. */
  limits: Limits | null
  /** Limit of the selected alert's rule, °C, when it is not a limit of the range. */
  ruleLimitC: number | null
  breaches: readonly Span[]
  holes: readonly Span[]
  /** The newest single reading, °C; it stands for no time yet, so that only a dot can show it. */
  newest: { time: number; value: number } | null
  forecasts: readonly ForecastBand[]
  look: Look
}

export interface PlotListeners {
  /** Column under the cursor, or null. */
  onCursor(index: number | null): void
  onZoom(span: Span): void
}

export interface Plot {
  show(picture: Picture): void
  /** After a change of theme. */
  recolour(): void
  resize(): void
  /** Moves the cursor by so many readings. */
  step(by: number): void
  close(): void
}

const colourNames = [
  'curve',
  'envelope',
  'band',
  'limit',
  'breach',
  'breach-edge',
  'hatch',
  'grid',
  'axis',
  'surface',
] as const
type Colours = Record<(typeof colourNames)[number], string>

export function openPlot(host: HTMLElement, first: Picture, listeners: PlotListeners): Plot {
  let picture = first
  let colours = readColours(host)
  const sight = { picture: () => picture, colours: () => colours }
  const plot = new uPlot(optionsOf(host, sight, listeners), dataOf(picture), host)
  const show = (): void => {
    plot.batch(() => {
      plot.setData(dataOf(picture), false)
      plot.setScale('x', { min: picture.window.from, max: picture.window.to })
      plot.setScale('y', yScale(picture))
    })
  }
  show()
  return {
    show(next) {
      picture = next
      show()
    },
    recolour() {
      colours = readColours(host)
      plot.redraw(true, true)
    },
    resize() {
      const size = sizeOf(host)
      if (size.width !== plot.width || size.height !== plot.height) plot.setSize(size)
    },
    step(by) {
      const { times } = picture.columns
      // Columns before the window stand into it but have no place in it.
      const first = times.findIndex((time) => time >= picture.window.from)
      const last = times.findLastIndex((time) => time <= picture.window.to)
      const from = plot.cursor.idx ?? (by > 0 ? first - 1 : last + 1)
      const index = Math.min(last, Math.max(first, from + by))
      const time = times[index]
      if (time === undefined) return
      const value = picture.columns.values[index]
      const top = value == null ? 0 : plot.valToPos(value, 'y')
      plot.setCursor({ left: plot.valToPos(time, 'x'), top })
    },
    close: () => plot.destroy(),
  }
}

export interface Sight {
  picture(): Picture
  colours(): Colours
}

function optionsOf(host: HTMLElement, sight: Sight, listeners: PlotListeners): uPlot.Options {
  const stepped = uPlot.paths.stepped?.({ align: 1 })
  const series = (stroke: 'curve' | 'envelope', width: number): uPlot.Series => ({
    stroke: () => sight.colours()[stroke],
    width,
    points: { show: false },
    ...(stepped && { paths: stepped }),
  })
  const font = '12px system-ui, sans-serif'
  const axis: uPlot.Axis = {
    stroke: () => sight.colours().axis,
    grid: { stroke: () => sight.colours().grid, width: 1 },
    ticks: { stroke: () => sight.colours().grid, width: 1, size: 4 },
    font,
  }
  return {
    ...sizeOf(host),
    ms: 1,
    padding: [24, 12, 0, 0],
    legend: { show: false },
    cursor: {
      drag: { x: true, y: false, setScale: false, dist: 8 },
      points: { size: 7, fill: () => sight.colours().curve },
      y: false,
    },
    scales: {
      x: { time: true, auto: false, range: (_, min, max) => [min, max] },
      y: { auto: false, range: (_, min, max) => [min, max] },
    },
    axes: [
      {
        ...axis,
        space: 64,
        size: 40,
        incrs: timeIncrements,
        values: (_, splits, __, ___, increment) =>
          formatAxisTimes(splits, increment, sight.picture().look),
      },
      {
        ...axis,
        size: 52,
        values: (_, splits) => {
          const { language } = sight.picture().look
          return splits.map((degrees) => formatDegrees(degrees, language))
        },
      },
    ],
    series: [{}, series('curve', 1.75), series('envelope', 0), series('envelope', 0)],
    bands: [{ series: [3, 2], fill: () => sight.colours().envelope }],
    hooks: {
      drawClear: [(plot) => drawBehind(plot, sight)],
      draw: [
        (plot) => drawUnit(plot, sight),
        (plot) => drawForecasts(plot, sight),
        (plot) => drawLimits(plot, sight),
        (plot) => drawNewest(plot, sight),
      ],
      setCursor: [(plot) => listeners.onCursor(plot.cursor.idx ?? null)],
      setSelect: [(plot) => zoomTo(plot, listeners)],
    },
  }
}

const minuteMs = 60_000
const timeIncrements = [1, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440, 2880, 10_080, 43_200].map(
  (minutes) => minutes * minuteMs,
)

function zoomTo(plot: uPlot, { onZoom }: PlotListeners): void {
  const { left, width } = plot.select
  if (width < 8) return
  const span = { from: plot.posToVal(left, 'x'), to: plot.posToVal(left + width, 'x') }
  plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false)
  if (span.to - span.from >= minuteMs) onZoom(span)
}

/** Behind grid and curve: the range that is allowed, the breaches, the holes. */
function drawBehind(plot: uPlot, sight: Sight): void {
  const {
    limits,
    breaches,
    holes,
    look: { unit },
  } = sight.picture()
  const colours = sight.colours()
  const { ctx, bbox } = plot
  ctx.save()
  ctx.beginPath()
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height)
  ctx.clip()
  if (limits) {
    const top = plot.valToPos(toUnit(limits.max, unit), 'y', true)
    const bottom = plot.valToPos(toUnit(limits.min, unit), 'y', true)
    ctx.fillStyle = colours.band
    ctx.fillRect(bbox.left, top, bbox.width, bottom - top)
  }
  for (const breach of breaches) {
    const { left, width } = across(plot, breach)
    ctx.fillStyle = colours.breach
    ctx.fillRect(left, bbox.top, width, bbox.height)
    ctx.fillStyle = colours['breach-edge']
    const edge = 2 * uPlot.pxRatio
    ctx.fillRect(left, bbox.top, width, 2 * edge)
    ctx.fillRect(left, bbox.top, edge / 2, bbox.height)
    ctx.fillRect(left + width - edge / 2, bbox.top, edge / 2, bbox.height)
  }
  for (const hole of holes) hatch(plot, across(plot, hole), colours)
  ctx.restore()
}

/** Pixels of a span of time, cut to the plot, at least one wide. */
function across(plot: uPlot, { from, to }: Span): { left: number; width: number } {
  const { bbox } = plot
  const clamp = (x: number): number => Math.min(bbox.left + bbox.width, Math.max(bbox.left, x))
  const left = clamp(plot.valToPos(from, 'x', true))
  const right = clamp(plot.valToPos(to, 'x', true))
  return { left, width: Math.max(1, right - left) }
}

function hatch(
  plot: uPlot,
  { left, width }: { left: number; width: number },
  colours: Colours,
): void {
  const { ctx, bbox } = plot
  ctx.save()
  ctx.beginPath()
  ctx.rect(left, bbox.top, width, bbox.height)
  ctx.clip()
  ctx.fillStyle = colours.surface
  ctx.fillRect(left, bbox.top, width, bbox.height)
  ctx.strokeStyle = colours.hatch
  ctx.lineWidth = uPlot.pxRatio
  const gap = 7 * uPlot.pxRatio
  ctx.beginPath()
  for (let x = left - bbox.height; x < left + width; x += gap) {
    ctx.moveTo(x, bbox.top + bbox.height)
    ctx.lineTo(x + bbox.height, bbox.top)
  }
  ctx.stroke()
  ctx.restore()
}

/** Above the figures of the y axis. */
function drawUnit(plot: uPlot, sight: Sight): void {
  const { ctx, bbox } = plot
  ctx.save()
  ctx.fillStyle = sight.colours().axis
  ctx.font = `${12 * uPlot.pxRatio}px system-ui, sans-serif`
  ctx.textAlign = 'right'
  ctx.textBaseline = 'bottom'
  ctx.fillText(
    `°${sight.picture().look.unit}`,
    bbox.left - 9 * uPlot.pxRatio,
    bbox.top - 7 * uPlot.pxRatio,
  )
  ctx.restore()
}

/** From the newest reading a wedge to where the limit is reached: earliest, expected, latest. */
function drawForecasts(plot: uPlot, sight: Sight): void {
  const { forecasts, look } = sight.picture()
  const { ctx } = plot
  const at = (time: number, celsius: number): [number, number] => [
    plot.valToPos(time, 'x', true),
    plot.valToPos(toUnit(celsius, look.unit), 'y', true),
  ]
  ctx.save()
  ctx.fillStyle = sight.colours().envelope
  ctx.strokeStyle = sight.colours().curve
  ctx.lineWidth = 1.5 * uPlot.pxRatio
  for (const { from, low, expected, high, limitC } of forecasts) {
    ctx.beginPath()
    ctx.moveTo(...at(from.time, from.value))
    ctx.lineTo(...at(low, limitC))
    ctx.lineTo(...at(high, limitC))
    ctx.closePath()
    ctx.fill()
    ctx.setLineDash([3 * uPlot.pxRatio, 3 * uPlot.pxRatio])
    ctx.beginPath()
    ctx.moveTo(...at(from.time, from.value))
    ctx.lineTo(...at(expected, limitC))
    ctx.stroke()
  }
  ctx.restore()
}

function drawNewest(plot: uPlot, sight: Sight): void {
  const {
    newest,
    window,
    look: { unit },
  } = sight.picture()
  if (!newest || newest.time < window.from) return
  const { ctx } = plot
  const x = plot.valToPos(newest.time, 'x', true)
  const y = plot.valToPos(toUnit(newest.value, unit), 'y', true)
  ctx.save()
  ctx.fillStyle = sight.colours().curve
  ctx.beginPath()
  ctx.arc(x, y, 4 * uPlot.pxRatio, 0, 2 * Math.PI)
  ctx.fill()
  ctx.restore()
}

const dataOf = ({ columns }: Picture): uPlot.AlignedData => [
  columns.times,
  columns.values,
  columns.mins,
  columns.maxs,
]

const yScale = ({ scale, look: { unit } }: Picture): { min: number; max: number } => ({
  min: toUnit(scale.min, unit),
  max: toUnit(scale.max, unit),
})

const sizeOf = (host: HTMLElement): { width: number; height: number } => ({
  width: Math.max(200, host.clientWidth),
  height: Math.max(160, host.clientHeight),
})

/** A canvas knows no custom properties: let the browser resolve them. */
function readColours(host: HTMLElement): Colours {
  const probe = host.appendChild(document.createElement('i'))
  const colours = {} as Colours
  for (const name of colourNames) {
    probe.style.color = `var(--chart-${name})`
    colours[name] = getComputedStyle(probe).color
  }
  probe.remove()
  return colours
}

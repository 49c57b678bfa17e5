// Draws the limits on top of the curve: dashed lines, that of a rule dotted so that paper without
// colour tells them apart, each with its value beside it.
import uPlot from 'uplot'
import { formatDegrees, type Look, toUnit } from './format.ts'
import type { Sight } from './plot.ts'
import { type Box, placeOf } from './plot-labels.ts'
import { figures } from './words/figures.ts'
import { writeIn } from './words.ts'

export function drawLimits(plot: uPlot, sight: Sight): void {
  const { limits, ruleLimitC, look } = sight.picture()
  const { ctx, bbox } = plot
  const { limit: colour, surface } = sight.colours()
  const { pxRatio } = uPlot
  const frame = boxOf(bbox)
  const lines = [
    ...(limits ? [limits.min, limits.max] : []),
    ...(ruleLimitC === null ? [] : [ruleLimitC]),
  ]
  const taken = curveBoxes(plot)
  // Below the bar at the top of a breach.
  const free = { ...frame, top: frame.top + 5 * pxRatio }
  ctx.save()
  ctx.lineJoin = 'round'
  ctx.font = `600 ${11 * pxRatio}px system-ui, sans-serif`
  ctx.textAlign = 'left'
  ctx.textBaseline = 'top'
  for (const limit of lines) {
    const y = plot.valToPos(toUnit(limit, look.unit), 'y', true)
    if (y < frame.top || y > frame.bottom) continue
    ctx.strokeStyle = colour
    ctx.lineWidth = 1.25 * pxRatio
    ctx.setLineDash((limit === ruleLimitC ? [2, 3] : [6, 4]).map((part) => part * pxRatio))
    ctx.beginPath()
    ctx.moveTo(frame.left, y)
    ctx.lineTo(frame.right, y)
    ctx.stroke()
    const text = labelOf(limit, ruleLimitC, look)
    const label = { width: ctx.measureText(text).width, height: 12 * pxRatio }
    const first = limit === limits?.min ? 'below' : 'above'
    const place = placeOf({ plot: free, y, label, first, taken })
    taken.push(place)
    // Where it had to stand over something it can be read all the same.
    ctx.setLineDash([])
    ctx.strokeStyle = surface
    ctx.lineWidth = 3 * pxRatio
    ctx.strokeText(text, place.left, place.top)
    ctx.fillStyle = colour
    ctx.fillText(text, place.left, place.top)
  }
  ctx.restore()
}

function labelOf(limit: number, ruleLimitC: number | null, { unit, language }: Look): string {
  const degrees = `${formatDegrees(toUnit(limit, unit), language)} °${unit}`
  return limit === ruleLimitC ? writeIn(figures, language, 'chart.rule', { degrees }) : degrees
}

const boxOf = ({ left, top, width, height }: uPlot.BBox): Box => ({
  ...{ left, top, right: left + width, bottom: top + height },
})

/** Where the curve runs: each reading until the next, with the step to it. */
function curveBoxes(plot: uPlot): Box[] {
  const [times, values, lows, highs] = plot.data
  const xs = [...times].map((time) => plot.valToPos(time, 'x', true))
  return xs.flatMap((left, index) => {
    const known = [values?.[index], lows?.[index], highs?.[index], values?.[index + 1]]
    if (values?.[index] == null) return []
    const ys = known.flatMap((value) => (value == null ? [] : plot.valToPos(value, 'y', true)))
    const right = xs[index + 1] ?? left
    return [
      { left: left - 2, right: right + 2, top: Math.min(...ys) - 2, bottom: Math.max(...ys) + 2 },
    ]
  })
}

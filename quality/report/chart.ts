// The chart of a report, as lines: temperatures as least and most of a piece of time, limits, what
// is unknown, the breach that is spoken of. Draws what it is given.
import type { Chart } from './record.ts'

export interface Box {
  x: number
  y: number
  width: number
  height: number
}

const colours = {
  frame: '#9aa5ae',
  grid: '#e4e8eb',
  line: '#1f5fa8',
  spread: '#a9c4e4',
  limit: '#b3261e',
  breach: '#fbe4e2',
  unknown: '#eceff1',
  text: '#5b6670',
} as const

export function drawChart(
  doc: PDFKit.PDFDocument,
  chart: Chart,
  box: Box,
  printable: (text: string) => string,
): void {
  const plot = { x: box.x + 38, y: box.y + 12, width: box.width - 46, height: box.height - 34 }
  const scale = scaleOf(chart)
  const xOf = (time: number): number =>
    plot.x + ((time - chart.from) / Math.max(1, chart.to - chart.from)) * plot.width
  const yOf = (value: number): number =>
    plot.y + plot.height - ((value - scale.low) / (scale.high - scale.low)) * plot.height
  const band = (from: number, to: number, colour: string): void => {
    const [left, right] = [Math.max(plot.x, xOf(from)), Math.min(plot.x + plot.width, xOf(to))]
    if (right > left) doc.rect(left, plot.y, right - left, plot.height).fill(colour)
  }
  if (chart.marked) band(chart.marked.from, chart.marked.to, colours.breach)
  for (const [from, to] of unknownOf(chart)) band(from, to, colours.unknown)
  doc.font('Helvetica').fontSize(7.5)
  for (let value = scale.low; value <= scale.high + scale.step / 2; value += scale.step) {
    const y = yOf(value)
    doc.moveTo(plot.x, y).lineTo(plot.x + plot.width, y)
    doc.lineWidth(0.4).strokeColor(colours.grid).stroke()
    const text = `${Math.round(value * 10) / 10}`
    doc.fillColor(colours.text).text(text, box.x, y - 4, { width: 32, align: 'right' })
  }
  doc.text(printable(chart.unit), box.x, plot.y - 15, { width: 32, align: 'right' })
  for (const { time, text } of chart.ticks) {
    doc.moveTo(xOf(time), plot.y + plot.height).lineTo(xOf(time), plot.y + plot.height + 3)
    doc.lineWidth(0.6).strokeColor(colours.frame).stroke()
    const options = { width: 80, align: 'center', lineBreak: false } as const
    doc
      .fillColor(colours.text)
      .text(printable(text), xOf(time) - 40, plot.y + plot.height + 6, options)
  }
  doc.save().rect(plot.x, plot.y, plot.width, plot.height).clip()
  drawLine(doc, chart, { xOf, yOf })
  for (const { value, name } of chart.limits) {
    doc.moveTo(plot.x, yOf(value)).lineTo(plot.x + plot.width, yOf(value))
    doc.lineWidth(0.8).strokeColor(colours.limit).dash(4, { space: 3 }).stroke().undash()
    const options = { width: plot.width - 4, align: 'right', lineBreak: false } as const
    doc.fillColor(colours.limit).text(printable(name), plot.x, yOf(value) - 9, options)
  }
  doc.restore()
  doc
    .rect(plot.x, plot.y, plot.width, plot.height)
    .lineWidth(0.6)
    .strokeColor(colours.frame)
    .stroke()
}

/** The middle of each piece as a line, and a pale bar from its least to its most. */
function drawLine(
  doc: PDFKit.PDFDocument,
  { points }: Chart,
  { xOf, yOf }: { xOf: (time: number) => number; yOf: (value: number) => number },
): void {
  for (const [time, min, max] of points)
    if (min !== null && max !== null && max > min)
      doc.moveTo(xOf(time), yOf(min)).lineTo(xOf(time), yOf(max))
  doc.lineWidth(1.6).strokeColor(colours.spread).stroke()
  let joined = false
  for (const [time, min, max] of points) {
    const middle = min === null || max === null ? null : (min + max) / 2
    if (middle !== null && joined) doc.lineTo(xOf(time), yOf(middle))
    // A lone point has a length that is seen.
    else if (middle !== null)
      doc.moveTo(xOf(time) - 0.5, yOf(middle)).lineTo(xOf(time), yOf(middle))
    joined = middle !== null
  }
  doc.lineWidth(1).strokeColor(colours.line).lineJoin('round').stroke()
}

function unknownOf({ points, to }: Chart): [from: number, to: number][] {
  const spans: [number, number][] = []
  for (const [i, [time, min]] of points.entries())
    if (min === null) spans.push([time, points[i + 1]?.[0] ?? to])
  return spans
}

/** From a round number below all to one above, in 1, 2 or 5 times a power of ten. */
export function scaleOf({ points, limits }: Pick<Chart, 'points' | 'limits'>): {
  low: number
  high: number
  step: number
} {
  let [least, most] = [Infinity, -Infinity]
  for (const [, min, max] of points) {
    if (min !== null) least = Math.min(least, min)
    if (max !== null) most = Math.max(most, max)
  }
  for (const { value } of limits) [least, most] = [Math.min(least, value), Math.max(most, value)]
  if (least > most) [least, most] = [0, 10]
  const rough = Math.max(most - least, 1) / 6
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = [1, 2, 5, 10].map((n) => n * power).find((each) => each >= rough)!
  return {
    low: Math.floor((least - step / 4) / step) * step,
    high: Math.ceil((most + step / 4) / step) * step,
    step,
  }
}

// The chart of a report, as lines: temperatures as least and most of a piece of time, limits, what
// is unknown, the breach that is spoken of. Draws what it is given.
import type { Chart, ReportRecord } from './record.ts'

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

export interface Drawing {
  box: Box
  printable: (text: string) => string
  version: ReportRecord['version']
}

export function drawChart(
  doc: PDFKit.PDFDocument,
  chart: Chart,
  { box, printable, version }: Drawing,
): void {
  const below = chart.words ? 50 : 34
  const plot = { x: box.x + 38, y: box.y + 12, width: box.width - 46, height: box.height - below }
  const scale = scaleOf(chart)
  const xOf = (time: number): number =>
    plot.x + ((time - chart.from) / Math.max(1, chart.to - chart.from)) * plot.width
  const yOf = (value: number): number =>
    plot.y + plot.height - ((value - scale.low) / (scale.high - scale.low)) * plot.height
  const band = (from: number, to: number, colour: string): void => {
    const [left, right] = [Math.max(plot.x, xOf(from)), Math.min(plot.x + plot.width, xOf(to))]
    if (right > left) doc.rect(left, plot.y, right - left, plot.height).fill(colour)
  }
  if (chart.marked) {
    band(chart.marked.from, chart.marked.to, colours.breach)
    // Where it begins and ends is seen without colours.
    for (const time of version > 1 ? [chart.marked.from, chart.marked.to] : [])
      if (time > chart.from && time < chart.to)
        doc.moveTo(xOf(time), plot.y).lineTo(xOf(time), plot.y + plot.height)
    if (version > 1) doc.lineWidth(0.8).strokeColor(colours.limit).stroke()
  }
  for (const [from, to] of unknownOf(chart))
    if (version === 1) band(from, to, colours.unknown)
    else {
      const [left, right] = [Math.max(plot.x, xOf(from)), Math.min(plot.x + plot.width, xOf(to))]
      if (right > left) hatch(doc, { ...plot, x: left, width: right - left })
    }
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
    writeLimit(doc, printable(name), { plot, y: yOf(value), version })
  }
  doc.restore()
  doc
    .rect(plot.x, plot.y, plot.width, plot.height)
    .lineWidth(0.6)
    .strokeColor(colours.frame)
    .stroke()
  const legend = { x: plot.x, y: plot.y + plot.height + 22, printable }
  if (chart.words) writeLegend(doc, chart.words, legend)
}

/** Over a curve it would not be read: its name stands on white. */
function writeLimit(
  doc: PDFKit.PDFDocument,
  name: string,
  { plot, y, version }: { plot: Box; y: number; version: ReportRecord['version'] },
): void {
  const options = { width: plot.width - 4, align: 'right', lineBreak: false } as const
  const top = version > 1 && y - 9 < plot.y ? y + 2 : y - 9
  const width = doc.widthOfString(name)
  if (version > 1)
    doc
      .rect(plot.x + plot.width - width - 6, top - 1, width + 4, 9)
      .fillOpacity(0.85)
      .fill('#fff')
  doc.fillColor(colours.limit).text(name, plot.x, top, options)
}

/** Lines aslant: told from a tint also where there are no colours. */
function hatch(doc: PDFKit.PDFDocument, { x, y, width, height }: Box): void {
  doc.save().rect(x, y, width, height).clip()
  for (let at = x - height; at < x + width; at += 4)
    doc.moveTo(at, y + height).lineTo(at + height, y)
  doc.lineWidth(0.4).strokeColor(colours.frame).stroke().restore()
}

/** What is what, below the times. */
function writeLegend(
  doc: PDFKit.PDFDocument,
  words: NonNullable<Chart['words']>,
  { x, y, printable }: { x: number; y: number; printable: Drawing['printable'] },
): void {
  let at = x
  const entry = (word: string, draw: (left: number) => void): void => {
    draw(at)
    const text = printable(word)
    doc.font('Helvetica').fontSize(7.5).fillColor(colours.text)
    doc.text(text, at + 20, y, { lineBreak: false })
    at += 34 + doc.widthOfString(text)
  }
  const line = (left: number): PDFKit.PDFDocument =>
    doc.moveTo(left, y + 3).lineTo(left + 15, y + 3)
  entry(words.curve, (left) => line(left).lineWidth(1).strokeColor(colours.line).stroke())
  entry(words.limit, (left) => {
    line(left).lineWidth(0.8).strokeColor(colours.limit).dash(4, { space: 3 }).stroke().undash()
  })
  entry(words.breach, (left) => doc.rect(left, y - 1, 15, 8).fill(colours.breach))
  entry(words.unknown, (left) => hatch(doc, { x: left, y: y - 1, width: 15, height: 8 }))
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

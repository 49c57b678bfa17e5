// Makes domain/forecast-weights.ts from simulated worlds with tuning seeds: first run as it is, then
// with the argument `widen`. Trains a small network by hand (Adam, D. Kingma and J. Ba 2014), which
// for this size is faster than any library, then widens its intervals on other worlds until nine in
// ten hold.
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { forecastAt } from '../../domain/forecast.ts'
import { featureCount, lookAhead, lookBackMs } from '../../domain/forecast-look.ts'
import { type ForecastModel, horizonMs, numbersOf, outputs } from '../../domain/forecast-model.ts'
import { forecastWeights } from '../../domain/forecast-weights.ts'
import { createRandom } from '../../simulators/random.ts'
import { type ForecastWorld, forecastWorld } from './forecast-worlds.ts'

/** What a look saw, and when the limit was passed, hours later. */
interface Row {
  world: number
  features: Float64Array
  /** What was bound to happen; what nobody could know is nothing to learn. */
  foreseen: number
}

const hourMs = 3_600_000
const tuningWorlds = 2000
const calibrationWorlds = 450
const epochs = 11
const hidden = [24, 16] as const
const sizes = [featureCount, ...hidden, outputs]
const horizonHours = horizonMs / hourMs
const target = fileURLToPath(new URL('../../domain/forecast-weights.ts', import.meta.url))

export function rowsOf(prefix: string): Row[] {
  const rows: Row[] = []
  for (let world = 0; world < tuningWorlds; world++) {
    // Faults are what there is to learn.
    const forced = world % 4 < 3 ? { fault: true } : {}
    const { plan, points, nextForeseen } = forecastWorld(`${prefix}-${world}`, forced)
    let [last, first] = [Number.NEGATIVE_INFINITY, 0]
    for (const [index, { time }] of points.entries()) {
      if (time - last < 4.5 * 60_000 || time > plan.to - 6 * hourMs) continue
      last = time
      while (points[first]!.time <= time - lookBackMs) first++
      const look = lookAhead(points.slice(first, index + 1), plan.limitC)
      if (typeof look === 'string') continue
      const foreseen = (nextForeseen(time) - time) / hourMs
      rows.push({ world, features: look.features, foreseen })
    }
  }
  return rows
}

export function train(rows: readonly Row[], epochs: number): ForecastModel {
  const random = createRandom('forecast weights')
  const numbers = new Float64Array(numbersOf(featureCount, hidden))
  const weights = startWeights(numbers, rows)
  const model = { inputs: featureCount, hidden, numbers: numbers as unknown as Float32Array }
  // A world in which it rises for days says little more than one in which it does for hours.
  const perWorld = new Map<number, number>()
  for (const { world } of rows) perWorld.set(world, (perWorld.get(world) ?? 0) + 1)
  const sayOf = (row: Row): number => 8 / Math.sqrt(perWorld.get(row.world)!)
  const slope = new Float64Array(weights.length)
  const first = new Float64Array(weights.length)
  const second = new Float64Array(weights.length)
  const order = rows.map((_, index) => index)
  let steps = 0
  for (let epoch = 0; epoch < epochs; epoch++) {
    for (let i = order.length - 1; i > 0; i--) {
      const j = random.below(i + 1)
      ;[order[i], order[j]] = [order[j]!, order[i]!]
    }
    const rate = 0.0015 * (1 + Math.cos((Math.PI * epoch) / epochs)) + 1e-5
    let loss = 0
    for (let begin = 0; begin < order.length; begin += batch) {
      slope.fill(0)
      const chosen = order.slice(begin, begin + batch)
      for (const index of chosen) loss += learn(model, weights, { row: rows[index]!, slope, sayOf })
      steps++
      for (let i = 0; i < weights.length; i++) {
        const g = slope[i]! / chosen.length + 1e-5 * weights[i]!
        first[i] = 0.9 * first[i]! + 0.1 * g
        second[i] = 0.999 * second[i]! + 0.001 * g * g
        const size = Math.sqrt(second[i]! / (1 - 0.999 ** steps)) + 1e-8
        weights[i]! -= (rate * (first[i]! / (1 - 0.9 ** steps))) / size
      }
    }
    if (epoch % 5 === 4) console.log(`epoch ${epoch + 1}: ${(loss / rows.length).toFixed(4)}`)
  }
  return { ...model, numbers: Float32Array.from(numbers) }
}

const batch = 64
const quantiles = [0, 0.05, 0.5, 0.95]

/** Means and spreads of what goes in; returns the part that is learnt. */
function startWeights(numbers: Float64Array, rows: readonly Row[]): Float64Array {
  for (let i = 0; i < featureCount; i++) {
    const mean = rows.reduce((sum, { features }) => sum + features[i]!, 0) / rows.length
    const square = rows.reduce((sum, { features }) => sum + (features[i]! - mean) ** 2, 0)
    numbers[i] = mean
    numbers[featureCount + i] = Math.max(1e-3, Math.sqrt(square / rows.length))
  }
  const weights = numbers.subarray(2 * featureCount)
  const random = createRandom('forecast start')
  let at = 0
  for (let layer = 0; layer < sizes.length - 1; layer++)
    for (let o = 0; o < sizes[layer + 1]!; o++, at++)
      for (let i = 0; i < sizes[layer]!; i++)
        weights[at++] = random.between(-1, 1) * Math.sqrt(3 / sizes[layer]!)
  return weights
}

/** One row's loss; adds its slope by back-propagation. */
function learn(
  { numbers }: ForecastModel,
  weights: Float64Array,
  { row, slope, sayOf }: { row: Row; slope: Float64Array; sayOf: (row: Row) => number },
): number {
  const layers = [new Float64Array(featureCount)]
  for (let i = 0; i < featureCount; i++)
    layers[0]![i] = clip((row.features[i]! - numbers[i]!) / numbers[featureCount + i]!)
  const begins = [0]
  for (let layer = 0; layer < sizes.length - 1; layer++) {
    const [from, to] = [layers[layer]!, new Float64Array(sizes[layer + 1]!)]
    let at = begins[layer]!
    for (let o = 0; o < to.length; o++) {
      let sum = 0
      for (let i = 0; i < from.length; i++) sum += weights[at++]! * from[i]!
      sum += weights[at++]!
      to[o] = layer < hidden.length ? Math.tanh(sum) : sum
    }
    begins.push(at)
    layers.push(to)
  }
  const say = sayOf(row)
  const { loss, errors } = lossOf(layers.at(-1)!, row, say)
  let error = errors
  for (let layer = sizes.length - 2; layer >= 0; layer--) {
    const from = layers[layer]!
    const back = new Float64Array(from.length)
    let at = begins[layer]!
    for (let o = 0; o < error.length; o++, at++)
      for (let i = 0; i < from.length; i++, at++) {
        slope[at]! += error[o]! * from[i]!
        back[i]! += error[o]! * weights[at]!
        if (i === from.length - 1) slope[at + 1]! += error[o]!
      }
    for (let i = 0; i < from.length; i++) back[i]! *= 1 - from[i]! ** 2
    error = back
  }
  return loss
}

const clip = (value: number): number => Math.max(-4, Math.min(4, value))

/** Cross entropy of whether, pinball loss (R. Koenker 1978) of when. */
function lossOf(out: Float64Array, { foreseen }: Row, say: number) {
  const errors = new Float64Array(outputs)
  const isReached = foreseen <= horizonHours ? 1 : 0
  const probability = 1 / (1 + Math.exp(-out[0]!))
  errors[0] = say * (probability - isReached)
  let loss = -say * Math.log(1e-12 + (isReached ? probability : 1 - probability))
  if (isReached)
    for (let q = 1; q < outputs; q++) {
      const off = Math.log(Math.max(foreseen, 0.02)) - out[q]!
      const part = quantiles[q]!
      loss += say * (off > 0 ? part * off : (part - 1) * off)
      const way = Math.max(-1, Math.min(1, off / 0.02))
      errors[q] = say * (way > 0 ? -part * way : (part - 1) * way)
    }
  return { loss, errors }
}

/**
 * How far, in ln of time, both quantiles must be moved so that nine in ten of the forecasts that
 * are given hold what happened (Y. Romano et al. 2019), with all that nobody could know. What never
 * happens is later than any interval: the lower side makes up for it. A place that gives many
 * forecasts counts by their root.
 */
function widening(prefix: string): [number, number] {
  const off: Off[] = []
  for (let number = 0; number < calibrationWorlds; number++) {
    const given = givenBy(forecastWorld(`${prefix}-${number}`))
    for (const one of given) off.push({ ...one, say: 1 / Math.sqrt(given.length) })
  }
  for (let miss = 0.05; miss > 0.005; miss -= 0.0025) {
    const high = weighted(off, 'above', 1 - (0.1 - miss))
    if (high < widestMax) return [round(weighted(off, 'below', 1 - miss)), round(high)]
  }
  return [round(weighted(off, 'below', 0.995)), widestMax]
}

/** ln of time by which the network's quantiles were off: it came sooner than low, later than high. */
interface Off {
  below: number
  above: number
  say: number
}

function givenBy({ plan, points, nextUnmended }: ForecastWorld): Omit<Off, 'say'>[] {
  const given: Omit<Off, 'say'>[] = []
  const [wideLow, wideHigh] = forecastWeights.widen
  let [last, first] = [Number.NEGATIVE_INFINITY, 0]
  for (const [index, { time }] of points.entries()) {
    if (time - last < 4.5 * 60_000 || time > plan.to - 6 * hourMs) continue
    last = time
    while (points[first]!.time <= time - lookBackMs) first++
    const target = { limit: plan.limitC, side: 'above' } as const
    const said = forecastAt(points.slice(first, index + 1), target)
    if (!('expectedMs' in said)) continue
    const came = Math.log(Math.max(nextUnmended(time) - time, 60_000))
    const below = Math.log(said.lowMs) + wideLow - came
    given.push({ below, above: came - Math.log(said.highMs) + wideHigh })
  }
  return given
}

function weighted(off: readonly Off[], side: 'below' | 'above', part: number): number {
  const all = off.reduce((sum, { say }) => sum + say, 0)
  let so = 0
  for (const one of [...off].sort((a, b) => a[side] - b[side])) {
    so += one.say
    if (so >= part * all) return one[side]
  }
  return Number.POSITIVE_INFINITY
}

/** e times as late as the network thinks at most. */
const widestMax = 1
const round = (value: number): number => Math.round(value * 1e4) / 1e4

function write(weights: { inputs: number; text: string; widen: readonly [number, number] }): void {
  const lines = weights.text.match(/.{1,88}/g)!
  writeFileSync(
    target,
    `// Weights of the forecast's network, Float32 in base64. Made from simulated worlds with tuning
// seeds by test/evaluate/forecast-train.ts; not written by hand.
export const forecastWeights = {
  inputs: ${weights.inputs},
  hidden: [${hidden.join(', ')}],
  /** ln of time, from calibration worlds. */
  widen: [${weights.widen.join(', ')}],
  text: [
${lines.map((line) => `    '${line}',`).join('\n')}
  ].join(''),
} as const
`,
  )
  console.log(`widened by ${weights.widen.join(' and ')}`)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { inputs, text, widen } = forecastWeights
  if (process.argv[2] === 'widen') write({ inputs, text, widen: widening('calibration') })
  else {
    const { numbers } = train(rowsOf('tuning'), epochs)
    const trained = Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength)
    write({ inputs: featureCount, text: trained.toString('base64'), widen })
  }
}

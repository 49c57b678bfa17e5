// Makes domain/forecast/weights.ts from simulated worlds with tuning seeds: first run as it is (an
// hour), then with the argument `widen`. Trains a small network with TensorFlow.js, then widens its
// intervals on other worlds until nine in ten hold. The same worlds give the same weights.
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import '@tensorflow/tfjs-backend-wasm'
import * as tf from '@tensorflow/tfjs-core'
import { layers, type Sequential, sequential } from '@tensorflow/tfjs-layers'
import { forecastAt } from '../../domain/forecast/forecast.ts'
import { featureCount, lookAhead, lookBackMs } from '../../domain/forecast/look.ts'
import { type ForecastModel, horizonMs, outputs } from '../../domain/forecast/model.ts'
import { forecastWeights } from '../../domain/forecast/weights.ts'
import { createRandom } from '../../simulators/random.ts'
import { type ForecastWorld, forecastWorld } from './forecast-worlds.ts'

/** What a look saw, and when the limit was passed, hours later. */
export interface Row {
  world: number
  features: Float32Array
  /** What was bound to happen; what nobody could know is nothing to learn. */
  foreseen: number
}

const hourMs = 3_600_000
const tuningWorlds = 4000
/** Evidence in domain/forecast was chosen on these too. */
const calibrationWorlds = 1500
const epochs = 12
const hidden = [32, 16] as const
const horizonHours = horizonMs / hourMs
const target = fileURLToPath(new URL('../../domain/forecast/weights.ts', import.meta.url))

export function rowsOf(prefix: string, worlds: number): Row[] {
  const rows: Row[] = []
  for (let world = 0; world < worlds; world++) {
    // Faults are what there is to learn.
    const forced = world % 4 < 3 ? { fault: true } : {}
    const { plan, points, nextForeseen } = forecastWorld(`${prefix} ${world}`, forced)
    let [last, first] = [Number.NEGATIVE_INFINITY, 0]
    for (const [index, { time }] of points.entries()) {
      if (time - last < 4.5 * 60_000 || time > plan.to - 6 * hourMs) continue
      last = time
      while (points[first]!.time <= time - lookBackMs) first++
      const look = lookAhead(points.slice(first, index + 1), plan.limitC)
      if (typeof look === 'string') continue
      const foreseen = (nextForeseen(time) - time) / hourMs
      rows.push({ world, features: Float32Array.from(look.features), foreseen })
    }
  }
  return rows
}

/**
 * TensorFlow.js, with its rate falling from epoch to epoch; what is drawn by chance is drawn here,
 * for the library's has no seed.
 */
export async function train(
  rows: readonly Row[],
  epochs: number,
  tell: (line: string) => void = console.log,
): Promise<ForecastModel> {
  // Without its hint that another package would be faster.
  tf.enableProdMode()
  await tf.setBackend('wasm')
  await tf.ready()
  const random = createRandom('forecast weights')
  const network = networkOf((rows, columns) => {
    const reach = Math.sqrt(3 / rows)
    const drawn = Array.from({ length: rows * columns }, () => random.between(-reach, reach))
    return tf.tensor2d(drawn, [rows, columns])
  })
  const scale = scaleOf(rows)
  const sayOf = saysOf(rows)
  const order = rows.map((_, index) => index)
  for (let epoch = 0; epoch < epochs; epoch++) {
    for (let i = order.length - 1; i > 0; i--) {
      const j = random.below(i + 1)
      ;[order[i], order[j]] = [order[j]!, order[i]!]
    }
    const rate = 0.0018 * (1 + Math.cos((Math.PI * epoch) / epochs)) + 2e-5
    network.compile({ optimizer: tf.train.adam(rate), loss: lossOf })
    let loss = 0
    for (let begin = 0; begin < order.length; begin += batch) {
      const chosen = order.slice(begin, begin + batch).map((index) => rows[index]!)
      const x = tf.tensor2d(inputsOf(chosen, scale), [chosen.length, featureCount])
      const y = tf.tensor2d(
        chosen.flatMap((row) => wantedOf(row, sayOf(row))),
        [chosen.length, outputs],
      )
      loss += Number(await network.trainOnBatch(x, y)) * chosen.length
      tf.dispose([x, y])
    }
    tell(`epoch ${epoch + 1}: ${(loss / rows.length).toFixed(4)}`)
  }
  const learnt = network.getWeights().map((one) => one.dataSync())
  return {
    inputs: featureCount,
    hidden,
    numbers: Float32Array.from([...scale.means, ...scale.spreads, ...byOutput(learnt)]),
  }
}

const batch = 256

function networkOf(first: (rows: number, columns: number) => tf.Tensor2D): Sequential {
  const [a, b] = hidden
  const dense = (rows: number, units: number, activation: 'tanh' | 'linear') =>
    layers.dense({
      ...{ inputShape: [rows], units, activation },
      weights: [first(rows, units), tf.zeros([units])],
    })
  return sequential({
    layers: [dense(featureCount, a, 'tanh'), dense(a, b, 'tanh'), dense(b, outputs, 'linear')],
  })
}

/** Kernels are kept input by input; the model's numbers go output by output, the bias last. */
function byOutput(learnt: readonly ArrayLike<number>[]): number[] {
  const numbers: number[] = []
  for (let layer = 0; layer < learnt.length; layer += 2) {
    const [kernel, bias] = [learnt[layer]!, learnt[layer + 1]!]
    for (let o = 0; o < bias.length; o++) {
      for (let i = o; i < kernel.length; i += bias.length) numbers.push(kernel[i]!)
      numbers.push(bias[o]!)
    }
  }
  return numbers
}

interface InputScale {
  means: Float32Array
  spreads: Float32Array
}

function scaleOf(rows: readonly Row[]): InputScale {
  const means = new Float32Array(featureCount)
  const spreads = new Float32Array(featureCount)
  for (let i = 0; i < featureCount; i++) {
    const mean = rows.reduce((sum, { features }) => sum + features[i]!, 0) / rows.length
    const square = rows.reduce((sum, { features }) => sum + (features[i]! - mean) ** 2, 0)
    means[i] = mean
    spreads[i] = Math.max(1e-3, Math.sqrt(square / rows.length))
  }
  return { means, spreads }
}

/** As runModel scales them. */
function inputsOf(rows: readonly Row[], { means, spreads }: InputScale): Float32Array {
  const inputs = new Float32Array(rows.length * featureCount)
  for (const [at, { features }] of rows.entries())
    for (let i = 0; i < featureCount; i++) {
      const scaled = (features[i]! - means[i]!) / spreads[i]!
      inputs[at * featureCount + i] = Math.max(-4, Math.min(4, scaled))
    }
  return inputs
}

/** A world in which it rises for days says little more than one in which it does for hours. */
function saysOf(rows: readonly Row[]): (row: Row) => number {
  const perWorld = new Map<number, number>()
  for (const { world } of rows) perWorld.set(world, (perWorld.get(world) ?? 0) + 1)
  return ({ world }) => 8 / Math.sqrt(perWorld.get(world)!)
}

/**
 * Whether the limit is reached within the horizon, ln of when, and how much the row says: the
 * library wants as many columns as come out.
 */
function wantedOf({ foreseen }: Row, say: number): number[] {
  const isReached = foreseen <= horizonHours
  return [isReached ? 1 : 0, isReached ? Math.log(Math.max(foreseen, 0.02)) : 0, say, 0]
}

/** Cross entropy of whether, pinball loss (R. Koenker 1978) of when. */
function lossOf(wanted: tf.Tensor, out: tf.Tensor): tf.Tensor {
  const [isReached, when, say] = tf.split(wanted, outputs, 1)
  const [logit, quantiles] = tf.split(out, [1, outputs - 1], 1)
  const whether = tf.sub(tf.softplus(logit!), tf.mul(logit!, isReached!))
  const off = tf.sub(when!, quantiles!)
  const parts = tf.tensor2d([[0.05, 0.5, 0.95]])
  const pinball = tf.sum(tf.maximum(tf.mul(off, parts), tf.mul(off, tf.sub(parts, 1))), 1, true)
  return tf.mean(tf.mul(say!, tf.add(whether, tf.mul(isReached!, pinball))))
}

/**
 * How far, in ln of time, both quantiles must be moved so that nine in ten of the forecasts that
 * are given hold what happened (Y. Romano et al. 2019), with all that nobody could know; by the
 * same on both sides. What never happens is later than any interval. A place that gives many
 * forecasts counts by their root.
 */
function widening(prefix: string): number {
  const off: Off[] = []
  for (let number = 0; number < calibrationWorlds; number++) {
    const given = givenBy(forecastWorld(`${prefix} ${number}`))
    for (const by of given) off.push({ by, say: 1 / Math.sqrt(given.length) })
  }
  const all = off.reduce((sum, { say }) => sum + say, 0)
  let so = 0
  for (const { by, say } of off.sort((one, other) => one.by - other.by)) {
    so += say
    if (so >= 0.9 * all) return Math.round(by * 1e4) / 1e4
  }
  return 0
}

/** ln of time by which the nearer of the network's quantiles was off; less than 0: it held. */
interface Off {
  by: number
  say: number
}

function givenBy({ plan, points, nextUnmended }: ForecastWorld): number[] {
  const given: number[] = []
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
    given.push(Math.max(below, came - Math.log(said.highMs) + wideHigh))
  }
  return given
}

interface Weights {
  inputs: number
  /** Float32 in base64. */
  text: string
  widen: readonly [number, number]
}

function writeWeights(weights: Weights): void {
  writeFileSync(target, formatWeights(weights))
  console.log(`widened by ${weights.widen.join(' and ')}`)
}

/** The file of the weights. */
export function formatWeights({ inputs, text, widen }: Weights): string {
  const lines = text.match(/.{1,88}/g)!
  return `// Weights of the forecast's network, Float32 in base64. Made from simulated worlds with tuning
// seeds by test/evaluate/forecast-train.ts; not written by hand.
export const forecastWeights = {
  inputs: ${inputs},
  hidden: [${hidden.join(', ')}],
  /** ln of time, from calibration worlds. */
  widen: [${widen.join(', ')}],
  text: [
${lines.map((line) => `    '${line}',`).join('\n')}
  ].join(''),
} as const
`
}

/** Float32, little-endian, in base64. */
export const textOf = ({ numbers }: ForecastModel): string =>
  Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength).toString('base64')

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { inputs, text, widen } = forecastWeights
  if (process.argv[2] === 'widen') {
    const by = widening('v')
    writeWeights({ inputs, text, widen: [by, by] })
  } else {
    const trained = await train(rowsOf('tuneq', tuningWorlds), epochs)
    writeWeights({ inputs: featureCount, text: textOf(trained), widen })
  }
}

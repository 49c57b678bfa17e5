// What simulated worlds teach beyond Newton's law: how likely a limit is reached within some hours,
// and how far from the fitted time. A small network of plain arrays, trained by
// test/evaluate/forecast-train.ts on tuning seeds only and kept with its hash. The same numbers in
// give the same numbers out (I10). Refuses to know degrees, limits and clocks.
import { createHash } from 'node:crypto'
import { forecastWeights } from './weights.ts'

/** Sizes of the layers, the numbers that go in first. */
export interface ForecastModel {
  inputs: number
  hidden: readonly [number, number]
  /** Means and spreads of the inputs, then weights and biases, layer by layer. */
  numbers: Float32Array
}

/** What comes out of the network: a logit and three quantiles of ln(hours to the limit). */
export const outputs = 4

export interface Guess {
  /** That the limit is reached within `horizonMs`, when nobody steps in. */
  probability: number
  /** ms, when it is. */
  lowMs: number
  middleMs: number
  highMs: number
}

export const horizonMs = 4 * 3_600_000

/** The network's answer to one row of numbers, before anything is made of it. */
export function runModel(
  { inputs, hidden, numbers }: ForecastModel,
  row: ArrayLike<number>,
): Float64Array {
  let at = 2 * inputs
  let layer = new Float64Array(inputs)
  for (let i = 0; i < inputs; i++)
    layer[i] = Math.max(-4, Math.min(4, (row[i]! - numbers[i]!) / numbers[inputs + i]!))
  for (const [index, size] of [...hidden, outputs].entries()) {
    const next = new Float64Array(size)
    for (let o = 0; o < size; o++) {
      let sum = numbers[at + layer.length]!
      for (let i = 0; i < layer.length; i++) sum += numbers[at + i]! * layer[i]!
      at += layer.length + 1
      next[o] = index < hidden.length ? Math.tanh(sum) : sum
    }
    layer = next
  }
  return layer
}

const { inputs, hidden, text, widen } = forecastWeights
const bytes = Buffer.from(text, 'base64')
const model: ForecastModel = {
  inputs,
  hidden,
  numbers: new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4).slice(),
}

/** SHA-256 of the weights: says which model spoke. */
export const modelHash = createHash('sha256').update(`${text} ${widen}`).digest('hex')

export function guess(features: ArrayLike<number>): Guess {
  const out = runModel(model, features)
  const middle = out[2]!
  // Conformal (Y. Romano et al. 2019): both sides moved by what calibration worlds asked for.
  const low = Math.min(middle, out[1]! - widen[0])
  const high = Math.max(middle, out[3]! + widen[1])
  return {
    probability: 1 / (1 + Math.exp(-out[0]!)),
    lowMs: Math.exp(low) * hour,
    middleMs: Math.exp(middle) * hour,
    highMs: Math.exp(high) * hour,
  }
}

const hour = 3_600_000

// Learns where readings of a channel are to be expected (domain/band-model.ts), with TensorFlow.js.
// The newest fifth is kept aside: it says how good the model is and is never learned from. The same
// readings give the same model. For a thread of its own: it computes for seconds.
import '@tensorflow/tfjs-backend-cpu'
import * as tf from '@tensorflow/tfjs-core'
import { layers, sequential } from '@tensorflow/tfjs-layers'
import {
  type BandModel,
  type BandReadings,
  type BandScale,
  bandHidden,
  bandInputs,
  bandRows,
  expectedOf,
  hourBands,
  hourOf,
  partOf,
  sorted,
} from '../../domain/band-model.ts'

const epochs = 40
const batchSize = 256
const learningRate = 0.02
/** Of the readings; the newest ones. */
const asidePart = 0.2
const twoWeeksMs = 14 * 86_400_000

export async function trainBand({ times, values }: BandReadings): Promise<BandModel> {
  const count = Math.floor(times.length * (1 - asidePart))
  const begin = {
    times: Array.from(times).slice(0, count),
    values: Array.from(values).slice(0, count),
  }
  const order = sorted(begin.values)
  const centre = partOf(order, 0.5)
  const spread = Math.max(partOf(order, 0.95) - partOf(order, 0.05), 1e-6 * Math.abs(centre), 1e-9)
  const knowsWeek = begin.times.at(-1)! - begin.times[0]! >= twoWeeksMs
  const scale = { centre, spread, knowsWeek }
  const weights = await learn(begin, scale)
  const model: BandModel = {
    ...{ from: times[0]!, to: times[times.length - 1]!, readings: times.length },
    ...{ ...scale, weights, low: 0, high: 0, tenths: [], error: 0, plainError: 0 },
  }
  // All readings go in, so that the first one kept aside has hours before it too.
  const expected = expectedOf(model, { times, values })
  const bands = hourBands(begin)
  const differences: number[] = []
  let plain = 0
  for (let i = count; i < times.length; i++) {
    differences.push(values[i]! - expected[i]!)
    plain += Math.abs(values[i]! - bands[hourOf(times[i]!)]!.middle)
  }
  const ascending = sorted(differences)
  model.low = partOf(ascending, 0.05)
  model.high = partOf(ascending, 0.95)
  model.tenths = Array.from({ length: 9 }, (_, i) => partOf(ascending, (i + 1) / 10))
  const sum = differences.reduce((so, one) => so + Math.abs(one), 0)
  model.error = sum / differences.length
  model.plainError = plain / differences.length
  return model
}

async function learn(
  readings: { times: number[]; values: number[] },
  scale: BandScale,
): Promise<number[]> {
  // Without its hint that another package would be faster.
  tf.enableProdMode()
  await tf.setBackend('cpu')
  await tf.ready()
  const chance = chanceOf(1)
  const first = (rows: number, columns: number) =>
    tf.tensor2d(
      Array.from({ length: rows * columns }, () => (2 * chance() - 1) / Math.sqrt(rows)),
      [rows, columns],
    )
  const network = sequential({
    layers: [
      layers.dense({
        ...{ inputShape: [bandInputs], units: bandHidden, activation: 'tanh' },
        weights: [first(bandInputs, bandHidden), tf.zeros([bandHidden])],
      }),
      layers.dense({ units: 1, weights: [first(bandHidden, 1), tf.zeros([1])] }),
    ],
  })
  network.compile({ optimizer: tf.train.adam(learningRate), loss: 'meanAbsoluteError' })
  // Mixed here and not by the library, whose chance has no seed.
  const mixed = readings.times.map((_, i) => i)
  for (let i = mixed.length - 1; i > 0; i--) {
    const other = Math.floor(chance() * (i + 1))
    ;[mixed[i], mixed[other]] = [mixed[other]!, mixed[i]!]
  }
  const rows = bandRows(readings, scale)
  const inputs = new Float32Array(rows.length)
  for (const [to, from] of mixed.entries())
    inputs.set(rows.subarray(from * bandInputs, (from + 1) * bandInputs), to * bandInputs)
  const wanted = mixed.map((i) => (readings.values[i]! - scale.centre) / scale.spread)
  const x = tf.tensor2d(inputs, [mixed.length, bandInputs])
  const y = tf.tensor2d(wanted, [mixed.length, 1])
  await network.fit(x, y, { epochs, batchSize, shuffle: false, verbose: 0, yieldEvery: 'never' })
  const [kernel, bias, outKernel, outBias] = network.getWeights().map((one) => one.dataSync())
  tf.dispose([x, y])
  network.dispose()
  const weights: number[] = []
  for (let unit = 0; unit < bandHidden; unit++) {
    for (let k = 0; k < bandInputs; k++) weights.push(kernel![k * bandHidden + unit]!)
    weights.push(bias![unit]!)
  }
  return [...weights, ...outKernel!, ...outBias!]
}

/** 0 … 1, the same sequence for the same seed (Mulberry32, T. Ettinger 2017). */
function chanceOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

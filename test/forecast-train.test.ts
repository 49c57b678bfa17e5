// The training of the forecast's network, small: from simulated places to the file of weights.
import { createHash } from 'node:crypto'
import { expect, it } from 'vitest'
import { guess, runModel } from '../domain/forecast/model.ts'
import { formatWeights, rowsOf, textOf, train } from './evaluate/forecast-train.ts'

/** Places, their looks, the network, its file. */
async function trained(seed: string): Promise<{ file: string; hash: string; out: number[] }> {
  const rows = rowsOf(seed, 2)
  const model = await train(rows, 2, () => {})
  const file = formatWeights({ inputs: model.inputs, text: textOf(model), widen: [0.1, 0.1] })
  const out = rows.slice(0, 20).flatMap(({ features }) => [...runModel(model, features)])
  return { file, hash: createHash('sha256').update(file).digest('hex'), out }
}

it('trained twice on the same places, the network has the same weights and hash, bit for bit', async () => {
  const first = await trained('twice')
  const again = await trained('twice')
  expect(again.hash).toBe(first.hash)
  expect(again.file).toBe(first.file)
  expect(again.out).toEqual(first.out)
  expect(first.out.every(Number.isFinite)).toBe(true)
  expect((await trained('other places')).hash).not.toBe(first.hash)
})

it('what is learnt tells a rise that goes on from one that does not', async () => {
  const rows = rowsOf('learnt', 8)
  const model = await train(rows, 4, () => {})
  const logits = (isReached: boolean): number => {
    const some = rows.filter(({ foreseen }) => foreseen <= 4 === isReached)
    return some.reduce((sum, { features }) => sum + runModel(model, features)[0]!, 0) / some.length
  }
  expect(logits(true)).toBeGreaterThan(logits(false) + 1)
  // The one that is used says the same of the same numbers each time.
  expect(guess(rows[0]!.features)).toEqual(guess(rows[0]!.features))
})

// The small fixed set of worlds that the test suite plays, and the figures it must not fall below:
// those of diversion-kept.json, by more than their intervals. Renewed by `npm run evaluate -- --only
// gate`, when they changed for a reason.
import { readFileSync, writeFileSync } from 'node:fs'
import { evaluateDiversion } from './diversion.ts'
import type { Figures, Quality } from './diversion-figures.ts'

const file = new URL('./diversion-kept.json', import.meta.url)

/** By `theft precision` and the like: a share, and the end of its interval. */
export type Kept = Record<string, { value: number; low: number; of: number }>

export const readKept = (): Kept => JSON.parse(readFileSync(file, 'utf8')) as Kept

export const playKept = async (): Promise<Kept> =>
  keptOf(await evaluateDiversion({ from: 100, seeds: 6, clean: 0, workers: 0, kind: 'gate' }))

export async function writeKept(): Promise<void> {
  writeFileSync(file, `${JSON.stringify(await playKept(), undefined, 2)}\n`)
}

/** Of fewer nothing follows. */
const countMin = 5

interface Share {
  value: number | null
  low: number
  of: number
}

function keptOf({ cases, detectors, together }: Figures): Kept {
  const kept: Kept = {}
  const keep = (name: string, { value, low, of }: Share): void => {
    if (value !== null && of >= countMin) kept[name] = { value, low, of }
  }
  const all = Object.entries({ ...together, ...cases, ...detectors }) as [string, Quality][]
  for (const [name, { precision, precisionInterval, recall, recallInterval, ...of }] of all) {
    const told = Object.entries(of).find(([what]) => what === 'cases' || what === 'findings')
    keep(`${name} precision`, {
      value: precision,
      low: precisionInterval[0],
      of: Number(told?.[1]),
    })
    keep(`${name} recall`, { value: recall, low: recallInterval[0], of: of.incidents })
  }
  return kept
}

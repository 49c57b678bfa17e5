// The files of the Numenta Anomaly Benchmark as they lie in the folder of shared data: series with
// their labels, and what the authors published of other detectors. Reads, and judges nothing.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import type { NabProfile, NabResult, NabSeries } from './nab-score.ts'

export const nabFolder = fileURLToPath(new URL('../../../shared/data/nab/', import.meta.url))
export const nabMissing = existsSync(join(nabFolder, 'windows.json'))
  ? undefined
  : 'the benchmark series (../shared/data/nab) are not here'

export interface NabFile {
  /** category/file.csv */
  name: string
  timestamps: string[]
  values: Float64Array
  windows: [number, number][]
}

export interface Published extends NabResult {
  detector: string
  profile: string
  file: string
  threshold: number
}

const read = (path: string): string => readFileSync(join(nabFolder, path), 'utf8')
const lines = (text: string): string[] => text.split('\n').filter((line) => line !== '')

export function readNabFiles(): NabFile[] {
  const windows = JSON.parse(read('windows.json')) as Record<string, [string, string][]>
  return Object.keys(windows)
    .sort()
    .map((name) => {
      const rows = lines(read(`series/${name}`))
        .slice(1)
        .map((line) => line.trim().split(','))
      const timestamps = rows.map(([time]) => time!)
      // A boundary is the first row with that time; the labels write a fraction, the rows do not.
      const rowOf = (time: string): number => timestamps.indexOf(time.slice(0, 19))
      return {
        name,
        timestamps,
        values: Float64Array.from(rows, ([, value]) => Number(value)),
        windows: windows[name]!.map(([from, to]) => [rowOf(from), rowOf(to)]),
      }
    })
}

export const readNabProfiles = (): Record<string, NabProfile> => {
  const said = JSON.parse(read('profiles.json')) as Record<string, { CostMatrix: NabProfile }>
  return Object.fromEntries(
    Object.entries(said).map(([name, { CostMatrix }]) => [name, CostMatrix]),
  )
}

export function readPublished(): Published[] {
  return lines(read('published-file-scores.csv'))
    .slice(1)
    .map((line) => {
      const [detector, profile, file, threshold, score, tp, tn, fp, fn] = line.trim().split(',')
      return {
        ...{ detector: detector!, profile: profile!, file: file! },
        ...{ threshold: Number(threshold), score: Number(score) },
        ...{ tp: Number(tp), tn: Number(tn), fp: Number(fp), fn: Number(fn) },
      }
    })
}

/** Scores of each row, as the authors published them, by detector and file. */
export function readRowScores(files: readonly NabFile[]): Map<string, Map<string, NabSeries>> {
  const found = new Map<string, Map<string, NabSeries>>()
  for (const entry of readdirSync(join(nabFolder, 'row-scores'))) {
    const series = new Map(
      files.map(({ name, values, windows }) => [
        name,
        { scores: new Float64Array(values.length), windows },
      ]),
    )
    const text = gunzipSync(readFileSync(join(nabFolder, 'row-scores', entry))).toString('utf8')
    for (const line of lines(text)) {
      const [file, row, score] = line.split(',')
      series.get(file!)!.scores[Number(row)] = Number(score)
    }
    found.set(entry.replace('.csv.gz', ''), series)
  }
  return found
}

/** Totals of the published detectors on these series (computed by the rules of the benchmark). */
export const readPublishedTotals = () =>
  JSON.parse(read('detector-totals.json')) as Record<
    string,
    Record<string, { scoreAtPublishedThreshold: number; scoreAtBestThreshold: number }>
  >

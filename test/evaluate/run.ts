// npm run evaluate: the anomaly detector on the labelled series of the Numenta Anomaly Benchmark,
// scored like the published detectors, and the forecasts on simulated places, into
// docs/evaluation.md; and cases of diversion in simulated worlds (diversion.ts). Says the reason when
// the series are not here. The speed is of this machine; all else is the same everywhere.
import { createAnomalyState, stepAnomaly } from '../../analytics/anomaly/anomaly.ts'
import { printDiversion, writeDiversion } from './diversion.ts'
import { writeKept } from './diversion-kept.ts'
import { writeForecasts } from './forecast.ts'
import {
  type NabFile,
  nabMissing,
  readNabFiles,
  readNabProfiles,
  readPublished,
  readPublishedTotals,
  readRowScores,
} from './nab-files.ts'
import {
  bestThreshold,
  type NabProfile,
  type NabSeries,
  normaliseNab,
  scoredWindows,
  scoreNab,
  totalNab,
} from './nab-score.ts'
import { nabTried } from './nab-tried.ts'
import { chooseUnseen, runVariants, unseenWords, variantCount } from './nab-variants.ts'
import { headingOf, writePart } from './page.ts'

const foldCount = 5
/** The same scores each time; the fastest says how fast it is. */
const passes = 4
const fixed = (value: number): string => value.toFixed(2)

// --only forecast, --only anomaly or --only cases: one of them. Cases take half an hour, so they are
// evaluated when they are asked for.
const asked = process.argv.indexOf('--only')
const only = asked < 0 ? undefined : process.argv[asked + 1]
// --from SEED --seeds N --json: cases in simulated worlds of trade, printed.
if (process.argv.includes('--json')) await printDiversion(process.argv)
else if (only === 'cases') await writeDiversion(process.argv)
else if (only === 'gate') await writeKept()
else if (only === 'forecast') writeForecasts(process.argv)
else {
  if (nabMissing) console.log(`anomalies not evaluated: ${nabMissing}`)
  else {
    const text = evaluate()
    writePart('anomalies', text)
    console.log(text)
  }
  if (only !== 'anomaly') writeForecasts(process.argv)
}

function evaluate(): string {
  const files = readNabFiles()
  const profiles = readNabProfiles()
  const { all, readingsPerSecond } = detect(files)
  return [
    headingOf('anomalies'),
    '',
    'Made by `npm run evaluate`; what it needs is not a part of this project, and it says so when it is not there.',
    '',
    ...scorerSection(files, profiles),
    ...totalsSection(all, files, profiles),
    ...unseenSection(files, profiles),
    ...nabTried,
    ...filesSection(all, files, profiles.standard!),
    '## Speed',
    '',
    `${(Math.floor(readingsPerSecond / 1000) * 1000).toLocaleString('en')} readings a second on one core of the machine that made this page (${process.version}, ${files.reduce((so, { values }) => so + values.length, 0).toLocaleString('en')} readings of ${files.length} series, reading of files not counted; the fastest of ${passes} passes).`,
    '',
  ].join('\n')
}

function detect(files: readonly NabFile[]): { all: NabSeries[]; readingsPerSecond: number } {
  const readings = files.reduce((so, { values }) => so + values.length, 0)
  let all: NabSeries[] = []
  let readingsPerSecond = 0
  for (let pass = 0; pass < passes; pass++) {
    const begin = process.cpuUsage()
    all = files.map(({ values, windows }) => {
      const state = createAnomalyState()
      return { scores: values.map((value) => stepAnomaly(state, value)), windows }
    })
    const { user, system } = process.cpuUsage(begin)
    readingsPerSecond = Math.max(readingsPerSecond, (readings / (user + system)) * 1e6)
  }
  return { all, readingsPerSecond }
}

function scorerSection(files: readonly NabFile[], profiles: Record<string, NabProfile>): string[] {
  const published = readPublished()
  let same = 0
  let compared = 0
  let away = 0
  for (const [detector, series] of readRowScores(files))
    for (const said of published.filter((row) => row.detector === detector)) {
      const { score, ...counts } = scoreNab(
        series.get(said.file)!,
        profiles[said.profile]!,
        said.threshold,
      )
      const { tp, tn, fp, fn } = counts
      const isSame = tp === said.tp && tn === said.tn && fp === said.fp && fn === said.fn
      compared++
      if (isSame && Math.abs(score - said.score) < 1e-9) same++
      away = Math.max(away, Math.abs(score - said.score))
    }
  return [
    '## The scorer',
    '',
    `\`test/evaluate/nab-score.ts\`, from the published scores of each row: ${same} of ${compared} published results (detector, profile and file) come out the same, all four counts exactly and the score within 1e-9 (largest difference ${away.toExponential(0)}).`,
    '',
  ]
}

function totalsSection(
  all: readonly NabSeries[],
  files: readonly NabFile[],
  profiles: Record<string, NabProfile>,
): string[] {
  const names = Object.keys(profiles)
  const categoryOf = categoriesOf(files)
  const own = names.map((name) => bestThreshold(all, profiles[name]!))
  const unseen = names.map((name) => crossValidated(all, profiles[name]!, (i) => i % foldCount))
  const strange = names.map((name) => crossValidated(all, profiles[name]!, categoryOf))
  const rows = Object.entries(readPublishedTotals())
    .map(([detector, said]) => ({
      detector,
      totals: names.map((name) => said[name]!.scoreAtBestThreshold),
    }))
    .concat({ detector: '**Isotherm**', totals: own.map(({ normalised }) => normalised) })
    .sort((a, b) => b.totals[0]! - a.totals[0]!)
  return [
    '## Beside the published detectors',
    '',
    `Normalised scores on ${files.length} series with ${scoredWindows(all)} labelled windows (NAB v1.1: 0 tells nothing, 100 is perfect), each detector at the one threshold that is best for it on these series. Such a threshold has seen what it is scored on: all these numbers are a little too good, ours as the others. The program of the benchmark gives its detectors the smallest and the largest value of each series beforehand; Isotherm is told nothing that has not yet happened.`,
    '',
    `| detector | ${names.join(' | ')} |`,
    `|---|${names.map(() => '--:').join('|')}|`,
    ...rows.map(({ detector, totals }) => `| ${detector} | ${totals.map(fixed).join(' | ')} |`),
    '',
    'Isotherm with a threshold that has not seen the series it is scored on (its constants were chosen with all of them in sight):',
    '',
    `| threshold from | ${names.join(' | ')} |`,
    `|---|${names.map(() => '--:').join('|')}|`,
    `| the other four fifths of the series | ${unseen.map(fixed).join(' | ')} |`,
    `| the other categories | ${strange.map(fixed).join(' | ')} |`,
    '',
    `Best thresholds: ${own.map(({ threshold }, i) => `${names[i]} ${threshold.toFixed(4)}`).join(', ')}.`,
    '',
  ]
}

/** Of a series, by its place in the list. */
function categoriesOf(files: readonly NabFile[]): (index: number) => string {
  return (index) => files[index]!.name.split('/')[0]!
}

function unseenSection(files: readonly NabFile[], profiles: Record<string, NabProfile>): string[] {
  const variants = runVariants(files)
  const names = Object.keys(profiles)
  const [byCategory, byFold] = [categoriesOf(files), (index: number) => index % foldCount].map(
    (groupOf) => names.map((name) => chooseUnseen(variants, profiles[name]!, groupOf)),
  )
  const row = (what: string, said: readonly number[]): string =>
    `| ${what} | ${said.map(fixed).join(' | ')} |`
  return [
    '## With constants that have not seen the series either',
    '',
    unseenWords,
    '',
    `| of ${variantCount} detectors | ${names.join(' | ')} |`,
    `|---|${names.map(() => '--:').join('|')}|`,
    row(
      'chosen on the other four fifths of the series',
      byFold!.map(({ nested }) => nested),
    ),
    row(
      'chosen on the other categories',
      byCategory!.map(({ nested }) => nested),
    ),
    row(
      'not chosen: the middle one of all',
      byCategory!.map(({ middle }) => middle),
    ),
    row(
      'chosen on all series: the best one',
      byCategory!.map(({ best }) => best),
    ),
    '',
  ]
}

/** Each group is scored at the threshold that is best for all others. */
function crossValidated(
  all: readonly NabSeries[],
  profile: NabProfile,
  groupOf: (index: number) => string | number,
): number {
  let sum = 0
  for (const group of new Set(all.map((_, index) => groupOf(index)))) {
    const others = all.filter((_, index) => groupOf(index) !== group)
    const { threshold } = bestThreshold(others, profile)
    for (const [index, series] of all.entries())
      if (groupOf(index) === group) sum += scoreNab(series, profile, threshold).score
  }
  return normaliseNab(sum, scoredWindows(all), profile)
}

function filesSection(
  all: readonly NabSeries[],
  files: readonly NabFile[],
  profile: NabProfile,
): string[] {
  const { threshold } = bestThreshold(all, profile)
  const total = totalNab(all, profile, threshold)
  return [
    '## Each series',
    '',
    `Profile standard, threshold ${threshold.toFixed(4)}, together ${fixed(total.normalised)}. Counts are rows told within and outside windows.`,
    '',
    '| series | windows | found | rows within | rows outside | score |',
    '|---|--:|--:|--:|--:|--:|',
    ...all.map((series, index) => {
      const { score, tp, fp } = scoreNab(series, profile, threshold)
      const found = series.windows.filter(([first, last]) =>
        series.scores.subarray(first, last + 1).some((one) => one >= threshold),
      ).length
      return `| ${files[index]!.name} | ${series.windows.length} | ${found} | ${tp} | ${fp} | ${fixed(score)} |`
    }),
    '',
  ]
}

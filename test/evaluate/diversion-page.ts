// The part of docs/evaluation.md about cases and detectors: tables of figures, and what their words
// mean. Plays nothing.
import type { Figures, Quality, Rate } from './diversion-figures.ts'
import { headingOf } from './page.ts'

export interface Made {
  cpu: string
  cpus: number
  node: string
  /** YYYY-MM-DD */
  date: string
  cpuSeconds: number
}

export function diversionPage(figures: Figures, made: Made): string {
  const { worlds, falseCases } = figures
  const last = worlds.from + worlds.mixed - 1
  return [
    headingOf('cases'),
    '',
    `Made by \`npm run evaluate -- --only cases --from ${worlds.from} --seeds ${worlds.mixed} --clean ${worlds.clean}\` on ${made.date}: ${worlds.mixed} worlds of \`mixed\` (9 loggers, 10 days each) with the seeds ${worlds.from} to ${last}, which nobody tuned anything on (that was on 1000 to 1999), and ${worlds.clean} of \`clean\` (27 loggers), in which nothing bad happens. ${made.cpu}, ${made.cpus} CPUs, Node ${made.node}; ${Math.round(made.cpuSeconds)} s of processor time. The same seeds give the same figures everywhere. \`npm run evaluate -- --only cases --workers 2\` plays 200 worlds and 60 clean ones in two threads.`,
    '',
    `False cases in 10,000 shipment-days: ${rateOf(falseCases.clean)} in clean worlds (${falseCases.clean.count} in ${Math.round(falseCases.clean.of)} shipment-days), ${rateOf(falseCases.mixed)} in mixed ones (${falseCases.mixed.count} in ${Math.round(falseCases.mixed.of)}).`,
    '',
    ...casesTable(figures),
    ...incidentsTable(figures),
    ...detectorsTable(figures),
    ...reliabilityTable(figures),
    ...definitions,
  ].join('\n')
}

const percent = (share: number | null): string => (share === null ? '' : (100 * share).toFixed(1))

function shareOf(share: number | null, [low, high]: readonly [number, number]): string {
  return share === null ? 'none' : `${percent(share)} (${percent(low)}-${percent(high)})`
}

const rateOf = ({ value, interval: [low, high] }: Rate): string =>
  value === null ? 'none' : `${value.toFixed(2)} (${low.toFixed(2)}-${high.toFixed(2)})`

const hoursOf = ({ hoursFromBegin: begin, hoursFromProof: proof }: Quality): string =>
  begin.median === null ? ' | ' : `${begin.median}, ${begin.p90} | ${proof.median}, ${proof.p90}`

const casesTable = ({ cases, together }: Figures): string[] => [
  '| cases of | precision, % | of | recall, % | of | hours from its begin: median, p90 | from its proof |',
  '|---|--:|--:|--:|--:|--:|--:|',
  ...Object.entries({ ...cases, ...together }).map(
    ([kind, of]) =>
      `| ${kind} | ${shareOf(of.precision, of.precisionInterval)} | ${of.cases} | ${shareOf(of.recall, of.recallInterval)} | ${of.incidents} | ${hoursOf(of)} |`,
  ),
  '',
]

const incidentsTable = ({ incidents }: Figures): string[] => [
  '| incident | recall by a case of its kind, % | of |',
  '|---|--:|--:|',
  ...Object.entries(incidents).map(
    ([name, { recall, recallInterval, incidents: of }]) =>
      `| ${name} | ${shareOf(recall, recallInterval)} | ${of} |`,
  ),
  '',
]

const detectorsTable = ({ detectors }: Figures): string[] => [
  '| detector | precision, % | findings | recall, % | of | hours from the begin: median, p90 | from the proof | false alarms per device-month |',
  '|---|--:|--:|--:|--:|--:|--:|--:|',
  ...Object.entries(detectors).map(
    ([name, of]) =>
      `| \`${name}\` | ${shareOf(of.precision, of.precisionInterval)} | ${of.findings} | ${shareOf(of.recall, of.recallInterval)} | ${of.incidents} | ${hoursOf(of)} | ${rateOf(of.falseAlarmsPerDeviceMonth)} |`,
  ),
  '',
]

const reliabilityTable = ({ reliability }: Figures): string[] => [
  'What all findings of one subject and family weigh together in the end, and how often something bad had happened:',
  '',
  '| log-odds | told | bad | bad, % | expected, % | expected as often as it happens here, % |',
  '|---|--:|--:|--:|--:|--:|',
  ...reliability.map(({ from, to, told, bad, expected, expectedHere }) => {
    const share = (count: number): string => (told === 0 ? '' : percent(count / told))
    const until = to === Infinity ? 'or more' : `to ${to}`
    const shares = [bad, expected, expectedHere].map(share).join(' | ')
    return `| ${from} ${until} | ${told} | ${bad} | ${shares} |`
  }),
  '',
]

const definitions = [
  'What the words mean:',
  '',
  '- A world is looked at once in a virtual day, so times to detect are up to a day, on average half a day, too long; a server looks within seconds of a capture or scan and every ten minutes at loggers. It is played in memory: the same packets, requests, decoders, detectors and weights as in a server, and `test/diversion.test.ts` holds both to the same cases.',
  '- An incident is **due** when its `provenAt` is within the world: before, nobody can know. Breakdowns and papers that nobody wrote are no incidents for cases, only for detectors.',
  '- A case **meets** an incident when it is about one of its containers, or names one of its units, and does not end before it began; one of `enumeration` when it names numbers of its product in its time. What happens to a vehicle (`theft`, `diversion`, `breakdown`) happened to all pallets in it.',
  '- **Recall of a kind**: due incidents that a case of this kind meets. **Precision of a kind**: cases of it that meet an incident of this kind; all that were ever opened count, those too that were withdrawn later. A **false case** meets no incident but a breakdown or a missing paper.',
  '- **Recall of a detector**: due incidents whose `signals` name it, about which it said something. **Precision**: of all that it ever said, what meets any incident (breakdowns and missing papers too): what it finds in an incident that does not name it is no false alarm when its units, or its containers or loggers within three days, are those of the incident.',
  '- Intervals are 95 %: the wider of Clopper-Pearson (Garwood for rates) and of drawing the worlds anew a thousand times, for what happens in one world hangs together.',
  '- Expected: the mean of the odds that the weights tell, as a chance. Cases begin with a prior of one shipment in 220, and in these worlds much more happens than that: so what is told is too low by as much, and the last column has what the same weights tell when they begin with how much happens here.',
  '',
]

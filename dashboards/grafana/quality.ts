// Exposure and quality: how long products were out, how much of their allowances is used up, and
// what waits for a person to decide.
import { type Board, board } from './board.ts'
import { chart, figures, fromOne, severityColours, table, verdictColours } from './panels.ts'
import {
  apiAlert,
  apiProduct,
  cell,
  consoleAlert,
  toExcursion,
  toShipment,
  uids,
} from './places.ts'
import { postgres, sqlLines, sqlRows } from './sources.ts'
import { alertColumns, numberIn, ofTenant, openEnd, timeOf } from './statements.ts'
import { inUnit, rangeFrom, rangeTo, tenant, unit, unitSign } from './variables.ts'

const minutes = numberIn('body', 'minutes')
const unknown = numberIn('body', 'unknownMinutes')
const allowed = numberIn('body', 'allowanceMinutes')
const serials = numberIn('body', 'serialCount')
/** Excursions that stand; silences have no temperature. */
const standing = `${ofTenant()} and status = 'open' and body::json ->> 'kind' = 'excursion'`
/** Those that touch the range: with one that goes on everything is later than its begin. */
const inRange = `${standing} and "from" <= ${rangeTo} and least("to", ${openEnd}) >= ${rangeFrom}`

export const quality: Board = board({
  uid: uids.quality,
  title: 'Isotherm: exposure and quality',
  description: 'How long products were out, what is used up, and what waits for a decision.',
  refresh: '5m',
  variables: [tenant, unit],
  panels: () => [waiting(), oldest(), changes(), byAge(), hours(), exposure(), budgets()],
})

const waiting = () =>
  figures({
    title: 'Excursions that wait',
    description: 'They stand until a person decides, whenever they were.',
    source: postgres,
    width: 12,
    queries: [
      sqlRows(
        'A',
        `select count(*) filter (where verdict = 'out') as out,
           count(*) filter (where verdict = 'indeterminate') as indeterminate,
           coalesce(sum(${serials}), 0) as "serials, each time they are in one"
         from alerts where ${standing}`,
      ),
    ],
  }).overrideByName('out', [fromOne('red')])

const oldest = () =>
  figures({
    title: 'The oldest waits for',
    description: 'Since it was raised.',
    source: postgres,
    width: 6,
    queries: [
      sqlRows(
        'A',
        `select coalesce(extract(epoch from now()) * 1000 - min("raisedAt"), 0)
           as "the oldest" from alerts where ${standing}`,
      ),
    ],
  }).overrideByName('the oldest', [{ id: 'unit', value: 'ms' }])

const changes = () =>
  figures({
    title: 'Changes of profiles that wait for a signature',
    description: 'Proposed with a back-test, not yet approved or rejected.',
    source: postgres,
    width: 6,
    queries: [
      sqlRows(
        'A',
        `select count(*) as proposed from "profileChanges"
         where ${ofTenant()} and state = 'proposed'`,
      ),
    ],
  }).overrideByName('proposed', [fromOne('orange')])

const byAge = () =>
  table({
    title: 'The backlog by severity and age',
    description: 'Excursions that stand, by how long ago they were raised.',
    source: postgres,
    width: 12,
    queries: [
      sqlRows(
        'A',
        `select severity, verdict,
           count(*) filter (where age < 86400000) as "less than a day",
           count(*) filter (where age >= 86400000 and age < 604800000) as "less than a week",
           count(*) filter (where age >= 604800000) as "a week or more"
         from (select severity, verdict, extract(epoch from now()) * 1000 - "raisedAt" as age
           from alerts where ${standing}) as a group by severity, verdict order by severity, verdict`,
      ),
    ],
    columns: {
      severity: { colours: severityColours, width: 90 },
      verdict: { colours: verdictColours, width: 110 },
    },
  })

const hours = () =>
  chart({
    title: 'Hours out by the day they began',
    description: 'Known time beyond a limit, and unknown time that may have been.',
    source: postgres,
    width: 12,
    queries: [
      sqlLines(
        'A',
        `select to_timestamp(floor("from" / 86400000.0) * 86400) as time,
           sum(${minutes}) / 60 as out, sum(${unknown}) / 60 as unknown
         from alerts where ${inRange} group by 1 order by 1`,
      ),
    ],
  }).unit('h')

const exposure = () =>
  table({
    title: 'Exposure by product',
    description: 'Excursions that touch the range, of all loggers; the peak is the furthest one.',
    source: postgres,
    width: 24,
    queries: [
      sqlRows(
        'A',
        `select gtin, rule, count(*) as excursions,
           round(sum(${minutes})::numeric, 1) as "minutes out",
           round(sum(${unknown})::numeric, 1) as "minutes unknown",
           ${inUnit(`max(${numberIn('body', 'peakC')})`)} as "highest peak ${unitSign}",
           ${inUnit(`min(${numberIn('body', 'peakC')})`)} as "lowest peak ${unitSign}",
           count(distinct container) as containers
         from alerts where ${inRange} group by gtin, rule order by "minutes out" desc, gtin, rule`,
      ),
    ],
    columns: { gtin: { links: [apiProduct(cell('gtin'))] } },
  })

const budgets = () =>
  table({
    title: 'Allowances drawn',
    description:
      'Of rules with an allowance: how much of it the excursion used up. More than 1 is out.',
    source: postgres,
    width: 24,
    queries: [
      sqlRows(
        'A',
        `select ${alertColumns}, ${allowed} as "minutes allowed",
           round((${minutes} / ${allowed})::numeric, 2) as drawn,
           greatest(${allowed} - ${minutes}, 0) as "minutes left",
           ${timeOf('"raisedAt"')} as raised
         from alerts where ${inRange} and ${allowed} > 0 order by drawn desc, id limit 200`,
      ),
    ],
    columns: {
      severity: { colours: severityColours, width: 90 },
      verdict: { colours: verdictColours, width: 110 },
      rule: { links: [consoleAlert(cell('id')), apiAlert(cell('id'))] },
      container: { links: [toShipment(cell('container'))] },
      'out since': { links: [toExcursion(cell('id'))] },
      id: { hidden: true },
      begin: { hidden: true },
      finish: { hidden: true },
    },
  })

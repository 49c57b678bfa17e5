// Excursion: one alert with the readings around it, its limit, its figures, and every revision that
// it had.
import { type Board, board, regions } from './board.ts'
import { chart, figures, limitLine, severityColours, table, verdictColours } from './panels.ts'
import {
  apiAlert,
  apiProduct,
  apiRevisions,
  apiSerials,
  cell,
  chosen,
  consoleAlert,
  dashboard,
  toDevice,
  toShipment,
  uids,
} from './places.ts'
import { influxLines, mixed, postgres, sqlLines, sqlRows } from './sources.ts'
import { alertColumns, numberIn, ofTenant, readings, timeOf } from './statements.ts'
import {
  braces,
  fromLedger,
  hidden,
  inInflux,
  inSql,
  inUnit,
  rangeFrom,
  rangeTo,
  tenant,
  unit,
  unitSign,
} from './variables.ts'

const theAlert = `${ofTenant()} and id = ${inSql('alert')}`
/** What is asked of the alert that is chosen, for queries that know nothing of alerts. */
const ofAlert = (name: string) =>
  hidden(fromLedger(name, { label: name, sql: `select ${name} from alerts where ${theAlert}` }))

export const excursion: Board = board({
  uid: uids.excursion,
  title: 'Isotherm: excursion',
  description: 'One excursion: the readings around it, what was affected, how it came to be known.',
  from: 'now-30h',
  variables: [
    tenant,
    fromLedger('alert', {
      label: 'Excursion',
      sql: `select id as __value, severity || ': ' || rule || ', ' || device || ', '
          || to_char(to_timestamp("from" / 1000.0) at time zone 'UTC', 'YYYY-MM-DD HH24:MI')
          || ' UTC (' || status || ')' as __text
        from alerts where ${ofTenant()} order by "from" desc, id limit 1000`,
    }),
    ofAlert('device'),
    ofAlert('channel'),
    unit,
  ],
  annotations: [
    regions('The excursion', {
      colour: 'red',
      sql: `select ${timeOf('"from"')} as time, ${timeOf(`least("to", ${rangeTo})`)} as timeend,
          severity || ': ' || rule as text, verdict as tags from alerts where ${theAlert}`,
    }),
  ],
  panels: () => [what(), measured(), serials(), around(), legs(), revisions()],
})

const what = () =>
  table({
    title: 'What it is',
    description: 'As it stands now. The time leads to the excursion with six hours around it.',
    source: postgres,
    width: 24,
    height: 4,
    queries: [
      sqlRows(
        'A',
        `select ${alertColumns}, ${timeOf('"raisedAt"')} as raised,
           body::json ->> 'supersededBy' as "replaced by" from alerts where ${theAlert}`,
      ),
    ],
    columns: {
      severity: { colours: severityColours, width: 90 },
      verdict: { colours: verdictColours, width: 110 },
      rule: { links: [consoleAlert(cell('id')), apiAlert(cell('id'))] },
      device: { links: [toDevice(cell('device'))] },
      container: { links: [toShipment(cell('container'))] },
      gtin: { links: [apiProduct(cell('gtin'))] },
      'out since': {
        links: [
          dashboard(
            { title: 'Look at this time', uid: uids.excursion, variables: { alert: cell('id') } },
            { from: cell('begin'), to: cell('finish') },
          ),
        ],
      },
      serials: { links: [apiSerials(cell('id'))] },
      revision: { links: [apiRevisions(cell('id'))] },
      'replaced by': {
        links: [
          dashboard({
            title: 'The one that took its place',
            uid: uids.excursion,
            variables: { alert: braces('__value.raw:percentencode') },
          }),
        ],
      },
      id: { hidden: true },
      begin: { hidden: true },
      finish: { hidden: true },
    },
  })

const measured = () =>
  figures({
    title: 'Time and temperature',
    description:
      'Minutes known to be out, minutes of which nothing is known, the allowance of the rule, and the peak.',
    source: postgres,
    width: 16,
    queries: [
      sqlRows(
        'A',
        `select ${numberIn('body', 'minutes')} as "minutes out",
           ${numberIn('body', 'unknownMinutes')} as "minutes unknown",
           ${numberIn('body', 'allowanceMinutes')} as "minutes allowed",
           ${inUnit(numberIn('body', 'limitC'))} as "limit ${unitSign}",
           ${inUnit(numberIn('body', 'peakC'))} as "peak ${unitSign}"
         from alerts where ${theAlert}`,
      ),
    ],
  }).overrideByRegexp('/^minutes/', [{ id: 'unit', value: 'm' }])

const serials = () =>
  figures({
    title: 'Affected serial numbers',
    description: 'How many; which ones, the API and the console say.',
    source: postgres,
    width: 8,
    queries: [
      sqlRows(
        'A',
        `select ${numberIn('body', 'serialCount')} as serials, revision
         from alerts where ${theAlert}`,
      ),
    ],
  }).overrideByName('serials', [
    { id: 'links', value: [apiSerials(chosen('alert')), consoleAlert(chosen('alert'))] },
  ])

const around = () =>
  chart({
    title: 'Readings around it',
    description:
      'Highest and lowest of each piece of time; dashed: the limit that was passed, and the storage range of the product. When nothing is shown, follow "Look at this time" above.',
    source: mixed,
    width: 24,
    height: 11,
    queries: [
      ...(['max', 'min'] as const).map((extreme, index) =>
        influxLines(
          'AB'.charAt(index),
          `SELECT ${inUnit(`${extreme}("value")`)}
           ${readings({ device: 'device', channel: `=~ ${inInflux('channel')}` })}
           GROUP BY time($__interval), "device" fill(none)`,
          `${extreme === 'max' ? 'highest' : 'lowest'} ${unitSign}`,
        ),
      ),
      sqlLines(
        'C',
        `select to_timestamp(t.ms / 1000.0) as time, ${inUnit(numberIn('body', 'limitC'))}
           as "limit of the rule ${unitSign}"
         from alerts, (values (${rangeFrom}), (${rangeTo})) as t(ms)
         where ${theAlert} order by 1`,
      ),
      sqlLines(
        'D',
        `select to_timestamp(t.ms / 1000.0) as time,
           ${inUnit(numberIn('p.profile', 'rangeC', 'max'))} as "at most ${unitSign}",
           ${inUnit(numberIn('p.profile', 'rangeC', 'min'))} as "at least ${unitSign}"
         from products p, (values (${rangeFrom}), (${rangeTo})) as t(ms)
         where ${ofTenant('p')} and p.gtin = (select gtin from alerts where ${theAlert})
         order by 1`,
      ),
    ],
  })
    .overrideByQuery('C', limitLine)
    .overrideByQuery('D', [
      ...limitLine,
      { id: 'color', value: { mode: 'fixed', fixedColor: 'orange' } },
    ])

const legs = () =>
  table({
    title: 'What units that came and went together had of it',
    description: 'Each row is one way through the excursion; units share it that were in together.',
    source: postgres,
    width: 8,
    queries: [
      sqlRows(
        'A',
        `select ${timeOf(`(leg ->> 'from')::bigint`)} as since,
           ${timeOf(`(leg ->> 'to')::bigint`)} as until, (leg ->> 'minutes')::float8 as minutes,
           (leg ->> 'unknownMinutes')::float8 as unknown,
           ${inUnit(`(leg ->> 'peakC')::float8`)} as "peak ${unitSign}", leg ->> 'verdict' as verdict
         from alerts, json_array_elements(body::json -> 'legs') as leg where ${theAlert}
         order by 1 limit 200`,
      ),
    ],
    columns: { verdict: { colours: verdictColours } },
  })

const revisions = () =>
  table({
    title: 'Revisions',
    description:
      'What was known when: each time that late readings, events or a changed profile gave another result.',
    source: postgres,
    width: 16,
    queries: [
      sqlRows(
        'A',
        `select revision, ${timeOf('"recordTime"')} as "known since", cause,
           ${numberIn('body', 'serialCount')} as serials, body::json ->> 'verdict' as verdict,
           ${numberIn('body', 'minutes')} as minutes,
           ${inUnit(numberIn('body', 'peakC'))} as "peak ${unitSign}", diff,
           left(body::json ->> 'serialSetHash', 16) as "hash of the serials"
         from revisions where ${ofTenant()} and alert = ${inSql('alert')}
         order by revision desc limit 200`,
      ),
    ],
    columns: {
      verdict: { colours: verdictColours },
      revision: { links: [apiRevisions(chosen('alert'))] },
    },
  })

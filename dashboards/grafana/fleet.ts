// Fleet: how many loggers there are, which are heard of, how warm it is, and what stands against
// them.
import { StackingConfigBuilder, StackingMode } from '@grafana/grafana-foundation-sdk/common'
import { type Board, board } from './board.ts'
import { chart, figures, fromOne, joinBy, severityColours, steps, table } from './panels.ts'
import {
  apiAlert,
  apiDevice,
  apiSerials,
  cell,
  consoleAlert,
  consoleDevice,
  toDevice,
  toExcursion,
  toShipment,
  uids,
} from './places.ts'
import { influxdb, influxLines, influxRows, mixed, postgres, sqlRows } from './sources.ts'
import {
  alertColumns,
  lastPieces,
  mounts,
  ofTenant,
  readings,
  temperature,
  timeOf,
} from './statements.ts'
import {
  fromLedger,
  inUnit,
  rangeTo,
  several,
  silence,
  tenant,
  unit,
  unitSign,
} from './variables.ts'

export const fleet: Board = board({
  uid: uids.fleet,
  title: 'Isotherm: fleet',
  description: 'Loggers, what they measured last, and the excursions that stand.',
  variables: [
    tenant,
    several(
      fromLedger('device', {
        label: 'Loggers',
        sql: `select id from devices where ${ofTenant()} order by id limit 10000`,
      }),
      '.*',
    ),
    silence,
    unit,
  ],
  panels: () => [
    registered(),
    heard(),
    silent(),
    monitored(),
    openAlerts(),
    bands(),
    temperatures(),
    loggers(),
    silentLoggers(),
    alerts(),
  ],
})

const registered = () =>
  figures({
    title: 'Loggers',
    description: 'Registered in the ledger.',
    source: postgres,
    width: 3,
    queries: [sqlRows('A', `select count(*) as loggers from devices where ${ofTenant()}`)],
  })

const heard = () =>
  figures({
    title: 'Heard of',
    description: 'Loggers with a temperature within the range.',
    source: influxdb,
    width: 3,
    none: '0',
    queries: [
      influxLines(
        'A',
        `SELECT count("v") FROM (SELECT last("value") AS "v" ${readings({ channel: temperature })}
         GROUP BY "device") WHERE $timeFilter`,
        'loggers',
      ),
    ],
  })

const silent = () =>
  figures({
    title: 'Silent',
    description:
      'Loggers that were heard of within the range, but not in its last piece ("Silent after").',
    source: influxdb,
    width: 3,
    none: '0',
    queries: [influxLines('A', `SELECT count("n") FROM (${lastPieces}) WHERE "n" = 0`, 'loggers')],
  }).thresholds(steps([[1, 'orange']]))

const monitored = () =>
  figures({
    title: 'Containers watched',
    description: 'Containers with a logger on them at the end of the range.',
    source: postgres,
    width: 3,
    queries: [
      sqlRows(
        'A',
        `select count(distinct m.parent) as containers from ${mounts}
         where ${ofTenant('m')} and m."from" <= ${rangeTo} and m."to" > ${rangeTo}`,
      ),
    ],
  })

const openAlerts = () =>
  Object.entries(severityColours).reduce(
    (panel, [severity, colour]) => panel.overrideByName(severity, [fromOne(colour)]),
    figures({
      title: 'Open excursions',
      description: 'All that stand, whenever they began: they stay until a person closes them.',
      source: postgres,
      width: 12,
      queries: [
        sqlRows(
          'A',
          `select ${Object.keys(severityColours)
            .map((name) => `count(*) filter (where severity = '${name}') as ${name}`)
            .join(', ')} from alerts where ${ofTenant()} and status = 'open'`,
        ),
      ],
    }),
  )

const bandLimits: [name: string, where: string][] = [
  ['below -15 °C', '"t" < -15'],
  ['-15 to 2 °C', '"t" >= -15 AND "t" < 2'],
  ['2 to 8 °C', '"t" >= 2 AND "t" <= 8'],
  ['8 to 15 °C', '"t" > 8 AND "t" <= 15'],
  ['15 to 25 °C', '"t" > 15 AND "t" <= 25'],
  ['above 25 °C', '"t" > 25'],
]

/** The database counts: ten thousand loggers are six lines here. */
const bands = () =>
  chart({
    title: 'Loggers by temperature (°C)',
    description: 'How many loggers measured what, by the mean of each piece of time.',
    source: influxdb,
    width: 12,
    unit: 'short',
    queries: bandLimits.map(([name, where], index) =>
      influxLines(
        String.fromCharCode(65 + index),
        `SELECT count("t") FROM (SELECT mean("value") AS "t" ${readings({ channel: temperature })}
         GROUP BY time($__interval), "device") WHERE ${where} AND $timeFilter
         GROUP BY time($__interval) fill(0)`,
        `loggers ${name.replace(' °C', '')}`,
      ),
    ),
  })
    .fillOpacity(40)
    .stacking(new StackingConfigBuilder().mode(StackingMode.Normal).group('A'))

const temperatures = () =>
  chart({
    title: 'Temperature of the chosen loggers',
    description: 'Highest value of each piece of time. Choose loggers above when there are many.',
    source: influxdb,
    width: 12,
    queries: [
      influxLines(
        'A',
        `SELECT ${inUnit('max("value")')} ${readings({ device: 'device', channel: temperature })}
         GROUP BY time($__interval), "device" fill(none)`,
        `$tag_device ${unitSign}`,
      ),
    ],
  })

const loggers = () =>
  table({
    title: 'Loggers',
    description: 'Oldest last reading first; empty: nothing was measured within the range.',
    source: mixed,
    width: 24,
    height: 10,
    queries: [
      sqlRows(
        'A',
        `select d.id as device, d.giai, m.parent as container,
           (select count(*) from alerts a where a.tenant = d.tenant and a.device = d.id
            and a.status = 'open') as "open excursions"
         from devices d left join stays m on m.tenant = d.tenant and m.child = d.giai
           and m.relation = 'association' and m."from" <= ${rangeTo} and m."to" > ${rangeTo}
         where ${ofTenant('d')} order by d.id limit 10000`,
      ),
      influxRows(
        'B',
        `SELECT ${inUnit('last("value")')} AS "latest ${unitSign}"
         ${readings({ channel: temperature })} GROUP BY "device"`,
      ),
    ],
    transformations: [joinBy('device', 'outer')],
    time: 'last reading',
    sortBy: { column: 'last reading', desc: false },
    columns: {
      device: {
        links: [toDevice(cell('device')), consoleDevice(cell('device')), apiDevice(cell('device'))],
      },
      container: { links: [toShipment(cell('container'))] },
    },
  })

const silentLoggers = () =>
  table({
    title: 'Silent loggers',
    description: 'Heard of within the range, but not in its last piece ("Silent after").',
    source: mixed,
    width: 8,
    height: 10,
    queries: [
      influxRows('A', `SELECT "n" FROM (${lastPieces}) WHERE "n" = 0 GROUP BY "device"`),
      sqlRows(
        'B',
        `select d.id as device, m.parent as container, d."loggingIntervalMs" / 60000.0
           as "logs every"
         from devices d left join stays m on m.tenant = d.tenant and m.child = d.giai
           and m.relation = 'association' and m."from" <= ${rangeTo} and m."to" > ${rangeTo}
         where ${ofTenant('d')} limit 10000`,
      ),
    ],
    transformations: [joinBy('device', 'inner')],
    time: undefined,
    columns: {
      device: { links: [toDevice(cell('device')), consoleDevice(cell('device'))] },
      n: { hidden: true },
      container: { links: [toShipment(cell('container'))] },
      'logs every': { unit: 'm' },
    },
  })

const alerts = () =>
  table({
    title: 'Open excursions, newest first',
    description: 'The breach is named by its rule; serials are counted, the list is one link away.',
    source: postgres,
    width: 16,
    height: 10,
    queries: [
      sqlRows(
        'A',
        `select ${alertColumns}, ${timeOf('"raisedAt"')} as raised from alerts
         where ${ofTenant()} and status = 'open' order by "from" desc, id limit 500`,
      ),
    ],
    columns: {
      severity: { colours: severityColours, width: 90 },
      rule: { links: [toExcursion(cell('id')), consoleAlert(cell('id')), apiAlert(cell('id'))] },
      device: { links: [toDevice(cell('device'))] },
      container: { links: [toShipment(cell('container'))] },
      serials: { links: [apiSerials(cell('id'))] },
      id: { hidden: true },
      begin: { hidden: true },
      finish: { hidden: true },
    },
  })

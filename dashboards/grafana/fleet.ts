// Fleet: how many loggers there are, which are heard of, how warm it is, and what stands against
// them.
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
  countSilent,
  countWithin,
  heardOf,
  listSilent,
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
  refresh: '5m',
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
    byTemperature(),
    temperatures(),
    warmest(),
    coldest(),
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
    queries: [influxLines('A', heardOf, 'loggers')],
  })

const silent = () =>
  figures({
    title: 'Silent',
    description:
      'Loggers that were heard of within the range, but not in its last piece ("Silent after").',
    source: influxdb,
    width: 3,
    none: '0',
    queries: [influxLines('A', countSilent, 'loggers')],
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

const bands: [name: string, where: string][] = [
  ['below -15', '"t" < -15'],
  ['-15 to 2', '"t" >= -15 AND "t" < 2'],
  ['2 to 8', '"t" >= 2 AND "t" <= 8'],
  ['8 to 15', '"t" > 8 AND "t" <= 15'],
  ['15 to 25', '"t" > 15 AND "t" <= 25'],
  ['above 25', '"t" > 25'],
]

const byTemperature = () =>
  figures({
    title: 'Loggers by their latest temperature, °C',
    description: 'How many measured what when they were last heard of within the range.',
    source: influxdb,
    width: 12,
    queries: bands.map(([name, where], index) =>
      influxLines(String.fromCharCode(65 + index), countWithin(where), name),
    ),
  })

const extremes = (title: string, pick: 'top' | 'bottom') => () =>
  table({
    title,
    description: 'By the latest temperature within the range.',
    source: influxdb,
    width: 6,
    height: 9,
    time: 'last reading',
    queries: [
      influxRows(
        'A',
        `SELECT ${inUnit('"t"')} AS "latest ${unitSign}", "device" FROM (
           SELECT ${pick}("t", "device", 10) AS "t" FROM (
             SELECT last("value") AS "t" ${readings({ channel: temperature })} GROUP BY "device")
           WHERE $timeFilter) WHERE $timeFilter`,
      ),
    ],
    columns: { device: { links: [toDevice(cell('device')), consoleDevice(cell('device'))] } },
  })

const warmest = extremes('Warmest loggers', 'top')
const coldest = extremes('Coldest loggers', 'bottom')

const temperatures = () =>
  chart({
    title: 'Temperature of the chosen loggers',
    description: 'Highest value of each piece of time, of fifty loggers at most: choose above.',
    source: influxdb,
    width: 12,
    queries: [
      influxLines(
        'A',
        `SELECT ${inUnit('max("value")')} ${readings({ device: 'device', channel: temperature })}
         GROUP BY time($__interval), "device" fill(none) SLIMIT 50`,
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
         from devices d left join ${mounts} on m.tenant = d.tenant and m.device = d.id
           and m."from" <= ${rangeTo} and m."to" > ${rangeTo}
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
      influxRows('A', listSilent),
      sqlRows(
        'B',
        `select d.id as device, m.parent as container, d."loggingIntervalMs" / 60000.0
           as "logs every"
         from devices d left join ${mounts} on m.tenant = d.tenant and m.device = d.id
           and m."from" <= ${rangeTo} and m."to" > ${rangeTo}
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

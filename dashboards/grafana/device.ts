// Device health: one logger's battery, its pauses, what was refused of it and what came last; and
// who in the whole fleet needs somebody to look.
import { type Board, board } from './board.ts'
import { chart, figures, fromOne, joinBy, limitLine, steps, table } from './panels.ts'
import {
  apiDevice,
  apiRefusals,
  apiRefused,
  cell,
  chosen,
  consoleDevice,
  toDevice,
  uids,
} from './places.ts'
import { influxdb, influxLines, influxRows, mixed, postgres, sqlLines, sqlRows } from './sources.ts'
import { gaps, ofTenant, readings, temperature, timeOf } from './statements.ts'
import { fromLedger, inSql, rangeFrom, rangeTo, tenant, unit } from './variables.ts'

const theDevice = `${ofTenant()} and device = ${inSql('device')}`
const own = readings({ device: 'device', channel: temperature })
const battery = "= 'battery'"
const inRange = `"recordTime" between ${rangeFrom} and ${rangeTo}`

export const device: Board = board({
  uid: uids.device,
  title: 'Isotherm: device health',
  description: 'Battery, pauses, refusals and the last readings of one logger.',
  variables: [
    tenant,
    fromLedger('device', {
      label: 'Logger',
      sql: `select id from devices where ${ofTenant()} order by id limit 10000`,
    }),
    unit,
  ],
  panels: () => [
    lastHeard(),
    charge(),
    counted(),
    longestPause(),
    refused(),
    registered(),
    batteryChart(),
    pauses(),
    perHour(),
    channels(),
    lastReadings(),
    refusals(),
    everybody(),
  ],
})

const lastHeard = () =>
  figures({
    title: 'Last reading',
    description: 'Event time of the newest temperature within the range.',
    source: influxdb,
    width: 4,
    fields: '/^Time$/',
    queries: [influxRows('A', `SELECT last("value") ${own}`)],
  }).unit('dateTimeFromNow')

const charge = () =>
  figures({
    title: 'Battery',
    description: 'As it was told last within the range.',
    source: influxdb,
    width: 4,
    queries: [
      influxLines(
        'A',
        `SELECT last("value") ${readings({ device: 'device', channel: battery })}`,
        'battery',
      ),
    ],
  })
    .unit('percent')
    .thresholds(
      steps([
        [0, 'red'],
        [15, 'orange'],
        [30, 'green'],
      ]),
    )

const counted = () =>
  figures({
    title: 'Readings',
    description: 'Temperatures within the range.',
    source: influxdb,
    width: 4,
    none: '0',
    queries: [influxLines('A', `SELECT count("value") ${own}`, 'readings')],
  })

const longestPause = () =>
  figures({
    title: 'Longest pause',
    description: 'Between one temperature and the next, within the range.',
    source: influxdb,
    width: 4,
    unit: 's',
    queries: [
      influxLines('A', `SELECT max("gap") FROM (${gaps(own)}) WHERE $timeFilter`, 'longest'),
    ],
  })

const refused = () =>
  figures({
    title: 'Refusals',
    description: 'What this logger sent within the range that will never be accepted.',
    source: postgres,
    width: 4,
    queries: [
      sqlRows('A', `select count(*) as refusals from refusals where ${theDevice} and ${inRange}`),
    ],
  }).overrideByName('refusals', [fromOne('orange')])

const registered = () =>
  table({
    title: 'Registered as',
    description: 'How often it logs, as far as it was declared.',
    source: postgres,
    width: 4,
    height: 4,
    queries: [
      sqlRows(
        'A',
        `select giai, "loggingIntervalMs" / 1000.0 as "logs every", id as device
         from devices where ${ofTenant()} and id = ${inSql('device')}`,
      ),
    ],
    columns: {
      giai: { links: [consoleDevice(cell('device')), apiDevice(cell('device'))] },
      'logs every': { unit: 's' },
      device: { hidden: true },
    },
  })

const batteryChart = () =>
  chart({
    title: 'Battery',
    description: 'Lowest of each piece of time.',
    source: influxdb,
    width: 8,
    queries: [
      influxLines(
        'A',
        `SELECT min("value") ${readings({ device: 'device', channel: battery })}
         GROUP BY time($__interval) fill(none)`,
        'battery',
      ),
    ],
  })
    .unit('percent')
    .min(0)
    .max(100)

const pauses = () =>
  chart({
    title: 'Pauses between readings',
    description:
      'Longest of each piece of time. Dashed: two and a half logging intervals, beyond which the time counts as unknown unless the product says otherwise.',
    source: mixed,
    width: 8,
    unit: 's',
    queries: [
      influxLines(
        'A',
        `SELECT max("gap") FROM (${gaps(own)}) WHERE $timeFilter
         GROUP BY time($__interval) fill(none)`,
        'pause',
      ),
      sqlLines(
        'B',
        `select to_timestamp(t.ms / 1000.0) as time, "loggingIntervalMs" * 2.5 / 1000 as "unknown after"
         from devices, (values (${rangeFrom}), (${rangeTo})) as t(ms)
         where ${ofTenant()} and id = ${inSql('device')} and "loggingIntervalMs" is not null
         order by 1`,
      ),
    ],
  }).overrideByQuery('B', limitLine)

const perHour = () =>
  chart({
    title: 'Readings per hour',
    description: 'Temperatures; the first and the last hour of the range are cut.',
    source: influxdb,
    width: 8,
    legend: false,
    queries: [
      influxLines('A', `SELECT count("value") ${own} GROUP BY time(1h) fill(0)`, 'readings'),
    ],
  })

const channels = () =>
  table({
    title: 'Channels',
    description: 'What it measures, with the newest value of each, in the unit it was sent in.',
    source: influxdb,
    width: 6,
    time: 'last reading',
    queries: [
      influxRows(
        'A',
        `SELECT last("value") AS "newest" ${readings({ device: 'device', channel: '!~ /^$/' })}
         GROUP BY "channel"`,
      ),
    ],
  })

const lastReadings = () =>
  table({
    title: 'Last readings',
    description: 'With the place in the log of the packet that each came in.',
    source: influxdb,
    width: 8,
    time: 'time',
    queries: [
      influxRows(
        'A',
        `SELECT "channel", "value", "offset" AS "packet"
         ${readings({ device: 'device', channel: '!~ /^$/' })} ORDER BY time DESC LIMIT 200`,
      ),
    ],
  })

const refusals = () =>
  table({
    title: 'Refusals',
    description: 'Newest first, with the reason; the bytes are one link away.',
    source: postgres,
    width: 10,
    queries: [
      sqlRows(
        'A',
        `select ${timeOf('"recordTime"')} as received, code, path, detail, topic,
           length(raw) as bytes, id::text as id
         from refusals where ${theDevice} and ${inRange} order by refusals.id desc limit 200`,
      ),
    ],
    columns: {
      code: { links: [apiRefused(cell('id')), apiRefusals(chosen('device'))] },
      id: { hidden: true },
    },
  })

const everybody = () =>
  table({
    title: 'All loggers: who needs somebody to look',
    description: 'Lowest battery first, with the refusals within the range.',
    source: mixed,
    width: 24,
    queries: [
      sqlRows(
        'A',
        `select d.id as device, d."loggingIntervalMs" / 1000.0 as "logs every",
           (select count(*) from refusals r where r.tenant = d.tenant and r.device = d.id
            and r."recordTime" between ${rangeFrom} and ${rangeTo}) as refusals
         from devices d where ${ofTenant('d')} order by d.id limit 10000`,
      ),
      influxRows(
        'B',
        `SELECT last("value") AS "battery" ${readings({ channel: battery })} GROUP BY "device"`,
      ),
    ],
    transformations: [joinBy('device', 'outer')],
    time: 'battery told at',
    sortBy: { column: 'battery', desc: false },
    columns: {
      device: {
        links: [toDevice(cell('device')), consoleDevice(cell('device')), apiDevice(cell('device'))],
      },
      battery: { unit: 'percent' },
      'logs every': { unit: 's' },
      refusals: { links: [apiRefusals(cell('device'))] },
    },
  })

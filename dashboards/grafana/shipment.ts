// Shipment: one container with its loggers, what was inside, where it and its contents were, and
// the excursions on it.
import { type Board, board, regions } from './board.ts'
import { chart, figures, fromOne, limitLine, severityColours, table } from './panels.ts'
import {
  apiAlert,
  apiProduct,
  apiSerials,
  apiUnit,
  cell,
  chosen,
  consoleAlert,
  consoleDevice,
  toDevice,
  toExcursion,
  toShipment,
  uids,
} from './places.ts'
import { influxLines, mixed, postgres, sqlLines, sqlRows } from './sources.ts'
import {
  alertColumns,
  mounts,
  numberIn,
  ofTenant,
  readings,
  temperature,
  timeOf,
} from './statements.ts'
import {
  fromLedger,
  hidden,
  inSql,
  inUnit,
  rangeFrom,
  rangeTo,
  several,
  tenant,
  unit,
  unitSign,
} from './variables.ts'

const onContainer = `${ofTenant()} and container = ${inSql('container')}`

/**
 * Everything inside at the end of the range, at any depth, as Isotherm itself walks it; the walk
 * ends at eight levels (config.ts, containmentDepthMax).
 */
const inside = `with recursive inside(epc, depth) as (
  select ${inSql('container')} collate "C", 0
  union
  select s.child, i.depth + 1 from inside i join stays s on ${ofTenant('s')}
    and s.relation = 'aggregation' and s.parent = i.epc
    and s."from" <= ${rangeTo} and s."to" > ${rangeTo}
  where i.depth < 8),
  contents as (select distinct on (i.epc) i.epc,
    coalesce(u.gtin, substring(i.epc from '/01/([0-9]{14})/21/')) as gtin, u.lot, u.expiry
    from inside i left join units u on ${ofTenant('u')} and u.epc = i.epc)`

export const shipment: Board = board({
  uid: uids.shipment,
  title: 'Isotherm: shipment',
  description: 'One container: its temperature, its contents, its stays, its excursions.',
  variables: [
    tenant,
    fromLedger('container', {
      label: 'Container',
      sql: `select parent as __value,
          substring(parent from '[^/]+/[^/]+$') || ' with ' || loggers as __text
        from (select m.parent, string_agg(distinct d.id, ', ') as loggers, max(m."from") as latest
          from ${mounts} where ${ofTenant('m')} group by m.parent) as mounted
        order by latest desc limit 1000`,
    }),
    hidden(
      several(
        fromLedger('device', {
          label: 'Loggers',
          sql: `select distinct d.id from ${mounts}
            where ${ofTenant('m')} and m.parent = ${inSql('container')}`,
        }),
      ),
    ),
    unit,
  ],
  annotations: [
    regions('Excursions', {
      colour: 'red',
      sql: `select ${timeOf('"from"')} as time, ${timeOf(`least("to", ${rangeTo})`)} as timeend,
          severity || ': ' || rule || ' (' || device || ')' as text, severity as tags
        from alerts where ${onContainer} and status = 'open' and "from" <= ${rangeTo}
          and "to" >= ${rangeFrom} order by "from" limit 200`,
    }),
    regions('Loggers on it', {
      colour: 'blue',
      sql: `select ${timeOf('m."from"')} as time, ${timeOf(`least(m."to", ${rangeTo})`)} as timeend,
          d.id || ' is on it' as text, d.id as tags
        from ${mounts} where ${ofTenant('m')} and m.parent = ${inSql('container')}
          and m."from" <= ${rangeTo} and m."to" >= ${rangeFrom} limit 200`,
    }),
  ],
  panels: () => [
    facts(),
    loggers(),
    temperatures(),
    door(),
    contents(),
    alerts(),
    staysOf(),
    staysIn(),
  ],
})

const facts = () =>
  figures({
    title: 'At the end of the range',
    description: 'Serial numbers inside at any depth, and excursions that stand on this container.',
    source: postgres,
    width: 8,
    height: 6,
    queries: [
      sqlRows(
        'A',
        `${inside} select count(*) filter (where gtin is not null) as "serials inside",
           count(distinct gtin) as products,
           (select count(*) from alerts where ${onContainer} and status = 'open')
             as "open excursions"
         from contents`,
      ),
    ],
  })
    .overrideByName('open excursions', [fromOne('orange')])
    .overrideByName('serials inside', [{ id: 'links', value: [apiUnit(chosen('container'))] }])

const loggers = () =>
  table({
    title: 'Loggers on it',
    description: 'When each logger was on this container; empty: it still is.',
    source: postgres,
    width: 16,
    height: 6,
    queries: [
      sqlRows(
        'A',
        `select d.id as device, d.giai, ${timeOf('m."from"')} as "on since",
           ${timeOf('m."to"')} as "off at", m."endedBy" as "ended by", m.parent as container,
           m."from"::text as begin,
           least(m."to", (extract(epoch from now()) * 1000)::bigint)::text as finish
         from ${mounts} where ${ofTenant('m')} and m.parent = ${inSql('container')}
         order by m."from" limit 100`,
      ),
    ],
    columns: {
      device: { links: [toDevice(cell('device')), consoleDevice(cell('device'))] },
      'on since': {
        links: [
          {
            ...toShipment(cell('container'), { from: cell('begin'), to: cell('finish') }),
            title: 'Look at this time',
          },
        ],
      },
      container: { hidden: true },
      begin: { hidden: true },
      finish: { hidden: true },
    },
  })

const temperatures = () =>
  chart({
    title: 'Temperature',
    description:
      'Highest and lowest of each piece of time, so that no peak is lost. Dashed: the storage ranges of what is inside. A logger also measured before and after it was on this container: the blue regions say when it was.',
    source: mixed,
    width: 24,
    height: 11,
    queries: [
      influxLines(
        'A',
        `SELECT ${inUnit('max("value")')} ${readings({ device: 'device', channel: temperature })}
         GROUP BY time($__interval), "device" fill(none)`,
        `$tag_device highest ${unitSign}`,
      ),
      influxLines(
        'B',
        `SELECT ${inUnit('min("value")')} ${readings({ device: 'device', channel: temperature })}
         GROUP BY time($__interval), "device" fill(none)`,
        `$tag_device lowest ${unitSign}`,
      ),
      sqlLines(
        'C',
        `${inside} select to_timestamp(t.ms / 1000.0) as time,
           l.side || ' ' || l.gtin || ' ${unitSign}' as metric, ${inUnit('l.celsius')} as value
         from (values (${rangeFrom}), (${rangeTo})) as t(ms),
           (select c.gtin, side, case side when 'at most' then ${numberIn('p.profile', 'rangeC', 'max')}
              else ${numberIn('p.profile', 'rangeC', 'min')} end as celsius
            from (select distinct gtin from contents where gtin is not null) c
            join products p on ${ofTenant('p')} and p.gtin = c.gtin,
            (values ('at most'), ('at least')) as sides(side)) as l
         where l.celsius is not null order by 1, 2`,
      ),
    ],
  }).overrideByQuery('C', limitLine)

const door = () =>
  chart({
    title: 'Light and humidity',
    description: 'Light tells an open door; both are the highest value of each piece of time.',
    source: mixed,
    width: 24,
    height: 6,
    queries: [
      influxLines(
        'A',
        `SELECT max("value") ${readings({ device: 'device', channel: "= 'light'" })}
         GROUP BY time($__interval), "device" fill(none)`,
        '$tag_device light',
      ),
      influxLines(
        'B',
        `SELECT max("value") ${readings({ device: 'device', channel: "= 'humidity'" })}
         GROUP BY time($__interval), "device" fill(none)`,
        '$tag_device humidity',
      ),
    ],
  })
    .overrideByRegexp('/ light$/', [{ id: 'unit', value: 'lux' }])
    .overrideByRegexp('/ humidity$/', [
      { id: 'unit', value: 'humidity' },
      { id: 'custom.axisPlacement', value: 'right' },
    ])

const contents = () =>
  table({
    title: 'Contents by product and lot',
    description:
      'Serial numbers inside at the end of the range, at any depth; counted, not listed.',
    source: postgres,
    width: 12,
    queries: [
      sqlRows(
        'A',
        `${inside} select c.gtin, p.name as product, c.lot, c.expiry, count(*) as serials
         from contents c left join products p on ${ofTenant('p')} and p.gtin = c.gtin
         where c.gtin is not null group by c.gtin, p.name, c.lot, c.expiry
         order by c.gtin, c.lot limit 1000`,
      ),
    ],
    columns: { gtin: { links: [apiProduct(cell('gtin'))] } },
  })

const alerts = () =>
  table({
    title: 'Excursions on it',
    description: 'Also those that later data took back or replaced: see the status.',
    source: postgres,
    width: 12,
    queries: [
      sqlRows(
        'A',
        `select ${alertColumns} from alerts where ${onContainer} order by "from" desc limit 200`,
      ),
    ],
    columns: {
      severity: { colours: severityColours, width: 90 },
      rule: { links: [toExcursion(cell('id')), consoleAlert(cell('id')), apiAlert(cell('id'))] },
      device: { links: [toDevice(cell('device'))] },
      container: { hidden: true },
      serials: { links: [apiSerials(cell('id'))] },
      id: { hidden: true },
      begin: { hidden: true },
      finish: { hidden: true },
    },
  })

const staysOf = () =>
  table({
    title: 'Where it was',
    description: 'What this container itself was packed into.',
    source: postgres,
    width: 8,
    queries: [
      sqlRows(
        'A',
        `select parent as "inside of", ${timeOf('"from"')} as since, ${timeOf('"to"')} as until,
           "endedBy" as "ended by"
         from stays where ${ofTenant()} and child = ${inSql('container')}
           and relation = 'aggregation' order by "from" desc limit 200`,
      ),
    ],
  })

const staysIn = () =>
  table({
    title: 'What was in it',
    description:
      'Stays of what was packed straight into it, grouped by when and how they came and went.',
    source: postgres,
    width: 16,
    queries: [
      sqlRows(
        'A',
        `select coalesce('GTIN ' || substring(child from '/01/([0-9]{14})'),
             'SSCC ' || substring(child from '/00/([0-9]{18})'), 'other') as what,
           count(*) as things, ${timeOf('"from"')} as since,
           ${timeOf('"to"')} as until, "endedBy" as "ended by"
         from stays where ${ofTenant()} and parent = ${inSql('container')}
           and relation = 'aggregation' and "from" <= ${rangeTo}
         group by 1, "from", "to", "endedBy" order by "from" desc, 1 limit 500`,
      ),
    ],
  })

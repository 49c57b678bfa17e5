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
  endedBy,
  keptEpc,
  mounts,
  numberIn,
  ofTenant,
  packed,
  readings,
  temperature,
  timeOf,
  wholeEpc,
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
 * Everything inside at the end of the range, as Isotherm itself walks it, but for sixteen levels
 * only: the depth is what ends a ring here.
 */
const inside = `with recursive inside(id, depth) as (
  select id, 0 from epcs where ${ofTenant()} and epc = ${keptEpc(inSql('container'))}
  union
  select s.child, i.depth + 1 from inside i join stays s on ${ofTenant('s')}
    and s.${packed} and s.parent = i.id
    and s."from" <= ${rangeTo} and s."to" > ${rangeTo}
  where i.depth < 16),
  contents as (select distinct on (i.id) ${wholeEpc('e.epc')} as epc,
    substring(e.epc from '^01/([0-9]{14})/21/') as gtin,
    nullif(l.lot, '') as lot, nullif(l.expiry, '') as expiry
    from inside i join epcs e on ${ofTenant('e')} and e.id = i.id
    left join lots l on ${ofTenant('l')} and l.id = e.lot)`

/** Stays of one side of which the other is the container that was chosen. */
const staysWhere = (side: 'child' | 'parent'): string => `stays s
         join epcs c on c.tenant = s.tenant and c.id = s.child
         join epcs p on p.tenant = s.tenant and p.id = s.parent
         where ${ofTenant('s')} and s.${packed} and s.${side} = (
           select id from epcs where ${ofTenant()} and epc = ${keptEpc(inSql('container'))})`

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
        from (select m.parent, string_agg(distinct m.device, ', ') as loggers, max(m."from") as latest
          from ${mounts} where ${ofTenant('m')} group by m.parent) as mounted
        order by latest desc limit 1000`,
    }),
    hidden(
      several(
        fromLedger('device', {
          label: 'Loggers',
          sql: `select distinct m.device from ${mounts}
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
          m.device || ' is on it' as text, m.device as tags
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
        `select m.device, m.giai, ${timeOf('m."from"')} as "on since",
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
        `select ${wholeEpc('p.epc')} as "inside of", ${timeOf('s."from"')} as since,
           ${timeOf('s."to"')} as until, ${endedBy('s."endedBy"')} as "ended by"
         from ${staysWhere('child')} order by s."from" desc limit 200`,
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
        `select coalesce('GTIN ' || substring(c.epc from '^01/([0-9]{14})'),
             'SSCC ' || substring(c.epc from '^00/([0-9]{18})'), 'other') as what,
           count(*) as things, ${timeOf('s."from"')} as since,
           ${timeOf('s."to"')} as until, ${endedBy('s."endedBy"')} as "ended by"
         from ${staysWhere('parent')} and s."from" <= ${rangeTo}
         group by 1, s."from", s."to", s."endedBy" order by s."from" desc, 1 limit 500`,
      ),
    ],
  })

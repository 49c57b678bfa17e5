// Pieces of SQL and InfluxQL that several dashboards share. Times in the ledger are epoch ms, and
// an end that has not come is the largest safe integer (store/ledger/schema.ts). What is named in a
// query is named as the schema names it.
import { braces, inInflux, inSql, inUnit, rangeFrom, rangeTo, unitSign } from './variables.ts'

/** The tenant of the dashboard; row-level security says the same once more. */
export const ofTenant = (table?: string): string =>
  `${table === undefined ? '' : `${table}.`}tenant = ${inSql('tenant')}`

export const openEnd = '9007199254740991'

/** epoch ms as a time that Grafana shows in the zone of the dashboard; null while it lasts. */
export const timeOf = (column: string): string =>
  `to_timestamp(nullif(${column}, ${openEnd}) / 1000.0)`

/** The ledger keeps EPCs without the host of their canonical form (store/ledger/epcs.ts). */
const host = 'https://id.gs1.org/'

export const wholeEpc = (column: string): string =>
  `case when ${column} ~ '^[0-9]' then '${host}' || ${column} else ${column} end`

export const keptEpc = (epc: string): string =>
  `case when ${epc} ~ '^${host}[0-9]' then substr(${epc}, ${host.length + 1}) else ${epc} end`

/** Numbers that stand for words in the table of stays (store/ledger/schema.ts). */
export const packed = 'relation = 0'
export const endedBy = (column: string): string =>
  `(array['removed', 'emptied', 'moved', 'consumed', 'decommissioned'])[${column}]`

/** Loggers and the containers that they are on, or were. */
export const mounts = `(
  select d.tenant, d.id as device, d.giai, ${wholeEpc('p.epc')} as parent, s."from", s."to",
    ${endedBy('s."endedBy"')} as "endedBy"
  from devices d
  join epcs c on c.tenant = d.tenant and c.epc = ${keptEpc('d.giai')}
  join stays s on s.tenant = c.tenant and s.child = c.id and s.relation = 1
  join epcs p on p.tenant = s.tenant and p.id = s.parent) as m`

/** A number in the body of an alert or a profile. */
export const numberIn = (json: string, ...path: string[]): string =>
  `(${json}::json #>> '{${path.join(',')}}')::float8`

/**
 * Columns of every list of alerts; `begin` and `finish` are where a link leads, epoch ms: as text,
 * for a number would go into the link as it is shown.
 */
export const alertColumns = `severity, rule, device, container, gtin, status, verdict,
  ${timeOf('"from"')} as "out since", ${timeOf('"to"')} as "until",
  ${numberIn('body', 'minutes')} as minutes,
  ${inUnit(numberIn('body', 'peakC'))} as "peak ${unitSign}",
  ${numberIn('body', 'serialCount')} as serials, revision, id,
  ("from" - 21600000)::text as begin,
  (least("to", (extract(epoch from now()) * 1000)::bigint) + 21600000)::text as finish`

/** Readings of a channel of loggers that a variable names, within the range. */
export const readings = (of: { device?: string; channel: string }): string =>
  [
    `FROM "readings" WHERE "tenant" =~ ${inInflux('tenant')}`,
    ...(of.device === undefined ? [] : [`AND "device" =~ ${inInflux(of.device)}`]),
    `AND "channel" ${of.channel} AND $timeFilter`,
  ].join(' ')

export const temperature = "= 'temperature'"

/** One row for each logger: a temperature within a time. `select` may hold "value". */
const eachLogger = (select: string, time: string): string =>
  `SELECT ${select} FROM "readings" WHERE "tenant" =~ ${inInflux('tenant')}
   AND "channel" ${temperature} AND ${time} GROUP BY "device"`

const whole = `time >= ${rangeFrom}ms AND time <= ${rangeTo}ms`
const lastPiece = `time >= ${rangeTo}ms - ${braces('silence:raw')} AND time <= ${rangeTo}ms`

/** From here on only last values are asked for: InfluxDB need not read all of a large fleet. */
export const heardOf = `SELECT count("v") FROM (${eachLogger('last("value") AS "v"', whole)})`

/** Heard of in the whole range less heard of in its last piece; also when nobody was in that. */
export const countSilent = `SELECT sum("x") FROM
  (SELECT count("v") AS "x" FROM (${eachLogger('last("value") AS "v"', whole)})),
  (SELECT count("v") * -1 AS "x" FROM (${eachLogger('last("value") AS "v"', lastPiece)}))`

/** A row for each of them: heard of in one of the two. */
export const listSilent = `SELECT "n" FROM (SELECT sum("x") AS "n" FROM
    (${eachLogger('last("value") * 0 + 1 AS "x"', whole)}),
    (${eachLogger('last("value") * 0 + 1 AS "x"', lastPiece)}) GROUP BY "device")
  WHERE "n" = 1 GROUP BY "device"`

/** How many loggers were last within a band of °C, as a condition on "t"; 0 too. */
export const countWithin = (band: string): string => `SELECT sum("x") FROM
  (SELECT count("t") AS "x" FROM (${eachLogger('last("value") AS "t"', whole)}) WHERE ${band}),
  (SELECT count("t") * 0 AS "x" FROM (${eachLogger('last("value") AS "t"', whole)}))`

/** Seconds between one reading and the next. */
export const gaps = (from: string): string => `SELECT elapsed("value", 1s) AS "gap" ${from}`

// The three data sources that the dashboards ask, by the uids under which
// provisioning/datasources/isotherm.yaml makes them, and the shape of a query to each. The SDK has
// no query types for InfluxDB and PostgreSQL: theirs are written out here as Grafana saves them.
// Asks nothing itself, and knows no address and no password.
import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog'
import type { DataSourceRef } from '@grafana/grafana-foundation-sdk/common'
import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus'

export const influxdb: DataSourceRef = { type: 'influxdb', uid: 'isotherm-series' }
export const postgres: DataSourceRef = {
  type: 'grafana-postgresql-datasource',
  uid: 'isotherm-ledger',
}
export const prometheus: DataSourceRef = { type: 'prometheus', uid: 'isotherm-metrics' }
/** Of panels whose queries go to several of them. */
export const mixed: DataSourceRef = { type: 'datasource', uid: '-- Mixed --' }

/** As saved in a panel, a variable or a rule. */
export interface InfluxModel {
  refId: string
  datasource: DataSourceRef
  query: string
  rawQuery: true
  resultFormat: 'time_series' | 'table'
  alias?: string
}

export interface PostgresModel {
  refId: string
  datasource: DataSourceRef
  rawSql: string
  rawQuery: true
  editorMode: 'code'
  format: 'time_series' | 'table'
}

/** One letter in the panel, and the query. */
export type Query = Builder<Dataquery>

/** InfluxQL as lines in time. `alias` names each: `$tag_device` is the value of a tag. */
export const influxLines = (refId: string, query: string, alias?: string): Query =>
  built<InfluxModel>({
    refId,
    datasource: influxdb,
    query: oneLine(query),
    rawQuery: true,
    resultFormat: 'time_series',
    ...(alias !== undefined && { alias }),
  })

/** InfluxQL as rows: Time, the tags it is grouped by, then what it selects. */
export const influxRows = (refId: string, query: string): Query =>
  built<InfluxModel>({
    refId,
    datasource: influxdb,
    query: oneLine(query),
    rawQuery: true,
    resultFormat: 'table',
  })

export const sqlRows = (refId: string, rawSql: string): Query =>
  built(postgresModel(refId, rawSql, 'table'))

/** SQL whose rows have `time`, a number, and perhaps `metric`, the name of the line. */
export const sqlLines = (refId: string, rawSql: string): Query =>
  built(postgresModel(refId, rawSql, 'time_series'))

export const postgresModel = (
  refId: string,
  rawSql: string,
  format: PostgresModel['format'],
): PostgresModel => ({
  refId,
  datasource: postgres,
  rawSql: oneLine(rawSql),
  rawQuery: true,
  editorMode: 'code',
  format,
})

/** PromQL over the range of the dashboard. */
export const promLines = (refId: string, expr: string, legend: string): Query =>
  new DataqueryBuilder()
    .refId(refId)
    .datasource(prometheus)
    .expr(oneLine(expr))
    .range()
    .format(PromQueryFormat.TimeSeries)
    .legendFormat(legend)

/** PromQL as it stands at the end of the range. */
export const promNow = (refId: string, expr: string, legend: string): Query =>
  instant(refId, expr).format(PromQueryFormat.TimeSeries).legendFormat(legend)

/** The same with a column for each label, and Time and Value. */
export const promRows = (refId: string, expr: string): Query =>
  instant(refId, expr).format(PromQueryFormat.Table)

const instant = (refId: string, expr: string): DataqueryBuilder =>
  new DataqueryBuilder().refId(refId).datasource(prometheus).expr(oneLine(expr)).instant()

/** Queries are written over several lines here and saved as one. */
export const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim()

const built = <T extends object>(model: T): Query => ({
  build: () => ({ ...model, _implementsDataqueryVariant: () => undefined }),
})

// A rendered dashboard as the types of Grafana's SDK describe it, which are generated from the
// schema that Grafana publishes. Where the SDK says `any` (options of a panel, queries), the types
// of the panel or of the data source stand here; those of InfluxDB and PostgreSQL are this
// project's own, for the SDK has none. Only the compiler reads this.
import type * as dashboard from '@grafana/grafana-foundation-sdk/dashboard'
import type * as geomap from '@grafana/grafana-foundation-sdk/geomap'
import type { Dataquery as PrometheusQuery } from '@grafana/grafana-foundation-sdk/prometheus'
import type * as stat from '@grafana/grafana-foundation-sdk/stat'
import type * as table from '@grafana/grafana-foundation-sdk/table'
import type * as timeseries from '@grafana/grafana-foundation-sdk/timeseries'
import type { InfluxModel, PostgresModel } from '../dashboards/grafana/sources.ts'

/** The same in JSON: enumerations are their values, and there are no methods. */
type Plain<T> = 0 extends 1 & T
  ? T
  : T extends string
    ? `${T}`
    : T extends number
      ? number extends T
        ? number
        : `${T}` extends `${infer N extends number}`
          ? N
          : never
      : T extends (infer Item)[]
        ? Plain<Item>[]
        : T extends object
          ? { [K in keyof T as T[K] extends () => void ? never : K]: Plain<T[K]> }
          : T

type Query = InfluxModel | PostgresModel | Plain<PrometheusQuery>

interface FieldConfigs<Custom> {
  defaults: Omit<Plain<dashboard.FieldConfig>, 'custom'> & { custom?: Plain<Custom> }
  overrides: {
    matcher: { id: 'byName' | 'byRegexp' | 'byType' | 'byFrameRefID'; options?: string }
    properties: {
      id: keyof dashboard.FieldConfig | `custom.${keyof Custom & string}`
      value?: unknown
    }[]
  }[]
}

type PanelOf<Type extends string, Options, Custom> = Omit<
  Plain<dashboard.Panel>,
  'type' | 'targets' | 'options' | 'fieldConfig' | 'id' | 'title' | 'description'
> & {
  type: Type
  id: number
  title: string
  description: string
  targets: Query[]
  options: Partial<Plain<Options>>
  fieldConfig: FieldConfigs<Partial<Custom>>
}

type Panel =
  | PanelOf<'timeseries', timeseries.Options, timeseries.FieldConfig>
  | PanelOf<'stat', stat.Options, Record<never, never>>
  | PanelOf<'table', table.Options, table.FieldConfig>
  | PanelOf<'geomap', geomap.Options, Record<never, never>>

export type Board = Omit<Plain<dashboard.Dashboard>, 'panels' | 'annotations' | 'uid'> & {
  uid: string
  panels: Panel[]
  annotations: {
    list?: (Omit<Plain<dashboard.AnnotationQuery>, 'target'> & { target: PostgresModel })[]
  }
}

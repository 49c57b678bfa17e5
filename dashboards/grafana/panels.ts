// How the panels of every dashboard look: charts, tables and figures of the SDK with the habits of
// this house set. Knows nothing of what they show.
import {
  BigValueColorMode,
  BigValueGraphMode,
  type DataSourceRef,
  FrameGeometrySourceBuilder,
  FrameGeometrySourceMode,
  GraphGradientMode,
  LegendDisplayMode,
  LegendPlacement,
  MapLayerOptionsBuilder,
  ReduceDataOptionsBuilder,
  SortOrder,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common'
import {
  type DataTransformerConfig,
  type DynamicConfigValue,
  ThresholdsConfigBuilder,
  ThresholdsMode,
} from '@grafana/grafana-foundation-sdk/dashboard'
import {
  PanelBuilder as MapBuilder,
  MapCenterID,
  MapViewConfigBuilder,
} from '@grafana/grafana-foundation-sdk/geomap'
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat'
import { PanelBuilder as TableBuilder } from '@grafana/grafana-foundation-sdk/table'
import { PanelBuilder as ChartBuilder } from '@grafana/grafana-foundation-sdk/timeseries'
import type { Place } from './places.ts'
import type { Query } from './sources.ts'

export interface PanelOf {
  title: string
  description: string
  source: DataSourceRef
  queries: Query[]
  /** Of 24 columns. */
  width: number
  /** In rows of 30 pixels. */
  height?: number
  unit?: string
}

/** Lines in time. */
export function chart(of: PanelOf & { legend?: boolean }): ChartBuilder {
  const panel = new ChartBuilder()
    .title(of.title)
    .description(of.description)
    .datasource(of.source)
    .targets(of.queries)
    .span(of.width)
    .height(of.height ?? 9)
    .lineWidth(1)
    .fillOpacity(0)
    .gradientMode(GraphGradientMode.None)
    .showPoints(VisibilityMode.Never)
    .legend(
      new VizLegendOptionsBuilder()
        .displayMode(LegendDisplayMode.List)
        .placement(LegendPlacement.Bottom)
        .showLegend(of.legend ?? true),
    )
    .tooltip(
      new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending),
    )
  if (of.unit !== undefined) panel.unit(of.unit)
  for (const { pattern, properties } of temperatures) panel.overrideByRegexp(pattern, properties)
  return panel
}

/** One or several figures, large: one for each column. */
export function figures(of: PanelOf & { fields?: string; none?: string }): StatBuilder {
  const panel = new StatBuilder()
    .title(of.title)
    .description(of.description)
    .datasource(of.source)
    .targets(of.queries)
    .span(of.width)
    .height(of.height ?? 4)
    .graphMode(BigValueGraphMode.None)
    .colorMode(BigValueColorMode.Value)
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']).fields(of.fields ?? ''))
    .noValue(of.none ?? '–')
    .thresholds(steps([]))
  if (of.unit !== undefined) panel.unit(of.unit)
  for (const { pattern, properties } of temperatures) panel.overrideByRegexp(pattern, properties)
  return panel
}

export interface Column {
  links?: Place[]
  unit?: string
  width?: number
  /** There for links only. */
  hidden?: boolean
  /** Values and their colours. */
  colours?: Record<string, string>
}

export function table(
  of: PanelOf & {
    columns?: Record<string, Column>
    sortBy?: { column: string; desc: boolean }
    transformations?: DataTransformerConfig[]
    /** The column of times that InfluxDB gives: its name here, or undefined for none. */
    time?: string | undefined
  },
): TableBuilder {
  const panel = new TableBuilder()
    .title(of.title)
    .description(of.description)
    .datasource(of.source)
    .targets(of.queries)
    .span(of.width)
    .height(of.height ?? 9)
    .filterable(true)
    .noValue('–')
  if (of.sortBy) panel.sortBy([{ build: () => toSort(of.sortBy!) }])
  for (const { pattern, properties } of temperatures) panel.overrideByRegexp(pattern, properties)
  // By type: after a join Grafana may call it by the name of its frame as well.
  if ('time' in of)
    panel.overrideByFieldType('time', [
      of.time === undefined
        ? { id: 'custom.hidden', value: true }
        : { id: 'displayName', value: of.time },
    ])
  for (const [name, column] of Object.entries(of.columns ?? {}))
    panel.overrideByName(name, propertiesOf(column))
  return panel.transformations(of.transformations ?? [])
}

/**
 * Rows with `latitude`, `longitude`, and a number by which they are coloured. Countries come from
 * Grafana itself; tiles, where somebody has set a base layer, from there.
 */
export function map(of: PanelOf & { colourBy: string; links?: Place[] }): MapBuilder {
  const markers = new MapLayerOptionsBuilder()
    .type('markers')
    .name('Cases')
    .tooltip(true)
    .location(
      new FrameGeometrySourceBuilder()
        .mode(FrameGeometrySourceMode.Coords)
        .latitude('latitude')
        .longitude('longitude'),
    )
    .config({
      showLegend: true,
      style: {
        color: { field: of.colourBy, fixed: 'dark-red' },
        opacity: 0.7,
        size: { fixed: 7, min: 4, max: 15 },
        symbol: { fixed: 'img/icons/marker/circle.svg', mode: 'fixed' },
      },
    })
  const countries = new MapLayerOptionsBuilder()
    .type('geojson')
    .name('Countries')
    .tooltip(false)
    .config({ src: 'public/maps/countries.geojson', rules: [], style: { opacity: 0.15 } })
  const panel = new MapBuilder()
    .title(of.title)
    .description(of.description)
    .datasource(of.source)
    .targets(of.queries)
    .span(of.width)
    .height(of.height ?? 12)
    .view(new MapViewConfigBuilder().id(MapCenterID.Fit).allLayers(false).layer('Cases'))
    .basemap(new MapLayerOptionsBuilder().type('default').name('Base layer'))
    .layers([countries, markers])
    .thresholds(steps([]))
  if (of.links) panel.overrideByRegexp('/./', [{ id: 'links', value: of.links }])
  return panel
}

/** Rows of several queries become one by a column; `inner`: only what all of them have. */
export const joinBy = (column: string, mode: 'inner' | 'outer'): DataTransformerConfig => ({
  id: 'joinByField',
  options: { byField: column, mode },
})

/** Colours from a value on, lowest first; below the first it is plain. */
export const steps = (of: [from: number, colour: string][]): ThresholdsConfigBuilder =>
  new ThresholdsConfigBuilder()
    .mode(ThresholdsMode.Absolute)
    .steps([{ value: null, color: 'text' }, ...of.map(([value, color]) => ({ value, color }))])

/** A colour from one on. */
export const fromOne = (colour: string): DynamicConfigValue => ({
  id: 'thresholds',
  value: {
    mode: 'absolute',
    steps: [
      { value: null, color: 'text' },
      { value: 1, color: colour },
    ],
  },
})

/** A line of a limit: dashed, and not to be taken for readings. */
export const limitLine: DynamicConfigValue[] = [
  { id: 'custom.lineStyle', value: { fill: 'dash', dash: [10, 10] } },
  { id: 'custom.lineWidth', value: 2 },
  { id: 'color', value: { mode: 'fixed', fixedColor: 'red' } },
]

export const severityColours: Record<string, string> = {
  critical: 'dark-red',
  major: 'orange',
  minor: 'yellow',
  info: 'blue',
}

export const verdictColours: Record<string, string> = {
  out: 'dark-red',
  indeterminate: 'orange',
  in: 'green',
}

export const caseKindColours: Record<string, string> = {
  theft: 'dark-red',
  diversion: 'red',
  'off-market': 'orange',
  'silent-unpack': 'dark-orange',
  'logger-divorce': 'purple',
  clone: 'blue',
  'return-fraud': 'yellow',
  enumeration: 'dark-blue',
}

const temperatures = [
  {
    pattern: '/°C$/',
    properties: [
      { id: 'unit', value: 'celsius' },
      { id: 'decimals', value: 1 },
    ],
  },
  {
    pattern: '/°F$/',
    properties: [
      { id: 'unit', value: 'fahrenheit' },
      { id: 'decimals', value: 1 },
    ],
  },
]

const toSort = ({ column, desc }: { column: string; desc: boolean }) => ({
  displayName: column,
  desc,
})

function propertiesOf({ links, unit, width, hidden, colours }: Column): DynamicConfigValue[] {
  return [
    ...(links ? [{ id: 'links', value: links }] : []),
    ...(unit !== undefined ? [{ id: 'unit', value: unit }] : []),
    ...(width !== undefined ? [{ id: 'custom.width', value: width }] : []),
    ...(hidden ? [{ id: 'custom.hidden', value: true }] : []),
    ...(colours
      ? [
          { id: 'mappings', value: [{ type: 'value', options: mapped(colours) }] },
          { id: 'custom.cellOptions', value: { type: 'color-text' } },
        ]
      : []),
  ]
}

const mapped = (colours: Record<string, string>) =>
  Object.fromEntries(
    Object.entries(colours).map(([value, color], index) => [value, { color, index, text: value }]),
  )

// A dashboard from its parts: panels get their numbers, and every dashboard the same frame: the
// zone of whoever looks, a cursor that moves on all charts at once, ways to the other dashboards.
import type { Builder } from '@grafana/grafana-foundation-sdk/cog'
import {
  type AnnotationQuery,
  AnnotationQueryBuilder,
  type Dashboard,
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  type Panel,
} from '@grafana/grafana-foundation-sdk/dashboard'
import { postgres, sqlRows } from './sources.ts'
import { isotherm, type Variable } from './variables.ts'

/** What numbers, places and links of a panel are made of. */
type PanelBuilder = Builder<Panel> & { id(id: number): unknown }

export interface Board {
  uid: string
  /** `isothermUrl`: where people's browsers find Isotherm. */
  render(isothermUrl: string): Dashboard
}

export interface BoardOf {
  uid: string
  title: string
  description: string
  variables: Variable[]
  /** Made anew for each rendering. */
  panels: () => PanelBuilder[]
  annotations?: Builder<AnnotationQuery>[]
  /** How far back it looks at first. */
  from?: string
  refresh?: string
}

export const board = (of: BoardOf): Board => ({
  uid: of.uid,
  render: (isothermUrl) => {
    const builder = new DashboardBuilder(of.title)
      .uid(of.uid)
      .description(of.description)
      .tags(['isotherm'])
      .timezone('browser')
      .tooltip(DashboardCursorSync.Crosshair)
      .time({ from: of.from ?? 'now-24h', to: 'now' })
      .refresh(of.refresh ?? '1m')
      .variables([...of.variables, isotherm(isothermUrl)])
      .annotations(of.annotations ?? [])
      .links([
        new DashboardLinkBuilder('Isotherm')
          .type(DashboardLinkType.Dashboards)
          .tags(['isotherm'])
          .icon('external link')
          .tooltip('The other dashboards')
          .asDropdown(true)
          .includeVars(true)
          .keepTime(true)
          .targetBlank(false),
      ])
    of.panels().forEach((panel, index) => {
      panel.id(index + 1)
      builder.withPanel(panel)
    })
    return builder.build()
  },
})

/** Spans of time behind the charts: rows of `time`, `timeend`, `text` and `tags`. */
export const regions = (
  name: string,
  of: { colour: string; sql: string },
): Builder<AnnotationQuery> =>
  new AnnotationQueryBuilder()
    .name(name)
    .datasource(postgres)
    .enable(true)
    .iconColor(of.colour)
    .target(sqlRows('Anno', of.sql))

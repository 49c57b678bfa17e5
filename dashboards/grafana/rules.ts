// The alert rules that Grafana watches by itself: few, each something that a person must act on. As
// the file that Grafana provisions (provisioning/alerting). Excursions are found and kept by
// Isotherm; the rule here only carries an open critical one to where Grafana sends its alerts.
import { stringify } from 'yaml'
import type { Board } from './board.ts'
import { device } from './device.ts'
import { fleet } from './fleet.ts'
import { pipeline } from './pipeline.ts'
import { influxdb, oneLine, postgres, postgresModel, prometheus } from './sources.ts'
import { temperature } from './statements.ts'
import { isothermUrlDefault } from './variables.ts'

interface Rule {
  uid: string
  title: string
  summary: string
  description: string
  severity: 'critical' | 'warning'
  /** Where to look. */
  panel: { board: Board; title: string }
  /** The query, as saved. */
  source: { uid: string }
  model: object
  /** Seconds. */
  lookBack: number
  /** The value of the query beyond which it is time. */
  when: { type: 'gt' | 'lt'; value: number }
  /** How long it must hold. */
  for: string
  noData: 'OK' | 'Alerting'
}

/** YAML as `provisioning/alerting` wants it. */
export const formatRules = (): string =>
  `# Written by dashboards/grafana/build.ts; change rules.ts instead.\n${stringify(
    {
      apiVersion: 1,
      groups: [
        group(
          'isotherm',
          '1m',
          rules.filter(({ uid }) => uid !== 'isotherm-logger-silent'),
        ),
        // Asks for every logger each time.
        group(
          'isotherm loggers',
          '10m',
          rules.filter(({ uid }) => uid === 'isotherm-logger-silent'),
        ),
      ],
    },
    { lineWidth: 0 },
  )}`

const prom = (expr: string) => ({
  source: prometheus as { uid: string },
  lookBack: 900,
  model: {
    refId: 'A',
    datasource: prometheus,
    editorMode: 'code',
    expr: oneLine(expr),
    instant: true,
    range: false,
  },
})

/** Asks for last values only, as all of a large fleet takes long. */
const heardSince = (ago: string): string => `SELECT last("value") * 0 + 1 AS "x" FROM "readings"
  WHERE "channel" ${temperature} AND time >= now() - ${ago} AND time < now()
  GROUP BY "tenant", "device"`

const rules: Rule[] = [
  {
    uid: 'isotherm-critical-excursion',
    title: 'Open critical excursion',
    summary: 'Critical excursion {{ $labels.rule }} on {{ $labels.container }}',
    description:
      'Logger {{ $labels.device }}, product {{ $labels.gtin }}, {{ $values.B.Value }} serial numbers. The excursion {{ $labels.id }} stays open until a person closes it.',
    severity: 'critical',
    panel: { board: fleet, title: 'Open excursions, newest first' },
    source: postgres as { uid: string },
    lookBack: 600,
    model: postgresModel(
      'A',
      `select id, tenant, device, container, gtin, rule,
         (body::json ->> 'serialCount')::float8 as serials
       from alerts where status = 'open' and severity = 'critical'
       order by "from" desc limit 100`,
      'table',
    ),
    when: { type: 'gt', value: 0 },
    for: '0s',
    noData: 'OK',
  },
  {
    uid: 'isotherm-behind',
    title: 'Pipeline behind',
    summary: 'Follower {{ $labels.follower }} is {{ $values.B.Value }} s behind',
    description:
      'Packets are acknowledged and kept, but not yet recorded or judged. Also raised when Isotherm gives no figures at all.',
    severity: 'critical',
    panel: { board: pipeline, title: 'How far behind, in time' },
    ...prom('max by (follower) (isotherm_follower_oldest_age_seconds)'),
    when: { type: 'gt', value: 60 },
    for: '5m',
    noData: 'Alerting',
  },
  {
    uid: 'isotherm-part-down',
    title: 'Part or store away',
    summary: '{{ $labels.part }} of {{ $labels.instance }} is not up',
    description:
      'A store does not answer, the log is full or a follower stopped; /readyz and docs/operations.md say what to do.',
    severity: 'critical',
    panel: { board: pipeline, title: 'Parts' },
    ...prom('min by (part, instance) (isotherm_up)'),
    when: { type: 'lt', value: 1 },
    for: '2m',
    noData: 'OK',
  },
  {
    uid: 'isotherm-log-full',
    title: 'Log nearly full',
    summary: 'The log of {{ $labels.instance }} is at {{ $values.B.Value }} of 1',
    description:
      'Once it is full, devices get no acknowledgements and keep their packets. See what the followers wait for.',
    severity: 'critical',
    panel: { board: pipeline, title: 'Log' },
    ...prom('max by (instance) (isotherm_log_bytes / isotherm_log_bytes_max)'),
    when: { type: 'gt', value: 0.8 },
    for: '5m',
    noData: 'OK',
  },
  {
    uid: 'isotherm-refusals',
    title: 'Refusals rising',
    summary: 'Refusals {{ $labels.family }}: {{ $values.B.Value }} more than usual in 15 minutes',
    description:
      'Something sends what will never be accepted, more than three times as much as in the day before: a firmware, an interface or a clock.',
    severity: 'warning',
    panel: { board: pipeline, title: 'Refusals per second' },
    ...prom(
      `(sum by (family) (increase(isotherm_refusals_total[15m]))
        - 3 * sum by (family) (increase(isotherm_refusals_total[1d] offset 15m)) / 96)
       or sum by (family) (increase(isotherm_refusals_total[15m]))`,
    ),
    when: { type: 'gt', value: 20 },
    for: '5m',
    noData: 'OK',
  },
  {
    uid: 'isotherm-logger-silent',
    title: 'Logger silent',
    summary: 'Logger {{ $labels.device }} of {{ $labels.tenant }} has fallen silent',
    description:
      'It measured something within the last 26 hours, but nothing in the last two. After 26 hours the rule forgets it; the fleet dashboard does not.',
    severity: 'warning',
    panel: { board: device, title: 'Readings per hour' },
    source: influxdb as { uid: string },
    lookBack: 93_600,
    model: {
      refId: 'A',
      datasource: influxdb,
      query: oneLine(`SELECT "n" FROM (SELECT sum("x") AS "n" FROM
          (${heardSince('26h')}), (${heardSince('2h')}) GROUP BY "tenant", "device")
        WHERE "n" = 1 GROUP BY "tenant", "device"`),
      rawQuery: true,
      resultFormat: 'time_series',
    },
    when: { type: 'gt', value: 0 },
    for: '0s',
    noData: 'OK',
  },
]

function group(name: string, interval: string, of: Rule[]): object {
  return { orgId: 1, name, folder: 'Isotherm alerts', interval, rules: of.map(formatRule) }
}

function formatRule(rule: Rule): object {
  const range = { from: rule.lookBack, to: 0 }
  const expression = (refId: string, model: object) => ({
    refId,
    relativeTimeRange: range,
    datasourceUid: '__expr__',
    model: { refId, datasource: { type: '__expr__', uid: '__expr__' }, ...model },
  })
  return {
    uid: rule.uid,
    title: rule.title,
    condition: 'C',
    data: [
      { refId: 'A', relativeTimeRange: range, datasourceUid: rule.source.uid, model: rule.model },
      expression('B', { type: 'reduce', expression: 'A', reducer: 'last' }),
      expression('C', {
        type: 'threshold',
        expression: 'B',
        conditions: [{ evaluator: { type: rule.when.type, params: [rule.when.value] } }],
      }),
    ],
    noDataState: rule.noData,
    execErrState: 'Error',
    for: rule.for,
    annotations: { summary: rule.summary, description: rule.description },
    labels: { service: 'isotherm', severity: rule.severity },
    dashboardUid: rule.panel.board.uid,
    panelId: panelNumber(rule.panel),
    isPaused: false,
  }
}

/** Throws when there is no such panel. */
function panelNumber({ board, title }: Rule['panel']): number {
  const { panels = [] } = board.render(isothermUrlDefault)
  const id = panels.find((panel) => panel.title === title)?.id
  if (id === undefined) throw new Error(`${board.uid} has no panel "${title}"`)
  return id
}

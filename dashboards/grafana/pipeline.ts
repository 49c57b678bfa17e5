// Pipeline: how the service itself fares, from the figures that Prometheus scrapes off /metrics.
// Several processes are added up or shown side by side; `isotherm_build_info` tells which they are.
import { MappingType } from '@grafana/grafana-foundation-sdk/dashboard'
import { type Board, board } from './board.ts'
import { chart, figures, limitLine, steps, table } from './panels.ts'
import { apiReady, uids } from './places.ts'
import { prometheus, promLines, promNow, promRows } from './sources.ts'

export const pipeline: Board = board({
  uid: uids.pipeline,
  title: 'Isotherm: pipeline',
  description: 'Lag, acknowledgements, refusals, delays of alerts, the log and the stores.',
  from: 'now-6h',
  variables: [],
  panels: () => [
    parts(),
    oldest(),
    delayNow(),
    logUse(),
    processes(),
    packets(),
    turnedAway(),
    refusals(),
    age(),
    lag(),
    alertDelay(),
    stores(),
    failures(),
    logBytes(),
    memory(),
    connections(),
  ],
})

const ofIsotherm = 'and on (instance, job) isotherm_build_info'
const per = (histogram: string, quantile: number, by: string): string =>
  `histogram_quantile(${quantile}, sum by (le, ${by}) (rate(isotherm_${histogram}_bucket[$__rate_interval])))`

const parts = () =>
  figures({
    title: 'Parts',
    description: 'The log, the stores and the followers; the worst of all processes.',
    source: prometheus,
    width: 12,
    queries: [promNow('A', 'min by (part) (isotherm_up)', '{{part}}')],
  })
    .mappings([
      {
        type: MappingType.ValueToText,
        options: {
          '0': { text: 'not up', color: 'red', index: 1 },
          '1': { text: 'up', color: 'green', index: 0 },
        },
      },
    ])
    .overrideByRegexp('/.*/', [{ id: 'links', value: [apiReady()] }])

const oldest = () =>
  figures({
    title: 'Furthest behind',
    description: 'Age of the oldest packet that a follower has not yet taken.',
    source: prometheus,
    width: 4,
    unit: 's',
    queries: [promNow('A', 'max(isotherm_follower_oldest_age_seconds)', 'behind')],
  }).thresholds(
    steps([
      [0, 'green'],
      [10, 'orange'],
      [60, 'red'],
    ]),
  )

const delayNow = () =>
  figures({
    title: 'Alert delay, 95 of 100',
    description: 'From the arrival of the reading or event until the alert was raised, last hour.',
    source: prometheus,
    width: 4,
    unit: 's',
    none: 'no alerts',
    queries: [
      promNow(
        'A',
        `histogram_quantile(0.95, sum by (le) (increase(isotherm_alert_delay_seconds_bucket[1h]))) >= 0`,
        'delay',
      ),
    ],
  })

const logUse = () =>
  figures({
    title: 'Log',
    description: 'How full it is; when full, packets are no longer acknowledged.',
    source: prometheus,
    width: 4,
    unit: 'percentunit',
    queries: [promNow('A', 'max(isotherm_log_bytes / isotherm_log_bytes_max)', 'full')],
  }).thresholds(
    steps([
      [0, 'green'],
      [0.5, 'orange'],
      [0.8, 'red'],
    ]),
  )

const processes = () =>
  table({
    title: 'Processes',
    description: 'What runs, and which version.',
    source: prometheus,
    width: 8,
    time: undefined,
    queries: [promRows('A', 'isotherm_build_info')],
    columns: { Value: { hidden: true }, __name__: { hidden: true } },
  })

const packets = () =>
  chart({
    title: 'Packets per second',
    description: 'PUBLISH packets taken, and acknowledgements sent once they were durable.',
    source: prometheus,
    width: 8,
    unit: 'pps',
    queries: [
      promLines('A', 'sum(rate(isotherm_mqtt_received_total[$__rate_interval]))', 'taken'),
      promLines('B', 'sum(rate(isotherm_mqtt_acked_total[$__rate_interval]))', 'acknowledged'),
    ],
  })

const turnedAway = () =>
  chart({
    title: 'Turned away, per second',
    description: 'Connects refused, packets without a right, connections closed, packets dropped.',
    source: prometheus,
    width: 8,
    queries: [
      ['refused_connects', 'connects refused'],
      ['forbidden', 'without a right'],
      ['protocol_errors', 'not MQTT'],
      ['dropped', 'dropped for a slow subscriber'],
    ].map(([name, legend], index) =>
      promLines(
        String.fromCharCode(65 + index),
        `sum(rate(isotherm_mqtt_${name}_total[$__rate_interval]))`,
        legend!,
      ),
    ),
  })

const refusals = () =>
  chart({
    title: 'Refusals per second',
    description: 'Input that will never be accepted, by the family of its code; repeats included.',
    source: prometheus,
    width: 8,
    queries: [
      promLines(
        'A',
        'sum by (family) (rate(isotherm_refusals_total[$__rate_interval]))',
        '{{family}}',
      ),
    ],
  })

const age = () =>
  chart({
    title: 'How far behind, in time',
    description: 'Age of the oldest packet that each follower has not yet taken.',
    source: prometheus,
    width: 8,
    unit: 's',
    queries: [
      promLines('A', 'max by (follower) (isotherm_follower_oldest_age_seconds)', '{{follower}}'),
    ],
  })

const lag = () =>
  chart({
    title: 'How far behind, in packets',
    description: 'Kept but not yet taken; batches of packets when the log is the replicated one.',
    source: prometheus,
    width: 8,
    queries: [promLines('A', 'sum by (follower) (isotherm_follower_lag)', '{{follower}}')],
  })

const alertDelay = () =>
  chart({
    title: 'Alert delay',
    description: 'Of alerts raised: median and 95 of 100; nothing while none was raised.',
    source: prometheus,
    width: 8,
    unit: 's',
    queries: [0.5, 0.95].map((quantile, index) =>
      promLines(
        'AB'.charAt(index),
        `histogram_quantile(${quantile}, sum by (le) (rate(isotherm_alert_delay_seconds_bucket[$__rate_interval])))`,
        `${quantile * 100} of 100`,
      ),
    ),
  })

const stores = () =>
  chart({
    title: 'How long the stores take, 95 of 100',
    description: 'Calls of the series store by kind, and transactions of the ledger.',
    source: prometheus,
    width: 8,
    unit: 's',
    queries: [
      promLines('A', per('series_duration_seconds', 0.95, 'operation'), 'series {{operation}}'),
      promLines(
        'B',
        'histogram_quantile(0.95, sum by (le) (rate(isotherm_ledger_duration_seconds_bucket[$__rate_interval])))',
        'ledger',
      ),
    ],
  })

const failures = () =>
  chart({
    title: 'Failures, per second',
    description: 'Steps of followers to be repeated, calls of the stores that failed.',
    source: prometheus,
    width: 8,
    queries: [
      promLines('A', 'sum(rate(isotherm_ledger_failures_total[$__rate_interval]))', 'ledger'),
      promLines(
        'B',
        'sum by (operation) (rate(isotherm_series_failures_total[$__rate_interval])) or 0 * sum(isotherm_up)',
        'series {{operation}}',
      ),
      promLines(
        'C',
        'sum by (follower) (rate(isotherm_step_failures_total[$__rate_interval])) or 0 * sum(isotherm_up)',
        'step {{follower}}',
      ),
    ],
  })

const logBytes = () =>
  chart({
    title: 'Log',
    description: 'What it keeps; dashed: what it may keep at most.',
    source: prometheus,
    width: 8,
    unit: 'bytes',
    queries: [
      promLines('A', 'max by (instance) (isotherm_log_bytes)', '{{instance}}'),
      promLines('B', 'max(isotherm_log_bytes_max)', 'at most'),
    ],
  }).overrideByQuery('B', limitLine)

const memory = () =>
  chart({
    title: 'Memory',
    description: 'Resident memory of each process.',
    source: prometheus,
    width: 8,
    unit: 'bytes',
    queries: [promLines('A', `process_resident_memory_bytes ${ofIsotherm}`, '{{instance}}')],
  })

const connections = () =>
  chart({
    title: 'Connections, and devices to be judged anew',
    description: 'MQTT connections; devices that late data has marked and that wait their turn.',
    source: prometheus,
    width: 8,
    queries: [
      promLines('A', 'sum(isotherm_mqtt_connections)', 'connections'),
      promLines('B', 'max(isotherm_marked_devices)', 'to be judged anew'),
    ],
  })

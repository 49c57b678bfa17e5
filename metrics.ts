// Figures for Prometheus: how far behind the followers are, what the broker took and refused, how
// late alerts are, how long steps, stores and requests take, how the parts fare. Nothing is counted
// here per packet: the broker keeps its own figures, which are read when asked. Decides nothing.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { AlertChange } from './analytics/raise.ts'
import type { Answered } from './api/observe.ts'
import { bounds } from './config.ts'
import { type Refusal, refusalCodes } from './domain/refusal.ts'
import type { Broker, BrokerStats } from './ingest/broker.ts'
import type { Upstream, UpstreamStats } from './ingest/upstream.ts'
import type { Observer } from './observe.ts'
import type { Parts } from './parts.ts'
import { type Attempt, readBacklog } from './store/ledger/deliveries.ts'
import type { Stores } from './stores.ts'
import type { Work } from './work.ts'

export interface MetricsOf {
  stores: Stores
  broker: Broker | undefined
  upstream: Upstream | undefined
  followers: Work['followers']
  parts: Parts
  now: () => number
}

export interface Metrics extends Observer {
  /** Prometheus text format 0.0.4. */
  text(): Promise<string>
  /** From now on, also what these tell when asked. */
  show(of: MetricsOf): void
  alert(change: AlertChange['change'], delayMs: number): void
  refused(refusals: readonly Refusal[]): void
  answered(answer: Answered): void
  /** An attempt to tell an endpoint. */
  told(attempt: Attempt): void
  /** A message that is tried no more. */
  givenUp(): void
}

/** As in package.json. */
export const version: string = JSON.parse(
  readFileSync(join(import.meta.dirname, 'package.json'), 'utf8'),
).version

const seconds = {
  step: [0.01, 0.03, 0.1, 0.3, 1, 3, 10],
  store: [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10],
  request: [0.005, 0.02, 0.1, 0.5, 2, 10],
  delay: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
}

export function openMetrics(): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const make = makerOf(registry)
  make
    .gauge('build_info', 'Always 1', ['version', 'node'])
    .set({ version, node: process.version }, 1)
  const follower = ['follower']
  const stepSeconds = make.histogram('step_duration_seconds', 'Of a step', seconds.step, follower)
  const stepSizes = [1, 8, 64, 256, 1024, 4096]
  const stepEnvelopes = make.histogram('step_envelopes', 'Taken by a step', stepSizes, follower)
  const stepFailures = make.counter('step_failures_total', 'Steps to be repeated', follower)
  const sweepSeconds = make.histogram(
    'sweep_duration_seconds',
    'Of a look at the marked',
    seconds.step,
  )
  const swept = make.counter('swept_devices_total', 'Marked devices judged anew')
  const operation = ['operation']
  const series = make.histogram('series_duration_seconds', 'Of a call', seconds.store, operation)
  const seriesFailures = make.counter('series_failures_total', 'Calls that failed', operation)
  const seriesRows = make.counter('series_rows_total', 'Written, repeats included')
  const ledger = make.histogram('ledger_duration_seconds', 'Of a transaction', seconds.store)
  const ledgerFailures = make.counter('ledger_failures_total', 'Transactions that failed')
  const alerts = make.counter('alerts_total', 'Changes of alerts', ['change'])
  const alertHelp = 'From the arrival of the reading or event until the alert was raised'
  const alertDelay = make.histogram('alert_delay_seconds', alertHelp, seconds.delay)
  const refusals = startAtNought(make.counter('refusals_total', 'Kept, repeats included', family))
  const requests = make.histogram(
    'http_request_duration_seconds',
    'Until answered',
    seconds.request,
    ['method', 'route', 'status'],
  )
  return {
    text: () => registry.metrics(),
    show: (of) => showFigures(make, of),
    step: (name, { envelopes, durationMs, failed }) => {
      stepSeconds.observe({ follower: name }, durationMs / 1000)
      if (failed) stepFailures.inc({ follower: name })
      else stepEnvelopes.observe({ follower: name }, envelopes)
    },
    sweep: ({ devices, durationMs }) => {
      sweepSeconds.observe(durationMs / 1000)
      swept.inc(devices)
    },
    series: (name, { durationMs, failed, rows }) => {
      series.observe({ operation: name }, durationMs / 1000)
      if (failed) seriesFailures.inc({ operation: name })
      else seriesRows.inc(rows)
    },
    ledger: ({ durationMs, failed }) => {
      ledger.observe(durationMs / 1000)
      if (failed) ledgerFailures.inc()
    },
    alert: (change, delayMs) => {
      alerts.inc({ change })
      if (change === 'raised') alertDelay.observe(Math.max(0, delayMs) / 1000)
    },
    refused: (kept) => {
      for (const { code } of kept) refusals.inc({ family: familyOf(code) })
    },
    answered: ({ method, route, status, durationMs }) => {
      const labels = { method, route, status: `${Math.floor(status / 100)}xx` }
      requests.observe(labels, durationMs / 1000)
    },
    ...countMessages(make),
  }
}

/** A rate cannot see the first of a family that begins with it. */
function startAtNought(refusals: Counter): Counter {
  for (const code of refusalCodes) refusals.inc({ family: familyOf(code) }, 0)
  return refusals
}

function countMessages(make: Make): Pick<Metrics, 'told' | 'givenUp'> {
  const attempts = make.counter('delivery_attempts_total', 'Messages sent', ['result'])
  const givenUp = make.counter('deliveries_given_up_total', 'Messages that are tried no more')
  return {
    told: ({ error }) => attempts.inc({ result: error === null ? 'told' : 'failed' }),
    givenUp: () => givenUp.inc(),
  }
}

const family = ['family']

const familyOf = (code: string): string => code.split('/')[0]!

type Sample = [Record<string, string | number>, number | undefined]

type Make = ReturnType<typeof makerOf>

/** Every name begins alike. */
function makerOf(registry: Registry) {
  const registers = [registry]
  const named = (name: string, help: string) => ({ name: `isotherm_${name}`, help, registers })
  return {
    counter: (name: string, help: string, labelNames: string[] = []) =>
      new Counter({ ...named(name, help), labelNames }),
    histogram: (name: string, help: string, buckets: number[], labelNames: string[] = []) =>
      new Histogram({ ...named(name, help), buckets, labelNames }),
    gauge: (name: string, help: string, labelNames: string[] = []) =>
      new Gauge({ ...named(name, help), labelNames }),
    /** Read when asked; what is not known is left out. */
    read: (name: string, help: string, read: () => number | Promise<number | undefined>): void => {
      new Gauge({
        ...named(name, help),
        async collect() {
          const value = await read()
          if (value === undefined) this.remove()
          else this.set(value)
        },
      })
    },
    /** Kept elsewhere since the start, read when asked. */
    readCounter: (name: string, help: string, read: () => number): void => {
      new Counter({
        ...named(name, help),
        collect() {
          this.reset()
          this.inc(read())
        },
      })
    },
    readEach: (
      name: string,
      { help, labelNames }: { help: string; labelNames: string[] },
      read: () => Sample[],
    ): void => {
      new Gauge({
        ...named(name, help),
        labelNames,
        collect() {
          this.reset()
          for (const [labels, value] of read()) if (value !== undefined) this.set(labels, value)
        },
      })
    },
  }
}

const perFollower = ['follower', 'partition']

function showFigures(make: Make, of: MetricsOf): void {
  const { stores, broker, upstream, followers, parts, now } = of
  showLog(make, stores)
  type Entry = ReturnType<Work['followers']>[number]
  const each = (figure: (entry: Entry) => number | undefined): Sample[] =>
    followers().map((entry) => [
      { follower: entry.follower.name, partition: entry.partition.id },
      figure(entry),
    ])
  const lag =
    'Envelopes kept but not yet taken by a follower; batches of them in the replicated log'
  make.readEach('follower_lag', { help: lag, labelNames: perFollower }, () =>
    each(({ follower, partition }) => partition.behind(follower.position)),
  )
  const age = 'Since the oldest envelope not yet taken came in; absent while that is not known'
  make.readEach('follower_oldest_age_seconds', { help: age, labelNames: perFollower }, () =>
    each(({ follower, partition, since }) => {
      if (partition.behind(follower.position) === 0) return 0
      const from = since()
      if (from !== undefined) return Math.max(0, now() - from) / 1000
      // Between two steps, which is never for long.
      return follower.state === 'running' ? 0 : undefined
    }),
  )
  make.readEach('up', { help: '1 while the part does its work', labelNames: ['part'] }, () =>
    Object.entries(parts.read()).map(([part, { state }]) => [{ part }, Number(state === 'up')]),
  )
  const failure = { help: 'When the part was last seen not up', labelNames: ['part'] }
  make.readEach('last_failure_timestamp_seconds', failure, () =>
    [...parts.lastFailures()].map(([part, time]) => [{ part }, time / 1000]),
  )
  make.read('marked_devices', 'Devices to be judged anew', () => countMarked(stores))
  showBacklog(make, stores, now)
  if (broker) showBroker(make, broker)
  if (upstream) showUpstream(make, upstream)
}

function showLog(make: Make, { log }: Stores): void {
  const end = 'Envelopes appended, of the embedded log ever, else by this process'
  make.read('log_end', end, () => log.end)
  const ofAll = (part: 'bytes' | 'bytesMax') => (): number =>
    log.partitions.reduce((sum, partition) => sum + partition.size()[part], 0)
  make.read('log_bytes', 'Bytes the log keeps', ofAll('bytes'))
  make.read('log_bytes_max', 'Bytes the log may keep', ofAll('bytesMax'))
}

const counted = ['received', 'acked', 'refusedConnects', 'forbidden', 'protocolErrors', 'dropped']

function showBroker(make: Make, broker: Broker): void {
  for (const [name, help] of Object.entries(brokerHelp) as [keyof BrokerStats, string][]) {
    const snake = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
    const read = (): number => broker.stats()[name]
    if (counted.includes(name)) make.readCounter(`mqtt_${snake}_total`, help, read)
    else make.read(`mqtt_${snake}`, help, read)
  }
}

const brokerHelp: Record<keyof BrokerStats, string> = {
  connections: 'MQTT connections',
  received: 'PUBLISH packets taken',
  acked: 'Acknowledgements sent after the log was durable',
  refusedConnects: 'CONNECT packets refused',
  forbidden: 'PUBLISH packets that the sender had no right to; acknowledged and refused',
  protocolErrors: 'Connections closed for what is not MQTT',
  dropped: 'Packets that a subscriber did not get',
  retained: 'Retained packets',
  sessions: 'Sessions, those of absent clients too',
  waitingBytes: 'Bytes of packets waiting for the log',
}

function showUpstream(make: Make, upstream: Upstream): void {
  for (const [name, help] of Object.entries(upstreamHelp) as [keyof UpstreamStats, string][]) {
    const read = (): number => upstream.stats()[name]
    if (name === 'connections') make.read('upstream_connections', help, read)
    else if (name === 'waitingBytes') make.read('upstream_waiting_bytes', help, read)
    else make.readCounter(`upstream_${name}_total`, help, read)
  }
}

const upstreamHelp: Record<keyof UpstreamStats, string> = {
  connections: 'Connections to the broker outside that have their subscription',
  lost: 'Connections to it that ended',
  received: 'PUBLISH packets taken from it',
  acked: 'Acknowledgements sent to it after the log was durable',
  forbidden: 'Packets on topics that are no device’s, or of tenants it may not speak for',
  ignored: 'Packets to devices, acknowledged and not kept',
  clipped: 'Packets too large to be kept whole',
  waitingBytes: 'Bytes of its packets waiting for the log',
}

function showBacklog(make: Make, { ledger }: Stores, now: () => number): void {
  const backlog = () => soon(readBacklog(ledger.db))
  make.read('deliveries_pending', 'Messages not yet told', async () => (await backlog())?.pending)
  const age = 'Since the oldest message not yet told was written; 0 without'
  make.read('deliveries_oldest_age_seconds', age, async () => {
    const read = await backlog()
    if (!read) return undefined
    return read.oldest === undefined ? 0 : Math.max(0, now() - read.oldest) / 1000
  })
  const failing = 'Webhooks and subscriptions whose last attempt failed, and those given up'
  make.read('endpoints_failing', failing, async () => (await backlog())?.failing)
}

async function countMarked({ ledger }: Stores): Promise<number | undefined> {
  const row = await soon(
    ledger.db
      .selectFrom('detectors')
      .select(({ fn }) => fn.countAll().as('count'))
      .where('dirtySince', 'is not', null)
      .executeTakeFirst(),
  )
  return row && Number(row.count)
}

/** Undefined while the ledger does not answer at once: figures do not wait for it. */
function soon<T>(asked: Promise<T>): Promise<T | undefined> {
  const patience = delay(bounds.metricsWaitMs, undefined, { ref: false })
  return Promise.race([asked.catch(() => undefined), patience])
}

// Figures for Prometheus: how far behind the followers are, what the broker took and refused, how
// late alerts are, how the stores fare. Reads figures when asked; decides nothing.
import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { Broker } from './ingest/broker.ts'
import type { Stores } from './stores.ts'
import type { Work } from './work.ts'

export interface MetricsOf {
  stores: Stores
  work: Work
  broker: Broker | undefined
}

export interface Metrics {
  /** Prometheus text format 0.0.4. */
  text(): Promise<string>
  /** From the record time of what raised an alert until it was raised. */
  raisedAfter(delayMs: number): void
}

const counted = ['received', 'acked', 'refusedConnects', 'forbidden', 'protocolErrors', 'dropped']

export function openMetrics({ stores, work, broker }: MetricsOf): Metrics {
  const registry = new Registry()
  const registers = [registry]
  const gauge = (name: string, help: string, read: () => number): void => {
    new Gauge({
      name: `isotherm_${name}`,
      help,
      registers,
      collect() {
        this.set(read())
      },
    })
  }
  const { log } = stores
  new Gauge({
    name: 'isotherm_follower_lag',
    help: 'Envelopes kept but not yet taken by a follower; batches of them in the replicated log',
    labelNames: ['follower', 'partition'],
    registers,
    collect() {
      this.reset()
      for (const { follower, partition } of work.followers())
        this.set(
          { follower: follower.name, partition: partition.id },
          partition.behind(follower.position),
        )
    },
  })
  gauge(
    'log_end',
    'Envelopes appended, of the embedded log ever, else by this process',
    () => log.end,
  )
  const ofAll = (part: 'bytes' | 'bytesMax') => (): number =>
    log.partitions.reduce((sum, partition) => sum + partition.size()[part], 0)
  gauge('log_bytes', 'Bytes the log keeps', ofAll('bytes'))
  gauge('log_bytes_max', 'Bytes the log may keep', ofAll('bytesMax'))
  gauge('rss_bytes', 'Resident memory of the process', () => process.memoryUsage.rss())
  if (broker)
    for (const name of Object.keys(broker.stats()) as (keyof ReturnType<Broker['stats']>)[]) {
      const snake = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
      const help = `Broker: ${name}`
      if (!counted.includes(name)) gauge(`mqtt_${snake}`, help, () => broker.stats()[name])
      else
        new Counter({
          name: `isotherm_mqtt_${snake}_total`,
          help,
          registers,
          collect() {
            this.reset()
            this.inc(broker.stats()[name])
          },
        })
    }
  const delay = new Histogram({
    name: 'isotherm_alert_delay_seconds',
    help: 'From the arrival of the reading or event until the alert was raised',
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
    registers,
  })
  return {
    text: () => registry.metrics(),
    raisedAfter: (delayMs) => delay.observe(Math.max(0, delayMs) / 1000),
  }
}

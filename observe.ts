// Stands between the followers and the stores and tells how long things take: to the figures, and
// as spans when traces are collected. Per step, transaction and read, never per packet. Changes
// nothing of what passes.
import { context, type Span, type SpanContext, SpanStatusCode, trace } from '@opentelemetry/api'
import { bounds } from './config.ts'
import type { Ledger, LedgerView } from './store/ledger/ledger.ts'
import type { Envelope, Log, LoggedEnvelope } from './store/log.ts'
import type { Stores } from './stores.ts'

export type SeriesOperation =
  | 'write'
  | 'range'
  | 'columns'
  | 'downsample'
  | 'days'
  | 'latest'
  | 'channels'
  | 'drop'
  | 'write-hours'
  | 'hours'
  | 'hour-channels'

/** Who is told. Must not throw. */
export interface Observer {
  step(follower: string, of: { envelopes: number; durationMs: number; failed: boolean }): void
  /** `devices`: judged anew. */
  sweep(of: { devices: number; durationMs: number }): void
  series(operation: SeriesOperation, of: Took): void
  /** One transaction, waits for its turn included. */
  ledger(of: Took): void
}

export interface Took {
  durationMs: number
  failed: boolean
  /** Written. */
  rows: number
}

type Step = (envelopes: LoggedEnvelope[]) => Promise<void>

export interface ObservedStep {
  step: Step
  /** Record time of the oldest envelope of the step under way or that failed, epoch ms. */
  readonly since: number | undefined
}

export function observeStep(
  follower: string,
  { observer, origins }: { observer: Observer; origins: Origins },
  step: Step,
): ObservedStep {
  let since: number | undefined
  return {
    get since() {
      return since
    },
    step: async (envelopes) => {
      since = envelopes[0]?.recordTime
      const told = (durationMs: number, failed: boolean): void =>
        observer.step(follower, { envelopes: envelopes.length, durationMs, failed })
      await origins.below(envelopes, () =>
        timed(follower, told, (span) => {
          span.setAttribute('isotherm.envelopes', envelopes.length)
          return step(envelopes)
        }),
      )
      since = undefined
    },
  }
}

/** A sweep that finds nothing to do is not told of. */
export const observeSweep =
  (observer: Observer) =>
  async (sweep: () => Promise<number>): Promise<number> => {
    const began = performance.now()
    const span = trace.getTracer(tracerName).startSpan('sweep', { root: true })
    try {
      const devices = await context.with(trace.setSpan(context.active(), span), sweep)
      // What is never ended is never sent.
      if (devices === 0) return 0
      observer.sweep({ devices, durationMs: performance.now() - began })
      span.setAttribute('isotherm.devices', devices).end()
      return devices
    } catch (error) {
      failSpan(span, error)
      span.end()
      throw error
    }
  }

export const observeStores = (stores: Stores, observer: Observer): Stores => ({
  ...stores,
  series: observeSeries(stores.series, observer),
  ledger: observeLedger(stores.ledger, observer),
})

function observeSeries(series: Stores['series'], observer: Observer): Stores['series'] {
  const call = <T>(name: SeriesOperation, run: () => Promise<T>, rows = 0): Promise<T> =>
    timed(
      `series.${name}`,
      (durationMs, failed) => observer.series(name, { durationMs, failed, rows }),
      (span) => {
        if (rows > 0) span.setAttribute('isotherm.rows', rows)
        return run()
      },
    )
  return {
    write: (rows) => call('write', () => series.write(rows), rows.length),
    range: (span) => call('range', () => series.range(span)),
    columns: (span) => call('columns', () => series.columns(span)),
    downsample: (span) => call('downsample', () => series.downsample(span)),
    dayExtremes: (tenant, devices, asked) =>
      call('days', () => series.dayExtremes(tenant, devices, asked)),
    latest: (tenant, device) => call('latest', () => series.latest(tenant, device)),
    latestOf: (tenant, devices) => call('latest', () => series.latestOf(tenant, devices)),
    channels: (tenant, device) => call('channels', () => series.channels(tenant, device)),
    dropBefore: (time) => call('drop', () => series.dropBefore(time)),
    writeHours: (hours) => call('write-hours', () => series.writeHours(hours), hours.length),
    hours: (span) => call('hours', () => series.hours(span)),
    hourChannels: (tenant, device) =>
      call('hour-channels', () => series.hourChannels(tenant, device)),
    close: () => series.close(),
    forget: () => series.forget?.(),
    keepsMs: async () => series.keepsMs?.(),
    get failure() {
      return series.failure
    },
  }
}

function observeLedger(ledger: Ledger, observer: Observer): Ledger {
  const observed = (view: LedgerView): LedgerView['transact'] => {
    return (steps, options) =>
      timed(
        'ledger.transact',
        (durationMs, failed) => observer.ledger({ durationMs, failed, rows: 0 }),
        () => view.transact(steps, options),
      )
  }
  return {
    db: ledger.db,
    dialect: ledger.dialect,
    get failure() {
      return ledger.failure
    },
    transact: observed(ledger),
    forTenant: (tenant) => {
      const view = ledger.forTenant(tenant)
      return { db: view.db, transact: observed(view) }
    },
    singleton: (name, work) => ledger.singleton(name, work),
    close: () => ledger.close(),
  }
}

/** Whose request brought an envelope in, so that the step that takes it hangs below the request. */
export interface Origins {
  /** What the API sees of the log. */
  log: Pick<Log, 'append' | 'whenDurable'>
  /**
   * Runs below the one request that the envelopes came with; where there are several or none, on
   * its own, for a span has one parent only.
   */
  below<T>(envelopes: readonly LoggedEnvelope[], run: () => Promise<T>): Promise<T>
}

export function openOrigins(log: Log): Origins {
  const origins = new Map<string, SpanContext>()
  return {
    log: {
      append: (envelope) => {
        const ticket = log.append(envelope)
        const origin = trace.getActiveSpan()?.spanContext()
        if (origin) origins.set(keyOf(envelope), origin)
        // Oldest first: a Map keeps the order in which its keys came.
        if (origins.size > bounds.traceOriginsMax) origins.delete(origins.keys().next().value!)
        return ticket
      },
      whenDurable: (ticket) => log.whenDurable(ticket),
    },
    below: (envelopes, run) => {
      if (origins.size === 0) return run()
      const found = new Map<string, SpanContext>()
      for (const envelope of envelopes) {
        if (envelope.kind === 'publish' || envelope.kind === 'forbidden') continue
        const origin = origins.get(keyOf(envelope))
        if (origin) found.set(origin.traceId, origin)
      }
      const [origin, ...others] = found.values()
      if (!origin || others.length > 0) return run()
      return context.with(trace.setSpanContext(context.active(), origin), run)
    },
  }
}

const keyOf = ({ kind, tenant, topic, recordTime }: Envelope): string =>
  `${kind} ${tenant} ${topic} ${recordTime}`

const tracerName = 'isotherm'

/** A span that lasts as long as the call, which is told how long it took however it ended. */
async function timed<T>(
  name: string,
  told: (durationMs: number, failed: boolean) => void,
  run: (span: Span) => Promise<T>,
): Promise<T> {
  return trace.getTracer(tracerName).startActiveSpan(name, async (span) => {
    const began = performance.now()
    let failed = true
    try {
      const result = await run(span)
      failed = false
      return result
    } catch (error) {
      failSpan(span, error)
      throw error
    } finally {
      told(performance.now() - began, failed)
      span.end()
    }
  })
}

/** The kind of the error only: messages name devices and places. */
function failSpan(span: Span, error: unknown): void {
  span.setAttribute('error.type', error instanceof Error ? error.name : 'unknown')
  span.setStatus({ code: SpanStatusCode.ERROR })
}

// OpenTelemetry traces over OTLP/HTTP, for whoever sets ISOTHERM_OTLP_URL; loaded only then. A
// receiver that is away costs spans, never work: the queue is bounded and what does not fit is
// dropped. Traces are the process's, so of two servers in one process the second collects none.
import { AsyncLocalStorage } from 'node:async_hooks'
import {
  type Context,
  context,
  isSpanContextValid,
  propagation,
  ROOT_CONTEXT,
  type TextMapPropagator,
  trace,
} from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { resourceFromAttributes } from '@opentelemetry/resources'
import {
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  type SpanExporter,
  TracerProvider,
} from '@opentelemetry/sdk-trace'
import { bounds } from './config.ts'
import type { Logger } from './logging.ts'

export interface TracingOptions {
  /** http:// or https://, up to the port or to /v1/traces; user and password become a header. */
  url: string
  /** Name of this process among its like. */
  node: string
  version: string
  logger: Logger
}

export interface Tracing {
  /** Sends what is still here, for a bounded time. */
  close(): Promise<void>
}

export function openTracing({ url, node, version, logger }: TracingOptions): Tracing {
  const { endpoint, headers } = endpointOf(url)
  const exporter = new OTLPTraceExporter({
    url: endpoint,
    headers,
    timeoutMillis: bounds.traceExportMs,
  })
  const provider = new TracerProvider({
    resource: resourceFromAttributes({
      'service.name': 'isotherm',
      'service.version': version,
      'service.instance.id': node,
    }),
    // A caller that does not sample its own trace does not want ours either.
    sampler: new ParentBasedSampler({ root: new AlwaysOnSampler() }),
    spanProcessors: [
      new BatchSpanProcessor({
        exporter: tellingOnce(exporter, logger),
        maxQueueSize: bounds.traceSpansMax,
        maxExportBatchSize: bounds.traceSpansPerExportMax,
        scheduledDelayMillis: bounds.traceEveryMs,
        exportTimeoutMillis: bounds.traceExportMs,
      }),
    ],
  })
  const contexts = new AsyncContexts()
  const first = trace.setGlobalTracerProvider(provider)
  if (first) {
    context.setGlobalContextManager(contexts)
    propagation.setGlobalPropagator(traceParent)
  }
  return {
    close: async () => {
      if (first) {
        trace.disable()
        context.disable()
        propagation.disable()
      }
      await provider.shutdown().catch(() => undefined)
    },
  }
}

function endpointOf(url: string): { endpoint: string; headers: Record<string, string> } {
  const parsed = new URL(url)
  const { username, password } = parsed
  const user = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  parsed.username = ''
  parsed.password = ''
  if (!parsed.pathname.endsWith('/v1/traces'))
    parsed.pathname = `${parsed.pathname.replace(/\/$/, '')}/v1/traces`
  const headers: Record<string, string> =
    user === ':' ? {} : { Authorization: `Basic ${Buffer.from(user).toString('base64')}` }
  return { endpoint: parsed.href, headers }
}

/** Lost spans are no failure of the server: a line when it begins, one when it is over. */
function tellingOnce(exporter: SpanExporter, logger: Logger): SpanExporter {
  let away = false
  return {
    export: (spans, done) =>
      exporter.export(spans, (result) => {
        const failed = result.error !== undefined || result.code !== 0
        if (failed && !away)
          logger.warn({ reason: result.error?.message }, 'traces cannot be sent: they are dropped')
        if (!failed && away) logger.info('traces are sent again')
        away = failed
        done({ code: 0 })
      }),
    shutdown: () => exporter.shutdown(),
    forceFlush: () => exporter.forceFlush?.() ?? Promise.resolve(),
  }
}

type Contexts = Parameters<typeof context.setGlobalContextManager>[0]

/** Children hang below parents across awaits. */
class AsyncContexts implements Contexts {
  readonly #storage = new AsyncLocalStorage<Context>()

  active(): Context {
    return this.#storage.getStore() ?? ROOT_CONTEXT
  }

  with<A extends unknown[], F extends (...args: A) => ReturnType<F>>(
    under: Context,
    run: F,
    thisArg?: ThisParameterType<F>,
    ...args: A
  ): ReturnType<F> {
    return this.#storage.run(under, () => run.call(thisArg, ...args))
  }

  bind<T>(under: Context, target: T): T {
    if (typeof target !== 'function') return target
    const bound = (...args: unknown[]): unknown => this.#storage.run(under, () => target(...args))
    return bound as T
  }

  enable(): this {
    return this
  }

  disable(): this {
    this.#storage.disable()
    return this
  }
}

/** W3C Trace Context §3.2: taken in from callers; what we ask others carries none. */
const traceParent: TextMapPropagator = {
  fields: () => ['traceparent'],
  inject: () => undefined,
  extract: (under, carrier, getter) => {
    const header = getter.get(carrier, 'traceparent')
    const text = Array.isArray(header) ? header[0] : header
    // Later versions may append fields; version ff is forbidden.
    const found = /^(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-|$)/.exec(
      text ?? '',
    )
    if (!found) return under
    const [, traceId, spanId, flags] = found
    const traceFlags = Number.parseInt(flags!, 16) & 1
    const remote = { traceId: traceId!, spanId: spanId!, traceFlags, isRemote: true }
    return isSpanContextValid(remote) ? trace.setSpanContext(under, remote) : under
  },
}

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { context, trace } from '@opentelemetry/api'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { bounds } from '../config.ts'
import { Unavailable } from '../domain/refusal.ts'
import { openLogger } from '../logging.ts'
import { type Observer, observeStep, observeSweep, openOrigins } from '../observe.ts'
import { openLmdbLog } from '../store/lmdb/log.ts'
import type { Envelope, Log, LoggedEnvelope } from '../store/log.ts'
import { openTracing, type Tracing } from '../tracing.ts'

const folder = mkdtempSync(join(tmpdir(), 'isotherm-observe-'))
let log: Log
let tracing: Tracing
beforeAll(async () => {
  log = await openLmdbLog({ folder, bytesMax: 1 << 28 })
  const logger = openLogger('silent')
  tracing = openTracing({ url: 'http://127.0.0.1:9', node: 'n', version: '0', logger })
})
afterAll(async () => {
  await tracing.close()
  await log.close()
  rmSync(folder, { recursive: true, force: true })
})

const envelope = (topic: string, kind: Envelope['kind'] = 'capture'): Envelope => ({
  ...{ kind, tenant: 'default', source: 'key-1', topic },
  recordTime: 1000,
  body: Buffer.from('{}'),
})
const logged = (one: Envelope): LoggedEnvelope => ({ ...one, offset: 0 })

/** Appends below a span of its own, as a request does; gives the id of its trace. */
function request(append: () => void): string {
  const span = trace.getTracer('test').startSpan('request')
  context.with(trace.setSpan(context.active(), span), append)
  return span.spanContext().traceId
}

const traceOf = (below: Envelope[], origins: ReturnType<typeof openOrigins>) =>
  origins.below(below.map(logged), async () => trace.getActiveSpan()?.spanContext().traceId)

it('hangs a step below the one request whose envelopes it takes, and below none when there are more', async () => {
  const origins = openOrigins(log)
  const [one, two, other] = ['job-1', 'job-2', 'job-3'].map((job) => envelope(job))
  const first = request(() => {
    origins.log.append(one!)
    origins.log.append(two!)
  })
  request(() => origins.log.append(other!))
  expect(await traceOf([one!, two!], origins)).toBe(first)
  expect(await traceOf([one!, envelope('t', 'publish')], origins)).toBe(first)
  expect(await traceOf([one!, other!], origins)).toBeUndefined()
  expect(await traceOf([envelope('job-9')], origins)).toBeUndefined()
})

it('forgets the oldest requests, so that it never grows', async () => {
  const origins = openOrigins(log)
  const old = envelope('oldest')
  const known = request(() => origins.log.append(old))
  expect(await traceOf([old], origins)).toBe(known)
  request(() => {
    for (let i = 0; i < bounds.traceOriginsMax; i++) origins.log.append(envelope(`job-${i}`))
  })
  expect(await traceOf([old], origins)).toBeUndefined()
})

it('tells how long steps take and which failed, and since when something waits for one that did', async () => {
  const told: unknown[] = []
  const observer: Observer = {
    step: (follower, { envelopes, failed }) => told.push([follower, envelopes, failed]),
    sweep: ({ devices }) => told.push(['sweep', devices]),
    series: () => undefined,
    ledger: () => undefined,
  }
  let away = true
  const observed = observeStep('record', { observer, origins: openOrigins(log) }, async () => {
    if (away) throw new Unavailable('the store is away')
  })
  const batch = [logged(envelope('a')), logged(envelope('b'))]
  expect(observed.since).toBeUndefined()
  await expect(observed.step(batch)).rejects.toThrow(Unavailable)
  expect(observed.since).toBe(1000)
  away = false
  await observed.step(batch)
  expect(observed.since).toBeUndefined()
  await observeSweep(observer)(async () => 0)
  await observeSweep(observer)(async () => 3)
  expect(told).toEqual([
    ['record', 2, true],
    ['record', 2, false],
    ['sweep', 3],
  ])
})

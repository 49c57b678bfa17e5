import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { trace } from '@opentelemetry/api'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { bounds, parseConfig } from '../config.ts'
import { openLogger } from '../logging.ts'
import { type Server, serve } from '../main.ts'
import { openTracing } from '../tracing.ts'
import { commission, documentOf, unit } from './api-app.ts'
import * as story from './e2e/story.ts'
import { type OtlpReceiver, type ReceivedSpan, startOtlp } from './otlp.ts'

const token = 'administrator-of-this-test'
let receiver: OtlpReceiver
let folder: string
let server: Server | undefined
beforeEach(async () => {
  receiver = await startOtlp()
  folder = mkdtempSync(join(tmpdir(), 'isotherm-tracing-'))
})
afterEach(async () => {
  await server?.close()
  server = undefined
  await receiver.close()
  rmSync(folder, { recursive: true, force: true })
})

async function serveTraced(): Promise<Server> {
  server = await serve(
    parseConfig({
      ISOTHERM_DATA_DIR: join(folder, 'data'),
      ISOTHERM_HTTP_PORT: '0',
      ISOTHERM_MQTT_PORT: '0',
      ISOTHERM_ADMIN_TOKEN: token,
      ISOTHERM_LOG_LEVEL: 'silent',
      ISOTHERM_OTLP_URL: receiver.url.replace('//', '//collector:pass-word@'),
    }),
  )
  return server
}

const ask = (server: Server, path: string, init: RequestInit = {}): Promise<Response> =>
  fetch(`${server.httpUrl}${path}`, {
    ...init,
    headers: {
      Authorization: `Bearer ${token}`,
      'Content-Type': 'application/json',
      ...init.headers,
    },
  })

it('shows a capture as one tree, from the caller’s own span down to the ledger', async () => {
  const caller = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7' }
  const server = await serveTraced()
  const answer = await ask(server, '/epcis/capture', {
    method: 'POST',
    headers: { traceparent: `00-${caller.traceId}-${caller.spanId}-01` },
    body: JSON.stringify(documentOf(commission(['SECRET-SERIAL']))),
  })
  expect(answer.status).toBe(202)
  await server.settled()
  const missing = encodeURIComponent(unit('SECRET-SERIAL'))
  await ask(server, `/api/v1/units/${missing}`)
  await server.close()

  const named = (spans: ReceivedSpan[], name: string): ReceivedSpan => {
    const found = spans.find((span) => span.name === name)
    expect(spans.map((span) => span.name)).toContain(name)
    return found!
  }
  const request = named(receiver.below(undefined), 'POST /epcis/capture')
  expect(request).toMatchObject({ traceId: caller.traceId, parentSpanId: caller.spanId })
  expect(request.attributes).toMatchObject({
    'http.route': '/epcis/capture',
    'http.response.status_code': 202,
    'isotherm.request_id': answer.headers.get('X-Request-Id'),
  })
  expect(request.resource).toMatchObject({ 'service.name': 'isotherm' })
  expect(request.resource['service.instance.id']).toMatch(/\w/)
  const step = named(receiver.below(request), 'capture')
  expect(step.attributes).toMatchObject({ 'isotherm.envelopes': 1 })
  named(receiver.below(step), 'ledger.transact')
  for (const span of [step, ...receiver.below(step)]) expect(span.traceId).toBe(caller.traceId)
})

it('names no serial, no token and no password, and signs in at the receiver', async () => {
  const server = await serveTraced()
  await ask(server, '/epcis/capture', {
    method: 'POST',
    body: JSON.stringify(documentOf(commission(['SECRET-SERIAL']))),
  })
  await server.settled()
  await ask(server, `/api/v1/units/${encodeURIComponent(unit('SECRET-SERIAL'))}`)
  await ask(server, '/01/09521234543213/21/SECRET-SERIAL')
  await server.close()
  expect(receiver.spans.length).toBeGreaterThan(3)
  expect(receiver.raw).not.toMatch(/SECRET-SERIAL|pass-word/)
  expect(receiver.raw).not.toContain(token)
  const basic = Buffer.from('collector:pass-word').toString('base64')
  expect(receiver.headers[0]).toMatchObject({ authorization: `Basic ${basic}` })
})

it('shows below a step what it wrote, and below a sweep what it read', async () => {
  const server = await serveTraced()
  const listener: story.Listener = {
    ask: (method, path, { body, headers } = {}) =>
      ask(server, path, { method, ...(headers && { headers }), body: JSON.stringify(body) }),
    api: async (method, path, body) => (await listener.ask(method, path, { body })).json() as never,
  }
  await story.tellProduct(listener)
  const { id } = await story.tellCase(listener, 1)
  const reading = { time: '2026-03-02T10:00:00Z', temperature: 5 }
  await listener.ask('POST', `/api/v1/readings?device=${id}`, { body: reading })
  await server.settled()
  await listener.ask('POST', `/api/v1/readings?device=${id}`, {
    body: { ...reading, time: '2026-03-02T09:00:00Z' },
  })
  await server.settled()
  await server.close()
  const request = receiver.spans.find(({ name }) => name === 'POST /api/v1/readings')
  const below = receiver.below(request)
  expect(below.map(({ name }) => name)).toEqual(expect.arrayContaining(['record', 'detect']))
  const record = below.find(({ name }) => name === 'record')
  expect(receiver.below(record)).toMatchObject([
    { name: 'series.write', attributes: { 'isotherm.rows': 1 } },
  ])
  const sweeps = receiver.spans.filter(({ name }) => name === 'sweep')
  expect(sweeps.length).toBeGreaterThan(0)
  for (const sweep of sweeps) expect(sweep.attributes['isotherm.devices']).toBeGreaterThan(0)
  const read = sweeps.flatMap((sweep) => receiver.below(sweep)).map(({ name }) => name)
  expect(read).toEqual(expect.arrayContaining(['series.columns', 'ledger.transact']))
})

it('says once that the receiver is away and once that it is back, and works on meanwhile', async () => {
  const lines: { level: number; msg: string }[] = []
  const logger = openLogger('info', (line) => lines.push(JSON.parse(line)))
  const tracing = openTracing({ url: receiver.url, node: 'n', version: '0', logger })
  const tracer = trace.getTracer('test')
  const words = (): string[] => lines.map(({ msg }) => msg)
  try {
    receiver.refusing = true
    const wait = { timeout: 20_000, interval: 50 }
    await vi.waitFor(() => {
      tracer.startSpan('lost').end()
      expect(words()).toEqual(['traces cannot be sent: they are dropped'])
    }, wait)
    receiver.refusing = false
    await vi.waitFor(() => {
      tracer.startSpan('found').end()
      expect(receiver.spans.map(({ name }) => name)).toContain('found')
    }, wait)
    await vi.waitFor(() => expect(words()).toHaveLength(2), wait)
    expect(words()[1]).toBe('traces are sent again')
  } finally {
    await tracing.close()
  }
}, 60_000)

it('ends in time when the receiver never answers', async () => {
  const silent = createServer(() => undefined)
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
  const { port } = silent.address() as AddressInfo
  const logger = openLogger('silent')
  const url = `http://127.0.0.1:${port}`
  const tracing = openTracing({ url, node: 'n', version: '0', logger })
  trace.getTracer('test').startSpan('lost').end()
  const began = performance.now()
  await tracing.close()
  expect(performance.now() - began).toBeLessThan(2 * bounds.traceExportMs)
  silent.closeAllConnections()
  silent.close()
})

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliCompressSync, brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Change, Health } from '../api/deps.ts'
import { listenHttp } from '../api/listen.ts'
import { bounds } from '../config.ts'
import { OperatorError, Unavailable } from '../domain/refusal.ts'
import { type Api, adminToken, openApi } from './api-app.ts'

let api: Api
let health: Health = { parts: { log: { state: 'up' } } }
const consoleDir = mkdtempSync(join(tmpdir(), 'isotherm-console-'))
beforeAll(async () => {
  mkdirSync(join(consoleDir, 'assets'))
  writeFileSync(join(consoleDir, 'index.html'), '<!doctype html>console')
  writeFileSync(join(consoleDir, 'assets', 'main-abc.js'), 'export {}')
  const large = Buffer.from('export const large = 1\n'.repeat(100))
  writeFileSync(join(consoleDir, 'assets', 'large.js'), large)
  writeFileSync(join(consoleDir, 'assets', 'large.js.br'), brotliCompressSync(large))
  writeFileSync(join(consoleDir, 'assets', 'large.js.gz'), gzipSync(large))
  writeFileSync(join(consoleDir, '..', 'isotherm-outside.txt'), 'outside')
  api = await openApi({ health: () => health, consoleDir, tell: (change) => api.tell(change) })
})
afterAll(async () => {
  await api.close()
  rmSync(consoleDir, { recursive: true, force: true })
  rmSync(join(consoleDir, '..', 'isotherm-outside.txt'), { force: true })
})

const readings = (device: string, value: number): Change => ({
  tenant: 'default',
  event: 'device.readings',
  data: { device, latest: [{ channel: 'temperature', time: '2026-03-01T00:00:00Z', value }] },
})
const raised = (id: string, tenant = 'default'): Change => ({
  tenant,
  event: 'alert.raised',
  data: { id },
})

async function follow(headers: Record<string, string> = {}) {
  const answer = await api.ask('GET', '/api/v1/stream', { headers })
  const reader = answer.body!.getReader()
  let text = ''
  return {
    answer,
    reader,
    until: async (found: string): Promise<string> => {
      while (!text.includes(found)) {
        const { done, value } = await reader.read()
        if (done) throw new Error(`ended before ${found}: ${text}`)
        text += Buffer.from(value).toString()
      }
      return text
    },
  }
}

describe('the live stream', () => {
  it('tells the own tenant of alerts at once, and nobody else', async () => {
    const client = await follow()
    expect(client.answer.headers.get('Content-Type')).toBe('text/event-stream')
    api.tell(raised('far', 'other'))
    api.tell(raised('near'))
    const text = await client.until('near')
    expect(text).toMatch(/id: \S+\nevent: alert\.raised\ndata: \{"id":"near"\}\n\n/)
    expect(text).not.toContain('far')
    await client.reader.cancel()
  })

  it('tells what kind of thing somebody changed, whoever it was, and nothing of what was refused', async () => {
    const client = await follow()
    await api.ask('POST', '/api/v1/devices', { body: { id: 'no id' } })
    await api.ask('GET', '/api/v1/devices')
    await api.ask('POST', '/api/v1/devices', { body: { id: 'logger-9' } })
    await api.ask('POST', '/api/v1/keys', { body: { name: 'tool', roles: ['viewer'] } })
    const text = await client.until('"keys"')
    expect(text.match(/event: record\.changed\ndata: .*/g)).toEqual([
      'event: record.changed\ndata: {"of":"devices"}',
      'event: record.changed\ndata: {"of":"keys"}',
    ])
    expect(text).not.toContain('logger-9')
    await client.reader.cancel()
  })

  it('goes on after the last event a client saw', async () => {
    const one = await follow()
    api.tell(raised('seen'))
    const text = await one.until('seen')
    await one.reader.cancel()
    api.tell(raised('missed'))
    const id = /id: (\S+)\n[^\n]*\n[^\n]*seen/.exec(text)![1]!
    const two = await follow({ 'Last-Event-ID': id })
    const rest = await two.until('missed')
    expect(rest).not.toContain('seen')
    await two.reader.cancel()
  })

  it('tells of many readings of a device with the newest ones', async () => {
    const client = await follow()
    for (let i = 0; i <= 500; i++) api.tell(readings('busy', i))
    const text = await client.until('"value":500}')
    expect(text.match(/"busy"/g)).toHaveLength(2)
    await client.reader.cancel()
  })

  it('lets go of a client that does not read', async () => {
    const client = await follow()
    for (let i = 0; i <= bounds.streamBacklogMax + 1; i++) api.tell(raised(`n${i}`))
    let chunks = 0
    for (;;) {
      const { done } = await client.reader.read()
      if (done) break
      chunks++
    }
    expect(chunks).toBeLessThanOrEqual(bounds.streamBacklogMax)
  })
})

describe('health', () => {
  it('is alive always, ready when every part is up, and says no more without a token', async () => {
    expect((await api.ask('GET', '/livez', { token: '' })).status).toBe(200)
    expect((await api.ask('GET', '/readyz', { token: '' })).status).toBe(200)
    health = { parts: { log: { state: 'waiting', detail: '/secret/path' } } }
    const answer = await api.ask('GET', '/readyz', { token: '' })
    expect(answer.status).toBe(503)
    expect(await answer.json()).toEqual({ ready: false, parts: { log: 'waiting' } })
  })

  it('says 503 and when to come back while a store is away', async () => {
    const away = await openApi({
      metrics: () => Promise.reject(new Unavailable('away', 2500)),
    })
    const answer = await away.ask('GET', '/metrics')
    expect([answer.status, answer.headers.get('Retry-After')]).toEqual([503, '3'])
    expect(away.reported).toEqual([])
    await away.close()
  })
})

describe('the console', () => {
  it('serves what was built with its types and a policy, and nothing outside', async () => {
    const get = (path: string) => api.ask('GET', path, { token: '' })
    const page = await get('/')
    expect(await page.text()).toContain('console')
    expect(page.headers.get('Content-Security-Policy')).toContain("default-src 'self'")
    const script = await get('/assets/main-abc.js')
    expect(script.headers.get('Content-Type')).toContain('text/javascript')
    expect(script.headers.get('Cache-Control')).toContain('immutable')
    const again = await api.ask('GET', '/', {
      token: '',
      headers: { 'If-None-Match': page.headers.get('ETag')! },
    })
    expect(again.status).toBe(304)
    for (const path of [
      '/../isotherm-outside.txt',
      '/..%2Fisotherm-outside.txt',
      '/assets/..%2F..%2Fisotherm-outside.txt',
      '/%2e%2e/isotherm-outside.txt',
      '/.env',
      '/assets',
      '/a%00b',
      '/%ff',
    ])
      expect(`${path} ${(await get(path)).status}`).toBe(`${path} 404`)
  })

  it.each([
    ['gzip, deflate, br', 'br'],
    ['gzip', 'gzip'],
    ['GZIP;q=0.5, br;q=0', 'gzip'],
    ['br; q=0.000, identity', null],
    ['brotli, xgzip', null],
  ])('sends a browser that takes "%s" the form %s of a file', async (taken, coding) => {
    const headers = { 'Accept-Encoding': taken }
    const answer = await api.ask('GET', '/assets/large.js', { token: '', headers })
    expect(answer.headers.get('Content-Encoding')).toBe(coding)
    expect(answer.headers.get('Content-Type')).toContain('text/javascript')
    expect(answer.headers.get('Vary')).toContain('Accept-Encoding')
    const bytes = Buffer.from(await answer.arrayBuffer())
    const plain = coding === 'br' ? brotliDecompressSync(bytes) : coding ? gunzipSync(bytes) : bytes
    expect(plain.toString()).toMatch(/^(export const large = 1\n){100}$/)
    const tag = { 'If-None-Match': answer.headers.get('ETag')! }
    const same = await api.ask('GET', '/assets/large.js', {
      token: '',
      headers: { ...headers, ...tag },
    })
    expect(same.status).toBe(304)
    const other = await api.ask('GET', '/assets/large.js', { token: '', headers: tag })
    expect(other.status).toBe(coding ? 200 : 304)
  })

  it('says how to build it when it is not built', async () => {
    const bare = await openApi()
    const page = await bare.ask('GET', '/', { token: '' })
    expect(page.status).toBe(200)
    expect(await page.text()).toContain('npm run build')
    await bare.close()
  })
})

describe('GS1 Digital Link', () => {
  it('answers every well-formed key the same, known or not', async () => {
    const get = (path: string) => api.ask('GET', path, { token: '' })
    const known = await get('/01/09521234543213/21/A1')
    expect(known.status).toBe(200)
    expect(known.headers.get('Content-Type')).toBe('application/linkset+json')
    expect(await known.json()).toMatchObject({
      linkset: [{ anchor: 'https://id.gs1.org/01/09521234543213/21/A1' }],
    })
    expect((await get('/01/09521234543213/21/a%2Fb')).status).toBe(200)
    expect((await get('/00/106141412345678908')).status).toBe(200)
    expect((await get('/01/09521234543214/21/A1')).status).toBe(400)
    expect((await get('/00/1')).status).toBe(400)
  })
})

describe('the port', () => {
  it('serves over a socket and refuses a body without end', async () => {
    const http = await listenHttp(api.app, { host: '127.0.0.1', port: 0 })
    const url = `http://127.0.0.1:${http.port}`
    expect((await fetch(`${url}/livez`)).status).toBe(200)
    const endless = new ReadableStream({
      pull: (controller) => controller.enqueue(new Uint8Array(64 * 1024).fill(32)),
    })
    const answer = await fetch(`${url}/api/v1/devices`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${adminToken}`, 'Content-Type': 'application/json' },
      body: endless,
      duplex: 'half',
    } as RequestInit).catch((error: Error) => error)
    // The connection is cut; whether the answer still gets through is up to the client.
    if (answer instanceof Response) expect(answer.status).toBe(413)
    expect((await fetch(`${url}/livez`)).status).toBe(200)
    await http.close()
  })

  it('names the port that is taken and what to do', async () => {
    const http = await listenHttp(api.app, { host: '127.0.0.1', port: 0 })
    const again = listenHttp(api.app, { host: '127.0.0.1', port: http.port })
    const error = await again.catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(OperatorError)
    expect((error as OperatorError).message).toContain(String(http.port))
    expect((error as OperatorError).remedy).toContain('ISOTHERM_HTTP_PORT')
    await http.close()
  })
})

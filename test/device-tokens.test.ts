// A logger learns its new token while the old one is still good, at a real server: no message is
// lost in between. The clock is the test's own.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connectAsync, type MqttClient } from 'mqtt'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type Server, serve } from '../main.ts'
import { configOf, listenerOf } from './served.ts'

const hourMs = 3_600_000
let nowMs = Date.UTC(2026, 5, 1)
const folder = mkdtempSync(join(tmpdir(), 'isotherm-tokens-'))
let server: Server

beforeAll(async () => {
  server = await serve(configOf(folder), () => nowMs)
})
afterAll(async () => {
  await server.close()
  rmSync(folder, { recursive: true, force: true })
})

const api = <T>(method: string, path: string, body?: unknown): Promise<T> =>
  listenerOf(server).api(method, path, body) as Promise<T>
const register = async (id: string): Promise<string> =>
  (await api<{ token: string }>('POST', '/api/v1/devices', { id })).token
const rotate = (id: string, query = '') =>
  api<{ token: string; formerUntil: string | null }>('POST', `/api/v1/devices/${id}/token${query}`)
const signIn = async (id: string, password: string): Promise<MqttClient> => {
  const client = await connectAsync(server.mqttUrl!, { username: id, password, reconnectPeriod: 0 })
  client.on('error', () => undefined)
  return client
}
const send = async (id: string, token: string): Promise<number> => {
  const body = [{ time: nowMs, temperature: 4 }]
  return (await listenerOf(server).ask('POST', `/api/v1/readings?device=${id}`, { body, token }))
    .status
}

describe('a new token', () => {
  it('takes the place of the old one at once, unless told otherwise', async () => {
    const old = await register('hasty')
    const client = await signIn('hasty', old)
    const { token, formerUntil } = await rotate('hasty')
    expect(formerUntil).toBeNull()
    await vi.waitUntil(() => !client.connected)
    await expect(signIn('hasty', old)).rejects.toThrow(/not authorized/i)
    expect([await send('hasty', old), await send('hasty', token)]).toEqual([401, 202])
  })

  it('leaves the old one good for so long, over MQTT and HTTP, and ends its connection then', async () => {
    const old = await register('patient')
    const client = await signIn('patient', old)
    const { token, formerUntil } = await rotate('patient', '?overlapHours=48')
    expect(Date.parse(formerUntil!)).toBe(nowMs + 48 * hourMs)
    const told = await api<{ formerTokenUntil: string }>('GET', '/api/v1/devices/patient')
    expect(told.formerTokenUntil).toBe(formerUntil)
    // It comes back with the old token, learns the new one, and is heard with both.
    await vi.waitUntil(() => !client.connected)
    const [before, after] = [await signIn('patient', old), await signIn('patient', token)]
    for (const each of [before, after])
      await each.publishAsync('v1/default/patient/readings', '{"temperature":4}', { qos: 1 })
    expect([await send('patient', old), await send('patient', token)]).toEqual([202, 202])
    nowMs += 48 * hourMs
    await vi.waitUntil(() => !before.connected, 20_000)
    expect(after.connected).toBe(true)
    expect([await send('patient', old), await send('patient', token)]).toEqual([401, 202])
    await expect(signIn('patient', old)).rejects.toThrow(/not authorized/i)
    await after.endAsync(true)
  })

  it('is refused an overlap of no length or of years, and dies with its logger', async () => {
    const old = await register('short')
    for (const overlapHours of [-1, 721, 'long'])
      await expect(rotate('short', `?overlapHours=${overlapHours}`)).rejects.toThrow(/400/)
    const { token } = await rotate('short', '?overlapHours=1')
    await api('POST', '/api/v1/devices/short/retirement', { reason: 'lost' })
    expect([await send('short', old), await send('short', token)]).toEqual([401, 401])
  })
})

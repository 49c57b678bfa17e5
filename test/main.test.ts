import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type Config, parseConfig } from '../config.ts'
import { OperatorError } from '../domain/refusal.ts'
import { type Server, serve } from '../main.ts'

const token = 'administrator-of-this-test'
let config: Config
beforeEach(() => {
  const dataDir = mkdtempSync(join(tmpdir(), 'isotherm-main-'))
  config = {
    ...parseConfig({}),
    dataDir,
    httpPort: 0,
    mqttPort: 0,
    adminToken: token,
    logLevel: 'silent',
  }
})
afterEach(() => rmSync(config.dataDir, { recursive: true, force: true }))

async function ask(server: Server, method: string, path: string, body?: unknown) {
  const response = await fetch(`${server.httpUrl}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}

it('goes on where it stopped, also past readings that concerned no container', async () => {
  let server = await serve(config)
  await ask(server, 'POST', '/api/v1/devices', { id: 'alone' })
  for (let minute = 10; minute < 15; minute++) {
    const reading = { time: `2026-03-02T10:${minute}:00Z`, temperature: 5 }
    expect((await ask(server, 'POST', '/api/v1/readings?device=alone', reading)).status).toBe(202)
    await server.settled()
  }
  await server.close()
  server = await serve(config)
  try {
    const more = { time: '2026-03-02T10:15:00Z', temperature: 6 }
    expect((await ask(server, 'POST', '/api/v1/readings?device=alone', more)).status).toBe(202)
    await server.settled()
    expect(await ask(server, 'GET', '/readyz')).toMatchObject({
      status: 200,
      body: { parts: { record: 'up', capture: 'up', detect: 'up' } },
    })
    const { body } = await ask(server, 'GET', '/api/v1/readings?device=alone&channel=temperature')
    expect(body.items).toHaveLength(6)
  } finally {
    await server.close()
  }
})

it('refuses a second server on the same folder and leaves the first alone', async () => {
  const first = await serve(config)
  try {
    await expect(serve(config)).rejects.toThrow(OperatorError)
    await expect(serve(config)).rejects.toThrow(`process ${process.pid}`)
    expect((await ask(first, 'GET', '/readyz')).status).toBe(200)
  } finally {
    await first.close()
  }
})

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type Config, parseConfig } from '../config.ts'
import { OperatorError } from '../domain/refusal.ts'
import { type Server, serve } from '../main.ts'
import { epcisEvent } from './pipeline.ts'

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

/** A logger that watches a unit, with a reading that the detector keeps something of. */
async function mountOne(server: Server): Promise<void> {
  const gtin = '09521234543213'
  const pallet = 'https://id.gs1.org/00/095212340000000013'
  const giai = 'https://id.gs1.org/8004/9521234LOG1'
  await ask(server, 'PUT', `/api/v1/products/${gtin}`, {
    name: 'Vaccine',
    profile: { ruleSet: 'who-fridge' },
  })
  await ask(server, 'POST', '/api/v1/devices', { id: 'mounted', giai })
  const time = Date.parse('2026-03-02T08:00:00Z')
  const document = {
    '@context': 'https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld',
    type: 'EPCISDocument',
    schemaVersion: '2.0',
    creationDate: '2026-03-02T09:00:00Z',
    epcisBody: {
      eventList: [
        epcisEvent('AggregationEvent', time, {
          action: 'ADD',
          parentID: pallet,
          childEPCs: [`https://id.gs1.org/01/${gtin}/21/A1`],
        }),
        epcisEvent('AssociationEvent', time, {
          action: 'ADD',
          parentID: pallet,
          childEPCs: [giai],
        }),
      ],
    },
  }
  expect((await ask(server, 'POST', '/epcis/capture', document)).status).toBe(202)
  await server.settled()
  const reading = { time: '2026-03-02T09:00:00Z', temperature: 5 }
  await ask(server, 'POST', '/api/v1/readings?device=mounted', reading)
  await server.settled()
}

it('goes on where it stopped, also past readings that concerned no container', async () => {
  let server = await serve(config)
  await mountOne(server)
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

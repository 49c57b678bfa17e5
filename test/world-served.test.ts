// A world of trade against a real server: a stranger that is never refused, over few connections.
import { existsSync, mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { serve } from '../main.ts'
import { scenarios } from '../simulators/scenarios.ts'
import { speak } from '../simulators/speak.ts'
import { createTradeWorld } from '../simulators/trade-world.ts'
import { adminToken, configOf, listenerOf } from './served.ts'

const day = 24 * 3_600_000

it('is taken whole by a server: readings, documents, places, lots, plans and scans', async () => {
  const folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'isotherm-w-'))
  const server = await serve(configOf(folder))
  try {
    const startTime = Date.now() - 4 * day
    const world = createTradeWorld({
      ...{ seed: 2, devices: 3, startTime, endTime: startTime + 3 * day, run: 7 },
      scenario: {
        ...{ ...scenarios.clean!, lanes: ['vistula'], startsWithin: 1 },
        ...{ loggingIntervalMs: 30 * 60_000, load: { cases: 2, itemsPerCase: 30 } },
      },
    })
    const refusals: string[] = []
    const { httpUrl, mqttUrl } = server
    const progress = await speak(world, {
      ...{ httpUrl, mqttUrl: mqttUrl!, token: adminToken, gateways: 2 },
      onRefusal: (reason) => refusals.push(reason),
    }).done
    await server.settled()
    expect(refusals).toEqual([])
    expect(progress.scans).toBeGreaterThan(0)
    expect(progress.masters).toBeGreaterThan(20)
    const { api } = listenerOf(server)
    const kept = (await api('GET', '/api/v1/refusals')) as { items: unknown[] }
    expect(kept.items).toEqual([])
    const device = world.devices[0]!.id
    const fixes = await api('GET', `/api/v1/readings?device=${device}&channel=lat&limit=10`)
    expect((fixes as { items: unknown[] }).items).toHaveLength(10)
    const plan = world.truth.shipments[0]!.pallet
    const type = encodeURIComponent('urn:isotherm:vtype:Plan')
    const path = `/api/v1/master-data/${type}/${encodeURIComponent(plan)}`
    expect(await api('GET', path)).toMatchObject({ id: plan })
  } finally {
    await server.close()
    await rm(folder, { recursive: true, force: true })
  }
})

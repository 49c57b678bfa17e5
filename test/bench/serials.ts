// One alert with very many serials: how long until the first of them is read over HTTP, and all.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { benchToken, registerFleet } from './fleet.ts'
import { startServer } from './whole.ts'

export interface SerialsResult {
  firstMs: number
  totalMs: number
}

export async function measureSerials(count: number): Promise<SerialsResult> {
  const folder = mkdtempSync(join(tmpdir(), 'isotherm-bench-'))
  const server = await startServer(join(folder, 'data'))
  try {
    const httpUrl = server.ready[1]!
    const since = Date.now() - 86_400_000
    await registerFleet({
      ...{ httpUrl, token: benchToken, devices: 1, unitsEach: count, since, intervalMs: 60_000 },
    })
    return await serialsOfAlert(httpUrl, { count, since })
  } finally {
    await server.end()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** What `logger-0` watches has so many serials, and is too warm from its first minute on. */
export async function serialsOfAlert(
  httpUrl: string,
  { count, since }: { count: number; since: number },
): Promise<SerialsResult> {
  // Until the allowance is used up.
  const readings = Array.from({ length: 30 }, (_, i) => ({
    time: since + (i + 1) * 60_000,
    temperature: 12,
  }))
  const headers = {
    authorization: `Bearer ${benchToken}`,
    'content-type': 'application/json',
  }
  const sent = await fetch(`${httpUrl}/api/v1/readings?device=logger-0`, {
    ...{ method: 'POST', headers, body: JSON.stringify(readings) },
  })
  if (!sent.ok) throw new Error(`readings: ${sent.status} ${await sent.text()}`)
  const id = await alertOf(httpUrl, count)
  return await readAll(`${httpUrl}/api/v1/alerts/${id}/serials`, count)
}

async function alertOf(httpUrl: string, count: number): Promise<string> {
  const headers = { authorization: `Bearer ${benchToken}` }
  for (let tries = 0; tries < 300; tries++) {
    const answer = await fetch(`${httpUrl}/api/v1/alerts`, { headers })
    const { items } = (await answer.json()) as { items: { id: string; serialCount: number }[] }
    const found = items.find((alert) => alert.serialCount === count)
    if (found) return found.id
    await delay(100)
  }
  throw new Error(`no alert with ${count} serials came`)
}

async function readAll(url: string, count: number): Promise<SerialsResult> {
  const startedAt = performance.now()
  const answer = await fetch(url, {
    headers: { authorization: `Bearer ${benchToken}`, accept: 'application/x-ndjson' },
  })
  if (!answer.ok || !answer.body) throw new Error(`${url}: ${answer.status}`)
  let firstMs: number | undefined
  let lines = 0
  for await (const chunk of answer.body) {
    firstMs ??= performance.now() - startedAt
    for (const byte of chunk) if (byte === 10) lines++
  }
  if (lines < count) throw new Error(`${lines} of ${count} serials came`)
  return { firstMs: firstMs ?? Number.NaN, totalMs: performance.now() - startedAt }
}

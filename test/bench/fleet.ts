// A fleet of loggers as an Isotherm server is told of it, over HTTP like anybody else: one product,
// and per logger a pallet with cases of serialised units. Measures nothing.

import {
  associated,
  commissioned,
  documentOf,
  type EventJson,
  packed,
} from '../../simulators/events.ts'
import { giai, gtin, sgln, sgtin, sscc } from '../../simulators/keys.ts'
import { createRandom } from '../../simulators/random.ts'

export interface FleetOptions {
  httpUrl: string
  token: string
  devices: number
  /** Serial numbers on each pallet, in cases of a hundred. */
  unitsEach: number
  /** Since when the loggers are mounted, epoch ms. */
  since: number
  /** Event time between two readings of a logger. */
  intervalMs: number
}

/** Of the administrator of a server that lives for one measurement. */
export const benchToken = 'benchmark-administrator'

/** What uses up the allowance: so many minutes in one go above so many degrees. */
export const rule = { aboveC: 8, allowanceMinutes: 10 }

/** Five rules, of which one is broken in measurements. */
export const profile = (intervalMs: number) => ({
  rangeC: { min: 2, max: 8 },
  rules: [
    {
      id: 'warm',
      kind: 'single',
      above: rule.aboveC,
      forMinutes: rule.allowanceMinutes,
      severity: 'major',
    },
    { id: 'warm-sum', kind: 'cumulative', above: 8, forMinutes: 100_000, severity: 'minor' },
    { id: 'hot', kind: 'instant', above: 25, severity: 'critical' },
    { id: 'cold', kind: 'single', below: 2, forMinutes: 60, severity: 'major' },
    { id: 'frozen', kind: 'instant', below: -0.5, severity: 'critical' },
  ],
  loggingIntervalSeconds: intervalMs / 1000,
})

/** Registers everything. Returns each device's token by its id. */
export async function registerFleet(options: FleetOptions): Promise<Record<string, string>> {
  const ask = askOf(options)
  const item = gtin(0, 1)
  await ask('PUT', `/api/v1/products/${item}`, {
    name: 'Vaccine',
    profile: profile(options.intervalMs),
  })
  const tokens: Record<string, string> = {}
  for (let n = 0; n < options.devices; n++) {
    const id = `logger-${n}`
    const loggingIntervalSeconds = options.intervalMs / 1000
    const created = await ask('POST', '/api/v1/devices', {
      id,
      giai: giai(id.replace('-', '')),
      loggingIntervalSeconds,
    })
    tokens[id] = ((await created.json()) as { token: string }).token
    for (const events of palletEvents(n, item, options))
      await ask('POST', '/epcis/capture', documentOf(events, options.since))
  }
  return tokens
}

/** What happened to a pallet, in documents that a server takes; the same in every run. */
function palletEvents(n: number, item: string, { unitsEach, since }: FleetOptions): EventJson[][] {
  const occasion = { time: since, place: sgln(1), random: createRandom(n + 1) }
  const container = sscc(0, n)
  const documents: EventJson[][] = []
  let events: EventJson[] = []
  for (let first = 0; first < unitsEach; first += 100) {
    const units = Array.from({ length: Math.min(100, unitsEach - first) }, (_, i) =>
      sgtin(item, `P${n}U${first + i}`),
    )
    const box = sscc(1, n * 1000 + first / 100)
    events.push(commissioned(occasion, units), packed(occasion, box, units))
    events.push(packed(occasion, container, [box]))
    if (events.length >= 300) {
      documents.push(events)
      events = []
    }
  }
  events.push(associated(occasion, 'ADD', { container, logger: giai(`logger${n}`) }))
  return [...documents, events]
}

/** Throws when the answer is a refusal. */
export function askOf({ httpUrl, token }: Pick<FleetOptions, 'httpUrl' | 'token'>) {
  return async (method: string, path: string, body: unknown): Promise<Response> => {
    const type = path.startsWith('/epcis/') ? 'application/ld+json' : 'application/json'
    const answer = await fetch(httpUrl + path, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': type },
      body: JSON.stringify(body),
    })
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`)
    if (path.startsWith('/epcis/')) await answer.body?.cancel()
    return answer
  }
}

export interface ServerMetrics {
  logEnd: number
  /** By follower, all its partitions together. */
  lag: Record<string, number>
  /** Envelopes that steps took, by follower, since the process began. */
  taken: Record<string, number>
  markedDevices: number
}

/** From /metrics: how much was taken, and how far each follower is behind. */
export async function readMetrics(httpUrl: string, token: string): Promise<ServerMetrics> {
  const answer = await fetch(`${httpUrl}/metrics`, {
    headers: { authorization: `Bearer ${token}` },
    signal: AbortSignal.timeout(10_000),
  })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`/metrics: ${answer.status} ${text}`)
  const one = (name: string): number => Number(new RegExp(`^${name} (\\d+)`, 'm').exec(text)?.[1])
  return {
    logEnd: one('isotherm_log_end'),
    markedDevices: one('isotherm_marked_devices'),
    lag: byFollower(text, 'isotherm_follower_lag'),
    taken: byFollower(text, 'isotherm_step_envelopes_sum'),
  }
}

function byFollower(text: string, figure: string): Record<string, number> {
  const sums: Record<string, number> = {}
  const lines = new RegExp(`^${figure}\\{[^}]*follower="(\\w+)"[^}]*\\} (\\d+)`, 'gm')
  for (const [, name, value] of text.matchAll(lines))
    sums[name!] = (sums[name!] ?? 0) + Number(value)
  return sums
}

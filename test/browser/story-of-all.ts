// A stage on which every page has something to say: what tellStory tells, and beside it a logger
// that is not well, packets that were refused, decisions, an investigation, a drill, a case, a
// back-test with its change, messages that reach nobody, a report, a session of the lab.
import { vi } from 'vitest'
import { packed } from '../../simulators/events.ts'
import { giai, sscc } from '../../simulators/keys.ts'
import { adminToken, at, product, type Stage, serialOf, shipper, tellStory } from './stage.ts'

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour
const ago = (ms: number): string => new Date(Date.now() - ms).toISOString()

/** Ids of what was told, for addresses of pages. */
export interface Told {
  alert: string
  case: string
  disposition: string
  investigation: string
  recall: string
  backTest: string
  lab: string
}

/** What people of the story wrote themselves: it stays as it is in every language. */
export const written = ['Wxq-1', 'Wxq-2', 'Example vaccine, 10 doses'] as const
const [somebody, something] = written

interface Made {
  id: string
  recordHash: string
  actions: { id: string }[]
}
interface AlertRow {
  id: string
  revision: number
  serialCount: number
  serialSetHash: string
}

export async function tellAll(stage: Stage): Promise<Told> {
  const make = async (path: string, body: unknown): Promise<Made> =>
    (await stage.call('POST', `/api/v1/${path}`, body)) as Made
  await tellStory(stage)
  await tellUnwell(stage)
  const backTest = await tellBackTest(stage)
  const { items } = (await stage.call('GET', '/api/v1/alerts?device=L-101')) as {
    items: AlertRow[]
  }
  const [alert] = items.toSorted((one, other) => other.serialCount - one.serialCount)
  const { id, revision, serialSetHash } = alert!
  const parts = [
    { decision: 'quarantine', epcs: [serialOf('A', 1), serialOf('A', 2)] },
    { decision: 'release', epcs: [serialOf('A', 3)] },
  ]
  const about = { alert: id, revision, serialSetHash }
  const disposition = await make('dispositions', { about, parts, reason: something })
  await make(`dispositions/${disposition.id}/signature`, {
    ...{ meaning: 'approval', reason: something, recordHash: disposition.recordHash, revision },
    ...{ token: adminToken, printedName: somebody },
  })
  const investigation = await make('investigations', { title: something, alerts: [id] })
  await make(`investigations/${investigation.id}/actions`, {
    ...{ kind: 'preventive', text: something, owner: somebody, dueAt: ago(-30 * day) },
  })
  const recall = await make('recalls', {
    ...{ name: something, reason: something, drill: true },
    criteria: { version: 1, allOf: [{ field: 'lot', anyOf: ['LOT-C7'] }] },
  })
  await tellNotifications(stage)
  const lab = await make('conformance', {
    ...{ device: 'L-109', minutes: 5, faults: [{ kind: '503', afterSeconds: 200 }] },
  })
  return {
    ...{ alert: id, disposition: disposition.id, investigation: investigation.id },
    ...{ recall: recall.id, backTest, lab: lab.id, case: await tellCase(stage) },
  }
}

/** L-104: stuck, with spikes, a day without a word, and a calibration that is overdue. */
async function tellUnwell(stage: Stage): Promise<void> {
  const until = Math.floor(Date.now() / minute) * minute
  await stage.call('POST', '/api/v1/devices', {
    ...{ id: 'L-104', giai: giai('L104'), loggingIntervalSeconds: 600 },
    ...{ calibratedAt: ago(500 * day), calibrationDue: ago(20 * day) },
  })
  await stage.call('POST', '/api/v1/devices', { id: 'L-109', loggingIntervalSeconds: 60 })
  const readings = Array.from({ length: 10 * 144 }, (_, index) => {
    const time = until - (10 * 144 - index) * 10 * minute
    const wave = 5 + Math.round(10 * Math.sin(index / 3)) / 10
    const stuck = index > 1000 && index < 1120
    const battery = 40 - index / 60
    const door = index % 40 === 0 ? 600 : 0
    const temperature = index % 300 === 299 ? 17.3 : stuck ? 5 : wave
    return { time, temperature, battery, doorOpen: door, compressor: 400 + index / 4 }
  }).filter((_, index) => index < 300 || index > 520)
  for (let from = 0; from < readings.length; from += 500)
    await stage.call('POST', '/api/v1/readings?device=L-104', readings.slice(from, from + 500))
  await stage.capture([packed(at(until - 8 * day), sscc(1, 9), [serialOf('D', 12)])])
  for (const wrong of [{ temperature: 900 }, { temperature: 'warm' }, { time: 'now' }])
    await stage
      .call('POST', '/api/v1/readings?device=L-104', [{ time: until, ...wrong }])
      .catch(() => undefined)
  await stage.call('POST', '/api/v1/devices/L-104/clock-corrections', {
    ...{ from: ago(9 * day), to: ago(8 * day), aheadSeconds: 3720, reason: something },
  })
  await stage.settled()
}

async function tellBackTest(stage: Stage): Promise<string> {
  const path = `/api/v1/products/${product}`
  const profile = { ruleSet: 'cdc-fridge', loggingIntervalSeconds: 300 }
  await stage.call('PUT', '/api/v1/settings', { changeControl: 'signed' })
  const { id } = (await stage.call('POST', `${path}/back-tests`, { profile })) as Made
  const done = async (): Promise<string> =>
    ((await stage.call('GET', `${path}/back-tests/${id}`)) as { state: string }).state
  await vi.waitUntil(async () => (await done()) === 'done', { timeout: 30_000 })
  await stage.call('POST', `${path}/changes`, { backTest: id, reason: something })
  return id
}

/** Whom the rule names cannot be reached: the address answers nobody. */
async function tellNotifications(stage: Stage): Promise<void> {
  const channel = (await stage.call('POST', '/api/v1/notification-channels', {
    ...{ name: somebody, via: 'webhook', url: `${stage.url}/nowhere` },
  })) as Made
  const steps = [{ afterMinutes: 0, channels: [channel.id] }]
  await stage.call('POST', '/api/v1/notification-rules', {
    ...{ name: something, when: { kinds: ['alert.raised', 'recall.started'] }, steps },
  })
  const mail = (await stage.call('POST', '/api/v1/notification-channels', {
    ...{ name: somebody, via: 'email', address: 'wxq@example.org' },
  })) as Made
  await stage.call('POST', '/api/v1/report-schedules', {
    ...{ name: something, report: 'fsma204', query: { from: '{from}', to: '{to}' } },
    ...{ media: 'text/csv', channels: [mail.id] },
    schedule: { every: 'day', at: '07:00', zone: 'Europe/Berlin' },
  })
  await stage.call('POST', `/api/v1/notification-channels/${channel.id}/test`)
}

/** One serial number at three ends of Europe within an hour. */
async function tellCase(stage: Stage): Promise<string> {
  for (const [index, place] of ['eyck', 'u3qc', 'ez3f'].entries())
    await stage.call('POST', '/api/v1/scans', {
      session: `session-${index}`,
      scans: [{ text: serialOf('C', 3), place, time: ago((80 - 30 * index) * minute) }],
    })
  const cases = async (): Promise<Made[]> =>
    ((await stage.call('GET', '/api/v1/cases')) as { items: Made[] }).items
  await vi.waitUntil(async () => (await cases()).length > 0, { timeout: 60_000, interval: 500 })
  return (await cases())[0]!.id
}

/** The address of a page, with ids of the story in it. */
export function addressOf(path: string, told: Told): string {
  const ids: Record<string, string> = {
    ...{ 'alerts/:id': told.alert, 'alerts/:id/decide': told.alert },
    ...{ 'recalls/:id': told.recall, 'recalls/:id/decide': told.recall },
    ...{ 'dispositions/:id': told.disposition, 'investigations/:id': told.investigation },
    ...{ 'cases/:id': told.case, 'shipments/:container': shipper(1) },
    ...{ 'devices/:id': 'L-104', 'devices/:id/board': 'L-101', 'units/:epc': serialOf('A', 1) },
    'products/:gtin': product,
  }
  const segments = path
    .split('/')
    .map((part) =>
      part === ':gtin' && path.startsWith('back-tests')
        ? product
        : part === ':id' && path.startsWith('back-tests')
          ? told.backTest
          : part.startsWith(':')
            ? (ids[path] ?? 'none')
            : part,
    )
  return `#/${segments.map(encodeURIComponent).join('/')}`
}

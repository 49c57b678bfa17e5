// What people do to what the loggers told, for the data folders of releases that know people
// (0.4.0 and later): accounts, the life of an alert, a signed decision, an investigation, a recall,
// ways to be told, a clock that was wrong.
import { setTimeout as delay } from 'node:timers/promises'
import * as story from '../../e2e/story.ts'

interface Known {
  id: string
  recordHash: string
}

/** On alerts of logger-1 and logger-2, of which some are there; gives the password of Ada. */
export async function tellPeople(server: story.Listener, token: string): Promise<string> {
  const tell = <T>(path: string, body: object): Promise<T> =>
    server.api<T>('POST', `/api/v1/${path}`, body)
  await server.api('PUT', '/api/v1/settings', { language: 'de', zone: 'Europe/Zurich' })
  const person = { id: 'ada', printedName: 'Ada Example', roles: ['quality'] }
  const { password } = await tell<{ password: string }>('people', person)
  const signed = { token, printedName: 'Ada Example' }
  const alert = await alertOf(server, 'logger-1')
  const own = `alerts/${alert.id}`
  await tell(`${own}/acknowledge`, { reason: 'seen at the dock' })
  await tell(`${own}/assign`, { to: 'ada' })
  await tell(`${own}/comment`, { text: 'The door stood open.' })
  const { id, revision, serialSetHash } = alert
  const proposed = await tell<Known>('dispositions', {
    about: { alert: id, revision, serialSetHash },
    parts: [
      { decision: 'release', epcs: [story.vialLink(1, 'B')] },
      { decision: 'quarantine', rest: true },
    ],
    reason: 'B left after seven minutes',
  })
  const decision = `dispositions/${proposed.id}`
  const { recordHash } = proposed
  const meant = { meaning: 'approval', reason: 'as the passports say' }
  await tell(`${decision}/signature`, { ...meant, recordHash, revision, ...signed })
  await kept(server, `/api/v1/${decision}`)
  const looked = await tell<Known>('investigations', { title: 'Dock door', alerts: [id] })
  await tell(`investigations/${looked.id}/comments`, { text: 'Asked the night shift.' })
  await tell('recalls', {
    ...{ name: 'Lot L42', reason: 'drill of the quarter', drill: true },
    criteria: { version: 1, allOf: [{ field: 'lot', anyOf: ['L42'] }] },
  })
  const mail = { name: 'Quality', via: 'email', address: 'quality@example.com' }
  const channel = await tell<{ id: string }>('notification-channels', mail)
  const steps = [{ afterMinutes: 0, channels: [channel.id] }]
  await tell('notification-rules', { name: 'all', when: { severity: 'major' }, steps })
  await tell('devices/logger-2/clock-corrections', {
    ...{ from: '2026-03-02T00:00:00Z', to: '2026-03-03T00:00:00Z', aheadSeconds: 120 },
    reason: 'set by a wall clock',
  })
  return password
}

async function alertOf(server: story.Listener, device: string): Promise<story.Alert> {
  const path = `/api/v1/alerts?device=${device}`
  const { items } = await server.api<story.Page<story.Alert>>('GET', path)
  if (!items[0]) throw new Error(`no alert of ${device}`)
  return items[0]
}

/** Until the events of a signed decision are in the log. */
async function kept(server: story.Listener, path: string): Promise<void> {
  for (;;) {
    const { captures } = await server.api<{ captures: { keptAt: string | null }[] }>('GET', path)
    if (captures.length > 0 && captures.every(({ keptAt }) => keptAt !== null)) return
    await delay(50)
  }
}

// What people are told, over real ways: a server for mail and receivers of HTTP that fail, delay and
// break off. Each change reaches each of them exactly once, and a storm is a few messages.
import { mkdtempSync, rmSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connectAsync } from 'mqtt'
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from 'smtp-server'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { bounds } from '../config.ts'
import { serve } from '../main.ts'
import { openMailer } from '../quality/mail.ts'
import { formatPdf, recordIn } from '../quality/report/pdf.ts'
import { newSecret } from '../quality/standard-webhooks.ts'
import { type Api, gtin, type Json, openApi } from './api-app.ts'
import { begin, hour, minute, type NotifyWorld, openNotifyWorld } from './notify-world.ts'
import { epcisEvent } from './pipeline.ts'
import { type Receiver, startReceiver } from './receiver.ts'
import { configOf, listenerOf } from './served.ts'

interface Letter {
  to: string
  raw: string
  header(name: string): string
}

/** What happens at the end of DATA: an error to answer, or the socket to be cut. */
type Outcome = 'take' | 'cut' | { code: number; text: string }

async function startSmtp() {
  const letters: Letter[] = []
  const outcomes: Outcome[] = []
  const refusals: { code: number; text: string }[] = []
  const sockets = new Map<string, { destroy(): void }>()
  const server = new SMTPServer({
    ...{ authOptional: true, allowInsecureAuth: true, disabledCommands: ['STARTTLS'] },
    onAuth: (_auth, _session, done) => done(smtpError({ code: 535, text: 'who is that' })),
    onRcptTo: (_address, _session, done) => {
      const refusal = refusals.shift()
      done(refusal && smtpError(refusal))
    },
    onData: (stream: SMTPServerDataStream, session: SMTPServerSession, done) => {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        const outcome = outcomes.shift() ?? 'take'
        const raw = Buffer.concat(chunks).toString()
        if (typeof outcome === 'object') return done(smtpError(outcome))
        letters.push(letterOf(session.envelope.rcptTo[0]!.address, raw))
        // It has the message, and the sender never hears so.
        if (outcome === 'cut') for (const socket of sockets.values()) socket.destroy()
        else done()
      })
    },
  })
  server.on('error', () => undefined)
  const { server: bare } = server as unknown as { server: import('node:net').Server }
  bare.on('connection', (socket) => {
    const name = `${socket.remotePort}`
    sockets.set(name, socket)
    socket.on('close', () => sockets.delete(name))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()))
  const { port } = bare.address() as AddressInfo
  return {
    ...{ letters, outcomes, refusals, port },
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  }
}

const smtpError = ({ code, text }: { code: number; text: string }): Error =>
  Object.assign(new Error(text), { responseCode: code })

function letterOf(to: string, raw: string): Letter {
  const head = raw.slice(0, raw.indexOf('\r\n\r\n')).replace(/\r\n[ \t]+/g, ' ')
  const header = (name: string): string =>
    new RegExp(`^${name}: (.*)$`, 'im').exec(head)?.[1]?.trim() ?? ''
  return { to, raw, header }
}

const tenant = 'default'

let smtp: Awaited<ReturnType<typeof startSmtp>>
let receiver: Receiver
let world: NotifyWorld
beforeAll(async () => {
  smtp = await startSmtp()
  receiver = await startReceiver()
})
beforeEach(() => {
  for (const list of [smtp.letters, smtp.outcomes, smtp.refusals, receiver.received])
    list.length = 0
  receiver.answers = []
})
afterAll(async () => {
  await smtp.close()
  await receiver.close()
})

const openWorld = (): Promise<NotifyWorld> => {
  const server = { host: '127.0.0.1', port: smtp.port, tls: 'none' } as const
  const mailer = openMailer({ ...server, from: 'isotherm@example.com' }, 15_000)
  return openNotifyWorld({ mailer })
}

/** One for each test. */
function withWorld(): void {
  beforeEach(async () => {
    world = await openWorld()
  })
  afterEach(() => world.close())
}

const mailTo = (address: string, more = {}) => ({ via: 'email' as const, address, ...more })
const first = (...channels: string[]) => [{ afterMs: 0, channels }]
const bodyOf = (raw: string, type: string): string => {
  const part = raw.split(/\r\n--/).find((one) => one.includes(`Content-Type: ${type}`))!
  const text = part.slice(part.indexOf('\r\n\r\n') + 4)
  if (part.includes('base64')) return Buffer.from(text, 'base64').toString()
  const bytes = text
    .replace(/=\r\n/g, '')
    .replace(/=([0-9A-F]{2})/g, (_all, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    )
  return part.includes('quoted-printable') ? Buffer.from(bytes, 'latin1').toString() : text
}

describe('e-mail', () => {
  withWorld()

  it('tells of an alert in the language, unit and zone of the reader, as text and HTML', async () => {
    const terms = { language: 'de', unit: 'F', zone: 'Europe/Berlin' } as const
    await world.channel(tenant, 'ch-1', mailTo('qa@example.com', terms))
    await world.rule(tenant, { id: 'r-1', name: 'Kühlkette <alles>', steps: first('ch-1') })
    await world.alert(tenant, '106141412345678908', { from: begin - hour })
    await world.settle()
    expect(smtp.letters).toHaveLength(1)
    const [{ to, raw, header }] = smtp.letters as [Letter]
    expect(to).toBe('qa@example.com')
    expect(header('From')).toBe('Isotherm <isotherm@example.com>')
    expect(header('Message-ID')).toMatch(/^<msg_[0-9a-f]{32}@example\.com>$/)
    expect(header('References')).toMatch(/^<thread_[0-9a-f]{32}@example\.com>$/)
    expect(header('Auto-Submitted')).toBe('auto-generated')
    const text = bodyOf(raw, 'text/plain')
    expect(text).toContain('Temperaturabweichung, 106141412345678908')
    expect(text).toMatch(/Grenze: 46,4\s°F/)
    expect(text).toMatch(/Seit: 01\.06\.2026, 13:00 MESZ/)
    expect(text).toContain('https://isotherm.example.com/#/alerts/106141412345678908')
    const html = bodyOf(raw, 'text/html')
    expect(html).toContain('Kühlkette &lt;alles&gt;')
    expect(html).toContain('<td>dauert an</td>')
  })

  it('says what changed in the same thread, with a Message-ID of its own', async () => {
    await world.channel(tenant, 'ch-1', mailTo('qa@example.com'))
    await world.rule(tenant, { id: 'r-1', steps: first('ch-1') })
    await world.alert(tenant, '106141412345678908')
    await world.settle()
    world.pass(minute)
    await world.alert(tenant, '106141412345678908', { status: 'retracted' })
    await world.settle()
    const [raised, changed] = smtp.letters as [Letter, Letter]
    expect(changed.header('References')).toBe(raised.header('References'))
    expect(changed.header('Message-ID')).not.toBe(raised.header('Message-ID'))
    expect(changed.header('Subject')).toMatch(/Retracted/)
  })

  it('is tried again after 4xx and after a broken line, with the same Message-ID, and is dead after 5xx', async () => {
    await world.channel(tenant, 'ch-1', mailTo('qa@example.com'))
    await world.rule(tenant, { id: 'r-1', steps: first('ch-1') })
    smtp.refusals.push({ code: 451, text: 'greylisted' })
    smtp.outcomes.push('cut')
    await world.alert(tenant, '106141412345678908')
    await world.settle()
    expect(smtp.letters).toHaveLength(0)
    const waits = await world.read(tenant, 'ch-1')
    expect(waits).toMatchObject({ status: 'active', reason: expect.stringContaining('451') })
    await world.settle(5000)
    // It was taken, and we never heard so: the one moment in which a mail may come twice.
    expect(smtp.letters).toHaveLength(1)
    await world.settle(minute)
    expect(smtp.letters).toHaveLength(2)
    const [lost, again] = smtp.letters as [Letter, Letter]
    expect(again.raw).toBe(lost.raw)
    const [told] = await world.log(tenant)
    expect(told).toMatchObject({ state: 'told', delivery: { status: 'delivered', tries: 3 } })
    smtp.refusals.push({ code: 550, text: 'no such user here' })
    await world.alert(tenant, '106141412345678908', { verdict: 'indeterminate' })
    await world.settle()
    const [dead] = await world.log(tenant)
    expect(dead).toMatchObject({ delivery: { status: 'dead', tries: 1 } })
    await world.alert(tenant, '106141412345678915')
    await world.settle()
    expect(smtp.letters).toHaveLength(3)
    expect((await world.read(tenant, 'ch-1')).reason).toBeNull()
  })

  it('goes out again whole after a crash between sending and writing that down', async () => {
    await world.channel(tenant, 'ch-1', mailTo('qa@example.com'))
    await world.rule(tenant, { id: 'r-1', steps: first('ch-1') })
    await world.alert(tenant, '106141412345678908')
    world.pass(2000)
    await world.runOnce()
    // As if the process had died before it could write down what the server answered.
    await world.ledger.db
      .updateTable('deliveries')
      .set({ status: 'pending', endedAt: null, tries: 0, attempts: '[]' })
      .execute()
    await world.runOnce()
    await world.runOnce()
    const [one, two] = smtp.letters as [Letter, Letter]
    expect(smtp.letters).toHaveLength(2)
    expect(two.header('Message-ID')).toBe(one.header('Message-ID'))
  })
})

describe('a server for mail that is not as it should be', () => {
  const mail = { subject: 's', text: 't', html: '<p>t</p>' }
  const to = { id: 'msg_1', to: 'qa@example.com', at: begin }
  const server = () => ({ host: '127.0.0.1', port: smtp.port, from: 'a@example.com' })

  it('gets nothing in clear when TLS is asked for and not offered', async () => {
    const mailer = openMailer({ ...server(), tls: 'starttls' }, 15_000)
    const posted = await mailer.send(mail, to)
    expect(posted.error).toMatch(/STARTTLS|TLS/)
    expect(posted.permanent).toBeUndefined()
    expect(smtp.letters).toEqual([])
    mailer.close()
  })

  it('and one that refuses the login are told without the password, and tried again', async () => {
    const login = { user: 'isotherm', password: 'geheim-geheim' }
    const mailer = openMailer({ ...server(), ...login, tls: 'none' }, 15_000)
    const posted = await mailer.send(mail, to)
    expect(posted).toMatchObject({ status: 535, error: expect.stringContaining('who is that') })
    expect(posted.permanent).toBeUndefined()
    expect(JSON.stringify(posted)).not.toContain('geheim')
    mailer.close()
  })
})

describe('a storm', () => {
  withWorld()

  it('of findings is one message per person in ten minutes, and none is lost', async () => {
    for (const [id, spacingMs] of [
      ['ch-1', 10 * minute],
      ['ch-2', 10 * minute],
    ] as const)
      await world.channel(tenant, id, mailTo(`${id}@example.com`, { spacingMs }))
    await world.rule(tenant, { id: 'r-1', steps: first('ch-1', 'ch-2') })
    const severities = ['minor', 'major', 'critical'] as const
    let alerts = 0
    const strike = async (count: number): Promise<void> => {
      await world.storm(tenant, count, (index) => ({ severity: severities[index % 3]! }))
      alerts += count
    }
    await strike(120)
    // More than one look takes.
    await world.cases(tenant, bounds.outboxLook)
    await world.settle()
    for (let turn = 0; turn < 3; turn++) {
      await strike(20)
      await world.settle(2 * minute)
    }
    const of = (id: string) => smtp.letters.filter(({ to }) => to === `${id}@example.com`)
    expect([of('ch-1').length, of('ch-2').length]).toEqual([1, 1])
    await world.settle(4 * minute)
    expect([of('ch-1').length, of('ch-2').length]).toEqual([2, 2])
    expect(of('ch-1')[1]!.header('Subject')).toMatch(/60 notifications \(Critical/)
    const rows = await world.log(tenant, { channel: 'ch-1' })
    expect(rows).toHaveLength(alerts + bounds.outboxLook)
    expect(new Set(rows.map(({ state }) => state))).toEqual(new Set(['told']))
    expect(new Set(rows.map(({ message }) => message)).size).toBe(2)
    const { count } = await world.ledger.db
      .selectFrom('alerts')
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow()
    expect(Number(count)).toBe(alerts)
  })
})

describe('chat and incidents', () => {
  withWorld()

  const over = (via: 'slack' | 'teams' | 'pagerduty' | 'webhook', more: object = {}) =>
    world.channel(
      tenant,
      `ch-${via}`,
      { via, ...more },
      {
        url: `${receiver.url}/${via}`,
        secrets: via === 'pagerduty' || via === 'webhook' ? [{ secret, until: null }] : [],
      },
    )
  const secret = newSecret()
  const bodies = () => receiver.received.map(({ body }) => JSON.parse(body))

  it('get a message of their own form, with no key of it in the log', async () => {
    for (const via of ['slack', 'teams', 'pagerduty', 'webhook'] as const) await over(via)
    const channels = ['ch-slack', 'ch-teams', 'ch-pagerduty', 'ch-webhook']
    await world.rule(tenant, { id: 'r-1', name: 'all & <sundry>', steps: first(...channels) })
    await world.alert(tenant, '106141412345678908', { device: 'a*b<c>' })
    await world.settle()
    const by = Object.fromEntries(
      receiver.received.map(({ path, body }) => [path, JSON.parse(body)]),
    )
    expect(by['/slack'].blocks.map(({ type }: { type: string }) => type)).toEqual([
      ...['header', 'section', 'context'],
    ])
    expect(JSON.stringify(by['/slack'])).toContain('all &amp; &lt;sundry&gt;')
    const [{ contentType, content }] = by['/teams'].attachments
    expect(contentType).toBe('application/vnd.microsoft.card.adaptive')
    expect(content).toMatchObject({ type: 'AdaptiveCard', version: '1.4' })
    expect(JSON.stringify(content)).toContain('a\\\\*b\\\\<c\\\\>')
    expect(by['/pagerduty']).toMatchObject({
      ...{ routing_key: secret, event_action: 'trigger' },
      payload: { severity: 'critical', source: 'a*b<c>', component: 'isotherm' },
    })
    expect(by['/webhook']).toMatchObject({ type: 'notification', data: { more: 0 } })
    const signed = receiver.received.find(({ path }) => path === '/webhook')!
    expect(signed.headers['webhook-signature']).toMatch(/^v1,/)
    const kept = await world.ledger.db
      .selectFrom('deliveries')
      .select(['body', 'attempts'])
      .execute()
    expect(JSON.stringify(kept)).not.toContain(secret)
    expect(JSON.stringify(kept)).not.toContain(receiver.url)
  })

  it('of PagerDuty acknowledge and resolve the incident that they opened', async () => {
    await over('pagerduty', { spacingMs: 10 * minute })
    await world.rule(tenant, {
      ...{ id: 'r-1', when: { severity: 'major' }, steps: first('ch-pagerduty') },
    })
    const id = '106141412345678908'
    await world.alert(tenant, id)
    await world.settle()
    await world.acknowledge(tenant, id)
    await world.settle()
    await world.alert(tenant, id, { status: 'closed', closed: { at: begin, by: 'readings' } })
    await world.settle()
    expect(bodies().map(({ event_action }) => event_action)).toEqual([
      'trigger',
      'acknowledge',
      'resolve',
    ])
    expect(new Set(bodies().map(({ dedup_key }) => dedup_key)).size).toBe(1)
    // Two more within ten minutes wait, and are one incident.
    for (const other of ['106141412345678915', '106141412345678922'])
      await world.alert(tenant, other)
    await world.settle()
    expect(receiver.received).toHaveLength(3)
    await world.settle(10 * minute)
    expect(bodies().slice(3)).toMatchObject([
      { event_action: 'trigger', payload: { custom_details: { items: [{}, {}] } } },
    ])
  })

  it('are tried again while a receiver is away, and given up at once when it refuses', async () => {
    await over('slack')
    const before = world.givenUp.length
    await world.rule(tenant, { id: 'r-1', steps: first('ch-slack') })
    receiver.answers = [503, (response) => response.destroy(), () => undefined]
    await world.alert(tenant, '106141412345678908')
    await world.settle()
    for (const wait of bounds.notifyRetryMs.slice(0, 3)) await world.settle(wait)
    expect(receiver.received).toHaveLength(4)
    expect(new Set(receiver.received.map(({ body }) => body)).size).toBe(1)
    expect(world.givenUp.slice(before)).toEqual([])
    receiver.answers = [404]
    await world.alert(tenant, '106141412345678915')
    await world.settle()
    expect((await world.log(tenant))[0]).toMatchObject({ delivery: { status: 'dead', tries: 1 } })
    expect((await world.read(tenant, 'ch-slack')).reason).toBe('answered 404')
    expect(world.givenUp.slice(before)).toEqual(['ch-slack'])
  })
})

describe('over the API', () => {
  let api: Api
  beforeAll(async () => {
    world = await openWorld()
    const { wake } = world.engine()
    const deliveries = { allowed: new Set(['127.0.0.1']), wake }
    api = await openApi({ ledger: world.ledger, now: world.now, deliveries })
  })
  afterEach(async () => {
    for (const table of ['notificationRules', 'notifications', 'endpoints', 'deliveries'] as const)
      await world.ledger.db.deleteFrom(table).execute()
  })
  afterAll(async () => {
    await api.close()
    await world.close()
  })
  const post = <T = Json>(path: string, body?: object): Promise<T> =>
    api.json<T>('POST', `/api/v1/${path}`, body ? { body } : {})

  it('a channel is made, tried out, put to rest and given up, and never tells its secrets', async () => {
    const url = `${receiver.url}/services/T0/B0/verysecret`
    const made = await post('notification-channels', { name: 'Ops', via: 'slack', url })
    expect(made).toMatchObject({ via: 'slack', url: `${receiver.url}/…`, spacingMinutes: 10 })
    const pager = { name: 'On call', via: 'pagerduty', routingKey: 'R0UT1NGK3YOFTWENTYPLUS' }
    await post('notification-channels', pager)
    await post('notification-channels', { name: 'QA', via: 'email', address: 'qa@example.com' })
    const listed = await (await api.ask('GET', '/api/v1/notification-channels')).text()
    expect(listed).not.toMatch(/verysecret|R0UT1NGK3Y/)
    const tried = await post(`notification-channels/${made.id}/test`)
    await world.settle(0)
    expect(receiver.received.map(({ path }) => path)).toEqual(['/services/T0/B0/verysecret'])
    expect(receiver.received[0]!.body).toContain('Test message')
    expect(tried.id).toMatch(/^msg-/)
    const path = `/api/v1/notification-channels/${made.id}`
    const quietHours = { from: '22:00', to: '06:00' }
    const change = { quietHours, digest: { dailyAt: '07:30' }, zone: 'Europe/Madrid' }
    expect(await api.json('PATCH', path, { body: change })).toMatchObject(change)
    const wrong = [
      [{ name: 'x', via: 'email' }, '/address'],
      [{ name: 'x', via: 'email', address: 'a@example.com', person: 'anna' }, '/address'],
      [{ name: 'x', via: 'email', person: 'nobody' }, '/person'],
      [{ name: 'x', via: 'teams' }, '/url'],
      [{ name: 'x', via: 'teams', url: 'http://example.com/' }, '/url'],
      [{ name: 'x', via: 'mqtt', quietHours }, '/quietHours'],
      [{ name: 'x', via: 'mqtt', zone: 'Mars/Olympus' }, '/zone'],
      [{ name: 'x', via: 'pagerduty' }, '/routingKey'],
    ] as const
    for (const [body, pointer] of wrong)
      expect(await post('notification-channels', body)).toMatchObject({
        ...{ status: 400, errors: [{ path: pointer }] },
      })
    expect((await api.ask('DELETE', path)).status).toBe(204)
    expect((await api.ask('GET', path)).status).toBe(404)
    const seen = await world.ledger.db.selectFrom('evidence').select(['kind', 'record']).execute()
    expect(seen.map(({ kind }) => kind)).toContain('notification-channel.deleted')
    expect(JSON.stringify(seen)).not.toMatch(/verysecret|R0UT1NGK3Y|[a-z]@example/)
  })

  it('a person is written to as they like it, and a rule foresees whom it tells and why not', async () => {
    const anna = { id: 'anna', printedName: 'Anna B', email: 'anna@example.com', language: 'fr' }
    await api.ask('POST', '/api/v1/people', { body: { ...anna, roles: ['quality'] } })
    const channel = await post('notification-channels', {
      name: 'Anna',
      via: 'email',
      person: 'anna',
    })
    const steps = [{ afterMinutes: 0, channels: [channel.id] }]
    const made = await post('notification-rules', {
      name: 'all',
      when: { severity: 'major' },
      steps,
    })
    expect(made).toMatchObject({ enabled: true, steps })
    await post('notification-rules', { name: 'other', when: { gtins: [gtin] }, steps })
    const wrong = await post('notification-rules', {
      ...{ name: 'x', steps: [{ afterMinutes: 5, channels: ['ch-none'] }] },
    })
    expect(wrong).toMatchObject({ status: 400, errors: [{ path: '/steps/0/channels' }] })
    await world.alert(tenant, 'a1', { gtin: '09521234543220', severity: 'minor' })
    const before = (await post('notification-rules/preview', { alert: 'a1' })).items
    expect(Object.fromEntries(before.map(({ ruleName, failing }) => [ruleName, failing]))).toEqual({
      ...{ all: ['severity'], other: ['gtins'] },
    })
    await world.alert(tenant, 'a1', { severity: 'critical' })
    const { items } = await post('notification-rules/preview', { alert: 'a1' })
    expect(items.find(({ ruleName }) => ruleName === 'all')).toMatchObject({
      ...{ failing: [], channelName: 'Anna', step: 0, tellAt: '2026-06-01T12:00:00Z' },
    })
    await world.settle()
    expect(smtp.letters.map(({ to, header }) => [to, header('Subject')])).toEqual([
      ['anna@example.com', expect.stringContaining('Critique')],
    ])
  })

  it('the log tells what was told, what waits, why not, and tries again what was given up', async () => {
    const quietHours = { from: '00:00', to: '23:00' }
    const via = { via: 'email', address: 'qa@example.com' }
    const quiet = await post('notification-channels', { name: 'Quiet', ...via, quietHours })
    const ops = await post('notification-channels', { name: 'Ops', ...via, spacingMinutes: 0 })
    const steps = [{ channels: [quiet.id, ops.id] }, { afterMinutes: 30, channels: [ops.id] }]
    await post('notification-rules', { name: 'all', steps })
    smtp.refusals.push({ code: 550, text: 'mailbox unavailable' })
    await world.alert(tenant, 'b1')
    await world.settle()
    const log = async (query = '') => (await api.json('GET', `/api/v1/notifications${query}`)).items
    expect(await log(`?channel=${quiet.id}`)).toMatchObject([
      { state: 'waiting', reason: 'quiet-hours', heldUntil: '2026-06-01T23:00:00Z' },
    ])
    const failed = (await log('?state=failed'))[0]!
    expect(failed).toMatchObject({ channelName: 'Ops', tries: 1, attempts: [{ status: 550 }] })
    expect(await log('?state=waiting&alert=b1')).toHaveLength(2)
    expect((await api.ask('POST', `/api/v1/notifications/${failed.id}/retry`)).status).toBe(202)
    await world.settle(0)
    expect(await log('?state=delivered')).toMatchObject([{ id: failed.id, tries: 1 }])
    expect((await api.ask('POST', `/api/v1/notifications/${failed.id}/retry`)).status).toBe(409)
    await world.acknowledge(tenant, 'b1')
    await world.settle(30 * minute)
    expect(await log('?state=suppressed')).toMatchObject([{ step: 1, reason: 'acknowledged' }])
    const viewer = await api.keyWith('viewer')
    expect((await api.ask('GET', '/api/v1/notifications', { token: viewer })).status).toBe(403)
  })
})

/** The bytes of an attachment, as a mail program saves them. */
function attachmentOf(raw: string, media: string): Buffer {
  const part = raw.slice(raw.indexOf(`Content-Type: ${media}`))
  const [, body = ''] = /\r?\n\r?\n([\s\S]*?)\r?\n--/.exec(part) ?? []
  return Buffer.from(body, 'base64')
}

describe('the whole server', () => {
  const patient = { timeout: 30_000, interval: 50 }

  it('tells by mail and to subscribers of its own broker', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'isotherm-notify-served-'))
    const ISOTHERM_SMTP_URL = `smtp://127.0.0.1:${smtp.port}?from=isotherm@example.com`
    const server = await serve(configOf(folder, { ISOTHERM_SMTP_URL }))
    const { api } = listenerOf(server)
    const channels = [
      await api('POST', '/api/v1/notification-channels', { name: 'Line', via: 'mqtt' }),
      await api('POST', '/api/v1/notification-channels', {
        ...{ name: 'QA', via: 'email', address: 'qa@example.com' },
      }),
    ].map(({ id }) => id as string)
    await api('POST', '/api/v1/notification-rules', {
      ...{ name: 'captures', when: { kinds: ['capture.applied'] }, steps: [{ channels }] },
    })
    const subscribe = ['v1/default/@notifications/#']
    const key = await api<{ id: string; token: string }>('POST', '/api/v1/keys', {
      ...{ name: 'line', roles: [], mqtt: { subscribe } },
    })
    const options = { username: key.id, password: key.token, reconnectPeriod: 0 }
    const client = await connectAsync(server.mqttUrl!, options)
    const heard = new Promise<[string, Buffer]>((resolve) => {
      client.once('message', (topic, payload) => resolve([topic, payload]))
    })
    await client.subscribeAsync(subscribe[0]!, { qos: 1 })
    const event = epcisEvent('ObjectEvent', begin, {
      action: 'OBSERVE',
      epcList: ['https://id.gs1.org/01/09521234543213/21/A1'],
    })
    await api('POST', '/epcis/events', event)
    const [topic, payload] = await heard
    expect(topic).toBe(`v1/default/@notifications/${channels[0]}`)
    expect(JSON.parse(String(payload)).data).toMatchObject({
      ...{ more: 0, items: [{ kind: 'capture.applied', severity: 'info' }] },
    })
    await vi.waitFor(() => expect(smtp.letters).toHaveLength(1), patient)
    const asked = {
      ...{ name: 'Traceability', report: 'fsma204', query: { from: '{from}', to: '{to}' } },
      ...{ media: 'text/csv', channels: [channels[1]] },
      schedule: { every: 'day', at: '07:00', zone: 'Europe/Berlin' },
    }
    const path = '/api/v1/report-schedules'
    const made = await api<{ id: string }>('POST', path, asked)
    await api('POST', `${path}/${made.id}/run`)
    await vi.waitFor(() => expect(smtp.letters).toHaveLength(2), patient)
    const [, { raw, header }] = smtp.letters as [Letter, Letter]
    expect(header('Subject')).toBe('Report: Traceability')
    expect(bodyOf(raw, 'text/csv')).toMatch(/^"?[A-Za-z]+"?,/)
    expect(raw).toMatch(/filename="?fsma204_\d{4}-\d\d-\d\d_\d{4}-\d\d-\d\d\.csv/)
    const recall = await api<{ id: string }>('POST', '/api/v1/recalls', {
      ...{ name: 'Lot 7', reason: 'glass', drill: true },
      criteria: { version: 1, allOf: [{ field: 'gtin', anyOf: [gtin] }] },
    })
    const printed = await api<{ id: string }>('POST', path, {
      ...{ ...asked, report: `recalls/${recall.id}/report`, media: 'application/pdf' },
      query: { language: '{language}', zone: '{zone}' },
    })
    await api('POST', `${path}/${printed.id}/run`)
    const pdf = () => smtp.letters.find(({ raw }) => raw.includes('application/pdf'))
    await vi.waitFor(() => expect(pdf()).toBeDefined(), patient)
    const attached = attachmentOf(pdf()!.raw, 'application/pdf')
    const record = recordIn(attached)!
    expect(record).toMatchObject({ report: 'recall', title: 'Recall drill: Lot 7' })
    expect(Buffer.compare(attached, await formatPdf(record))).toBe(0)
    const wrong = await api<{ id: string }>('POST', path, { ...asked, report: 'nothing' })
    await api('POST', `${path}/${wrong.id}/run`)
    const mails = `${path}/${wrong.id}/deliveries`
    await vi.waitFor(async () => {
      const { items } = await api<{ items: unknown[] }>('GET', mails)
      expect(items).toMatchObject([
        { status: 'dead', attempts: [{ error: expect.stringContaining('refused: 404') }] },
      ])
    }, patient)
    await client.endAsync(true)
    await server.close()
    rmSync(folder, { recursive: true, force: true })
  })
})

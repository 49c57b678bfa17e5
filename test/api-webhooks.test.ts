// Webhooks as their owner knows them: made, told, looked at, told again, changed, deleted; over the
// API, the delivery engine and a receiver that are all real.
import { createHmac } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { noticeFormats } from '../api/webhook-messages.ts'
import { type Deliveries, openDeliveries } from '../quality/deliver.ts'
import { openPost } from '../quality/post.ts'
import { webhookSource } from '../quality/webhooks.ts'
import { type Ledger, openSqliteLedger } from '../store/ledger/ledger.ts'
import { writeNotice } from '../store/ledger/notices.ts'
import { type Api, openApi, testNow } from './api-app.ts'
import { type Receiver, startReceiver } from './receiver.ts'

interface Webhook {
  id: string
  url: string
  kinds: string[]
  status: string
  reason: string | null
  secret?: string
  toldAt: string | null
}
interface Message {
  id: string
  type: string
  status: string
  tries: number
  attempts: { status: number | null; error: string | null }[]
}

let folder: string
let ledger: Ledger
let engine: Deliveries
let api: Api
let receiver: Receiver
let time: number
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'isotherm-webhooks-'))
  ledger = await openSqliteLedger(folder)
  receiver = await startReceiver()
  time = testNow
  const now = (): number => time
  const ended = new AbortController()
  const allowed = new Set(['127.0.0.1'])
  engine = openDeliveries(
    {
      ledger,
      sources: {
        webhook: webhookSource(noticeFormats),
        subscription: webhookSource({}),
        channel: webhookSource({}),
        report: webhookSource({}),
      },
      post: openPost({ allowed, now, ended: ended.signal }),
      now,
      random: () => 0,
      node: 'here',
      alone: true,
      onFail: (error) => {
        throw error
      },
    },
    ended,
  )
  api = await openApi({ ledger, now, deliveries: { allowed, wake: engine.wake } })
})
afterEach(async () => {
  await engine.stop()
  await api.close()
  await ledger.close()
  await receiver.close()
  rmSync(folder, { recursive: true, force: true })
})

const make = (body: object = {}): Promise<Webhook> =>
  api.json<Webhook>('POST', '/api/v1/webhooks', { body: { url: `${receiver.url}/hook`, ...body } })
const read = (id: string): Promise<Webhook> => api.json<Webhook>('GET', `/api/v1/webhooks/${id}`)
const messages = async (id: string): Promise<Message[]> =>
  (await api.json<{ items: Message[] }>('GET', `/api/v1/webhooks/${id}/deliveries`)).items

async function happen(kind: string, ...refs: string[]): Promise<void> {
  for (const ref of refs)
    await ledger.transact((db) =>
      writeNotice(db, { tenant: 'default', kind, ref, recordTime: time, body: { ref } }),
    )
  await engine.settled()
}

describe('a webhook', () => {
  it('is told from the moment it is made, signed with the secret that was shown once', async () => {
    await happen('capture.applied', 'before')
    const made = await make()
    expect(made.secret).toMatch(/^whsec_/)
    expect(
      JSON.stringify([await read(made.id), await api.json('GET', '/api/v1/webhooks')]),
    ).not.toContain('whsec_')
    await happen('capture.applied', 'one', 'two')
    const bodies = receiver.received.map(({ body }) => JSON.parse(body))
    expect(bodies.map(({ data }) => data.ref)).toEqual(['one', 'two'])
    const [{ headers, body, path }] = receiver.received as [Receiver['received'][number]]
    expect(path).toBe('/hook')
    const content = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`
    const key = Buffer.from(made.secret!.slice(6), 'base64')
    const signature = createHmac('sha256', key).update(content).digest('base64')
    expect(headers['webhook-signature']).toBe(`v1,${signature}`)
    const [newest] = await messages(made.id)
    expect(newest).toMatchObject({ status: 'delivered', tries: 1, attempts: [{ status: 200 }] })
    expect((await read(made.id)).toldAt).toBe('2026-03-02T12:00:00Z')
  })

  it('signs with the old and the new secret for a day after a change', async () => {
    const made = await make()
    const changed = await api.json<Webhook>('POST', `/api/v1/webhooks/${made.id}/secret`, {
      body: {},
    })
    expect(changed.secret).not.toBe(made.secret)
    await happen('alert.raised.test', 'unasked')
    await happen('conflict.opened', 'one')
    time += 86_400_001
    await happen('conflict.opened', 'two')
    const signatures = receiver.received.map(
      ({ headers }) => String(headers['webhook-signature']).split(' ').length,
    )
    expect(signatures).toEqual([2, 1])
  })

  it('can be tried out, paused, changed and deleted', async () => {
    const { id } = await make({ kinds: ['conflict.opened'] })
    const tried = await api.json<{ id: string }>('POST', `/api/v1/webhooks/${id}/test`)
    await engine.settled()
    expect(receiver.ids()).toEqual([tried.id])
    expect(JSON.parse(receiver.received[0]!.body)).toMatchObject({ type: 'webhook.test' })
    const change = (body: object) => api.json<Webhook>('PATCH', `/api/v1/webhooks/${id}`, { body })
    expect(await change({ status: 'paused' })).toMatchObject({ status: 'paused' })
    await happen('conflict.opened', 'while-paused')
    expect(receiver.received).toHaveLength(1)
    expect((await api.ask('POST', `/api/v1/webhooks/${id}/test`)).status).toBe(409)
    await change({ status: 'active', url: `${receiver.url}/other` })
    await engine.settled()
    expect(receiver.received[1]).toMatchObject({ path: '/other' })
    expect((await api.ask('DELETE', `/api/v1/webhooks/${id}`)).status).toBe(204)
    await happen('conflict.opened', 'after')
    expect(receiver.received).toHaveLength(2)
    for (const [method, path] of [
      ['GET', ''],
      ['DELETE', ''],
      ['GET', '/deliveries'],
      ['POST', '/test'],
    ] as const)
      expect((await api.ask(method, `/api/v1/webhooks/${id}${path}`)).status).toBe(404)
  })

  it('is told again by ids and by time', async () => {
    const { id } = await make()
    await happen('capture.applied', 'one')
    time += 60_000
    await happen('capture.applied', 'two')
    const [first, second] = receiver.ids()
    const again = (body: object) => api.ask('POST', `/api/v1/webhooks/${id}/replay`, { body })
    expect((await again({ ids: [first] })).status).toBe(202)
    expect((await again({ from: '2026-03-02T12:01:00Z', to: '2026-03-02T13:00:00Z' })).status).toBe(
      202,
    )
    await engine.settled()
    expect(receiver.ids()).toEqual([first, second, first, second])
    expect((await again({ ids: ['msg_unknown'] })).status).toBe(404)
    expect((await again({ ids: [] })).status).toBe(400)
    expect((await again({ from: 'yesterday', to: '0' })).status).toBe(400)
  })

  it('lets a message go that its receiver will never take', async () => {
    const { id } = await make()
    receiver.usual = 400
    await happen('capture.applied', 'poison', 'good')
    const [, poison] = await messages(id)
    expect(poison).toMatchObject({ status: 'pending', attempts: [{ error: 'answered 400' }] })
    receiver.usual = 200
    const path = `/api/v1/webhooks/${id}/deliveries/${poison!.id}`
    expect((await api.ask('DELETE', path)).status).toBe(204)
    expect((await api.ask('DELETE', path)).status).toBe(404)
    await api.ask('PATCH', `/api/v1/webhooks/${id}`, { body: { status: 'active' } })
    await engine.settled()
    expect((await messages(id)).map(({ status }) => status)).toEqual(['delivered', 'skipped'])
  })

  it('cannot be made for a place that it must not reach, nor in a wrong shape', async () => {
    const refused = async (body: object): Promise<number> =>
      (await api.ask('POST', '/api/v1/webhooks', { body })).status
    for (const url of ['http://example.com', 'https://10.0.0.1', 'file:///etc/passwd'])
      expect(await refused({ url })).toBe(400)
    const url = 'https://example.com'
    expect(await refused({ url, kinds: ['everything'] })).toBe(400)
    expect(await refused({ url, secret: 'short' })).toBe(400)
    expect(await refused({ url, more: 1 })).toBe(400)
    expect(await refused({})).toBe(400)
  })

  it('is made once per Idempotency-Key', async () => {
    const body = { url: 'https://example.com' }
    const headers = { 'Idempotency-Key': 'k1' }
    const ask = () => api.json<Webhook>('POST', '/api/v1/webhooks', { body, headers })
    const made = await ask()
    expect(await ask()).toEqual(made)
    // Another process, or the same after a restart: it knows the key by what was made.
    const other = await openApi({ ledger })
    const late = await other.ask('POST', '/api/v1/webhooks', { body, headers })
    await other.close()
    expect([late.status, await late.text()]).toEqual([409, expect.stringContaining(made.id)])
    const { items } = await api.json('GET', '/api/v1/webhooks')
    expect(items.map(({ id }) => id)).toEqual([made.id])
  })

  it('of another tenant is not seen', async () => {
    const { id } = await make()
    const token = await api.keyWith('admin')
    await ledger.db.updateTable('keys').set({ tenant: 'other' }).execute()
    expect((await api.ask('GET', `/api/v1/webhooks/${id}`, { token })).status).toBe(404)
    expect(await api.json('GET', '/api/v1/webhooks', { token })).toEqual({ items: [], next: null })
  })
})

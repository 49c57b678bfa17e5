// A ledger with the delivery engine on it for tests of notifications: alerts happen, people take
// them on, time passes, processes die. Ledger, rules and engine are real; clock and ways out are
// arguments.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bounds } from '../config.ts'
import { type Deliveries, openDeliveries } from '../quality/deliver.ts'
import type { Mailer } from '../quality/mail.ts'
import { channelSource } from '../quality/notify/notify.ts'
import type { ChannelTerms, NotificationRule } from '../quality/notify/terms.ts'
import { openPost, type Post } from '../quality/post.ts'
import { type Press, reportSource } from '../quality/report/mails.ts'
import { webhookSource } from '../quality/webhooks.ts'
import { appendEntry, basisOf, readLife } from '../store/ledger/alert-lives.ts'
import { type Alert, readAlert, writeAlert } from '../store/ledger/alerts.ts'
import {
  type Endpoint,
  insertEndpoint,
  readEndpoint,
  updateEndpoint,
} from '../store/ledger/endpoints.ts'
import { openSqliteLedger } from '../store/ledger/ledger.ts'
import { lastNotice, placeNotices, writeNotice } from '../store/ledger/notices.ts'
import { deleteRule, writeRule } from '../store/ledger/notification-rules.ts'
import { type LoggedNotification, listNotifications } from '../store/ledger/notifications.ts'
import { alertNamed } from './contracts/ledger.ts'

export const begin = Date.UTC(2026, 5, 1, 12)
export const minute = 60_000
export const hour = 60 * minute

/** What subscribers of our broker got. */
export interface Published {
  topic: string
  at: number
  payload: {
    data: { more: number; items: { subject: string; kind: string; alert?: { id: string } }[] }
  }
}

export type NotifyWorld = Awaited<ReturnType<typeof openNotifyWorld>>

const noPress: Press = async () => 'no reports here'

export async function openNotifyWorld(to: { mailer?: Mailer; post?: Post; press?: Press } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'isotherm-notify-'))
  const ledger = await openSqliteLedger(folder)
  const published: Published[] = []
  const failures: unknown[] = []
  const givenUp: string[] = []
  let time = begin
  let engine: Deliveries | undefined
  const now = (): number => time
  const start = (): Deliveries => {
    const ended = new AbortController()
    const allowed = new Set(['127.0.0.1'])
    const post = to.post ?? openPost({ allowed, now, ended: ended.signal, timeoutMs: 3000 })
    const publish = (topic: string, payload: string): boolean => {
      published.push({ topic, at: time, payload: JSON.parse(payload) })
      return true
    }
    const by = { mailer: to.mailer, post, publish, base: 'https://isotherm.example.com' }
    engine = openDeliveries(
      {
        ledger,
        sources: {
          webhook: webhookSource({}),
          subscription: webhookSource({}),
          channel: channelSource(by),
          report: reportSource({ mailer: to.mailer, press: to.press ?? noPress }),
        },
        ...{ post, now, random: () => 0, node: 'one', alone: true },
        onGivenUp: (given) => givenUp.push(given.endpoint),
        onFail: (error) => failures.push(error),
      },
      ended,
    )
    return engine
  }
  return {
    ledger,
    published,
    failures,
    /** The channels of messages that are tried no more. */
    givenUp,
    now,
    engine: () => engine ?? start(),
    pass: (ms: number): void => {
      time += ms
    },
    /** Lets changes of alerts be quiet, and everything that is due be told. */
    settle: async (ms: number = bounds.tellQuietMs): Promise<void> => {
      time += ms
      await (engine ?? start()).settled()
      // What the engine placed in that look is looked at in another one.
      await engine!.settled()
    },
    /** A process begins, tells what is due at this moment, and dies. */
    runOnce: async (): Promise<void> => {
      const once = start()
      await once.settled()
      await once.settled()
      await once.stop()
      engine = undefined
    },
    channel: async (
      tenant: string,
      id: string,
      terms: Partial<ChannelTerms> = {},
      more: Partial<Endpoint> = {},
    ): Promise<Endpoint> => {
      const settings: ChannelTerms = {
        ...{ via: 'mqtt', name: id, language: 'en', unit: 'C', zone: 'UTC' },
        ...{ criticalAtOnce: false, spacingMs: 0, ...terms },
      }
      await placeNotices(ledger, 10_000)
      return ledger.transact(async (db) => {
        const endpoint: Endpoint = {
          ...{ tenant, id, kind: 'channel', query: '', url: '', secrets: [] },
          settings: settings as unknown as Endpoint['settings'],
          ...{ status: 'active', reason: null, createdAt: time },
          ...{ notice: await lastNotice(db, tenant), offset: 0, pos: 0, runAt: null, found: null },
          ...{ number: 0, nextAt: 0, failingSince: null, toldAt: null, ...more },
        }
        await insertEndpoint(db, endpoint)
        return endpoint
      })
    },
    change: (tenant: string, id: string, change: Partial<Endpoint>): Promise<void> =>
      ledger.transact((db) => updateEndpoint(db, { tenant, id }, { ...change, runAt: 0 })),
    read: async (tenant: string, id: string): Promise<Endpoint> =>
      (await readEndpoint(ledger.db, tenant, id))!,
    rule: (tenant: string, rule: Partial<NotificationRule> & { id: string }): Promise<void> => {
      const { id, ...said } = rule
      const body = { name: id, enabled: true, when: {}, steps: [], ...said }
      const row = { id, createdAt: time, changedAt: time, changedBy: 'test', body }
      return ledger.transact((db) => writeRule(db, tenant, row))
    },
    dropRule: (tenant: string, id: string): Promise<boolean> =>
      ledger.transact((db) => deleteRule(db, tenant, id)),
    /** An alert as it now stands: raised, or changed in what is said. */
    alert: async (tenant: string, id: string, change: Partial<Alert> = {}): Promise<Alert> =>
      ledger.transact(async (db) => {
        const known = await readAlert(db, tenant, id)
        const of = { container: `https://id.gs1.org/00/${id}`, from: time - hour, raisedAt: time }
        const base = known ?? alertNamed(id, of)
        const alert = { ...base, ...change, revision: (known?.revision ?? 0) + 1 }
        const { revision } = alert
        await writeAlert(db, tenant, alert, { revision, recordTime: time, cause: 'test', diff: {} })
        return alert
      }),
    /** So many alerts at once, each on a container of its own. */
    storm: (tenant: string, count: number, of: (index: number) => Partial<Alert>): Promise<void> =>
      ledger.transact(async (db) => {
        for (let index = 0; index < count; index++) {
          const id = `storm-${time}-${index}`
          const at = { container: id, from: time - hour, raisedAt: time }
          const alert = { ...alertNamed(id, at), ...of(index) }
          const revision = { revision: 1, recordTime: time, cause: 'test', diff: {} }
          await writeAlert(db, tenant, alert, revision)
        }
      }),
    /** So many cases at once. */
    cases: (tenant: string, count: number): Promise<void> =>
      ledger.transact(async (db) => {
        for (let index = 0; index < count; index++) {
          const body = { case: `case-${index}`, kind: 'theft' }
          const notice = { tenant, kind: 'case.opened', ref: `${time}/${index}`, recordTime: time }
          await writeNotice(db, { ...notice, body })
        }
      }),
    acknowledge: (tenant: string, id: string): Promise<void> =>
      ledger.transact(async (db) => {
        const row = (await readLife(db, tenant, id))!
        const basis = basisOf((await readAlert(db, tenant, id))!)
        const moved = {
          kind: 'moved',
          to: 'acknowledged',
          mover: 'person',
          reason: 'seen',
        } as const
        await appendEntry(db, row, { entry: { ...moved, basis }, by: 'anna', at: time, basis })
      }),
    log: (tenant: string, of: { channel?: string } = {}): Promise<LoggedNotification[]> =>
      listNotifications(ledger.db, tenant, { ...of, limit: 100_000 }),
    close: async (): Promise<void> => {
      await engine?.stop()
      await ledger.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

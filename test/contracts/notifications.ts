// What every ledger keeps of notifications: rows that are written once and end once, how the alerts
// behind them stand, rules, and a log with the life of each message.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { standingOf } from '../../store/ledger/alert-standing.ts'
import { writeAlert } from '../../store/ledger/alerts.ts'
import { insertMessages, lastDelivery, reviveDelivery } from '../../store/ledger/deliveries.ts'
import type { Ledger } from '../../store/ledger/ledger.ts'
import * as rules from '../../store/ledger/notification-rules.ts'
import * as rows from '../../store/ledger/notifications.ts'
import { alertNamed, type LedgerFixture } from './ledger.ts'

const of = { tenant: 'tell', channel: 'ch' }
const row = (id: string, more: Partial<rows.Notification> = {}): rows.Notification => ({
  ...{
    tenant: 'tell',
    id,
    channel: 'ch',
    kind: 'alert.raised',
    ref: `${id}/1`,
    subject: `alert/${id}`,
  },
  ...{ alert: id, severity: 'major', rule: 'r', step: 0, at: 1000, createdAt: 1000, dueAt: 1000 },
  ...{ lookAt: 1000, state: 'waiting', reason: null, message: null, decidedAt: null, ...more },
})

export function notificationsContract(fixture: () => Promise<LedgerFixture>): void {
  describe('of notifications', () => {
    let database: LedgerFixture
    let ledger: Ledger
    beforeAll(async () => {
      database = await fixture()
      ledger = await database.open()
    })
    afterAll(async () => {
      await ledger?.close()
      await database?.remove()
    })

    it('rows wait until they are due, end once, and are told in the order in which they fell due', async () => {
      const { db } = ledger
      const late = row('late', { dueAt: 5000, lookAt: 5000 })
      await rows.insertNotifications(db, [row('b', { at: 900, dueAt: 900 }), row('a'), late])
      await rows.insertNotifications(db, [row('a', { state: 'suppressed' })])
      const waiting = await rows.waitingNotifications(db, of, { now: 4999, limit: 10 })
      expect(waiting).toEqual([row('b', { at: 900, dueAt: 900 }), row('a')])
      const held = { reason: 'digest', lookAt: 9000 }
      await rows.settleNotifications(db, { tenant: 'tell', ids: ['b'] }, held)
      expect(await rows.nextLook(db, of)).toBe(1000)
      const told = { state: 'told', message: 'msg_1', decidedAt: 2000 } as const
      await rows.settleNotifications(db, { tenant: 'tell', ids: ['a'] }, told)
      await rows.settleNotifications(db, { tenant: 'tell', ids: ['a'] }, { state: 'suppressed' })
      expect(await rows.nextLook(db, of)).toBe(5000)
      await rows.lookAgain(db, of)
      expect(await rows.nextLook(db, of)).toBe(900)
      expect(await rows.notificationsAbout(db, of, { subjects: ['alert/a', 'alert/x'] })).toEqual([
        row('a', told),
      ])
    })

    it('the log shows the newest first, with what became of each message', async () => {
      const { db } = ledger
      const endpoint = { tenant: 'tell', id: 'ch', number: 0 }
      const message = { id: 'msg_1', type: 'notification', body: '{}' }
      await insertMessages(db, endpoint, { messages: [message], now: 2000 })
      expect(await lastDelivery(db, endpoint, 'notification')).toEqual({
        ...{ createdAt: 2000, endedAt: null },
      })
      const log = (more: Partial<rows.LogFilter> = {}) =>
        rows.listNotifications(db, 'tell', { limit: 10, ...more })
      expect((await log()).map(({ id }) => id)).toEqual(['a', 'b', 'late'])
      expect((await log({ state: 'pending' })).map(({ id }) => id)).toEqual(['a'])
      expect((await log({ state: 'waiting', after: [1000, 'b'] })).map(({ id }) => id)).toEqual([
        'late',
      ])
      await db.updateTable('deliveries').set({ status: 'dead', endedAt: 3000 }).execute()
      expect(await log({ state: 'dead' })).toMatchObject([
        { id: 'a', delivery: { status: 'dead', tries: 0, endedAt: 3000 } },
      ])
      expect(await reviveDelivery(db, endpoint, 'msg_1')).toBe(true)
      expect(await reviveDelivery(db, endpoint, 'msg_1')).toBe(false)
      expect(await rows.listNotifications(db, 'other', { limit: 10 })).toEqual([])
      await rows.forgetNotifications(db, 5000)
      expect((await log()).map(({ id }) => id)).toEqual(['b', 'late'])
      await rows.deleteNotifications(db, of)
      expect(await log()).toEqual([])
    })

    it('an alert that late data moved stands as the one that took its place', async () => {
      const write = (id: string, more: object) =>
        ledger.transact((db) =>
          writeAlert(db, 'tell', alertNamed(id, { container: id.slice(0, 1), ...more }), {
            ...{ revision: 1, recordTime: 1000, cause: 'test', diff: {} },
          }),
        )
      await write('a1', { status: 'superseded', supersededBy: 'a2' })
      await write('a2', { status: 'superseded', supersededBy: 'a3', from: 900 })
      await write('a3', { from: 800 })
      await write('b1', { status: 'closed' })
      const standings = await standingOf(ledger.db, 'tell', ['a1', 'a3', 'b1', 'none'])
      expect(standings.get('a1')).toMatchObject({ id: 'a3', status: 'open', acknowledged: false })
      expect(standings.get('a1')!.group).toBe(standings.get('a3')!.group)
      expect(standings.get('b1')).toMatchObject({ status: 'closed', acknowledged: true })
      expect(standings.has('none')).toBe(false)
    })

    it('rules are listed by id, and each is what was last said', async () => {
      const { db } = ledger
      const made = { createdAt: 1, changedAt: 1, changedBy: 'anna' }
      for (const id of ['r2', 'r1'])
        await rules.writeRule(db, 'tell', { id, ...made, body: { id } })
      await rules.writeRule(db, 'tell', { id: 'r1', ...made, changedAt: 2, body: { new: true } })
      expect(await rules.listRules(db, 'tell', { limit: 10 })).toEqual([
        { id: 'r1', ...made, changedAt: 2, body: { new: true } },
        { id: 'r2', ...made, body: { id: 'r2' } },
      ])
      expect(await rules.countRules(db, 'tell')).toBe(2)
      expect(await rules.deleteRule(db, 'tell', 'r1')).toBe(true)
      expect(await rules.deleteRule(db, 'tell', 'r1')).toBe(false)
      expect(await rules.readRule(db, 'other', 'r2')).toBeUndefined()
    })
  })
}

// What any ledger must keep of silent loggers, of clocks and of what was told, the same on each.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { tellAlerts } from '../../quality/tell-alerts.ts'
import {
  correctionsInForce,
  insertClockCorrection,
  readClockCorrections,
  withdrawClockCorrection,
} from '../../store/ledger/clock-corrections.ts'
import { readClocks, writeClocks } from '../../store/ledger/clocks.ts'
import { readDetectors } from '../../store/ledger/detectors.ts'
import type { Ledger } from '../../store/ledger/ledger.ts'
import * as silence from '../../store/ledger/silence.ts'
import { anyUntold, dueTellings, markUntold, updateTelling } from '../../store/ledger/tellings.ts'
import { slotOf } from '../../store/slots.ts'
import type { LedgerFixture } from './ledger.ts'

export function silenceContract(fixture: () => Promise<LedgerFixture>): void {
  describe('of silence', () => {
    let [made, ledger]: [LedgerFixture | undefined, Ledger | undefined] = [undefined, undefined]
    beforeAll(async () => {
      made = await fixture()
      ledger = await made.open()
    })
    afterAll(async () => {
      await ledger?.close()
      await made?.remove()
    })
    keepsSilence(() => ledger!)
  })
}

function keepsSilence(to: () => Ledger): void {
  it('knows which loggers are to be looked at, of the slots that are asked for', async () => {
    const { db } = to()
    const look = { tenant: 'quiet', asOf: 5, ongoing: false, ahead: false }
    await silence.writeLook(db, { ...look, device: 'a', lookAt: 100 })
    await silence.writeLook(db, { ...look, device: 'b', lookAt: 50, ahead: true })
    await silence.writeLook(db, { ...look, device: 'c', lookAt: Infinity, ongoing: true })
    const slots = ['a', 'b', 'c'].map((device) => slotOf('quiet', device))
    const due = async (asOf: number, of = slots): Promise<string[]> =>
      (await silence.dueLooks(db, { asOf, slots: of, limit: 9 })).map(({ device }) => device)
    expect(await due(50)).toEqual([])
    expect(await due(1e12)).toEqual(['b', 'a'])
    expect(await due(1e12, [slotOf('quiet', 'a')])).toEqual(['a'])
    expect((await silence.readLooks(db, 'quiet', ['b'])).get('b')?.ahead).toBe(true)
    await silence.writeLook(db, { ...look, device: 'b', lookAt: 200 })
    expect(await due(101)).toEqual(['a'])
    const looks = await silence.readLooks(db, 'quiet', ['c', 'd'])
    expect([...looks.values()]).toEqual([{ ...look, device: 'c', lookAt: Infinity, ongoing: true }])
    await silence.forgetLook(db, 'quiet', 'a')
    expect(await due(101)).toEqual([])
  })

  it('keeps what people said of a silence, once, and has the device looked at again', async () => {
    const said = { device: 'q', container: 'p', at: 7, by: 'Ana', reason: 'lost', alert: 'x' }
    for (let i = 0; i < 2; i++)
      await to().transact((db) => silence.closeSilence(db, 'quiet', { ...said, since: 3 }))
    expect(await silence.readClosings(to().db, 'quiet', 'q')).toEqual([said])
    const [row] = await readDetectors(to().db, 'quiet', ['q'])
    expect(row).toMatchObject({ dirtySince: 3, cause: 'closing' })
  })

  it('keeps the quickest message of a stretch, in whatever order', async () => {
    const row = (at: number, leastMs: number) => ({ tenant: 'quiet', device: 'k', at, leastMs })
    await writeClocks(to().db, [row(0, 9), row(6, -5)])
    await writeClocks(to().db, [row(0, 3), row(6, 8)])
    const told = await readClocks(to().db, row(0, 0), { from: 0, to: 7 })
    expect(told).toEqual([
      { at: 0, leastMs: 3 },
      { at: 6, leastMs: -5 },
    ])
  })

  it('keeps what was stated of a clock, and who took it back', async () => {
    const of = { tenant: 'quiet', device: 'clock' }
    const row = { ...of, id: 'a', from: 5, to: null, aheadMs: -7, reason: 'slow', at: 1, by: 'qp' }
    await insertClockCorrection(to().db, row)
    await insertClockCorrection(to().db, { ...row, id: 'b', from: 1, to: 4, aheadMs: 3 })
    const first = { ...of, from: 1, to: 4, aheadMs: 3 }
    expect(await correctionsInForce(to().db, of)).toEqual([
      first,
      { ...of, from: 5, to: Infinity, aheadMs: -7 },
    ])
    const back = { at: 9, by: 'qa', reason: 'no' }
    expect(await withdrawClockCorrection(to().db, row, back)).toBe(true)
    expect(await withdrawClockCorrection(to().db, row, back)).toBe(false)
    expect(await correctionsInForce(to().db)).toEqual([first])
    const all = await readClockCorrections(to().db, of)
    expect(all.map(({ id, withdrawnBy }) => [id, withdrawnBy])).toEqual([
      ['b', null],
      ['a', 'qa'],
    ])
  })

  it('knows which alerts are no longer as they were told, and since when', async () => {
    const mark = { tenant: 'quiet', alert: 'a1', cause: 'reading' }
    await to().transact((db) => markUntold(db, { ...mark, at: 10 }))
    await to().transact((db) => markUntold(db, { ...mark, at: 20, cause: 'event' }))
    const due = (quietAt: number, patienceAt: number) =>
      to().transact((db) => dueTellings(db, { quietAt, patienceAt, limit: 9 }))
    expect(await due(19, 9)).toEqual([])
    const [telling, ...others] = await due(20, 0)
    expect(others).toEqual([])
    expect(telling).toMatchObject({ since: 10, changedAt: 20, cause: 'event', told: null })
    expect(await due(0, 10)).toEqual([telling])
    expect(await anyUntold(to().db)).toBe(true)
    await updateTelling(to().db, { ...telling!, told: '{}', since: null })
    expect(await due(99, 99)).toEqual([])
    expect(await tellAlerts(to(), 99)).toBe(false)
  })
}

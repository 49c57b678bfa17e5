import { describe, expect, it } from 'vitest'
import { type Life, type Status, statuses, unknownLife } from '../domain/lifecycle/lifecycle.ts'
import {
  dscsaView,
  type FmdAct,
  type FmdStatus,
  fmdMismatches,
  fmdRefusal,
  fmdView,
  mayRevert,
  nmvsCodes,
} from '../domain/lifecycle/views.ts'

const day = 86_400_000
const now = Date.UTC(2026, 2, 10, 12)
const being = (status: Status, more: Partial<Life> = {}): Life => ({
  ...unknownLife,
  status,
  ...more,
})
const contradiction = {
  code: 'unit/transition',
  kind: 'contradiction',
  claim: 'ship',
  status: 'destroyed',
  eventTime: 0,
  eventID: 'a:1',
  against: 'a:0',
  inherited: false,
  detail: 'shipped, while destroyed; both cannot be true',
} as const

describe('under DSCSA', () => {
  const view = (status: Status, more: Partial<Life> = {}, lot = {}) =>
    dscsaView(being(status, more), lot, now)

  it('what was commissioned and stands for a package can be verified', () => {
    const verifiable = statuses.filter((status) => view(status).verifiable)
    expect(statuses.filter((status) => !verifiable.includes(status))).toEqual([
      'unknown',
      'allocated',
      'consumed',
      'decommissioned',
      'destroyed',
    ])
  })

  it('only what is on the market without a doubt may be sold', () => {
    const saleable = statuses.filter((status) => view(status).saleable)
    expect(saleable).toEqual(['commissioned', 'in_transit', 'available'])
    expect(view('available', {}, { expiry: '2026-03-09' })).toMatchObject({
      saleable: false,
      expired: true,
    })
    expect(view('available', {}, { expiry: '2026-03-10' }).saleable).toBe(true)
    expect(view('available', {}, { recalled: true }).reasons).toEqual(['it is recalled'])
    expect(view('available', { persistent: ['damaged'] }).reasons).toEqual([
      'its disposition is damaged',
    ])
    expect(view('available', { persistent: ['completeness_verified'] }).saleable).toBe(true)
  })

  it('contradicting events and missing pedigrees make it suspect and quarantined, theft illegitimate', () => {
    expect(view('available', { problems: [contradiction] })).toMatchObject({
      standing: 'suspect',
      quarantined: true,
      saleable: false,
    })
    expect(view('available', { disposition: 'no_pedigree_match' }).standing).toBe('suspect')
    expect(view('stolen')).toMatchObject({ standing: 'illegitimate', saleable: false })
    expect(view('held')).toMatchObject({ standing: 'normal', quarantined: true, saleable: false })
  })

  it('a return without any other fault may be sold again once verified', () => {
    expect(view('returned')).toMatchObject({ saleable: false, saleableReturn: true })
    expect(view('returned', { persistent: ['recalled'] }).saleableReturn).toBe(false)
    expect(view('returned', {}, { expiry: '2025-12-31' }).saleableReturn).toBe(false)
    expect(view('sold')).toMatchObject({ dispensed: true, saleableReturn: false })
  })
})

describe('under EU 2016/161', () => {
  const view = (status: Status, lot = {}, more: Partial<Life> = {}) =>
    fmdView(being(status, more), { expiry: '2027-12-31', ...lot }, now)

  it('moving, receiving and returning leave a pack active', () => {
    const active = statuses.filter((status) => view(status).status === 'Active')
    expect(active).toEqual(['commissioned', 'in_transit', 'available', 'returned', 'held'])
    expect(view('available').suppliable).toBe(true)
    for (const lot of [{ recalled: true }, { withdrawn: true }, { expiry: '2026-01-31' }])
      expect(view('available', lot).suppliable).toBe(false)
  })

  it('a scan that differs raises the alert of what differs', () => {
    const registered = { lot: 'L1', expiry: '2027-12-31' }
    const codes = (scanned: { lot?: string; expiry?: string }, lotKnown = true) =>
      fmdMismatches(view('available'), { scanned, registered, lotKnown })
    expect(codes(registered)).toEqual([])
    expect(codes({ lot: 'L2' })).toEqual(['LOT_13'])
    expect(codes({ lot: 'L9' }, false)).toEqual(['LOT_03'])
    expect(codes({ lot: 'L2', expiry: '2027-11-30' })).toEqual(['LOT_13', 'LOT_12'])
    expect(fmdMismatches(view('allocated'), { scanned: {}, registered, lotKnown: true })).toEqual([
      'PC_02',
    ])
  })

  const all: FmdStatus[] = [
    'Active',
    'Supplied',
    'Exported',
    'Sample',
    'Free sample',
    'Destroyed',
    'Stolen',
    'Locked',
    'Checked-out',
  ]

  it('an active pack takes any state once, an inactive one none but destruction', () => {
    for (const wanted of all)
      expect([wanted, fmdRefusal(view('available'), wanted)]).toEqual([
        wanted,
        wanted === 'Active' ? 'PCK_19' : undefined,
      ])
    expect(fmdRefusal(view('sold'), 'Supplied')).toBe('PCK_19')
    expect(fmdRefusal(view('sold'), 'Exported')).toBe('PCK_22')
    expect(fmdRefusal(view('exported'), 'Destroyed')).toBe('PCK_22')
    expect(fmdRefusal(view('stolen'), 'Destroyed')).toBeUndefined()
    expect(fmdRefusal(view('unknown'), 'Supplied')).toBe('PC_02')
  })

  it('a recalled or expired pack is not supplied any more, but can be destroyed', () => {
    for (const lot of [{ recalled: true }, { withdrawn: true }, { expiry: '2026-03-09' }]) {
      expect(fmdRefusal(view('available', lot), 'Supplied')).toBe('PCK_27')
      expect(fmdRefusal(view('available', lot), 'Destroyed')).toBeUndefined()
    }
  })

  const set: FmdAct = { user: 'pharmacist', premises: 'p:1', at: now }
  const revert = (status: Status, by: Partial<FmdAct> = {}, lot = {}) => {
    const seen = view(status, lot)
    const answer = mayRevert(seen, { undone: seen.status, set, by: { ...set, at: now, ...by } })
    return answer.ok ? 'yes' : answer.code
  }

  it('takes a state back for the same user at the same premises within 10 days (Art. 13)', () => {
    expect(revert('sold')).toBe('yes')
    expect(revert('sold', { at: now + 10 * day })).toBe('yes')
    expect(revert('sold', { at: now + 10 * day + 1 })).toBe('PCK_20')
    expect(revert('sold', { at: now - 1 })).toBe('PCK_27')
    expect(revert('sold', { user: 'colleague' })).toBe('PCK_21')
    expect(revert('sold', { premises: 'p:2' })).toBe('PCK_21')
  })

  it('never takes back destruction, export or theft, nor anything of an expired or recalled pack', () => {
    const back = statuses.filter((status) => revert(status) === 'yes')
    expect(back).toEqual(['locked', 'checked_out', 'sold', 'sample', 'free_sample'])
    for (const status of ['destroyed', 'exported', 'stolen'] as const)
      expect(revert(status)).toBe('PCK_27')
    for (const lot of [{ recalled: true }, { withdrawn: true }, { expiry: '2026-03-09' }])
      expect(revert('sold', {}, lot)).toBe('PCK_27')
  })

  it('takes back only the state that the pack has', () => {
    const answer = mayRevert(view('exported'), { undone: 'Supplied', set, by: set })
    expect(answer).toEqual({ ok: false, code: 'PCK_06' })
    expect(Object.keys(nmvsCodes)).toContain('PCK_06')
  })
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { clientNetwork, networkOf, networksOf } from '../api/client-address.ts'
import { openLimiter } from '../api/limiter.ts'
import { openApi } from './api-app.ts'

const opened = (burst: number, perMinute: number, keysMax = 1000) => {
  const clock = { now: 0 }
  return { clock, limiter: openLimiter({ burst, perMinute }, { now: () => clock.now, keysMax }) }
}

describe('a limiter', () => {
  it('lets so many pass at once and then so many a minute, each key by itself', () => {
    const { clock, limiter } = opened(3, 6)
    expect([1, 2, 3, 4].map(() => limiter.take('a'))).toEqual([0, 0, 0, 10_000])
    expect(limiter.take('b')).toBe(0)
    clock.now = 9999
    expect(limiter.take('a')).toBe(1)
    clock.now = 10_000
    expect([limiter.look('a'), limiter.take('a')]).toEqual([0, 0])
    expect(limiter.take('a')).toBe(10_000)
  })

  it('takes one back that was not to be counted, and never more than its burst', () => {
    const { limiter } = opened(2, 6)
    limiter.take('a')
    limiter.take('a')
    limiter.give('a')
    expect([limiter.take('a'), limiter.take('a')]).toEqual([0, 10_000])
    for (let i = 0; i < 5; i++) limiter.give('a')
    expect([1, 2, 3].map(() => limiter.take('a') === 0)).toEqual([true, true, false])
    limiter.give('b')
    expect([1, 2, 3].map(() => limiter.take('b') === 0)).toEqual([true, true, false])
  })

  it('gives nothing when the clock goes back, and never more than its burst', () => {
    const { clock, limiter } = opened(2, 60)
    limiter.take('a')
    clock.now = -1_000_000
    expect([limiter.take('a'), limiter.take('a') > 0]).toEqual([0, true])
    clock.now = 1_000_000_000
    expect([1, 2, 3].map(() => limiter.take('a') === 0)).toEqual([true, true, false])
  })

  it('never lets more pass than burst and rate allow, whatever the times', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(5000), { maxLength: 200 }), (gaps) => {
        const { clock, limiter } = opened(5, 60)
        let passed = 0
        for (const gap of gaps) {
          clock.now += gap
          if (limiter.take('a') === 0) passed++
        }
        expect(passed).toBeLessThanOrEqual(5 + clock.now / 1000)
      }),
    )
  })

  it('forgets who was not heard of for longest, and holds no more than it may', () => {
    const { limiter } = opened(1, 1, 10)
    limiter.take('first')
    for (let i = 0; i < 9; i++) limiter.take(`k${i}`)
    expect(limiter.take('first')).toBeGreaterThan(0)
    limiter.take('one more')
    expect(limiter.look('k0')).toBe(0)
    expect(limiter.look('first')).toBeGreaterThan(0)
  })
})

describe('the network of a client', () => {
  it('is its IPv4 address or the /64 of its IPv6 address, however it is written', () => {
    expect(networkOf('192.0.2.1')).toBe('192.0.2.1')
    for (const address of ['2001:db8::1', '2001:0db8:0:0::ffff', '2001:DB8::1.2.3.4'])
      expect(networkOf(address)).toBe('2001:db8:0:0::/64')
    expect(networkOf('2001:db8:1:2:3:4:5:6')).toBe('2001:db8:1:2::/64')
    expect(networkOf('fe80::1%eth0')).toBe('fe80:0:0:0::/64')
    expect([networkOf('::1'), networkOf('::')]).toEqual(['0:0:0:0::/64', '0:0:0:0::/64'])
    expect(networkOf('nonsense')).toBe('none')
  })

  it('is what a trusted proxy says, from the right, and nobody else', () => {
    const trusted = networksOf(['10.0.0.0/8', 'fd00::/8', '192.0.2.9'])
    const of = (peer: string, forwarded?: string) => clientNetwork({ peer, forwarded }, trusted)
    expect(of('198.51.100.1', '203.0.113.7')).toBe('198.51.100.1')
    expect(of('10.1.2.3', '203.0.113.7')).toBe('203.0.113.7')
    expect(of('::ffff:10.1.2.3', '203.0.113.7')).toBe('203.0.113.7')
    expect(of('10.1.2.3', '1.1.1.1, 203.0.113.7')).toBe('203.0.113.7')
    expect(of('10.1.2.3', '203.0.113.7, 192.0.2.9')).toBe('203.0.113.7')
    expect(of('10.1.2.3', 'unknown')).toBe('10.1.2.3')
    expect(of('10.1.2.3')).toBe('10.1.2.3')
    expect(of('fd00::1', '2001:db8::1')).toBe('2001:db8:0:0::/64')
  })
})

describe('guessing tokens', () => {
  it('ends in 429 for a while, but for those whose token was right before', async () => {
    let now = Date.UTC(2026, 2, 2)
    const api = await openApi({ now: () => now })
    const ask = async (token: string, from = '192.0.2.1'): Promise<Response> =>
      api.app.request(
        '/api/v1/alerts',
        { headers: { Authorization: `Bearer ${token}` } },
        { incoming: { socket: { remoteAddress: from } } },
      )
    const known = await api.keyWith('viewer')
    const other = await api.keyWith('viewer')
    expect((await ask(known)).status).toBe(200)
    for (let i = 0; i < 30; i++) expect((await ask(`guess-${i}`)).status).toBe(401)
    const slowed = await ask('guess-30')
    expect(slowed.status).toBe(429)
    expect(Number(slowed.headers.get('Retry-After'))).toBeGreaterThan(0)
    // Not even a right guess tells: nobody looks at it.
    expect((await ask(other)).status).toBe(429)
    expect((await ask(known)).status).toBe(200)
    expect((await ask(other, '192.0.2.2')).status).toBe(200)
    now += 60_000
    expect((await ask(other)).status).toBe(200)
    await api.close()
  })
})

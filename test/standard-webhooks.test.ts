import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { gs1Signature, headersOf, isSecret, newSecret } from '../quality/standard-webhooks.ts'

/** The example of the specification's reference libraries. */
const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const message = {
  id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
  time: 1_614_265_330_999,
  body: '{"test": 2432232314}',
}

describe('Standard Webhooks 1.0', () => {
  it('signs as the reference libraries do', () => {
    expect(headersOf(message, [secret])).toEqual({
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    })
  })

  it('signs with every secret that counts, so that a secret changes without a gap', () => {
    const other = newSecret()
    const both = headersOf(message, [other, secret])['webhook-signature']!.split(' ')
    const [alone] = [headersOf(message, [secret])['webhook-signature']]
    expect(both).toHaveLength(2)
    expect(both[1]).toBe(alone)
    expect(both[0]).not.toBe(alone)
    // By hand: the key is what stands in base64 after the prefix.
    const byHand = createHmac('sha256', Buffer.from(other.replace('whsec_', ''), 'base64'))
      .update('msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.{"test": 2432232314}')
      .digest('base64')
    expect(both[0]).toBe(`v1,${byHand}`)
  })

  it('makes secrets of 24 random bytes and takes 24 to 64', () => {
    const made = newSecret()
    expect(isSecret(made)).toBe(true)
    expect(newSecret()).not.toBe(made)
    const of = (bytes: number): string => `whsec_${Buffer.alloc(bytes, 7).toString('base64')}`
    expect([23, 24, 64, 65].map((bytes) => isSecret(of(bytes)))).toEqual([false, true, true, false])
    for (const wrong of ['', 'whsec_', secret.slice(6), `${secret} `, 'whsec_ä'])
      expect(isSecret(wrong)).toBe(false)
  })

  it('takes the token of an EPCIS subscriber as it is', () => {
    const token = '13df38d8275b13f05704629e5f1cf3d45d6132d5'
    const content = `${message.id}.1614265330.${message.body}`
    const signature = createHmac('sha256', token).update(content).digest('base64')
    expect(headersOf(message, [token])['webhook-signature']).toBe(`v1,${signature}`)
    expect(gs1Signature(token, 'x')).toBe(
      `sha256=${createHmac('sha256', token).update('x').digest('hex')}`,
    )
  })

  it('sends an unsigned message to who gave no token', () => {
    expect(Object.keys(headersOf(message, []))).toEqual(['webhook-id', 'webhook-timestamp'])
  })
})

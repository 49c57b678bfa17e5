import { type AddressInfo, createServer } from 'node:net'
import { describe, expect, it } from 'vitest'
import { parseConfig } from '../config.ts'
import { guardedLookup, isInside, refuseUrl } from '../quality/destination.ts'
import { openPost } from '../quality/post.ts'
import { startReceiver } from './receiver.ts'

const none = new Set<string>()

describe('where messages may go', () => {
  it('is https on public addresses, unless the operator allows a host', () => {
    expect(refuseUrl('https://example.com/hook?x=1', none)).toBeUndefined()
    expect(refuseUrl('http://example.com/hook', none)).toMatch(/https/)
    expect(refuseUrl('http://erp.local/hook', new Set(['erp.local']))).toBeUndefined()
    expect(refuseUrl('ftp://erp.local/hook', new Set(['erp.local']))).toMatch(/want/)
    expect(refuseUrl('https://user:secret@example.com', none)).toMatch(/password/)
    expect(refuseUrl('https://example.com/#part', none)).toMatch(/fragment/)
    expect(refuseUrl('nonsense', none)).toMatch(/no URL/)
  })

  it('is no address of this machine or its networks, however it is written', () => {
    const inside = ['127.0.0.1', '127.1', '0x7f.1', '2130706433', '0', '[::1]', '[::ffff:10.0.0.1]']
    for (const host of [...inside, '169.254.169.254', '192.168.1.1', '[fe80::1]', '[fd00::1]'])
      expect(`${host} ${refuseUrl(`https://${host}/`, none)}`).toMatch(/private network/)
    expect(refuseUrl('https://[::1]/', new Set(['::1']))).toBeUndefined()
    for (const host of ['8.8.8.8', '[2606:4700::1111]'])
      expect(refuseUrl(`https://${host}/`, none)).toBeUndefined()
  })

  it('knows the special networks of IPv4 and IPv6', () => {
    const inside = [
      '10.1.2.3',
      '100.64.0.1',
      '172.31.255.255',
      '224.0.0.1',
      '255.255.255.255',
      '::',
    ]
    for (const address of [
      ...inside,
      '64:ff9b::7f00:1',
      '2002:7f00:1::',
      '::ffff:7f00:1',
      'ff02::1',
    ])
      expect(`${address} ${isInside(address)}`).toBe(`${address} true`)
    for (const address of ['1.1.1.1', '172.32.0.1', '100.128.0.1', '2a00:1450::1'])
      expect(`${address} ${isInside(address)}`).toBe(`${address} false`)
  })

  it('are the hosts of the setting, as names and addresses', () => {
    const allow = (text: string) => parseConfig({ ISOTHERM_WEBHOOK_ALLOW: text }).webhookAllow
    expect([...allow('Erp.Local, 10.0.0.7,::1')]).toEqual(['erp.local', '10.0.0.7', '::1'])
    expect(allow('').size).toBe(0)
    for (const wrong of ['erp.local:80', 'http://erp.local', 'a b', '127.1'])
      expect(() => allow(wrong)).toThrow(/ISOTHERM_WEBHOOK_ALLOW/)
  })

  it('is judged after the name was looked up, and the judged address is the one that is used', async () => {
    const asked = (allowed: ReadonlySet<string>) =>
      new Promise((resolve) => {
        guardedLookup(allowed)('localhost', { all: true }, (error, addresses) =>
          resolve(error ? error.message : addresses),
        )
      })
    expect(await asked(none)).toMatch(/localhost is an address of this machine/)
    expect(await asked(new Set(['localhost']))).toEqual(
      expect.arrayContaining([expect.objectContaining({ address: expect.any(String) })]),
    )
  })

  it('is every address of a name, at every look-up', async () => {
    const [world, home] = [
      { address: '8.8.8.8', family: 4 },
      { address: '10.0.0.7', family: 4 },
    ]
    // A name server that answers otherwise the second time, and a name with one address of each.
    const answers = [[world], [home], [world, home]]
    const ask = guardedLookup(none, (_host, _options, found) => found(null, answers.shift()!))
    const asked = (all: boolean) =>
      new Promise((resolve) => {
        ask('rebound.example', { all }, (error, address) => resolve(error?.message ?? address))
      })
    expect(await asked(false)).toBe('8.8.8.8')
    expect(await asked(false)).toMatch(/rebound\.example is an address of this machine or of a pr/)
    expect(await asked(true)).toMatch(/rebound\.example is an address of this machine or of a pr/)
  })

  it('is no name that leads to this machine: nobody is connected to', async () => {
    let connections = 0
    const server = createServer(() => connections++)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const ended = new AbortController().signal
    const post = openPost({ allowed: none, now: () => 0, ended })
    expect(await post(`https://localhost:${port}/`, { headers: {}, body: '{}' })).toEqual({
      status: null,
      error: expect.stringContaining('localhost is an address of this machine'),
    })
    expect(connections).toBe(0)
    await new Promise((resolve) => server.close(resolve))
  })

  it('is asked again with every attempt', async () => {
    const receiver = await startReceiver()
    const post = (allowed: ReadonlySet<string>) =>
      openPost({ allowed, now: () => 0, ended: new AbortController().signal })(receiver.url, {
        headers: {},
        body: '{}',
      })
    expect(await post(none)).toMatchObject({ status: null, error: 'want https://' })
    expect(await post(new Set(['127.0.0.1']))).toEqual({ status: 200, error: null })
    expect(receiver.received).toHaveLength(1)
    await receiver.close()
  })
})

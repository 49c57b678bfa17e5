import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type Connect,
  checkBody,
  FrameCutter,
  formatConnect,
  formatPacket,
  ProtocolError,
  packets,
  parseConnect,
  parseTopic,
  sized,
} from '../ingest/frames.ts'
import { connectPacket, fromHex, publishPacket, subscribePacket } from './mqtt-raw.ts'

/** Every packet that a cutter finds in the chunks, whole. */
function cut(chunks: Buffer[], sizeMax = 1 << 20): Buffer[] {
  const cutter = new FrameCutter(sizeMax)
  const found: Buffer[] = []
  for (const chunk of chunks) {
    cutter.push(chunk)
    while (cutter.next()) found.push(cutter.copy())
  }
  return found
}

function chunksOf(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const chunks: Buffer[] = []
  let at = 0
  for (const size of sizes) {
    chunks.push(bytes.subarray(at, at + size))
    at += size
  }
  chunks.push(bytes.subarray(at))
  return chunks.filter((chunk) => chunk.length > 0)
}

const somePackets = fc.array(
  fc.oneof(
    fc
      .record({ topic: fc.string({ minLength: 1, maxLength: 20 }), bytes: fc.nat(400) })
      .map(({ topic, bytes }) => publishPacket(topic, Buffer.alloc(bytes, 7), { qos: 1 })),
    fc.constantFrom('C000', 'E000', '40020001', '620200ff').map(fromHex),
    fc.constant(subscribePacket(1, ['a/#', 1])),
  ),
  { minLength: 1, maxLength: 8 },
)

test('packets are found wherever the network cuts the bytes', () => {
  fc.assert(
    fc.property(somePackets, fc.array(fc.nat(60)), (sent, sizes) => {
      expect(cut(chunksOf(Buffer.concat(sent), sizes))).toEqual(sent)
    }),
  )
})

test('from a server, packets above the size are cut off, wherever the network cuts the bytes', () => {
  const sizes = fc.array(fc.oneof(fc.nat(300), fc.constantFrom(0, 98, 99, 100, 101, 102)), {
    minLength: 1,
    maxLength: 8,
  })
  fc.assert(
    fc.property(sizes, fc.array(fc.nat(120)), fc.integer({ min: 16, max: 100 }), (of, at, max) => {
      const sent = of.map((bytes, n) =>
        publishPacket('t/opic', Buffer.alloc(bytes, n), { qos: 1, id: n + 1 }),
      )
      const cutter = new FrameCutter(max, 'server')
      const found: { whole: number; shown: string; id: number }[] = []
      let putBack = false
      for (const chunk of chunksOf(Buffer.concat(sent), at)) {
        cutter.push(chunk)
        while (cutter.next()) {
          // Each is put back once, as when the log is full.
          putBack = !putBack
          if (putBack) {
            cutter.unread()
            continue
          }
          cutter.openPublish()
          const shown = cutter.copy()
          const whole = shown.length + cutter.clipped
          found.push({ whole, shown: shown.toString('hex'), id: cutter.packetId })
        }
      }
      expect(found).toEqual(
        sent.map((packet, n) => ({
          whole: packet.length,
          shown: packet.subarray(0, max).toString('hex'),
          id: n + 1,
        })),
      )
    }),
  )
})

test('what only clients send is no packet of a server, and the other way round', () => {
  const taken = (from: 'client' | 'server', hex: string): boolean => {
    const cutter = new FrameCutter(100, from)
    cutter.push(fromHex(hex))
    try {
      return cutter.next()
    } catch (error) {
      expect(error).toBeInstanceOf(ProtocolError)
      return false
    }
  }
  for (const hex of ['20020000', '9003000100', 'b0020001', 'd000'])
    expect([taken('server', hex), taken('client', hex)]).toEqual([true, false])
  for (const hex of ['1000', '82060001000161 00', 'c000', 'e000'])
    expect(taken('server', hex)).toBe(false)
})

test('a packet that is put back comes again', () => {
  const cutter = new FrameCutter(1000)
  cutter.push(Buffer.concat([publishPacket('a', 'one'), publishPacket('a', 'two')]))
  expect(cutter.next()).toBe(true)
  const first = cutter.copy()
  cutter.unread()
  cutter.push(fromHex('C000'))
  expect(cutter.next()).toBe(true)
  expect(cutter.copy()).toEqual(first)
  expect(cutter.next() && cutter.next()).toBe(true)
  expect(cutter.copy()).toEqual(fromHex('C000'))
  expect(cutter.held).toBe(0)
})

test('a packet that is too large is refused at its header, before its bytes come', () => {
  expect(() => cut([fromHex('30 FFFFFF7F')])).toThrow(ProtocolError)
  expect(() => cut([fromHex('30 FF')], 1000)).not.toThrow()
  expect(() => cut([fromHex('30 FF07')], 1000)).toThrow('at most 1000')
})

test('the size of a packet counts its header', () => {
  const packet = publishPacket('topic', Buffer.alloc(200))
  expect(cut([packet], packet.length)).toEqual([packet])
  expect(() => cut([packet], packet.length - 1)).toThrow(ProtocolError)
})

test('a remaining length of five bytes is malformed', () => {
  expect(() => cut([fromHex('30 80808080 01')])).toThrow('more than four bytes')
})

test('only first bytes that a client may send are taken', () => {
  const taken = Array.from({ length: 256 }, (_, byte) => byte).filter((byte) => {
    try {
      cut([Buffer.from([byte, 0])])
      return true
    } catch {
      return false
    }
  })
  const publishes = [0x30, 0x31, 0x32, 0x33, 0x34, 0x35, 0x3a, 0x3b, 0x3c, 0x3d]
  const others = [0x10, 0x40, 0x50, 0x62, 0x70, 0x82, 0xa2, 0xc0, 0xe0]
  expect(taken).toEqual([...publishes, ...others].sort((a, b) => a - b))
})

describe('CONNECT', () => {
  const bodyOf = (packet: Buffer): Buffer => {
    const cutter = new FrameCutter(1 << 20)
    cutter.push(packet)
    cutter.next()
    return Buffer.from(cutter.bytes.subarray(cutter.from, cutter.to))
  }
  const parse = (packet: Buffer) => parseConnect(bodyOf(packet), 256)

  test('gives names, will and keep-alive', () => {
    const will = { topic: 'v1/default/l/status', payload: 'gone', qos: 1, retain: true }
    const connect = parse(connectPacket({ user: 'l', clientId: 'id', keepAliveSeconds: 300, will }))
    expect(connect).toEqual({
      level: 4,
      clientId: 'id',
      clean: true,
      keepAliveSeconds: 300,
      will: { ...will, payload: Buffer.from('gone') },
      user: 'l',
      password: Buffer.from('token'),
    })
  })

  test('is formatted as it was parsed; credentials and keep-alive only where they are given', () => {
    const will = { topic: 't', payload: 'p', qos: 2, retain: true }
    const given = parse(connectPacket({ user: 'secret-user', clean: false, will })) as Connect
    const settled = { user: undefined, password: undefined, keepAliveSeconds: 0 }
    const passed = formatConnect({ ...given, clientId: 'scoped', ...settled })
    expect(passed.includes('secret-user') || passed.includes('token')).toBe(false)
    expect(parse(passed)).toEqual({ ...given, clientId: 'scoped', ...settled })
    expect(parse(formatConnect(given))).toEqual(given)
  })

  test.for([
    ['another protocol name', '0002 686A 04 02 003C 0001 70'],
    ['a reserved flag', '0004 4D515454 04 03 003C 0001 70'],
    ['will QoS 3', '0004 4D515454 04 1E 003C 0001 70 0001 70 0001 70'],
    ['will flags without a will', '0004 4D515454 04 12 003C 0001 70'],
    ['a password without a user', '0004 4D515454 04 42 003C 0001 70 0001 70'],
    ['a wildcard in the will topic', '0004 4D515454 04 06 003C 0001 70 0001 23 0001 70'],
    ['bytes behind the end', '0004 4D515454 04 02 003C 0001 70 00'],
    ['a missing client id', '0004 4D515454 04 02 003C'],
    ['NUL in the client id', '0004 4D515454 04 02 003C 0001 00'],
    ['a surrogate in the client id', '0004 4D515454 04 02 003C 0003 EDA080'],
  ] as const)('with %s is broken', ([, body]) => {
    expect(() => parseConnect(fromHex(body), 256)).toThrow(ProtocolError)
  })

  test.for([
    ['level 5', '0004 4D515454 05 02 003C 00 0001 70', '2003008400'],
    ['level 6', '0004 4D515454 06 02 003C 0001 70', '20020001'],
    ['an empty client id that is to be remembered', '0004 4D515454 04 00 003C 0000', '20020002'],
    ['an empty client id in 3.1', '0006 4D5149736470 03 02 003C 0000', '20020002'],
  ] as const)('with %s is refused with an answer', ([, body, connack]) => {
    const refused = parseConnect(fromHex(body), 256)
    expect('refused' in refused && refused.refused.toString('hex')).toBe(connack)
  })

  test('with a client id beyond the bound is refused with an answer', () => {
    const refused = parseConnect(bodyOf(connectPacket({ clientId: 'x'.repeat(257) })), 256)
    expect('refused' in refused && refused.refused[3]).toBe(2)
  })
})

describe('other packets', () => {
  test.for([
    ['a packet id of 0', packets.puback, '0000'],
    ['an acknowledgement that is too long', packets.pubrec, '000100'],
    ['an acknowledgement that is too short', packets.pubcomp, '01'],
    ['SUBSCRIBE without a filter', packets.subscribe, '0001'],
    ['SUBSCRIBE with QoS 3', packets.subscribe, '0001 0001 61 03'],
    ['SUBSCRIBE with an empty filter', packets.subscribe, '0001 0000 00'],
    ['UNSUBSCRIBE with a filter cut short', packets.unsubscribe, '0001 0002 61'],
    ['PINGREQ with a body', packets.pingreq, '00'],
  ] as const)('%s breaks the protocol', ([, type, body]) => {
    expect(() => checkBody(type, fromHex(body), 10)).toThrow(ProtocolError)
  })

  test('more filters at once than the bound are refused', () => {
    const filters = Array.from({ length: 11 }, () => Buffer.concat([sized('a'), Buffer.from([0])]))
    const body = Buffer.concat([fromHex('0001'), ...filters])
    expect(() => checkBody(packets.subscribe, body, 10)).toThrow('more than 10')
    expect(() => checkBody(packets.subscribe, body, 11)).not.toThrow()
  })

  test('a byte order mark in a topic stays where it is', () => {
    expect(parseTopic(fromHex('EFBBBF 61'))).toBe('\ufeffa')
  })
})

test('no bytes at all make the parser do anything but refuse', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (random) => {
      const body = Buffer.from(random)
      for (const parse of [
        () => parseConnect(body, 256),
        () => cut([body]),
        () => cut([formatPacket(0x10, body)]),
        () => checkBody(packets.subscribe, body, 10),
        () => parseTopic(body),
      ])
        try {
          parse()
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError)
        }
    }),
    { numRuns: 2000 },
  )
})

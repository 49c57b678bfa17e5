// The byte-exact sequences of the mosquitto test suite and a set of recorded packets. The data
// stays outside the project; without it these tests say so and are skipped.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { publishPacket, RawClient, service, startBroker, type TestBroker } from './mqtt-raw.ts'

const data = fileURLToPath(new URL('../../shared/data/mqtt/', import.meta.url))
const absent = !existsSync(data)
if (absent) console.warn('skipped: the MQTT sequences (../shared/data/mqtt) are not here')

interface Step {
  type: 'send' | 'recv' | 'publish'
  payload: string
  topic?: string
  qos?: number
}

interface Sequence {
  file: string
  name: string
  group: string
  ver?: number
  connect?: boolean
  expect_disconnect?: boolean
  msgs: Step[]
}

/** What the standard leaves free, or what is not offered: named, with the reason. */
const notOurs: Record<string, string> = {
  'v5.0   CONNECT':
    'MQTT 5 is not offered: every level 5 CONNECT is answered with reason 0x84 and closed',
  'v5.0   CONNECT EXTENDED AUTH': 'MQTT 5 is not offered',
}

const sequences: Sequence[] = absent
  ? []
  : readdirSync(`${data}broker-sequences`)
      .filter((name) => name.endsWith('.json'))
      .flatMap((file) =>
        (
          JSON.parse(readFileSync(`${data}broker-sequences/${file}`, 'utf8')) as {
            group: string
            tests: Omit<Sequence, 'file' | 'group'>[]
          }[]
        ).flatMap(({ group, tests }) => tests.map((test) => ({ ...test, file, group }))),
      )
      .filter(({ ver = 4 }) => ver <= 4)

let running: TestBroker
beforeAll(async () => {
  // The sequences connect without a user name: here that is a service that may do everything.
  // `$share` is named because `#` does not reach topics that begin with $ [MQTT-4.7.2-1].
  running = await startBroker([service('', ['#', '$share/#'])])
})
afterAll(() => running.stop())

describe.skipIf(absent)('sequences of MQTT 3.1 and 3.1.1', () => {
  for (const sequence of sequences.filter(({ group }) => notOurs[group] === undefined))
    test(`${sequence.file.replace('.json', '')} ${sequence.group}: ${sequence.name}`, () =>
      play(sequence))
  for (const { group, name } of sequences.filter((s) => notOurs[s.group] !== undefined))
    test.skip(`${group}: ${name} (${notOurs[group]})`)
})

describe.skipIf(absent)('recorded packets', () => {
  const packets = absent
    ? []
    : readdirSync(`${data}recorded-packets`, { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.raw'))
        .map((name) => ({ name, bytes: readFileSync(`${data}recorded-packets/${name}`) }))

  test.for(packets)(
    '$name is answered or refused as the standard says',
    async ({ name, bytes }) => {
      const client = new RawClient(running.port)
      if (name.startsWith('connect')) {
        client.send(bytes)
        // One has another protocol name; a user is unknown here, no user is the service.
        const answer = await client.packet()
        expect(answer?.toString('hex')).toBeOneOf([undefined, '20020000', '20020005'])
        client.end()
        return
      }
      await greet(client, `recorded ${name}`)
      client.send(bytes, 'C000')
      const qos = (bytes[0]! >> 1) & 3
      const first = await client.packet()
      // An unknown acknowledgement is passed over; what it broke would have closed the connection.
      if (first !== undefined) expect(first[0]! >> 4).toBeOneOf([qos === 1 ? 4 : 5, 3, 7, 9, 13])
      client.end()
    },
  )

  test('mutations of them and random bytes leave the broker serving', async () => {
    const seeds = fc.constantFrom(...packets.map(({ bytes }) => bytes))
    const mutation = fc.record({
      seed: seeds,
      edits: fc.array(fc.tuple(fc.nat(200), fc.nat(255)), { maxLength: 4 }),
      tail: fc.uint8Array({ maxLength: 64 }),
      greeted: fc.boolean(),
    })
    await fc.assert(
      fc.asyncProperty(mutation, async ({ seed, edits, tail, greeted }) => {
        const bytes = Buffer.from(seed)
        for (const [at, value] of edits) bytes[at % bytes.length] = value
        const client = new RawClient(running.port)
        if (greeted) await greet(client, 'fuzz')
        client.send(bytes, Buffer.from(tail))
        client.socket.end()
        await client.closed()
      }),
      { numRuns: 300 },
    )
    const client = new RawClient(running.port)
    await greet(client, 'after')
    client.send(publishPacket('still/here', 'yes', { qos: 1, id: 5 }))
    expect((await client.packet())?.toString('hex')).toBe('40020005')
    client.end()
  })
})

async function play(sequence: Sequence): Promise<void> {
  const { connect = true, expect_disconnect = true, group, name, ver = 4 } = sequence
  const client = new RawClient(running.port)
  if (connect) await greet(client, `${group} ${name}`, ver)
  /** Packet ids that the broker chose, by the ids it has in the sequence: the choice is free
   * (§2.3.1). */
  const chosen = new Map<string, Buffer>()
  for (const step of sequence.msgs) {
    if (step.type === 'publish') await publishByHelper(step)
    else if (step.type === 'send') client.send(translate(hex(step.payload), chosen))
    else await expectBytes(client, hex(step.payload), chosen)
  }
  if (expect_disconnect) {
    // A CONNACK that refuses may come before; anything else not.
    expect((await client.closed()).toString('hex')).toBe('')
  } else {
    client.send('C000')
    expect((await client.packet())?.toString('hex')).toBe('d000')
  }
  client.end()
}

async function greet(client: RawClient, clientId: string, level = 4): Promise<void> {
  const id = Buffer.from(clientId)
  const protocol = level === 3 ? '0006 4D5149736470 03' : '0004 4D515454 04'
  const body = Buffer.concat([...[hex(`${protocol} 02 003C`), Buffer.from([0, id.length]), id]])
  client.send(Buffer.from([0x10, body.length]), body)
  expect((await client.packet())?.toString('hex')).toBe('20020000')
}

async function expectBytes(
  client: RawClient,
  wanted: Buffer,
  chosen: Map<string, Buffer>,
): Promise<void> {
  const got = await client.packet()
  const expected = Buffer.from(wanted)
  const type = wanted[0]! >> 4
  const qos = (wanted[0]! >> 1) & 3
  if (got !== undefined && type === 3 && qos > 0) {
    const at = 4 + wanted.readUInt16BE(2)
    chosen.set(wanted.toString('hex', at, at + 2), Buffer.from(got.subarray(at, at + 2)))
    got.copy(expected, at, at, at + 2)
  } else if (type === 6) {
    translate(expected, chosen)
  }
  expect(got?.toString('hex')).toBe(expected.toString('hex'))
}

/** Answers of the sequence carry the packet id that the broker chose. */
function translate(bytes: Buffer, chosen: Map<string, Buffer>): Buffer {
  const id = chosen.get(bytes.toString('hex', 2, 4))
  if (id !== undefined && bytes.length === 4) id.copy(bytes, 2)
  return bytes
}

async function publishByHelper(step: Step): Promise<void> {
  const helper = new RawClient(running.port)
  await greet(helper, 'helper')
  const { topic = '', payload, qos = 0 } = step
  helper.send(publishPacket(topic, payload, { qos, id: 9 }))
  if (qos === 1) expect((await helper.packet())?.[0]).toBe(0x40)
  if (qos === 2) {
    expect((await helper.packet())?.[0]).toBe(0x50)
    helper.send('62020009')
    expect((await helper.packet())?.[0]).toBe(0x70)
  }
  helper.end()
}

function hex(text: string): Buffer {
  return Buffer.from(text.replace(/\s/g, ''), 'hex')
}

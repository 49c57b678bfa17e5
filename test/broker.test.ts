import { afterEach, expect, test } from 'vitest'
import {
  connectPacket,
  publishPacket,
  RawClient,
  service,
  startBroker,
  subscribePacket,
  type TestBroker,
  until,
} from './mqtt-raw.ts'

let running: TestBroker | undefined
const start = async (...of: Parameters<typeof startBroker>): Promise<TestBroker> => {
  running = await startBroker(...of)
  return running
}
afterEach(async () => {
  await running?.stop()
  running = undefined
})

test('a reading published by a device is in the log when it is acknowledged', async () => {
  const { port, kept } = await start()
  const client = new RawClient(port)
  expect(await client.join('logger-1')).toBe('20020000')
  client.send(publishPacket('v1/default/logger-1/readings', '{"time":1}', { qos: 1, id: 7 }))
  expect((await client.read(4))?.toString('hex')).toBe('40020007')
  const [envelope] = kept()
  expect(envelope).toMatchObject({
    kind: 'publish',
    tenant: 'default',
    source: 'logger-1',
    topic: 'v1/default/logger-1/readings',
  })
  expect(Buffer.from(envelope!.body).toString()).toBe('{"time":1}')
})

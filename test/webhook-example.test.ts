// examples/receive-webhooks.mjs, run as it stands, against messages that the sender of this project
// signs and sends.
import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openPost } from '../quality/post.ts'
import { headersOf, newSecret } from '../quality/standard-webhooks.ts'

const secret = newSecret()
const lines: string[] = []
let child: ChildProcess
let url: string
beforeAll(async () => {
  const env = { ...process.env, SECRET: secret, PORT: '0' }
  child = spawn(process.execPath, ['examples/receive-webhooks.mjs'], { env })
  const output = createInterface(child.stdout!)
  const port = await new Promise<string>((resolve) => {
    output.on('line', (line) => {
      const said = /^listening on (\d+)$/.exec(line)
      if (said) resolve(said[1]!)
      else lines.push(line)
    })
  })
  url = `http://127.0.0.1:${port}/`
})
afterAll(() => child.kill())

const allowed = new Set(['127.0.0.1'])
const post = openPost({ allowed, now: Date.now, ended: new AbortController().signal })
const body = JSON.stringify({ type: 'alert.raised', timestamp: '', data: { id: 'a1' } })
const send = async (
  id: string,
  { secrets = [secret], time = Date.now(), sent = body } = {},
): Promise<number | null> => {
  const headers = headersOf({ id, time, body }, secrets)
  return (await post(url, { headers, body: sent })).status
}

it('takes what is signed with its secret, each message once, and nothing else', async () => {
  expect(await send('msg_1')).toBe(204)
  expect(await send('msg_1')).toBe(204)
  expect(await send('msg_2', { secrets: [newSecret(), secret] })).toBe(204)
  expect(await send('msg_3', { secrets: [newSecret()] })).toBe(401)
  expect(await send('msg_3', { secrets: [] })).toBe(401)
  expect(await send('msg_3', { time: Date.now() - 3_600_000 })).toBe(401)
  expect(await send('msg_3', { sent: body.replace('a1', 'a2') })).toBe(401)
  expect(lines).toEqual(['msg_1 alert.raised {"id":"a1"}', 'msg_2 alert.raised {"id":"a1"}'])
})

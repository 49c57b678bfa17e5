// A receiver of Isotherm's webhooks in plain Node, without packages: checks the signature of
// Standard Webhooks 1.0 and the age of a message, and takes each message once however often it comes.
//   SECRET=whsec_… PORT=9000 node receive-webhooks.mjs
import { createHmac, timingSafeEqual } from 'node:crypto'
import { createServer } from 'node:http'

const secret = process.env.SECRET ?? ''
const toleranceSeconds = 300
/** A real receiver keeps these with its data, in the same transaction. */
const seen = new Set()

const server = createServer(async (request, response) => {
  const chunks = []
  for await (const chunk of request) chunks.push(chunk)
  // The bytes as they came: parsed and written again they would be others.
  const body = Buffer.concat(chunks).toString()
  if (!isGenuine(request.headers, body)) {
    response.writeHead(401).end()
    return
  }
  const id = request.headers['webhook-id']
  if (!seen.has(id)) {
    const { type, data } = JSON.parse(body)
    console.log(`${id} ${type} ${JSON.stringify(data)}`)
    seen.add(id)
  }
  // 2xx for repetitions too, or they would come for ever.
  response.writeHead(204).end()
})

function isGenuine(headers, body) {
  const timestamp = headers['webhook-timestamp'] ?? ''
  const age = Math.abs(Date.now() / 1000 - Number(timestamp))
  if (!(age <= toleranceSeconds)) return false
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
  const content = `${headers['webhook-id']}.${timestamp}.${body}`
  const expected = createHmac('sha256', key).update(content).digest()
  // Several while a secret is being changed: one that fits is enough.
  return (headers['webhook-signature'] ?? '').split(' ').some((signature) => {
    const [version, value = ''] = signature.split(',')
    const given = Buffer.from(value, 'base64')
    return version === 'v1' && given.length === expected.length && timingSafeEqual(given, expected)
  })
}

server.listen(Number(process.env.PORT ?? 9000), '127.0.0.1', () => {
  console.log(`listening on ${server.address().port}`)
})

// A subscriber as somebody would write it who knows what is fast: raw frames instead of a client
// library, line protocol in batches, two writes under way, and an acknowledgement only for what
// InfluxDB took.
//
//   node test/bench/rival-subscriber.ts MQTT_PORT INFLUX_URL [together|apart]
//
// together: the values of a packet are one point; apart: each is one.
import { Agent, request } from 'node:http'
import { connect } from 'node:net'

const [, , port, influxUrl, shape = 'together'] = process.argv
// 5000 lines or a little more in a request.
const batchMax = shape === 'apart' ? 1700 : 5000
const writesMax = 2
const agent = new Agent({ keepAlive: true, maxSockets: writesMax })

/** Of a packet each; may be several. */
const lines: string[] = []
const acks: number[] = []
let writing = 0

const socket = connect({ host: '127.0.0.1', port: Number(port), noDelay: true })
let rest: Buffer = Buffer.alloc(0)
const text = (value: string): Buffer =>
  Buffer.concat([Buffer.from([value.length >> 8, value.length & 0xff]), Buffer.from(value)])
const packet = (header: number, ...parts: Buffer[]): Buffer => {
  const body = Buffer.concat(parts)
  return Buffer.concat([Buffer.from([header, body.length]), body])
}
socket.write(packet(0x10, text('MQTT'), Buffer.from([4, 2, 0, 0]), text('influx-writer')))
socket.write(packet(0x82, Buffer.from([0, 1]), text('v1/#'), Buffer.from([1])))
socket.on('error', (error) => {
  console.error(error.message)
  process.exit(1)
})
socket.on('data', (chunk: Buffer) => {
  let bytes = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk
  for (;;) {
    const end = frameEnd(bytes)
    if (end === undefined) break
    take(bytes, end)
    bytes = bytes.subarray(end.to)
  }
  rest = bytes
  writeOn()
})
process.once('SIGTERM', () => process.exit(0))

/** Where the first frame's body begins and ends; undefined when it has not wholly come. */
function frameEnd(bytes: Buffer): { from: number; to: number } | undefined {
  let size = 0
  for (let at = 1; at < 5; at++) {
    const byte = bytes[at]
    if (byte === undefined) return undefined
    size |= (byte & 0x7f) << (7 * (at - 1))
    if (byte < 0x80)
      return bytes.length < at + 1 + size ? undefined : { from: at + 1, to: at + 1 + size }
  }
  throw new Error('not MQTT')
}

function take(bytes: Buffer, { from, to }: { from: number; to: number }): void {
  const type = bytes[0]! >> 4
  if (type === 9) console.log('ready')
  if (type !== 3) return
  const topicEnd = from + 2 + bytes.readUInt16BE(from)
  const [, , device] = bytes.toString('latin1', from + 2, topicEnd).split('/')
  const { time, ...values } = JSON.parse(bytes.toString('utf8', topicEnd + 2, to))
  const all = Object.entries(values)
  if (shape === 'apart')
    lines.push(
      all
        .map(([name, value]) => `readings,channel=${name},device=${device} value=${value} ${time}`)
        .join('\n'),
    )
  else {
    const fields = all.map(([name, value]) => `${name}=${value}`)
    lines.push(`readings,device=${device} ${fields.join(',')} ${time}`)
  }
  acks.push(bytes.readUInt16BE(topicEnd))
}

function writeOn(): void {
  // Small batches only while nothing is under way: otherwise more is worth waiting for.
  while (writing < writesMax && (lines.length >= batchMax || (lines.length > 0 && writing === 0)))
    write(lines.splice(0, batchMax), acks.splice(0, batchMax))
}

function write(batch: string[], ids: number[]): void {
  writing++
  const options = { method: 'POST', agent }
  const answer = request(`${influxUrl}/write?db=cold&precision=ms`, options, (response) => {
    response.resume()
    response.once('end', () => {
      if (response.statusCode !== 204) {
        console.error(`InfluxDB answered ${response.statusCode}`)
        process.exit(1)
      }
      const bytes = Buffer.allocUnsafe(4 * ids.length)
      for (const [i, id] of ids.entries()) bytes.writeUInt32BE(0x4002_0000 + id, 4 * i)
      socket.write(bytes)
      writing--
      writeOn()
    })
  })
  answer.end(batch.join('\n'))
}

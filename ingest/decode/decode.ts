// One kept envelope becomes readings and refusals. The same bytes give the same result for ever: no
// clock, no state; of Sparkplug B the same bytes after the same birth. Never throws on input, never
// stores, never decides who may publish (the broker did).
import type { Channel, Reading } from '../../domain/reading.ts'
import type { Refusal } from '../../domain/refusal.ts'
import type { Born } from '../../store/ledger/births.ts'
import type { Envelope, LoggedEnvelope } from '../../store/log.ts'
import { inflate, isGzip } from '../inflate.ts'
import { decodeReadings } from '../readings-json.ts'
import type { Decoded } from '../refuse.ts'
import { decodeSenml } from '../senml-readings.ts'
import type { Birth } from '../sparkplug-births.ts'
import { decodeSparkplug } from '../sparkplug-readings.ts'
import { isSparkplug, parseSparkplugTopic, type SparkplugAddress } from '../sparkplug-topics.ts'

export interface DecodeContext {
  /** What the ledger knows of a device; undefined when it is not registered with this tenant. */
  device(tenant: string, id: string): DeviceContext | undefined
  /** The birth of Sparkplug B in force at an offset; Infinity: after all that is known. */
  birth?(of: Born, offset: number): Birth | undefined
}

export interface DeviceContext {
  channels?: Readonly<Record<string, Channel>> | undefined
  /** Out of service since, epoch ms. */
  retired?: { at: number; reason: string } | undefined
}

/**
 * `device`: whose readings and refusals these are. Readings may be unsorted and hold one time
 * twice.
 */
export interface DecodedPublish extends Decoded<Reading> {
  device: string
}

/**
 * Topics `v1/{tenant}/{device}/readings|senml|status` and those of Sparkplug B; for kind
 * `readings` the topic is the device id. Bodies may be gzip. A forbidden publish is one refusal of
 * its source. A capture is not ours: nothing comes out.
 */
export function decodePublish(
  envelope: Envelope | LoggedEnvelope,
  context: DecodeContext,
): DecodedPublish {
  if (envelope.kind === 'capture') return { device: '', readings: [], refusals: [] }
  if (envelope.kind === 'forbidden') {
    const detail = `${envelope.source} has no right to publish to this topic`
    return refusedWhole(envelope.source, {
      code: 'packet/topic-forbidden',
      path: envelope.topic,
      detail,
    })
  }
  const address = envelope.kind === 'readings' ? undefined : parseTopic(envelope)
  if (address === null) {
    const detail = `want v1/${envelope.tenant}/{device}/readings, …/senml or …/status, or Sparkplug B`
    return refusedWhole(envelope.source, {
      code: 'packet/topic-unknown',
      path: envelope.topic,
      detail,
    })
  }
  const device = address === undefined ? envelope.topic : address.device
  const known = context.device(envelope.tenant, device)
  if (known === undefined) {
    if (address?.sparkplug?.behind === '' && !holdsReadings(envelope, address.sparkplug))
      return { device, readings: [], refusals: [] }
    const detail = `no device ${device} is registered`
    return refusedWhole(device, { code: 'device/unknown', path: envelope.topic, detail })
  }
  const { leaf = 'readings', sparkplug } = address ?? {}
  const birth = sparkplug && birthOf(envelope, sparkplug, context)
  const decoded = decodeBody(envelope, { leaf, sparkplug, birth, channels: known.channels })
  const { readings, refusals } = refuseRetired(decoded, { envelope, device, known })
  return { device, readings, refusals }
}

function birthOf(
  envelope: Envelope | LoggedEnvelope,
  { node, behind }: SparkplugAddress,
  { birth }: DecodeContext,
): Birth | undefined {
  const offset = 'offset' in envelope ? envelope.offset : Infinity
  return birth?.({ tenant: envelope.tenant, node, device: behind }, offset)
}

/** A gateway that measures nothing itself need not be registered: of such, births and more come. */
function holdsReadings(envelope: Envelope, sparkplug: SparkplugAddress): boolean {
  return decodeBody(envelope, { leaf: 'sparkplug', sparkplug }).readings.length > 0
}

/**
 * Late readings of its time in service count. By arrival as well: whoever follows the log later,
 * and knows of the retirement by then, gets the same.
 */
function refuseRetired(
  decoded: Decoded<Reading>,
  of: { envelope: Envelope; device: string; known: DeviceContext },
): Decoded<Reading> {
  const { envelope, device, known } = of
  if (!known.retired || envelope.recordTime < known.retired.at) return decoded
  const { at, reason } = known.retired
  const readings = decoded.readings.filter(({ time }) => time < at)
  const since = decoded.readings.length - readings.length
  if (since === 0) return decoded
  const detail = `${device} is retired since ${new Date(at).toISOString()} (${reason}): ${since} of ${decoded.readings.length} values were measured after that`
  const refusal = { code: 'device/retired', path: envelope.topic, detail } as const
  return { readings, refusals: [...decoded.refusals, refusal] }
}

/**
 * Whose envelope it is, without a look into the body; its source when the topic is none of ours.
 */
export function deviceOfEnvelope(envelope: Envelope): string {
  if (envelope.kind === 'readings') return envelope.topic
  if (envelope.kind !== 'publish') return envelope.source
  return parseTopic(envelope)?.device ?? envelope.source
}

type Leaf = 'readings' | 'senml' | 'status' | 'sparkplug'

function decodeBody(
  envelope: { body: Uint8Array; recordTime: number },
  about: {
    leaf: Leaf
    sparkplug?: SparkplugAddress | undefined
    birth?: Birth | undefined
    channels?: Readonly<Record<string, Channel>> | undefined
  },
): Decoded<Reading> {
  let { body } = envelope
  if (isGzip(body)) {
    const inflated = inflate(body)
    if (!inflated.ok) return { readings: [], refusals: inflated.refusals }
    body = inflated.value
  }
  const { leaf, sparkplug, birth, channels } = about
  const context = { recordTime: envelope.recordTime, channels }
  if (sparkplug) return decodeSparkplug(body, sparkplug.type, { ...context, birth })
  if (leaf === 'readings') return decodeReadings(body, context)
  if (leaf === 'senml') return decodeSenml(body, context)
  // A status may be anything, "online" too: readings in it are welcome, the rest is not ours to
  // judge.
  return { readings: decodeReadings(body, context).readings, refusals: [] }
}

/** Null when the topic is none of ours or of another tenant (I8). No split: the hot path. */
function parseTopic(envelope: {
  topic: string
  tenant: string
}): { device: string; leaf: Leaf; sparkplug?: SparkplugAddress } | null {
  const { topic, tenant } = envelope
  if (isSparkplug(topic)) {
    const sparkplug = parseSparkplugTopic(topic, tenant)
    return sparkplug ? { device: sparkplug.device, leaf: 'sparkplug', sparkplug } : null
  }
  const deviceAt = 3 + tenant.length + 1
  if (!topic.startsWith('v1/') || !topic.startsWith(tenant, 3) || topic[deviceAt - 1] !== '/')
    return null
  const leafAt = topic.indexOf('/', deviceAt) + 1
  const leaf = topic.slice(leafAt)
  if (leafAt <= deviceAt + 1) return null
  if (leaf !== 'readings' && leaf !== 'senml' && leaf !== 'status') return null
  return { device: topic.slice(deviceAt, leafAt - 1), leaf }
}

const refusedWhole = (device: string, refusal: Refusal): DecodedPublish => ({
  device,
  readings: [],
  refusals: [refusal],
})

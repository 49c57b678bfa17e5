// MQTT topics: which filter matches which topic (MQTT 3.1.1 §4.7), which filter is contained in
// another, and what an identity may do with a topic. Knows strings only: no sockets, no log.

import { bounds } from '../config.ts'
import { hostStateTopic } from './sparkplug-topics.ts'

/** Who speaks. `publish` and `subscribe` are MQTT filters and count for services only: what a
 * device may do follows from its id and tenant. */
export interface Principal {
  kind: 'device' | 'service'
  id: string
  tenant: string
  publish: string[]
  subscribe: string[]
  /** Its credentials are good until then, epoch ms; absent: until they are revoked. */
  until?: number
}

/** keep: into the log, acknowledged when durable. relay: to subscribers only. forbidden: kept as a
 * refusal, acknowledged, delivered to nobody. */
export type Verdict = 'keep' | 'relay' | 'forbidden'

/** Letters that no topic, filter or name may carry: NUL and the lone surrogates are errors
 * [MQTT-1.5.3-1, MQTT-1.5.3-2]; control characters and non-characters may be refused (§1.5.3),
 * and are. */
const unwanted = /[\p{Cc}\p{Noncharacter_Code_Point}]/u

const deviceLeaves = new Set(['readings', 'senml', 'status'])

export function isText(text: string): boolean {
  return !unwanted.test(text)
}

/** A topic to publish on: not empty [MQTT-4.7.3-1], no wildcards [MQTT-3.3.2-2]. */
export function isTopic(topic: string): boolean {
  return topic !== '' && !topic.includes('+') && !topic.includes('#') && isText(topic)
}

/** A filter: `+` fills its level [MQTT-4.7.1-3], `#` fills the last one [MQTT-4.7.1-2]. */
export function isFilter(filter: string): boolean {
  if (filter === '' || !isText(filter)) return false
  const levels = filter.split('/')
  return levels.every(
    (level, i) =>
      (level === '#' && i === levels.length - 1) ||
      level === '+' ||
      !(level.includes('#') || level.includes('+')),
  )
}

/** Whether a topic is selected by a filter. Wildcards at the start leave `$` topics out
 * [MQTT-4.7.2-1]. */
export function matchesFilter(topic: string, filter: string): boolean {
  return isWithin(topic, filter)
}

/**
 * Whether every topic that `filter` selects is also selected by `allowed`. `a/#` covers `a` itself
 * (§4.7.1.2). A topic is a filter without wildcards, so this also answers the match of a topic.
 */
export function isWithin(filter: string, allowed: string): boolean {
  if (filter.startsWith('$') && /^[+#]/.test(allowed)) return false
  const want = filter.split('/')
  const have = allowed.split('/')
  for (let i = 0; i < have.length; i++) {
    if (have[i] === '#') return true
    if (i >= want.length || want[i] === '#') return false
    if (have[i] !== '+' && have[i] !== want[i]) return false
  }
  return want.length === have.length
}

/** What becomes of a PUBLISH. Total: every text gets a verdict. */
export function admit(principal: Principal, topic: string): Verdict {
  if (isTooLarge(topic)) return 'forbidden'
  if (principal.kind === 'device') return ownLeaf(principal, topic) ? 'keep' : 'forbidden'
  if (!ofTenant(principal, topic)) return 'forbidden'
  if (!principal.publish.some((filter) => matchesFilter(topic, filter))) return 'forbidden'
  return isKept(topic) ? 'keep' : 'relay'
}

/** A device's last word about itself: the only topic it may retain or use for its will. */
export function isOwnStatus(principal: Principal, topic: string): boolean {
  return ownLeaf(principal, topic) === 'status'
}

/** Whether a SUBSCRIBE to the filter is granted. */
export function maySubscribe(principal: Principal, filter: string): boolean {
  if (isTooLarge(filter)) return false
  if (principal.kind === 'device') return isWithin(filter, `${ownPrefix(principal)}#`)
  return principal.subscribe.some((allowed) => isWithin(filter, allowed))
}

/** Whether a packet on the topic may reach the identity: the second gate behind `maySubscribe`,
 * which also keeps tenants apart under filters as wide as `#`. */
export function mayReceive(principal: Principal, topic: string): boolean {
  if (principal.kind === 'device') return topic.startsWith(ownPrefix(principal))
  return (
    (ofTenant(principal, topic) || topic === hostStateTopic) &&
    principal.subscribe.some((filter) => matchesFilter(topic, filter))
  )
}

/** What a device publishes, by its topic alone: for packets whose sender another broker has
 * checked. */
export function parseDeviceTopic(
  topic: string,
): { tenant: string; device: string; leaf: string } | undefined {
  if (!isTopic(topic) || isTooLarge(topic)) return undefined
  const [root, tenant, device, leaf, ...more] = topic.split('/')
  if (root !== 'v1' || more.length > 0 || !tenant || !device || !leaf) return undefined
  return { tenant, device, leaf }
}

export function isDeviceLeaf(leaf: string): boolean {
  return deviceLeaves.has(leaf)
}

/** Where telemetry lives: what is published there goes into the log. */
export function isKept(topic: string): boolean {
  return topic.startsWith('v1/') || topic.startsWith('spBv1.0/')
}

function isTooLarge(topic: string): boolean {
  if (topic.length > bounds.topicBytesMax) return true
  let levels = 1
  for (let i = topic.indexOf('/'); i >= 0; i = topic.indexOf('/', i + 1)) levels++
  return levels > bounds.topicLevelsMax
}

function ofTenant(principal: Principal, topic: string): boolean {
  return !isKept(topic) || topic.split('/', 2)[1] === principal.tenant
}

function ownPrefix(principal: Principal): string {
  return `v1/${principal.tenant}/${principal.id}/`
}

function ownLeaf(principal: Principal, topic: string): string | undefined {
  const prefix = ownPrefix(principal)
  if (!topic.startsWith(prefix)) return undefined
  const leaf = topic.slice(prefix.length)
  return deviceLeaves.has(leaf) ? leaf : undefined
}

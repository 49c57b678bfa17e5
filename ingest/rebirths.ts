// Asks edge nodes of Sparkplug B for all their births again, when what they say cannot be
// understood without, or messages were lost (tck-id-operational-behavior-data-commands-ncmd-
// rebirth-verb, -name, -value; …-host-reordering-rebirth, with no time to wait, for one connection
// keeps its order). Of each node at most so often.
import { bounds } from '../config.ts'
import type { NewRefusal } from '../store/ledger/refusals.ts'
import { datatypes } from './sparkplug.ts'
import { commandTopic, isData, isSparkplug, parseSparkplugTopic } from './sparkplug-topics.ts'

export interface Rebirths {
  ask(node: { tenant: string; node: string }): void
  /** Asks for what aliases lack. */
  refused(refusals: readonly NewRefusal[]): void
}

export interface RebirthsTo {
  /** QoS 0, not retained (tck-id-payloads-ncmd-qos, -retain). */
  publish(topic: string, payload: Buffer): void
  now(): number
  onAsk?(node: { tenant: string; node: string }): void
}

export function openRebirths({ publish, now, onAsk }: RebirthsTo): Rebirths {
  /** Who was asked longest ago stands first. */
  const asked = new Map<string, number>()
  const ask: Rebirths['ask'] = ({ tenant, node }) => {
    const topic = commandTopic(tenant, node)
    const at = now()
    const last = asked.get(topic)
    if (last !== undefined && at - last < bounds.rebirthEveryMs) return
    asked.delete(topic)
    asked.set(topic, at)
    for (const oldest of asked.keys()) {
      if (asked.size <= bounds.rebirthNodesMax) break
      asked.delete(oldest)
    }
    publish(topic, formatRebirth(at))
    onAsk?.({ tenant, node })
  }
  return {
    ask,
    refused: (refusals) => {
      for (const { code, tenant, topic } of refusals) {
        if (code !== 'reading/alias-only' || !isSparkplug(topic)) continue
        const address = parseSparkplugTopic(topic, tenant)
        if (address && isData(address.type)) ask({ tenant, node: address.node })
      }
    },
  }
}

/** Its time and `Node Control/Rebirth` = true. Commands have no seq (tck-id-payloads-ncmd-seq). */
export function formatRebirth(at: number): Buffer {
  const name = Buffer.from('Node Control/Rebirth')
  const time = varint(at)
  const metric = Buffer.concat([
    Buffer.from([1 * 8 + 2, name.length]),
    name,
    ...[Buffer.from([3 * 8]), time],
    Buffer.from([4 * 8, datatypes.boolean, 14 * 8, 1]),
  ])
  return Buffer.concat([
    Buffer.from([1 * 8]),
    time,
    Buffer.from([2 * 8 + 2, metric.length]),
    metric,
  ])
}

/** Of a time: beyond what the bit operators of JavaScript take. */
function varint(value: number): Buffer {
  const bytes: number[] = []
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Buffer.from([...bytes, rest])
    bytes.push((rest % 128) + 128)
  }
}

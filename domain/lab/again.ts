// What a device sent more than once in a lab session, and why: after an acknowledgement that it did
// not get, after a refusal, too early, or for no reason. Pure; counts and gives no points.
import { isKept, type LabRecord, type SeenEntry, type SeenPacket } from './lab.ts'

export interface Again {
  /** Event times of readings, as often as they came. */
  entries: number
  /** Came again although they had been acknowledged. */
  needless: number
  /** Came again under another number of the device's own: nobody can tell that they are one. */
  renumbered: number
  /** Came again with another value for the same channel and time. */
  rewritten: number
  /** Packets whose acknowledgement was withheld, by whether they came again; `undup` of the former
   * without DUP [MQTT-3.3.1-1]. */
  resent: number
  unsent: number
  undup: number
  /** Requests within the time of a Retry-After, and how early the earliest of them was. */
  early: number
  earlyMs: number
  /** Readings that were refused with a Retry-After, by whether they came again in the end. */
  accepted: number
  lost: number
}

/** An acknowledgement on its way when the connection ended may not have arrived. */
const ackMsMax = 5000

export function againOf(record: LabRecord): Again {
  return { ...countDoubles(record), ...countResent(record), ...countRetries(record) }
}

function countDoubles({ packets, closes }: LabRecord) {
  const counts = { entries: 0, needless: 0, renumbered: 0, rewritten: 0 }
  const before = new Map<string, { packet: SeenPacket; entry: SeenEntry; value: number }>()
  for (const packet of packets)
    for (const entry of packet.entries) {
      counts.entries++
      const known = entry.values.flatMap(([channel, value]) => {
        const key = `${entry.time} ${channel}`
        const last = before.get(key)
        before.set(key, { packet, entry, value })
        return last ? [{ ...last, changed: last.value !== value }] : []
      })
      if (known.length === 0) continue
      const [first] = known
      if (known.some(({ changed }) => changed)) counts.rewritten++
      if (isRenumbered(first!.entry, entry)) counts.renumbered++
      else if (known.some((each) => wasAcknowledged(each.packet, packet, closes))) counts.needless++
    }
  return counts
}

const isRenumbered = (one: SeenEntry, other: SeenEntry): boolean =>
  one.seq !== null && other.seq !== null && one.seq !== other.seq

/** As far as the device could know when it sent the second. */
function wasAcknowledged(
  first: SeenPacket,
  second: SeenPacket,
  closes: readonly number[],
): boolean {
  if (first === second) return true
  if (first.outcome !== 'kept') return false
  return !closes.some((at) => at >= first.at && at <= second.at && at - first.at <= ackMsMax)
}

function countResent({ packets, to }: LabRecord) {
  const counts = { resent: 0, unsent: 0, undup: 0 }
  packets.forEach((packet, index) => {
    if (packet.outcome !== 'withheld') return
    const again = packets.slice(index + 1).find((later) => sharesTime(packet, later))
    if (again === undefined) {
      // It gets a minute to come back.
      if (to - packet.at >= 60_000) counts.unsent++
      return
    }
    counts.resent++
    if (again.over === 'mqtt' && !again.dup) counts.undup++
  })
  return counts
}

const sharesTime = (one: SeenPacket, other: SeenPacket): boolean =>
  other.entries.some(({ time }) => one.entries.some((entry) => entry.time === time))

function countRetries({ packets, happened, to }: LabRecord) {
  const kept = new Set(
    packets.flatMap(({ outcome, entries }) =>
      isKept(outcome) ? entries.map(({ time }) => time) : [],
    ),
  )
  const counts = { early: 0, earlyMs: 0, accepted: 0, lost: 0 }
  for (const fault of happened) {
    if (fault.kind !== '429' && fault.kind !== '503') continue
    const met = packets.filter(
      ({ over, outcome, at }) =>
        over === 'http' && outcome === 'refused' && at >= fault.from && at <= fault.to,
    )
    // The first of them could not know.
    counts.early += Math.max(0, met.length - 1)
    if (met.length > 1) counts.earlyMs = Math.max(counts.earlyMs, fault.to - met[1]!.at)
    const times = new Set(met.flatMap(({ entries }) => entries.map(({ time }) => time)))
    const over = fault.to + 60_000 <= to
    for (const time of times) {
      if (kept.has(time)) counts.accepted++
      else if (over) counts.lost++
    }
  }
  return counts
}

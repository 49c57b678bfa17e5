// Which birth of Sparkplug B is in force at a place of the log: the newest before it, of the same
// node or device. Births are kept in the ledger before the step that met them ends, so a follower,
// wherever it begins, finds those before its place there and meets the others on its way: the same
// log gives the same readings for ever, in whatever batches. Decodes no data.
import { bounds } from '../../config.ts'
import {
  type BirthRow,
  type Born,
  dropBirths,
  insertBirths,
  readBirths,
} from '../../store/ledger/births.ts'
import type { LedgerView } from '../../store/ledger/ledger.ts'
import type { LoggedEnvelope } from '../../store/log.ts'
import { type Birth, formatBirth, openBirth } from '../sparkplug-births.ts'
import { isBirth, isSparkplug, parseSparkplugTopic } from '../sparkplug-topics.ts'

type Step = (envelopes: LoggedEnvelope[]) => Promise<void>

export interface Births {
  /** In force at an offset, for a step that `knowing` prepared. */
  at(of: Born, offset: number): Birth | undefined
  /**
   * The step, which finds all births that its envelopes need. `first`: the oldest offset that
   * anybody may still decode. Throws Unavailable when the ledger is.
   */
  knowing(step: Step, first: () => number): Step
}

/** One for all followers of a process. */
export function openBirths(ledger: LedgerView): Births {
  const memory = new Memory()
  let turn: Promise<unknown> = Promise.resolve()
  const prepare = async (packets: Packet[], first: () => number): Promise<Known[]> => {
    const needed = new Map<string, Known>()
    for (const { key, of } of packets)
      if (!needed.has(key)) needed.set(key, await memory.find(key, () => readBirths(ledger.db, of)))
    const found = newIn(packets, needed)
    if (found.length > 0) await keep(ledger, { found, needed, keepFrom: first() })
    for (const known of needed.values()) known.users++
    memory.letGo()
    return [...needed.values()]
  }
  return {
    at: (of, offset) => newestBefore(memory.births(keyOf(of)), offset)?.birth,
    knowing: (step, first) => async (envelopes) => {
      const packets = packetsIn(envelopes)
      if (packets.length === 0) return step(envelopes)
      // In turn: what one reads from the ledger must not hide what another keeps meanwhile.
      const mine = turn.then(() => prepare(packets, first))
      turn = mine.catch(() => undefined)
      const needed = await mine
      try {
        await step(envelopes)
      } finally {
        for (const known of needed) known.users--
      }
    },
  }
}

interface KeptBirth {
  offset: number
  metrics: string
  birth: Birth
}

/** Of one node or device, in the order of the log. */
interface Known {
  births: KeptBirth[]
  /** Steps under way that need it. */
  users: number
}

/** A packet of the step under way. */
interface Packet {
  key: string
  of: Born
  envelope: LoggedEnvelope
  isBirth: boolean
}

class Memory {
  /** Who was used last stands last. */
  readonly #known = new Map<string, Known>()

  births(key: string): readonly KeptBirth[] {
    return this.#known.get(key)?.births ?? []
  }

  async find(key: string, read: () => Promise<Omit<KeptBirth, 'birth'>[]>): Promise<Known> {
    const known = this.#known.get(key) ?? { births: (await read()).map(opened), users: 0 }
    this.#known.delete(key)
    this.#known.set(key, known)
    return known
  }

  /** Those that were silent longest are forgotten first, and none that a step needs. */
  letGo(): void {
    let metrics = 0
    for (const { births } of this.#known.values()) metrics += sizeOf(births)
    for (const [key, { births, users }] of this.#known) {
      if (metrics <= bounds.bornMetricsMax) return
      if (users > 0) continue
      metrics -= sizeOf(births)
      this.#known.delete(key)
    }
  }
}

const opened = (row: Omit<KeptBirth, 'birth'>): KeptBirth => ({
  ...row,
  birth: openBirth(row.metrics),
})

/** One without any metric takes room too. */
const sizeOf = (births: readonly KeptBirth[]): number =>
  births.reduce((sum, { birth }) => sum + birth.size, 1)

const keyOf = ({ tenant, node, device }: Born): string => `${tenant}/${node}/${device}`

function packetsIn(envelopes: readonly LoggedEnvelope[]): Packet[] {
  const packets: Packet[] = []
  for (const envelope of envelopes) {
    const { kind, topic, tenant } = envelope
    if (kind !== 'publish' || !isSparkplug(topic)) continue
    const address = parseSparkplugTopic(topic, tenant)
    if (!address) continue
    const of = { tenant, node: address.node, device: address.behind }
    packets.push({ key: keyOf(of), of, envelope, isBirth: isBirth(address.type) })
  }
  return packets
}

/** Of births that say what was said before nothing is kept: the one before stays in force. */
function newIn(packets: readonly Packet[], needed: ReadonlyMap<string, Known>): BirthRow[] {
  const found: BirthRow[] = []
  const said = new Map<string, BirthRow>()
  for (const { key, of, envelope, isBirth } of packets) {
    const { offset, body } = envelope
    const { births } = needed.get(key)!
    if (!isBirth || births.some((known) => known.offset === offset)) continue
    const metrics = formatBirth(body)
    // What is new follows, in the order of the log, upon what was known of the same.
    const [own, kept] = [said.get(key), newestBefore(births, offset)]
    const before = own && own.offset > (kept?.offset ?? -1) ? own : kept
    if (before?.metrics === metrics) continue
    const row = { ...of, offset, metrics }
    said.set(key, row)
    found.push(row)
  }
  return found
}

/** In the ledger, and then in memory. Those before what is in force at `keepFrom` go. */
async function keep(
  ledger: LedgerView,
  of: { found: BirthRow[]; needed: ReadonlyMap<string, Known>; keepFrom: number },
): Promise<void> {
  const { found, needed, keepFrom } = of
  const isNew = (row: BirthRow): boolean => needed.get(keyOf(row))!.births.length === 0
  const kept = await ledger.transact(async (db) => {
    const rows = await insertBirths(db, found, isNew)
    for (const [key, [row]] of Map.groupBy(rows, keyOf)) {
      const inForce = newestBefore(needed.get(key)!.births, keepFrom)
      if (inForce) await dropBirths(db, row!, inForce.offset)
    }
    return rows
  })
  for (const row of kept) {
    const known = needed.get(keyOf(row))!
    const births = [...known.births, opened(row)].sort((a, b) => a.offset - b.offset)
    const inForce = newestBefore(births, keepFrom)
    known.births = inForce ? births.slice(births.indexOf(inForce)) : births
  }
}

const newestBefore = <T extends { offset: number }>(
  births: readonly T[],
  offset: number,
): T | undefined => births.findLast((birth) => birth.offset < offset)

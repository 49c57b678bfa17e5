// Listens to what edge nodes of Sparkplug B publish to this broker, where the messages of a node
// pass in one order: births, deaths and gaps of seq become records in the ledger, and who speaks
// unborn or with a gap is asked for a rebirth. Changes no packet, refuses none, keeps no reading.
// What was not written when a process dies, or the ledger is away, is lost: it advises people.
import { bounds } from '../config.ts'
import { type EdgeSession, hearEdge } from '../domain/edge-session.ts'
import { type EdgeChange, keepEdgeChanges } from '../store/ledger/edge-sessions.ts'
import type { LedgerView } from '../store/ledger/ledger.ts'
import type { Envelope } from '../store/log.ts'
import { plainBody } from './inflate.ts'
import type { Rebirths } from './rebirths.ts'
import { decodePayload, readSeq } from './sparkplug.ts'
import { isBirth, parseSparkplugTopic, type SparkplugAddress } from './sparkplug-topics.ts'

export interface EdgeSessions {
  /** A packet of Sparkplug B that was kept. */
  heard(envelope: Envelope): void
  /** Writes what is new. */
  close(): Promise<void>
}

export interface EdgeSessionsTo {
  ledger: LedgerView
  rebirths: Pick<Rebirths, 'ask'>
}

export function openEdgeSessions({ ledger, rebirths }: EdgeSessionsTo): EdgeSessions {
  const sessions = new Map<string, EdgeSession>()
  const changes = new Map<string, EdgeChange>()
  let saving: Promise<void> = Promise.resolve()
  const save = (): Promise<void> => {
    const made = [...changes.values()]
    changes.clear()
    if (made.length === 0) return saving
    saving = saving
      .then(() => ledger.transact((db) => keepEdgeChanges(db, made)))
      .catch(() => undefined)
    return saving
  }
  const timer = setInterval(save, bounds.edgeSessionsSaveMs).unref()
  return {
    heard: (envelope) => {
      const { tenant, topic, recordTime } = envelope
      const address = parseSparkplugTopic(topic, tenant)
      if (!address || address.type.endsWith('CMD')) return
      const { node, behind, type } = address
      const key = `${tenant}/${node}`
      const { session, fault, died } = hearEdge(sessions.get(key), messageOf(envelope, address))
      sessions.delete(key)
      sessions.set(key, session)
      if (sessions.size > bounds.rebirthNodesMax) sessions.delete(sessions.keys().next().value!)
      if (fault) rebirths.ask({ tenant, node })
      const change = (device: string): EdgeChange => {
        const id = `${key}/${device}`
        const known = changes.get(id) ?? { tenant, node, device, gaps: 0 }
        changes.set(id, known)
        return known
      }
      if (isBirth(type)) change(behind).bornAt = recordTime
      if (died || type === 'DDEATH') change(behind).diedAt = recordTime
      if (fault === 'gap')
        Object.assign(change(''), { gapAt: recordTime, gaps: change('').gaps + 1 })
      if (changes.size >= bounds.edgeChangesMax) void save()
    },
    close: async () => {
      clearInterval(timer)
      await save()
    },
  }
}

function messageOf({ body }: Envelope, { type }: SparkplugAddress) {
  const plain = plainBody(body)
  if (!plain.ok) return { type }
  if (type !== 'NBIRTH' && type !== 'NDEATH') return { type, seq: readSeq(plain.value) }
  const payload = decodePayload(plain.value)
  if (!payload.ok) return { type }
  const { metrics, seq } = payload.value
  const bdSeq = metrics.find(({ name }) => name === 'bdSeq')?.value
  return { type, seq, bdSeq: typeof bdSeq === 'number' ? bdSeq : undefined }
}

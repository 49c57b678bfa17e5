// The session of an edge node of Sparkplug B: born, counted by `seq`, dead. Pure. It tells what is
// wrong with how a node speaks and judges nothing that it says (Sparkplug 3.0 §5, §6.4.5).
import type { HealthFinding } from './health.ts'

/** What is known of a node while its session lasts. */
export interface EdgeSession {
  born: boolean
  /** Of its newest message; undefined: none told one. */
  seq: number | undefined
  bdSeq: number | undefined
}

export interface EdgeMessage {
  type: string
  seq?: number | undefined
  /** Of NBIRTH and NDEATH. */
  bdSeq?: number | undefined
}

/**
 * unborn: it speaks and was not born since it was last known dead. gap: messages before this one
 * are missing. Both are mended by a rebirth.
 */
export type EdgeFault = 'unborn' | 'gap'

/** The session after a message, and what was wrong with it. */
export function hearEdge(
  known: EdgeSession | undefined,
  { type, seq, bdSeq }: EdgeMessage,
): { session: EdgeSession; fault?: EdgeFault; died?: true } {
  const before = known ?? { born: false, seq: undefined, bdSeq: undefined }
  // tck-id-payloads-nbirth-seq: whatever it begins with, it goes on from there.
  if (type === 'NBIRTH') return { session: { born: true, seq, bdSeq } }
  if (type === 'NDEATH') {
    // tck-id-payloads-ndeath-bdseq: the will of an older connection kills no newer session.
    const isOlder = bdSeq !== undefined && before.bdSeq !== undefined && bdSeq !== before.bdSeq
    if (isOlder) return { session: before }
    return { session: { ...before, born: false }, died: true }
  }
  const session = { ...before, seq: seq ?? before.seq }
  if (!before.born) return { session, fault: 'unborn' }
  // tck-id-payloads-sequence-num-incrementing: by one, and 0 after 255.
  const missed = seq !== undefined && before.seq !== undefined && seq !== (before.seq + 1) % 256
  return missed ? { session, fault: 'gap' } : { session }
}

/** What is kept of the sessions of a node, or of a device behind it. */
export interface EdgeRecord {
  node: string
  /** '': the node itself. */
  device: string
  bornAt: number | null
  diedAt: number | null
  /** Messages that came after a gap, of all time, and the newest. */
  gaps: number
  gapAt: number | null
}

/** Of one logger: the records of its device and of the nodes that it is, or is behind of. */
export function sessionFindings(
  records: readonly EdgeRecord[],
  window: { from: number; to: number },
): HealthFinding[] {
  const findings: HealthFinding[] = []
  for (const { node, device, bornAt, diedAt, gaps, gapAt } of records) {
    const about = { kind: 'connection', channel: '', severity: 'minor' } as const
    const dead = diedAt !== null && diedAt >= (bornAt ?? 0) && diedAt < window.to
    if (dead && device === '') {
      const detail = `edge node ${node} has been offline since (NDEATH), and was not born again`
      const told = { code: 'node-offline', figures: { node }, detail } as const
      findings.push({ ...about, from: diedAt, to: window.to, ...told })
    }
    if (dead && device !== '') {
      const detail = `edge node ${node} has not reached ${device} since (DDEATH)`
      const told = { code: 'device-offline', figures: { node, device }, detail } as const
      findings.push({ ...about, from: diedAt, to: window.to, ...told })
    }
    if (gapAt === null || gapAt < window.from || gapAt >= window.to) continue
    const detail = `messages of edge node ${node} were missing: ${gaps} gaps of seq so far`
    const told = { code: 'messages-missing', figures: { node, gaps }, detail } as const
    findings.push({ ...about, from: gapAt, to: gapAt, ...told })
  }
  return findings
}

// Findings of one subject become cases in the ledger: one for each incident, with an id that
// follows from whom it is about, the units concerned pinned by their hash, and a revision whenever
// what speaks for it changes. What a reviewer said stays said until there is new evidence.
import { createHash } from 'node:crypto'
import { type CaseKind, type Reviews, type Weighed, weigh } from '../../domain/case.ts'
import type { DetectorName, Finding, Inside } from '../../domain/suspicion.ts'
import { type SerialLeg, writeSerialSet } from '../../store/ledger/alerts.ts'
import {
  type CaseRow,
  type CaseVerdict,
  casesOf,
  readCaseVerdicts,
  writeCase,
  writeFindings,
} from '../../store/ledger/cases.ts'
import type { LedgerQuery } from '../../store/ledger/ledger.ts'

/** What a case says beside its columns. */
export interface CaseBody {
  serialCount: number
  /** SHA-256 of the EPCs, sorted by code unit, each ended by a line feed: as those of alerts. */
  serialSetHash: string
  /** Verdicts of reviewers that the weights come from. */
  weightsVersion: number
  /** One sentence each, the heaviest first. */
  summary: string
  evidence: {
    detector: DetectorName
    weight: number
    from: number
    to: number
    words: string
    serialCount: number | null
    facts: Finding['facts']
    rests: readonly string[]
  }[]
}

export interface CaseChange {
  tenant: string
  change: 'opened' | 'changed' | 'withdrawn'
  row: CaseRow<CaseBody>
}

/** What is found of a subject as of a time; `inside`: what ever was in it. */
export interface Found {
  subject: string
  findings: Finding[]
  inside: readonly Inside[]
  asOf: number
}

/** In a transaction: what is found of the subject now, and what follows for its cases. */
export async function writeCases(
  db: LedgerQuery,
  found: Found & { tenant: string },
): Promise<CaseChange[]> {
  const { tenant, subject, findings, asOf } = found
  await writeFindings(db, tenant, { subject, findings, at: asOf })
  const stood = (await casesOf(db, tenant, subject)) as CaseRow<CaseBody>[]
  if (findings.length === 0 && stood.length === 0) return []
  const verdicts = await readCaseVerdicts(db, tenant)
  const changes: CaseChange[] = []
  for (const { change, row, cause, serials } of nextCases(stood, { ...found, verdicts })) {
    if (serials) {
      const rows = serials.map((epc): SerialLeg => [epc, 0])
      await writeSerialSet(db, tenant, row.serialSet, rows)
    }
    await writeCase(db, tenant, { row, cause })
    changes.push({ tenant, change, row })
  }
  return changes
}

/** How a case of a subject changes. */
export interface Next {
  row: CaseRow<CaseBody>
  change: CaseChange['change']
  cause: string
  /** The units that it concerns now, sorted; a withdrawn case keeps those it had. */
  serials?: readonly string[]
}

/** What follows for the cases of a subject that stood, from what is found now. */
export function nextCases(
  stood: readonly CaseRow<CaseBody>[],
  of: Found & { verdicts: readonly CaseVerdict[] },
): Next[] {
  const { subject, findings, verdicts } = of
  const before = new Map(stood.map((row) => [row.id, row]))
  const weighed = new Map(
    weigh(findings, reviewsOf(verdicts)).map((each) => [idOf(subject, each.family), each]),
  )
  return [...new Set([...weighed.keys(), ...before.keys()])].flatMap((id) => {
    const now = weighed.get(id)
    const known = { id, before: before.get(id), version: verdicts.length }
    return (now ? stand(now, { ...of, ...known }) : withdrawn(known.before!, of.asOf)) ?? []
  })
}

/** The newest verdict of each case counts, once for each detector that spoke in it. */
export function reviewsOf(verdicts: readonly CaseVerdict[]): Reviews {
  const newest = new Map(verdicts.map((verdict) => [verdict.case, verdict]))
  const reviews: Reviews = {}
  for (const { verdict, detectors } of newest.values())
    for (const name of new Set(detectors) as Set<DetectorName>) {
      const counts = reviews[name] ?? { confirmed: 0, dismissed: 0 }
      counts[verdict]++
      reviews[name] = counts
    }
  return reviews
}

function stand(
  now: Weighed,
  of: Found & { id: string; before: CaseRow<CaseBody> | undefined; version: number },
): Next | undefined {
  const { id, subject, before, asOf } = of
  if (before && !now.opens && before.status === 'open') return withdrawn(before, asOf)
  if (!now.opens) return undefined
  const serials = serialsOf(now, of.inside)
  const { serialSet, serialSetHash } = pin(serials)
  const body = bodyOf(now, { serialCount: serials.length, serialSetHash, version: of.version })
  const known = new Set(before?.body.evidence.map(({ detector }) => detector))
  const isNew = now.evidence.some(({ detector }) => !known.has(detector))
  const reviewed = before?.status === 'confirmed' || before?.status === 'dismissed'
  const status = reviewed && !isNew ? before.status : 'open'
  const kind: CaseKind = now.kind
  if (before && before.status === status && before.kind === kind && sameAs(before, body))
    return undefined
  const row: CaseRow<CaseBody> = {
    ...{ id, subject, kind, status, openedAt: before?.openedAt ?? asOf, changedAt: asOf },
    ...{ from: now.from, to: now.to, logOdds: now.logOdds, serialSet, body },
    revision: (before?.revision ?? 0) + 1,
  }
  const cause = !before ? 'opened' : before.status === status ? 'evidence' : 'reopened'
  return { row, change: before ? 'changed' : 'opened', cause, serials }
}

function withdrawn(before: CaseRow<CaseBody>, asOf: number): Next | undefined {
  if (before.status !== 'open') return undefined
  const { revision } = before
  const row = { ...before, status: 'withdrawn' as const, changedAt: asOf, revision: revision + 1 }
  return { row, change: 'withdrawn', cause: 'evidence withdrawn' }
}

const sameAs = (before: CaseRow<CaseBody>, { weightsVersion: _, ...body }: CaseBody): boolean => {
  const { weightsVersion: __, ...stood } = before.body
  return JSON.stringify(stood) === JSON.stringify(body)
}

function bodyOf(
  { evidence }: Weighed,
  of: { serialCount: number; serialSetHash: string; version: number },
): CaseBody {
  const { serialCount, serialSetHash, version: weightsVersion } = of
  const shown = evidence.slice(0, evidenceMax)
  return {
    ...{ serialCount, serialSetHash, weightsVersion },
    summary: [...new Set(shown.slice(0, 3).map(({ finding }) => finding.words))].join(' '),
    evidence: shown.map(({ detector, weight, finding }) => ({
      ...{ detector, weight: Math.round(weight * 1000) / 1000 },
      ...{ from: finding.from, to: finding.to, words: finding.words },
      serialCount: finding.serials === 'inside' ? null : finding.serials.length,
      ...{ facts: finding.facts, rests: finding.rests },
    })),
  }
}

const evidenceMax = 50

/** Sorted by code unit. */
function serialsOf({ evidence }: Weighed, inside: readonly Inside[]): string[] {
  const all = new Set<string>()
  const whole = evidence.filter(({ finding }) => finding.serials === 'inside')
  for (const { finding } of evidence)
    if (finding.serials !== 'inside') for (const epc of finding.serials) all.add(epc)
  // Nobody says which: all that were in it then.
  if (all.size === 0)
    for (const { finding } of whole)
      for (const { epc, from, to } of inside)
        if (from <= finding.to && to >= finding.from) all.add(epc)
  return [...all].sort()
}

function pin(serials: readonly string[]): { serialSetHash: string; serialSet: string } {
  const text = serials.map((epc) => `${epc}\n`).join('')
  const serialSetHash = createHash('sha256').update(text).digest('hex')
  return { serialSetHash, serialSet: `case-${serialSetHash}` }
}

/** The same incident has the same id, whenever it is found. */
const idOf = (subject: string, family: string): string =>
  `case-${createHash('sha256').update(`${subject}\n${family}`).digest('hex').slice(0, 24)}`

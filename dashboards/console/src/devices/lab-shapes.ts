// What the API says of sessions of the lab, parsed at the edge. Pure; missing fields get a plain
// value.
import { numberOf, objectOf, parseTime, textOf } from '../shapes.ts'

type Json = Readonly<Record<string, unknown>>
const listOf = (value: unknown): Json[] => (Array.isArray(value) ? value.map(objectOf) : [])

export interface LabSession {
  id: string
  device: string
  state: string
  to: number | null
  score: number | null
  /** Packets, values, refusals, connections. */
  seen: number[]
  happened: { kind: string; from: number | null; to: number | null }[]
  checks: LabCheck[]
}

export interface LabCheck {
  check: string
  points: number | null
  of: number
  findings: { detail: string; remedy: string }[]
}

export function parseLabSession(value: unknown): LabSession {
  const json = objectOf(value)
  const seen = objectOf(json.seen)
  return {
    id: textOf(json.id),
    device: textOf(json.device),
    state: textOf(json.state),
    to: parseTime(json.to),
    score: numberOf(json.score),
    seen: [seen.packets, seen.values, seen.refusals, seen.connects].map(
      (count) => numberOf(count) ?? 0,
    ),
    happened: listOf(json.happened).map((each) => ({
      kind: textOf(each.kind),
      from: parseTime(each.from),
      to: parseTime(each.to),
    })),
    checks: listOf(json.checks).map((each) => ({
      check: textOf(each.check),
      points: numberOf(each.points),
      of: numberOf(each.of) ?? 0,
      findings: listOf(each.findings).map((finding) => ({
        detail: textOf(finding.detail),
        remedy: textOf(finding.remedy),
      })),
    })),
  }
}

export const parseLabSessions = (value: unknown): LabSession[] =>
  listOf(objectOf(value).items).map(parseLabSession)

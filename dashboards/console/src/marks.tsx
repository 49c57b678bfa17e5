// Shapes for severities, verdicts and states: each says by form and by word what it says by colour.
import type { Severity, Verdict } from './shapes.ts'
import { write } from './words/shell.ts'
import { language } from './words.ts'

const severityPaths: Readonly<Record<Severity, string>> = {
  critical: 'M8 .8 15.2 8 8 15.2.8 8Z',
  major: 'M8 1.5 15.5 14.5H.5Z',
  minor: 'M2 2H14V14H2Z',
  info: 'M8 1.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13Z',
}

export function SeverityMark({ severity }: { severity: Severity }) {
  return (
    <span class={`severity severity-${severity}`}>
      <svg viewBox="0 0 16 16" aria-hidden="true">
        <path d={severityPaths[severity]} />
      </svg>
      {write(`severity.${severity}`)}
    </span>
  )
}

const verdictPaths: Readonly<Record<Verdict, string>> = {
  out: 'M3.5 3.5 12.5 12.5M12.5 3.5 3.5 12.5',
  in: 'M2.5 8.5 6.5 12.5 13.5 4',
  indeterminate: 'M5 5.6a3 3 0 1 1 4.6 2.5C8.4 8.9 8 9.4 8 10.6M8 13v1.2',
}

export function VerdictMark({ verdict }: { verdict: Verdict }) {
  return (
    <span class={`verdict verdict-${verdict}`}>
      <svg viewBox="0 0 16 16" aria-hidden="true">
        <path d={verdictPaths[verdict]} />
      </svg>
      {write(`verdict.${verdict}`)}
    </span>
  )
}

/** Alert life other than open, as a word in a frame. */
export function StatusMark({ status }: { status: string }) {
  return <span class="status">{status}</span>
}

/** A failure and what to do about it; `exact`: what else the server said, in English. */
export function ProblemNote({ problem }: { problem: ToldProblem }) {
  const { message, remedy, exact = '' } = problem
  return (
    <div class="problem" role="alert">
      <strong>{message}</strong> {remedy} {exact && <Exact text={exact} />}
    </div>
  )
}

export interface ToldProblem {
  message: string
  remedy: string
  exact?: string
}

/** What the server said word for word, which is English (WCAG 2.2, 3.1.2). */
export function Exact({ text }: { text: string }) {
  return language.value === 'en' ? <span>{text}</span> : <q lang="en">{text}</q>
}

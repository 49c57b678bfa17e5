// Deciding on the units of an alert or a recall: parts, each with a decision and its units, beside
// what passports recommend. Proposes; the signature is on the page of the proposal.
import { useState } from 'preact/hooks'
import { type Problem, toProblem } from '../client.ts'
import { useLoad } from '../load.ts'
import { ProblemNote, staleOf } from '../marks.tsx'
import { useHeading } from '../navigation.tsx'
import type { PageProps } from '../pages.ts'
import * as d from '../quality/decode.ts'
import { PartForm } from '../quality/part-form.tsx'
import {
  type ChooseBy,
  countOf,
  isWhole,
  leftOf,
  namesMax,
  newPart,
  type PartDraft,
  partsAsked,
} from '../quality/parts.ts'
import '../quality/quality.css'
import { ReasonField } from '../quality/reason-field.tsx'
import { Recommendations } from '../quality/recommendations.tsx'
import { loadSubject, type Subject, type SubjectKind, subjectPath } from '../quality/subject.ts'
import { addressOf, goTo, place } from '../router.ts'
import { apiPath, read, tell } from '../server.ts'
import type { Verdict } from '../shapes.ts'
import { toast } from '../toasts.tsx'
import { writeDecide as write } from '../words/decide.ts'
import { writeQuality } from '../words/quality.ts'
import { write as writeShell } from '../words/shell.ts'

const partsMax = 20

export default function Decide({ params }: PageProps) {
  const id = params.id ?? ''
  const kind: SubjectKind = place.value.segments[0] === 'recalls' ? 'recall' : 'alert'
  const subject = useLoad(`subject ${kind} ${id}`, (signal) => loadSubject(kind, id, signal))
  // What stands now, looked at again with every change; the subject stays what was looked at.
  const now = useLoad(
    `subject now ${kind} ${id}`,
    async (signal) =>
      d.shape({ revision: d.number })(await read(subjectPath(kind, id), {}, signal)),
    ['alert.changed', 'alert.raised', 'capture.applied'],
  )
  const { value: seen } = subject
  useHeading(seen ? write(`about.${kind}`, { id: seen.title, revision: seen.revision }) : null)
  const stands = now.value?.revision ?? null
  return (
    <div class="page">
      {subject.problem && <ProblemNote problem={subject.problem} />}
      {!seen && !subject.problem && <p class="panel empty">{writeShell('loading')}</p>}
      {seen && stands !== null && stands > seen.revision && (
        <div class="problem" role="alert">
          <strong>{write('stale.title')}</strong> {write('stale.remedy', { revision: stands })}{' '}
          <button type="button" onClick={subject.reload}>
            {writeQuality('again')}
          </button>
        </div>
      )}
      {seen && <PartsForm key={seen.revision} subject={seen} onStale={subject.reload} />}
      {seen && kind === 'alert' && (
        <Recommendations path={apiPath('alerts', id, 'recommendations')} />
      )}
    </div>
  )
}

function PartsForm({ subject, onStale }: { subject: Subject; onStale(): void }) {
  const { kind, units, serialCount, containers } = subject
  // A part by verdict names its units: of a set that was not read whole it would leave some out.
  const byVerdict = kind === 'alert' && units.length >= serialCount
  const ways: ChooseBy[] = [
    ...(byVerdict ? ['verdict' as const] : []),
    'containers',
    'list',
    'rest',
  ]
  const [parts, setParts] = useState<PartDraft[]>([newPart(byVerdict ? 'verdict' : 'rest')])
  const [reason, setReason] = useState('')
  const { busy, problem, propose } = useProposal(subject)
  const left = leftOf(parts, { units, total: serialCount })
  return (
    <form
      class="panel"
      aria-labelledby="parts-title"
      onSubmit={(event) => {
        event.preventDefault()
        void propose(parts, reason)
      }}
    >
      <header>
        <h2 id="parts-title">{write('question')}</h2>
        <span class="count number">{writeQuality('units', { count: serialCount })}</span>
      </header>
      <div class="stack padded">
        {kind === 'alert' && !byVerdict && (
          <p class="hint">{write('verdict.tooMany', { count: units.length })}</p>
        )}
        {parts.map((part, index) => (
          <PartForm
            key={`part ${index}`}
            part={part}
            number={index + 1}
            count={countOf(part, { units, total: serialCount, parts })}
            ways={ways}
            verdictCounts={verdictCountsOf(units)}
            containers={containers}
            onChange={(next) => setParts(parts.with(index, next))}
            onRemove={parts.length > 1 ? () => setParts(parts.toSpliced(index, 1)) : undefined}
          />
        ))}
        {parts.length < partsMax && (
          <button
            type="button"
            class="start"
            onClick={() => setParts([...parts, newPart(nextWay(parts))])}
          >
            {write('part.add')}
          </button>
        )}
        {left !== null && left > 0 && <p class="warning">{write('left', { count: left })}</p>}
        <ReasonField id="decide-reason" value={reason} onChange={setReason} />
        {problem && <ProposeProblem problem={problem} onStale={onStale} />}
        <div class="actions actions-start">
          <button type="submit" class="primary" disabled={busy || !isWhole(parts, reason)}>
            {write('propose')}
          </button>
          <span class="hint">
            {isWhole(parts, reason) ? write('propose.hint') : write('propose.needs')}
          </span>
        </div>
      </div>
    </form>
  )
}

/** Sends parts; goes to the page of the proposal when it was taken. */
function useProposal(subject: Subject) {
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem | null>(null)
  const propose = async (parts: readonly PartDraft[], reason: string): Promise<void> => {
    const { kind, id, revision, serialSetHash, units } = subject
    const asked = partsAsked(parts, units)
    if (asked === 'too-many') {
      toast(write('tooMany', { count: namesMax }), 'wrong')
      return
    }
    setBusy(true)
    setProblem(null)
    try {
      const about = { [kind]: id, revision, serialSetHash }
      const body = { about, parts: asked, reason: reason.trim() }
      const made = d.shape({ id: d.text })(await tell('POST', apiPath('dispositions'), body))
      goTo(addressOf(['dispositions', made.id]))
    } catch (error) {
      setProblem(toProblem(error))
      setBusy(false)
    }
  }
  return { busy, problem, propose }
}

function ProposeProblem({ problem, onStale }: { problem: Problem; onStale(): void }) {
  if (problem.status !== 409) return <ProblemNote problem={problem} />
  return (
    <div class="stack">
      <ProblemNote problem={staleOf(problem, write('changed'))} />
      <button type="button" class="start" onClick={onStale}>
        {writeQuality('again')}
      </button>
    </div>
  )
}

/** One part takes the rest; after it others are named. */
const nextWay = (parts: readonly PartDraft[]): ChooseBy =>
  parts.some(({ by }) => by === 'rest') ? 'containers' : 'rest'

function verdictCountsOf(units: Subject['units']): Record<Verdict, number> {
  const counts: Record<Verdict, number> = { in: 0, out: 0, indeterminate: 0 }
  for (const { verdict } of units) counts[verdict]++
  return counts
}

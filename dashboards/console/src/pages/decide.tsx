// Deciding on the units of an alert or a recall: parts, each with a decision and its units, beside
// what passports recommend. Proposes; the signature is on the page of the proposal.
import { useState } from 'preact/hooks'
import { type Problem, toProblem } from '../client.ts'
import { type Loaded, useLoad } from '../load.ts'
import { ProblemNote } from '../marks.tsx'
import { useHeading } from '../navigation.tsx'
import type { PageProps } from '../pages.ts'
import * as d from '../quality/decode.ts'
import { PartForm } from '../quality/part-form.tsx'
import {
  type ChooseBy,
  countOf,
  isByVerdict,
  isWhole,
  leftOf,
  namesMax,
  newPart,
  type PartDraft,
  partsAsked,
} from '../quality/parts.ts'
import '../quality/quality.css'
import { countsAnew } from '../quality/changed-since.ts'
import { ReasonField } from '../quality/reason-field.tsx'
import { Recommendations } from '../quality/recommendations.tsx'
import { staleOf } from '../quality/stale.ts'
import {
  loadRecommended,
  loadSubject,
  type RecommendedCounts,
  type Subject,
  type SubjectKind,
  subjectPath,
} from '../quality/subject.ts'
import { addressOf, goTo, place } from '../router.ts'
import { apiPath, read, tell } from '../server.ts'
import { toast } from '../toasts.tsx'
import { writeDecide as write } from '../words/decide.ts'
import { writeQuality } from '../words/quality.ts'
import { write as writeShell } from '../words/shell.ts'
import { writeStale } from '../words/stale.ts'

const partsMax = 20

type RecommendedSeen = RecommendedCounts['recommended']

export default function Decide({ params }: PageProps) {
  const id = params.id ?? ''
  const kind: SubjectKind = place.value.segments[0] === 'recalls' ? 'recall' : 'alert'
  const subject = useLoad(`subject ${kind} ${id}`, (signal) => loadSubject(kind, id, signal))
  // Not with the rest of the page: of a large set it takes seconds.
  const recommended = useLoad(`recommended ${kind} ${id}`, (signal) =>
    loadRecommended(kind, id, signal),
  )
  // What stands now, looked at again with every change; the subject stays what was looked at.
  const now = useLoad(
    `subject now ${kind} ${id}`,
    async (signal) =>
      d.shape({ revision: d.number })(await read(subjectPath(kind, id), {}, signal)),
    ['alert.changed', 'alert.raised', 'capture.applied'],
  )
  // What was counted when something had changed since, and how often that was.
  const [before, setBefore] = useState<RecommendedSeen | null>(null)
  const [round, setRound] = useState(0)
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
      {seen && (
        <PartsForm
          key={seen.revision}
          subject={seen}
          recommended={recommended}
          before={before}
          onStale={() => {
            setBefore(recommended.value?.recommended ?? null)
            setRound(round + 1)
            subject.reload()
            recommended.reload()
          }}
        />
      )}
      {seen && kind === 'alert' && (
        <Recommendations key={round} path={apiPath('alerts', id, 'recommendations')} />
      )}
    </div>
  )
}

const ways: readonly ChooseBy[] = ['verdict', 'containers', 'list', 'rest']

interface PartsFormProps {
  subject: Subject
  recommended: Loaded<RecommendedCounts>
  /** What was counted before the page was looked at again. */
  before: RecommendedSeen | null
  onStale(): void
}

function PartsForm({ subject, recommended, before, onStale }: PartsFormProps) {
  const { serialCount, containers } = subject
  // Of another revision they are not what this page shows.
  const isSame = recommended.value?.serialSetHash === subject.serialSetHash
  const counts = isSame ? (recommended.value?.recommended ?? null) : null
  const [parts, setParts] = useState<PartDraft[]>([newPart('verdict')])
  const [reason, setReason] = useState('')
  const { busy, problem, propose, forget } = useProposal(subject, counts)
  const lookAgain = (): void => {
    forget()
    onStale()
  }
  const of = { counts, total: serialCount }
  const left = leftOf(parts, of)
  const isCounted = counts !== null && !recommended.busy
  const isReady = isWhole(parts, reason) && (isCounted || !isByVerdict(parts))
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
        {recommended.problem && (
          <ProblemNote
            problem={{ message: write('verdict.cannot'), remedy: recommended.problem.message }}
          />
        )}
        {counts && counts.none > 0 && isByVerdict(parts) && (
          <p class="hint">{write('verdict.none', { count: counts.none })}</p>
        )}
        {isCounted && <Anew before={before} now={counts} />}
        {parts.map((part, index) => (
          <PartForm
            key={`part ${index}`}
            part={part}
            number={index + 1}
            count={countOf(part, { ...of, parts })}
            ways={ways}
            verdictCounts={counts}
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
        {problem && <ProposeProblem problem={problem} onStale={lookAgain} />}
        <Propose busy={busy} isReady={isReady} />
      </div>
    </form>
  )
}

function Propose({ busy, isReady }: { busy: boolean; isReady: boolean }) {
  return (
    <div class="actions actions-start">
      <button type="submit" class="primary" disabled={busy || !isReady}>
        {write('propose')}
      </button>
      <span class="hint">{isReady ? write('propose.hint') : write('propose.needs')}</span>
    </div>
  )
}

/** What passports recommend by now, where that is not what was counted before. */
function Anew({ before, now }: { before: RecommendedSeen | null; now: RecommendedSeen }) {
  const changes = before ? countsAnew(before, now) : ''
  return changes && <p class="warning">{writeStale('recommended', { changes })}</p>
}

/** Sends parts; goes to the page of the proposal when it was taken. */
function useProposal(subject: Subject, recommended: RecommendedSeen | null) {
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem | null>(null)
  const propose = async (parts: readonly PartDraft[], reason: string): Promise<void> => {
    const { kind, id, revision, serialSetHash } = subject
    const asked = partsAsked(parts)
    if (asked === 'too-many') {
      toast(write('tooMany', { count: namesMax }), 'wrong')
      return
    }
    setBusy(true)
    setProblem(null)
    try {
      const seen = isByVerdict(parts) && { recommended }
      const about = { [kind]: id, revision, serialSetHash, ...seen }
      const body = { about, parts: asked, reason: reason.trim() }
      const made = d.shape({ id: d.text })(await tell('POST', apiPath('dispositions'), body))
      goTo(addressOf(['dispositions', made.id]))
    } catch (error) {
      setProblem(toProblem(error))
      setBusy(false)
    }
  }
  return { busy, problem, propose, forget: () => setProblem(null) }
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

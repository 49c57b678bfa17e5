// The page of one case: how likely it is and why, where and when, which units, and the verdict of
// the person who looked at it.
import { useState } from 'preact/hooks'
import { type Problem, toProblem } from '../client.ts'
import { useLoad } from '../load.ts'
import { ProblemNote, StatusMark } from '../marks.tsx'
import { useHeading } from '../navigation.tsx'
import type { PageProps } from '../pages.ts'
import { EvidenceList, Timeline } from '../quality/case-evidence.tsx'
import { CaseMap } from '../quality/case-map.tsx'
import { heaviestFirst, type WholeCase, wholeCase } from '../quality/case-shapes.ts'
import '../quality/case.css'
import { CaseUnits } from '../quality/case-units.tsx'
import { summaryOfEvidence } from '../quality/evidence-sentence.ts'
import { causeText, chanceText } from '../quality/figures.ts'
import { mayDecide, mayInvestigate } from '../quality/may.ts'
import { nameOf, usePeople } from '../quality/people.ts'
import '../quality/quality.css'
import { ReasonField } from '../quality/reason-field.tsx'
import { staleOf } from '../quality/stale.ts'
import { addressOf } from '../router.ts'
import * as say from '../say.ts'
import { apiPath, read, tell } from '../server.ts'
import { toast } from '../toasts.tsx'
import { writeAlertPage } from '../words/alert-page.ts'
import { writeCases as write } from '../words/cases.ts'
import { writeQuality } from '../words/quality.ts'
import { write as writeShell } from '../words/shell.ts'

export default function CasePage({ params }: PageProps) {
  const id = params.id ?? ''
  const { value, problem, reload } = useLoad(
    `case ${id}`,
    async (signal) => wholeCase(await read(apiPath('cases', id), {}, signal)),
    ['case.changed', 'case.opened'],
  )
  usePeople()
  useHeading(value ? `${write(`kind.${value.kind}`)}: ${say.key(value.subject)}` : null)
  if (!value)
    return (
      <div class="page">
        {problem ? (
          <ProblemNote problem={problem} />
        ) : (
          <p class="panel empty">{writeShell('loading')}</p>
        )}
      </div>
    )
  return (
    <div class="page case-page">
      <div class="page-main">
        <Head of={value} />
        <EvidenceList evidence={value.evidence} />
        <CaseMap of={value} />
        <Timeline of={value} />
      </div>
      <div class="page-side">
        {mayDecide() && value.status !== 'withdrawn' && (
          <VerdictForm key={value.revision} of={value} onDone={reload} />
        )}
        <Verdicts of={value} />
        <CaseUnits of={value} />
        <Revisions of={value} />
      </div>
    </div>
  )
}

function Head({ of }: { of: WholeCase }) {
  const { id, kind, status, subject, summary, probability, logOdds, from, to, serialSetHash } = of
  return (
    <section class="panel" aria-labelledby="case-title">
      <header>
        <h2 id="case-title">{write(`kind.${kind}`)}</h2>
        <StatusMark status={write(`status.${status}`)} />
        <span class="count">{write('accuses')}</span>
      </header>
      <p class="case-summary">{summaryOfEvidence(heaviestFirst(of.evidence)) || summary}</p>
      {mayInvestigate() && (
        <div class="actions actions-start">
          <a class="button" href={addressOf(['investigations'], { case: id })}>
            {writeAlertPage('investigate')}
          </a>
        </div>
      )}
      <dl class="pairs">
        <dt>{write('probability')}</dt>
        <dd class="number">
          <b>{chanceText(probability)}</b>{' '}
          <span class="group-note">{write('odds', { value: say.decimal(logOdds, 1) })}</span>
        </dd>
        <dt>{write('subject')}</dt>
        <dd>
          {/^https?:/.test(subject) ? (
            <a href={addressOf(['units', subject])}>{say.key(subject)}</a>
          ) : (
            subject
          )}
        </dd>
        <dt>{write('when')}</dt>
        <dd class="number">{from === null ? '–' : say.span(from, to)}</dd>
        <dt>{write('hash')}</dt>
        <dd>
          <code class="hash">{serialSetHash || '–'}</code>
        </dd>
      </dl>
    </section>
  )
}

function VerdictForm({ of: { id, revision }, onDone }: { of: WholeCase; onDone(): void }) {
  const [verdict, setVerdict] = useState<'confirmed' | 'dismissed' | null>(null)
  const [reason, setReason] = useState('')
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem | null>(null)
  const send = async (): Promise<void> => {
    setBusy(true)
    setProblem(null)
    try {
      const body = { verdict, reason: reason.trim(), revision }
      await tell('POST', apiPath('cases', id, 'verdict'), body)
      toast(write('verdict.done'))
      onDone()
    } catch (error) {
      setProblem(toProblem(error))
    }
    setBusy(false)
  }
  const stale = problem?.status === 409
  return (
    <form
      class="panel"
      aria-labelledby="verdict-title"
      onSubmit={(event) => {
        event.preventDefault()
        void send()
      }}
    >
      <header>
        <h2 id="verdict-title">{write('verdict')}</h2>
      </header>
      <div class="stack padded">
        <fieldset class="choices">
          <legend class="hidden">{write('verdict')}</legend>
          {(['confirmed', 'dismissed'] as const).map((one) => (
            <label key={one} class="check">
              <input
                type="radio"
                name="verdict"
                checked={verdict === one}
                onChange={() => setVerdict(one)}
              />
              {write(`verdict.${one}`)}
            </label>
          ))}
        </fieldset>
        <ReasonField id="verdict-reason" value={reason} onChange={setReason} />
        {problem && (
          <ProblemNote problem={stale ? staleOf(problem, write('verdict.stale')) : problem} />
        )}
        {stale && (
          <button type="button" class="start" onClick={onDone}>
            {writeQuality('again')}
          </button>
        )}
        <button
          type="submit"
          class="primary start"
          disabled={busy || verdict === null || reason.trim().length < 3}
        >
          {write('verdict.do')}
        </button>
        <p class="hint">{write('verdict.hint')}</p>
      </div>
    </form>
  )
}

function Verdicts({ of: { verdicts } }: { of: WholeCase }) {
  return (
    <section class="panel" aria-labelledby="verdicts-title">
      <header>
        <h2 id="verdicts-title">{write('verdicts')}</h2>
      </header>
      {verdicts.length === 0 && <p class="empty">{write('verdicts.none')}</p>}
      <ol class="rows">
        {verdicts.map(({ verdict, reason, at, by }) => (
          <li key={at}>
            <b>{write(`verdict.${verdict}`)}</b>
            <p class="entry-text">{reason}</p>
            <p class="group-note number">
              {writeQuality('by', { name: nameOf(by), time: say.time(at) })}
            </p>
          </li>
        ))}
      </ol>
    </section>
  )
}

function Revisions({ of: { revisions } }: { of: WholeCase }) {
  return (
    <section class="panel" aria-labelledby="case-revisions">
      <header>
        <h2 id="case-revisions">{write('revisions')}</h2>
      </header>
      <ul class="rows number">
        {revisions.toReversed().map(({ revision, recordTime, cause }) => (
          <li key={revision}>
            {write('revision', { revision, time: say.time(recordTime), cause: causeText(cause) })}
          </li>
        ))}
      </ul>
    </section>
  )
}

// The page of one disposition: the record as it will be signed, its signature, which units to take
// out of which containers, and the EPCIS events that came of it.
import { useState } from 'preact/hooks'
import { useLoad } from '../load.ts'
import { Exact, ProblemNote, StatusMark } from '../marks.tsx'
import { useHeading } from '../navigation.tsx'
import type { PageProps } from '../pages.ts'
import { partsOf } from '../quality/disposition-list.tsx'
import { mayDecide } from '../quality/may.ts'
import { nameOf, usePeople } from '../quality/people.ts'
import { PickList } from '../quality/pick-list.tsx'
import '../quality/quality.css'
import { exactOf, recommendedAnew } from '../quality/changed-since.ts'
import { wordText } from '../quality/figures.ts'
import { Recommendations } from '../quality/recommendations.tsx'
import { type Disposition, disposition } from '../quality/shapes.ts'
import { type Meaning, SignDialog } from '../quality/sign-dialog.tsx'
import { SignatureOf } from '../quality/signature.tsx'
import { subjectPage } from '../quality/subject.ts'
import { ReportButton } from '../report-button.tsx'
import { addressOf } from '../router.ts'
import * as say from '../say.ts'
import { apiPath, read } from '../server.ts'
import { writeDecide as write } from '../words/decide.ts'
import { writeQuality } from '../words/quality.ts'
import { remedyOfCode } from '../words/refusals.ts'
import { write as writeShell } from '../words/shell.ts'
import { writeStale } from '../words/stale.ts'

const changes = [
  ...['disposition.changed', 'alert.changed', 'capture.applied'],
  // What passports recommend follows them.
  ...['alert.raised', 'changed:devices', 'changed:budget-corrections', 'changed:products'],
]

export default function DispositionPage({ params }: PageProps) {
  const id = params.id ?? ''
  const path = apiPath('dispositions', id)
  const { value, problem, reload } = useLoad(
    `disposition ${id}`,
    async (signal) => disposition(await read(path, {}, signal)),
    changes,
  )
  const [signing, setSigning] = useState<Meaning | null>(null)
  usePeople()
  useHeading(value ? partsOf(value) : null)
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
  const { state, about, stale, recordHash, parts } = value
  return (
    <div class="page">
      {problem && <ProblemNote problem={problem} />}
      {stale.length > 0 && <Stale stale={stale} />}
      <Record of={value} />
      <SignatureOf signature={value.signature} hash={value.signatureHash}>
        {state === 'proposed' && mayDecide() && (
          <>
            {stale.length === 0 ? (
              <button type="button" class="primary" onClick={() => setSigning('approval')}>
                {writeQuality('sign')}
              </button>
            ) : (
              about.kind !== 'list' &&
              about.id !== null && (
                <a
                  class="button primary"
                  href={addressOf([...subjectPage(about.kind, about.id), 'decide'])}
                >
                  {writeStale('again')}
                </a>
              )
            )}
            <button type="button" onClick={() => setSigning('rejection')}>
              {writeStale('decline')}
            </button>
          </>
        )}
      </SignatureOf>
      {state === 'signed' && <Captures of={value} />}
      {state === 'signed' && (
        <PickList id={id} decisions={[...new Set(parts.map(({ decision }) => decision))]} />
      )}
      <div class="no-print">
        <Recommendations key={state} path={`${path}/units`} saved />
      </div>
      {signing && (
        <SignDialog
          {...(signing === 'rejection' && {
            ...{ title: writeStale('decline.title'), meanings: ['rejection'] as const },
          })}
          path={`${path}/signature`}
          recordHash={recordHash}
          summary={partsOf(value)}
          extra={about.revision === null ? {} : { revision: about.revision }}
          ended={endOf(value, signing)}
          onClose={() => setSigning(null)}
          onSigned={reload}
          onStale={() => {
            setSigning(null)
            reload()
          }}
        />
      )}
    </div>
  )
}

function Stale({ stale }: Pick<Disposition, 'stale'>) {
  const [anew, exact] = [recommendedAnew(stale), exactOf(stale)]
  return (
    <div class="problem" role="alert">
      <strong>{write('stale')}</strong> {remedyOfCode(stale.map(({ code }) => code))}{' '}
      {anew && `${anew}. `}
      {exact && <Exact text={exact} />} {write('stale.next')}
    </div>
  )
}

/** Why it can no longer be signed so, as this page knows it; null as long as it can. */
function endOf({ state, signature, stale }: Disposition, meaning: Meaning): string | null {
  if (state !== 'proposed') {
    const { printedName = '', signedAt = null } = signature ?? {}
    return write(`ended.${state}`, { name: printedName, time: say.time(signedAt) })
  }
  if (stale.length === 0 || meaning === 'rejection') return null
  return [remedyOfCode(stale.map(({ code }) => code)), write('stale.next')].join(' ')
}

function Record({ of }: { of: Disposition }) {
  const { about, state, parts, left, control, reason, proposedBy, proposedAt, recordHash } = of
  const { kind, id, revision } = about
  return (
    <section class="panel" aria-labelledby="record-title">
      <header>
        <h2 id="record-title">{write('record')}</h2>
        <StatusMark status={write(`state.${state}`)} />
        {kind !== 'list' && id !== null && (
          <a href={addressOf(subjectPage(kind, id))}>
            {write(`about.${kind}`, { id, revision: revision ?? 1 })}
          </a>
        )}
        <span class="count">
          <ReportButton of="dispositions" id={of.id} />
        </span>
      </header>
      <div class="records">
        <table>
          <thead>
            <tr>
              <th scope="col">{write('decision.of')}</th>
              <th scope="col" class="right">
                {write('record.units')}
              </th>
              <th scope="col">{write('record.word')}</th>
            </tr>
          </thead>
          <tbody>
            {parts.map((part) => (
              <tr key={part.serialSetHash}>
                <th scope="row">
                  {writeQuality(`decision.${part.decision}`)}
                  {part.verdict && (
                    <p class="group-note">
                      {write('record.verdict', { verdict: writeShell(`verdict.${part.verdict}`) })}
                    </p>
                  )}
                </th>
                <td class="number right" data-name={write('record.units')}>
                  {say.count(part.count)}
                </td>
                <td>
                  {wordText(part.disposition)} <code>{part.disposition}</code>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {left > 0 && <p class="warning">{write('left', { count: left })}</p>}
      <dl class="pairs">
        <dt>{write('record.reason')}</dt>
        <dd>{reason}</dd>
        <dt>{write('record.proposed')}</dt>
        <dd class="number">{`${nameOf(proposedBy)}, ${say.time(proposedAt)}`}</dd>
        <dt>{write('record.control')}</dt>
        <dd>{write(`control.${control}`)}</dd>
        <dt>{write('record.hash')}</dt>
        <dd>
          <code class="hash">{recordHash}</code>
        </dd>
      </dl>
    </section>
  )
}

function Captures({ of: { captures } }: { of: Disposition }) {
  return (
    <section class="panel no-print" aria-labelledby="captures-title">
      <header>
        <h2 id="captures-title">{write('events')}</h2>
      </header>
      <ul class="rows">
        {captures.map(({ id, events, keptAt }) => (
          <li key={id} class="number">
            {keptAt === null
              ? write('events.waiting')
              : write('events.of', { count: events, time: say.time(keptAt) })}
          </li>
        ))}
      </ul>
    </section>
  )
}

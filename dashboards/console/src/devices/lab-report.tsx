// The report of a session of the lab: points, a sentence and a remedy for each check; to print.
import { useEffect } from 'preact/hooks'
import { Fact } from '../fact.tsx'
import { formatClock } from '../format.ts'
import { useLoad } from '../load.ts'
import { ProblemNote } from '../marks.tsx'
import * as say from '../say.ts'
import { apiPath, read, tell } from '../server.ts'
import { zone } from '../session.ts'
import { figures } from '../words/figures.ts'
import { write } from '../words/lab.ts'
import { language, writeIn } from '../words.ts'
import { faultKinds } from './lab-form.tsx'
import { type LabCheck, type LabSession, parseLabSession } from './lab-shapes.ts'

const againMs = 5000

export function LabReport({ id, onStopped }: { id: string; onStopped(): void }) {
  const path = apiPath('conformance', id)
  const { value, problem, reload } = useLoad(`lab ${id} ${language.value}`, async (signal) =>
    parseLabSession(await read(path, { language: language.value }, signal)),
  )
  const isRunning = value?.state === 'running'
  useEffect(() => {
    if (!isRunning) return
    const timer = setInterval(reload, againMs)
    return () => clearInterval(timer)
  }, [isRunning, reload])
  if (!value) return problem ? <ProblemNote problem={problem} /> : null
  const stop = (): void => {
    tell('DELETE', path).then(() => {
      reload()
      onStopped()
    }, reload)
  }
  return (
    <section class="panel facts" aria-label={write('lab.report', { device: value.device })}>
      <header>
        <h2>{write('lab.report', { device: value.device })}</h2>
      </header>
      {problem && <ProblemNote problem={problem} />}
      <Summary session={value} />
      <ol class="told" aria-label={write('lab.checks')}>
        {value.checks.map((check) => (
          <Judged key={check.check} check={check} />
        ))}
      </ol>
      <div class="actions actions-start">
        {isRunning && (
          <button type="button" onClick={stop}>
            {write('lab.stop')}
          </button>
        )}
        <button type="button" onClick={() => print()}>
          {write('lab.print')}
        </button>
      </div>
    </section>
  )
}

function Summary({ session }: { session: LabSession }) {
  const { score, seen, happened } = session
  const met = happened.map(({ kind, from, to }) => `${faultName(kind)} ${spanOf(from, to)}`)
  return (
    <dl>
      <Fact name={write('lab.score')} value={score === null ? '–' : say.count(score)} strong />
      <Fact name={write('lab.state')} value={stateOf(session)} />
      <Fact name={write('lab.seen')} value={seen.map(say.count).join(' · ')} />
      <Fact
        name={write('lab.faults')}
        value={met.length === 0 ? write('lab.noFaults') : met.join(' · ')}
        wide
      />
    </dl>
  )
}

function Judged({ check: { check, points, of, findings } }: { check: LabCheck }) {
  const got = points === null ? write('lab.unjudged') : `${points} / ${of}`
  return (
    <li>
      <strong>
        {checkName(check)}: <span class="number">{got}</span>
      </strong>
      {findings.map(({ detail, remedy }, index) => (
        <span key={index}>
          {detail} {remedy !== '' && `→ ${remedy}`}
        </span>
      ))}
    </li>
  )
}

const states = ['running', 'ended', 'stopped', 'full', 'lost'] as const

/** Until when, or since when. */
export function stateOf({ state, to }: LabSession): string {
  const known = states.find((each) => each === state)
  return known ? write(`lab.${known}`, { time: say.time(to) }) : state
}

/** To the second: a fault may last no longer. The day is that of the session. */
function spanOf(from: number | null, to: number | null): string {
  if (from === null) return ''
  const start = formatClock(from, zone.value)
  return to === null
    ? writeIn(figures, language.value, 'span.ongoing', { start })
    : writeIn(figures, language.value, 'span.closed', { start, end: formatClock(to, zone.value) })
}

/** A fault or check of a newer server has no name here. */
function faultName(kind: string): string {
  const known = faultKinds.find((each) => each === kind)
  return known ? write(`lab.${known}`) : kind
}

const checks = [
  ...(['schema', 'units', 'timing', 'clock', 'duplicates'] as const),
  ...(['order', 'buffering', 'reconnect', 'resend', 'retry'] as const),
]

function checkName(check: string): string {
  const known = checks.find((each) => each === check)
  return known ? write(`lab.${known}`) : check
}

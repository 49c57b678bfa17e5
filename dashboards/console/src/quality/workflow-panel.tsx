// What people did with an alert, the newest last, and the steps that may come next. The server says
// which ones these are.

import { useState } from 'preact/hooks'
import { StatusMark } from '../marks.tsx'
import * as say from '../say.ts'
import { writeAlertPage } from '../words/alert-page.ts'
import { writeInbox as write } from '../words/inbox.ts'
import { writeQuality } from '../words/quality.ts'
import { entryText } from './entry-text.ts'
import { mayStep } from './may.ts'
import { usePageKeys } from './page-keys.ts'
import { addressOfAlert, nameOf, usePeople } from './people.ts'
import { type Entry, type LifeState, lifeStates, type Workflow } from './shapes.ts'
import { type Step, StepDialog } from './step-dialog.tsx'

export interface WorkflowPanelProps {
  workflow: Workflow
  onDone(): void
}

export function WorkflowPanel({ workflow, onDone }: WorkflowPanelProps) {
  const [step, setStep] = useState<Step | null>(null)
  usePeople()
  const { alert, state, assignee, entries, maySteps, members, supersededBy } = workflow
  const steps = maySteps.map(stepTo).filter((to) => to !== null)
  const may = mayStep()
  usePageKeys({
    a: may && maySteps.includes('acknowledged') ? () => setStep(stepTo('acknowledged')) : undefined,
    c: may ? () => setStep('comment') : undefined,
  })
  return (
    <section class="panel workflow" aria-labelledby="workflow-title">
      <header>
        <h2 id="workflow-title">{write('workflow')}</h2>
        <StatusMark status={writeQuality(`state.${state}`)} />
        <span class="count">
          {write('workflow.assignee')}:{' '}
          {assignee === null ? writeQuality('nobody') : nameOf(assignee)}
        </span>
      </header>
      <Warnings workflow={workflow} />
      {entries.length === 0 ? (
        <p class="empty">{write('workflow.none')}</p>
      ) : (
        <ol class="entries">
          {entries.map((entry) => (
            <EntryRow key={`${entry.alert} ${entry.number}`} entry={entry} />
          ))}
        </ol>
      )}
      {may && (
        <div class="actions actions-start">
          {supersededBy === null &&
            steps.map((to) => (
              <button
                key={to}
                type="button"
                class={to === 'acknowledge' && state === 'new' ? 'primary' : ''}
                onClick={() => setStep(to)}
              >
                {to === 'acknowledge' ? write('acknowledge') : write(`step.title.${to}`)}
              </button>
            ))}
          <button type="button" onClick={() => setStep('assign')}>
            {write('assign')}
          </button>
          <button type="button" onClick={() => setStep('comment')}>
            {write('comment')}
          </button>
        </div>
      )}
      {members.length > 1 && <Members workflow={workflow} />}
      {step && (
        <StepDialog
          of={{ alert, step, groupCount: members.length, seen: workflow.number }}
          onClose={() => setStep(null)}
          onDone={onDone}
        />
      )}
    </section>
  )

  function stepTo(to: LifeState): Step | null {
    if (to === 'new') return null
    return to === 'acknowledged' && state === 'new' ? 'acknowledge' : to
  }
}

function Warnings({ workflow: { supersededBy, decidedOn, revision } }: { workflow: Workflow }) {
  const moved = decidedOn !== null && decidedOn.revision < revision
  return (
    <>
      {supersededBy !== null && (
        <p class="warning">
          {write('workflow.superseded')}{' '}
          <a href={addressOfAlert(supersededBy)}>{write('workflow.open')}</a>
        </p>
      )}
      {moved && <p class="warning">{writeAlertPage('restated')}</p>}
    </>
  )
}

function EntryRow({ entry }: { entry: Entry }) {
  const { kind, at, by, to, reason, text } = entry
  const name = by === 'restated' ? write('entry.data') : nameOf(by)
  return (
    <li>
      <span class="entry-at number">{say.time(at)}</span>
      <span class="entry-what">{headOf()}</span>
      {(reason || text) && <p class="entry-text">{entryText(reason || text)}</p>}
    </li>
  )

  function headOf(): string {
    if (kind === 'commented') return write('entry.commented', { name })
    if (kind === 'assigned')
      return write('entry.assigned', {
        name,
        to: to === null ? writeQuality('nobody') : nameOf(to),
      })
    const state = lifeStates.find((one) => one === to) ?? 'new'
    const word = writeQuality(`state.${state}`)
    return kind === 'moved'
      ? write('entry.moved', { name, state: word })
      : write('entry.carried', { state: word })
  }
}

function Members({ workflow: { alert, members } }: { workflow: Workflow }) {
  return (
    <details class="members">
      <summary>
        {write('workflow.members')} ({say.count(members.length)})
      </summary>
      <ul>
        {members
          .filter((member) => member.alert !== alert)
          .slice(0, 50)
          .map((member) => (
            <li key={member.alert}>
              <a class="mono" href={addressOfAlert(member.alert)}>
                {member.alert}
              </a>{' '}
              {writeQuality(`state.${member.state}`)}
            </li>
          ))}
      </ul>
    </details>
  )
}

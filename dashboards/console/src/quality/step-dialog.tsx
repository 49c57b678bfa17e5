// One step of an alert's life, with its reason: acknowledge, comment, assign, move on; for one
// alert or all of its group. Says when somebody else was faster.
import { useState } from 'preact/hooks'
import { type Problem, toProblem } from '../client.ts'
import { Dialog } from '../dialog.tsx'
import { ProblemNote } from '../marks.tsx'
import { apiPath, tell } from '../server.ts'
import { me } from '../session.ts'
import { toast } from '../toasts.tsx'
import { writeInbox as write } from '../words/inbox.ts'
import { writeQuality } from '../words/quality.ts'
import { write as writeShell } from '../words/shell.ts'
import { usePeople } from './people.ts'
import { ReasonField } from './reason-field.tsx'
import type { LifeState } from './shapes.ts'
import { staleOf } from './stale.ts'

export type Step = 'acknowledge' | 'comment' | 'assign' | Exclude<LifeState, 'new'>

export interface StepOf {
  alert: string
  step: Step
  /** Alerts of its group; more than one: it may be done to all of them. */
  groupCount: number
  /** Number of the workflow that was seen; absent: not looked at. */
  seen?: number | undefined
}

export interface StepDialogProps {
  of: StepOf
  onClose(): void
  onDone(): void
}

export function StepDialog({ of, onClose, onDone }: StepDialogProps) {
  const { alert, step, groupCount, seen } = of
  const [words, setWords] = useState('')
  const [to, setTo] = useState('me')
  const [whole, setWhole] = useState(groupCount > 1)
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem | null>(null)
  const send = async (): Promise<void> => {
    setBusy(true)
    setProblem(null)
    try {
      const verb = ['acknowledge', 'comment', 'assign'].includes(step) ? step : 'transition'
      const shared = { group: whole && groupCount > 1, ...(seen !== undefined && { seen }) }
      await tell('POST', apiPath('alerts', alert, verb), {
        ...bodyOf(step, { words, to }),
        ...shared,
      })
      toast(write('step.done'))
      onDone()
      onClose()
    } catch (error) {
      setProblem(toProblem(error))
      setBusy(false)
    }
  }
  return (
    <Dialog title={write(`step.title.${step}`)} onClose={onClose}>
      <form
        class="dialog-body stack"
        onSubmit={(event) => {
          event.preventDefault()
          void send()
        }}
      >
        {step === 'assign' ? (
          <Assignee value={to} onChange={setTo} />
        ) : (
          <ReasonField
            id="step-words"
            {...(step === 'comment' && { label: write('step.comment') })}
            value={words}
            onChange={setWords}
          />
        )}
        {groupCount > 1 && (
          <label class="check">
            <input
              type="checkbox"
              checked={whole}
              onChange={(event) => setWhole(event.currentTarget.checked)}
            />
            {write('whole.group', { count: groupCount })}
          </label>
        )}
        {problem && <StepProblem problem={problem} />}
        <div class="actions">
          <button type="button" onClick={onClose}>
            {writeShell('cancel')}
          </button>
          <button type="submit" class="primary" disabled={busy}>
            {write('step.do')}
          </button>
        </div>
      </form>
    </Dialog>
  )
}

function StepProblem({ problem }: { problem: Problem }) {
  const stale = problem.codes.some((code) => code === 'quality/stale' || code === 'quality/step')
  if (!stale) return <ProblemNote problem={problem} />
  return <ProblemNote problem={staleOf(problem, write('step.stale'))} />
}

function Assignee({ value, onChange }: { value: string; onChange(value: string): void }) {
  const people = usePeople().filter(({ id }) => id !== me.value?.id)
  return (
    <div class="field field-wide">
      <label for="step-to">{write('assign.to')}</label>
      <select id="step-to" value={value} onChange={(event) => onChange(event.currentTarget.value)}>
        <option value="me">{writeQuality('me')}</option>
        <option value="">{writeQuality('nobody')}</option>
        {people.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </select>
    </div>
  )
}

function bodyOf(step: Step, { words, to }: { words: string; to: string }) {
  if (step === 'comment') return { text: words.trim() }
  if (step === 'assign') return { to: to === '' ? null : to }
  if (step === 'acknowledge') return { reason: words.trim() }
  return { to: step, reason: words.trim() }
}

// Corrective and preventive actions of an investigation: planned, done, looked at whether they did
// what they were meant to do.
import { useState } from 'preact/hooks'
import { Dialog } from '../dialog.tsx'
import { ProblemNote, StatusMark } from '../marks.tsx'
import * as say from '../say.ts'
import { apiPath } from '../server.ts'
import { writeInvestigation as write } from '../words/investigations.ts'
import type { Action, Investigation } from './investigation-shapes.ts'
import { mayInvestigate } from './may.ts'
import { nameOf } from './people.ts'
import { ReasonField } from './reason-field.tsx'
import { useSend } from './use-send.ts'

export interface ActionsPanelProps {
  of: Investigation
  onDone(): void
}

export function ActionsPanel({ of, onDone }: ActionsPanelProps) {
  const may = mayInvestigate() && of.state === 'open'
  return (
    <section class="panel" aria-labelledby="actions-title">
      <header>
        <h2 id="actions-title">{write('actions')}</h2>
      </header>
      {of.actions.length === 0 && <p class="empty">{write('actions.none')}</p>}
      <ul class="rows">
        {of.actions.map((action) => (
          <ActionRow key={action.id} id={of.id} action={action} may={may} onDone={onDone} />
        ))}
      </ul>
      {may && <PlanForm id={of.id} onDone={onDone} />}
    </section>
  )
}

interface ActionRowProps {
  id: string
  action: Action
  may: boolean
  onDone(): void
}

type Verb = 'done' | 'effective' | 'ineffective'

function ActionRow({ id, action, may, onDone }: ActionRowProps) {
  const [verb, setVerb] = useState<Verb | null>(null)
  const { kind, text, owner, dueAt, done, effectiveness } = action
  const late = done === null && dueAt !== null && dueAt < Date.now()
  const next: readonly Verb[] =
    done === null ? ['done'] : effectiveness === null ? ['effective', 'ineffective'] : []
  return (
    <li>
      <b>{text}</b> {late && <StatusMark status={write('overdue')} />}
      <p class="group-note number">
        {write('action.dueAt', {
          kind: write(`action.${kind}`),
          owner: nameOf(owner),
          time: say.day(dueAt),
        })}
      </p>
      {done && <p>{write('action.doneAt', { time: say.time(done.at), note: done.note })}</p>}
      {effectiveness && (
        <p>
          {write(effectiveness.effective ? 'action.checkedAt' : 'action.failedAt', {
            time: say.time(effectiveness.at),
            note: effectiveness.note,
          })}
        </p>
      )}
      {may && (
        <div class="group-steps">
          {next.map((one) => (
            <button key={one} type="button" onClick={() => setVerb(one)}>
              {write(`action.${one}`)}
            </button>
          ))}
        </div>
      )}
      {verb && (
        <NoteDialog
          path={apiPath(
            ...['investigations', id, 'actions', action.id],
            verb === 'done' ? 'done' : 'effectiveness',
          )}
          verb={verb}
          onClose={() => setVerb(null)}
          onDone={onDone}
        />
      )}
    </li>
  )
}

interface NoteDialogProps {
  path: string
  verb: Verb
  onClose(): void
  onDone(): void
}

function NoteDialog({ path, verb, onClose, onDone }: NoteDialogProps) {
  const [note, setNote] = useState('')
  const { busy, problem, send } = useSend()
  const tell = async (): Promise<void> => {
    const effective = verb !== 'done' && { effective: verb === 'effective' }
    if ((await send({ path, body: { note: note.trim(), ...effective } })) === null) return
    onDone()
    onClose()
  }
  return (
    <Dialog title={write(`action.${verb}`)} onClose={onClose}>
      <form
        class="dialog-body stack"
        onSubmit={(event) => {
          event.preventDefault()
          void tell()
        }}
      >
        <ReasonField
          id="action-note"
          label={write('action.note')}
          value={note}
          onChange={setNote}
        />
        {problem && <ProblemNote problem={problem} />}
        <div class="actions">
          <button type="submit" class="primary" disabled={busy}>
            {write('save')}
          </button>
        </div>
      </form>
    </Dialog>
  )
}

function PlanForm({ id, onDone }: { id: string; onDone(): void }) {
  const [kind, setKind] = useState('corrective')
  const [text, setText] = useState('')
  const [owner, setOwner] = useState('')
  const [due, setDue] = useState('')
  const { busy, problem, send } = useSend()
  const plan = async (): Promise<void> => {
    const dueAt = `${due}T00:00:00Z`
    const body = { kind, text: text.trim(), owner: owner.trim(), dueAt }
    if ((await send({ path: apiPath('investigations', id, 'actions'), body })) === null) return
    setText('')
    onDone()
  }
  return (
    <form
      class="stack padded"
      onSubmit={(event) => {
        event.preventDefault()
        void plan()
      }}
    >
      <div class="part-choices">
        <label class="filter">
          <span>{write('action.kind')}</span>
          <select value={kind} onChange={(event) => setKind(event.currentTarget.value)}>
            <option value="corrective">{write('action.corrective')}</option>
            <option value="preventive">{write('action.preventive')}</option>
          </select>
        </label>
        <label class="filter">
          <span>{write('action.text')}</span>
          <input
            required
            minLength={3}
            value={text}
            onInput={(event) => setText(event.currentTarget.value)}
          />
        </label>
        <label class="filter">
          <span>{write('action.owner')}</span>
          <input required value={owner} onInput={(event) => setOwner(event.currentTarget.value)} />
        </label>
        <label class="filter">
          <span>{write('action.due')}</span>
          <input
            type="date"
            required
            value={due}
            onInput={(event) => setDue(event.currentTarget.value)}
          />
        </label>
        <button type="submit" disabled={busy}>
          {write('action.plan')}
        </button>
      </div>
      {problem && <ProblemNote problem={problem} />}
    </form>
  )
}

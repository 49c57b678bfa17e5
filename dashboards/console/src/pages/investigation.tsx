// The page of one investigation: what it is about, why it happened, what is done about it, what was
// said, and its signed end. Saves on what was looked at: a stale page changes nothing.
import { useState } from 'preact/hooks'
import { useLoad } from '../load.ts'
import { ProblemNote, StatusMark } from '../marks.tsx'
import { useHeading } from '../navigation.tsx'
import type { PageProps } from '../pages.ts'
import { ActionsPanel } from '../quality/actions-panel.tsx'
import { CausesPanel } from '../quality/causes-panel.tsx'
import { InvestigationForm } from '../quality/investigation-form.tsx'
import { type Investigation, investigation } from '../quality/investigation-shapes.ts'
import { mayInvestigate } from '../quality/may.ts'
import { nameOf, usePeople } from '../quality/people.ts'
import '../quality/quality.css'
import { ReasonField } from '../quality/reason-field.tsx'
import { SignDialog } from '../quality/sign-dialog.tsx'
import { SignatureOf } from '../quality/signature.tsx'
import { useSend } from '../quality/use-send.ts'
import { ReportButton } from '../report-button.tsx'
import * as say from '../say.ts'
import { apiPath, read } from '../server.ts'
import { writeInvestigation as write } from '../words/investigations.ts'
import { write as writeShell } from '../words/shell.ts'

export default function InvestigationPage({ params }: PageProps) {
  const id = params.id ?? ''
  const { value, problem, reload } = useLoad(
    `investigation ${id}`,
    async (signal) => investigation(await read(apiPath('investigations', id), {}, signal)),
    ['investigation.changed'],
  )
  const [noted, setNoted] = useState<readonly string[]>([])
  usePeople()
  useHeading(value?.title ?? null)
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
  const may = mayInvestigate() && value.state === 'open'
  return (
    <div class="page alert-page">
      <div class="page-main">
        <section class="panel" aria-labelledby="inv-head">
          <header>
            <h2 id="inv-head">{value.title}</h2>
            <StatusMark status={write(`state.${value.state}`)} />
            <span class="count number">
              {write('revision', { revision: value.revision, time: say.time(value.changedAt) })}
            </span>
            <ReportButton of="investigations" id={id} />
          </header>
          <InvestigationForm
            key={value.revision}
            of={value}
            may={may}
            noted={noted}
            onDone={() => {
              setNoted([])
              reload()
            }}
          />
        </section>
        <CausesPanel
          alerts={value.alerts}
          onTake={may ? (text) => setNoted([...noted, text]) : undefined}
        />
        <ActionsPanel of={value} onDone={reload} />
      </div>
      <div class="page-side">
        <End of={value} onDone={reload} />
        <Comments of={value} onDone={reload} />
      </div>
    </div>
  )
}

interface PartProps {
  of: Investigation
  onDone(): void
}

function End({ of, onDone }: PartProps) {
  const { id, title, state, faults, recordHash, signature, signatureHash } = of
  const [signing, setSigning] = useState(false)
  const may = mayInvestigate()
  return (
    <>
      <SignatureOf signature={signature} hash={signatureHash} none={write('end.unsigned')}>
        {may && state === 'open' && faults.length === 0 && (
          <button type="button" class="primary" onClick={() => setSigning(true)}>
            {write('end.close')}
          </button>
        )}
      </SignatureOf>
      {state === 'open' && faults.length > 0 && (
        <section class="panel" aria-labelledby="end-title">
          <header>
            <h2 id="end-title">{write('end')}</h2>
          </header>
          <div class="padded">
            <p>{write('end.missing')}</p>
            <ul class="bullets">
              {faults.map((one) => (
                <li key={one.code}>{faultText(of, one)}</li>
              ))}
            </ul>
          </div>
        </section>
      )}
      {may && state === 'closed' && <OpenAgain of={of} onDone={onDone} />}
      {signing && (
        <SignDialog
          path={apiPath('investigations', id, 'signature')}
          recordHash={recordHash}
          summary={write('end.summary', { title })}
          meanings={[]}
          onClose={() => setSigning(false)}
          onSigned={onDone}
          onStale={() => {
            setSigning(false)
            onDone()
          }}
        />
      )}
    </>
  )
}

function OpenAgain({ of, onDone }: PartProps) {
  const [reason, setReason] = useState('')
  const { busy, problem, send } = useSend()
  const tell = async (): Promise<void> => {
    const path = apiPath('investigations', of.id, 'open-again')
    if ((await send({ path, body: { reason: reason.trim() } })) !== null) onDone()
  }
  return (
    <form
      class="panel stack padded"
      onSubmit={(event) => {
        event.preventDefault()
        void tell()
      }}
    >
      <ReasonField
        id="again-reason"
        rows={2}
        label={write('end.againReason')}
        value={reason}
        onChange={setReason}
      />
      {problem && <ProblemNote problem={problem} />}
      <button type="submit" class="start" disabled={busy}>
        {write('end.again')}
      </button>
    </form>
  )
}

function Comments({ of, onDone }: PartProps) {
  const [text, setText] = useState('')
  const { busy, problem, send } = useSend()
  const tell = async (): Promise<void> => {
    const path = apiPath('investigations', of.id, 'comments')
    if ((await send({ path, body: { text: text.trim() } })) === null) return
    setText('')
    onDone()
  }
  return (
    <section class="panel" aria-labelledby="comments-title">
      <header>
        <h2 id="comments-title">{write('comments')}</h2>
      </header>
      {of.comments.length === 0 && <p class="empty">{write('comments.none')}</p>}
      <ol class="entries">
        {of.comments.map((one) => (
          <li key={`${one.at} ${one.by}`}>
            <span class="entry-at number">{say.time(one.at)}</span>
            <span class="entry-what">{nameOf(one.by)}</span>
            <p class="entry-text">{one.text}</p>
          </li>
        ))}
      </ol>
      {mayInvestigate() && of.state === 'open' && (
        <form
          class="stack padded"
          onSubmit={(event) => {
            event.preventDefault()
            void tell()
          }}
        >
          <ReasonField
            id="comment-text"
            rows={2}
            label={write('comment')}
            value={text}
            onChange={setText}
          />
          {problem && <ProblemNote problem={problem} />}
          <button type="submit" class="start" disabled={busy}>
            {write('comment.do')}
          </button>
        </form>
      )}
    </section>
  )
}

const faultCodes = [
  'no-cause',
  'no-category',
  'no-action',
  'not-done',
  'not-checked',
  'not-effective',
] as const

/** What has to be so before it may be closed, with the actions by their texts. */
function faultText(of: Investigation, { code, actions, detail }: Investigation['faults'][number]) {
  const known = faultCodes.find((one) => one === code)
  if (!known) return detail
  const texts = actions.map((id) => of.actions.find((one) => one.id === id)?.text ?? id)
  return write(`fault.${known}`, { actions: texts.join('; ') })
}

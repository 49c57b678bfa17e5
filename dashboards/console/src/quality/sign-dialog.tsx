// The signing of a record (21 CFR 11.50, 11.200): who, in what meaning, when, and once more the
// password or token. Says "recorded" only after the server has answered that it is; says what
// changed when it did not take it.
import { useEffect, useRef, useState } from 'preact/hooks'
import { type Problem, toProblem } from '../client.ts'
import { Dialog } from '../dialog.tsx'
import { ProblemNote } from '../marks.tsx'
import * as say from '../say.ts'
import { tell } from '../server.ts'
import { me } from '../session.ts'
import { toast } from '../toasts.tsx'
import { writeQuality as write } from '../words/quality.ts'
import { write as writeShell } from '../words/shell.ts'
import { signsWith } from './may.ts'
import { ReasonField } from './reason-field.tsx'
import { staleOf } from './stale.ts'

export type Meaning = 'approval' | 'rejection'

export interface SignDialogProps {
  /** Where the signature goes: `/api/v1/dispositions/…/signature`. */
  path: string
  recordHash: string
  /** What stands above the form: what is signed. */
  summary: string
  /** Goes into the body besides: the revision that was looked at. */
  extra?: Readonly<Record<string, unknown>>
  /** Why it can no longer be signed, as soon as the page knows; null as long as it can. */
  ended?: string | null
  /** What is signed here, where it is no approval. */
  title?: string
  /** One: that and no other. None where the path says it: closing, taking back. */
  meanings?: readonly Meaning[]
  onClose(): void
  onSigned(answer: unknown): void
  /** Somebody or something was faster: look at it again. */
  onStale(): void
}

export function SignDialog(props: SignDialogProps) {
  const { path, recordHash, summary, extra = {}, onClose, onSigned, onStale } = props
  const { meanings = ['approval', 'rejection'], ended = null, title = write('sign.title') } = props
  const [meaning, setMeaning] = useState<Meaning>(meanings[0] ?? 'approval')
  const [reason, setReason] = useState('')
  const [printedName, setPrintedName] = useState('')
  const [secret, setSecret] = useState('')
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem | null>(null)
  const kind = signsWith()
  const isOver = ended !== null || problem?.status === 409

  const sign = async (): Promise<void> => {
    setBusy(true)
    setProblem(null)
    const meant = meanings.length > 0 && { meaning }
    const body = { ...meant, reason: reason.trim(), recordHash, ...extra, [kind]: secret }
    try {
      const named = kind === 'token' && { printedName: printedName.trim() }
      const answer = await tell('POST', path, { ...body, ...named })
      toast(write('sign.recorded'))
      onSigned(answer)
      onClose()
    } catch (error) {
      setProblem(toProblem(error))
      setSecret('')
      setBusy(false)
    }
  }

  return (
    <Dialog title={title} onClose={onClose}>
      <form
        class="dialog-body stack"
        onSubmit={(event) => {
          event.preventDefault()
          void sign()
        }}
      >
        <p class="sign-summary">{summary}</p>
        {meanings.length > 1 && (
          <Meanings meanings={meanings} chosen={meaning} onChange={setMeaning} />
        )}
        <ReasonField id="sign-reason" rows={2} value={reason} onChange={setReason} />
        <SignFields
          recordHash={recordHash}
          printedName={printedName}
          onName={setPrintedName}
          secret={secret}
          onSecret={setSecret}
        />
        {!busy && <Ending ended={ended} problem={problem} onStale={onStale} />}
        <div class="actions">
          <button type="button" onClick={onClose}>
            {writeShell('cancel')}
          </button>
          <button type="submit" class="primary" disabled={busy || isOver}>
            {busy ? write('sign.busy') : write('sign.do')}
          </button>
        </div>
      </form>
    </Dialog>
  )
}

interface MeaningsProps {
  meanings: readonly Meaning[]
  chosen: Meaning
  onChange(meaning: Meaning): void
}

function Meanings({ meanings, chosen, onChange }: MeaningsProps) {
  return (
    <fieldset class="choices stack">
      <legend>{write('sign.meaning')}</legend>
      {meanings.map((one) => (
        <label key={one} class="check">
          <input
            type="radio"
            name="meaning"
            checked={chosen === one}
            onChange={() => onChange(one)}
          />
          {write(`sign.${one}`)}
        </label>
      ))}
    </fieldset>
  )
}

interface SignFieldsProps {
  recordHash: string
  printedName: string
  onName(name: string): void
  secret: string
  onSecret(secret: string): void
}

/** Who, when, which record, and once more the secret. */
function SignFields({ recordHash, printedName, onName, secret, onSecret }: SignFieldsProps) {
  const kind = signsWith()
  const now = useNow()
  return (
    <>
      <div class="field field-wide">
        <label for="sign-name">{write('sign.name')}</label>
        {kind === 'password' ? (
          <output id="sign-name">{me.value?.name}</output>
        ) : (
          <input
            id="sign-name"
            required
            minLength={2}
            maxLength={200}
            autoComplete="name"
            value={printedName}
            onInput={(event) => onName(event.currentTarget.value)}
          />
        )}
        {kind === 'token' && <p class="hint">{write('sign.nameHint')}</p>}
      </div>
      <div class="field field-wide">
        <span class="label">{write('sign.time')}</span>
        <span class="number">{say.time(now)}</span>
        <p class="hint">{write('sign.timeHint')}</p>
      </div>
      <div class="field field-wide">
        <span class="label">{write('sign.hash')}</span>
        <code class="hash">{recordHash}</code>
      </div>
      <div class="field field-wide">
        <label for="sign-secret">{write(`sign.${kind}`)}</label>
        <input
          id="sign-secret"
          type="password"
          required
          autoComplete={kind === 'password' ? 'current-password' : 'off'}
          value={secret}
          onInput={(event) => onSecret(event.currentTarget.value)}
        />
      </div>
    </>
  )
}

interface EndingProps {
  ended: string | null
  problem: Problem | null
  onStale(): void
}

/** Why nothing was signed, or can be: what the page knows is said in the reader's language. */
function Ending({ ended, problem, onStale }: EndingProps) {
  if (ended === null) return problem && <SignProblem problem={problem} onStale={onStale} />
  return (
    <div class="stack">
      <ProblemNote problem={{ message: write('sign.changed'), remedy: ended }} />
      <LookAgain onStale={onStale} />
    </div>
  )
}

function SignProblem({ problem, onStale }: { problem: Problem; onStale(): void }) {
  if (problem.codes.includes('request/signature'))
    return (
      <ProblemNote problem={{ message: write('sign.wrong'), remedy: write('sign.wrongRemedy') }} />
    )
  if (problem.status !== 409) return <ProblemNote problem={problem} />
  return (
    <div class="stack">
      <ProblemNote problem={staleOf(problem, write('sign.changed'))} />
      <LookAgain onStale={onStale} />
    </div>
  )
}

/** Has the focus when the button that signs took it along: the keyboard goes on from here. */
function LookAgain({ onStale }: { onStale(): void }) {
  const button = useRef<HTMLButtonElement>(null)
  useEffect(() => {
    if (document.activeElement === document.body) button.current?.focus()
  }, [])
  return (
    <button ref={button} type="button" onClick={onStale}>
      {write('again')}
    </button>
  )
}

/** The wall clock, to the minute: what a reader signs by. */
function useNow(): number {
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 10_000)
    return () => clearInterval(timer)
  }, [])
  return now
}

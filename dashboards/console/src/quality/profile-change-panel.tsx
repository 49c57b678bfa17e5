// The change of a profile that a back-test speaks for: proposed with a reason, signed on its
// record. Changes nothing before it is signed; says when the profile in force is another by now.
import { useState } from 'preact/hooks'
import { useLoad } from '../load.ts'
import { ProblemNote, StatusMark } from '../marks.tsx'
import { apiPath, read } from '../server.ts'
import { writeBackTest as write } from '../words/back-test.ts'
import { writeQuality } from '../words/quality.ts'
import { type ProfileChange, profileChange } from './back-test-shapes.ts'
import * as d from './decode.ts'
import { mayDecide } from './may.ts'
import { ReasonField } from './reason-field.tsx'
import { SignDialog } from './sign-dialog.tsx'
import { SignatureOf } from './signature.tsx'
import { useSend } from './use-send.ts'

export interface ProfileChangePanelProps {
  gtin: string
  backTest: string
}

export function ProfileChangePanel({ gtin, backTest }: ProfileChangePanelProps) {
  const path = apiPath('products', gtin, 'changes')
  const { value, problem, reload } = useLoad(`changes ${backTest}`, async (signal) => {
    const page = d.page(profileChange)(await read(path, { limit: 200 }, signal))
    return page.items.filter(({ record }) => record.backTest === backTest)
  })
  const [change] = value ?? []
  if (problem) return <ProblemNote problem={problem} />
  if (value === null) return null
  if (change) return <Signing change={change} path={path} onDone={reload} />
  return mayDecide() ? <Proposing path={path} backTest={backTest} onDone={reload} /> : null
}

function Proposing({ path, backTest, onDone }: { path: string; backTest: string; onDone(): void }) {
  const [reason, setReason] = useState('')
  const { busy, problem, send } = useSend()
  const propose = async (): Promise<void> => {
    if ((await send({ path, body: { backTest, reason: reason.trim() } })) !== null) onDone()
  }
  return (
    <form
      class="panel"
      aria-labelledby="change-title"
      onSubmit={(event) => {
        event.preventDefault()
        void propose()
      }}
    >
      <header>
        <h2 id="change-title">{write('change')}</h2>
        <span class="count">{write('change.hint')}</span>
      </header>
      <div class="stack padded">
        <ReasonField id="change-reason" value={reason} onChange={setReason} />
        {problem && <ProblemNote problem={problem} />}
        <button type="submit" class="primary start" disabled={busy || reason.trim().length < 3}>
          {write('change.propose')}
        </button>
      </div>
    </form>
  )
}

interface SigningProps {
  change: ProfileChange
  path: string
  onDone(): void
}

function Signing({ change, path, onDone }: SigningProps) {
  const { id, gtin, state, stale, record, recordHash, signature, signatureHash, version } = change
  const [signing, setSigning] = useState(false)
  const words =
    state === 'approved'
      ? write('change.state.approved', { version: version ?? 0 })
      : write(`change.state.${state}`)
  return (
    <>
      <section class="panel" aria-labelledby="change-title">
        <header>
          <h2 id="change-title">{write('change')}</h2>
          <StatusMark status={words} />
        </header>
        {stale && <p class="warning">{write('change.stale')}</p>}
        <p class="padded">{record.reason}</p>
      </section>
      <SignatureOf signature={signature} hash={signatureHash}>
        {state === 'proposed' && !stale && mayDecide() && (
          <button type="button" class="primary" onClick={() => setSigning(true)}>
            {writeQuality('sign')}
          </button>
        )}
      </SignatureOf>
      {signing && (
        <SignDialog
          path={`${path}/${encodeURIComponent(id)}/signature`}
          recordHash={recordHash}
          summary={write('change.summary', { gtin, id: record.backTest })}
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

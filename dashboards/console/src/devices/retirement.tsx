// Takes loggers out of service with a reason, or one back into it.
import { useState } from 'preact/hooks'
import { Dialog } from '../dialog.tsx'
import { Field, SendForm } from '../form.tsx'
import { apiPath, tell } from '../server.ts'
import { write } from '../words/lab.ts'
import { write as writeMany } from '../words/many-devices.ts'

export interface RetireProps {
  /** All of them for one reason, or none. */
  ids: readonly string[]
  onClose(): void
  onDone(): void
}

export function Retire({ ids, onClose, onDone }: RetireProps) {
  const [reason, setReason] = useState('')
  const [force, setForce] = useState(false)
  const several = ids.length > 1
  const send = async (): Promise<void> => {
    await tell('POST', apiPath('devices', 'retirements'), { devices: ids, reason, force })
    onDone()
  }
  return (
    <Dialog title={write('retire')} onClose={onClose}>
      <SendForm
        send={send}
        button={write('retire')}
        class="dialog-body stack wide-fields"
        onCancel={onClose}
      >
        {several && <p>{writeMany('retire.chosen', { count: ids.length })}.</p>}
        <p>{several ? writeMany('retire.text') : write('retire.text')}</p>
        <Field
          id="retire-reason"
          label={write('retire.reason')}
          required
          maxLength={1000}
          value={reason}
          onInput={setReason}
        />
        <label class="check" for="retire-force">
          <input
            id="retire-force"
            type="checkbox"
            checked={force}
            onChange={(event) => setForce(event.currentTarget.checked)}
          />
          {several ? writeMany('retire.force') : write('retire.force')}
        </label>
      </SendForm>
    </Dialog>
  )
}

export function Restore({ id, onDone }: { id: string; onDone(): void }) {
  const [busy, setBusy] = useState(false)
  const restore = (): void => {
    setBusy(true)
    const over = (): void => setBusy(false)
    tell('DELETE', apiPath('devices', id, 'retirement')).then(onDone, over)
  }
  return (
    <button type="button" disabled={busy} onClick={restore}>
      {write('retire.restore')}
    </button>
  )
}

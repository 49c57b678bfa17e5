// Choosing another password: the one until now, and the new one. What a password must be is the
// server's to say.
import { useState } from 'preact/hooks'
import { Field, SendForm } from './form.tsx'
import { apiPath, tell } from './server.ts'
import { toast } from './toasts.tsx'
import { write } from './words/password.ts'
import { write as writeShell } from './words/shell.ts'

export function PasswordForm({ onDone }: { onDone(): void }) {
  const [old, setOld] = useState('')
  const [chosen, setChosen] = useState('')
  const send = async (): Promise<void> => {
    await tell('POST', apiPath('me', 'password'), { old, new: chosen })
    toast(write('changed'))
    setOld('')
    setChosen('')
    onDone()
  }
  return (
    <>
      <h2 id="password-title">{write('title')}</h2>
      <SendForm send={send} button={writeShell('save')}>
        <Field
          id="old-password"
          label={write('old')}
          secret
          required
          autocomplete="current-password"
          value={old}
          onInput={setOld}
        />
        <Field
          id="new-password"
          label={write('new')}
          secret
          required
          autocomplete="new-password"
          value={chosen}
          onInput={setChosen}
        />
      </SendForm>
    </>
  )
}

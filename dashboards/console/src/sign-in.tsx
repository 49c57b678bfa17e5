// Asks for a bearer token and says where one is found. Keeps nothing: session.ts does.
import { useState } from 'preact/hooks'
import { ProblemNote } from './marks.tsx'
import { refusal, signIn } from './session.ts'

export function SignIn() {
  const [given, setGiven] = useState('')
  return (
    <main class="sign-in">
      <form
        class="panel"
        onSubmit={(event) => {
          event.preventDefault()
          if (given.trim()) signIn(given.trim())
        }}
      >
        <h2>Sign in</h2>
        <label for="token">Access token</label>
        <input
          id="token"
          type="password"
          autocomplete="current-password"
          spellcheck={false}
          required
          value={given}
          onInput={(event) => setGiven(event.currentTarget.value)}
        />
        <button type="submit" class="primary">
          Sign in
        </button>
        {refusal.value && <ProblemNote problem={refusal.value} />}
        <p>
          The administrator token is <code>ISOTHERM_ADMIN_TOKEN</code>; when that is not set, the
          server prints one at its first start. It is kept for this browser tab only.
        </p>
      </form>
    </main>
  )
}

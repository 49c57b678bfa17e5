// Asks who it is: a person with a password, or a bearer token. Keeps nothing: session.ts does.
import { signal } from '@preact/signals'
import { useState } from 'preact/hooks'
import { type Problem, tellJson, toProblem } from './client.ts'
import { LookChoices } from './look-choices.tsx'
import { ProblemNote } from './marks.tsx'
import { PasswordForm } from './password-form.tsx'
import { takeMe } from './pulse.ts'
import { me, refusal, signIn } from './session.ts'
import { objectOf, textOf } from './shapes.ts'
import { write as writePassword } from './words/password.ts'
import { write } from './words/shell.ts'

type Way = 'person' | 'token'

const way = signal<Way>('person')

export function SignIn() {
  return (
    <main class="sign-in">
      <div class="sign-in-box">
        <h1 class="brand">
          <svg viewBox="0 0 32 32" aria-hidden="true">
            <path class="brand-limit" d="M2 10h28" />
            <path class="brand-line" d="M2 25h8v-7h7V5h6v13h7" />
          </svg>
          <span>Isotherm</span>
        </h1>
        <section class="panel" aria-labelledby="sign-in-title">
          <h2 id="sign-in-title">{write('signIn')}</h2>
          <fieldset class="switch switch-wide">
            <legend class="hidden">{write('signIn.how')}</legend>
            {(['person', 'token'] as const).map((name) => (
              <button
                key={name}
                type="button"
                aria-pressed={way.value === name}
                onClick={() => {
                  way.value = name
                }}
              >
                {write(`signIn.${name}`)}
              </button>
            ))}
          </fieldset>
          {way.value === 'person' ? <PersonForm /> : <TokenForm />}
          {refusal.value && <ProblemNote problem={refusal.value} />}
        </section>
        <LookChoices />
      </div>
    </main>
  )
}

/** The first password counts once: nothing else is to be had before another is chosen. */
export function FirstPassword() {
  return (
    <main class="sign-in">
      <div class="sign-in-box">
        <section class="panel" aria-labelledby="password-title">
          <p>{writePassword('must')}</p>
          <PasswordForm
            onDone={() => {
              if (me.value) me.value = { ...me.value, mustChange: false }
            }}
          />
        </section>
      </div>
    </main>
  )
}

function PersonForm() {
  const [person, setPerson] = useState('')
  const [password, setPassword] = useState('')
  const [problem, setProblem] = useState<Pick<Problem, 'message' | 'remedy'> | null>(null)
  const [busy, setBusy] = useState(false)
  const enter = async (): Promise<void> => {
    setBusy(true)
    setProblem(null)
    try {
      const given = await tellJson('/api/v1/sign-in', {
        token: '',
        method: 'POST',
        body: { person: person.trim(), password },
      })
      const session = objectOf(given)
      // Known at once: who must choose a password sees no page before.
      takeMe({ ...objectOf(session.person), kind: 'person' })
      signIn(textOf(session.token))
    } catch (error) {
      const refused = toProblem(error)
      // A server of before there were people has no such route.
      const none = refused.status === 404 || refused.status === 405
      setProblem(
        none ? { message: write('signIn.noPeople'), remedy: write('signIn.useToken') } : refused,
      )
    }
    setBusy(false)
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        void enter()
      }}
    >
      <label for="person">{write('signIn.name')}</label>
      <input
        id="person"
        autocomplete="username"
        autocapitalize="none"
        spellcheck={false}
        required
        value={person}
        onInput={(event) => setPerson(event.currentTarget.value)}
      />
      <label for="password">{write('signIn.password')}</label>
      <input
        id="password"
        type="password"
        autocomplete="current-password"
        required
        value={password}
        onInput={(event) => setPassword(event.currentTarget.value)}
      />
      <button type="submit" class="primary" disabled={busy}>
        {write('signIn')}
      </button>
      {problem && <ProblemNote problem={problem} />}
      <p class="hint">{write('signIn.personHint')}</p>
    </form>
  )
}

function TokenForm() {
  const [given, setGiven] = useState('')
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        if (given.trim()) signIn(given.trim())
      }}
    >
      <label for="token">{write('signIn.token')}</label>
      <input
        id="token"
        type="password"
        autocomplete="off"
        spellcheck={false}
        required
        value={given}
        onInput={(event) => setGiven(event.currentTarget.value)}
      />
      <button type="submit" class="primary">
        {write('signIn')}
      </button>
      <p class="hint">{write('signIn.tokenHint')}</p>
    </form>
  )
}

// The asking for a back-test: a proposed profile, begun as the one in force, and which excursions
// are meant. Sends what is typed; the server says what is wrong with it.
import { useEffect, useState } from 'preact/hooks'
import { useLoad } from '../load.ts'
import { ProblemNote } from '../marks.tsx'
import { addressOf, goTo } from '../router.ts'
import { apiPath, read } from '../server.ts'
import { writeBackTest as write } from '../words/back-test.ts'
import * as d from './decode.ts'
import { useSend } from './use-send.ts'

const dates = ['effective', 'from', 'to'] as const

type Told = Record<(typeof dates)[number] | 'cost', string>

export function AskForm({ gtin }: { gtin: string }) {
  const inForce = useLoad(`profile ${gtin}`, async (signal) => {
    const { profile } = d.shape({ profile: d.raw })(
      await read(apiPath('products', gtin), {}, signal),
    )
    // The server takes a ready rule set by its name or rules: rules are what can be changed here.
    const { ruleSet, ...rest } = profile
    const known = Array.isArray(profile.rules) ? rest : { ...rest, ruleSet }
    return JSON.stringify(known, null, 2)
  })
  const [profile, setProfile] = useState<string | null>(null)
  const [told, setTold] = useState<Told>({ effective: '', from: '', to: '', cost: '' })
  const [wrong, setWrong] = useState<string | null>(null)
  const { busy, problem, send } = useSend()
  useEffect(() => {
    if (profile === null && inForce.value !== null) setProfile(inForce.value)
  }, [inForce.value])
  const run = async (): Promise<void> => {
    const parsed = parseJson(profile ?? '')
    setWrong('detail' in parsed ? parsed.detail : null)
    if ('detail' in parsed) return
    const body = { profile: parsed.value, ...termsAsked(told) }
    const made = await send({ path: apiPath('products', gtin, 'back-tests'), body })
    if (made === null) return
    goTo(addressOf(['back-tests', gtin, d.shape({ id: d.text })(made).id]))
  }
  return (
    <form
      class="panel"
      aria-labelledby="ask-title"
      onSubmit={(event) => {
        event.preventDefault()
        void run()
      }}
    >
      <header>
        <h2 id="ask-title">{write('ask')}</h2>
      </header>
      <div class="stack padded">
        <div class="field field-wide">
          <label for="ask-profile">{write('profile')}</label>
          <textarea
            id="ask-profile"
            rows={14}
            class="mono"
            spellcheck={false}
            value={profile ?? ''}
            onInput={(event) => setProfile(event.currentTarget.value)}
          />
          <p class="hint">{write('profile.hint')}</p>
        </div>
        <Terms told={told} onChange={setTold} />
        {wrong !== null && (
          <ProblemNote
            problem={{ message: write('profile.wrong', { detail: wrong }), remedy: '' }}
          />
        )}
        {problem && <ProblemNote problem={problem} />}
        <button type="submit" class="primary start" disabled={busy}>
          {write('run')}
        </button>
      </div>
    </form>
  )
}

interface TermsProps {
  told: Told
  onChange(told: Told): void
}

/** From when it judges, which excursions count, and what a unit costs. */
function Terms({ told, onChange }: TermsProps) {
  return (
    <div class="part-choices">
      {dates.map((name) => (
        <label key={name} class="filter">
          <span>{write(name)}</span>
          <input
            type="date"
            value={told[name]}
            onInput={(event) => onChange({ ...told, [name]: event.currentTarget.value })}
          />
        </label>
      ))}
      <label class="filter">
        <span>{write('cost')}</span>
        <input
          type="number"
          min={0}
          step="any"
          value={told.cost}
          onInput={(event) => onChange({ ...told, cost: event.currentTarget.value })}
        />
      </label>
    </div>
  )
}

const startOf = (date: string): string => `${date}T00:00:00Z`

const termsAsked = ({ effective, from, to, cost }: Told) => ({
  ...(effective && { effectiveFrom: startOf(effective) }),
  ...(from && { from: startOf(from) }),
  ...(to && { to: startOf(to) }),
  ...(cost && { costPerUnit: Number(cost) }),
})

function parseJson(text: string): { value: unknown } | { detail: string } {
  try {
    return { value: JSON.parse(text) }
  } catch (error) {
    return { detail: error instanceof Error ? error.message : String(error) }
  }
}

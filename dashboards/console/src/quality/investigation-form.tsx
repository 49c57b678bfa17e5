// What an investigation tells: its links, the kind of cause, the cause itself and the whys. Saved
// on the record that was looked at; when another stands it says so and keeps what was typed.
import { useState } from 'preact/hooks'
import { ProblemNote } from '../marks.tsx'
import { addressOf } from '../router.ts'
import { apiPath } from '../server.ts'
import { toast } from '../toasts.tsx'
import { writeInvestigation as write } from '../words/investigations.ts'
import { writeTitle } from '../words/titles.ts'
import * as d from './decode.ts'
import { categories, type Investigation } from './investigation-shapes.ts'
import { namesIn } from './parts.ts'
import { staleOf } from './stale.ts'
import { useSend } from './use-send.ts'

export interface InvestigationFormProps {
  of: Investigation
  may: boolean
  /** Noted from comparisons, not saved yet. */
  noted: readonly string[]
  onDone(): void
}

const whysMax = 5
const links = ['alerts', 'cases', 'dispositions'] as const

/** What is typed, as it is typed. */
interface Draft extends Record<(typeof links)[number], string> {
  category: string
  cause: string
  whys: string[]
}

export function InvestigationForm({ of, may, noted, onDone }: InvestigationFormProps) {
  const [draft, setDraft] = useState<Draft>(() => draftOf(of))
  const { busy, problem, send } = useSend()
  const set = (change: Partial<Draft>): void => setDraft({ ...draft, ...change })
  const causes = [...(of.rootCause?.causes ?? []), ...noted]
  const save = async (): Promise<void> => {
    const body = { recordHash: of.recordHash, ...asked(draft, causes) }
    const path = apiPath('investigations', of.id)
    const answer = await send({ method: 'PATCH', path, body })
    if (answer === null) return
    toast(write('saved', { revision: d.shape({ revision: d.number })(answer).revision }))
    onDone()
  }
  return (
    <form
      class="stack padded"
      onSubmit={(event) => {
        event.preventDefault()
        void save()
      }}
    >
      <Links of={of} />
      <CauseFields draft={draft} causes={causes} may={may} onChange={set} />
      <Whys whys={draft.whys} may={may} onChange={(whys) => set({ whys })} />
      <details>
        <summary>{write('linked')}</summary>
        <fieldset class="part" disabled={!may}>
          <legend class="hidden">{write('linked')}</legend>
          {links.map((name) => (
            <Area
              key={name}
              id={`inv-${name}`}
              name={write(name)}
              value={draft[name]}
              onChange={(value) => set({ [name]: value })}
            />
          ))}
        </fieldset>
      </details>
      {problem && (
        <ProblemNote
          problem={problem.status === 409 ? staleOf(problem, write('stale')) : problem}
        />
      )}
      {may && (
        <button type="submit" class="primary start" disabled={busy}>
          {write('save')}
        </button>
      )}
    </form>
  )
}

const draftOf = (of: Investigation): Draft => ({
  ...{ category: of.category ?? '', cause: of.rootCause?.text ?? '' },
  whys: Array.from({ length: whysMax }, (_, index) => of.whys[index] ?? ''),
  ...{ alerts: of.alerts.join('\n'), cases: of.cases.join('\n') },
  dispositions: of.dispositions.join('\n'),
})

/** As the API wants it. */
function asked({ category, cause, whys, ...named }: Draft, causes: readonly string[]) {
  const text = cause.trim()
  return {
    category: category === '' ? null : category,
    rootCause: text === '' ? null : { text, causes },
    whys: whys.map((why) => why.trim()).filter((why) => why !== ''),
    ...Object.fromEntries(links.map((name) => [name, namesIn(named[name])])),
  }
}

interface CauseFieldsProps {
  draft: Draft
  causes: readonly string[]
  may: boolean
  onChange(change: Partial<Draft>): void
}

function CauseFields({ draft, causes, may, onChange }: CauseFieldsProps) {
  return (
    <fieldset class="part" disabled={!may}>
      <legend>{write('cause')}</legend>
      <label class="filter">
        <span>{write('category')}</span>
        <select
          value={draft.category}
          onChange={(event) => onChange({ category: event.currentTarget.value })}
        >
          <option value="">{write('category.none')}</option>
          {categories.map((one) => (
            <option key={one} value={one}>
              {write(`category.${one}`)}
            </option>
          ))}
        </select>
      </label>
      <Area
        id="inv-cause"
        name={write('cause.text')}
        value={draft.cause}
        onChange={(cause) => onChange({ cause })}
      />
      {causes.length > 0 && (
        <div>
          <p class="hint">{write('cause.noted')}</p>
          <ul class="bullets">
            {causes.map((one) => (
              <li key={one}>{one}</li>
            ))}
          </ul>
        </div>
      )}
    </fieldset>
  )
}

const titleOf = { alerts: 'alert', cases: 'case', dispositions: 'disposition' } as const

/** Enough to tell one from another; the whole id is told when asked for. */
const shortOf = (id: string): string => id.slice(id.indexOf('-') + 1).slice(0, 8)

function Links({ of }: { of: Investigation }) {
  const all = links.flatMap((name) => of[name].map((id) => [name, id] as const))
  if (all.length === 0) return null
  return (
    <ul class="link-list">
      {all.map(([name, id]) => (
        <li key={id}>
          <a href={addressOf([name, id])} title={id}>
            {writeTitle(titleOf[name])} <span class="mono">{shortOf(id)}</span>
          </a>
        </li>
      ))}
    </ul>
  )
}

interface WhysProps {
  whys: string[]
  may: boolean
  onChange(whys: string[]): void
}

function Whys({ whys, may, onChange }: WhysProps) {
  return (
    <fieldset class="part" disabled={!may}>
      <legend>{write('whys')}</legend>
      {whys.map((why, index) => (
        <div key={`why ${index}`} class="field field-wide">
          <label for={`why-${index}`}>{write('why', { number: index + 1 })}</label>
          <input
            id={`why-${index}`}
            value={why}
            onInput={(event) => onChange(whys.with(index, event.currentTarget.value))}
          />
        </div>
      ))}
    </fieldset>
  )
}

interface AreaProps {
  id: string
  name: string
  value: string
  onChange(value: string): void
}

function Area({ id, name, value, onChange }: AreaProps) {
  return (
    <div class="field field-wide">
      <label for={id}>{name}</label>
      <textarea
        id={id}
        rows={3}
        value={value}
        onInput={(event) => onChange(event.currentTarget.value)}
      />
    </div>
  )
}

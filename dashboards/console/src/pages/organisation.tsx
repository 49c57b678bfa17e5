// What the organisation asks of its people: how changes are signed, and how things are shown to who
// chose nothing else.
import { useState } from 'preact/hooks'
import { Choice, SendForm } from '../form.tsx'
import { useLoad } from '../load.ts'
import { ProblemNote } from '../marks.tsx'
import type { PageProps } from '../pages.ts'
import { languageNames } from '../palette.tsx'
import { apiPath, read, tell } from '../server.ts'
import { mayAs } from '../settings/may.ts'
import { type Control, controls, parseControl } from '../settings/product.ts'
import { zones } from '../settings/zones.ts'
import { objectOf, textOf } from '../shapes.ts'
import { toast } from '../toasts.tsx'
import { write } from '../words/settings.ts'
import { write as writeShell } from '../words/shell.ts'
import { type Language, languages } from '../words.ts'
import '../settings/settings.css'

interface Settings {
  changeControl: Control
  dispositionControl: Control
  language: Language
  zone: string
  unit: 'C' | 'F'
}

export default function Organisation(_: PageProps) {
  const loaded = useLoad('organisation', async (signal) =>
    parseSettings(await read(apiPath('settings'), {}, signal)),
  )
  return (
    <div class="page page-narrow">
      {loaded.problem && <ProblemNote problem={loaded.problem} />}
      {!loaded.value && !loaded.problem && <p class="empty">{writeShell('loading')}</p>}
      {loaded.value && <Edit settings={loaded.value} />}
    </div>
  )
}

function Edit({ settings }: { settings: Settings }) {
  const [draft, setDraft] = useState(settings)
  const set = (part: Partial<Settings>): void => setDraft({ ...draft, ...part })
  const fields = <Fields draft={draft} set={set} />
  if (!mayAs('admin'))
    return (
      <section class="panel form-panel">
        <fieldset class="stack" disabled aria-label={write('organisation')}>
          {fields}
        </fieldset>
      </section>
    )
  return (
    <section class="panel form-panel">
      <SendForm
        send={async () => {
          setDraft(parseSettings(await tell('PUT', apiPath('settings'), draft)))
          toast(write('saved'))
        }}
        button={writeShell('save')}
      >
        {fields}
      </SendForm>
    </section>
  )
}

interface FieldsProps {
  draft: Settings
  set(part: Partial<Settings>): void
}

function Fields({ draft, set }: FieldsProps) {
  const ways = controls.map((name) => [name, write(`control.${name}`)] as const)
  return (
    <>
      <Choice
        id="changes"
        label={write('org.changes')}
        value={draft.changeControl}
        options={ways}
        onChange={(changeControl) => set({ changeControl })}
      />
      <Choice
        id="dispositions"
        label={write('org.dispositions')}
        value={draft.dispositionControl}
        options={ways}
        onChange={(dispositionControl) => set({ dispositionControl })}
      />
      <fieldset class="field-row">
        <legend>{write('org.likings')}</legend>
        <Choice
          id="language"
          label={writeShell('prefs.language')}
          value={draft.language}
          options={languages.map((name) => [name, languageNames[name]] as const)}
          onChange={(language) => set({ language })}
        />
        <Choice
          id="zone"
          label={writeShell('prefs.zone')}
          value={draft.zone}
          options={zones().map((name) => [name, name] as const)}
          onChange={(zone) => set({ zone })}
        />
        <Choice
          id="unit"
          label={writeShell('prefs.unit')}
          value={draft.unit}
          options={[
            ['C', '°C'],
            ['F', '°F'],
          ]}
          onChange={(unit) => set({ unit })}
        />
      </fieldset>
    </>
  )
}

function parseSettings(answer: unknown): Settings {
  const json = objectOf(answer)
  return {
    changeControl: parseControl(json.changeControl),
    dispositionControl: parseControl(json.dispositionControl),
    language: languages.find((name) => name === json.language) ?? 'en',
    zone: textOf(json.zone) || 'UTC',
    unit: json.unit === 'F' ? 'F' : 'C',
  }
}

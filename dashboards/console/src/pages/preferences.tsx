// How the reader wants things shown, kept in the browser: language, unit, colours, time zone.
import { LookChoices } from '../look-choices.tsx'
import { chosenZone, me } from '../session.ts'
import { write } from '../words/shell.ts'

const zones = Intl.supportedValuesOf('timeZone')

export default function Preferences() {
  const fallback = me.value?.zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone
  return (
    <section class="panel form-panel" aria-label={write('prefs.language')}>
      <LookChoices />
      <div class="field">
        <label for="zone">{write('prefs.zone')}</label>
        <select
          id="zone"
          value={chosenZone.value}
          onChange={(event) => {
            chosenZone.value = event.currentTarget.value
          }}
        >
          <option value="">{write('prefs.zone.default', { zone: fallback })}</option>
          {['UTC', ...zones.filter((name) => name !== 'UTC')].map((name) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
        <p class="hint">{write('prefs.zone.hint')}</p>
      </div>
      <p class="hint">{write('prefs.kept')}</p>
    </section>
  )
}

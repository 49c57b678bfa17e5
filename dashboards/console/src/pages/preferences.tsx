// How the reader wants things shown, kept in the browser: language, unit, colours, time zone.
import { LookChoices } from '../look-choices.tsx'
import type { PageProps } from '../pages.ts'
import { PasswordForm } from '../password-form.tsx'
import { keepLikings } from '../pulse.ts'
import { chosenZone, me, singleKeys } from '../session.ts'
import { zones } from '../settings/zones.ts'
import { write } from '../words/shell.ts'
import { writeTitle } from '../words/titles.ts'

export default function Preferences(_: PageProps) {
  const fallback = me.value?.zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone
  return (
    <div class="page page-narrow">
      <section class="panel form-panel" aria-label={writeTitle('preferences')}>
        <LookChoices />
        <div class="field">
          <label for="zone">{write('prefs.zone')}</label>
          <select
            id="zone"
            value={chosenZone.value}
            onChange={(event) => {
              chosenZone.value = event.currentTarget.value
              void keepLikings({ zone: chosenZone.value || null })
            }}
          >
            <option value="">{write('prefs.zone.default', { zone: fallback })}</option>
            {zones().map((name) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </select>
          <p class="hint">{write('prefs.zone.hint')}</p>
        </div>
        <div class="field">
          <label class="check">
            <input
              type="checkbox"
              aria-describedby="keys-hint"
              checked={singleKeys.value}
              onChange={(event) => {
                singleKeys.value = event.currentTarget.checked
              }}
            />
            {write('prefs.keys')}
          </label>
          <p class="hint" id="keys-hint">
            {write('prefs.keys.hint')}
          </p>
        </div>
      </section>
      {me.value?.kind === 'person' && (
        <section class="panel form-panel" aria-labelledby="password-title">
          <PasswordForm onDone={() => undefined} />
        </section>
      )}
    </div>
  )
}

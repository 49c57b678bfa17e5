// How the reader wants things shown: language, unit, colours. On the sign-in page and among the
// preferences. Changes at once, no button to confirm.

import type { Unit } from './format.ts'
import { languageNames } from './palette.tsx'
import { keepLikings } from './pulse.ts'
import { chooseLanguage, type Theme, theme, unit } from './session.ts'
import { write } from './words/shell.ts'
import { language, languages } from './words.ts'

const units: readonly Unit[] = ['C', 'F']
const themes: readonly Theme[] = ['auto', 'light', 'dark']

export function LookChoices() {
  return (
    <div class="look-choices">
      <fieldset class="choices">
        <legend>{write('prefs.language')}</legend>
        <div class="switch">
          {languages.map((name) => (
            <button
              key={name}
              type="button"
              lang={name}
              aria-pressed={language.value === name}
              onClick={() => {
                chooseLanguage(name)
                void keepLikings({ language: name })
              }}
            >
              {languageNames[name]}
            </button>
          ))}
        </div>
      </fieldset>
      <fieldset class="choices">
        <legend>{write('prefs.unit')}</legend>
        <div class="switch">
          {units.map((name) => (
            <button
              key={name}
              type="button"
              aria-pressed={unit.value === name}
              onClick={() => {
                unit.value = name
                void keepLikings({ unit: name })
              }}
            >
              °{name}
            </button>
          ))}
        </div>
      </fieldset>
      <fieldset class="choices">
        <legend>{write('prefs.theme')}</legend>
        <div class="switch">
          {themes.map((name) => (
            <button
              key={name}
              type="button"
              aria-pressed={theme.value === name}
              onClick={() => {
                theme.value = name
              }}
            >
              {write(`prefs.theme.${name}`)}
            </button>
          ))}
        </div>
      </fieldset>
    </div>
  )
}

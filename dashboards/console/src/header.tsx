// The top of the page: is it live, how far do the data reach, in which zone and unit, in which
// light.

import { formatTime, formatZone, type Unit } from './format.ts'
import { dataUpTo } from './lists.ts'
import { signOut, type Theme, theme, token, unit, zone } from './session.ts'
import { live } from './watch.ts'

const liveWords = { connecting: 'connecting', live: 'live', reconnecting: 'reconnecting' } as const
const units: readonly Unit[] = ['C', 'F']
const themes: readonly Theme[] = ['auto', 'light', 'dark']

export function Header() {
  return (
    <header class="top">
      <h1 class="brand">
        <svg viewBox="0 0 32 32" aria-hidden="true">
          <path class="brand-limit" d="M2 10h28" />
          <path class="brand-line" d="M2 25h8v-7h7V5h6v13h7" />
        </svg>
        Isotherm
      </h1>
      {token.value !== null && <LiveState />}
      <div class="controls">
        <fieldset class="switch">
          <legend class="hidden">Temperature unit</legend>
          {units.map((value) => (
            <button
              key={value}
              type="button"
              aria-pressed={unit.value === value}
              onClick={() => {
                unit.value = value
              }}
            >
              °{value}
            </button>
          ))}
        </fieldset>
        <fieldset class="switch">
          <legend class="hidden">Colours</legend>
          {themes.map((value) => (
            <button
              key={value}
              type="button"
              aria-pressed={theme.value === value}
              onClick={() => {
                theme.value = value
              }}
            >
              {value}
            </button>
          ))}
        </fieldset>
        {token.value !== null && (
          <button type="button" class="quiet" onClick={() => signOut()}>
            Sign out
          </button>
        )}
      </div>
    </header>
  )
}

function LiveState() {
  const upTo = dataUpTo.value
  return (
    <div class="state">
      <span class={`live live-${live.value}`} role="status">
        <svg viewBox="0 0 16 16" aria-hidden="true">
          {live.value === 'live' ? (
            <circle cx="8" cy="8" r="5.5" />
          ) : (
            <path d="M8 2.5a5.5 5.5 0 1 1-5.2 3.7" />
          )}
        </svg>
        {liveWords[live.value]}
      </span>
      <span>
        data up to <b class="number">{upTo === null ? 'no reading yet' : formatTime(upTo, zone)}</b>
      </span>
      <span class="zone">times in {formatZone(zone, upTo ?? Date.now())}</span>
    </div>
  )
}

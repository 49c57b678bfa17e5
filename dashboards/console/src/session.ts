// Who looks, and how they like to look: token, person, language, unit, theme, time zone. The token
// lives as long as the tab (sessionStorage), preferences stay (localStorage). Asks the server
// nothing.
import { computed, effect, signal } from '@preact/signals'
import type { Problem } from './client.ts'
import type { Look, Unit } from './format.ts'
import { type Language, language, languageOf, languages } from './words.ts'

export type Theme = 'auto' | 'light' | 'dark'

/** Who signed in, as `GET /api/v1/me` says; null while the server does not know people. */
export interface Me {
  id: string
  name: string
  kind: string
  roles: readonly string[]
  /** What a person chose, else the organisation; null where nobody did: as the browser has it. */
  zone: string | null
  /** The first password counts once. */
  mustChange: boolean
}

const tokenKey = 'isotherm.token'
const browserZone = Intl.DateTimeFormat().resolvedOptions().timeZone

export const token = signal<string | null>(null)
export const me = signal<Me | null>(null)
/** The token, once the server does what is asked with it: a first password opens nothing. */
export const active = computed(() => (me.value?.mustChange ? null : token.value))
/** Why the sign-in form is shown again. */
export const refusal = signal<Problem | null>(null)
export const unit = signal<Unit>('C')
export const theme = signal<Theme>('auto')
/** Single letters, digits and signs are shortcuts (WCAG 2.1.4 wants a way to switch them off). */
export const singleKeys = signal(true)
/** Nothing but the page, in large type, for a screen on a wall. */
export const wall = signal(false)
/** The reader's own choice; empty: as the organisation has it, else as the browser has it. */
export const chosenZone = signal('')
export const zone = computed(() => chosenZone.value || me.value?.zone || browserZone)
/** How figures are written now. */
export const look = computed<Look>(() => ({
  unit: unit.value,
  zone: zone.value,
  language: language.value,
}))

/**
 * Takes the token of the tab, or of `#token=…`, which then leaves the address bar and the history
 * entry.
 */
export function openSession(): void {
  const given = new URLSearchParams(location.hash.slice(1)).get('token')
  if (given) history.replaceState(null, '', location.pathname + location.search)
  token.value = given || read(() => sessionStorage, tokenKey)
  unit.value = stored('unit', ['C', 'F'], 'C')
  singleKeys.value = stored('keys', ['on', 'off'], 'on') === 'on'
  theme.value = stored('theme', ['auto', 'light', 'dark'], 'auto')
  language.value = stored('language', languages, languageOf(navigator.languages))
  const kept = read(() => localStorage, 'isotherm.zone') ?? ''
  chosenZone.value = isZone(kept) ? kept : ''
  effect(() => write(() => sessionStorage, tokenKey, token.value))
  keep('unit', () => unit.value)
  keep('keys', () => (singleKeys.value ? 'on' : 'off'))
  keep('zone', () => chosenZone.value)
  effect(() => {
    document.documentElement.lang = language.value
  })
  keep('theme', () => theme.value)
  effect(() => {
    document.documentElement.dataset.theme = theme.value
  })
  effect(() => {
    document.documentElement.classList.toggle('wall', wall.value)
  })
}

/** Written down only when chosen: else the console follows the browser when that changes. */
export function chooseLanguage(chosen: Language): void {
  language.value = chosen
  write(() => localStorage, 'isotherm.language', chosen)
}

export function signIn(given: string): void {
  refusal.value = null
  token.value = given
}

/** `reason`: what the server said when it no longer took the token. */
export function signOut(reason: Problem | null = null): void {
  refusal.value = reason
  me.value = null
  token.value = null
}

export function isZone(name: string): boolean {
  try {
    return name !== '' && Intl.DateTimeFormat('en', { timeZone: name }) !== undefined
  } catch {
    return false
  }
}

function keep(name: string, value: () => string): void {
  effect(() => write(() => localStorage, `isotherm.${name}`, value()))
}

function stored<T extends string>(name: string, known: readonly T[], fallback: T): T {
  const value = read(() => localStorage, `isotherm.${name}`)
  return known.find((entry) => entry === value) ?? fallback
}

// Storage may be forbidden (private windows, policies): then things hold as long as the page.
function read(storage: () => Storage, key: string): string | null {
  try {
    return storage().getItem(key)
  } catch {
    return null
  }
}

function write(storage: () => Storage, key: string, value: string | null): void {
  try {
    if (value === null) storage().removeItem(key)
    else storage().setItem(key, value)
  } catch {
    return
  }
}

// Who looks, and how they like to look: token, unit, theme, time zone. The token lives as long as
// the tab (sessionStorage), preferences stay (localStorage). Asks the server nothing.
import { effect, signal } from '@preact/signals'
import type { Problem } from './client.ts'
import type { Unit } from './format.ts'

export type Theme = 'auto' | 'light' | 'dark'

const tokenKey = 'isotherm.token'

export const token = signal<string | null>(null)
/** Why the sign-in form is shown again. */
export const refusal = signal<Problem | null>(null)
export const unit = signal<Unit>(stored('unit', ['C', 'F'], 'C'))
export const theme = signal<Theme>(stored('theme', ['auto', 'light', 'dark'], 'auto'))
export const zone = Intl.DateTimeFormat().resolvedOptions().timeZone

/**
 * Takes the token of the tab, or of `#token=…`, which then leaves the address bar and the history
 * entry.
 */
export function openSession(): void {
  const given = new URLSearchParams(location.hash.slice(1)).get('token')
  if (given) history.replaceState(null, '', location.pathname + location.search)
  token.value = given || read(sessionStorage, tokenKey)
  effect(() => write(sessionStorage, tokenKey, token.value))
  effect(() => write(localStorage, 'isotherm.unit', unit.value))
  effect(() => {
    write(localStorage, 'isotherm.theme', theme.value)
    document.documentElement.dataset.theme = theme.value
  })
}

export function signIn(given: string): void {
  refusal.value = null
  token.value = given
}

/** `reason`: what the server said when it no longer took the token. */
export function signOut(reason: Problem | null = null): void {
  refusal.value = reason
  token.value = null
}

function stored<T extends string>(name: string, known: readonly T[], fallback: T): T {
  const value = read(localStorage, `isotherm.${name}`)
  return known.find((entry) => entry === value) ?? fallback
}

// Storage may be forbidden (private windows, policies): then things hold as long as the page.
function read(storage: Storage, key: string): string | null {
  try {
    return storage.getItem(key)
  } catch {
    return null
  }
}

function write(storage: Storage, key: string, value: string | null): void {
  try {
    if (value === null) storage.removeItem(key)
    else storage.setItem(key, value)
  } catch {
    return
  }
}

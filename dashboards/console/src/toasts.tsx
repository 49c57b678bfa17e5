// Short messages about what just happened, seen at the edge of the page and said to screen readers.
// Errors stay until closed; what went well leaves by itself.
import { signal } from '@preact/signals'
import { Icon } from './icons.tsx'
import { write } from './words/shell.ts'

export interface Toast {
  id: number
  text: string
  kind: 'done' | 'wrong' | 'news'
  /** Where it leads. */
  href?: string | undefined
}

const shownMs = 6000
const linkShownMs = 20_000
const shownMax = 4

export const toasts = signal<readonly Toast[]>([])
let count = 0

export function toast(text: string, kind: Toast['kind'] = 'done', href?: string): void {
  const id = ++count
  toasts.value = [...toasts.value, { id, text, kind, href }].slice(-shownMax)
  // What leads somewhere stays long enough to be reached by keys (WCAG 2.2, 2.2.1).
  if (kind !== 'wrong') setTimeout(() => closeToast(id), href ? linkShownMs : shownMs)
}

export function closeToast(id: number): void {
  toasts.value = toasts.value.filter((entry) => entry.id !== id)
}

export function Toasts() {
  return (
    <section class="toasts" aria-label={write('toasts')} aria-live="polite">
      {toasts.value.map(({ id, text, kind, href }) => (
        <div key={id} class={`toast toast-${kind}`}>
          {href ? (
            <a href={href} onClick={() => closeToast(id)}>
              {text}
            </a>
          ) : (
            <span>{text}</span>
          )}
          <button
            type="button"
            class="icon-button"
            aria-label={write('close')}
            onClick={() => closeToast(id)}
          >
            <Icon name="close" />
          </button>
        </div>
      ))}
    </section>
  )
}

// A window above the page: the browser's own dialog, which keeps the focus inside, closes with
// Escape and gives the focus back. Holds no content of its own.
import type { ComponentChildren } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'
import { Icon } from './icons.tsx'
import { write } from './words/shell.ts'

export interface DialogProps {
  title: string
  /** The title is for screen readers only. */
  bare?: boolean
  kind?: 'palette' | 'sheet' | 'wide'
  onClose(): void
  children: ComponentChildren
}

const firstField = ['input', 'select', 'textarea']
  .map((field) => `${field}:not([readonly], [disabled], [type="hidden"])`)
  .join(', ')

export function Dialog({ title, bare = false, kind, onClose, children }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null)
  // Before it is painted.
  useLayoutEffect(() => {
    const { current } = dialog
    current?.showModal()
    // What is typed at once goes into the form, not to the button that closes it.
    current?.querySelector<HTMLElement>(firstField)?.focus()
    // A click beside it closes it, as Escape does for the keyboard.
    const onClick = (event: MouseEvent): void => {
      if (event.target === current) current?.close()
    }
    current?.addEventListener('click', onClick)
    return () => {
      current?.removeEventListener('click', onClick)
      current?.close()
    }
  }, [])
  return (
    <dialog
      ref={dialog}
      class={`dialog ${kind ? `dialog-${kind}` : ''}`}
      aria-label={title}
      onClose={onClose}
    >
      <div class="dialog-box">
        {!bare && (
          <header>
            <h2>{title}</h2>
            <button
              type="button"
              class="icon-button"
              aria-label={write('close')}
              onClick={() => dialog.current?.close()}
            >
              <Icon name="close" />
            </button>
          </header>
        )}
        {children}
      </div>
    </dialog>
  )
}

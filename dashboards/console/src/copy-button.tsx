// Takes a text into the clipboard and says that it did.
import { useEffect, useState } from 'preact/hooks'
import { write } from './words/shell.ts'

export interface CopyButtonProps {
  text: string
  /** What is copied, for screen readers, where several stand on a page. */
  name?: string
}

export function CopyButton({ text, name }: CopyButtonProps) {
  const [copied, setCopied] = useState(false)
  useEffect(() => setCopied(false), [text])
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text)
      setCopied(true)
    } catch {
      // Without HTTPS browsers forbid the clipboard: the text can still be selected.
      setCopied(false)
    }
  }
  return (
    <button type="button" class="start" aria-label={name} onClick={() => void copy()}>
      <span role="status">{write(copied ? 'copied' : 'copy')}</span>
    </button>
  )
}

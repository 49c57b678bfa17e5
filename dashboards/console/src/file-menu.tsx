// Saves a table as a file: a workbook for people, in their language, unit and time zone; CSV and
// Parquet for machines, in UTC and °C. The server names the file.
import { useRef, useState } from 'preact/hooks'
import { download, type Query, toProblem } from './client.ts'
import { token, unit, zone } from './session.ts'
import { toast } from './toasts.tsx'
import { writeReport as write } from './words/report.ts'
import { language } from './words.ts'
import './file-menu.css'

interface FileMenuProps {
  /** Of the table, as `apiPath` makes it. */
  path: string
  /** Which rows: the filters of the page, and no page. */
  query?: Query
  /** What is saved, for who does not see where the button stands. */
  of: string
  /** On the button, where more than one stands. */
  label?: string
}

const forms = [
  { name: 'xlsx', media: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet' },
  { name: 'csv', media: 'text/csv' },
  { name: 'parquet', media: 'application/vnd.apache.parquet' },
] as const

export function FileMenu({ path, query, of, label = write('file') }: FileMenuProps) {
  const [busy, setBusy] = useState(false)
  const menu = useRef<HTMLDetailsElement>(null)
  const save = async ({ name, media }: (typeof forms)[number]): Promise<void> => {
    if (menu.current) menu.current.open = false
    menu.current?.querySelector('summary')?.focus()
    setBusy(true)
    try {
      const reader = { language: language.value, unit: unit.value, zone: zone.value }
      const asking = { token: token.value ?? '', accept: media, query: { ...query, ...reader } }
      await download(path, `isotherm.${name}`, asking)
    } catch (error) {
      const { message, remedy } = toProblem(error)
      toast(`${message} ${remedy}`, 'wrong')
    } finally {
      setBusy(false)
    }
  }
  const shut = (): void => {
    if (menu.current?.open) menu.current.open = false
  }
  return (
    <details
      class="file-menu no-print"
      ref={menu}
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || !menu.current?.open) return
        event.stopPropagation()
        shut()
        menu.current.querySelector('summary')?.focus()
      }}
      onFocusOut={({ relatedTarget }) => {
        if (!(relatedTarget instanceof Node && menu.current?.contains(relatedTarget))) shut()
      }}
    >
      <summary class="button" aria-label={`${label}: ${of}`} aria-busy={busy}>
        {busy ? write('file.making') : label}
      </summary>
      <div class="file-forms">
        {forms.map((form) => (
          <button
            key={form.name}
            type="button"
            disabled={busy}
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => void save(form)}
          >
            <b>{write(`file.${form.name}`)}</b>
            <span>{write(`file.${form.name}.hint`)}</span>
          </button>
        ))}
      </div>
    </details>
  )
}

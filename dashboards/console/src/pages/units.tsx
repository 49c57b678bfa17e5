// Finds a unit by whatever is at hand: its serial alone, a GS1 key in any syntax, a scan. One that
// is certain is opened at once.
import { useEffect, useRef, useState } from 'preact/hooks'
import { useLoad } from '../load.ts'
import { ProblemNote } from '../marks.tsx'
import type { PageProps } from '../pages.ts'
import { addressOf, goTo } from '../router.ts'
import * as say from '../say.ts'
import { findKey, findSerial } from '../search.ts'
import { type Column, Table } from '../table.tsx'
import { write } from '../words/logistics.ts'
import { write as writeShell } from '../words/shell.ts'

interface FoundUnit {
  epc: string
  serial: string
  name: string
}

export default function Units({ query }: PageProps) {
  const asked = query.get('text') ?? ''
  const [text, setText] = useState(asked)
  const field = useRef<HTMLInputElement>(null)
  useEffect(() => field.current?.focus({ preventScroll: true }), [])
  const found = useLoad(asked === '' ? null : asked, (signal) => look(asked, signal))
  return (
    <div class="page page-narrow">
      <section class="panel form-panel">
        <form
          class="find"
          onSubmit={(event) => {
            event.preventDefault()
            const wanted = text.trim()
            if (wanted) goTo(addressOf(['units'], { text: wanted }), { replace: true })
          }}
        >
          <label for="unit">{write('unit.ask')}</label>
          <div class="find-line">
            <input
              id="unit"
              ref={field}
              type="search"
              autocomplete="off"
              autocapitalize="none"
              spellcheck={false}
              required
              value={text}
              onInput={(event) => setText(event.currentTarget.value)}
            />
            <button type="submit" class="primary">
              {write('unit.find')}
            </button>
          </div>
          <p class="hint">{write('unit.hint')}</p>
        </form>
      </section>
      {found.problem && <ProblemNote problem={found.problem} />}
      <section
        class={asked === '' ? undefined : 'panel'}
        aria-live="polite"
        aria-label={write('unit.find')}
      >
        {asked !== '' && !found.value && !found.problem && (
          <p class="empty">{writeShell('loading')}</p>
        )}
        {found.value?.length === 0 && (
          <div class="empty">
            <p>{write('unit.none', { text: asked })}</p>
            <p>{write('unit.none.how')}</p>
          </div>
        )}
        {(found.value?.length ?? 0) > 0 && (
          <Table
            name={write('unit.found', { count: found.value?.length ?? 0 })}
            columns={columns()}
            rows={found.value ?? []}
            keyOf={({ epc }) => epc}
            hrefOf={({ epc }) => addressOf(['units', epc])}
            empty={null}
          />
        )}
      </section>
    </div>
  )
}

const columns = (): Column<FoundUnit>[] => [
  { key: 'epc', title: write('unit.serial'), cell: ({ epc }) => say.key(epc) },
  { key: 'name', title: write('unit.product'), cell: ({ name }) => name },
]

/** A key says where it leads; a serial alone may be of several products. */
async function look(text: string, signal: AbortSignal): Promise<FoundUnit[]> {
  const key = await findKey(text, signal).catch(() => null)
  if (key) {
    goTo(key.address)
    return []
  }
  const units = await findSerial(text, signal)
  if (units.length === 1 && units[0]) goTo(addressOf(['units', units[0].epc]))
  return units
}

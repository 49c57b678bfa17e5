// All keys of the console on one sheet, opened by `?`.
import { Dialog } from './dialog.tsx'
import { openLayer } from './navigation.tsx'
import { mayOpen, pages } from './pages.ts'
import { addressOf } from './router.ts'
import { me, singleKeys } from './session.ts'
import { write } from './words/shell.ts'
import { writeTitle } from './words/titles.ts'

export function Shortcuts() {
  const shown = pages.filter(
    (entry) => entry.nav?.key !== undefined && mayOpen(entry, me.value?.roles ?? null),
  )
  return (
    <Dialog title={write('keys')} kind="wide" onClose={() => (openLayer.value = null)}>
      {!singleKeys.value && (
        <p class="dialog-body">
          {write('keys.off')}{' '}
          <a href={addressOf(['preferences'])} onClick={() => (openLayer.value = null)}>
            {writeTitle('preferences')}
          </a>
        </p>
      )}
      <div class="key-tables">
        <KeyTable
          title={write('keys.everywhere')}
          rows={[
            [['Ctrl K', '⌘ K', '/'], write('keys.search')],
            [['?'], write('keys.this')],
            [['w'], write('keys.wall')],
            [['u'], write('keys.unit')],
            [['t'], write('keys.light')],
            [['Esc'], write('keys.escape')],
          ]}
        />
        <KeyTable
          title={write('keys.pages')}
          rows={shown.map((entry) => [[entry.nav?.key ?? ''], writeTitle(entry.title)])}
        />
        <KeyTable
          title={write('keys.lists')}
          rows={[
            [['↑', '↓'], write('keys.move')],
            [['Home', 'End'], write('keys.ends')],
            [['Enter'], write('keys.open')],
          ]}
        />
        <KeyTable
          title={write('keys.map')}
          rows={[
            [['←', '→', '↑', '↓'], write('keys.pan')],
            [['+', '−'], write('keys.zoom')],
            [['0'], write('keys.fit')],
          ]}
        />
      </div>
    </Dialog>
  )
}

interface KeyTableProps {
  title: string
  rows: readonly (readonly [keys: readonly string[], what: string])[]
}

function KeyTable({ title, rows }: KeyTableProps) {
  return (
    <section>
      <h3>{title}</h3>
      <dl class="keys">
        {rows.map(([keys, what]) => (
          <div key={what}>
            <dt>
              {keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
    </section>
  )
}

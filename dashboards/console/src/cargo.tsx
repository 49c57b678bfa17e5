// What is inside a container, level by level, each asked for when it is opened (a tree: ARIA 1.2
// §5.3). Shows as many of a level as one answer holds.
import { useState } from 'preact/hooks'
import { Icon } from './icons.tsx'
import { useLoad } from './load.ts'
import { ProblemNote } from './marks.tsx'
import { addressOf } from './router.ts'
import * as say from './say.ts'
import { apiPath, read } from './server.ts'
import { parsePage, parseTime, textOf } from './shapes.ts'
import { write } from './words/logistics.ts'
import { write as writeShell } from './words/shell.ts'

interface Item {
  epc: string
  relation: string
  since: number | null
}

const levelMax = 200

export function Cargo({ container }: { container: string }) {
  return (
    <section class="panel cargo" aria-labelledby="cargo-title">
      <header>
        <h2 id="cargo-title">{write('cargo')}</h2>
      </header>
      <Level epc={container} top />
    </section>
  )
}

function Level({ epc, top = false }: { epc: string; top?: boolean }) {
  const inside = useLoad(epc, (signal) => loadInside(epc, signal), ['capture.applied'])
  const { value } = inside
  if (inside.problem) return <ProblemNote problem={inside.problem} />
  if (!value) return <p class="empty">{writeShell('loading')}</p>
  if (value.items.length === 0) return top ? <p class="empty">{write('cargo.none')}</p> : null
  return (
    <>
      <ul class="tree" aria-label={top ? write('cargo.tree') : say.key(epc)}>
        {value.items.map((item) => (
          <Branch key={item.epc} item={item} />
        ))}
      </ul>
      {value.more && <p class="empty">{write('cargo.more', { count: value.items.length })}</p>}
    </>
  )
}

function Branch({ item }: { item: Item }) {
  const [open, setOpen] = useState(false)
  const { epc, since } = item
  const mayHold = !/\/8004\//.test(epc)
  const name = say.key(epc)
  return (
    <li>
      <div class="branch">
        {mayHold ? (
          <button
            type="button"
            class="icon-button"
            aria-expanded={open}
            aria-label={name}
            onClick={() => setOpen(!open)}
          >
            <Icon name={open ? 'down' : 'right'} />
          </button>
        ) : (
          <span class="icon-space" />
        )}
        <a class="mono" href={addressOf(['units', epc])}>
          {name}
        </a>
        <span class="hint number">{say.time(since)}</span>
      </div>
      {open && <Level epc={epc} />}
    </li>
  )
}

async function loadInside(epc: string, signal: AbortSignal) {
  const query = { depth: 1, limit: levelMax }
  const page = parsePage(await read(apiPath('units', epc, 'content'), query, signal), (item) => ({
    epc: textOf(item.epc),
    relation: textOf(item.relation),
    since: parseTime(item.since),
  }))
  return { items: page.items, more: page.next !== null }
}

// What is inside a container, level by level, each asked for when it is opened (a tree: ARIA 1.2
// §5.3): as it is now, or was when the logger was taken off. Shows as many of a level as one answer
// holds.
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

interface CargoProps {
  container: string
  /** When its logger was taken off; null: it is still on, and what is inside now is shown. */
  endedAt: number | null
}

export function Cargo({ container, endedAt }: CargoProps) {
  const at = endedAt === null ? null : endedAt - 1
  return (
    <section class="panel cargo" aria-labelledby="cargo-title">
      <header>
        <h2 id="cargo-title">{write('cargo')}</h2>
        {endedAt !== null && (
          <span class="count">{write('cargo.asOf', { time: say.time(endedAt) })}</span>
        )}
      </header>
      <Level epc={container} at={at} top />
    </section>
  )
}

interface LevelProps {
  epc: string
  /** As of then, epoch ms; null: now. */
  at: number | null
  top?: boolean
}

function Level({ epc, at, top = false }: LevelProps) {
  const key = `${epc} ${at ?? ''}`
  const inside = useLoad(key, (signal) => loadInside({ epc, at }, signal), ['capture.applied'])
  const { value } = inside
  if (inside.problem) return <ProblemNote problem={inside.problem} />
  if (!value) return <p class="empty">{writeShell('loading')}</p>
  if (value.items.length === 0) return top ? <p class="empty">{write('cargo.none')}</p> : null
  return (
    <>
      <ul class="tree" aria-label={top ? write('cargo.tree') : say.key(epc)}>
        {value.items.map((item) => (
          <Branch key={item.epc} item={item} at={at} />
        ))}
      </ul>
      {value.more && <p class="empty">{write('cargo.more', { count: value.items.length })}</p>}
    </>
  )
}

function Branch({ item, at }: { item: Item; at: number | null }) {
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
      {open && <Level epc={epc} at={at} />}
    </li>
  )
}

async function loadInside({ epc, at }: Omit<LevelProps, 'top'>, signal: AbortSignal) {
  const asOf = at === null ? {} : { at: new Date(at).toISOString() }
  const query = { depth: 1, limit: levelMax, ...asOf }
  const page = parsePage(await read(apiPath('units', epc, 'content'), query, signal), (item) => ({
    epc: textOf(item.epc),
    relation: textOf(item.relation),
    since: parseTime(item.since),
  }))
  return { items: page.items, more: page.next !== null }
}

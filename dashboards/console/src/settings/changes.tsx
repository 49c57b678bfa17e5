// Proposed changes of a profile, with what was proposed and a way to sign it.
import { useState } from 'preact/hooks'
import { useLoad } from '../load.ts'
import { ProblemNote, StatusMark } from '../marks.tsx'
import { nameOf, usePeople } from '../quality/people.ts'
import { SignDialog } from '../quality/sign-dialog.tsx'
import * as say from '../say.ts'
import { apiPath, read } from '../server.ts'
import { parsePage } from '../shapes.ts'
import { write } from '../words/settings.ts'
import { mayAs } from './may.ts'
import { type Change, type ProductView, parseChange } from './product.ts'

export interface ChangesProps {
  product: ProductView
  onSigned(): void
}

export function Changes({ product, onSigned }: ChangesProps) {
  const { gtin, name, version } = product
  const path = apiPath('products', gtin, 'changes')
  const loaded = useLoad(
    `${path} ${version}`,
    async (signal) => parsePage(await read(path, { limit: 50 }, signal), parseChange).items,
    ['changed:products'],
  )
  usePeople()
  const [signs, setSigns] = useState<Change | null>(null)
  return (
    <section class="panel" aria-labelledby="changes-title">
      <header>
        <h2 id="changes-title">{write('changes')}</h2>
      </header>
      {loaded.problem && <ProblemNote problem={loaded.problem} />}
      {loaded.value?.length === 0 && <p class="empty">{write('changes.none')}</p>}
      <ul class="changes">
        {loaded.value?.map((change) => (
          <ChangeRow key={change.id} change={change} onSign={() => setSigns(change)} />
        ))}
      </ul>
      {signs && (
        <SignDialog
          path={`${path}/${encodeURIComponent(signs.id)}/signature`}
          recordHash={signs.recordHash}
          summary={write('change.summary', { name, gtin })}
          onClose={() => setSigns(null)}
          onSigned={() => {
            loaded.reload()
            onSigned()
          }}
          onStale={() => {
            setSigns(null)
            loaded.reload()
          }}
        />
      )}
    </section>
  )
}

function ChangeRow({ change, onSign }: { change: Change; onSign(): void }) {
  const { state, stale, proposedBy, proposedAt, reason, profile } = change
  return (
    <li>
      <p>
        <StatusMark status={write(`change.${state}`)} />{' '}
        {write('change.by', { who: nameOf(proposedBy), time: say.time(proposedAt), reason })}
      </p>
      {state === 'proposed' && stale && <p class="hint">{write('change.stale')}</p>}
      <details>
        <summary>{write('product.rules')}</summary>
        <pre class="json">{JSON.stringify(profile, null, 2)}</pre>
      </details>
      {state === 'proposed' && mayAs('admin', 'quality') && (
        <button type="button" class="start" onClick={onSign}>
          {write('change.sign')}
        </button>
      )}
    </li>
  )
}

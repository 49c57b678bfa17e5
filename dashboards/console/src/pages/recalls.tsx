// The recall room's door: recalls and drills so far, and the start of one.
import { useLoad } from '../load.ts'
import { ProblemNote, StatusMark } from '../marks.tsx'
import type { PageProps } from '../pages.ts'
import { usePlaces } from '../places.ts'
import { useProductNames } from '../product-names.ts'
import { criterionText } from '../quality/criterion-text.ts'
import * as d from '../quality/decode.ts'
import { mayDecide } from '../quality/may.ts'
import '../quality/quality.css'
import { RecallForm } from '../quality/recall-form.tsx'
import { recall } from '../quality/recall-shapes.ts'
import { addressOf } from '../router.ts'
import * as say from '../say.ts'
import { apiPath, read } from '../server.ts'
import { writeQuality } from '../words/quality.ts'
import { writeRecall as write } from '../words/recall.ts'
import { write as writeShell } from '../words/shell.ts'

export default function Recalls(_: PageProps) {
  const { value, problem } = useLoad(
    'recalls',
    async (signal) => d.page(recall)(await read(apiPath('recalls'), { limit: 100 }, signal)),
    ['recall.started', 'recall.changed', 'capture.applied'],
  )
  usePlaces()
  useProductNames()
  return (
    <div class="page">
      <section class="panel" aria-busy={!value && !problem} aria-labelledby="recalls-title">
        <header>
          <h2 id="recalls-title">{write('list')}</h2>
        </header>
        {problem && <ProblemNote problem={problem} />}
        {!value && !problem && <p class="empty">{writeShell('loading')}</p>}
        {value?.items.length === 0 && <p class="empty">{write('none')}</p>}
        <ul class="rows">
          {value?.items.map(
            ({ id, name, drill, status, serialCount, startedAt, reason, criteria }) => (
              <li key={id}>
                <a href={addressOf(['recalls', id])}>{name}</a>{' '}
                <StatusMark status={write(drill ? 'kind.drill' : 'kind.recall')} />{' '}
                <StatusMark status={write(`status.${status}`)} />
                <p class="group-note number">
                  {`${say.time(startedAt)} · ${writeQuality('units', { count: serialCount })}`}
                </p>
                <p class="clamp">{criteria.allOf.map(criterionText).join(' · ')}</p>
                <p class="clamp">{reason}</p>
              </li>
            ),
          )}
        </ul>
      </section>
      {mayDecide() && (
        <section class="panel" aria-labelledby="start-title">
          <header>
            <h2 id="start-title">{write('start')}</h2>
          </header>
          <RecallForm />
        </section>
      )}
    </div>
  )
}

// All decisions on units, the newest first.
import type { PageProps } from '../pages.ts'
import { DispositionList } from '../quality/disposition-list.tsx'
import { usePeople } from '../quality/people.ts'
import '../quality/quality.css'
import { writeDecide as write } from '../words/decide.ts'
import { writeTitle } from '../words/titles.ts'

export default function Dispositions(_: PageProps) {
  usePeople()
  return (
    <div class="page">
      <section class="panel" aria-label={writeTitle('dispositions')}>
        <DispositionList query={{}} none={write('none')} />
      </section>
    </div>
  )
}

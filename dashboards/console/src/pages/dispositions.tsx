// All decisions on units, the newest first.
import { FileMenu } from '../file-menu.tsx'
import type { PageProps } from '../pages.ts'
import { DispositionList } from '../quality/disposition-list.tsx'
import { usePeople } from '../quality/people.ts'
import '../quality/quality.css'
import { apiPath } from '../server.ts'
import { writeDecide as write } from '../words/decide.ts'
import { writeTitle } from '../words/titles.ts'

export default function Dispositions(_: PageProps) {
  usePeople()
  return (
    <div class="page">
      <section class="panel" aria-labelledby="dispositions-title">
        <header>
          <h2 id="dispositions-title">{writeTitle('dispositions')}</h2>
          <FileMenu path={apiPath('dispositions')} of={writeTitle('dispositions')} />
        </header>
        <DispositionList query={{}} none={write('none')} />
      </section>
    </div>
  )
}

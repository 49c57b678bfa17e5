// The units concerned by a case, page by page.
import { useEffect, useState } from 'preact/hooks'
import { type Problem, toProblem } from '../client.ts'
import { FileMenu } from '../file-menu.tsx'
import { ProblemNote } from '../marks.tsx'
import { addressOf } from '../router.ts'
import * as say from '../say.ts'
import { apiPath, read } from '../server.ts'
import { writeCases as write } from '../words/cases.ts'
import { writeQuality } from '../words/quality.ts'
import type { WholeCase } from './case-shapes.ts'
import * as d from './decode.ts'

const pageUnits = 50
const unit = d.shape({ epc: d.text })

export function CaseUnits({ of: { id, revision, serialCount } }: { of: WholeCase }) {
  const [epcs, setEpcs] = useState<string[]>([])
  const [next, setNext] = useState<string | null>(null)
  const [problem, setProblem] = useState<Problem | null>(null)
  const load = (cursor: string | null, signal?: AbortSignal): void => {
    const query = { limit: pageUnits, ...(cursor && { cursor }) }
    read(apiPath('cases', id, 'serials'), query, signal)
      .then((json) => {
        const page = d.page(unit)(json)
        const more = page.items.map(({ epc }) => epc)
        setEpcs((old) => (cursor ? [...old, ...more] : more))
        setNext(page.next)
        setProblem(null)
      })
      .catch((error: unknown) => {
        if (!signal?.aborted) setProblem(toProblem(error))
      })
  }
  useEffect(() => {
    const controller = new AbortController()
    load(null, controller.signal)
    return () => controller.abort()
  }, [id, revision])
  return (
    <section class="panel" aria-labelledby="case-units-title">
      <header>
        <h2 id="case-units-title">{write('serials')}</h2>
        <span class="count number">{say.count(serialCount)}</span>
        {serialCount > 0 && (
          <FileMenu path={apiPath('cases', id, 'serials')} of={write('serials')} />
        )}
      </header>
      {problem && <ProblemNote problem={problem} />}
      {serialCount === 0 && <p class="empty">{write('serials.none')}</p>}
      <ul class="case-units mono">
        {epcs.map((epc) => (
          <li key={epc}>
            <a href={addressOf(['units', epc])}>{say.key(epc)}</a>
          </li>
        ))}
      </ul>
      {next !== null && (
        <button type="button" class="more" onClick={() => load(next)}>
          {`${writeQuality('more')} (${say.count(epcs.length)} / ${say.count(serialCount)})`}
        </button>
      )}
    </section>
  )
}

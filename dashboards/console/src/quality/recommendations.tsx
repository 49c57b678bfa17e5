// Units with what their passports recommend, beside a decision or a proposal. Decides nothing.
import { useEffect, useState } from 'preact/hooks'
import { type Problem, toProblem } from '../client.ts'
import { FileMenu } from '../file-menu.tsx'
import { ProblemNote, VerdictMark } from '../marks.tsx'
import { addressOf } from '../router.ts'
import * as say from '../say.ts'
import { read } from '../server.ts'
import { writeDecide as write } from '../words/decide.ts'
import { writeQuality } from '../words/quality.ts'
import { write as writeShell } from '../words/shell.ts'
import * as d from './decode.ts'
import { sentenceOfReason } from './reason-sentence.ts'
import { type Recommended, recommended } from './shapes.ts'

export interface RecommendationsProps {
  /** `/api/v1/alerts/…/recommendations` or `/api/v1/dispositions/…/units`. */
  path: string
  /** What the record says of each unit may be saved. */
  saved?: boolean
}

const pageUnits = 50

export function Recommendations({ path, saved = false }: RecommendationsProps) {
  const [units, setUnits] = useState<Recommended[]>([])
  const [next, setNext] = useState<string | null>('')
  const [busy, setBusy] = useState(true)
  const [problem, setProblem] = useState<Problem | null>(null)
  const load = (cursor: string | null, signal?: AbortSignal): void => {
    setBusy(true)
    const query = { limit: pageUnits, ...(cursor && { cursor }) }
    read(path, query, signal)
      .then((json) => {
        const page = d.page(recommended)(json)
        setUnits((old) => (cursor ? [...old, ...page.items] : page.items))
        setNext(page.next)
        setProblem(null)
        setBusy(false)
      })
      .catch((error: unknown) => {
        if (signal?.aborted) return
        setProblem(toProblem(error))
        setBusy(false)
      })
  }
  useEffect(() => {
    const controller = new AbortController()
    load(null, controller.signal)
    return () => controller.abort()
  }, [path])
  const proposed = units.some(({ decision }) => decision !== null)
  return (
    <section class="panel" aria-labelledby="recommended-title">
      <header>
        <h2 id="recommended-title">{write('recommended')}</h2>
        <span class="count">{write('recommended.hint')}</span>
        {saved && <FileMenu path={path} of={write('record.units')} />}
      </header>
      {problem && <ProblemNote problem={problem} />}
      <div class="records">
        <table>
          <thead>
            <tr>
              <th scope="col">{write('recommended.unit')}</th>
              {proposed && <th scope="col">{write('recommended.proposed')}</th>}
              <th scope="col">{write('recommended.verdict')}</th>
              <th scope="col">{write('recommended.why')}</th>
              <th scope="col">{write('recommended.inForce')}</th>
            </tr>
          </thead>
          <tbody>
            {units.map((unit) => (
              <UnitRow key={unit.epc} unit={unit} proposed={proposed} />
            ))}
          </tbody>
        </table>
      </div>
      {busy && <p class="empty">{writeShell('loading')}</p>}
      {!busy && next !== null && units.length > 0 && (
        <button type="button" class="more" onClick={() => load(next)}>
          {writeQuality('more')}
        </button>
      )}
    </section>
  )
}

function UnitRow({ unit, proposed }: { unit: Recommended; proposed: boolean }) {
  const { epc, recommendation, inForce, decision } = unit
  return (
    <tr>
      <th scope="row" class="mono">
        <a href={addressOf(['units', epc])}>{say.key(epc)}</a>
      </th>
      {proposed && (
        <td data-name={write('recommended.proposed')}>
          {decision ? writeQuality(`decision.${decision}`) : '–'}
        </td>
      )}
      <td>
        {recommendation ? (
          <VerdictMark verdict={recommendation.verdict} />
        ) : (
          write('recommended.noPassport')
        )}
      </td>
      <td class="wrap">{recommendation ? whyOf(recommendation) : '–'}</td>
      <td data-name={write('recommended.inForce')}>
        {inForce ? writeQuality(`decision.${inForce.decision}`) : write('recommended.none')}
      </td>
    </tr>
  )
}

/** The step that decided; else the last that was asked. */
function whyOf({ verdict, reasons }: NonNullable<Recommended['recommendation']>): string {
  const reason = reasons.find(({ outcome }) => outcome === verdict) ?? reasons.at(-1)
  return reason ? sentenceOfReason(reason) : '–'
}

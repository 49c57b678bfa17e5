// Dispositions as rows: what was proposed for how many units, by whom, and whether it is signed.
import { useLoad } from '../load.ts'
import { LoadProblem } from '../load-problem.tsx'
import { StatusMark } from '../marks.tsx'
import { addressOf } from '../router.ts'
import * as say from '../say.ts'
import { apiPath, read } from '../server.ts'
import { writeDecide as write } from '../words/decide.ts'
import { writeQuality } from '../words/quality.ts'
import { writeStale } from '../words/stale.ts'
import * as d from './decode.ts'
import { nameOf } from './people.ts'
import { type Disposition, dispositionListed } from './shapes.ts'

export interface DispositionListProps {
  query: Readonly<Record<string, string | number>>
  /** What stands there while there are none. */
  none: string
}

export function DispositionList({ query, none }: DispositionListProps) {
  const { value, problem } = useLoad(
    `dispositions ${JSON.stringify(query)}`,
    async (signal) =>
      d.page(dispositionListed)(
        await read(apiPath('dispositions'), { limit: 50, ...query }, signal),
      ),
    ['disposition.changed', 'alert.changed'],
  )
  return (
    <>
      <LoadProblem problem={problem} kept={value !== null} />
      {value?.items.length === 0 && <p class="empty">{none}</p>}
      <ul class="rows" aria-busy={!value && !problem}>
        {value?.items.map((one) => (
          <li key={one.id}>
            <a href={addressOf(['dispositions', one.id])}>{partsOf(one)}</a>{' '}
            <StatusMark status={one.staleBy ? writeStale('state') : write(`state.${one.state}`)} />
            <p class="group-note number">
              {writeQuality('by', { name: nameOf(one.proposedBy), time: say.time(one.proposedAt) })}
            </p>
            <p class="clamp">{one.reason}</p>
          </li>
        ))}
      </ul>
    </>
  )
}

/** `release: 210 units; reject: 120 units` */
export const partsOf = ({ parts }: Pick<Disposition, 'parts'>): string =>
  parts
    .map(
      ({ decision, count }) =>
        `${writeQuality(`decision.${decision}`)}: ${writeQuality('units', { count })}`,
    )
    .join('; ')

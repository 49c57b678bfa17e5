// How well a logger sends, by what came of it in the last day: a report to print. Advice for who
// builds senders.
import { Fact } from '../fact.tsx'
import { useLoad } from '../load.ts'
import { ProblemNote } from '../marks.tsx'
import * as say from '../say.ts'
import { apiPath, read } from '../server.ts'
import { write } from '../words/devices.ts'
import { sentenceOfCheck } from './health-sentence.ts'
import { type Check, parseConformance } from './shapes.ts'

export function Conformance({ id }: { id: string }) {
  const { value, problem } = useLoad(
    `conformance ${id}`,
    async (signal) =>
      parseConformance(await read(apiPath('devices', id, 'conformance'), {}, signal)),
    ['device.readings'],
  )
  return (
    <section class="panel facts" aria-busy={!value && !problem} aria-label={write('conformance')}>
      <header>
        <h2>{write('conformance')}</h2>
      </header>
      {problem && <ProblemNote problem={problem} />}
      {value && (
        <dl>
          <Fact
            name={write('conformance.score')}
            value={value.score === null ? '–' : say.count(value.score)}
            strong
          />
          {value.checks.map((check) => (
            <Fact
              key={check.check}
              name={nameOf(check)}
              value={check.points === null ? '–' : `${check.points} / ${check.of}`}
              note={sentenceOfCheck(check)}
            />
          ))}
        </dl>
      )}
      <div class="actions actions-start">
        <button type="button" onClick={() => print()}>
          {write('conformance.print')}
        </button>
      </div>
    </section>
  )
}

const checks = ['schema', 'interval', 'holes', 'clock', 'connection'] as const

/** A check of a newer server has no name here. */
function nameOf({ check }: Check): string {
  const known = checks.find((each) => each === check)
  return known ? write(`conformance.${known}`) : check
}

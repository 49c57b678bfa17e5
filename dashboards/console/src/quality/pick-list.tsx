// The pick list of a disposition: container by container what to take and what to leave, to be
// printed or saved. A whole container is one line.
import { useState } from 'preact/hooks'
import { FileMenu } from '../file-menu.tsx'
import { useLoad } from '../load.ts'
import { ProblemNote } from '../marks.tsx'
import * as say from '../say.ts'
import { apiPath, read } from '../server.ts'
import { writeDecide as write } from '../words/decide.ts'
import { writeQuality } from '../words/quality.ts'
import { write as writeShell } from '../words/shell.ts'
import { type Decision, type PickLine, pickList } from './shapes.ts'

export interface PickListProps {
  id: string
  decisions: readonly Decision[]
}

export function PickList({ id, decisions }: PickListProps) {
  const [decision, setDecision] = useState<Decision>(decisions[0] ?? 'release')
  const path = apiPath('dispositions', id, 'pick-list')
  const { value, problem } = useLoad(
    `picks ${id} ${decision}`,
    async (signal) => pickList(await read(path, { decision }, signal)),
    ['capture.applied'],
  )
  const units = writeQuality('units', { count: value?.takeCount ?? 0 })
  return (
    <section class="panel picks" aria-labelledby="picks-title">
      <header>
        <h2 id="picks-title">
          {write('picks.of', { decision: writeQuality(`decision.${decision}`), units })}
        </h2>
        {value && (
          <span class="count number">{write('picks.at', { time: say.time(value.at) })}</span>
        )}
        <span class="files no-print">
          {decisions.length > 1 && (
            <select
              aria-label={write('decision.of')}
              value={decision}
              onChange={(event) => setDecision(event.currentTarget.value as Decision)}
            >
              {decisions.map((one) => (
                <option key={one} value={one}>
                  {writeQuality(`decision.${one}`)}
                </option>
              ))}
            </select>
          )}
          <button type="button" onClick={printAll}>
            {write('print')}
          </button>
          <FileMenu path={path} query={{ decision }} of={write('picks')} />
        </span>
      </header>
      {problem && <ProblemNote problem={problem} />}
      {!value && !problem && <p class="empty">{writeShell('loading')}</p>}
      <ol class="pick-lines">
        {value?.lines.map((line) => (
          <Line key={`${line.pick} ${line.container}`} line={line} />
        ))}
      </ol>
    </section>
  )
}

/** What is folded up would not be printed. */
function printAll(): void {
  for (const folded of document.querySelectorAll<HTMLDetailsElement>('.pick-serials'))
    folded.open = true
  print()
}

function Line({ line }: { line: PickLine }) {
  const { pick, container, within, takeCount, leaveCount, take, leave } = line
  return (
    <li class={`pick pick-${pick}`}>
      <p class="pick-head">
        <span class="pick-box" aria-hidden="true" />
        <b>{container === null ? write('pick.loose') : say.key(container)}</b>
        <span>{container === null ? '' : write(`pick.${pick}`)}</span>
        <span class="number">
          {takeCount > 0 && `${write('picks.take')} ${say.count(takeCount)}`}
          {takeCount > 0 && leaveCount > 0 && ', '}
          {leaveCount > 0 && `${write('picks.leave')} ${say.count(leaveCount)}`}
        </span>
      </p>
      {within.length > 0 && (
        <p class="group-note">
          {write('picks.within', { containers: within.map(say.key).join(' › ') })}
        </p>
      )}
      {take.length > 0 && <Serials name={write('picks.take')} epcs={take} />}
      {leave.length > 0 && <Serials name={write('picks.leave')} epcs={leave} />}
    </li>
  )
}

function Serials({ name, epcs }: { name: string; epcs: readonly string[] }) {
  return (
    <details class="pick-serials" open={epcs.length <= 60}>
      <summary>
        {name} ({say.count(epcs.length)})
      </summary>
      <ul class="mono">
        {epcs.map((epc) => (
          <li key={epc}>{say.key(epc)}</li>
        ))}
      </ul>
    </details>
  )
}

// The affected serials of the selected alert, with their hash, files to take away, and how the set
// came to be.
import { useEffect, useLayoutEffect, useMemo } from 'preact/hooks'
import { type Affected, type AffectedSet, askSetOf, openAffected } from './affected.ts'
import { FileMenu } from './file-menu.tsx'
import { useLoad } from './load.ts'
import { LoadProblem } from './load-problem.tsx'
import { VerdictMark } from './marks.tsx'
import * as d from './quality/decode.ts'
import { causeText } from './quality/figures.ts'
import { addressOf } from './router.ts'
import * as say from './say.ts'
import { apiPath, read } from './server.ts'
import type { Revision, Serial, Verdict } from './shapes.ts'
import { writeBoard as write } from './words/board.ts'
import { write as writeShell } from './words/shell.ts'
import { writeUnit } from './words/unit.ts'

const verdicts: readonly Verdict[] = ['out', 'indeterminate', 'in']

export interface SerialTableProps {
  /** Of the alert. */
  id: string
  /** Of the alert as it stands; null while that is not known. */
  revision: number | null
}

export function SerialTable({ id, revision: newest }: SerialTableProps) {
  const set = useAffected(id, newest)
  const { value: loaded } = set.state
  const { serials, shown, next, busy, problem, revision } = loaded
  const drawn = Math.min(shown, serials.length)
  // The same objects while more comes in behind them: Preact leaves them alone.
  const rows = useMemo(
    () => serials.slice(0, drawn).map((serial) => <SerialRow key={serial.epc} serial={serial} />),
    [serials[0], drawn],
  )
  return (
    <section class="panel serials" aria-labelledby="serials-title">
      <header>
        <h2 id="serials-title">{write('set')}</h2>
        {revision > 0 && <span class="count">{say.count(loaded.count)}</span>}
        <FileMenu path={apiPath('alerts', id, 'serials')} of={write('set')} />
      </header>
      <div class="scroll">
        {revision > 0 && <SetLine id={id} loaded={loaded} />}
        <LoadProblem problem={problem} kept={serials.length > 0} />
        <table hidden={serials.length === 0 && problem !== null}>
          <thead>
            <tr>
              <th scope="col">{write('set.serial')}</th>
              <th scope="col">{write('set.verdict')}</th>
              <th scope="col" class="right">
                {write('set.beyond')}
              </th>
              <th scope="col" class="right">
                {write('set.peak')}
              </th>
              <th scope="col">{write('set.lot')}</th>
              <th scope="col">{write('set.inside')}</th>
            </tr>
          </thead>
          <tbody>{rows}</tbody>
        </table>
        {serials.length === 0 && !problem && (
          <p class="empty">{revision === 0 ? writeShell('loading') : write('set.none')}</p>
        )}
        {(next !== null || drawn < serials.length) && (
          <button
            type="button"
            class="more"
            disabled={busy && shown > serials.length}
            onClick={set.showMore}
          >
            {busy && shown > serials.length
              ? writeShell('loading')
              : write('set.more', { shown: drawn, count: loaded.count })}
          </button>
        )}
        {revision > 0 && <Revisions revisions={loaded.revisions} />}
      </div>
    </section>
  )
}

/** As remedies promise: what failed is asked for again until it comes. */
const againMs = 10_000

/** Asked for at once, not when the alert is known; again when that was restated. */
function useAffected(id: string, newest: number | null): AffectedSet {
  const set = useMemo(() => openAffected(askSetOf(id)), [id])
  const { revision, problem } = set.state.value
  useLayoutEffect(() => {
    void set.load()
    return set.close
  }, [set])
  useEffect(() => {
    if (newest !== null && revision > 0 && revision < newest) void set.load()
  }, [set, revision, newest])
  useEffect(() => {
    if (!problem) return
    const timer = setTimeout(() => void set.load(), againMs)
    return () => clearTimeout(timer)
  }, [set, problem])
  return set
}

function SerialRow({ serial }: { serial: Serial }) {
  return (
    <tr>
      <th scope="row" class="mono" title={serial.epc}>
        <a href={addressOf(['units', serial.epc])}>{serial.serial || say.key(serial.epc)}</a>
        {serial.serial && <span class="sub">{serial.gtin}</span>}
      </th>
      <td>
        <VerdictMark verdict={serial.verdict} />
      </td>
      <td class="number right" data-name={write('set.beyond')}>
        {say.minutes(serial.minutes)}
      </td>
      <td class="number right" data-name={write('set.peak')}>
        {say.temperature(serial.peakC)}
      </td>
      <td class="mono" data-name={write('set.lot')}>
        {serial.lot || '–'}
      </td>
      <td class="number" data-name={write('set.inside')}>
        {serial.from === null ? '–' : say.span(serial.from, serial.to)}
      </td>
    </tr>
  )
}

const countsOf = d.shape({ verdicts: d.counts })

/** Counts per verdict and the hash that pins the set. */
function SetLine({ id, loaded }: { id: string; loaded: Affected }) {
  const { serials, next, revision, hash } = loaded
  // The server counts those whose rows have not come; until then the rows that have are counted.
  const { value: whole } = useLoad(
    next === null ? null : `serial counts ${id} ${revision}`,
    async (signal) =>
      countsOf(await read(apiPath('alerts', id, 'serial-counts'), { revision }, signal)),
  )
  const told = next === null ? null : whole
  const countOf = (verdict: Verdict): number =>
    told?.verdicts[verdict] ?? serials.filter((serial) => serial.verdict === verdict).length
  const partly = next === null || told ? '' : ` ${write('set.ofFirst', { count: serials.length })}`
  return (
    <div class="set-line">
      <span class="set-counts">
        {verdicts.map((verdict) => (
          <span key={verdict}>
            <b class="number">{say.count(countOf(verdict))}</b> <VerdictMark verdict={verdict} />
          </span>
        ))}
        {partly}
      </span>
      <span class="hash">
        {write('set.hash', { revision })} <code title={hash}>{hash || write('set.noHash')}</code>
      </span>
    </div>
  )
}

function Revisions({ revisions }: { revisions: readonly Revision[] }) {
  return (
    <details class="revisions">
      <summary>{write('set.revisions', { count: revisions.length })}</summary>
      <ol reversed>
        {[...revisions].reverse().map((entry) => (
          <li key={entry.revision} value={entry.revision}>
            <span class="number">{say.time(entry.recordTime)}</span> {changesOf(entry).join('; ')}
          </li>
        ))}
      </ol>
    </details>
  )
}

function changesOf({ cause, added, removed, figures }: Revision): string[] {
  const changes = [cause ? causeText(cause) : write('set.noCause')]
  if (added !== null) changes.push(write('set.added', { count: added }))
  if (removed !== null) changes.push(write('set.removed', { count: removed }))
  const names = figures.flatMap((name) => figureNames[name]?.() ?? [])
  if (names.length > 0)
    changes.push(write('set.figures', { names: [...new Set(names)].join(', ') }))
  return changes
}

/** Of the figures of an alert that people know by a name. */
const figureNames: Readonly<Record<string, () => string>> = {
  minutes: () => write('fact.beyond'),
  unknownMinutes: () => write('fact.unknown'),
  peakC: () => write('fact.peak'),
  verdict: () => write('set.verdict'),
  from: () => write('fact.from'),
  to: () => write('fact.to'),
  limitC: () => write('fact.rule'),
  allowanceMinutes: () => write('fact.rule'),
  severity: () => write('fact.severity'),
  status: () => write('fact.state'),
  closed: () => write('fact.state'),
  legs: () => writeUnit('legs'),
}

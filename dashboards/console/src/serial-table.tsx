// The affected serials of the selected alert, with their hash, files to take away, and how the set
// came to be.
import { useState } from 'preact/hooks'
import { type Affected, affected, type FileFormat, saveSerials, showMore } from './affected.ts'
import type { Problem } from './client.ts'
import { ProblemNote, VerdictMark } from './marks.tsx'
import { addressOf } from './router.ts'
import * as say from './say.ts'
import type { Alert, Revision, Serial, Verdict } from './shapes.ts'
import { target } from './target.ts'
import { writeBoard as write } from './words/board.ts'
import { write as writeShell } from './words/shell.ts'

const verdicts: readonly Verdict[] = ['out', 'indeterminate', 'in']

export function SerialTable() {
  const alert = target.value?.alert
  const { value: loaded } = affected
  if (!alert) return null
  const mine = loaded?.alertId === alert.id ? loaded : null
  return (
    <section class="panel serials" aria-labelledby="serials-title">
      <header>
        <h2 id="serials-title">{write('set')}</h2>
        <span class="count">{say.count(alert.serialCount)}</span>
        <Files alert={alert} />
      </header>
      <div class="scroll">
        <SetLine alert={alert} loaded={mine} />
        {mine?.problem && <ProblemNote problem={mine.problem} />}
        <table>
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
          <tbody>
            {mine?.serials.slice(0, mine.shown).map((serial) => (
              <SerialRow key={serial.epc} serial={serial} />
            ))}
          </tbody>
        </table>
        {mine && mine.serials.length === 0 && !mine.problem && (
          <p class="empty">{mine.busy ? writeShell('loading') : write('set.none')}</p>
        )}
        {mine && mine.shown < alert.serialCount && mine.serials.length > 0 && (
          <button type="button" class="more" disabled={mine.busy} onClick={() => void showMore()}>
            {mine.busy
              ? writeShell('loading')
              : write('set.more', { shown: mine.shown, count: alert.serialCount })}
          </button>
        )}
        {mine && <Revisions revisions={mine.revisions} />}
      </div>
    </section>
  )
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

/** Counts per verdict and the hash that pins the set. */
function SetLine({ alert, loaded }: { alert: Alert; loaded: Affected | null }) {
  const serials = loaded?.serials ?? []
  const partly = loaded?.next ? ` ${write('set.ofFirst', { count: serials.length })}` : ''
  return (
    <div class="set-line">
      <span class="set-counts">
        {verdicts.map((verdict) => (
          <span key={verdict}>
            <b class="number">
              {say.count(serials.filter((serial) => serial.verdict === verdict).length)}
            </b>{' '}
            <VerdictMark verdict={verdict} />
          </span>
        ))}
        {partly}
      </span>
      <span class="hash">
        {write('set.hash', { revision: alert.revision })}{' '}
        <code title={alert.serialSetHash}>{alert.serialSetHash || write('set.noHash')}</code>
      </span>
    </div>
  )
}

function Files({ alert }: { alert: Alert }) {
  const [problem, setProblem] = useState<Problem | undefined>()
  const [busy, setBusy] = useState(false)
  const save = async (format: FileFormat): Promise<void> => {
    setBusy(true)
    setProblem(await saveSerials(alert.id, format))
    setBusy(false)
  }
  return (
    <span class="files">
      <button type="button" disabled={busy} onClick={() => void save('csv')}>
        {write('set.csv')}
      </button>
      <button type="button" disabled={busy} onClick={() => void save('ndjson')}>
        {write('set.ndjson')}
      </button>
      {problem && <ProblemNote problem={problem} />}
    </span>
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
  const changes = [cause || write('set.noCause')]
  if (added !== null) changes.push(write('set.added', { count: added }))
  if (removed !== null) changes.push(write('set.removed', { count: removed }))
  if (figures.length > 0) changes.push(write('set.figures', { names: figures.join(', ') }))
  return changes
}

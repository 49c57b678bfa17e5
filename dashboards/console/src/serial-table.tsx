// The affected serials of the selected alert, with their hash, files to take away, and how the set
// came to be.
import { useState } from 'preact/hooks'
import { type Affected, affected, type FileFormat, saveSerials, showMore } from './affected.ts'
import type { Problem } from './client.ts'
import {
  formatCount,
  formatKey,
  formatMinutes,
  formatNoun,
  formatSpan,
  formatTemperature,
  formatTime,
} from './format.ts'
import { ProblemNote, VerdictMark } from './marks.tsx'
import { unit, zone } from './session.ts'
import type { Alert, Revision, Serial, Verdict } from './shapes.ts'
import { target } from './target.ts'

const verdicts: readonly Verdict[] = ['out', 'indeterminate', 'in']

export function SerialTable() {
  const alert = target.value?.alert
  const { value: loaded } = affected
  if (!alert) return null
  const mine = loaded?.alertId === alert.id ? loaded : null
  return (
    <section class="panel serials" aria-labelledby="serials-title">
      <header>
        <h2 id="serials-title">Affected serials</h2>
        <span class="count">{formatCount(alert.serialCount)}</span>
        <Files alert={alert} />
      </header>
      <div class="scroll">
        <SetLine alert={alert} loaded={mine} />
        {mine?.problem && <ProblemNote problem={mine.problem} />}
        <table>
          <thead>
            <tr>
              <th scope="col">Serial</th>
              <th scope="col">Verdict</th>
              <th scope="col" class="right">
                Beyond
              </th>
              <th scope="col" class="right">
                Peak
              </th>
              <th scope="col">Lot</th>
              <th scope="col">Inside during the breach</th>
            </tr>
          </thead>
          <tbody>
            {mine?.serials.slice(0, mine.shown).map((serial) => (
              <SerialRow key={serial.epc} serial={serial} />
            ))}
          </tbody>
        </table>
        {mine && mine.serials.length === 0 && !mine.problem && (
          <p class="empty">
            {mine.busy
              ? 'Loading…'
              : 'No serial was inside. An aggregation event that comes late restates the set.'}
          </p>
        )}
        {mine && mine.shown < alert.serialCount && mine.serials.length > 0 && (
          <button type="button" class="more" disabled={mine.busy} onClick={() => void showMore()}>
            {mine.busy
              ? 'Loading…'
              : `Show more (${formatCount(mine.shown)} of ${formatCount(alert.serialCount)})`}
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
        {serial.serial || formatKey(serial.epc)}
        {serial.serial && <span class="sub">{serial.gtin}</span>}
      </th>
      <td>
        <VerdictMark verdict={serial.verdict} />
      </td>
      <td class="number right" data-name="beyond">
        {formatMinutes(serial.minutes)}
      </td>
      <td class="number right" data-name="peak">
        {formatTemperature(serial.peakC, unit.value)}
      </td>
      <td class="mono" data-name="lot">
        {serial.lot || '–'}
      </td>
      <td class="number" data-name="inside">
        {serial.from === null ? '–' : formatSpan(serial.from, serial.to, zone)}
      </td>
    </tr>
  )
}

/** Counts per verdict and the hash that pins the set. */
function SetLine({ alert, loaded }: { alert: Alert; loaded: Affected | null }) {
  const serials = loaded?.serials ?? []
  const partly = loaded?.next ? ` of the first ${formatCount(serials.length)}` : ''
  return (
    <div class="set-line">
      <span class="set-counts">
        {verdicts.map((verdict) => (
          <span key={verdict}>
            <b class="number">
              {formatCount(serials.filter((serial) => serial.verdict === verdict).length)}
            </b>{' '}
            <VerdictMark verdict={verdict} />
          </span>
        ))}
        {partly}
      </span>
      <span class="hash">
        revision {alert.revision}, SHA-256 of the set{' '}
        <code title={alert.serialSetHash}>{alert.serialSetHash || 'not known'}</code>
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
        Save CSV
      </button>
      <button type="button" disabled={busy} onClick={() => void save('ndjson')}>
        Save NDJSON
      </button>
      {problem && <ProblemNote problem={problem} />}
    </span>
  )
}

function Revisions({ revisions }: { revisions: readonly Revision[] }) {
  return (
    <details class="revisions">
      <summary>{formatNoun(revisions.length, 'revision')} of this alert</summary>
      <ol reversed>
        {[...revisions].reverse().map((entry) => (
          <li key={entry.revision} value={entry.revision}>
            <span class="number">{formatTime(entry.recordTime, zone)}</span>{' '}
            {changesOf(entry).join('; ')}
          </li>
        ))}
      </ol>
    </details>
  )
}

function changesOf({ cause, added, removed, figures }: Revision): string[] {
  const changes = [cause || 'no cause given']
  if (added !== null) changes.push(`${formatNoun(added, 'serial')} added`)
  if (removed !== null) changes.push(`${formatNoun(removed, 'serial')} removed`)
  if (figures.length > 0) changes.push(`changed: ${figures.join(', ')}`)
  return changes
}

// What stands on the page of a recall: the clock, the figures, the holders and the units.
import { useEffect, useState } from 'preact/hooks'
import { toProblem } from '../client.ts'
import { FileMenu } from '../file-menu.tsx'
import { ProblemNote } from '../marks.tsx'
import { nameOfPlace } from '../places.ts'
import { addressOf } from '../router.ts'
import * as say from '../say.ts'
import { apiPath, read, tell } from '../server.ts'
import { me } from '../session.ts'
import { toast } from '../toasts.tsx'
import { writeQuality } from '../words/quality.ts'
import { writeRecall as write } from '../words/recall.ts'
import { write as writeShell } from '../words/shell.ts'
import * as d from './decode.ts'
import { mayDecide } from './may.ts'
import {
  type Holder,
  type Recall,
  type RecalledUnit,
  recalledUnit,
  standings,
} from './recall-shapes.ts'

/** How long it runs, to the second, and how long each of its first steps took. */
export function Clock({ of: { startedAt, closedAt, steps } }: { of: Recall }) {
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    if (closedAt !== null) return
    const timer = setInterval(() => setNow(Date.now()), 1000)
    return () => clearInterval(timer)
  }, [closedAt])
  const time = clockText((closedAt ?? now) - (startedAt ?? now))
  const most = Math.max(1, ...steps.map(({ ms }) => ms))
  return (
    <section class="panel" aria-labelledby="clock-title">
      <p class="clock number" role="timer">
        {write(closedAt === null ? 'running' : 'ended', { time })}
      </p>
      <h3 class="sub-title" id="clock-title">
        {write('steps')}
      </h3>
      <ol class="steps">
        {steps.map(({ step, ms }) => (
          <li key={step}>
            <span>{stepText(step)}</span>
            <progress value={ms} max={most} aria-label={stepText(step)} />
            <span class="number right">{write('milliseconds', { ms: say.decimal(ms, 1) })}</span>
          </li>
        ))}
      </ol>
    </section>
  )
}

/** `1:02:09`, over a day `2 d 4 h`. */
function clockText(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  if (seconds >= 86_400) return say.minutes(seconds / 60)
  const pad = (number: number): string => String(number).padStart(2, '0')
  const rest = `${pad(Math.floor((seconds % 3600) / 60))}:${pad(seconds % 60)}`
  return `${Math.floor(seconds / 3600)}:${rest}`
}

const stepNames = ['find', 'pin', 'locate', 'store'] as const
function stepText(step: string): string {
  const known = stepNames.find((name) => name === step)
  return known ? write(`step.${known}`) : step
}

export function Figures({ of, holders }: { of: Recall; holders: readonly Holder[] }) {
  const sum = (count: (one: Holder) => number): number =>
    holders.reduce((all, one) => all + count(one), 0)
  const figures: [string, number][] = [
    [write('units'), of.serialCount],
    [write('holders'), holders.length],
    [write('notified'), sum(({ notifiedAt }) => (notifiedAt === null ? 0 : 1))],
    [write('acknowledged'), sum(({ acknowledgedAt }) => (acknowledgedAt === null ? 0 : 1))],
    [write('returned'), sum(({ returned }) => returned)],
    [write('destroyed'), sum(({ destroyed }) => destroyed)],
    [write('quarantined'), sum(({ quarantined }) => quarantined)],
  ]
  return (
    <section class="panel" aria-labelledby="figures-title">
      <header>
        <h2 id="figures-title">{write('figures')}</h2>
        {of.spared.units > 0 && (
          <span class="count">{write('spared', { count: of.spared.units })}</span>
        )}
      </header>
      <dl class="figures figures-big">
        {figures.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd class="number">{say.count(value)}</dd>
          </div>
        ))}
      </dl>
      <h3 class="sub-title">{write('standing')}</h3>
      <dl class="figures">
        {standings
          .filter((name) => (of.units[name] ?? 0) > 0)
          .map((name) => (
            <div key={name}>
              <dt>{write(`standing.${name}`)}</dt>
              <dd class="number">{say.count(of.units[name] ?? 0)}</dd>
            </div>
          ))}
      </dl>
      <p class="hash padded">
        {write('hash', { revision: of.revision })} <code>{of.serialSetHash}</code>
      </p>
    </section>
  )
}

export interface HoldersProps {
  id: string
  open: boolean
  holders: readonly Holder[]
  onDone(): void
}

export function Holders({ id, open, holders, onDone }: HoldersProps) {
  const note = async (holder: string, kind: 'notified' | 'acknowledged'): Promise<void> => {
    try {
      const by = me.value?.name
      const body = { holder, kind, ...(by && { by }) }
      await tell('POST', apiPath('recalls', id, 'acknowledgements'), body)
      onDone()
    } catch (error) {
      const { message, remedy } = toProblem(error)
      toast(`${message} ${remedy}`, 'wrong')
    }
  }
  const cell = (at: number | null, holder: string, kind: 'notified' | 'acknowledged') => {
    if (at !== null) return <span class="number">{say.time(at)}</span>
    if (!open || !mayDecide()) return '–'
    const words = write(kind === 'notified' ? 'holder.notify' : 'holder.acknowledge')
    return (
      <button
        type="button"
        aria-label={`${words}: ${nameOfPlace(holder)}`}
        onClick={() => void note(holder, kind)}
      >
        {words}
      </button>
    )
  }
  return (
    <section class="panel" aria-labelledby="holders-title">
      <header>
        <h2 id="holders-title">{write('holders')}</h2>
        <FileMenu path={apiPath('recalls', id, 'holders')} of={write('holders')} />
      </header>
      {holders.length === 0 && <p class="empty">{write('holder.none')}</p>}
      {holders.length > 0 && (
        <div class="records">
          <table>
            <thead>
              <tr>
                <th scope="col">{write('holder')}</th>
                <th scope="col" class="right">
                  {write('serials')}
                </th>
                <th scope="col" class="right">
                  {write('returned')}
                </th>
                <th scope="col">{write('notified')}</th>
                <th scope="col">{write('acknowledged')}</th>
              </tr>
            </thead>
            <tbody>
              {holders.map((one) => (
                <tr key={one.holder}>
                  <th scope="row">{nameOfPlace(one.holder)}</th>
                  <td class="number right" data-name={write('serials')}>
                    {say.count(one.units)}
                  </td>
                  <td class="number right" data-name={write('returned')}>
                    {say.count(one.returned)}
                  </td>
                  <td>{cell(one.notifiedAt, one.holder, 'notified')}</td>
                  <td>{cell(one.acknowledgedAt, one.holder, 'acknowledged')}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  )
}

const firstUnits = 100

/** The first of its units, more as they are asked for; all of them as a file. */
export function RecalledUnits({ of: { id, revision, serialCount } }: { of: Recall }) {
  const [units, setUnits] = useState<RecalledUnit[]>([])
  const [next, setNext] = useState<string | null>(null)
  const [busy, setBusy] = useState(true)
  const [problem, setProblem] = useState<{ message: string; remedy: string } | null>(null)
  const path = apiPath('recalls', id, 'serials')
  const load = (cursor: string | null, signal?: AbortSignal): void => {
    setBusy(true)
    const query = { limit: firstUnits, revision, ...(cursor && { cursor }) }
    read(path, query, signal)
      .then((json) => {
        const page = d.page(recalledUnit)(json)
        setUnits((old) => (cursor ? [...old, ...page.items] : page.items))
        setNext(page.next)
        setProblem(null)
      })
      .catch((error: unknown) => {
        if (!signal?.aborted) setProblem(toProblem(error))
      })
      .finally(() => setBusy(false))
  }
  useEffect(() => {
    const controller = new AbortController()
    load(null, controller.signal)
    return () => controller.abort()
  }, [path, revision])
  return (
    <section class="panel" aria-labelledby="recalled-title">
      <header>
        <h2 id="recalled-title">{write('serials')}</h2>
        <span class="count number">{say.count(serialCount)}</span>
        <FileMenu path={path} query={{ revision }} of={write('serials')} />
      </header>
      {problem && <ProblemNote problem={problem} />}
      {!busy && units.length === 0 && <p class="empty">{write('serials.none')}</p>}
      <UnitTable units={units} />
      {busy && <p class="empty">{writeShell('loading')}</p>}
      {!busy && next !== null && (
        <button type="button" class="more" onClick={() => load(next)}>
          {`${writeQuality('more')} (${say.count(units.length)} / ${say.count(serialCount)})`}
        </button>
      )}
    </section>
  )
}

function UnitTable({ units }: { units: readonly RecalledUnit[] }) {
  if (units.length === 0) return null
  return (
    <div class="records">
      <table>
        <thead>
          <tr>
            <th scope="col">{write('serials.unit')}</th>
            <th scope="col">{write('field.lot')}</th>
            <th scope="col">{write('serials.standing')}</th>
            <th scope="col">{write('serials.holder')}</th>
          </tr>
        </thead>
        <tbody>
          {units.map(({ epc, lot, standing, place, holder }) => (
            <tr key={epc}>
              <th scope="row" class="mono">
                <a href={addressOf(['units', epc])}>{say.key(epc)}</a>
              </th>
              <td class="mono">{lot ?? '–'}</td>
              <td>
                {write(`standing.${standing}`)}
                {place !== null && <span class="sub">{nameOfPlace(place)}</span>}
              </td>
              <td>{nameOfPlace(holder)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

// The page of one back-test: how far it is, its report when it is done, and the signing of the
// change that it speaks for.
import { useEffect } from 'preact/hooks'
import { useLoad } from '../load.ts'
import { ProblemNote, StatusMark, VerdictMark } from '../marks.tsx'
import { useHeading } from '../navigation.tsx'
import type { PageProps } from '../pages.ts'
import { type BackTest, backTest, type Excursion, type Side } from '../quality/back-test-shapes.ts'
import { mayDecide } from '../quality/may.ts'
import { usePeople } from '../quality/people.ts'
import { ProfileChangePanel } from '../quality/profile-change-panel.tsx'
import '../quality/quality.css'
import * as say from '../say.ts'
import { apiPath, read, tell } from '../server.ts'
import { writeBackTest as write } from '../words/back-test.ts'
import { write as writeShell } from '../words/shell.ts'

/** While it waits or runs it is looked at so often. */
const lookMs = 1500

export default function BackTestPage({ params }: PageProps) {
  const { gtin = '', id = '' } = params
  const path = apiPath('products', gtin, 'back-tests', id)
  const { value, problem, reload } = useLoad(`back-test ${id}`, async (signal) =>
    backTest(await read(path, {}, signal)),
  )
  const running = value?.state === 'waiting' || value?.state === 'running'
  useEffect(() => {
    if (!running) return
    const timer = setInterval(reload, lookMs)
    return () => clearInterval(timer)
  }, [running])
  usePeople()
  useHeading(gtin)
  if (!value)
    return (
      <div class="page">
        {problem ? (
          <ProblemNote problem={problem} />
        ) : (
          <p class="panel empty">{writeShell('loading')}</p>
        )}
      </div>
    )
  return (
    <div class="page">
      <Progress of={value} path={path} onDone={reload} />
      {value.report && <Report of={value} />}
      {value.state === 'done' && <ProfileChangePanel gtin={gtin} backTest={id} />}
    </div>
  )
}

function Progress({ of, path, onDone }: { of: BackTest; path: string; onDone(): void }) {
  const { id, state, progress, detail } = of
  const { devices, devicesDone, readings } = progress
  const ends = state === 'waiting' || state === 'running'
  return (
    <section class="panel" aria-labelledby="test-title">
      <header>
        <h2 id="test-title" class="mono">
          {id}
        </h2>
        <StatusMark status={write(`state.${state}`)} />
        <span class="count number">
          {write('progress', { done: devicesDone, devices, readings })}
        </span>
      </header>
      {ends && (
        <div class="actions actions-start">
          <progress
            max={Math.max(1, devices)}
            value={devicesDone}
            aria-label={write(`state.${state}`)}
          />
          {mayDecide() && (
            <button type="button" onClick={() => void tell('DELETE', path).then(onDone, onDone)}>
              {write('cancel')}
            </button>
          )}
        </div>
      )}
      {detail !== null && <p class="warning">{detail}</p>}
    </section>
  )
}

const figures = [
  'alerts',
  'out',
  'indeterminate',
  'hours',
  'unknownHours',
  'units',
  'unitsOut',
] as const

function Report({ of: { report, reportHash } }: { of: BackTest }) {
  if (!report) return null
  const { before, after, gained, lost, changed, notJudged } = report
  const cell = (side: Side, name: (typeof figures)[number]): string =>
    name === 'hours' || name === 'unknownHours' ? say.decimal(side[name], 1) : say.count(side[name])
  return (
    <section class="panel" aria-labelledby="report-title">
      <header>
        <h2 id="report-title">{write('report')}</h2>
      </header>
      <div class="records">
        <table>
          <thead>
            <tr>
              <td />
              <th scope="col" class="right">
                {write('before')}
              </th>
              <th scope="col" class="right">
                {write('after')}
              </th>
            </tr>
          </thead>
          <tbody>
            {figures.map((name) => (
              <tr key={name}>
                <th scope="row">{write(name)}</th>
                <td class="number right" data-name={write('before')}>
                  {cell(before, name)}
                </td>
                <td class="number right" data-name={write('after')}>
                  {cell(after, name)}
                </td>
              </tr>
            ))}
            {after.cost !== null && (
              <tr>
                <th scope="row">{write('money')}</th>
                <td class="number right" data-name={write('before')}>
                  {say.count(before.cost ?? 0)}
                </td>
                <td class="number right" data-name={write('after')}>
                  {say.count(after.cost)}
                </td>
              </tr>
            )}
          </tbody>
        </table>
      </div>
      <Excursions title={write('gained', { count: gained.alerts })} list={gained.list} />
      <Excursions title={write('lost', { count: lost.alerts })} list={lost.list} />
      <Excursions
        title={write('changed', { count: changed.alerts })}
        list={changed.list.map((one) => one.after)}
      />
      <p class="padded group-note">
        {write('notJudged', {
          hours: say.decimal(notJudged.unknownHours, 1),
          devices: notJudged.devicesWithoutReadings,
        })}
      </p>
      <p class="hash padded">
        {write('hash')} <code>{reportHash}</code>
      </p>
    </section>
  )
}

function Excursions({ title, list }: { title: string; list: readonly Excursion[] }) {
  return (
    <details class="members">
      <summary>{title}</summary>
      {list.length === 0 && <p class="empty">{write('list.none')}</p>}
      <ul class="rows">
        {list.map((one) => (
          <li key={one.id}>
            <VerdictMark verdict={one.verdict} /> <b>{one.rule}</b> {say.key(one.container)}
            <p class="group-note number">
              {[
                one.from === null ? '' : say.span(one.from, one.to),
                say.minutes(one.minutes),
                say.temperature(one.peakC),
                say.count(one.serialCount),
              ].join(' · ')}
            </p>
          </li>
        ))}
      </ul>
    </details>
  )
}

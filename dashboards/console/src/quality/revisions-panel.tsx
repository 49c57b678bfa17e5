// How an alert came to be what it is: every revision with its cause, and what it changed, figure by
// figure. All that ever stood stays readable (I5).
import { useLoad } from '../load.ts'
import { LoadProblem } from '../load-problem.tsx'
import * as say from '../say.ts'
import { apiPath, read } from '../server.ts'
import { type Alert, parseAlert } from '../shapes.ts'
import { writeAlertPage as write } from '../words/alert-page.ts'
import { writeBoard } from '../words/board.ts'
import { write as writeShell } from '../words/shell.ts'
import * as d from './decode.ts'
import { causeText } from './figures.ts'

const moved = d.shape({ count: d.number })
const revision = d.shape({
  revision: d.number,
  recordTime: d.time,
  cause: d.text,
  diff: d.shape({ serialsAdded: moved, serialsRemoved: moved }),
  alert: (json) => parseAlert(d.raw(json)),
})
type Revision = ReturnType<typeof revision>

export function RevisionsPanel({ id }: { id: string }) {
  const { value, problem } = useLoad(
    `alert revisions ${id}`,
    async (signal) =>
      d.page(revision)(await read(apiPath('alerts', id, 'revisions'), {}, signal)).items,
    ['alert.changed', 'alert.raised'],
  )
  return (
    <section class="panel" aria-busy={!value && !problem} aria-labelledby="revisions-title">
      <header>
        <h2 id="revisions-title">{write('revisions')}</h2>
      </header>
      <LoadProblem problem={problem} kept={value !== null} />
      <ol class="entries">
        {value
          ?.map((one, index) => (
            <Row key={one.revision} of={one} before={value[index - 1] ?? null} />
          ))
          .toReversed()}
      </ol>
    </section>
  )
}

function Row({ of, before }: { of: Revision; before: Revision | null }) {
  const { recordTime, cause, diff, alert } = of
  const { count: added } = diff.serialsAdded
  const { count: removed } = diff.serialsRemoved
  const changes = [
    ...(added > 0 ? [write('revision.added', { count: added })] : []),
    ...(removed > 0 ? [write('revision.removed', { count: removed })] : []),
    ...(before ? changesOf(before.alert, alert) : [write('revision.first')]),
  ]
  return (
    <li>
      <span class="entry-at number">
        {write('revision.of', { revision: of.revision, time: say.time(recordTime) })}
      </span>
      <span class="entry-what">{write('revision.cause', { cause: causeText(cause) })}</span>
      <ul class="bullets number">
        {changes.map((change) => (
          <li key={change}>{change}</li>
        ))}
      </ul>
    </li>
  )
}

function changesOf(before: Alert, after: Alert): string[] {
  const figures: [name: string, of: (alert: Alert) => string][] = [
    [writeBoard('fact.peak'), ({ peakC }) => say.temperature(peakC)],
    [writeBoard('fact.beyond'), ({ minutes }) => say.minutes(minutes)],
    [writeBoard('fact.unknown'), ({ unknownMinutes }) => say.minutes(unknownMinutes)],
    [writeBoard('fact.serials'), ({ serialCount }) => say.count(serialCount)],
    [writeBoard('set.verdict'), ({ verdict }) => writeShell(`verdict.${verdict}`)],
    [writeBoard('fact.to'), ({ to }) => (to === null ? writeBoard('fact.ongoing') : say.time(to))],
  ]
  return figures
    .map(([name, of]) => ({ name, before: of(before), after: of(after) }))
    .filter((one) => one.before !== one.after)
    .map((one) => write('revision.change', one))
}

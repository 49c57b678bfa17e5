// The page of one alert: what happened in sentences, the curve, exactly which serials were inside
// and for how long, what people did, what was decided, and what was alike.
import { useEffect, useMemo } from 'preact/hooks'
import { AlertFacts } from '../alert-facts.tsx'
import { Chart } from '../chart.tsx'
import { windowsAround } from '../chart-windows.ts'
import { useMounts } from '../fleet.ts'
import { useLoad } from '../load.ts'
import { LoadProblem, OneNotice } from '../load-problem.tsx'
import { SeverityMark, VerdictMark } from '../marks.tsx'
import { useHeading } from '../navigation.tsx'
import type { PageProps } from '../pages.ts'
import * as d from '../quality/decode.ts'
import { DispositionList } from '../quality/disposition-list.tsx'
import { mayDecide, mayInvestigate, mayReadDecisions } from '../quality/may.ts'
import { addressOfAlert } from '../quality/people.ts'
import '../quality/quality.css'
import { RevisionsPanel } from '../quality/revisions-panel.tsx'
import { sentenceOfRule, storyOf } from '../quality/sentence.ts'
import { type Likeness, similar, workflow } from '../quality/shapes.ts'
import { WorkflowPanel } from '../quality/workflow-panel.tsx'
import { addressOf, goTo } from '../router.ts'
import * as say from '../say.ts'
import { SerialTable } from '../serial-table.tsx'
import { apiPath, read } from '../server.ts'
import { type Alert, objectOf, parseAlert } from '../shapes.ts'
import { dataUpTo } from '../stream.ts'
import { writeAlertPage as write } from '../words/alert-page.ts'
import { writeInbox } from '../words/inbox.ts'
import { writeQuality } from '../words/quality.ts'

const changes = ['alert.raised', 'alert.changed', 'alert.workflow', 'disposition.changed']

export default function AlertPage({ params }: PageProps) {
  const id = params.id ?? ''
  return (
    <div class="page alert-page">
      <OneNotice>
        <AlertMain id={id} />
        <AlertSide id={id} />
      </OneNotice>
    </div>
  )
}

/** The alert itself and its serials, asked for beside each other and before all else. */
function AlertMain({ id }: { id: string }) {
  const { value: alert, problem } = useLoad(
    `alert ${id}`,
    async (signal) => parseAlert(objectOf(await read(apiPath('alerts', id), {}, signal))),
    ['alert.raised', 'alert.changed'],
  )
  useEffect(() => {
    // A dead link: show what there is instead of an empty page.
    if (problem?.status === 404) goTo(addressOf(['alerts']))
  }, [problem?.status])
  useHeading(alert ? say.key(alert.container) : null)
  return (
    <div class="page-main">
      <LoadProblem problem={problem} kept />
      {!alert && !problem && <div class="room" aria-hidden="true" />}
      {alert && <Story alert={alert} />}
      {alert && <AlertFacts alert={alert} />}
      {alert && <AlertChart alert={alert} />}
      <SerialTable id={id} revision={alert?.revision ?? null} />
    </div>
  )
}

function AlertSide({ id }: { id: string }) {
  const done = useLoad(
    `workflow ${id}`,
    async (signal) => workflow(await read(apiPath('alerts', id, 'workflow'), {}, signal)),
    changes,
  )
  return (
    <div class="page-side">
      {done.value ? (
        <WorkflowPanel workflow={done.value} onDone={done.reload} />
      ) : (
        <section class="panel workflow" aria-busy={!done.problem} aria-labelledby="workflow-title">
          <header>
            <h2 id="workflow-title">{writeInbox('workflow')}</h2>
          </header>
          <LoadProblem problem={done.problem} kept={false} />
        </section>
      )}
      {mayReadDecisions() && (
        <section class="panel" aria-labelledby="decisions-title">
          <header>
            <h2 id="decisions-title">{write('decisions')}</h2>
          </header>
          <DispositionList query={{ alert: id }} none={write('decisions.none')} />
        </section>
      )}
      <Similar id={id} />
      <RevisionsPanel id={id} />
    </div>
  )
}

function Story({ alert }: { alert: Alert }) {
  const { id } = alert
  return (
    <section class="panel story" aria-labelledby="story-title">
      <header>
        <h2 id="story-title">{write('happened')}</h2>
        <SeverityMark severity={alert.severity} />
        <VerdictMark verdict={alert.verdict} />
      </header>
      <div class="story-text">
        {storyOf(alert, dataUpTo.value).map((sentence) => (
          <p key={sentence}>{sentence}</p>
        ))}
      </div>
      <div class="actions actions-start">
        <button type="button" onClick={() => document.querySelector('.serials')?.scrollIntoView()}>
          {write('serials')}
        </button>
        <a class="button" href={addressOf(['shipments', alert.container])}>
          {write('shipment')}
        </a>
        {mayInvestigate() && (
          <a class="button" href={addressOf(['investigations'], { alert: id })}>
            {write('investigate')}
          </a>
        )}
        {mayDecide() && alert.serialCount > 0 && (
          <a class="button primary" href={addressOf(['alerts', id, 'decide'])}>
            {write('decide')}
          </a>
        )}
      </div>
    </section>
  )
}

/** On the mount that the breach was on: it ends the window, and tells of the newest reading. */
function AlertChart({ alert }: { alert: Alert }) {
  const { device, container, from } = alert
  const mounts = useMounts(container)
  const mount =
    mounts.value?.seen.findLast(
      (one) => one.device === device && (one.mountedFrom ?? from) <= from,
    ) ?? null
  const breaches = useMemo(() => [alert], [alert])
  // Windows stay as they are first drawn: none before it is known where they end.
  const known = mounts.value !== null || mounts.problem !== null
  return (
    <Chart
      device={device}
      channel={alert.channel}
      gtins={alert.gtin ? [alert.gtin] : []}
      windows={known ? windowsAround(mount, alert) : []}
      breaches={breaches}
      ruleLimitC={alert.limitC}
      newestAt={mount?.latest?.time ?? null}
      endedAt={mount?.mountedTo ?? null}
    />
  )
}

function Similar({ id }: { id: string }) {
  const { value, problem } = useLoad(`similar ${id}`, async (signal) =>
    d.page(similar)(await read(apiPath('alerts', id, 'similar'), { limit: 10 }, signal)),
  )
  const word = (like: Likeness): string => write(`alike.${like}`)
  return (
    <section class="panel similar" aria-busy={!value && !problem} aria-labelledby="similar-title">
      <header>
        <h2 id="similar-title">{write('similar')}</h2>
      </header>
      <LoadProblem problem={problem} kept={value !== null} />
      {value?.items.length === 0 && <p class="empty">{write('similar.none')}</p>}
      <ul class="rows">
        {value?.items.map(({ alert, state, alike }) => (
          <li key={alert.id}>
            <a href={addressOfAlert(alert.id)}>{say.key(alert.container)}</a>
            <p>{sentenceOfRule(alert)}</p>
            <p class="group-note">
              {[
                say.day(alert.from),
                writeQuality(`state.${state}`),
                `= ${alike.map(word).join(', ')}`,
              ].join(' · ')}
            </p>
          </li>
        ))}
      </ul>
    </section>
  )
}

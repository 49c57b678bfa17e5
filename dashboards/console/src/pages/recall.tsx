// The recall room: the clock of the drill, what it counts, who holds units and what they said, the
// units themselves, and its end.
import { useState } from 'preact/hooks'
import { toProblem } from '../client.ts'
import { Dialog } from '../dialog.tsx'
import { useLoad } from '../load.ts'
import { ProblemNote, StatusMark } from '../marks.tsx'
import { useHeading } from '../navigation.tsx'
import type { PageProps } from '../pages.ts'
import { useProductNames } from '../product-names.ts'
import { criterionText } from '../quality/criterion-text.ts'
import * as d from '../quality/decode.ts'
import { DispositionList } from '../quality/disposition-list.tsx'
import { causeText } from '../quality/figures.ts'
import { mayDecide } from '../quality/may.ts'
import '../quality/quality.css'
import { usePlaces } from '../places.ts'
import { Clock, Figures, Holders, RecalledUnits } from '../quality/recall-panels.tsx'
import { holder, type Recall, recall, recallRevision } from '../quality/recall-shapes.ts'
import '../quality/recall.css'
import { ReportButton } from '../report-button.tsx'
import { addressOf } from '../router.ts'
import * as say from '../say.ts'
import { apiPath, read, tell } from '../server.ts'
import { toast } from '../toasts.tsx'
import { writeAlertPage } from '../words/alert-page.ts'
import { writeQuality } from '../words/quality.ts'
import { writeRecall as write } from '../words/recall.ts'
import { write as writeShell } from '../words/shell.ts'

const changes = ['recall.changed', 'recall.started', 'capture.applied', 'disposition.changed']

export default function RecallPage({ params }: PageProps) {
  const id = params.id ?? ''
  const of = useLoad(
    `recall ${id}`,
    async (signal) => recall(await read(apiPath('recalls', id), {}, signal)),
    changes,
  )
  const holders = useLoad(
    `recall holders ${id}`,
    async (signal) =>
      d.page(holder)(await read(apiPath('recalls', id, 'holders'), { limit: 1000 }, signal)),
    changes,
  )
  usePlaces()
  useProductNames()
  useHeading(of.value?.name ?? null)
  const { value } = of
  if (!value)
    return (
      <div class="page">
        {of.problem ? (
          <ProblemNote problem={of.problem} />
        ) : (
          <p class="panel empty">{writeShell('loading')}</p>
        )}
      </div>
    )
  const reload = (): void => {
    of.reload()
    holders.reload()
  }
  const known = holders.value?.items ?? []
  return (
    <div class="page recall-page">
      <div class="page-main">
        <Head of={value} onDone={reload} />
        <Figures of={value} holders={known} />
        {holders.problem && <ProblemNote problem={holders.problem} />}
        <Holders id={id} open={value.status === 'open'} holders={known} onDone={reload} />
        <RecalledUnits of={value} />
      </div>
      <div class="page-side">
        <Clock of={value} />
        <section class="panel" aria-labelledby="recall-decisions">
          <header>
            <h2 id="recall-decisions">{writeAlertPage('decisions')}</h2>
          </header>
          <DispositionList query={{ recall: id }} none={writeAlertPage('decisions.none')} />
        </section>
        <Revisions id={id} />
      </div>
    </div>
  )
}

function Head({ of, onDone }: { of: Recall; onDone(): void }) {
  const { id, name, reason, drill, status, serialCount, criteria } = of
  const [closing, setClosing] = useState(false)
  const send = async (verb: 'evaluate' | 'close'): Promise<void> => {
    setClosing(false)
    try {
      await tell('POST', apiPath('recalls', id, verb))
      if (verb === 'close') toast(write('closed'))
      onDone()
    } catch (error) {
      const { message, remedy } = toProblem(error)
      toast(`${message} ${remedy}`, 'wrong')
    }
  }
  return (
    <section class="panel" aria-labelledby="recall-title">
      <header>
        <h2 id="recall-title">{name}</h2>
        <StatusMark status={write(drill ? 'kind.drill' : 'kind.recall')} />
        <StatusMark status={write(`status.${status}`)} />
        <span class="count">
          <ReportButton of="recalls" id={id} />
        </span>
      </header>
      <p class="padded">{reason}</p>
      <ul class="criteria" aria-label={write('criteriaOf')}>
        {criteria.allOf.map((one) => (
          <li key={JSON.stringify(one)}>{criterionText(one)}</li>
        ))}
      </ul>
      {mayDecide() && status === 'open' && (
        <div class="actions actions-start">
          {!drill && serialCount > 0 && (
            <a class="button primary" href={addressOf(['recalls', id, 'decide'])}>
              {write('decide')}
            </a>
          )}
          <button type="button" onClick={() => void send('evaluate')}>
            {write('evaluate')}
          </button>
          <button type="button" onClick={() => setClosing(true)}>
            {write('close')}
          </button>
        </div>
      )}
      {closing && (
        <Dialog title={write('close.title')} onClose={() => setClosing(false)}>
          <div class="dialog-body stack">
            <p>{write(drill ? 'close.drill' : 'close.recall')}</p>
            <div class="actions">
              <button type="button" onClick={() => setClosing(false)}>
                {writeShell('cancel')}
              </button>
              <button type="button" class="primary" onClick={() => void send('close')}>
                {write('close')}
              </button>
            </div>
          </div>
        </Dialog>
      )}
    </section>
  )
}

function Revisions({ id }: { id: string }) {
  const { value } = useLoad(
    `recall revisions ${id}`,
    async (signal) =>
      d.page(recallRevision)(await read(apiPath('recalls', id, 'revisions'), {}, signal)),
    ['recall.changed'],
  )
  return (
    <section class="panel" aria-labelledby="recall-revisions">
      <header>
        <h2 id="recall-revisions">{write('revisions')}</h2>
      </header>
      <ul class="rows number">
        {value?.items.toReversed().map(({ revision, recordTime, cause, serialCount }) => (
          <li key={revision}>
            {write('revision', {
              revision,
              time: say.time(recordTime),
              units: writeQuality('units', { count: serialCount }),
              cause: causeText(cause),
            })}
          </li>
        ))}
      </ul>
    </section>
  )
}

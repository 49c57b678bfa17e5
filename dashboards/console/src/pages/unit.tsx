// The page of one unit: its passport with the reasons in order, its legs, its journey, the alerts
// that touched it and what was decided of it.
import { useLoad } from '../load.ts'
import { ProblemNote, SeverityMark, StatusMark } from '../marks.tsx'
import { useHeading } from '../navigation.tsx'
import type { PageProps } from '../pages.ts'
import { Corrections } from '../quality/corrections.tsx'
import * as d from '../quality/decode.ts'
import { placeText, wordText } from '../quality/figures.ts'
import { LegsPanel, PassportPanel, ZonesPanel } from '../quality/passport-panel.tsx'
import { passport, type Unit, unit, unitDecision, unitEvent } from '../quality/passport-shapes.ts'
import { addressOfAlert } from '../quality/people.ts'
import '../quality/quality.css'
import { sentenceOfRule } from '../quality/sentence.ts'
import '../quality/unit.css'
import { usePlaces } from '../places.ts'
import { nameOfProduct, useProductNames } from '../product-names.ts'
import { addressOf } from '../router.ts'
import * as say from '../say.ts'
import { apiPath, read } from '../server.ts'
import { problemText, stateText } from '../words/lives.ts'
import { writeQuality } from '../words/quality.ts'
import { write as writeShell } from '../words/shell.ts'
import { writeUnit as write } from '../words/unit.ts'

const changes = ['capture.applied', 'alert.changed', 'alert.raised', 'disposition.changed']

export default function UnitPage({ params }: PageProps) {
  const epc = params.epc ?? ''
  const of = useLoad(
    `unit ${epc}`,
    async (signal) => unit(await read(apiPath('units', epc), {}, signal)),
    changes,
  )
  const told = useLoad(
    `passport ${epc}`,
    async (signal) => passport(await read(apiPath('units', epc, 'passport'), {}, signal)),
    changes,
  )
  usePlaces()
  useProductNames()
  // On a phone it stands below what is not there yet: shown before, it would jump.
  const settled = [of, told].every(({ value, problem }) => value || problem)
  useHeading(say.key(of.value?.epc ?? epc))
  return (
    <div class="page unit-page">
      <div class="page-main">
        {of.problem && <ProblemNote problem={of.problem} />}
        {!of.value && !of.problem && <p class="panel empty">{writeShell('loading')}</p>}
        {of.value && <Identity of={of.value} />}
        {told.problem && told.problem.status !== 404 && <ProblemNote problem={told.problem} />}
        {told.problem?.status === 404 && <p class="panel empty">{write('passport.none')}</p>}
        {told.value && <PassportPanel passport={told.value} />}
        {told.value && <LegsPanel legs={told.value.legs} />}
      </div>
      <div class="page-side" hidden={!settled}>
        {told.value && <ZonesPanel passport={told.value} />}
        {told.value && of.value && (
          <Corrections
            epc={of.value.epc}
            gtin={of.value.gtin}
            lot={of.value.lot}
            budgets={told.value.budgets}
            onChanged={told.reload}
          />
        )}
        {of.value && <Alerts of={of.value} />}
        <Decisions epc={epc} />
        <Journey epc={epc} />
      </div>
    </div>
  )
}

function Identity({ of }: { of: Unit }) {
  const { epc, gtin, lot, expiry, state, place, parents, recalls, problems } = of
  return (
    <section class="panel" aria-labelledby="identity-title">
      <header>
        <h2 id="identity-title">{say.key(epc)}</h2>
        <StatusMark status={stateText(state)} />
      </header>
      {recalls.map(({ id, name, drill }) => (
        <p key={id} class="warning">
          {write(drill ? 'drill' : 'recalled', { name })} <a href={addressOf(['recalls', id])}>→</a>
        </p>
      ))}
      {problems.map((problem) => (
        <p key={`${problem.kind} ${problem.detail}`} class="warning">
          {write('conflict', { detail: problemText(problem) })}
        </p>
      ))}
      <dl class="figures">
        {gtin && (
          <div>
            <dt>{write('product')}</dt>
            <dd>
              <a href={addressOf(['products', gtin])}>{nameOfProduct(gtin)}</a>
            </dd>
          </div>
        )}
        <Pair name={write('lot')} value={lot || '–'} />
        <Pair name={write('expiry')} value={expiry || '–'} />
        <Pair
          name={write('place')}
          value={place ? placeText(place.bizLocation ?? place.readPoint) : '–'}
        />
        <Pair name={write('inside')} value={parents.map(say.key).join(' › ') || '–'} wide />
      </dl>
    </section>
  )
}

function Pair({ name, value, wide = false }: { name: string; value: string; wide?: boolean }) {
  return (
    <div class={wide ? 'pair-wide' : ''}>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  )
}

function Alerts({ of: { alerts } }: { of: Unit }) {
  return (
    <section class="panel" aria-labelledby="unit-alerts-title">
      <header>
        <h2 id="unit-alerts-title">{write('alerts')}</h2>
      </header>
      {alerts.length === 0 && <p class="empty">{write('alerts.none')}</p>}
      <ul class="rows">
        {alerts.map(({ alert }) => (
          <li key={alert.id}>
            <SeverityMark severity={alert.severity} />{' '}
            <a href={addressOfAlert(alert.id)}>{sentenceOfRule(alert)}</a>
            <p class="group-note number">{say.span(alert.from, alert.to)}</p>
          </li>
        ))}
      </ul>
    </section>
  )
}

function Decisions({ epc }: { epc: string }) {
  const { value, problem } = useLoad(
    `unit decisions ${epc}`,
    async (signal) =>
      d.page(unitDecision)(await read(apiPath('units', epc, 'decisions'), {}, signal)),
    ['disposition.changed'],
  )
  // Viewers may not read them.
  if (problem?.status === 403) return null
  return (
    <section class="panel" aria-labelledby="unit-decisions-title">
      <header>
        <h2 id="unit-decisions-title">{write('decisions')}</h2>
      </header>
      {problem && problem.status !== 404 && <ProblemNote problem={problem} />}
      {value?.items.length === 0 && <p class="empty">{write('decisions.none')}</p>}
      <ul class="rows">
        {value?.items.map(({ decision, disposition, at, inForce }) => (
          <li key={`${disposition} ${at}`}>
            <a href={addressOf(['dispositions', disposition])}>
              {writeQuality(`decision.${decision}`)}
            </a>{' '}
            <StatusMark status={write(inForce ? 'inForce' : 'ended')} />
            <p class="group-note number">{say.time(at)}</p>
          </li>
        ))}
      </ul>
    </section>
  )
}

function Journey({ epc }: { epc: string }) {
  const { value, problem } = useLoad(
    `unit events ${epc}`,
    async (signal) =>
      d.page(unitEvent)(await read(apiPath('units', epc, 'events'), { limit: 200 }, signal)),
    ['capture.applied'],
  )
  return (
    <section class="panel" aria-labelledby="journey-title">
      <header>
        <h2 id="journey-title">{write('journey')}</h2>
      </header>
      {problem && problem.status !== 404 && <ProblemNote problem={problem} />}
      {value?.items.length === 0 && <p class="empty">{write('journey.none')}</p>}
      <ol class="entries">
        {value?.items.toReversed().map((event) => {
          const words = [wordText(event.bizStep), wordText(event.disposition)].filter(Boolean)
          const place = event.bizLocation ?? event.readPoint
          return (
            <li key={event.eventID}>
              <span class="entry-at number">{say.time(event.eventTime)}</span>
              <span class="entry-what">{words.join(', ') || event.type}</span>
              <p class="group-note">
                {[
                  place ? placeText(place) : '',
                  event.via ? write('event.in', { container: say.key(event.via) }) : '',
                ]
                  .filter(Boolean)
                  .join(' · ')}
              </p>
            </li>
          )
        })}
      </ol>
    </section>
  )
}

// The passport of a unit: verdict with its reasons in the order they were asked, minutes beyond
// each limit, budgets, and the legs that it is the sum of.
import { VerdictMark } from '../marks.tsx'
import { addressOf } from '../router.ts'
import * as say from '../say.ts'
import { clauseText } from '../words/reasons.ts'
import { writeUnit as write } from '../words/unit.ts'
import { limitText } from './figures.ts'
import { LegPicture } from './leg-picture.tsx'
import type { Budget, Leg, Passport, Reason } from './passport-shapes.ts'
import { sentenceOfReason } from './reason-sentence.ts'

export function PassportPanel({ passport }: { passport: Passport }) {
  const { from, to, verdict, reasons, handOver } = passport
  return (
    <section class="panel" aria-labelledby="passport-title">
      <header>
        <h2 id="passport-title">{write('passport')}</h2>
        <VerdictMark verdict={verdict} />
        <span class="count number">
          {write('passport.hint', { from: say.time(from), to: say.time(to) })}
        </span>
      </header>
      <Figures passport={passport} />
      {handOver && <p class="padded">{write('handOver', { partner: handOver.partner })}</p>}
      <h3 class="sub-title">{write('reasons')}</h3>
      <ol class="reasons">
        {reasons.map((reason, index) => (
          <ReasonRow key={`${reason.step} ${index}`} reason={reason} />
        ))}
      </ol>
    </section>
  )
}

function Figures({ passport }: { passport: Passport }) {
  const { minutes, unknownMinutes, minC, maxC, meanC, mktC, freezeThawCycles } = passport
  const figures: [string, string][] = [
    [write('known'), say.minutes(minutes)],
    [write('unknown'), say.minutes(unknownMinutes)],
    [write('min'), say.temperature(minC)],
    [write('max'), say.temperature(maxC)],
    [write('mean'), say.temperature(meanC)],
    [write('mkt'), say.temperature(mktC)],
    [write('freezes'), say.count(freezeThawCycles)],
  ]
  return (
    <dl class="figures">
      {figures.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd class="number">{value}</dd>
        </div>
      ))}
    </dl>
  )
}

function ReasonRow({ reason }: { reason: Reason }) {
  const { outcome, clause } = reason
  return (
    <li class={`reason reason-${outcome}`}>
      <span class="reason-outcome">{write(`outcome.${outcome}`)}</span>
      <span class="reason-detail">
        {sentenceOfReason(reason)} {clause && <span class="group-note">{clauseText(clause)}</span>}
      </span>
    </li>
  )
}

export function ZonesPanel({ passport }: { passport: Passport }) {
  const { zones, budgets } = passport
  return (
    <section class="panel" aria-labelledby="zones-title">
      <header>
        <h2 id="zones-title">{write('zones')}</h2>
      </header>
      {zones.length === 0 && <p class="empty">{write('zones.none')}</p>}
      <dl class="pairs">
        {zones.map(({ limit, minutes }) => [
          <dt key={`${limit?.side} ${limit?.limitC} name`}>{limitText(limit)}</dt>,
          <dd key={`${limit?.side} ${limit?.limitC}`} class="number">
            {say.minutes(minutes)}
          </dd>,
        ])}
      </dl>
      <h3 class="sub-title">{write('budgets')}</h3>
      {budgets.length === 0 && <p class="empty">{write('budgets.none')}</p>}
      <ul class="budgets">
        {budgets.map((budget) => (
          <BudgetBar key={`${budget.limit?.side} ${budget.limit?.limitC}`} budget={budget} />
        ))}
      </ul>
    </section>
  )
}

function BudgetBar({ budget }: { budget: Budget }) {
  const { limit, allowedMinutes, drawnMinutes, leftMinutes, unknownMinutes } = budget
  const over = leftMinutes < 0
  const allowed = say.minutes(allowedMinutes)
  const words = over
    ? write('budget.over', { over: say.minutes(-leftMinutes), allowed })
    : write('budget.left', { left: say.minutes(leftMinutes), allowed })
  return (
    <li>
      <span>{limitText(limit)}</span>
      <meter
        min={0}
        max={Math.max(allowedMinutes, 1)}
        value={Math.min(drawnMinutes, allowedMinutes)}
        aria-label={`${limitText(limit)}: ${words}`}
      />
      <span class={`number ${over ? 'alarm' : ''}`}>
        {words}
        {unknownMinutes > 0 &&
          `; ${write('budget.unknown', { minutes: say.minutes(unknownMinutes) })}`}
      </span>
    </li>
  )
}

export function LegsPanel({ legs }: { legs: readonly Leg[] }) {
  return (
    <section class="panel" aria-labelledby="legs-title">
      <header>
        <h2 id="legs-title">{write('legs')}</h2>
      </header>
      {legs.length === 0 && <p class="empty">{write('legs.none')}</p>}
      <LegPicture legs={legs} />
      {legs.length > 0 && (
        <div class="records">
          <table>
            <thead>
              <tr>
                <th scope="col">{write('leg.when')}</th>
                <th scope="col">{write('leg.where')}</th>
                <th scope="col">{write('leg.range')}</th>
                <th scope="col" class="right">
                  {write('known')}
                </th>
                <th scope="col" class="right">
                  {write('unknown')}
                </th>
              </tr>
            </thead>
            <tbody>
              {legs.map((leg) => (
                <LegRow key={leg.from} leg={leg} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  )
}

function LegRow({ leg }: { leg: Leg }) {
  const { from, to, container, device, minC, maxC, minutes, unknownMinutes } = leg
  const range = minC === null ? '–' : `${say.temperature(minC)} – ${say.temperature(maxC)}`
  return (
    <tr>
      <th scope="row" class="number">
        {from === null ? '–' : say.span(from, to)}
      </th>
      <td>
        {container === null ? write('leg.alone') : say.key(container)}
        {device !== null && (
          <>
            , <a href={addressOf(['devices', device])}>{device}</a>
          </>
        )}
      </td>
      <td class="number">{range}</td>
      <td class="number right" data-name={write('known')}>
        {say.minutes(minutes)}
      </td>
      <td class="number right" data-name={write('unknown')}>
        {say.minutes(unknownMinutes)}
      </td>
    </tr>
  )
}

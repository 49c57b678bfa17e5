// One group of the inbox: what is wrong on which container, how many serials were inside, who looks
// after it, and the steps that one may take right here.
import { SeverityMark, StatusMark, VerdictMark } from '../marks.tsx'
import { nameOfPlace } from '../places.ts'
import { nameOfProduct } from '../product-names.ts'
import * as say from '../say.ts'
import { writeInbox as write } from '../words/inbox.ts'
import { writeQuality } from '../words/quality.ts'
import { mayStep } from './may.ts'
import { addressOfAlert, nameOf } from './people.ts'
import { sentenceOfRule } from './sentence.ts'
import { type InboxAlert, type InboxGroup, lifeStates } from './shapes.ts'
import type { Step, StepOf } from './step-dialog.tsx'

/** Beside the first; all of them are on its page. */
const othersShown = 4

export interface GroupRowProps {
  group: InboxGroup
  active: boolean
  onStep(of: StepOf): void
}

export function GroupRow({ group, active, onStep }: GroupRowProps) {
  const [first] = group.alerts
  if (!first) return null
  const { alertCount, states, container, place } = group
  const serials = Math.max(...group.alerts.map(({ serialCount }) => serialCount))
  const step = (name: Step) => (): void =>
    onStep({ alert: first.id, step: name, groupCount: alertCount })
  return (
    <article class={`group ${active ? 'group-active' : ''}`} aria-current={active || undefined}>
      <div class="group-what">
        <div class="group-head">
          <SeverityMark severity={group.severity} />
          <VerdictMark verdict={first.verdict} />
          {lifeStates
            .filter((state) => (states[state] ?? 0) > 0)
            .map((state) => (
              <StatusMark
                key={state}
                status={
                  alertCount > 1
                    ? `${say.count(states[state] ?? 0)} ${writeQuality(`state.${state}`)}`
                    : writeQuality(`state.${state}`)
                }
              />
            ))}
        </div>
        <h3>
          <a href={addressOfAlert(first.id)}>{say.key(container)}</a>
        </h3>
        <p>{sentenceOfRule(first)}</p>
        <p class="group-note number">
          {[
            nameOfProduct(first.gtin),
            write('group.serials', { count: serials }),
            say.span(first.from, first.to),
            place ? nameOfPlace(place) : '',
            assigneesOf(group),
          ]
            .filter((part) => part !== '')
            .join(' · ')}
        </p>
        {alertCount > 1 && <Others group={group} />}
      </div>
      {mayStep() && (
        <div class="group-steps">
          {first.state === 'new' && (
            <button type="button" onClick={step('acknowledge')}>
              {write('acknowledge')}
            </button>
          )}
          <button type="button" onClick={step('assign')}>
            {write('assign')}
          </button>
          <button type="button" onClick={step('comment')}>
            {write('comment')}
          </button>
        </div>
      )}
    </article>
  )
}

function Others({ group: { alerts, alertCount } }: { group: InboxGroup }) {
  return (
    <p class="group-others">
      {write('group.more', { count: alertCount - 1 })}:{' '}
      {alerts.slice(1, 1 + othersShown).map((alert) => (
        <a key={alert.id} href={addressOfAlert(alert.id)}>
          {sentenceOfRule(alert)}
        </a>
      ))}
      {alertCount - 1 > othersShown && '…'}
    </p>
  )
}

function assigneesOf({ alerts, unassigned }: InboxGroup): string {
  const names = new Set(alerts.flatMap(({ assignee }: InboxAlert) => assignee ?? []))
  if (names.size === 0) return unassigned > 0 ? write('group.unassigned') : ''
  return [...names].map(nameOf).join(', ')
}

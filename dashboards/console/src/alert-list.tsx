// The alerts, the worst question first: what broke which limit, where, and how many serials were
// inside.
import { useEffect, useRef } from 'preact/hooks'
import {
  formatCount,
  formatKey,
  formatMinutes,
  formatRule,
  formatSpan,
  formatTemperature,
} from './format.ts'
import { alerts, moreAlerts } from './lists.ts'
import { ProblemNote, SeverityMark, StatusMark, VerdictMark } from './marks.tsx'
import { unit, zone } from './session.ts'
import type { Alert } from './shapes.ts'
import { addressOf, target } from './target.ts'

export function AlertList() {
  const { value, problem } = alerts.value
  const critical = value?.filter(({ severity }) => severity === 'critical').length ?? 0
  return (
    <section class="panel list" aria-labelledby="alerts-title">
      <header>
        <h2 id="alerts-title">Alerts</h2>
        <span class="count">
          {value &&
            `${formatCount(value.length)}${moreAlerts.value ? '+' : ''} open, ${critical} critical`}
        </span>
      </header>
      <div class="scroll">
        {problem && <ProblemNote problem={problem} />}
        {!value && !problem && <p class="empty">Loading…</p>}
        {value?.length === 0 && (
          <p class="empty">
            No open alerts. One appears here when readings use up the allowance of a rule.
          </p>
        )}
        <ul>
          {value?.map((alert) => (
            <AlertRow key={alert.id} alert={alert} />
          ))}
        </ul>
        {moreAlerts.value && (
          <p class="empty">The newest {value?.length} are shown; the others are in the API.</p>
        )}
      </div>
    </section>
  )
}

function AlertRow({ alert }: { alert: Alert }) {
  const chosen = target.value?.alert?.id === alert.id
  const link = useRef<HTMLAnchorElement>(null)
  useEffect(() => {
    // Where lists scroll by themselves, a selection that came by a link must be in sight.
    const wide = matchMedia('(min-width: 1100px)').matches
    if (chosen && wide) link.current?.scrollIntoView({ block: 'nearest' })
  }, [chosen])
  return (
    <li>
      <a
        ref={link}
        class="row"
        href={addressOf('alert', alert.id)}
        aria-current={chosen ? 'true' : undefined}
      >
        <span class="row-head">
          <SeverityMark severity={alert.severity} />
          {alert.status !== 'open' && <StatusMark status={alert.status} />}
          <span class="row-figure number">{formatTemperature(alert.peakC, unit.value)}</span>
        </span>
        <span class="row-title">{formatKey(alert.container)}</span>
        <span class="row-note">{formatRule(alert, unit.value)}</span>
        <span class="row-note number">
          {formatSpan(alert.from, alert.to, zone)} · {formatMinutes(alert.minutes)}
        </span>
        <span class="row-foot">
          <VerdictMark verdict={alert.verdict} />
          <span>
            logger {alert.device}
            {alert.channel !== 'temperature' && ` ${alert.channel}`}
          </span>
          <span class="row-figure">
            <b class="number">{formatCount(alert.serialCount)}</b>{' '}
            {alert.serialCount === 1 ? 'serial' : 'serials'}
          </span>
        </span>
      </a>
    </li>
  )
}

// The alerts, the worst question first: what broke which limit, where, and how many serials were
// inside.
import { useEffect, useRef } from 'preact/hooks'
import { alerts, moreAlerts } from './lists.ts'
import { ProblemNote, SeverityMark, StatusMark, VerdictMark } from './marks.tsx'
import { addressOf } from './router.ts'
import * as say from './say.ts'
import type { Alert } from './shapes.ts'
import { target } from './target.ts'
import { writeBoard as write } from './words/board.ts'
import { write as writeShell } from './words/shell.ts'

export function AlertList() {
  const { value, problem } = alerts.value
  const critical = value?.filter(({ severity }) => severity === 'critical').length ?? 0
  return (
    <section class="panel list" aria-labelledby="alerts-title">
      <header>
        <h2 id="alerts-title">{write('alerts')}</h2>
        <span class="count">
          {value &&
            write('alerts.open', {
              count: `${say.count(value.length)}${moreAlerts.value ? '+' : ''}`,
              critical,
            })}
        </span>
      </header>
      <div class="scroll">
        {problem && <ProblemNote problem={problem} />}
        {!value && !problem && <p class="empty">{writeShell('loading')}</p>}
        {value?.length === 0 && <p class="empty">{write('alerts.none')}</p>}
        <ul>
          {value?.map((alert) => (
            <AlertRow key={alert.id} alert={alert} />
          ))}
        </ul>
        {moreAlerts.value && (
          <p class="empty">{write('alerts.first', { count: value?.length ?? 0 })}</p>
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
        href={addressOf(['alerts', alert.id])}
        aria-current={chosen ? 'true' : undefined}
      >
        <span class="row-head">
          <SeverityMark severity={alert.severity} />
          {alert.status !== 'open' && <StatusMark status={alert.status} />}
          <span class="row-figure number">{say.temperature(alert.peakC)}</span>
        </span>
        <span class="row-title">{say.key(alert.container)}</span>
        <span class="row-note">{say.rule(alert)}</span>
        <span class="row-note number">
          {say.span(alert.from, alert.to)} · {say.minutes(alert.minutes)}
        </span>
        <span class="row-foot">
          <VerdictMark verdict={alert.verdict} />
          <span>
            {write('alert.logger', { device: alert.device })}
            {alert.channel !== 'temperature' && ` ${alert.channel}`}
          </span>
          <span class="row-figure">
            <b class="number">{say.count(alert.serialCount)}</b>{' '}
            {write('serials', { count: alert.serialCount })}
          </span>
        </span>
      </a>
    </li>
  )
}

// The alerts, the worst question first: what broke which limit, where, and how many serials were
// inside.
import { nameOfChannel } from './devices/channels.ts'
import { alerts, moreAlerts } from './lists.ts'
import { ProblemNote, SeverityMark, StatusMark, VerdictMark } from './marks.tsx'
import { addressOf } from './router.ts'
import * as say from './say.ts'
import type { Alert } from './shapes.ts'
import { writeBoard as write } from './words/board.ts'
import { alertStateText } from './words/lives.ts'
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
  return (
    <li>
      <a class="row" href={addressOf(['alerts', alert.id])}>
        <span class="row-head">
          <SeverityMark severity={alert.severity} />
          {alert.status !== 'open' && <StatusMark status={alertStateText(alert.status)} />}
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
            {alert.channel !== 'temperature' && ` ${nameOfChannel(alert.channel)}`}
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

// Who would be told of an alert, when, and why, or why not: the rules as they stand, tried with it.
// Tells nobody.
import { useState } from 'preact/hooks'
import { Choice } from '../form.tsx'
import { useLoad } from '../load.ts'
import { ProblemNote, StatusMark } from '../marks.tsx'
import * as d from '../quality/decode.ts'
import * as say from '../say.ts'
import { apiPath, read, tell } from '../server.ts'
import { type Alert, parseAlert, parsePage } from '../shapes.ts'
import { write } from '../words/notifications.ts'
import { write as writeShell } from '../words/shell.ts'
import { linesOfForeseen } from './say.ts'
import { foreseen, type Rule } from './shapes.ts'

/** To choose from; the worst and newest first, as the inbox has them. */
const alertsMax = 100

export function Preview({ rules }: { rules: readonly Rule[] }) {
  const [chosen, setChosen] = useState('')
  const alerts = useLoad(
    'preview alerts',
    async (signal) =>
      parsePage(await read(apiPath('alerts'), { limit: alertsMax }, signal), parseAlert).items,
    ['alert.changed'],
  )
  const answer = useLoad(
    chosen === '' ? null : `preview ${chosen} ${JSON.stringify(rules)}`,
    async () =>
      d.list(foreseen)(
        d.raw(await tell('POST', apiPath('notification-rules', 'preview'), { alert: chosen }))
          .items,
      ),
  )
  const found = answer.value && linesOfForeseen(answer.value)
  return (
    <section
      class="panel"
      aria-busy={!alerts.value && !alerts.problem}
      aria-labelledby="preview-title"
    >
      <header>
        <h2 id="preview-title">{write('preview')}</h2>
      </header>
      <div class="stack part-body">
        {alerts.problem && <ProblemNote problem={alerts.problem} />}
        {alerts.value?.length === 0 ? (
          <p class="empty">{write('preview.noAlerts')}</p>
        ) : (
          <Choice
            id="preview-alert"
            label={write('preview.alert')}
            value={chosen}
            options={[
              ['', write('preview.choose')],
              ...(alerts.value ?? []).map((alert) => [alert.id, titleOf(alert)] as const),
            ]}
            onChange={setChosen}
          />
        )}
        <p class="hint">{write('preview.hint')}</p>
        <div aria-live="polite" class="stack">
          {answer.problem && <ProblemNote problem={answer.problem} />}
          {chosen !== '' && !found && !answer.problem && <p>{writeShell('loading')}</p>}
          {found?.length === 0 && <p>{write('preview.none')}</p>}
          <ul class="foreseen">
            {found?.map(({ rule, name, told, lines }) => (
              <li key={rule}>
                <div class="row-head">
                  <span class="row-title">{name}</span>
                  {!told && <StatusMark status={write('state.suppressed')} />}
                </div>
                {lines.map((line, index) => (
                  <p key={index} class="row-note">
                    {line}
                  </p>
                ))}
              </li>
            ))}
          </ul>
        </div>
      </div>
    </section>
  )
}

const titleOf = (alert: Alert): string =>
  [
    writeShell(`severity.${alert.severity}`),
    say.key(alert.container) || alert.device,
    say.time(alert.from),
  ].join(' · ')

// The conformance lab: begins a session with one logger, and shows the sessions and their reports.
import { LabForm } from '../devices/lab-form.tsx'
import { LabReport, stateOf } from '../devices/lab-report.tsx'
import { parseLabSessions } from '../devices/lab-shapes.ts'
import { useLoad } from '../load.ts'
import { ProblemNote } from '../marks.tsx'
import type { PageProps } from '../pages.ts'
import { addressOf, goTo } from '../router.ts'
import * as say from '../say.ts'
import { apiPath, read } from '../server.ts'
import { write } from '../words/lab.ts'
import '../settings/settings.css'
import '../devices/devices.css'

export default function LabPage({ query }: PageProps) {
  const shown = query.get('session') ?? ''
  const sessions = useLoad('lab sessions', async (signal) =>
    parseLabSessions(await read(apiPath('conformance'), {}, signal)),
  )
  return (
    <div class="page">
      {shown !== '' && <LabReport key={shown} id={shown} onStopped={sessions.reload} />}
      <div class="playground">
        <section class="panel form-panel">
          <p>{write('lab.text')}</p>
          <LabForm
            device={query.get('device') ?? ''}
            onBegun={(id) => {
              sessions.reload()
              goTo(addressOf(['lab'], { session: id }))
            }}
          />
        </section>
        <section class="panel" aria-label={write('lab.sessions')}>
          <header>
            <h2>{write('lab.sessions')}</h2>
          </header>
          {sessions.problem && <ProblemNote problem={sessions.problem} />}
          {sessions.value?.length === 0 && <p class="empty">{write('lab.none')}</p>}
          <ul class="told">
            {(sessions.value ?? []).map((session) => (
              <li key={session.id}>
                <a href={addressOf(['lab'], { session: session.id })}>{session.device}</a>
                <span class="number">
                  {stateOf(session)} · {session.score === null ? '–' : say.count(session.score)}
                </span>
              </li>
            ))}
          </ul>
        </section>
      </div>
    </div>
  )
}

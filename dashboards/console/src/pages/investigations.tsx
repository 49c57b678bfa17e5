// Investigations, the newest first, and the opening of one: from an alert or a case that the
// address names, or from none.
import { useState } from 'preact/hooks'
import { useLoad } from '../load.ts'
import { ProblemNote, StatusMark } from '../marks.tsx'
import type { PageProps } from '../pages.ts'
import * as d from '../quality/decode.ts'
import { investigation } from '../quality/investigation-shapes.ts'
import { mayInvestigate } from '../quality/may.ts'
import { namesIn } from '../quality/parts.ts'
import { nameOf, usePeople } from '../quality/people.ts'
import '../quality/quality.css'
import { useSend } from '../quality/use-send.ts'
import { addressOf, goTo } from '../router.ts'
import * as say from '../say.ts'
import { apiPath, read } from '../server.ts'
import { writeInvestigation as write } from '../words/investigations.ts'
import { writeQuality } from '../words/quality.ts'
import { write as writeShell } from '../words/shell.ts'

export default function Investigations({ query }: PageProps) {
  const { value, problem } = useLoad(
    'investigations',
    async (signal) =>
      d.page(investigation)(await read(apiPath('investigations'), { limit: 100 }, signal)),
    ['investigation.changed'],
  )
  usePeople()
  return (
    <div class="page">
      <section class="panel" aria-labelledby="investigations-title">
        <header>
          <h2 id="investigations-title">{write('list')}</h2>
        </header>
        {problem && <ProblemNote problem={problem} />}
        {!value && !problem && <p class="empty">{writeShell('loading')}</p>}
        {value?.items.length === 0 && <p class="empty">{write('none')}</p>}
        <ul class="rows">
          {value?.items.map((one) => (
            <li key={one.id}>
              <a href={addressOf(['investigations', one.id])}>{one.title}</a>{' '}
              <StatusMark status={write(`state.${one.state}`)} />
              <p class="group-note number">
                {writeQuality('by', { name: nameOf(one.openedBy), time: say.time(one.openedAt) })}
              </p>
            </li>
          ))}
        </ul>
      </section>
      {mayInvestigate() && <Opening alert={query.get('alert')} of={query.get('case')} />}
    </div>
  )
}

function Opening({ alert, of }: { alert: string | null; of: string | null }) {
  const [title, setTitle] = useState('')
  const [alerts, setAlerts] = useState(alert ?? '')
  const { busy, problem, send } = useSend()
  const open = async (): Promise<void> => {
    const body = {
      title: title.trim(),
      alerts: namesIn(alerts),
      ...(of !== null && { cases: [of] }),
    }
    const made = await send({ path: apiPath('investigations'), body })
    if (made !== null) goTo(addressOf(['investigations', d.shape({ id: d.text })(made).id]))
  }
  return (
    <form
      class="panel"
      aria-labelledby="opening-title"
      onSubmit={(event) => {
        event.preventDefault()
        void open()
      }}
    >
      <header>
        <h2 id="opening-title">{write('open')}</h2>
      </header>
      <div class="stack padded">
        <div class="field field-wide">
          <label for="inv-title">{write('title')}</label>
          <input
            id="inv-title"
            required
            minLength={3}
            maxLength={300}
            value={title}
            onInput={(event) => setTitle(event.currentTarget.value)}
          />
        </div>
        <div class="field field-wide">
          <label for="inv-alerts">{write('alerts')}</label>
          <textarea
            id="inv-alerts"
            rows={2}
            class="mono"
            value={alerts}
            onInput={(event) => setAlerts(event.currentTarget.value)}
          />
        </div>
        {problem && <ProblemNote problem={problem} />}
        <button type="submit" class="primary start" disabled={busy || title.trim().length < 3}>
          {write('open.do')}
        </button>
      </div>
    </form>
  )
}

// What came of a logger and was refused, newest first, with its bytes, and on into the playground.
import { useState } from 'preact/hooks'
import type { Problem } from '../client.ts'
import { useLoad } from '../load.ts'
import { Exact, ProblemNote } from '../marks.tsx'
import { addressOf } from '../router.ts'
import * as say from '../say.ts'
import { apiPath, read, tell } from '../server.ts'
import { mayAs } from '../settings/may.ts'
import { parsePage } from '../shapes.ts'
import { write } from '../words/devices.ts'
import { happeningOf } from '../words/refusals.ts'
import { language } from '../words.ts'
import { parseRefusal, type Refusal } from './shapes.ts'

const rowsMax = 20
/** Longer addresses are cut by servers on the way. */
const payloadCharsMax = 3000

export function Refusals({ id }: { id: string }) {
  const asked = { limit: rowsMax, language: language.value }
  const loaded = useLoad(
    `refusals ${id} ${language.value}`,
    async (signal) =>
      parsePage(await read(apiPath('devices', id, 'refusals'), asked, signal), parseRefusal).items,
    ['device.readings'],
  )
  return (
    <section
      class="panel"
      aria-busy={!loaded.value && !loaded.problem}
      aria-label={write('refusals')}
    >
      <header>
        <h2>{write('refusals')}</h2>
      </header>
      {loaded.problem && <ProblemNote problem={loaded.problem} />}
      {loaded.value?.length === 0 && <p class="empty">{write('refusals.none')}</p>}
      <ol class="told">
        {(loaded.value ?? []).map((refusal) => (
          <li key={refusal.id}>
            <span class="number">
              <strong>
                <code>{refusal.code}</code>
              </strong>{' '}
              {say.time(refusal.at)}
            </span>
            {language.value !== 'en' && <span>{happeningOf([refusal.code], 400)}</span>}
            <span>
              <code>{refusal.path}</code> <Exact text={refusal.detail} />
            </span>
            {refusal.remedy !== '' && <span>→ {refusal.remedy}</span>}
            <Bytes refusal={refusal} />
          </li>
        ))}
      </ol>
    </section>
  )
}

function Bytes({ refusal }: { refusal: Refusal }) {
  const { text, raw, bytes, topic } = refusal
  if (raw === '') return null
  const payload = text ?? raw
  const encoding = text === null ? 'base64' : 'text'
  return (
    <details>
      <summary>{write('refusals.bytes', { count: bytes })}</summary>
      <pre class="bytes">{payload}</pre>
      <div class="actions actions-start">
        {payload.length <= payloadCharsMax && (
          <a class="button" href={addressOf(['playground'], { topic, payload, encoding })}>
            {write('refusals.try')}
          </a>
        )}
        {mayAs('admin', 'engineer', 'integration') && refusal.code !== 'packet/topic-forbidden' && (
          <Replay id={refusal.id} />
        )}
      </div>
    </details>
  )
}

/** For what was declared or told since: a channel, the births of an edge node. */
function Replay({ id }: { id: number }) {
  const [state, setState] = useState<'new' | 'busy' | 'done' | Problem>('new')
  const replay = (): void => {
    setState('busy')
    const done = (): void => setState('done')
    tell('POST', apiPath('refusals', String(id), 'replay')).then(done, setState)
  }
  if (state === 'done') return <p role="status">{write('refusals.replayed')}</p>
  return (
    <>
      <button type="button" disabled={state === 'busy'} onClick={replay}>
        {write('refusals.replay')}
      </button>
      {typeof state === 'object' && <ProblemNote problem={state} />}
    </>
  )
}

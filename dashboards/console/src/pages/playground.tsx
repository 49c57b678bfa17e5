// The payload playground: what ingest makes of a packet before a device sends it, with each refusal
// at its place in the text. The server decodes; nothing is kept, here neither.
import { useState } from 'preact/hooks'
import { cutAt } from '../devices/marked.ts'
import { type Decoded, type DecodedRefusal, parseDecoded } from '../devices/shapes.ts'
import { Choice, Field, SendForm } from '../form.tsx'
import { useLoad } from '../load.ts'
import { Exact } from '../marks.tsx'
import type { PageProps } from '../pages.ts'
import * as say from '../say.ts'
import { apiPath, read, tell } from '../server.ts'
import { parsePage, textOf } from '../shapes.ts'
import { write } from '../words/devices.ts'
import { happeningOf } from '../words/refusals.ts'
import { language } from '../words.ts'
import '../devices/devices.css'

const encodings = ['text', 'hex', 'base64'] as const
type Encoding = (typeof encodings)[number]

/** A reading as most devices send it, with one fault to look at. */
const example =
  '[\n  {"time": "2026-03-01T12:00:00Z", "temperature": 4.2},\n  {"temperature": "4.3"}\n]'

/** Of a logger that is registered, so that the example is not refused for its name. */
async function loadTopic(signal: AbortSignal): Promise<string | null> {
  const told = await read(apiPath('devices'), { limit: 1 }, signal)
  const [id] = parsePage(told, (item) => textOf(item.id)).items
  return id === undefined ? null : `v1/default/${id}/readings`
}

export default function Playground({ query }: PageProps) {
  const [typed, setTopic] = useState(query.get('topic'))
  const known = useLoad(typed === null ? 'play logger' : null, loadTopic)
  const topic = typed ?? known.value ?? 'v1/default/logger-1/readings'
  const [payload, setPayload] = useState(query.get('payload') ?? example)
  const asked = encodings.find((each) => each === query.get('encoding')) ?? 'text'
  const [encoding, setEncoding] = useState<Encoding>(asked)
  const [decoded, setDecoded] = useState<Decoded | null>(null)
  const send = async (): Promise<void> => {
    setDecoded(null)
    // A device id alone is what a device sends by HTTP.
    const to = topic.includes('/') ? { topic: topic.trim() } : { device: topic.trim() }
    const path = `${apiPath('decodings')}?language=${language.value}`
    setDecoded(parseDecoded(await tell('POST', path, { ...to, payload, encoding })))
  }
  return (
    <div class="page">
      <div class="playground">
        <section class="panel form-panel">
          <p>{write('play.text')}</p>
          <SendForm send={send} button={write('play.decode')}>
            <Field
              id="topic"
              label={write('play.topic')}
              hint={write('play.topicHint')}
              required
              maxLength={1024}
              value={topic}
              onInput={setTopic}
            />
            <Choice
              id="encoding"
              label={write('play.encoding')}
              value={encoding}
              options={encodings.map((each): [Encoding, string] => [
                each,
                write(`play.as.${each}`),
              ])}
              onChange={(chosen) => setEncoding(chosen)}
            />
            <div class="field payload">
              <label for="payload">{write('play.payload')}</label>
              <textarea
                id="payload"
                spellcheck={false}
                value={payload}
                onInput={(event) => setPayload(event.currentTarget.value)}
              />
            </div>
          </SendForm>
        </section>
        {decoded ? <Answer decoded={decoded} /> : <NoAnswer />}
      </div>
    </div>
  )
}

/** Where the answer will be, and what it will say. */
function NoAnswer() {
  return (
    <section class="panel" aria-label={write('play.answer')}>
      <header>
        <h2>{write('play.answer')}</h2>
      </header>
      <p class="empty">{write('play.waits')}</p>
    </section>
  )
}

function Answer({ decoded }: { decoded: Decoded }) {
  const { text, hint, refusals, readings, count, bytes, gzip } = decoded
  return (
    <section class="panel" aria-label={write('play.answer')}>
      <header>
        <h2>{write('play.answer')}</h2>
      </header>
      <div class="padded stack">
        <p role="status">
          {write('play.kept', { count })} {write('play.refused', { count: refusals.length })}{' '}
          {write('play.bytes', { count: bytes })} {gzip && write('play.gzip')}
        </p>
        {hint !== '' && (
          <p>
            <strong>{hint}</strong>
          </p>
        )}
        {text !== null && <Marked text={text} refusals={refusals} />}
      </div>
      {refusals.length > 0 && (
        <ol class="told" aria-label={write('refusals')}>
          {refusals.map((refusal, index) => (
            <li key={index}>
              <strong>
                {index + 1}. <code>{refusal.code}</code>
              </strong>
              {language.value !== 'en' && <span>{happeningOf([refusal.code], 400)}</span>}
              <span>
                <code>{refusal.path}</code> <Exact text={refusal.detail} />
              </span>
              {refusal.metric && <span>{metricText(refusal.metric)}</span>}
              {refusal.remedy !== '' && <span>→ {refusal.remedy}</span>}
            </li>
          ))}
        </ol>
      )}
      {readings.length > 0 && (
        <ol class="told" aria-label={write('play.readings')}>
          {readings.map(({ channel, time, value, unit }, index) => (
            <li key={index} class="number">
              {say.time(time)} · {channel} · {value === null ? '–' : say.decimal(value, 3)} {unit}
            </li>
          ))}
        </ol>
      )}
    </section>
  )
}

/** By its name, else by the alias that stands for it. */
function metricText(metric: NonNullable<DecodedRefusal['metric']>): string {
  const { name, alias, from, to } = metric
  const bytes = { from: say.count(from), to: say.count(to) }
  if (name !== '') return write('play.metric', { name, ...bytes })
  return alias === ''
    ? write('play.metricBare', bytes)
    : write('play.metricAlias', { alias, ...bytes })
}

function Marked({ text, refusals }: { text: string; refusals: readonly DecodedRefusal[] }) {
  return (
    <pre class="bytes">
      {cutAt(text, refusals).map((piece, index) =>
        piece.mark === null ? (
          piece.text
        ) : (
          <mark key={index}>
            {piece.text}
            <sup>{piece.mark + 1}</sup>
          </mark>
        ),
      )}
    </pre>
  )
}

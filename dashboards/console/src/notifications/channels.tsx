// The ways to people and programs: how each stands, a test message and its answer, pause, removal.
// Secrets are shown once, when they are made.
import { useEffect, useRef, useState } from 'preact/hooks'
import { CopyButton } from '../copy-button.tsx'
import { Icon } from '../icons.tsx'
import type { Loaded } from '../load.ts'
import { Exact, ProblemNote, StatusMark } from '../marks.tsx'
import { useSend } from '../quality/use-send.ts'
import * as say from '../say.ts'
import { apiPath, read } from '../server.ts'
import { textOf } from '../shapes.ts'
import { toast } from '../toasts.tsx'
import { write } from '../words/notifications.ts'
import { write as writeSettings } from '../words/settings.ts'
import { write as writeShell } from '../words/shell.ts'
import { ChannelDialog } from './channel-form.tsx'
import { RemoveDialog } from './remove-dialog.tsx'
import { pausesOf } from './say.ts'
import { type Channel, channel as decodeChannel, type Tried, triedOf } from './shapes.ts'

export interface ChannelsProps {
  loaded: Loaded<Channel[]>
  may: boolean
}

export function Channels({ loaded, may }: ChannelsProps) {
  const [edits, setEdits] = useState<Channel | 'new' | null>(null)
  const [removes, setRemoves] = useState<Channel | null>(null)
  const [told, setTold] = useState<{ name: string; secret: string } | null>(null)
  return (
    <section
      class="panel"
      aria-busy={!loaded.value && !loaded.problem}
      aria-labelledby="channels-title"
    >
      <header class="filters">
        <h2 id="channels-title">{write('channels')}</h2>
        {may && (
          <button type="button" class="primary" onClick={() => setEdits('new')}>
            <Icon name="plus" />
            {write('channel.new')}
          </button>
        )}
      </header>
      {told && (
        <div class="one-time" role="status">
          <p>{write('channel.secret', { name: told.name })}</p>
          <code>{told.secret}</code>
          <CopyButton text={told.secret} />
        </div>
      )}
      {loaded.problem && <ProblemNote problem={loaded.problem} />}
      {!loaded.value && !loaded.problem && <p class="empty">{writeShell('loading')}</p>}
      {loaded.value?.length === 0 && <p class="empty">{write('channels.none')}</p>}
      <ul class="changes">
        {loaded.value?.map((channel) => (
          <ChannelRow
            key={channel.id}
            channel={channel}
            may={may}
            onEdit={() => setEdits(channel)}
            onRemove={() => setRemoves(channel)}
            onDone={loaded.reload}
          />
        ))}
      </ul>
      {edits && (
        <ChannelDialog
          channel={edits === 'new' ? null : edits}
          onClose={() => setEdits(null)}
          onSaved={(answer) => {
            setEdits(null)
            const secret = textOf(answer.secret)
            setTold(secret === '' ? null : { name: textOf(answer.name), secret })
            toast(writeSettings('saved'))
            loaded.reload()
          }}
        />
      )}
      {removes && (
        <RemoveDialog
          title={removes.name}
          what={write('remove.channel', { name: removes.name })}
          path={apiPath('notification-channels', removes.id)}
          onClose={() => setRemoves(null)}
          onRemoved={loaded.reload}
        />
      )}
    </section>
  )
}

interface ChannelRowProps {
  channel: Channel
  may: boolean
  onEdit(): void
  onRemove(): void
  onDone(): void
}

function ChannelRow({ channel, may, onEdit, onRemove, onDone }: ChannelRowProps) {
  const { name, via, address, person, url, status } = channel
  const where = [write(`via.${via}`), address ?? person ?? url].filter(Boolean).join(' · ')
  return (
    <li>
      <div class="row-head">
        <span class="row-title">{name}</span>
        <StatusMark status={write(`status.${status}`)} />
      </div>
      <p class="row-note told-where">{where}</p>
      <p class="row-note">{pausesOf(channel).join(' · ')}</p>
      <Health channel={channel} />
      {may && <Acts channel={channel} onEdit={onEdit} onRemove={onRemove} onDone={onDone} />}
    </li>
  )
}

function Health({ channel }: { channel: Channel }) {
  const { toldAt, failingSince, reason, nextAttemptAt } = channel
  return (
    <>
      <p class="row-note number">
        {toldAt === null
          ? write('channel.never')
          : write('channel.told', { time: say.time(toldAt) })}
      </p>
      {failingSince !== null && (
        <p class="alarm told-where">
          {write('channel.failing', { time: say.time(failingSince) })} <Exact text={reason ?? ''} />
          {nextAttemptAt !== null &&
            ` · ${write('channel.next', { time: say.time(nextAttemptAt) })}`}
        </p>
      )}
    </>
  )
}

function Acts({ channel, onEdit, onRemove, onDone }: Omit<ChannelRowProps, 'may'>) {
  const { id, name, status } = channel
  const sending = useSend()
  const test = useTest(channel, onDone)
  const path = apiPath('notification-channels', id)
  const runs = status === 'active'
  const turn = async (): Promise<void> => {
    const body = { status: runs ? 'paused' : 'active' }
    if ((await sending.send({ method: 'PATCH', path, body })) === null) return
    toast(write(runs ? 'paused' : 'resumed'))
    onDone()
  }
  const start = async (): Promise<void> => {
    if ((await sending.send({ path: `${path}/test`, body: undefined })) !== null) test.watch()
  }
  const acts = [
    { label: write('test'), act: start, off: sending.busy || test.state === 'under' || !runs },
    { label: write(runs ? 'pause' : 'resume'), act: turn, off: sending.busy },
    { label: writeSettings('edit'), act: onEdit, off: false },
    { label: writeSettings('remove'), act: onRemove, off: false },
  ]
  return (
    <>
      {sending.problem && <ProblemNote problem={sending.problem} />}
      <p role="status" class={test.state === null ? 'hidden' : 'told-where'}>
        {test.state !== null && <TestStanding state={test.state} />}
      </p>
      <div class="actions actions-start">
        {acts.map(({ label, act, off }) => (
          <button
            key={label}
            type="button"
            aria-label={`${label}: ${name}`}
            disabled={off}
            onClick={() => void act()}
          >
            {label}
          </button>
        ))}
      </div>
    </>
  )
}

type TestState = 'under' | 'behind' | Tried

function TestStanding({ state }: { state: TestState }) {
  if (state === 'under' || state === 'behind') return <>{write(`test.${state}`)}</>
  if (state.is === 'arrived') return <>{write('test.arrived')}</>
  return (
    <>
      {write('test.failed')} <Exact text={state.reason} />
    </>
  )
}

/** An SMTP server may take its time; what takes longer waits behind other messages. */
const lookMs = 1000
const looksMax = 25

/** The answer to a test is how the channel stands after it: it is asked until that has changed. */
function useTest(channel: Channel, onDone: () => void) {
  const [state, setState] = useState<TestState | null>(null)
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
  useEffect(() => () => clearTimeout(timer.current), [])
  const look = async (looks: number): Promise<void> => {
    const path = apiPath('notification-channels', channel.id)
    const now = decodeChannel(await read(path).catch(() => channel))
    const tried = triedOf(channel, now)
    if (!tried && looks < looksMax) {
      timer.current = setTimeout(() => void look(looks + 1), lookMs)
      return
    }
    setState(tried ?? 'behind')
    onDone()
  }
  const watch = (): void => {
    setState('under')
    void look(1)
  }
  return { state, watch }
}

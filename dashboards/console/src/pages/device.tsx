// One logger: what it sent last, what of it was refused, how it is, and how to make it speak.
import { useState } from 'preact/hooks'
import { Calibrations } from '../devices/calibrations.tsx'
import { nameOfChannel, valueOfChannel } from '../devices/channels.ts'
import { ClockCorrections } from '../devices/clock-corrections.tsx'
import { Conformance } from '../devices/conformance.tsx'
import { Credentials } from '../devices/credentials.tsx'
import { DeviceForm } from '../devices/device-form.tsx'
import { sentenceOfFinding } from '../devices/health-sentence.ts'
import { Refusals } from '../devices/refusals.tsx'
import { Restore, Retire } from '../devices/retirement.tsx'
import { Rotate } from '../devices/rotate.tsx'
import {
  type DeviceState,
  type Finding,
  parseDeviceState,
  parseFindings,
  parseUnusual,
} from '../devices/shapes.ts'
import { Snippets } from '../devices/snippets-panel.tsx'
import { Dialog } from '../dialog.tsx'
import { Fact } from '../fact.tsx'
import { FileMenu } from '../file-menu.tsx'
import { useLoad } from '../load.ts'
import { ProblemNote, SeverityMark } from '../marks.tsx'
import { useHeading } from '../navigation.tsx'
import type { PageProps } from '../pages.ts'
import { addressOf } from '../router.ts'
import * as say from '../say.ts'
import { apiPath, read } from '../server.ts'
import { mayAs } from '../settings/may.ts'
import { objectOf } from '../shapes.ts'
import { toast } from '../toasts.tsx'
import { nameOfFinding } from '../words/channels.ts'
import { write as writeCare } from '../words/device-care.ts'
import { write } from '../words/devices.ts'
import { write as writeLab } from '../words/lab.ts'
import { writeReport } from '../words/report.ts'
import { write as writeShell } from '../words/shell.ts'
import { writeTitle } from '../words/titles.ts'
import '../settings/settings.css'
import '../devices/devices.css'

export default function DevicePage({ params }: PageProps) {
  const id = params.id ?? ''
  useHeading(id)
  const loaded = useLoad(
    id,
    async (signal) => parseDeviceState(objectOf(await read(apiPath('devices', id), {}, signal))),
    ['device.readings', 'changed:devices'],
  )
  const device = loaded.value
  const [token, setToken] = useState('')
  return (
    <div class="page">
      {loaded.problem && <ProblemNote problem={loaded.problem} />}
      {!device && !loaded.problem && <p class="empty">{writeShell('loading')}</p>}
      {token !== '' && <Credentials device={id} token={token} />}
      {device && (
        <>
          <Standing device={device} onToken={setToken} onSaved={loaded.reload} />
          <Health id={id} />
          <Calibrations id={id} isRetired={device.retired !== null} onChanged={loaded.reload} />
          <ClockCorrections id={id} onChanged={loaded.reload} />
          {mayAs('admin', 'engineer', 'integration') && <Conformance id={id} />}
          <Refusals id={id} />
          <Snippets device={device} />
        </>
      )}
    </div>
  )
}

/** Readings of the last days that the file holds. */
const savedMs = 31 * 86_400_000

function ReadingsFile({ device: { id, latest } }: { device: DeviceState }) {
  const last = Math.max(0, ...latest.map(({ time }) => time ?? 0))
  if (last === 0) return null
  const query = { device: id, from: last - savedMs, to: last + 1 }
  const label = writeReport('file.readings')
  return <FileMenu path={apiPath('readings')} query={query} of={id} label={label} />
}

interface StandingProps {
  device: DeviceState
  onToken(token: string): void
  onSaved(): void
}

function Standing({ device, onToken, onSaved }: StandingProps) {
  const [open, setOpen] = useState<'edit' | 'rotate' | 'retire' | null>(null)
  const { id, retired } = device
  const may = mayAs('admin', 'operator', 'engineer', 'integration')
  return (
    <section class="panel facts" aria-label={write('device.standing')}>
      <Facts device={device} />
      <div class="actions actions-start">
        <a class="button" href={addressOf(['devices', id, 'board'])}>
          {write('device.board')}
        </a>
        {mayAs('admin', 'engineer') && (
          <a class="button" href={addressOf(['lab'], { device: id })}>
            {writeTitle('lab')}
          </a>
        )}
        <ReadingsFile device={device} />
        {may && retired && <Restore id={id} onDone={onSaved} />}
        {may && !retired && (
          <>
            <button type="button" onClick={() => setOpen('edit')}>
              {write('device.edit')}
            </button>
            <button type="button" onClick={() => setOpen('rotate')}>
              {write('device.rotate')}
            </button>
            <button type="button" onClick={() => setOpen('retire')}>
              {writeLab('retire')}
            </button>
          </>
        )}
      </div>
      {open === 'edit' && (
        <Dialog title={write('device.edit')} onClose={() => setOpen(null)}>
          <DeviceForm
            device={device}
            onClose={() => setOpen(null)}
            onSaved={() => {
              setOpen(null)
              toast(write('device.saved'))
              onSaved()
            }}
          />
        </Dialog>
      )}
      {open === 'retire' && (
        <Retire
          ids={[id]}
          onClose={() => setOpen(null)}
          onDone={() => {
            setOpen(null)
            onSaved()
          }}
        />
      )}
      {open === 'rotate' && (
        <Rotate
          id={id}
          onClose={() => setOpen(null)}
          onToken={(token) => {
            setOpen(null)
            onToken(token)
          }}
        />
      )}
    </section>
  )
}

function Facts({ device }: { device: DeviceState }) {
  const { id, giai, intervalSeconds, uncertaintyC, calibratedAt, calibrationDue } = device
  const { latest, retired, formerUntil } = device
  return (
    <dl>
      <Fact name={write('device.id')} value={id} />
      {retired && (
        <Fact
          name={writeLab('retire.retired')}
          value={say.time(retired.at)}
          note={retired.reason}
          wide
        />
      )}
      <Fact name={write('device.giai')} value={giai === '' ? '–' : say.key(giai)} wide />
      <Fact
        name={write('device.interval')}
        value={intervalSeconds === null ? '–' : say.count(intervalSeconds)}
      />
      <Fact
        name={write('device.uncertainty')}
        value={uncertaintyC === null ? '–' : say.decimal(uncertaintyC, 2)}
      />
      <Fact name={write('device.calibrated')} value={say.day(calibratedAt)} />
      <Fact name={write('device.due')} value={say.day(calibrationDue)} />
      {formerUntil !== null && formerUntil > Date.now() && (
        <Fact name={writeCare('token.former')} value={say.time(formerUntil)} />
      )}
      {latest.map(({ channel, time, value }) => (
        <Fact
          key={channel}
          name={write('device.latest', { channel: nameOfChannel(channel) })}
          value={valueOfChannel(channel, value)}
          note={say.time(time)}
        />
      ))}
    </dl>
  )
}

/** Unusual enough to be shown: advice, not a judgement. */
const scoreMin = 0.5
const unusualMax = 10

function Health({ id }: { id: string }) {
  const health = useLoad(`health ${id}`, async (signal) =>
    parseFindings(await read(apiPath('devices', id, 'health'), {}, signal)),
  )
  const unusual = useLoad(`unusual ${id}`, async (signal) =>
    parseUnusual(
      await read(apiPath('devices', id, 'anomalies'), { scoreMin, limit: unusualMax }, signal),
    ),
  )
  const waits = [health, unusual].some(({ value, problem }) => !value && !problem)
  return (
    <section class="panel" aria-busy={waits} aria-label={write('device.health')}>
      <header>
        <h2>{write('device.health')}</h2>
      </header>
      {health.problem && <ProblemNote problem={health.problem} />}
      {health.value?.length === 0 && <p class="empty">{write('device.healthy')}</p>}
      <ul class="told">
        {(health.value ?? []).map((finding, index) => (
          <FindingRow key={index} finding={finding} />
        ))}
        {(unusual.value ?? []).map(({ time, value, score }, index) => (
          <li key={`unusual ${index}`} class="number">
            {write('device.unusual', {
              time: say.time(time),
              value: say.temperature(value),
              score: say.decimal(score, 2),
            })}
          </li>
        ))}
      </ul>
    </section>
  )
}

function FindingRow({ finding }: { finding: Finding }) {
  const { kind, channel, severity, from, to } = finding
  return (
    <li>
      <span>
        <SeverityMark severity={severity} /> <strong>{nameOfFinding(kind)}</strong>{' '}
        {channel !== kind && nameOfChannel(channel)}
      </span>
      {/* What is so now has lasted for no time. */}
      <span class="number">
        {from !== null && (from === to ? say.time(from) : say.span(from, to))}
      </span>
      <span>{sentenceOfFinding(finding)}</span>
    </li>
  )
}

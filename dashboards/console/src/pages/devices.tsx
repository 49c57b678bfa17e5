// The registry of loggers: which want looking after, found by id, GIAI or container, and
// registered. A token is told once.
import { useEffect, useMemo, useState } from 'preact/hooks'
import { Credentials } from '../devices/credentials.tsx'
import { DeviceForm } from '../devices/device-form.tsx'
import { sentenceOfFinding } from '../devices/health-sentence.ts'
import { ImportDialog } from '../devices/import-dialog.tsx'
import { Retire } from '../devices/retirement.tsx'
import { type Listed, parseListed } from '../devices/shapes.ts'
import { Dialog } from '../dialog.tsx'
import { Choice } from '../form.tsx'
import { Icon } from '../icons.tsx'
import { useLoad } from '../load.ts'
import { ProblemNote, SeverityMark } from '../marks.tsx'
import type { PageProps } from '../pages.ts'
import { addressOf, goTo } from '../router.ts'
import * as say from '../say.ts'
import { apiPath, read } from '../server.ts'
import { mayAs } from '../settings/may.ts'
import { objectOf, parsePage, parseTime, textOf } from '../shapes.ts'
import { momentText } from '../shipment-way.ts'
import { dataUpTo, listen } from '../stream.ts'
import { type Column, Table } from '../table.tsx'
import { toast } from '../toasts.tsx'
import { nameOfFinding } from '../words/channels.ts'
import { write as writeList } from '../words/device-list.ts'
import { write } from '../words/devices.ts'
import { write as writeLab } from '../words/lab.ts'
import { write as writeMany } from '../words/many-devices.ts'
import { write as writeShell } from '../words/shell.ts'
import '../settings/settings.css'
import '../devices/devices.css'

const pageRows = 500
/** Beyond it somebody looks one up by its id. */
const rowsMax = 20_000

const shows = ['service', 'unheard', 'finding', 'due', 'free', 'retired', 'all'] as const
type Show = (typeof shows)[number]

const dayMs = 86_400_000
const dueSoonMs = 30 * dayMs

export default function Devices({ query }: PageProps) {
  const loaded = useLoad('devices', loadAll, ['changed:devices', 'capture.applied'])
  const heard = useHeard()
  const show = shows.find((name) => name === query.get('show')) ?? 'service'
  const [wanted, setWanted] = useState('')
  const [open, setOpen] = useState<'new' | 'import' | 'retire' | null>(null)
  const close = (): void => setOpen(null)
  const [chosen, setChosen] = useState<ReadonlySet<string> | null>(null)
  const [made, setMade] = useState<{ id: string; token: string } | null>(null)
  const rows = useMemo(() => {
    const now = dataUpTo.value ?? Date.now()
    const all = (loaded.value ?? []).map((one) => ({
      ...one,
      heardAt: Math.max(one.heardAt ?? 0, heard.get(one.id) ?? 0) || null,
    }))
    return all.filter((one) => fits(one, { show, now }) && isNamed(one, wanted))
  }, [loaded.value, heard, wanted, show])
  return (
    <div class="page">
      {made && <Credentials device={made.id} token={made.token} />}
      <section class="panel" aria-label={write('devices')}>
        <header class="filters logger-filters">
          <input
            type="search"
            aria-label={write('devices.find')}
            placeholder={writeList('find')}
            value={wanted}
            onInput={(event) => setWanted(event.currentTarget.value)}
          />
          <Choice
            id="show"
            label={writeList('show')}
            bare
            value={show}
            options={shows.map((name) => [name, writeList(`show.${name}`)])}
            onChange={(name) =>
              goTo(addressOf(['devices'], { show: name === 'service' ? undefined : name }), {
                replace: true,
              })
            }
          />
          <span class="count number">{writeShell('table.rows', { count: rows.length })}</span>
          {mayAs('admin', 'operator', 'engineer', 'integration') && (
            <>
              <button
                type="button"
                aria-pressed={chosen !== null}
                onClick={() => setChosen(chosen ? null : new Set())}
              >
                {writeMany('retire.some')}
              </button>
              <button type="button" onClick={() => setOpen('import')}>
                {writeMany('import.open')}
              </button>
              <button type="button" class="primary" onClick={() => setOpen('new')}>
                <Icon name="plus" />
                {write('devices.new')}
              </button>
            </>
          )}
        </header>
        {chosen && (
          <Choosing
            chosen={chosen}
            rows={rows}
            onChosen={setChosen}
            onRetire={() => setOpen('retire')}
          />
        )}
        {loaded.problem && <ProblemNote problem={loaded.problem} />}
        <Table
          name={write('devices')}
          columns={columns()}
          rows={rows}
          keyOf={({ id }) => id}
          hrefOf={({ id }) => addressOf(['devices', id])}
          {...(chosen && {
            lead: (row: Listed) => <Box row={row} chosen={chosen} onChosen={setChosen} />,
          })}
          empty={loaded.value ? write('devices.none') : writeShell('loading')}
        />
        <p class="empty">{writeList('finding.hint')}</p>
      </section>
      {open === 'import' && <ImportDialog onClose={close} onDone={loaded.reload} />}
      {open === 'retire' && chosen && (
        <Retire
          ids={[...chosen]}
          onClose={close}
          onDone={() => {
            close()
            setChosen(null)
            toast(writeMany('retire.done', { count: chosen.size }))
            loaded.reload()
          }}
        />
      )}
      {open === 'new' && (
        <Dialog title={write('devices.new')} onClose={close}>
          <DeviceForm
            onClose={close}
            onSaved={(answer) => {
              close()
              setMade({ id: textOf(answer.id), token: textOf(answer.token) })
              loaded.reload()
            }}
          />
        </Dialog>
      )}
    </div>
  )
}

interface ChoosingProps {
  chosen: ReadonlySet<string>
  onChosen(chosen: ReadonlySet<string>): void
}

interface BarProps extends ChoosingProps {
  rows: readonly Listed[]
  onRetire(): void
}

/** How many are chosen to be retired, and what becomes of them. */
function Choosing({ chosen, rows, onChosen, onRetire }: BarProps) {
  const all = (): void =>
    onChosen(new Set(rows.filter(({ retired }) => !retired).map(({ id }) => id)))
  return (
    <div class="choosing">
      <span role="status">{writeMany('retire.chosen', { count: chosen.size })}</span>
      <button type="button" onClick={all}>
        {writeMany('retire.all')}
      </button>
      <button type="button" disabled={chosen.size === 0} onClick={() => onChosen(new Set())}>
        {writeMany('retire.none')}
      </button>
      <button type="button" class="primary" disabled={chosen.size === 0} onClick={onRetire}>
        {writeLab('retire')}
      </button>
    </div>
  )
}

function Box({ row: { id, retired }, chosen, onChosen }: ChoosingProps & { row: Listed }) {
  if (retired) return null
  return (
    <input
      type="checkbox"
      aria-label={writeMany('retire.choose', { device: id })}
      checked={chosen.has(id)}
      onChange={(event) => {
        const others = [...chosen].filter((each) => each !== id)
        onChosen(new Set(event.currentTarget.checked ? [...others, id] : others))
      }}
    />
  )
}

async function loadAll(signal: AbortSignal): Promise<Listed[]> {
  const all: Listed[] = []
  for (let cursor: string | undefined; all.length < rowsMax; ) {
    const asked = { limit: pageRows, cursor, about: 1 }
    const page = parsePage(await read(apiPath('devices'), asked, signal), parseListed)
    all.push(...page.items)
    if (page.next === null) break
    cursor = page.next
  }
  return all
}

function fits({ retired, ...device }: Listed, { show, now }: { show: Show; now: number }): boolean {
  if (show === 'all') return true
  if (show === 'retired' || retired) return show === 'retired' && retired !== null
  const { heardAt, finding, calibrationDue, container } = device
  if (show === 'unheard') return heardAt === null || now - heardAt > dayMs
  if (show === 'finding') return finding !== null && finding.severity !== 'info'
  if (show === 'due') return calibrationDue !== null && calibrationDue - now < dueSoonMs
  return show !== 'free' || container === ''
}

function isNamed({ id, giai, container }: Listed, wanted: string): boolean {
  const text = wanted.trim().toLowerCase()
  return (
    text === '' ||
    [id, giai, container, say.key(giai), say.key(container)].some((name) =>
      name.toLowerCase().includes(text),
    )
  )
}

const ranks = ['critical', 'major', 'minor', 'info']

const columns = (): Column<Listed>[] => [
  { key: 'id', title: write('device.id'), cell: ({ id }) => id, by: ({ id }) => id },
  {
    key: 'finding',
    title: writeList('finding'),
    cell: (device) => <Found device={device} />,
    by: ({ finding }) => (finding ? ranks.indexOf(finding.severity) : ranks.length),
  },
  {
    key: 'heard',
    title: writeList('heard'),
    cell: ({ heardAt }) =>
      heardAt === null ? writeList('never') : momentText(heardAt, dataUpTo.value),
    by: ({ heardAt }) => heardAt ?? 0,
  },
  {
    key: 'container',
    title: writeList('container'),
    cell: ({ container }) => (container === '' ? '–' : say.key(container)),
    by: ({ container }) => container,
    rank: 2,
  },
  {
    key: 'battery',
    title: writeList('battery'),
    cell: ({ batteryPercent }) => say.share(batteryPercent === null ? null : batteryPercent / 100),
    by: ({ batteryPercent }) => batteryPercent,
    right: true,
    rank: 2,
  },
  {
    key: 'due',
    title: write('device.due'),
    cell: ({ calibrationDue }) => (calibrationDue === null ? '–' : say.day(calibrationDue)),
    by: ({ calibrationDue }) => calibrationDue,
    rank: 2,
  },
  {
    key: 'giai',
    title: write('device.giai'),
    cell: ({ giai }) => (giai === '' ? '–' : say.key(giai)),
    by: ({ giai }) => giai,
    rank: 3,
  },
]

function Found({ device: { finding, retired } }: { device: Listed }) {
  if (retired) return <span class="verdict verdict-indeterminate">{writeList('retired')}</span>
  if (!finding) return <>{writeList('finding.none')}</>
  return (
    <span title={sentenceOfFinding({ ...finding, channel: finding.kind })}>
      <SeverityMark severity={finding.severity} /> {nameOfFinding(finding.kind)}
    </span>
  )
}

/** When loggers were heard since the page was opened, by id: drawn once for many. */
function useHeard(): ReadonlyMap<string, number> {
  const [heard, setHeard] = useState<ReadonlyMap<string, number>>(new Map())
  useEffect(() => {
    const fresh = new Map<string, number>()
    let timer: ReturnType<typeof setTimeout> | undefined
    const stop = listen(['device.readings'], ({ device, latest }) => {
      const entries = Array.isArray(latest) ? latest.map(objectOf) : []
      const time = Math.max(0, ...entries.map((entry) => parseTime(entry.time) ?? 0))
      const id = textOf(device)
      fresh.set(id, Math.max(time, fresh.get(id) ?? 0))
      timer ??= setTimeout(() => {
        timer = undefined
        setHeard((old) => new Map([...old, ...fresh]))
      }, mergeMs)
    })
    return () => {
      clearTimeout(timer)
      stop()
    }
  }, [])
  return heard
}

const mergeMs = 1000

// The registry of loggers: found by id or GIAI, and registered. A token is told once.
import { useMemo, useState } from 'preact/hooks'
import { Credentials } from '../devices/credentials.tsx'
import { DeviceForm } from '../devices/device-form.tsx'
import { type Device, parseDevice } from '../devices/shapes.ts'
import { Dialog } from '../dialog.tsx'
import { Icon } from '../icons.tsx'
import { useLoad } from '../load.ts'
import { ProblemNote } from '../marks.tsx'
import type { PageProps } from '../pages.ts'
import { addressOf } from '../router.ts'
import * as say from '../say.ts'
import { apiPath, read } from '../server.ts'
import { mayAs } from '../settings/may.ts'
import { parsePage, textOf } from '../shapes.ts'
import { type Column, Table } from '../table.tsx'
import { write } from '../words/devices.ts'
import { write as writeShell } from '../words/shell.ts'
import '../settings/settings.css'
import '../devices/devices.css'

const pageRows = 500
/** Beyond it somebody looks one up by its id. */
const rowsMax = 20_000

export default function Devices(_: PageProps) {
  const loaded = useLoad('devices', loadAll)
  const [wanted, setWanted] = useState('')
  const [isNew, setNew] = useState(false)
  const [made, setMade] = useState<{ id: string; token: string } | null>(null)
  const rows = useMemo(() => {
    const text = wanted.trim().toLowerCase()
    const all = loaded.value ?? []
    return text === ''
      ? all
      : all.filter(({ id, giai }) => `${id} ${giai}`.toLowerCase().includes(text))
  }, [loaded.value, wanted])
  return (
    <div class="page">
      {made && <Credentials device={made.id} token={made.token} />}
      <section class="panel" aria-label={write('devices')}>
        <header class="filters">
          <input
            type="search"
            aria-label={write('devices.find')}
            placeholder={write('devices.find')}
            value={wanted}
            onInput={(event) => setWanted(event.currentTarget.value)}
          />
          <span class="count number">{writeShell('table.rows', { count: rows.length })}</span>
          {mayAs('admin', 'operator', 'engineer', 'integration') && (
            <button type="button" class="primary" onClick={() => setNew(true)}>
              <Icon name="plus" />
              {write('devices.new')}
            </button>
          )}
        </header>
        {loaded.problem && <ProblemNote problem={loaded.problem} />}
        <Table
          name={write('devices')}
          columns={columns()}
          rows={rows}
          keyOf={({ id }) => id}
          hrefOf={({ id }) => addressOf(['devices', id])}
          empty={loaded.value ? write('devices.none') : writeShell('loading')}
        />
      </section>
      {isNew && (
        <Dialog title={write('devices.new')} onClose={() => setNew(false)}>
          <DeviceForm
            onClose={() => setNew(false)}
            onSaved={(answer) => {
              setNew(false)
              setMade({ id: textOf(answer.id), token: textOf(answer.token) })
              loaded.reload()
            }}
          />
        </Dialog>
      )}
    </div>
  )
}

async function loadAll(signal: AbortSignal): Promise<Device[]> {
  const all: Device[] = []
  for (let cursor: string | undefined; all.length < rowsMax; ) {
    const asked = { limit: pageRows, cursor }
    const page = parsePage(await read(apiPath('devices'), asked, signal), parseDevice)
    all.push(...page.items)
    if (page.next === null) break
    cursor = page.next
  }
  return all
}

const columns = (): Column<Device>[] => [
  { key: 'id', title: write('device.id'), cell: ({ id }) => id, by: ({ id }) => id },
  {
    key: 'giai',
    title: write('device.giai'),
    cell: ({ giai }) => (giai === '' ? '–' : say.key(giai)),
    by: ({ giai }) => giai,
    rank: 2,
  },
  {
    key: 'interval',
    title: write('device.interval'),
    cell: ({ intervalSeconds }) => (intervalSeconds === null ? '–' : say.count(intervalSeconds)),
    by: ({ intervalSeconds }) => intervalSeconds,
    right: true,
    rank: 3,
  },
  {
    key: 'due',
    title: write('device.due'),
    cell: ({ calibrationDue }) => (calibrationDue === null ? '–' : say.day(calibrationDue)),
    by: ({ calibrationDue }) => calibrationDue,
  },
]

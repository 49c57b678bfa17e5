// Many loggers at once: registered from a file, or taken out of service. All of them or none, so
// that nobody has to find out which tokens were given.
import { z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { bounds } from '../../config.ts'
import type { Refusal } from '../../domain/refusal.ts'
import { readCsv } from '../../ingest/files/csv.ts'
import { readText, refuseBinary } from '../../ingest/files/text.ts'
import { marking } from '../../store/ledger/detectors.ts'
import { newToken } from '../../store/ledger/registry.ts'
import { readBody } from '../body.ts'
import type { Deps } from '../deps.ts'
import { Problem } from '../problem.ts'
import { guarded, nounApp } from '../route.ts'
import { formatAsked, streamRows } from '../rows.ts'
import { addDevice, deviceOf, type NewDevice } from './devices.ts'
import { retireDevice } from './retirement.ts'
import { deviceIdPattern, newDeviceSchema, retirementSchema } from './schemas.ts'

/** Columns of the file, by what their cells are. */
const columns = {
  ...{ id: 'text', giai: 'text', loggingIntervalSeconds: 'number', uncertaintyC: 'number' },
  ...{ calibratedAt: 'day', calibrationDue: 'day', certificate: 'text', laboratory: 'text' },
} as const
type Column = keyof typeof columns

const registeredSchema = z
  .object({
    items: z.array(z.object({ line: z.number().int(), id: z.string(), token: z.string() })),
  })
  .openapi('RegisteredDevices')

const register = guarded(
  { noun: 'devices', verb: 'write' },
  {
    method: 'post',
    path: '/api/v1/devices/import',
    summary: 'Register many loggers from a CSV file',
    description: `Columns ${Object.keys(columns).join(', ')}; only id is required. Delimited by comma, semicolon or tab, ${bounds.devicesAtOnceMax} rows at most. All are registered, or none: 400 and 409 list what is wrong by line and column. The tokens are told in this answer and never again, as JSON or (Accept) CSV.`,
    request: {
      query: z.object({
        dryRun: z.enum(['true', 'false']).default('false').openapi({
          description: 'true: looks for what is wrong and registers none; tokens are empty',
        }),
      }),
      body: {
        required: true,
        content: { 'text/csv': { schema: { type: 'string', format: 'binary' } } },
      },
    },
    responses: {
      200: {
        description: 'Registered, their tokens as CSV',
        content: { 'text/csv': { schema: { type: 'string' } } },
      },
      201: {
        description: 'Registered',
        content: { 'application/json': { schema: registeredSchema } },
      },
    },
  },
)

const retire = guarded(
  { noun: 'devices', verb: 'write' },
  {
    method: 'post',
    path: '/api/v1/devices/retirements',
    summary: 'Take many loggers out of service, for one reason',
    description: 'All of them, or none: as POST /api/v1/devices/{id}/retirement for each.',
    request: {
      body: {
        required: true,
        content: {
          'application/json': {
            schema: retirementSchema
              .extend({
                devices: z
                  .array(z.string().regex(deviceIdPattern))
                  .min(1)
                  .max(bounds.devicesAtOnceMax),
              })
              .openapi('Retirements'),
          },
        },
      },
    },
    responses: {
      200: {
        description: 'Out of service',
        content: {
          'application/json': { schema: z.object({ devices: z.array(z.string()) }) },
        },
      },
    },
  },
)

export const manyDevices = (deps: Deps) =>
  nounApp()
    .openapi(register, async (c) => {
      const { tenant } = c.get('identity')
      const isDryRun = c.req.valid('query').dryRun === 'true'
      const rows = await rowsOf(c)
      const made = newDevices(rows, { tenant, now: deps.now() })
      await c
        .get('ledger')
        .transact(async (db) => {
          const wrong: Wrong[] = []
          for (const each of made)
            await addDevice(db, each).catch((error) => wrong.push(...wrongOf(error, each.line)))
          if (wrong.length > 0) throw problemOf(409, wrong)
          if (isDryRun) throw new DryRun()
        }, marking(tenant))
        .catch((error) => {
          if (!(error instanceof DryRun)) throw error
        })
      if (!isDryRun) for (const { device } of made) await deps.onDeviceChange?.(tenant, device.id)
      const items = made.map(({ line, device: { id }, token }) => ({
        ...{ line, id, token: isDryRun ? '' : token },
      }))
      if (formatAsked(c) === 'json') return c.json({ items }, 201)
      return streamRows(c, 'csv', {
        columns: ['line', 'id', 'token'],
        batches: (async function* () {
          yield items
        })(),
        fileName: 'tokens',
      }) as never
    })
    .openapi(retire, async (c) => {
      const { tenant, id: by } = c.get('identity')
      const { devices, ...how } = c.req.valid('json')
      const ids = [...new Set(devices)]
      const at = deps.now()
      await c.get('ledger').transact(async (db) => {
        for (const id of ids) await retireDevice(db, { tenant, id }, { at, by, ...how })
      })
      for (const id of ids) {
        await deps.onDeviceChange?.(tenant, id)
        deps.broker?.disconnect(id)
      }
      return c.json({ devices: ids }, 200)
    })

/** Rolls back what was only tried. */
class DryRun extends Error {}

type Wrong = Refusal

interface FileRow {
  line: number
  body: Record<string, unknown>
}

/** Problem 400 for a file that is none, 413 for one that is too large. */
async function rowsOf(c: Context): Promise<FileRow[]> {
  const bytes = await readBody(c, { bytesMax: bounds.registryFileBytesMax, types: ['text/csv'] })
  const binary = refuseBinary(bytes)
  if (binary) throw new Problem(400, [binary])
  const text = readText('utf-8')
  const whole = text.push(bytes) + text.finish()
  const [first = ''] = whole.split('\n', 1)
  const delimiter = [';', '\t'].find((each) => first.includes(each)) ?? ','
  const csv = readCsv({ delimiter, rowCharsMax: 10_000, columnsMax: 50 })
  const [head, ...records] = [...csv.push(whole), ...csv.finish()]
  const names = (head?.cells ?? []).map((cell) => cell.trim())
  const wrong = names
    .filter((name, index) => !Object.hasOwn(columns, name) || names.indexOf(name) !== index)
    .map((name) => atLine(1, name, `want ${Object.keys(columns).join(', ')}, each once`))
  if (!names.includes('id')) wrong.push(atLine(1, 'id', 'the column is missing'))
  if (records.length > bounds.devicesAtOnceMax)
    wrong.push(atLine(1, '', `more than ${bounds.devicesAtOnceMax} rows: send several files`))
  if (wrong.length > 0) throw problemOf(400, wrong)
  return records.map(({ line, cells, fault }) => {
    if (fault !== undefined || cells.length !== names.length)
      throw problemOf(400, [
        atLine(line, '', fault ?? `${cells.length} cells, not ${names.length}`),
      ])
    const told = names.map((name, index) => [name, cells[index]!.trim()] as const)
    const filled = told.filter(([, cell]) => cell !== '')
    return {
      line,
      body: Object.fromEntries(filled.map(([name, cell]) => [name, cellOf(name as Column, cell)])),
    }
  })
}

/** What is no number stays a text, which the schema refuses. */
function cellOf(name: Column, cell: string): unknown {
  if (columns[name] === 'day' && /^\d{4}-\d{2}-\d{2}$/.test(cell)) return `${cell}T00:00:00Z`
  if (columns[name] !== 'number') return cell
  const number = Number(cell.replace(',', '.'))
  return Number.isNaN(number) ? cell : number
}

/** Problem 400 with all that is wrong in any row. */
function newDevices(
  rows: readonly FileRow[],
  { tenant, now }: { tenant: string; now: number },
): (NewDevice & { line: number })[] {
  const wrong: Wrong[] = []
  const made = rows.flatMap(({ line, body }) => {
    const read = newDeviceSchema.safeParse(body)
    if (!read.success) {
      for (const { path, message } of read.error.issues)
        wrong.push(atLine(line, path.join('.'), message))
      return []
    }
    try {
      const device = deviceOf(tenant, read.data, now)
      return [{ line, device, token: newToken(), calibration: read.data }]
    } catch (error) {
      wrong.push(...wrongOf(error, line))
      return []
    }
  })
  if (wrong.length > 0) throw problemOf(400, wrong)
  return made
}

function wrongOf(error: unknown, line: number): Wrong[] {
  if (!(error instanceof Problem)) throw error
  return error.refusals.map(({ path, ...rest }) => ({
    ...{ ...rest, path: `line ${line}${path.replace('/', ', ')}` },
  }))
}

const atLine = (line: number, column: string, detail: string): Wrong => ({
  code: column === '' || line > 1 ? 'file/value' : 'file/column',
  path: column === '' ? `line ${line}` : `line ${line}, ${column}`,
  detail,
})

/** As many as anybody mends before trying again. */
const problemOf = (status: 400 | 409, wrong: readonly Wrong[]): Problem =>
  new Problem(status, wrong.slice(0, 100))

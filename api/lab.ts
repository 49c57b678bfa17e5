// The conformance lab: sessions that watch one logger, put faults in its way and grade what it
// does. Refuses a logger that watches cargo. What a session does: ingest/lab.ts; how it is graded:
// domain/lab.
import { z } from '@hono/zod-openapi'
import { bounds } from '../config.ts'
import { gradeLab } from '../domain/lab/grades.ts'
import { sayFinding } from '../domain/lab/words.ts'
import type { Lab, LabSession } from '../ingest/lab.ts'
import { mountsOf } from '../store/ledger/trace.ts'
import type { Deps } from './deps.ts'
import { deviceOr404, inService } from './devices/devices.ts'
import { labAskSchema, labSessionSchema } from './lab-schemas.ts'
import { randomId } from './once.ts'
import { languages } from './organisation.ts'
import { formatTime } from './page.ts'
import { conflict, notFound } from './problem.ts'
import { guarded, nounApp } from './route.ts'

const path = '/api/v1/conformance'
const params = z.object({ id: z.string().max(100) })
const query = z.object({
  language: z.enum(languages).default('en').openapi({ description: 'of sentences and remedies' }),
})
const content = { 'application/json': { schema: labSessionSchema } }

const post = guarded(
  { noun: 'lab', verb: 'write' },
  {
    method: 'post',
    path,
    summary: 'Begin a session of the conformance lab',
    description:
      'Watches what one logger sends for so many minutes and puts the faults in its way. 409 when the logger is on a container or has a session already.',
    request: {
      query,
      body: { required: true, content: { 'application/json': { schema: labAskSchema } } },
    },
    responses: { 201: { description: 'Under way', content } },
  },
)

const list = guarded(
  { noun: 'lab', verb: 'read' },
  {
    method: 'get',
    path,
    summary: 'List the sessions of the lab, newest first',
    description: `The newest ${bounds.labSessionsListed}; ${bounds.labSessionsKeptMax} are kept.`,
    request: { query: query.extend({ device: z.string().max(64).optional() }) },
    responses: {
      200: {
        description: 'Sessions',
        content: {
          'application/json': {
            schema: z.object({ items: z.array(labSessionSchema), next: z.null() }),
          },
        },
      },
    },
  },
)

const get = guarded(
  { noun: 'lab', verb: 'read' },
  {
    method: 'get',
    path: `${path}/{id}` as const,
    summary: 'Read a session: what was seen so far, with points, sentences and remedies',
    request: { params, query },
    responses: { 200: { description: 'As it stands', content } },
  },
)

const stop = guarded(
  { noun: 'lab', verb: 'write' },
  {
    method: 'delete',
    path: `${path}/{id}` as const,
    summary: 'Stop a session: nothing stands in the way of the logger any more',
    request: { params, query },
    responses: { 200: { description: 'As it ended', content } },
  },
)

export const labSessions = (deps: Deps) =>
  nounApp()
    .openapi(post, async (c) => {
      const { tenant, id: by } = c.get('identity')
      const { device: id, minutes, faults } = c.req.valid('json')
      const { db } = c.get('ledger')
      const device = inService(await deviceOr404(db, tenant, id))
      const [mount] = await mountsOf(db, tenant, { device: id, now: deps.now() })
      if (mount !== undefined)
        throw conflict(
          `${id} is on ${mount.container}: take a logger that watches nothing`,
          '/device',
        )
      const begun = await labOf(deps).begin({
        ...{ id: randomId('lab'), tenant, device: id, by, lengthMs: minutes * 60_000 },
        loggingIntervalMs: device.loggingIntervalMs,
        faults: faults.map(({ kind, afterSeconds, forSeconds = 60 }) => ({
          kind,
          afterMs: afterSeconds * 1000,
          forMs: kind === 'withhold' ? 0 : forSeconds * 1000,
        })),
      })
      if (begun === 'busy') throw conflict(`${id} has a session already`, '/device')
      if (begun === 'too-many')
        throw conflict(`${bounds.labSessionsMax} sessions are under way: wait for one to end`)
      const { language } = c.req.valid('query')
      return c.json(formatSession(begun, language), 201, { Location: `${path}/${begun.id}` })
    })
    .openapi(list, async (c) => {
      const { device, language } = c.req.valid('query')
      const all = await labOf(deps).list(c.get('identity').tenant, device)
      const items = all.map((session) => formatSession(session, language))
      return c.json({ items, next: null }, 200)
    })
    .openapi(get, async (c) => {
      const { id } = c.req.valid('param')
      const session = await labOf(deps).read(c.get('identity').tenant, id)
      return c.json(formatSession(found(session), c.req.valid('query').language), 200)
    })
    .openapi(stop, async (c) => {
      const { id } = c.req.valid('param')
      const session = await labOf(deps).stop(c.get('identity').tenant, id)
      return c.json(formatSession(found(session), c.req.valid('query').language), 200)
    })

function labOf({ lab }: Deps): Lab {
  if (!lab) throw new Error('the API was opened without a lab')
  return lab
}

function found(session: LabSession | undefined): LabSession {
  if (session) return session
  throw notFound(`no such session: the newest ${bounds.labSessionsKeptMax} are kept`, 'path/id')
}

function formatSession(
  { id, device, by, faults, state, endsAt, record }: LabSession,
  language: (typeof languages)[number],
): z.output<typeof labSessionSchema> {
  const { score, checks } = gradeLab(record)
  const { packets, connects, happened } = record
  const values = packets.flatMap(({ entries }) => entries.map((entry) => entry.values.length))
  return {
    ...{ id, device, state, startedBy: by },
    ...{ from: formatTime(record.from), to: formatTime(endsAt) },
    faults: faults.map(({ kind, afterMs, forMs }) => ({
      ...{ kind, afterSeconds: afterMs / 1000, forSeconds: forMs / 1000 },
    })),
    happened: happened.map(({ kind, from, to }) => ({
      ...{ kind, from: formatTime(from), to: formatTime(to) },
    })),
    seen: {
      ...{ connects: connects.length, packets: packets.length },
      values: values.reduce((sum, length) => sum + length, 0),
      refusals: packets.reduce((sum, { refusals }) => sum + refusals.length, 0),
    },
    score,
    checks: checks.map(({ check, points, of, findings }) => ({
      ...{ check, points, of },
      findings: findings.map((each) => ({
        ...each,
        values: { ...each.values },
        ...sayFinding(each, language),
      })),
    })),
  }
}

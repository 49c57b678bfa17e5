// First contact with an InfluxDB: which generation it is, and that the database or bucket is there,
// made with its retention when it is not. What an operator made stays as it is.
import { bounds } from '../../config.ts'
import { Unavailable } from '../../domain/refusal.ts'
import type { InfluxHttp } from './http.ts'

export interface Contact {
  version: 1 | 2 | 3
  /** It keeps no reading that is older; undefined when it keeps all, or does not say. */
  keepsMs: number | undefined
  /** Where lines go. */
  writePath(precision: 'ms' | 'us'): string
  /** Where hours are (store/influx/hours.ts), once they were made a place. */
  hours: { db: string; from: string; writePath: string }
}

/** Throws Unavailable when the server is away, is no InfluxDB or lacks what cannot be made. */
export async function makeContact(http: InfluxHttp): Promise<Contact> {
  const { bucket, org, token, version: given } = http.options
  const version = given ?? (await askVersion(http))
  let keepsMs: number | undefined
  if (version === 1) keepsMs = await makeDatabase(http)
  // With the credentials of the 1.x interface there is no way to buckets: they must be there.
  else if (version === 2 && token !== undefined) keepsMs = await makeBucket(http, http.options)
  else if (version === 3) keepsMs = await makeDatabase3(http, http.options)
  const pathOf = (into: string, precision: 'ms' | 'us', rp?: string): string => {
    if (version === 1 || token === undefined) {
      const query = { db: into, precision: precision === 'us' ? 'u' : precision }
      return `/write?${new URLSearchParams(rp === undefined ? query : { ...query, rp })}`
    }
    return `/api/v2/write?${new URLSearchParams({ org: org ?? '', bucket: into, precision })}`
  }
  const apart = `${bucket}_hours`
  return {
    version,
    keepsMs,
    writePath: (precision) => pathOf(bucket, precision),
    hours:
      version === 1
        ? { db: bucket, from: `"${policy}"."${kind}"`, writePath: pathOf(bucket, 'ms', policy) }
        : { db: apart, from: `"${kind}"`, writePath: pathOf(apart, 'ms') },
  }
}

/** Makes the place of hours, where nothing is ever dropped, unless it is there. */
export async function makeHoursPlace(http: InfluxHttp, { version, hours }: Contact): Promise<void> {
  const to = { bucket: hours.db, retentionDays: undefined }
  if (version === 2 && http.options.token !== undefined) await makeBucket(http, to)
  if (version === 3) await makeDatabase3(http, to)
  if (version !== 1) return
  const [policies] = await http.query(['SHOW RETENTION POLICIES'])
  if (policies?.[0]?.values.some(([name]) => name === policy)) return
  // Hours are few: with the weeks of the default, years of them would be hundreds of shards.
  const kept = 'DURATION INF REPLICATION 1 SHARD DURATION 52w'
  await http.query([`CREATE RETENTION POLICY "${policy}" ON ${quote(hours.db)} ${kept}`])
}

/** Of hours: their retention policy in 1.x, and their measurement. */
const policy = 'isotherm_hours'
const kind = 'readings_hours'

/** What is made keeps readings longer than they are wanted: until their hours are surely made. */
const daysKept = (days: number): number => days + bounds.retentionMarginDays

/** Which run of a 1.x this is; undefined when we may not know. */
export async function askRun(http: InfluxHttp): Promise<string | undefined> {
  const system = await http
    .query(['SHOW DIAGNOSTICS'])
    .then(([tables]) => tables?.find(({ name }) => name === 'system'))
    .catch(() => undefined)
  const values = system?.values[0]
  const [pid, started] = ['PID', 'started'].map(
    (column) => values?.[system!.columns.indexOf(column)],
  )
  return started === undefined ? undefined : `${pid} ${started}`
}

/** 1.x and 2.x tell it by a header of /ping, 3.x there too; /health is for those behind a proxy. */
async function askVersion(http: InfluxHttp): Promise<1 | 2 | 3> {
  const { status, headers, body } = await http.ask('GET', '/ping')
  if (status >= 400) throw http.unavailable(status, body)
  const told = headers.get('x-influxdb-version') ?? (await healthVersion(http))
  const major = Number(/^v?(\d+)\./.exec(told)?.[1])
  if (major === 1 || major === 2 || major === 3) return major
  throw new Unavailable(
    `${http.options.url} does not say which InfluxDB it is: if it is one, add ?version=1, 2 or 3 ` +
      'to ISOTHERM_SERIES_URL',
  )
}

async function healthVersion(http: InfluxHttp): Promise<string> {
  const { body } = await http.ask('GET', '/health')
  return String((json(body) as { version?: unknown } | undefined)?.version)
}

async function makeDatabase(http: InfluxHttp): Promise<number | undefined> {
  const { bucket, retentionDays } = http.options
  const [databases] = await http.query(['SHOW DATABASES'])
  if (!databases?.[0]?.values?.some(([name]) => name === bucket)) {
    const days = retentionDays === undefined ? undefined : daysKept(retentionDays)
    const duration = days === undefined ? '' : ` WITH DURATION ${days}d`
    await http.query([`CREATE DATABASE ${quote(bucket)}${duration}`])
  }
  const [policies] = await http.query(['SHOW RETENTION POLICIES'])
  const { columns = [], values = [] } = policies?.[0] ?? {}
  const own = values.find((policy) => policy[columns.indexOf('default')] === true)
  return durationMs(String(own?.[columns.indexOf('duration')]))
}

const quote = (name: string): string => `"${name.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`

/** As 1.x writes it, 720h0m0s; 0s is for ever. */
function durationMs(text: string): number | undefined {
  const [, hours, minutes, seconds] = /^(?:(\d+)h)?(?:(\d+)m)?(\d+)s$/.exec(text) ?? []
  const ms = (Number(hours ?? 0) * 3600 + Number(minutes ?? 0) * 60 + Number(seconds ?? 0)) * 1000
  return ms === 0 ? undefined : ms
}

/** Also the mapping by which InfluxQL finds the bucket, where the server does not make it. */
async function makeBucket(
  http: InfluxHttp,
  { bucket, retentionDays }: Wanted,
): Promise<number | undefined> {
  const { org = '' } = http.options
  const known = await api(http, 'GET', {
    path: `/api/v2/buckets?${new URLSearchParams({ org, name: bucket })}`,
  })
  let found = listOf(known, 'buckets')[0]
  if (found === undefined) {
    const orgs = await api(http, 'GET', { path: `/api/v2/orgs?${new URLSearchParams({ org })}` })
    const orgID = listOf(orgs, 'orgs')[0]?.id
    if (orgID === undefined)
      throw new Unavailable(
        `InfluxDB has no organization ${org} that this token may see: add ?org=NAME to ` +
          'ISOTHERM_SERIES_URL',
      )
    const expire = { type: 'expire', everySeconds: daysKept(retentionDays ?? 0) * 86_400 }
    const retentionRules = retentionDays === undefined ? [] : [expire]
    const made = await api(http, 'POST', {
      path: '/api/v2/buckets',
      wanted: { orgID, name: bucket, retentionRules },
    })
    found = made as Listed | undefined
  }
  if (found?.id === undefined) return undefined
  const mapped = await api(http, 'GET', {
    path: `/api/v2/dbrps?${new URLSearchParams({ org, db: bucket })}`,
  })
  const seconds = found.retentionRules?.find(({ everySeconds }) => everySeconds)?.everySeconds
  const keepsMs = seconds === undefined ? undefined : seconds * 1000
  if (listOf(mapped, 'content').length > 0) return keepsMs
  const mapping = { database: bucket, retention_policy: 'autogen', default: true }
  await api(http, 'POST', {
    path: '/api/v2/dbrps',
    wanted: { ...mapping, bucketID: found.id, orgID: found.orgID },
  })
  return keepsMs
}

/** Writing would make it too; made here, it has its retention. Not every 3.x lets us. */
async function makeDatabase3(
  http: InfluxHttp,
  { bucket, retentionDays }: Wanted,
): Promise<number | undefined> {
  const days = retentionDays === undefined ? undefined : daysKept(retentionDays)
  const retention = days === undefined ? {} : { retention_period: `${days}d` }
  const wanted = { db: bucket, ...retention }
  const { status, body } = await http.ask('POST', '/api/v3/configure/database', wanted)
  if (status === 401 || status === 403 || status >= 500) throw http.unavailable(status, body)
  return days === undefined ? undefined : days * dayMs
}

/** The answer's JSON, undefined when what was asked for is not there or was made meanwhile. */
async function api(
  http: InfluxHttp,
  method: 'GET' | 'POST',
  request: { path: string; wanted?: object },
): Promise<unknown> {
  const { status, body, headers } = await http.ask(method, request.path, request.wanted)
  if (status === 404 || status === 422) return undefined
  if (status >= 300) throw http.unavailable(status, body, headers.get('retry-after') ?? '')
  return json(body)
}

type Wanted = { bucket: string; retentionDays?: number | undefined }

const dayMs = 86_400_000

interface Listed {
  id?: string
  orgID?: string
  retentionRules?: { everySeconds?: number }[]
}

function listOf(answer: unknown, name: string): Listed[] {
  const list = (answer as Record<string, unknown> | undefined)?.[name]
  return Array.isArray(list) ? list : []
}

function json(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}

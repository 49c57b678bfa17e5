// The doctor's look at an InfluxDB: does it answer, which version, does it take the credentials, is
// the database (1.x, 3.x) or bucket (2.x) there, may we write to it. An empty write asks for the
// right to write and writes nothing. Reads answers only as far as these questions go.
import type { InfluxSetting } from '../../config-urls.ts'
import {
  answerWithinMs,
  broken,
  type Check,
  checkClock,
  doubtful,
  isLocal,
  reasonOf,
  well,
} from './check.ts'

const part = 'influxdb'
const credentials = 'put a user and password, or a token, that it knows into ISOTHERM_SERIES_URL'

export async function checkInflux(setting: InfluxSetting, now: () => number): Promise<Check[]> {
  const { host } = new URL(setting.url)
  let ping: Response
  try {
    ping = await ask(setting, '/ping')
  } catch (error) {
    const start = isLocal(host)
      ? 'systemctl start influxdb'
      : `systemctl start influxdb (on ${host}), or set ISOTHERM_SERIES_URL to where it is`
    return [broken(part, `${host} does not answer: ${reasonOf(error)}`, start)]
  }
  const said = ping.headers.get('x-influxdb-version') ?? ''
  const version = setting.version ?? Number(/^v?(\d)/.exec(said)?.[1] ?? 0)
  const clock = checkClock(part, Date.parse(ping.headers.get('date') ?? ''), now())
  if (said === '' && ping.status !== 401 && setting.version === undefined) {
    const where = 'set ISOTHERM_SERIES_URL to an InfluxDB, or add ?version=1, 2 or 3 to it'
    return [broken(part, `what answers at ${host} does not say that it is an InfluxDB`, where)]
  }
  // Without a token a 2.x is spoken to as a 1.x (store/influx/contact.ts).
  const buckets = version === 2 && setting.token !== undefined
  const missing = buckets ? await findBucket(setting) : await findDatabase(setting, version)
  const found = missing ?? (await tryWrite(setting, version))
  if (found) return [found, ...clock]
  const name = `InfluxDB ${said || version} at ${host} takes writes to ${setting.bucket}`
  return [well(part, name), ...clock]
}

/** Undefined when it is there. 3.x speaks the query language of 1.x. */
async function findDatabase(setting: InfluxSetting, version: number): Promise<Check | undefined> {
  const { bucket } = setting
  const listed = await ask(setting, '/query?q=SHOW+DATABASES')
  if (listed.status === 401) return broken(part, 'it refuses the credentials', credentials)
  if ((await listed.text()).includes(JSON.stringify(bucket)) || !listed.ok) return undefined
  // It may be there all the same, and we not allowed to know.
  if (version === 1 && (await emptyWrite(setting, version)).status === 204) return undefined
  const create =
    version === 3
      ? `influxdb3 create database ${bucket}`
      : `influx -execute 'CREATE DATABASE "${bucket}"'`
  return doubtful(part, `it has no database ${bucket}; the server makes it when it may`, create)
}

async function findBucket(setting: InfluxSetting): Promise<Check | undefined> {
  const { org = '', bucket } = setting
  const found = await ask(setting, `/api/v2/buckets?${new URLSearchParams({ org, name: bucket })}`)
  if (found.status === 401) return broken(part, 'it refuses the token', credentials)
  if (found.ok && (await found.text()).includes(JSON.stringify(bucket))) return undefined
  const create = `influx bucket create --name ${bucket} --org ${JSON.stringify(org || 'ORG')}`
  return doubtful(part, `it has no bucket ${bucket}; the server makes it when it may`, create)
}

/**
 * An empty write is answered with 204, or with 400 by those who want a point (after the rights).
 */
async function tryWrite(setting: InfluxSetting, version: number): Promise<Check | undefined> {
  const { bucket, user = 'USER', org = 'ORG' } = setting
  const { status } = await emptyWrite(setting, version)
  if (status === 204 || status === 200 || status === 400) return undefined
  if (status === 401) return broken(part, 'it refuses the credentials', credentials)
  const grant =
    version === 1
      ? `influx -execute 'GRANT ALL ON "${bucket}" TO "${user}"'`
      : `influx auth create --org ${JSON.stringify(org)} --read-buckets --write-buckets`
  if (status === 403) return broken(part, `it forbids writing to ${bucket}`, grant)
  const look = 'journalctl -u influxdb -n 50'
  return broken(part, `it answers ${status} to a write to ${bucket}`, look)
}

function emptyWrite(setting: InfluxSetting, version: number): Promise<Response> {
  const { bucket, org = '', token } = setting
  const path =
    version === 1 || token === undefined
      ? `/write?${new URLSearchParams({ db: bucket })}`
      : `/api/v2/write?${new URLSearchParams({ org, bucket, precision: 'ms' })}`
  return ask(setting, path, { method: 'POST', body: '' })
}

function ask(setting: InfluxSetting, path: string, init: RequestInit = {}): Promise<Response> {
  const { token, user, password } = setting
  const basic = Buffer.from(`${user}:${password}`).toString('base64')
  const authorization = token ? `Token ${token}` : user ? `Basic ${basic}` : undefined
  return fetch(`${setting.url}${path}`, {
    ...init,
    headers: authorization ? { authorization } : {},
    signal: AbortSignal.timeout(answerWithinMs),
  })
}

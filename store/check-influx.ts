// The doctor's look at an InfluxDB: does it answer, which version, does it take the credentials, is
// the database (1.x, 3.x) or bucket (2.x) there, may we write to it. An empty write asks for the
// right to write and writes nothing. Reads answers only as far as these questions go.
import type { InfluxSetting } from '../config-urls.ts'
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
  const found = version === 2 ? await checkBucket(setting) : await checkDatabase(setting)
  if (found) return [found, ...clock]
  const name = `InfluxDB ${said || version} at ${host} takes writes to ${setting.bucket}`
  return [well(part, name), ...clock]
}

/** 1.x and 3.x (which speaks the query language of 1.x). Undefined when all is well. */
async function checkDatabase(setting: InfluxSetting): Promise<Check | undefined> {
  const listed = await ask(setting, '/query?q=SHOW+DATABASES')
  if (listed.status === 401) return broken(part, 'it refuses the credentials', credentials)
  const text = await listed.text()
  const named = text.includes(JSON.stringify(setting.bucket))
  const create = `influx -execute 'CREATE DATABASE "${setting.bucket}"'`
  const query = new URLSearchParams({ db: setting.bucket })
  const written = await ask(setting, `/write?${query}`, { method: 'POST', body: '' })
  if (written.status === 404 || (listed.ok && !named && written.status === 403)) {
    const detail = `it has no database ${setting.bucket}; the server makes it when it may`
    return doubtful(part, detail, create)
  }
  const grant = `influx -execute 'GRANT ALL ON "${setting.bucket}" TO "${setting.user ?? 'USER'}"'`
  return refusedWrite(setting, written, grant)
}

async function checkBucket(setting: InfluxSetting): Promise<Check | undefined> {
  const { org = '', bucket } = setting
  const query = new URLSearchParams({ org, bucket })
  const found = await ask(setting, `/api/v2/buckets?${new URLSearchParams({ org, name: bucket })}`)
  if (found.status === 401) return broken(part, 'it refuses the token', credentials)
  const none = found.status === 404 || !(await found.text()).includes(JSON.stringify(bucket))
  const create = `influx bucket create --name ${bucket} --org ${org || 'ORG'}`
  if (none) return broken(part, `it has no bucket ${bucket} for this token`, create)
  const written = await ask(setting, `/api/v2/write?${query}`, { method: 'POST', body: '' })
  return refusedWrite(setting, written, `influx auth create --org ${org || 'ORG'} --write-buckets`)
}

/**
 * An empty write is answered with 204, or with 400 by those who want a point (after the rights).
 */
async function refusedWrite(
  { bucket }: InfluxSetting,
  { status }: Response,
  grant: string,
): Promise<Check | undefined> {
  if (status === 204 || status === 200 || status === 400) return undefined
  if (status === 401) return broken(part, 'it refuses the credentials', credentials)
  if (status === 403) return broken(part, `it forbids writing to ${bucket}`, grant)
  const look = 'journalctl -u influxdb -n 50'
  return broken(part, `it answers ${status} to a write to ${bucket}`, look)
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

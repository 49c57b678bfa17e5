// Where the parts meet, and the only place: opens the stores, starts the followers, the broker and
// the API, and closes all in reverse. Holds no rule of its own.
import { timingSafeEqual } from 'node:crypto'
import { EventEmitter } from 'node:events'
import { join } from 'node:path'
import { pino } from 'pino'
import { detectFollower, openDetector } from './analytics/detect.ts'
import type { AlertChange } from './analytics/raise.ts'
import { formatAlert } from './api/alerts.ts'
import { createApp } from './api/app.ts'
import type { Change, Health, PartHealth } from './api/deps.ts'
import { listenHttp } from './api/listen.ts'
import { bounds, type Config } from './config.ts'
import { type Broker, openBroker } from './ingest/broker.ts'
import { captureStep } from './ingest/capture.ts'
import { decodeOnce } from './ingest/decode-once.ts'
import { attachWebSocket, listenMqtt } from './ingest/listen.ts'
import { recordStep } from './ingest/record.ts'
import type { Principal } from './ingest/topics.ts'
import { type Directory, openDirectory } from './store/directory.ts'
import { openDuckdbSeries } from './store/duckdb-series.ts'
import { type Follower, follow } from './store/follow.ts'
import { type Ledger, openSqliteLedger } from './store/ledger.ts'
import {
  hashToken,
  keyByToken,
  newToken,
  readCursor,
  readMeta,
  writeMeta,
} from './store/ledger-registry.ts'
import { openLmdbLog } from './store/lmdb-log.ts'
import type { Log } from './store/log.ts'
import { ownFolder } from './store/owner.ts'
import type { Series, SeriesRow } from './store/series.ts'

export interface Server {
  httpUrl: string
  mqttUrl: string
  /** Only when it was made up at this start: it is not kept in clear anywhere. */
  newAdminToken: string | undefined
  /** Rejects when something broke that only a restart can mend. */
  failed: Promise<never>
  /** Everything received so far has been recorded, applied and judged. */
  settled(): Promise<void>
  close(): Promise<void>
}

/** Throws OperatorError for what the operator can mend: port, folder, disk, setting. */
export async function serve(config: Config, now: () => number = Date.now): Promise<Server> {
  const closing: (() => Promise<void> | void)[] = []
  const closeAll = async (): Promise<void> => {
    for (const close of closing.splice(0).reverse()) await close()
  }
  try {
    return await open(config, { now, closing, closeAll })
  } catch (error) {
    await closeAll()
    throw error
  }
}

interface Opening {
  now: () => number
  closing: (() => Promise<void> | void)[]
  closeAll: () => Promise<void>
}

async function open(config: Config, { now, closing, closeAll }: Opening): Promise<Server> {
  const stores = await openStores(config, closing)
  const { log, series, ledger, directory } = stores
  // Standard output is for what the operator asked; the log goes to standard error, one JSON object
  // a line.
  const logger = pino({ level: config.logLevel }, pino.destination(2))
  const changes = openChanges(closing)
  const failure = Promise.withResolvers<never>()
  failure.promise.catch(() => undefined) // whoever awaits `failed` hears it
  const followers = await startFollowers(stores, { now, changes, fail: failure.reject, closing })
  const broker = await openBroker({
    log,
    now,
    authenticate: authenticate(ledger, directory),
    logger,
  })
  closing.push(() => broker.close())
  const admin = await adminToken(config, ledger)
  const app = createApp({
    ledger,
    series,
    log,
    now,
    admin: { tokenHash: admin.tokenHash },
    applied: (offset) => followers.capture.advanced(offset),
    changes: changes.listen,
    broker,
    onDeviceChange: async (tenant, id) => {
      await directory.refresh(tenant, id)
      void followers.sweep() // the answer need not wait for it
    },
    health: () => healthOf({ log, broker, followers, series }),
    consoleDir: join(import.meta.dirname, 'dashboards/console/dist'),
    report: (error) => logger.error(error),
  })
  const http = await listenHttp(app, { host: config.listen, port: config.httpPort })
  closing.push(() => http.close())
  closing.push(attachWebSocket(broker, http.server, config.mqttWebSocketPath))
  const mqtt = await listenMqtt(broker, { host: config.listen, port: config.mqttPort })
  closing.push(() => mqtt.close())
  const host = config.listen.includes(':') ? `[${config.listen}]` : config.listen
  return {
    httpUrl: `http://${host}:${http.port}`,
    mqttUrl: `mqtt://${host}:${mqtt.port}`,
    newAdminToken: admin.fresh,
    failed: failure.promise,
    settled: () => settled(log, followers),
    close: closeAll,
  }
}

interface Stores {
  log: Log
  series: Series
  ledger: Ledger
  directory: Directory
}

async function openStores(config: Config, closing: Opening['closing']): Promise<Stores> {
  const folder = config.dataDir
  const owner = ownFolder(folder)
  closing.push(() => owner.release())
  const ledger = await openSqliteLedger(folder)
  closing.push(() => ledger.close())
  const series = await openDuckdbSeries({ folder: join(folder, 'series') })
  closing.push(() => series.close())
  const log = await openLmdbLog({ folder: join(folder, 'log'), bytesMax: config.logBytesMax })
  closing.push(() => log.close())
  if (config.retentionDays) {
    const drop = (): Promise<void> =>
      series.dropBefore(Date.now() - config.retentionDays! * 86_400_000).catch(() => undefined)
    const timer = setInterval(drop, 6 * 3_600_000).unref()
    closing.push(() => clearInterval(timer))
  }
  return { log, series, ledger, directory: await openDirectory(ledger) }
}

interface Followers {
  record: Follower
  capture: Follower
  detect: Follower
  /** Lets the detector judge marked devices anew. A bug there fails the server, not the caller. */
  sweep(): Promise<void>
}

async function startFollowers(
  { log, series, ledger, directory }: Stores,
  to: {
    now: () => number
    changes: Changes
    fail: (error: unknown) => void
    closing: Opening['closing']
  },
): Promise<Followers> {
  for (const name of ['record', 'capture', detectFollower]) log.keepFor(name)
  const decode = decodeOnce({ device: directory.device })
  const onFail = to.fail
  const record = follow(log, {
    name: 'record',
    everyMs: bounds.recordEveryMs,
    onFail,
    step: recordStep({ series, ledger, decode, onReadings: (rows) => to.changes.readings(rows) }),
  })
  // The cursor in the ledger moves with what the detector keeps, the one in the log also past what
  // concerned nobody. The log may have dropped all before the latter, and after a crash the former
  // may be ahead.
  const kept = await readCursor(ledger.db, detectFollower)
  const start = Math.max(kept, log.cursor(detectFollower))
  const detector = openDetector(
    {
      ledger,
      series,
      now: to.now,
      decode,
      recorded: (offset) => (offset === 0 ? Promise.resolve() : record.advanced(offset - 1)),
      onChange: (change) => to.changes.alert(change),
    },
    start,
  )
  const sweep = (): Promise<void> => detector.sweep().catch(to.fail)
  const detect = follow(log, {
    name: detectFollower,
    start,
    everyMs: bounds.detectEveryMs,
    onFail,
    step: detector.step,
    idle: detector.sweep,
  })
  const capture = follow(log, {
    name: 'capture',
    onFail,
    step: captureStep(ledger, (applied) => {
      to.changes.tell({ tenant: applied.tenant, event: 'capture.applied', data: applied })
      void sweep()
    }),
  })
  const trim = setInterval(() => log.trim().catch(() => undefined), bounds.trimEveryMs).unref()
  // A sweep that found the series store down is tried again even when nothing new comes in.
  const again = setInterval(sweep, bounds.sweepRetryMs).unref()
  to.closing.push(async () => {
    clearInterval(trim)
    clearInterval(again)
    await Promise.all([record.stop(), capture.stop(), detect.stop()])
    await log.trim().catch(() => undefined)
    await detector.sweep().catch(() => undefined)
  })
  return { record, capture, detect, sweep }
}

async function settled(log: Log, { record, capture, detect, sweep }: Followers): Promise<void> {
  if (log.end === 0) return
  const last = log.end - 1
  await log.whenDurable(last)
  await Promise.all([record.advanced(last), capture.advanced(last), detect.advanced(last)])
  await sweep()
}

/**
 * Device id and token, or key id and token. The comparison takes the same time however wrong the
 * token is.
 */
function authenticate(ledger: Ledger, directory: Directory) {
  return async (user: string, password: Buffer): Promise<Principal | undefined> => {
    if (user === '' || password.length === 0) return undefined
    const given = hashToken(password)
    for (const { tenant, tokenHash } of directory.credentials(user))
      if (timingSafeEqual(Buffer.from(given), Buffer.from(tokenHash)))
        return { kind: 'device', id: user, tenant, publish: [], subscribe: [] }
    const key = await keyByToken(ledger.db, given)
    if (key?.id !== user || !key.mqtt) return undefined
    return { kind: 'service', id: key.id, tenant: key.tenant, ...key.mqtt }
  }
}

/**
 * From the setting, else the one made up at the first start, of which the ledger keeps the hash.
 */
async function adminToken(
  config: Config,
  ledger: Ledger,
): Promise<{ tokenHash: string; fresh: string | undefined }> {
  if (config.adminToken) return { tokenHash: hashToken(config.adminToken), fresh: undefined }
  const known = await readMeta(ledger.db, 'adminTokenHash')
  if (known) return { tokenHash: known, fresh: undefined }
  const fresh = newToken()
  const tokenHash = hashToken(fresh)
  await ledger.transact((db) => writeMeta(db, 'adminTokenHash', tokenHash))
  return { tokenHash, fresh }
}

interface Changes {
  listen(listener: (change: Change) => void): () => void
  tell(change: Change): void
  alert(change: AlertChange): void
  readings(rows: SeriesRow[]): void
}

/** What live clients hear. Costs nothing while nobody listens. */
function openChanges(closing: Opening['closing']): Changes {
  const emitter = new EventEmitter().setMaxListeners(bounds.streamClientsMax)
  closing.push(() => {
    emitter.removeAllListeners()
  })
  const tell = (change: Change): void => {
    emitter.emit('change', change)
  }
  return {
    tell,
    listen: (listener) => {
      emitter.on('change', listener)
      return () => emitter.off('change', listener)
    },
    alert: ({ tenant, change, alert }) => {
      const event = change === 'raised' ? 'alert.raised' : 'alert.changed'
      tell({ tenant, event, data: { ...formatAlert(alert), change } })
    },
    readings: (rows) => {
      if (emitter.listenerCount('change') === 0) return
      for (const own of newestByDevice(rows)) {
        const { tenant, device } = own[0]!
        const latest = own.map(({ channel, time, value }) => ({
          channel,
          time: new Date(time).toISOString(),
          value,
        }))
        tell({ tenant, event: 'device.readings', data: { device, latest } })
      }
    },
  }
}

/** The newest row of each channel, device by device. */
function newestByDevice(rows: readonly SeriesRow[]): SeriesRow[][] {
  const devices = new Map<string, Map<string, SeriesRow>>()
  let before: SeriesRow | undefined
  let newest = new Map<string, SeriesRow>()
  for (const row of rows) {
    // Rows of one packet stand together: one look-up for all of them.
    if (row.device !== before?.device || row.tenant !== before.tenant) {
      const key = `${row.tenant}/${row.device}`
      newest = devices.get(key) ?? new Map()
      devices.set(key, newest)
    }
    before = row
    const known = newest.get(row.channel)
    if (!known || row.time >= known.time) newest.set(row.channel, row)
  }
  return [...devices.values()].map((own) => [...own.values()])
}

function healthOf(of: {
  log: Log
  broker: Broker
  followers: Followers
  series: Series & { failure?: Error | undefined }
}): Health {
  const { log, broker, followers } = of
  const size = log.size()
  const stats = broker.stats()
  const parts: Record<string, PartHealth> = {
    log: log.pressed ? { state: 'waiting', detail: 'full or the disk refuses' } : { state: 'up' },
    series: of.series.failure
      ? { state: 'waiting', detail: of.series.failure.message }
      : { state: 'up' },
  }
  const metrics: Health['metrics'][number][] = []
  const gauge = (
    name: string,
    help: string,
    value: number,
    labels?: Record<string, string>,
  ): void => {
    metrics.push({ name, help, type: 'gauge', value, ...(labels && { labels }) })
  }
  for (const follower of [followers.record, followers.capture, followers.detect]) {
    const state = ({ running: 'up', waiting: 'waiting', stopped: 'down' } as const)[follower.state]
    const detail = follower.lastError?.message
    parts[follower.name] = { state, ...(detail && { detail }) }
    gauge(
      'follower_lag',
      'Envelopes kept but not yet taken by a follower',
      log.durable - follower.position,
      {
        follower: follower.name,
      },
    )
  }
  gauge('log_end', 'Offset of the next envelope', log.end)
  gauge('log_bytes', 'Bytes the log keeps', size.bytes)
  gauge('log_bytes_max', 'Bytes the log may keep', size.bytesMax)
  gauge('rss_bytes', 'Resident memory of the process', process.memoryUsage.rss())
  for (const [name, value] of Object.entries(stats)) {
    const text = `Broker: ${name}`
    const counted = [
      'received',
      'acked',
      'refusedConnects',
      'forbidden',
      'protocolErrors',
      'dropped',
    ].includes(name)
    const snake = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
    if (counted) metrics.push({ name: `mqtt_${snake}_total`, help: text, type: 'counter', value })
    else gauge(`mqtt_${snake}`, text, value)
  }
  return { parts, metrics }
}

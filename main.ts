// Where the parts meet, and the only place: opens the stores, starts the work, the broker and the
// API that the roles ask for, and closes all in reverse. Holds no rule of its own.
import { join } from 'node:path'
import { trainInThread } from './analytics/anomaly/band-training.ts'
import { scoreReadings } from './analytics/anomaly/score-readings.ts'
import { createApp, createHealthApp } from './api/app.ts'
import type { Deps } from './api/deps.ts'
import { openEventSockets } from './api/epcis/event-sockets.ts'
import { listenHttp } from './api/listen.ts'
import { openPress } from './api/reports/press.ts'
import { openBackTestRuns } from './back-testing.ts'
import { type Changes, openChanges } from './changes.ts'
import type { Config } from './config.ts'
import { startTelling, type Telling } from './deliveries.ts'
import { hearReadings } from './foretelling.ts'
import type { Broker } from './ingest/broker.ts'
import { attachUpgrades, attachWebSocket, listenMqtt } from './ingest/listen.ts'
import { openRebirths } from './ingest/rebirths.ts'
import { type Intake, openIntake } from './intake.ts'
import { type Investigating, keepInvestigating } from './investigating.ts'
import { type Logger, openLogger, tellEnd, tellSlowRequests, tellSlowSteps } from './logging.ts'
import { type Metrics, openMetrics, version } from './metrics.ts'
import { observeStores, openOrigins } from './observe.ts'
import { partsOf, watchParts } from './parts.ts'
import { keepOutbox } from './quality/outbox.ts'
import type { Press } from './quality/report/mails.ts'
import { keepRecalls, type Recalling } from './recalling.ts'
import { keepRetention } from './retention.ts'
import { adminToken } from './sign-in.ts'
import { copiedStores } from './store/backup.ts'
import { openBackups } from './store/backup-folder.ts'
import { readKept } from './store/ledger/retention.ts'
import type { Log, Partition } from './store/log.ts'
import {
  type Closing,
  type CorrectedStores,
  correctStores,
  openStores,
  rememberStores,
  type Stores,
} from './stores.ts'
import {
  captureFollower,
  followersOf,
  markedTopic,
  startWork,
  type Work,
  type WorkTo,
} from './work.ts'

export interface Server {
  httpUrl: string
  /** Only of a broker. */
  mqttUrl: string | undefined
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
  const closing: Closing = []
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
  closing: Closing
  closeAll: () => Promise<void>
}

async function open(config: Config, { now, closing, closeAll }: Opening): Promise<Server> {
  const logger = openLogger(config.logLevel)
  const metrics = openMetrics()
  const bare = await openStores(config, closing)
  closing.push(await openTraces(config, bare.node, logger))
  const remembered = rememberStores(observeStores(bare, metrics), config)
  const stores = await correctStores(remembered, closing)
  const { log, announcements } = stores
  const changes = openChanges(announcements)
  const failure = Promise.withResolvers<never>()
  failure.promise.catch(() => undefined) // whoever awaits `failed` hears it
  const origins = openOrigins(log)
  const outwards = openLater()
  const { publish, press } = outwards
  const onAsk = (node: object): void => logger.info(node, 'edge node asked for its births')
  const rebirths = openRebirths({ publish: (...asked) => publish(...asked, 0), now, onAsk })
  const telling = startTelling(config, stores, { now, logger, metrics, publish, press })
  closing.push(telling.stop)
  const { recalling, investigating } = keepLooking(stores, { changes, logger, closing, now })
  const work = await startWork(stores, {
    now,
    roles: config.roles,
    fail: failure.reject,
    ...hearers({ changes, metrics, telling, recalling, now }),
    onReadings: each(
      hearReadings(stores, { changes, logger, closing, now }),
      investigating.heard,
      recalling.heard,
    ),
    onRefusals: each(metrics.refused, rebirths.refused),
    onEnded: tellEnd(logger),
    observer: tellSlowSteps(metrics, logger),
    origins,
  })
  closing.push(() => work.stop())
  if (config.roles.has('record'))
    closing.push(keepRetention(stores, { days: config.retentionDays, now, logger }))
  // After the work, so that it is closed before: nothing more comes in then.
  const intake = await openIntake(config, stores, { now, logger, closing, rebirths })
  const { broker } = intake
  const own = () => partsOf(stores, work, config.roles)
  const look = () => ({ ...own(), ...intake.parts(), ...telling.parts() })
  const parts = watchParts(look, { now, logger })
  closing.push(() => parts.stop())
  metrics.show({ stores, broker, upstream: intake.upstream, followers: work.followers, parts, now })
  closing.push(followDevices(stores, logger))
  if (config.roles.has('api'))
    closing.push(
      keepOutbox({ ledger: stores.ledger, log: origins.log, now }, (error) =>
        logger.error({ err: error }, 'events of decisions were not captured'),
      ),
    )
  const admin = await adminToken(config, stores.ledger)
  const given = { bare, stores, origins, changes, telling, intake, parts, metrics, logger, now }
  const deps = depsOf(config, { ...given, tokenHash: admin.tokenHash })
  outwards.open({ broker: intake.connections, press: openPress(deps, stores.ledger.forTenant) })
  const urls = await listen(config, { deps, broker, closing })
  logger.info({ ...said(config), version, node: stores.node, ...urls }, 'started')
  return {
    ...urls,
    newAdminToken: admin.fresh,
    failed: failure.promise,
    settled: () => settled(log, work, investigating),
    close: async () => {
      logger.info('stopping')
      await closeAll()
      logger.info('stopped')
    },
  }
}

/** What the API is given. */
function depsOf(config: Config, of: Given): Deps {
  const { bare, stores, origins, changes, telling, intake, parts, metrics, logger, now } = of
  const copied = copiedStores(bare, config.dataDir)
  return {
    ...storesOf(stores, now),
    log: origins.log,
    now,
    admin: { tokenHash: of.tokenHash },
    changes: changes.listen,
    tell: changes.tell,
    broker: intake.connections,
    ...(intake.lab && { lab: intake.lab }),
    ...(copied && { backups: openBackups(copied, { folder: config.backupDir, now }) }),
    strangers: config.strangers,
    deliveries: { allowed: config.webhookAllow, wake: telling.wake },
    health: () => ({ parts: parts.read() }),
    metrics: metrics.text,
    consoleDir: join(import.meta.dirname, 'dashboards/console/dist'),
    report: (error, requestId) => logger.error({ err: error, requestId }, 'a request failed'),
    answered: tellSlowRequests(metrics, logger),
  }
}

interface Given {
  bare: Stores
  stores: CorrectedStores
  origins: ReturnType<typeof openOrigins>
  changes: Changes
  telling: Telling
  intake: Intake
  parts: ReturnType<typeof watchParts>
  metrics: Metrics
  logger: Logger
  now: () => number
  tokenHash: string
}

/** Telling begins before broker and API are there: until then, what needs them is tried again. */
function openLater() {
  let opened: { broker: Intake['connections']; press: Press } | undefined
  return {
    open: (now: typeof opened): void => {
      opened = now
    },
    publish: (topic: string, payload: string | Buffer, qos?: 0 | 1): boolean => {
      opened?.broker.publish(topic, payload, qos)
      return opened !== undefined
    },
    press: async (...asked: Parameters<Press>): ReturnType<Press> => {
      if (!opened) throw new Error('the API is not open yet')
      return opened.press(...asked)
    },
  }
}

/** What is looked at again when there is something new. */
function keepLooking(
  stores: Stores,
  of: { changes: Changes; logger: Logger; closing: Closing; now: () => number },
): { recalling: Recalling; investigating: Investigating } {
  const { changes, logger, closing, now } = of
  const failing = (what: string) => (error: unknown) => logger.error({ err: error }, what)
  const onStale = failing('recalls were not looked at again')
  const recalling = keepRecalls(stores, { now, onFail: onStale, onChange: changes.recall })
  closing.push(recalling.stop)
  const onFail = failing('what was marked was not looked at for cases')
  const investigating = keepInvestigating(stores, { now, onCase: changes.case, onFail })
  closing.push(investigating.stop)
  return { recalling, investigating }
}

const each =
  <T>(...hearers: ((told: T) => void)[]): ((told: T) => void) =>
  (told) => {
    for (const hear of hearers) hear(told)
  }

/** Who hears of what was applied and raised here. */
function hearers({
  changes,
  metrics,
  telling,
  recalling,
  now,
}: Hearers): Pick<WorkTo, 'onApplied' | 'onAlert'> {
  return {
    onApplied: (capture) => {
      changes.applied(capture)
      telling.wake()
      recalling.wake()
    },
    onAlert: (change) => {
      metrics.alert(change.change, now() - change.alert.raisedAt)
      changes.alert(change)
      telling.wake()
      recalling.wake()
    },
  }
}

interface Hearers {
  changes: Changes
  metrics: Metrics
  telling: Telling
  recalling: Recalling
  now: () => number
}

/** Loaded only for those who collect traces: it takes its time. Resolves to the way to close it. */
async function openTraces(
  { otlpUrl }: Config,
  node: string,
  logger: Logger,
): Promise<Closing[number]> {
  if (!otlpUrl) return () => undefined
  const { openTracing } = await import('./tracing.ts')
  return openTracing({ url: otlpUrl, node, version, logger }).close
}

/** Opens the ports, when everything behind them is there. */
async function listen(
  config: Config,
  { deps, broker, closing }: { deps: Deps; broker: Broker | undefined; closing: Closing },
): Promise<Pick<Server, 'httpUrl' | 'mqttUrl'>> {
  const app = config.roles.has('api') ? createApp(deps) : createHealthApp(deps)
  const http = await listenHttp(app, { host: config.listen, port: config.httpPort })
  closing.push(() => http.close())
  const host = config.listen.includes(':') ? `[${config.listen}]` : config.listen
  const httpUrl = `http://${host}:${http.port}`
  const sockets = config.roles.has('api') ? openEventSockets(deps) : undefined
  if (sockets) closing.push(sockets.close)
  const otherwise = sockets?.upgrade
  if (!broker) {
    if (otherwise) closing.push(attachUpgrades(http.server, otherwise))
    return { httpUrl, mqttUrl: undefined }
  }
  const path = config.mqttWebSocketPath
  closing.push(attachWebSocket(broker, http.server, { path, otherwise }))
  const mqtt = await listenMqtt(broker, { host: config.listen, port: config.mqttPort })
  closing.push(() => mqtt.close())
  return { httpUrl, mqttUrl: `mqtt://${host}:${mqtt.port}` }
}

/** What the API asks of the stores. */
function storesOf(
  stores: CorrectedStores,
  now: () => number,
): Pick<
  Deps,
  | 'ledger'
  | 'series'
  | 'kept'
  | 'backTests'
  | 'anomalies'
  | 'applied'
  | 'onDeviceChange'
  | 'clocksChanged'
> {
  const { ledger, series, log, directory, announcements } = stores
  const kept = () => readKept(ledger.db)
  return {
    ledger,
    series,
    kept,
    backTests: openBackTestRuns({ series, kept, now }),
    anomalies: { score: scoreReadings, train: trainInThread },
    applied: (offset) => captures(log.partitions).passed(captureFollower, offset),
    clocksChanged: stores.clocks.renew,
    onDeviceChange: async (tenant, id) => {
      await directory.refresh(tenant, id)
      announcements.tell(deviceTopic, { tenant, id })
      announcements.tell(markedTopic, { tenant })
    },
  }
}

/** What this process knows of devices stays what the ledger knows, whoever changes it. */
const followDevices = ({ announcements, directory }: Stores, logger: Logger): (() => void) =>
  announcements.listen(deviceTopic, ({ tenant, id }) => {
    directory
      .refresh(String(tenant), String(id))
      .catch((error) => logger.warn({ err: error }, 'a changed device was not read again'))
  })

/** Announced when a device was registered or changed. */
const deviceTopic = 'device.changed'

const captures = (partitions: readonly Partition[]): Partition =>
  partitions.find(({ kinds }) => kinds.includes('capture'))!

async function settled(log: Log, work: Work, investigating: Investigating): Promise<void> {
  if (log.end > 0) await log.whenDurable(log.end - 1)
  for (const partition of log.partitions)
    for (const name of followersOf(partition))
      if (partition.readable > 0) await partition.passed(name, partition.readable - 1)
  await work.sweep()
  await investigating.settle()
}

/** What runs where, without a word of a URL: secrets stand in them. */
const said = (config: Config) => ({
  roles: [...config.roles],
  log: config.log.kind,
  series: config.series.kind,
  ledger: config.ledger.kind,
})

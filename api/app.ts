// The HTTP API as one app: who calls, what may be answered, and the routes of every noun. Refuses
// what no route allows.
import { OpenAPIHono } from '@hono/zod-openapi'
import type { Context, MiddlewareHandler } from 'hono'
import { alerts } from './alerts/alerts.ts'
import { alertClosings } from './alerts/closings.ts'
import { inbox } from './alerts/inbox.ts'
import { alertWorkflow } from './alerts/workflow.ts'
import { backups } from './backups.ts'
import { budgetCorrections } from './budget-corrections.ts'
import { cases } from './cases.ts'
import { causes } from './causes.ts'
import { conflicts } from './conflicts.ts'
import { consoleFiles } from './console.ts'
import { decodings } from './decodings.ts'
import type { Deps } from './deps.ts'
import { deviceAnomalies } from './devices/anomalies.ts'
import { deviceCalibrations } from './devices/certificates.ts'
import { clockCorrections } from './devices/clock-corrections.ts'
import { deviceConformance } from './devices/conformance.ts'
import { devices } from './devices/devices.ts'
import { deviceForecast } from './devices/forecast.ts'
import { deviceHealth } from './devices/health.ts'
import { manyDevices } from './devices/many.ts'
import { deviceRetirement } from './devices/retirement.ts'
import { dispositions } from './dispositions/dispositions.ts'
import { recommendedCounts } from './dispositions/recommended.ts'
import { dispositionUnits } from './dispositions/units.ts'
import { type ApiDocument, docsPolicy, formatDocs } from './docs.ts'
import { captures } from './epcis/capture.ts'
import { events } from './epcis/events.ts'
import { speakEpcis } from './epcis/headers.ts'
import { queries } from './epcis/queries.ts'
import { epcisResources } from './epcis/resources.ts'
import { subscriptions } from './epcis/subscriptions.ts'
import { leaveEvidence } from './evidence.ts'
import { gs1 } from './gs1.ts'
import { health } from './health.ts'
import { type Env, identify } from './identity.ts'
import { imports } from './imports.ts'
import { investigations } from './investigations.ts'
import { keys } from './keys.ts'
import { labSessions } from './lab.ts'
import { lanes } from './lanes.ts'
import { limits } from './limits.ts'
import { links } from './links.ts'
import { loads } from './loads.ts'
import { mappings } from './mappings.ts'
import { masterData } from './master-data.ts'
import { notificationChannels } from './notifications/channels.ts'
import { notifications } from './notifications/notifications.ts'
import { notificationRules } from './notifications/rules.ts'
import { observe } from './observe.ts'
import { accounts } from './people/accounts.ts'
import { signIns } from './people/sessions.ts'
import { positions } from './positions.ts'
import { answerError, formatProblem, Problem } from './problem.ts'
import { profileControl } from './profiles/control.ts'
import { products } from './profiles/products.ts'
import { readings } from './readings.ts'
import { recallExposures } from './recalls/exposures.ts'
import { recalls } from './recalls/recalls.ts'
import { recallSerials } from './recalls/serials.ts'
import { refusals } from './refusals.ts'
import { printedReports } from './reports/printed-reports.ts'
import { reports } from './reports/reports.ts'
import { reportSchedules } from './reports/schedules.ts'
import { resolver } from './resolver.ts'
import { scans } from './scans.ts'
import { serials } from './serials.ts'
import { shipments } from './shipments.ts'
import { openStrangers, type Strangers } from './strangers.ts'
import { stream } from './stream.ts'
import { transmissions } from './transmissions.ts'
import { unitContents } from './units/contents.ts'
import { unitCycles } from './units/cycles.ts'
import { labels } from './units/labels.ts'
import { lots } from './units/lots.ts'
import { passports } from './units/passports.ts'
import { poolNumbers } from './units/pool-numbers.ts'
import { pools } from './units/pools.ts'
import { unitSearch } from './units/search.ts'
import { units } from './units/units.ts'
import { verifications } from './verifications.ts'
import { verify } from './verify.ts'
import { webhookMessages } from './webhook-messages.ts'
import { webhooks } from './webhooks.ts'

/**
 * The app; `fetch` and `request` speak HTTP without a socket. Its type is that of a typed client.
 */
export function createApp(deps: Deps) {
  const base = new OpenAPIHono<Env>()
  base.use(observe(deps.answered))
  base.use(securityHeaders)
  const identity = identify(deps)
  const evidence = leaveEvidence(deps)
  const strangers = openStrangers(deps)
  // Before the trees below are closed: everybody may ask.
  base.route('/', verify(deps, strangers))
  base.route('/', signIns(deps))
  // Whole trees, so that a route added below them is closed before anybody thinks of it (I8).
  for (const tree of ['/api/*', '/epcis/*', '/verify/*', '/checkConnectivity', '/metrics'])
    base.use(tree, identity, evidence)
  base.use('/epcis/*', speakEpcis)
  base.onError((error, c) => answerError(error, c, deps.report))
  const app: OpenAPIHono<Env> = base
  mountNouns(app, deps, strangers)
  // Half a second of work that most processes are never asked for: made once somebody asks.
  let made: ApiDocument | undefined
  const document = (): ApiDocument => (made ??= describe(app))
  app.get('/openapi.json', (c) => c.json(document()))
  app.get('/docs', (c) =>
    c.html(formatDocs(document()), 200, { 'Content-Security-Policy': docsPolicy }),
  )
  app.route('/', consoleFiles(deps.consoleDir))
  const known = methodsByPath(app)
  app.notFound((c) => formatProblem(noRoute(known, c), c))
  return app
}

/** One by one: a chain would have the compiler merge the types of all routes: minutes. */
function mountNouns(app: OpenAPIHono<Env>, deps: Deps, strangers: Strangers): void {
  app.route('/', products(deps))
  app.route('/', profileControl(deps))
  app.route('/', lots(deps))
  app.route('/', masterData(deps))
  app.route('/', pools(deps))
  app.route('/', poolNumbers(deps))
  app.route('/', labels())
  app.route('/', devices(deps))
  app.route('/', deviceRetirement(deps))
  app.route('/', clockCorrections(deps))
  app.route('/', deviceCalibrations(deps).route('/', manyDevices(deps)))
  app.route('/', keys(deps))
  app.route('/', accounts(deps))
  app.route('/', readings(deps))
  app.route('/', refusals(deps))
  app.route('/', decodings(deps))
  app.route('/', deviceHealth(deps))
  app.route('/', deviceConformance(deps))
  app.route('/', labSessions(deps))
  app.route('/', deviceForecast(deps).route('/', deviceAnomalies(deps)))
  app.route('/', imports(deps))
  app.route('/', transmissions(deps))
  app.route('/', captures(deps))
  app.route('/', mappings(deps))
  app.route('/', loads(deps))
  app.route('/', events(deps))
  app.route('/', queries(deps))
  app.route('/', epcisResources(deps))
  app.route('/', conflicts())
  app.route('/', alerts())
  app.route('/', alertClosings(deps))
  app.route('/', alertWorkflow(deps))
  app.route('/', inbox())
  app.route('/', dispositions(deps).route('/', recommendedCounts(deps)))
  app.route('/', dispositionUnits(deps))
  app.route('/', investigations(deps))
  app.route('/', budgetCorrections(deps))
  app.route('/', serials())
  app.route('/', shipments(deps).route('/', lanes(deps)))
  app.route('/', positions(deps))
  app.route('/', unitSearch())
  app.route('/', units(deps))
  app.route('/', unitContents(deps))
  app.route('/', unitCycles())
  app.route('/', passports(deps))
  app.route('/', recalls(deps))
  app.route('/', recallExposures(deps))
  app.route('/', recallSerials(deps))
  app.route('/', cases(deps))
  app.route('/', causes(deps))
  app.route('/', gs1())
  app.route('/', links(deps))
  app.route('/', scans(deps, strangers))
  app.route('/', limits(deps))
  app.route('/', verifications(deps, strangers))
  app.route('/', subscriptions(deps))
  app.route('/', webhooks(deps))
  app.route('/', webhookMessages(deps))
  app.route('/', notificationChannels(deps))
  app.route('/', notificationRules(deps))
  app.route('/', notifications(deps))
  app.route('/', reportSchedules(deps))
  app.route('/', reports(deps))
  app.route('/', printedReports(deps))
  app.route('/', stream(deps))
  app.route('/', backups(deps))
  app.route('/', health(deps))
  app.route('/', resolver(deps, strangers))
}

/** What a process without the role `api` answers: whether it lives, and its figures. */
export function createHealthApp(deps: Deps) {
  const base = new OpenAPIHono<Env>()
  base.use(observe(deps.answered))
  base.use(securityHeaders)
  base.use('/metrics', identify(deps))
  base.onError((error, c) => answerError(error, c, deps.report))
  return base.route('/', health(deps))
}

export type Api = ReturnType<typeof createApp>

const securityHeaders: MiddlewareHandler = async (c, next) => {
  await next()
  const { headers } = c.res
  headers.set('X-Content-Type-Options', 'nosniff')
  headers.set('X-Frame-Options', 'DENY')
  headers.set('Referrer-Policy', 'no-referrer')
  headers.set('Cross-Origin-Resource-Policy', 'same-origin')
  if (!headers.has('Content-Security-Policy'))
    headers.set('Content-Security-Policy', "default-src 'none'; frame-ancestors 'none'")
  if (!headers.has('Cache-Control')) headers.set('Cache-Control', 'no-store')
}

function describe(app: OpenAPIHono<Env>): ApiDocument {
  app.openAPIRegistry.registerComponent('securitySchemes', 'bearer', {
    type: 'http',
    scheme: 'bearer',
    description: 'Administrator token, service key, session of a person or device token',
  })
  const document = app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'Isotherm',
      version: '1',
      description:
        'Which exact serial numbers were inside that excursion. Errors are problem+json (RFC 9457).',
    },
    security: [{ bearer: [] }],
  })
  return document as unknown as ApiDocument
}

/** Of each path as OpenAPI writes it ({id}), in capital letters. */
function methodsByPath(app: OpenAPIHono<Env>): ReadonlyMap<string, string[]> {
  const methods = new Map<string, string[]>()
  for (const definition of app.openAPIRegistry.definitions) {
    if (definition.type !== 'route') continue
    const { path, method } = definition.route
    methods.set(path, [...(methods.get(path) ?? []), method.toUpperCase()])
  }
  return methods
}

/** 405 when another method would do here (RFC 9110 §15.5.6), else 404. */
function noRoute(methods: ReadonlyMap<string, string[]>, c: Context): Problem {
  const segments = c.req.path.split('/')
  const known = [...methods].find(([path]) => {
    const own = path.split('/')
    return (
      own.length === segments.length &&
      own.every((part, i) => (part.startsWith('{') ? segments[i] !== '' : part === segments[i]))
    )
  })
  if (!known) {
    const detail = `nothing is at ${c.req.path}; /docs says what there is`
    return new Problem(404, [{ code: 'request/not-found', path: '', detail }])
  }
  const allow = known[1].join(', ')
  const detail = `${c.req.method} is not possible here: ${allow}`
  return new Problem(405, [{ code: 'request/invalid', path: '', detail }], { Allow: allow })
}

// The ways to set it up elsewhere, held against what is here: every setting is one that the server
// takes, every file, port and path named exists, and each program that is on this machine has read
// its part. No container is started.
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, normalize } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import { type Config, parseConfig } from '../config.ts'
import { renderTemplate } from './chart.ts'
import { natsPath } from './nats.ts'
import { postgresPath, startPostgres } from './postgres.ts'

const read = (file: string): string => readFileSync(file, 'utf8')

interface Entry {
  image?: string
  build?: unknown
  profiles?: string[]
  ports?: string[]
  environment?: Record<string, string>
  volumes?: string[]
  secrets?: string[]
  depends_on?: string[] | Record<string, unknown>
  healthcheck?: unknown
  restart?: string
}

interface Compose {
  services: Record<string, Entry>
  volumes: Record<string, unknown>
  secrets?: Record<string, unknown>
}

const compose = parse(read('deploy/compose.yaml'), { merge: true }) as Compose
const three = parse(read('deploy/compose.nats3.yaml'), { merge: true }) as Compose
const example = read('deploy/.env.example')
const isOurs = ({ image }: Entry): boolean => image === 'isotherm'

/** Fills in what compose would: a secret wherever one is wanted. */
const filled = (text: string): string =>
  text.replace(/\$\{(\w+)(?::-([^}]*)|:\?[^}]*)?\}/g, (_all, _name, otherwise?: string) =>
    otherwise === undefined ? 'asecretofmanyletters' : otherwise,
  )

const settingsOf = (environment: Record<string, string> = {}): Record<string, string> =>
  Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, filled(value)]))

const image = read('deploy/Dockerfile')
const imageSettings = Object.fromEntries(
  [...image.matchAll(/(ISOTHERM_\w+)=(\S+)/g)].map(([, name, value]) => [name!, value!]),
)

describe('compose.yaml', () => {
  // https://github.com/compose-spec/compose-spec: those of its keys that ours use.
  const serviceKeys = new Set(
    `image build hostname profiles restart init read_only tmpfs cap_drop security_opt stop_grace_period
     ulimits depends_on healthcheck environment ports volumes command secrets shm_size`.split(
      /\s+/,
    ),
  )

  test('uses keys that Compose knows, and nothing that is not declared', () => {
    const top = Object.keys(compose).filter((key) => !key.startsWith('x-'))
    expect(top.sort()).toEqual(['name', 'secrets', 'services', 'volumes'])
    for (const file of [compose, three])
      for (const [name, service] of Object.entries(file.services)) {
        const unknown = Object.keys(service).filter((key) => !serviceKeys.has(key))
        expect(unknown, name).toEqual([])
        const { depends_on = [], secrets = [], volumes = [] } = service
        const others = Array.isArray(depends_on) ? depends_on : Object.keys(depends_on)
        expect(others.filter((other) => !compose.services[other])).toEqual([])
        expect(secrets.filter((secret) => !(secret in compose.secrets!))).toEqual([])
        const named = volumes.map((volume) => volume.split(':')[0]!).filter((v) => /^\w/.test(v))
        const declared = { ...compose.volumes, ...three.volumes }
        expect(named.filter((volume) => !(volume in declared))).toEqual([])
      }
  })

  test('mounts files and folders that are here', () => {
    const mounted = [compose, three].flatMap(({ services }) =>
      Object.values(services)
        .flatMap(({ volumes = [] }) => volumes)
        .map((volume) => volume.split(':')[0]!)
        .filter((from) => from.startsWith('.')),
    )
    expect(mounted.length).toBeGreaterThan(6)
    expect(mounted.filter((from) => !existsSync(normalize(join('deploy', from))))).toEqual([])
  })

  test('starts every Isotherm with settings that it takes', () => {
    const roles: string[] = []
    for (const { services } of [compose, three])
      for (const service of Object.values(services)) {
        if (!isOurs(service) && !compose.services[service.image ?? '']) continue
        const config = parseConfig({ ...imageSettings, ...settingsOf(service.environment) })
        expect([config.log.kind, config.series.kind, config.ledger.kind]).toEqual([
          ...['nats', 'influxdb', 'postgres'],
        ])
        roles.push([...config.roles].sort().join())
      }
    const all = ['api,broker,detect,record', 'api', 'record', 'detect', 'broker', 'broker']
    expect(roles).toEqual(all)
  })

  test('with three NATS servers names each of them, and keeps three copies', () => {
    for (const [name, { environment }] of Object.entries(three.services)) {
      if (!isOurs(compose.services[name] ?? {})) continue
      const { log } = parseConfig({
        ...settingsOf(compose.services[name]!.environment),
        ...settingsOf(environment),
      })
      const servers = ['nats:4222', 'nats-2:4222', 'nats-3:4222']
      expect(log).toMatchObject({ kind: 'nats', servers, replicas: 3 })
    }
    const ours = (file: Compose): string[] =>
      Object.keys(file.services).filter((name) => isOurs(compose.services[name] ?? {}))
    expect(ours(three)).toEqual(ours(compose))
  })

  test('opens ports on this machine only, unless told otherwise', () => {
    const ports = Object.values(compose.services).flatMap((service) => service.ports ?? [])
    expect(ports.length).toBeGreaterThan(3)
    expect(ports.filter((port) => !filled(port).startsWith('127.0.0.1:'))).toEqual([])
  })

  test('has a health check for every server, and restarts all', () => {
    const services = Object.entries(compose.services)
    const unwatched = services.filter(([, { healthcheck }]) => !healthcheck).map(([name]) => name)
    expect(unwatched).toEqual(['balancer'])
    expect(services.filter(([, { restart }]) => restart !== 'unless-stopped')).toEqual([])
  })

  test('names an image with its version for everything that is not ours', () => {
    const images = Object.values(compose.services).filter((service) => !isOurs(service))
    expect(images.filter(({ image: name }) => !/:v?\d/.test(name ?? ''))).toEqual([])
  })

  test('asks for every secret, and the example has each of them, empty', () => {
    const asked = [read('deploy/compose.yaml'), read('deploy/compose.nats3.yaml')].flatMap((text) =>
      [...text.matchAll(/\$\{(\w+)/g)].map(([, name]) => name!),
    )
    const lines = [...example.matchAll(/^([A-Z_]+)=(.*)$/gm)]
    const offered = new Map(lines.map(([, name, value]) => [name!, value!]))
    expect([...new Set(asked)].filter((name) => !offered.has(name))).toEqual([])
    for (const [name, value] of offered)
      if (/PASSWORD|TOKEN/.test(name)) expect(value, name).toBe('')
    const plain = /:\s*['"]?(?:admin|password|secret|changeme)['"]?\s*$/im
    expect(read('deploy/compose.yaml').replace(/USERNAME: admin/, '')).not.toMatch(plain)
  })

  test('gets secrets that nobody knows, each another', () => {
    const fresh = execFileSync('sh', ['deploy/new-env.sh'], { encoding: 'utf8' })
    const secrets = [...fresh.matchAll(/^\w*(?:PASSWORD|TOKEN)=(.*)$/gm)].map(([, value]) => value!)
    expect(secrets.length).toBeGreaterThan(6)
    expect(new Set(secrets).size).toBe(secrets.length)
    for (const secret of secrets) expect(secret).toMatch(/^[a-z]{48}$/)
    expect(fresh.replace(/=[a-z]{48}$/gm, '=')).toBe(example)
  })

  test('lets Prometheus and the balancer look where Isotherm answers', () => {
    const [job] = (parse(read('deploy/prometheus.yml')) as Prometheus).scrape_configs
    const [found] = job!.dns_sd_configs
    const ours = Object.keys(compose.services).filter((name) => isOurs(compose.services[name]!))
    expect(found!.names).toEqual(ours)
    const defaults = parseConfig({})
    expect(found!.port).toBe(defaults.httpPort)
    const secret = job!.authorization.credentials_file.replace('/run/secrets/', '')
    expect(compose.services.prometheus?.secrets).toEqual([secret])
    const servers = [...read('deploy/haproxy.cfg').matchAll(/^ {2}server (\S+) \1:(\d+)/gm)]
    expect(servers.map(([, name, port]) => [name, Number(port)])).toEqual(
      ['broker-a', 'broker-b'].map((name) => [name, defaults.mqttPort]),
    )
  })

  test('gives Grafana what its provisioning asks for', () => {
    const asked = globSync('dashboards/grafana/provisioning/**/*.yaml').flatMap((file) =>
      [...read(file).matchAll(/\$(GRAFANA_\w+)/g)].map(([, name]) => name!),
    )
    const { environment = {} } = compose.services.grafana!
    expect([...new Set(asked)].filter((name) => !(name in environment))).toEqual([])
  })
})

interface Prometheus {
  scrape_configs: {
    authorization: { credentials_file: string }
    dns_sd_configs: { names: string[]; port: number }[]
  }[]
}

describe('the image', () => {
  test('copies, builds and starts what is here, and opens the ports of the server', () => {
    for (const [, from] of image.matchAll(/^COPY (package\.json package-lock\.json) /gm))
      for (const file of from!.split(' ')) expect(existsSync(file)).toBe(true)
    expect(image).toContain('node dashboards/build.js')
    expect(existsSync('dashboards/build.js')).toBe(true)
    expect(image).toMatch(/ENTRYPOINT \[.*"isotherm\.js"\]/)
    const { httpPort, mqttPort } = parseConfig({})
    expect(image).toContain(`EXPOSE ${httpPort} ${mqttPort}`)
    expect(image).toMatch(/^USER node$/m)
    expect(parseConfig(imageSettings)).toMatchObject({ listen: '0.0.0.0' })
  })

  test('leaves behind no data and no secret of the folder that it is built from', () => {
    const ignored = read('deploy/Dockerfile.dockerignore').split('\n')
    for (const kept of ['.git', 'node_modules', 'data', '**/.env']) expect(ignored).toContain(kept)
    expect(read('deploy/.gitignore')).toBe('.env\n')
  })
})

describe('NATS', () => {
  const absent = natsPath === undefined ? ' (skipped: nats-server is not installed)' : ''
  test.skipIf(absent !== '').for(['nats.conf', 'nats-cluster.conf'])(
    `takes deploy/nats/%s${absent}`,
    (name) => {
      const folder = mkdtempSync(join(tmpdir(), 'isotherm-deploy-'))
      const settings = { ...three.services['nats-2']!.environment }
      const env = { ...process.env, ...settingsOf(settings) }
      const check = (text: string): string => {
        writeFileSync(join(folder, name), text.replace('/data', join(folder, 'data')))
        const { stderr, stdout } = spawnSync(natsPath!, ['-t', '-c', join(folder, name)], { env })
        return `${stderr}${stdout}`
      }
      const text = read(join('deploy/nats', name))
      const said = check(text)
      // Servers before 2.10 do not know that one field.
      const old = said.includes('unknown field "sync_interval"')
      expect(old ? check(text.replace(/sync_interval.*/, '')) : said).toContain('is valid')
      rmSync(folder, { recursive: true })
    },
  )
})

describe('PostgreSQL', () => {
  const psql = ['/usr/bin/psql', '/usr/local/bin/psql'].find((path) => existsSync(path))
  const missing = postgresPath === undefined || psql === undefined
  const absent = missing ? ' (skipped: PostgreSQL is not installed)' : ''
  test.skipIf(missing)(
    `gets roles with which the ledger works, and Grafana reads but cannot write${absent}`,
    { timeout: 60_000 },
    async () => {
      const { openPostgresLedger } = await import('../store/postgres/ledger.ts')
      const { Client } = (await import('pg')).default
      const postgres = await startPostgres({ untouched: true })
      const passwords = { ISOTHERM_DATABASE_PASSWORD: 'one', GRAFANA_DATABASE_PASSWORD: 'two' }
      execFileSync(psql!, ['-q', '-f', 'deploy/postgres/roles.sql', postgres.url], {
        env: { ...process.env, ...passwords },
      })
      const urlOf = (user: string, password: string): string => {
        const url = new URL(postgres.url)
        Object.assign(url, { username: user, password, pathname: '/isotherm' })
        return url.href
      }
      const ledger = await openPostgresLedger({ url: urlOf('isotherm', 'one') })
      await ledger.close()
      const grafana = new Client({ connectionString: urlOf('grafana', 'two') })
      await grafana.connect()
      await grafana.query('select "id" from alerts')
      await expect(grafana.query('delete from alerts')).rejects.toThrow(/permission denied/)
      const { rows } = await grafana.query(
        `select rolname from pg_roles where rolsuper and rolname in ('isotherm', 'grafana')`,
      )
      expect(rows).toEqual([])
      await grafana.end()
      await postgres.stop()
    },
  )
})

describe('systemd', () => {
  const units = ['isotherm.service', 'isotherm@.service']
  const texts = units.map((unit) => read(`deploy/systemd/${unit}`))
  const tool = '/usr/bin/systemd-analyze'
  const absent = existsSync(tool) ? '' : ' (skipped: systemd is not installed)'

  test.skipIf(absent !== '')(`takes the units, and finds them well shut in${absent}`, () => {
    const folder = mkdtempSync(join(tmpdir(), 'isotherm-deploy-'))
    units.forEach((unit, n) => {
      const text = texts[n]!.replace('/usr/bin/node', process.execPath)
        .replaceAll('/opt/isotherm', process.cwd())
        .replace(/^EnvironmentFile=\//gm, 'EnvironmentFile=-/')
      writeFileSync(join(folder, unit), text)
    })
    const named = [join(folder, 'isotherm.service'), join(folder, 'isotherm@broker.service')]
    writeFileSync(named[1]!, readFileSync(join(folder, 'isotherm@.service')))
    for (const unit of named) {
      const verified = spawnSync(tool, ['verify', '--man=no', unit], { encoding: 'utf8' })
      const about = verified.stderr.split('\n').filter((line) => line.includes('isotherm'))
      expect(about).toEqual([])
    }
    const offline = ['security', '--offline=true', '--threshold=25', '--no-pager', named[0]!]
    expect(spawnSync(tool, offline, { encoding: 'utf8' }).status).toBe(0)
    rmSync(folder, { recursive: true })
  })

  test('differ by the role, and start what is here with settings that it takes', () => {
    for (const text of texts) {
      expect(text).toContain('/opt/isotherm/isotherm.js serve')
      const lines = [...text.matchAll(/^Environment=(ISOTHERM_\w+)=(.*)$/gm)]
      const env = lines.map(([, name, value]) => [name!, value!.replaceAll('%i', 'broker')])
      expect(() => parseConfig({ ...remote(), ...Object.fromEntries(env) })).not.toThrow()
    }
    const [one, role] = texts.map((text) => text.split('\n'))
    const differing = role!.filter((line) => !line.startsWith('#') && !one!.includes(line))
    expect(differing.every((line) => /%i|EnvironmentFile/.test(line))).toBe(true)
  })

  /** The example with all that is commented out. */
  const remote = (): Record<string, string> =>
    Object.fromEntries(
      [...read('deploy/systemd/isotherm.env.example').matchAll(/^#?(ISOTHERM_\w+)=(.*)$/gm)].map(
        ([, name, value]) => [name!, value! || 'asecretofmanyletters'],
      ),
    )

  test('has an example of settings that the server takes', () => {
    const config: Config = parseConfig(remote())
    expect(config.log).toMatchObject({ kind: 'nats', replicas: 3 })
    expect(config.series.kind).toBe('influxdb')
  })
})

describe('the Helm chart', () => {
  const values = read('deploy/helm/isotherm/values.yaml')
  const helm = spawnSync('helm', ['version'], { stdio: 'ignore' }).status === 0
  const rendered = (): Manifest[] => {
    const text = helm
      ? execFileSync('helm', ['template', 'test', 'deploy/helm/isotherm'], { encoding: 'utf8' })
      : globSync('deploy/helm/isotherm/templates/*.yaml')
          .map((file) => renderTemplate(read(file), values))
          .join('\n---\n')
    const documents = parseAllDocuments(text)
    if (!Array.isArray(documents)) throw new Error('the chart renders to nothing')
    for (const document of documents) expect(document.errors).toEqual([])
    return documents
      .map((document) => document.toJS() as Manifest | null)
      .filter((manifest) => manifest !== null)
  }

  test('makes a workload of every role, whose settings the server takes', () => {
    const sets = rendered().filter(({ kind }) => kind === 'StatefulSet')
    const names = sets.map(({ metadata }) => metadata.name).sort()
    expect(names).toEqual(['test-api', 'test-broker', 'test-detect', 'test-record'])
    const secret = settingsOf(compose.services.isotherm!.environment)
    for (const { spec } of sets) {
      const [container] = spec.template!.spec.containers
      const env = Object.fromEntries(container!.env.map(({ name, value }) => [name, value]))
      const config = parseConfig({ ...imageSettings, ...secret, ...env })
      expect(config.roles.size).toBe(1)
      expect(container!.ports.map(({ containerPort }) => containerPort)).toEqual([
        ...[config.httpPort, config.mqttPort],
      ])
      const { version } = JSON.parse(readFileSync('package.json', 'utf8'))
      expect(container!.image).toBe(`isotherm:${version}`)
    }
  })

  test('asks /livez and /readyz, which are there', () => {
    const health = read('api/health.ts')
    for (const { kind, spec } of rendered()) {
      if (kind !== 'StatefulSet') continue
      const [{ startupProbe, livenessProbe, readinessProbe }] = spec.template!.spec.containers as [
        Container,
      ]
      const probes = [startupProbe, livenessProbe, readinessProbe]
      const paths = probes.map(({ httpGet }) => httpGet.path)
      expect(paths).toEqual(['/livez', '/livez', '/readyz'])
      for (const path of paths) expect(health).toContain(`'${path}'`)
    }
  })

  test('leads each service to pods that are there, and each pod runs without rights', () => {
    const all = rendered()
    const pods = all.filter(({ kind }) => kind === 'StatefulSet')
    const services = all.filter(({ kind }) => kind === 'Service')
    expect(services).toHaveLength(pods.length + 2)
    for (const { spec } of services) {
      const wanted = Object.entries(spec.selector as Record<string, string>)
      const hit = pods.filter(({ spec: { template } }) =>
        wanted.every(([key, value]) => template!.metadata.labels[key] === value),
      )
      expect(hit).toHaveLength(1)
    }
    for (const { spec } of pods) {
      const { securityContext, containers } = spec.template!.spec
      expect(securityContext).toMatchObject({ runAsNonRoot: true })
      const expected = { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true }
      expect(containers[0]!.securityContext).toMatchObject(expected)
      expect(services.some(({ metadata }) => metadata.name === spec.serviceName)).toBe(true)
    }
  })

  test('renders the notes', () => {
    const notes = renderTemplate(read('deploy/helm/isotherm/templates/NOTES.txt'), values)
    expect(notes).toContain('service test-mqtt, port 1883')
  })
})

interface Container {
  image: string
  env: { name: string; value: string }[]
  ports: { containerPort: number }[]
  securityContext: object
  startupProbe: Probe
  livenessProbe: Probe
  readinessProbe: Probe
}
interface Probe {
  httpGet: { path: string }
}
interface Manifest {
  kind: string
  metadata: { name: string }
  spec: {
    selector: unknown
    serviceName?: string
    template?: {
      metadata: { labels: Record<string, string> }
      spec: { securityContext: object; containers: Container[] }
    }
  }
}

test('docs/deployment.md names every file that sets it up', () => {
  const page = read('docs/deployment.md')
  const files = globSync('deploy/**/*.{yaml,service,conf,cfg,sql,sh,yml}')
    .filter((file) => !file.includes('/templates/') && !/(Chart|values)\.yaml$/.test(file))
    .concat('deploy/Dockerfile', 'deploy/helm/isotherm', 'deploy/.env.example')
  expect(files.filter((file) => !page.includes(file))).toEqual([])
})

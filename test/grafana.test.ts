import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import {
  boards,
  type Dashboard,
  folder,
  named,
  read,
  rendered,
  rules,
  valuesOf,
} from './grafana-files.ts'

const root = join(import.meta.dirname, '..')

describe('the files that Grafana reads', () => {
  it('are what the code renders: node dashboards/grafana/build.ts', () => {
    for (const [path, text] of rendered) expect(read(path), path).toBe(text)
    const written = readdirSync(join(folder, 'dashboards')).map((name) => `dashboards/${name}`)
    expect(written.sort()).toEqual(
      [...rendered.keys()].filter((path) => path.startsWith('dashboards/')).sort(),
    )
  })

  it('fit the types of Grafana’s schema, panel by panel, with nothing unknown in them', () => {
    expect(typeErrorsOf(boards)).toBe('')
  }, 60_000)

  it.each([
    ['a dashboard', (board: Dashboard) => board],
    ['a panel', (board: Dashboard) => board.panels[0]!],
    ['a query', (board: Dashboard) => board.panels[0]!.targets[0]!],
    ['the options of a panel', (board: Dashboard) => board.panels[0]!.options],
    ['a variable', (board: Dashboard) => board.templating.list[0]!],
  ])('would not pass with a misspelt word in %s', (_what, part) => {
    const wrong = structuredClone(boards)
    Object.assign(part(wrong[0]!), { misspelt: true })
    expect(typeErrorsOf(wrong)).toContain('misspelt')
  })

  it('use panels and data sources that a plain Grafana has', () => {
    const plain = ['timeseries', 'stat', 'table', 'geomap']
    for (const board of boards)
      for (const panel of board.panels) expect(plain, panel.title).toContain(panel.type)
    const sources = parse(read('provisioning/datasources/isotherm.yaml')).datasources as {
      uid: string
      type: string
    }[]
    const known = Object.fromEntries(sources.map(({ uid, type }) => [uid, type]))
    expect(Object.values(known).sort()).toEqual([
      'grafana-postgresql-datasource',
      'influxdb',
      'prometheus',
    ])
    for (const board of boards)
      for (const { type, uid } of valuesOf('datasource', board) as { type: string; uid: string }[])
        expect(type, uid).toBe(uid === '-- Mixed --' ? 'datasource' : known[uid])
    for (const { datasourceUid } of rules.flatMap(({ data }) => data))
      expect([...Object.keys(known), '__expr__']).toContain(datasourceUid)
    const transformations = boards.flatMap(({ panels }) =>
      panels.flatMap((p) => p.transformations ?? []),
    )
    expect(new Set(transformations.map(({ id }) => id))).toEqual(new Set(['joinByField']))
  })

  it('name everything once', () => {
    const once = (names: unknown[]): void => expect(new Set(names).size).toBe(names.length)
    once([...boards.map(({ uid }) => uid), ...rules.map(({ uid }) => uid)])
    once(boards.map(({ title }) => title))
    for (const { panels, templating } of boards) {
      once(panels.map(({ id }) => id))
      once(templating.list.map(({ name }) => name))
      for (const { targets } of panels) once(targets.map(({ refId }) => refId))
    }
    // Grafana's own bound (store.MaxUIDLength), and letters that need no escape in an address.
    for (const { uid } of [...boards, ...rules]) expect(uid).toMatch(/^[a-z0-9-]{1,40}$/)
  })

  it('hold no password and no address: those come from the environment, as the README lists', () => {
    const text = ['datasources', 'dashboards']
      .map((name) => read(`provisioning/${name}/isotherm.yaml`))
      .join('\n')
    const used = new Set([...text.matchAll(/\$(\w+)/g)].map(([, name]) => name!))
    for (const name of used) expect(read('README.md')).toContain(name)
    for (const { url, user, secureJsonData } of parse(
      read('provisioning/datasources/isotherm.yaml'),
    ).datasources) {
      for (const value of [url, user, secureJsonData?.password])
        if (value !== undefined) expect(value).toMatch(/^\$GRAFANA_\w+$/)
    }
    expect(text).not.toMatch(/https?:\/\//)
  })

  it('rules lead to the panel that shows more, and their words name what the query gives', () => {
    for (const rule of rules) {
      const panel = named(rule.dashboardUid).panels.find(({ id }) => id === rule.panelId)
      expect(panel, rule.title).toBeDefined()
      expect(rule.data.map(({ refId }) => refId)).toContain(rule.condition)
      // Grafana takes braces of the environment out of these (`${NAME}`); templates stay.
      expect(JSON.stringify(rule.annotations)).not.toContain('${')
    }
  })
})

/** What the compiler says of dashboards written out as values of the SDK's types. */
function typeErrorsOf(of: Dashboard[]): string {
  mkdirSync(join(root, 'test/output'), { recursive: true })
  const place = mkdtempSync(join(root, 'test/output/grafana-'))
  try {
    writeFileSync(
      join(place, 'boards.ts'),
      `import type { Board } from '../../grafana-types.ts'
export const boards: Board[] = ${JSON.stringify(of, null, 1)}
`,
    )
    const options = {
      strict: true,
      noEmit: true,
      module: 'nodenext',
      skipLibCheck: true,
      allowImportingTsExtensions: true,
      types: [],
    }
    writeFileSync(
      join(place, 'tsconfig.json'),
      JSON.stringify({ compilerOptions: options, files: ['boards.ts'] }),
    )
    execFileSync(join(root, 'node_modules/.bin/tsc'), ['-p', place], {
      encoding: 'utf8',
      stdio: 'pipe',
    })
    return ''
  } catch (error) {
    return String((error as { stdout?: string }).stdout)
  } finally {
    rmSync(place, { recursive: true, force: true })
  }
}

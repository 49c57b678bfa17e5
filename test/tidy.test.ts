// The habits of the house (CONTRIBUTING.md), read off the tree itself. Exceptions are listed and
// may only shrink.

import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { describe, expect, it } from 'vitest'

const tracked = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  encoding: 'utf8',
})
  .split('\n')
  .filter((file) => file !== '' && existsSync(file))
const read = (file: string): string => readFileSync(file, 'utf8')
const rooms = ['domain', 'store', 'ingest', 'analytics', 'trace', 'quality', 'api', 'simulators']
const roomOf = (file: string): string => (file.includes('/') ? file.split('/')[0]! : 'main')
const isCode = (file: string): boolean => /\.(ts|tsx|js)$/.test(file) && !file.endsWith('.d.ts')
const source = tracked.filter((file) => isCode(file) && roomOf(file) !== 'test')
const tests = tracked.filter((file) => isCode(file) && roomOf(file) === 'test')

/** What a room may import besides itself. */
const mayImport: Record<string, string[]> = {
  domain: [],
  store: ['domain', 'config'],
  ingest: ['domain', 'store', 'config'],
  analytics: ['domain', 'store', 'config'],
  trace: ['domain', 'store', 'config'],
  quality: ['domain', 'store', 'config'],
  // The API hands logger files and packets to ingest, and asks trace; it judges nothing itself.
  api: ['domain', 'store', 'ingest', 'trace', 'quality', 'config'],
  simulators: ['domain'],
}

function importsOf(file: string): string[] {
  const found = read(file).matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)
  return [...found].map(([, name]) => name!).filter((name) => name.startsWith('.'))
}

const target = (file: string, name: string): string => normalize(join(dirname(file), name))

describe('rooms', () => {
  it('import only downwards: domain <- store <- {ingest, analytics, trace, quality} <- api <- main', () => {
    const wrong: string[] = []
    for (const file of source) {
      const room = roomOf(file)
      if (!rooms.includes(room)) continue
      for (const name of importsOf(file)) {
        const other = target(file, name)
        const otherRoom = /^config(-urls|-bounds)?\.ts$/.test(other) ? 'config' : roomOf(other)
        if (otherRoom !== room && !mayImport[room]!.includes(otherRoom))
          wrong.push(`${file} -> ${other}`)
      }
    }
    expect(wrong).toEqual([])
  })

  it('have no drawers for odds and ends, and no barrel files', () => {
    const drawers = /(^|\/)(utils?|common|shared|types|helpers?|misc|lib)(\/|\.ts$)/
    expect(source.filter((file) => drawers.test(file))).toEqual([])
    expect(
      source.filter((file) => /(^|\/)index\.tsx?$/.test(file) && /export \*/.test(read(file))),
    ).toEqual([])
  })

  it('hold no file that nothing imports', () => {
    const entries = new Set([
      'isotherm.js',
      'vitest.config.ts',
      'dashboards/build.js',
      'dashboards/console/vite.config.js',
    ])
    const imported = new Set(
      [...source, ...tests].flatMap((file) => importsOf(file).map((name) => target(file, name))),
    )
    const started = [...source, ...tests].map(read).join('\n')
    const dead = source.filter(
      (file) =>
        !entries.has(file) &&
        !imported.has(file) &&
        // Workers and pages are named by their URL.
        !started.includes(`'./${file.split('/').at(-1)}'`) &&
        !tracked.some(
          (page) => page.endsWith('.html') && read(page).includes(file.split('/').at(-1)!),
        ),
    )
    expect(dead).toEqual([])
  })

  it('of facts read no clock, no chance and no environment', () => {
    const pure = source.filter((file) => ['domain', 'analytics', 'trace'].includes(roomOf(file)))
    const impure = /Date\.now\(|new Date\(\)|Math\.random\(|process\.|performance\.now/
    expect(pure.filter((file) => impure.test(read(file)))).toEqual([])
  })

  it('ask config.ts for settings, not the environment', () => {
    const others = source.filter((file) => !['config.ts', 'cli.ts', 'isotherm.js'].includes(file))
    expect(others.filter((file) => /process\.env/.test(read(file)))).toEqual([])
  })
})

describe('sizes', () => {
  it('no source file is longer than 400 lines', () => {
    const long = source.filter((file) => read(file).split('\n').length > 401)
    expect(long).toEqual([])
  })

  /**
   * Lists of handlers or of operations around shared state: longer than a screen, each entry short.
   * May only shrink.
   */
  const longFunctions: Record<string, number> = {
    'api/devices/devices.ts devices': 82,
    'store/duckdb/series.ts operate': 85,
    'store/duckdb/tables.ts operate': 74,
    'store/duckdb/thread.ts startSeriesThread': 71,
    'store/ledger/schema.ts createIdentity': 72,
  }

  it('no function is longer than 70 lines, but for those listed', () => {
    const long = source
      .flatMap(functionsOf)
      .filter(({ file, name, lines }) => lines > (longFunctions[`${file} ${name}`] ?? 70))
    expect(long.map(({ file, name, lines }) => `${file} ${name} ${lines}`)).toEqual([])
  })

  it('no comment is wider than 100 columns; code is the formatter’s', () => {
    const wide = source.flatMap((file) =>
      read(file)
        .split('\n')
        .filter((line) => [...line].length > 100 && /^\s*(\/\/|\/?\*)/.test(line))
        .map((line) => `${file}: ${line.trim()}`),
    )
    expect(wide).toEqual([])
  })

  it('every source file says at its head what it is', () => {
    const headless = source.filter((file) => !/^(#!.*\n)?(\/\/|\/\*\*?)\s?\S/.test(read(file)))
    expect(headless).toEqual(['vitest.config.ts'])
  })
})

/** Functions and methods by indentation, as the formatter leaves them. */
function functionsOf(file: string): { file: string; name: string; lines: number }[] {
  const lines = read(file).split('\n')
  const found: { file: string; name: string; lines: number }[] = []
  lines.forEach((line, index) => {
    const start =
      /^( *)(?:export )?(?:async )?(?:function\*? (\w+)|(?:async )?#?(\w+)\(.*\{$|const (\w+) = (?:async )?\(.*\{$)/.exec(
        line,
      )
    if (!start) return
    const [, indent = ''] = start
    const name = start[2] ?? start[3] ?? start[4] ?? ''
    if (['if', 'for', 'while', 'switch', 'return', 'describe', 'it'].includes(name)) return
    const end = lines.findIndex((other, at) => at > index && other.startsWith(`${indent}}`))
    if (end > index) found.push({ file, name, lines: end - index + 1 })
  })
  return found
}

describe('words', () => {
  it('no escape from the type checker or the linter in the source', () => {
    const loophole = /(: any\b|as any\b|<any>|@ts-ignore|@ts-expect-error|biome-ignore)/
    expect(source.filter((file) => loophole.test(read(file)))).toEqual([])
  })

  it('no unfinished marks', () => {
    const mark = /\b(TODO|FIXME|XXX|HACK)\b/
    const own = 'test/tidy.test.ts'
    expect([...source, ...tests].filter((file) => file !== own && mark.test(read(file)))).toEqual(
      [],
    )
  })

  it('no class or type is called Manager, Service or Helper', () => {
    const vague = /\b(class|interface|type) \w*(Manager|Service|Helper|Util|Handler)\b/
    expect(source.filter((file) => vague.test(read(file)))).toEqual([])
  })

  it('names no download address and no place of one machine', () => {
    const places = /https?:\/\/(registry|deb|packages)\.|[ "=(]\/(work|root|home)\//
    const own = 'test/tidy.test.ts'
    const text = tracked.filter((file) =>
      /\.(ts|tsx|js|md|json|ya?ml|html|css)$|^\.ci\//.test(file),
    )
    expect(text.filter((file) => file !== own && places.test(read(file)))).toEqual([])
    expect(read('package-lock.json')).not.toContain('"resolved"')
  })

  it('the lock file installs without compiling, on every platform it names', () => {
    const lock = JSON.parse(read('package-lock.json')) as {
      packages: Record<string, { gypfile?: boolean; optionalDependencies?: Record<string, string> }>
    }
    // npm compiles a package with a binding.gyp unless told; the lock does not keep that by itself.
    expect(lock.packages['node_modules/better-sqlite3']).toMatchObject({ gypfile: false })
    const missing = Object.entries(lock.packages).flatMap(([path, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies).filter(
        (name) =>
          !lock.packages[`node_modules/${name}`] && !lock.packages[`${path}/node_modules/${name}`],
      ),
    )
    expect(missing).toEqual([])
  })

  it('every test that is skipped says why beside it', () => {
    const bare = /\b(it|test|describe)\.(only|todo|fails)\b/
    const own = 'test/tidy.test.ts'
    expect(tests.filter((file) => file !== own && bare.test(read(file)))).toEqual([])
  })
})

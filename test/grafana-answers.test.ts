import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  boards,
  type Dashboard,
  named,
  type Panel,
  type Rule,
  read,
  rules,
  type Variable,
  valuesOf,
} from './grafana-files.ts'
import {
  type Asking,
  ask,
  type Choice,
  interpolate,
  joinBy,
  type Row,
  type Target,
} from './grafana-queries.ts'
import { type GrafanaWorld, missing, startGrafanaWorld } from './grafana-world.ts'

const hour = 3_600_000
const celsius: Choice = { text: '°C', value: '*1+0' }
const fahrenheit: Choice = { text: '°F', value: '*1.8+32' }

if (missing) console.warn(`skipped: the dashboards on real stores, for want of ${missing}`)
describe.skipIf(missing)('on InfluxDB, PostgreSQL and Prometheus, filled by Isotherm', () => {
  let world: GrafanaWorld
  let now: number
  beforeAll(async () => {
    const loginSql = /```sql\n\s*(create role grafana[\s\S]*?)```/.exec(read('README.md'))![1]!
    world = await startGrafanaWorld(loginSql)
    now = Date.now()
  }, 120_000)
  afterAll(() => world?.stop())

  /** What a person sees first, but for the choice of an excursion and of the logger that talks. */
  async function open(board: Dashboard, unit: Choice = celsius): Promise<Asking> {
    const ofService = board.uid === 'isotherm-pipeline'
    const asking: Asking = {
      variables: {},
      range: { from: now - (ofService ? 60_000 : 30 * hour), to: now },
      scrapeMs: ofService ? 1000 : 60_000,
    }
    for (const variable of board.templating.list)
      asking.variables[variable.name] =
        variable.name === 'unit'
          ? unit
          : variable.type === 'query'
            ? await choose(board, variable, asking)
            : variable.current
    asking.variables.isotherm = { text: '', value: world.isothermUrl }
    return asking
  }

  async function choose(board: Dashboard, variable: Variable, asking: Asking): Promise<Choice> {
    const { datasource, query } = variable
    const rows = await ask(world.sources, { refId: 'V', datasource, rawSql: query }, asking)
    expect(rows.length, `${board.uid}: ${variable.name}`).toBeGreaterThan(0)
    const values = rows.map((row) => String('__value' in row ? row.__value : Object.values(row)[0]))
    if (variable.includeAll)
      return { text: 'All', value: values, ...(variable.allValue && { all: variable.allValue }) }
    const [first] = values as [string]
    // One with an excursion that is on its way, packed into something larger.
    const onItsWay = `select container as value from alerts
      join epcs on 'https://id.gs1.org/' || epc = container
      join stays on child = epcs.id and relation = 0 where status = 'open' and stays.to > ${now}`
    const wanted: Record<string, string> = {
      'isotherm-device device': world.babbling,
      'isotherm-shipment container': (await world.sources.postgres.query(onItsWay)).rows[0].value,
    }
    const value = wanted[`${board.uid} ${variable.name}`] ?? first
    expect(values).toContain(value)
    return { text: value, value }
  }

  const answersOf = (panel: Panel, asking: Asking): Promise<Row[][]> =>
    Promise.all(panel.targets.map((target) => ask(world.sources, target, asking)))

  it.each(boards.map((board) => [board.uid, board] as const))(
    'every query of %s gives rows, and every variable and annotation too',
    async (_uid, board) => {
      const asking = await open(board)
      const empty: string[] = []
      for (const panel of board.panels) {
        const answers = await answersOf(panel, asking)
        panel.targets.forEach(({ refId }, index) => {
          if (answers[index]!.length === 0) empty.push(`${panel.title} ${refId}`)
        })
        for (const { options } of panel.transformations ?? [])
          if (joinBy(options.byField, options.mode, answers).length === 0) empty.push(panel.title)
      }
      for (const { name, target } of board.annotations.list ?? [])
        if ((await ask(world.sources, target, asking)).length === 0) empty.push(name)
      expect(empty).toEqual([])
    },
  )

  it('counts loggers and serials as Isotherm itself tells them', async () => {
    const fleet = await open(named('isotherm-fleet'))
    const figure = async (uid: string, title: string, asking: Asking): Promise<unknown[]> => {
      const panel = named(uid).panels.find((one) => one.title === title)!
      const answers = await answersOf(panel, asking)
      return answers.map(([row]) => Object.values(row!).at(-1))
    }
    const latest = await lastReadings()
    const heard = latest.filter((time) => time >= fleet.range.from)
    const silent = heard.filter((time) => time < now - 2 * hour)
    expect(silent.length).toBeGreaterThan(0)
    expect(await figure(fleetUid, 'Heard of', fleet)).toEqual([heard.length])
    expect(await figure(fleetUid, 'Silent', fleet)).toEqual([silent.length])
    const bands = await figure(fleetUid, 'Loggers by their latest temperature, °C', fleet)
    expect((bands as number[]).reduce((sum, count) => sum + count)).toBe(heard.length)

    const shipment = await open(named('isotherm-shipment'))
    const inside = await insideNow(String(shipment.variables.container!.value))
    const units = inside.filter((epc) => epc.includes('/01/'))
    expect(units.length).toBeGreaterThan(0)
    const [told] = await ask(world.sources, panelTarget('At the end of the range'), shipment)
    expect(told).toMatchObject({ 'serials inside': String(units.length) })
    const lots = await ask(world.sources, panelTarget('Contents by product and lot'), shipment)
    const sum = lots.reduce((total, { serials }) => total + Number(serials), 0)
    expect(sum).toBe(units.length)
  })

  /** Walked level by level over all stays there are. */
  async function insideNow(container: string): Promise<string[]> {
    const { rows } = await world.owner.query<{ child: string; parent: string }>(
      `select 'https://id.gs1.org/' || c.epc as child, 'https://id.gs1.org/' || p.epc as parent
        from stays join epcs c on c.id = child join epcs p on p.id = parent
        where relation = 0 and "from" <= ${now} and "to" > ${now}`,
    )
    const inside: string[] = []
    for (let level = [container]; level.length > 0; ) {
      level = rows.filter(({ parent }) => level.includes(parent)).map(({ child }) => child)
      inside.push(...level)
    }
    return inside
  }

  const fleetUid = 'isotherm-fleet'
  const panelTarget = (title: string): Target =>
    named('isotherm-shipment').panels.find((panel) => panel.title === title)!.targets[0]!

  async function fromApi(path: string): Promise<{ items: Row[] }> {
    const headers = { authorization: `Bearer ${world.token}` }
    return (await fetch(`${world.isothermUrl}${path}`, { headers })).json() as never
  }

  /** Of every logger that ever told a temperature, epoch ms. */
  async function lastReadings(): Promise<number[]> {
    const { items } = await fromApi('/api/v1/devices?limit=100')
    const states = await Promise.all(items.map(({ id }) => fromApi(`/api/v1/devices/${id}`)))
    return states.flatMap((state) =>
      (state as unknown as { latest: Row[] }).latest
        .filter(({ channel }) => channel === 'temperature')
        .map(({ time }) => Date.parse(String(time))),
    )
  }

  it('shows the same temperatures in °F as in °C, in lines, tables and limits', async () => {
    let converted = 0
    for (const board of boards) {
      if (!board.templating.list.some(({ name }) => name === 'unit')) continue
      const [inC, inF] = [await open(board), await open(board, fahrenheit)]
      for (const target of board.panels.flatMap(({ targets }) => targets)) {
        if (!`${target.query}${target.rawSql}`.includes('{unit:raw}')) continue
        const rowsC = await ask(world.sources, target, inC)
        const rowsF = await ask(world.sources, target, inF)
        expect(rowsF.length).toBe(rowsC.length)
        const differ = rowsC.flatMap((row, i) => {
          const others = Object.values(rowsF[i]!)
          return Object.values(row)
            .map((value, place) => [value, others[place]])
            .filter(([c, f]) => typeof c === 'number' && c !== f) as [number, number][]
        })
        // -40 is both.
        expect(differ.length, target.query ?? target.rawSql).toBeGreaterThan(0)
        for (const [c, f] of differ) expect(f).toBeCloseTo(c * 1.8 + 32, 6)
        converted++
      }
    }
    expect(converted).toBeGreaterThan(10)
  })

  it('leads only to pages that are there', async () => {
    const seen = new Set<string>()
    for (const board of boards) {
      const asking = await open(board)
      for (const panel of board.panels) {
        const answers = await answersOf(panel, asking)
        const [join] = panel.transformations ?? []
        const rows = join ? joinBy(join.options.byField, join.options.mode, answers) : answers[0]!
        for (const url of valuesOf('url', panel) as string[]) {
          const at = `${board.uid}, ${panel.title}: ${url}`
          const place = interpolate(url, { ...asking, fields: rowFor(url, rows, asking) })
          expect(place, at).not.toContain('$')
          if (place.startsWith('/d/')) expectDashboard(place, at)
          else seen.add(place)
        }
      }
    }
    expect(seen.size).toBeGreaterThan(15)
    for (const place of seen) {
      const { hash, origin } = new URL(place)
      expect(origin).toBe(world.isothermUrl)
      // What the console does with the rest of its address is asked of the API.
      const behind = /^#\/(alerts|devices)\/(.+)$/.exec(hash)
      const places = behind ? [place, `${origin}/api/v1/${behind[1]}/${behind[2]}`] : [place]
      for (const url of places) {
        const headers = { authorization: `Bearer ${world.token}` }
        expect((await fetch(url, { headers })).status, url).toBe(200)
      }
    }
  }, 60_000)

  /** The first row that has everything the link names. */
  function rowFor(url: string, rows: Row[], asking: Asking): Row {
    const columns = [...url.matchAll(/__data\.fields\.(\w+)/g)].map(([, name]) => name!)
    const row = rows.find((one) => columns.every((name) => one[name] != null))
    expect(row, `a row with ${columns.join(', ')}`).toBeDefined()
    // A number goes into a link the way it is shown, with signs of thousands perhaps.
    for (const name of columns) expect(typeof row![name], name).toBe('string')
    return { ...row, __value: asking.variables.alert?.value }
  }

  function expectDashboard(place: string, at: string): void {
    const { pathname, searchParams } = new URL(place, 'http://grafana')
    const target = named(pathname.slice('/d/'.length))
    expect(target, at).toBeDefined()
    const known = target.templating.list.map(({ name }) => `var-${name}`)
    for (const name of searchParams.keys()) expect([...known, 'from', 'to'], at).toContain(name)
    expect(Number(searchParams.get('to')), at).toBeGreaterThan(Number(searchParams.get('from')))
  }

  it.each(rules.map((rule) => [rule.title, rule] as const))(
    'the rule "%s" is answered, and its words name what the answer has',
    async (_title, rule) => {
      const { rows } = await evaluate(rule)
      expect(rows.length).toBeGreaterThan(0)
      const words = Object.values(rule.annotations).join(' ')
      for (const [, label] of words.matchAll(/\$labels\.(\w+)/g))
        expect(Object.keys(rows[0]!)).toContain(label)
    },
  )

  it('rules fire for what is there, and only for that', async () => {
    const firing: Record<string, Row[]> = {}
    for (const rule of rules) firing[rule.uid] = (await evaluate(rule)).firing
    const open = await world.owner.query(
      `select count(*) from alerts where status = 'open' and severity = 'critical'`,
    )
    expect(firing['isotherm-critical-excursion']).toHaveLength(Number(open.rows[0].count))
    const silent = firing['isotherm-logger-silent']!.map(({ device }) => device)
    expect(silent).toContain('fell-silent')
    expect(silent).not.toContain(world.babbling)
    for (const quiet of ['behind', 'part-down', 'log-full', 'refusals'])
      expect(firing[`isotherm-${quiet}`], quiet).toEqual([])
  })

  /** Grafana's expressions, as far as these rules use them: the last value, and a threshold. */
  async function evaluate({ data }: Rule): Promise<{ rows: Row[]; firing: Row[] }> {
    const [query, reduce, threshold] = data as [Rule['data'][0], Rule['data'][0], Rule['data'][0]]
    expect([reduce.model.type, reduce.model.reducer, reduce.model.expression]).toEqual([
      'reduce',
      'last',
      'A',
    ])
    expect([threshold.model.type, threshold.model.expression]).toEqual(['threshold', 'B'])
    const range = { from: now - query.relativeTimeRange.from * 1000, to: now }
    const rows = await ask(world.sources, query.model, { variables: {}, range, scrapeMs: 1000 })
    const last = new Map<string, { row: Row; value: number }>()
    for (const row of rows) {
      const { Time: _time, ...rest } = row
      const labels = Object.entries(rest).filter(([, value]) => typeof value === 'string')
      const numbers = Object.values(rest).filter((value) => typeof value === 'number')
      // Several numbers would be several dimensions without a name for each.
      expect(numbers).toHaveLength(1)
      last.set(JSON.stringify(labels), { row, value: numbers[0]! })
    }
    const [{ evaluator }] = threshold.model.conditions as [
      { evaluator: { type: string; params: [number] } },
    ]
    const fires = (value: number): boolean =>
      evaluator.type === 'gt' ? value > evaluator.params[0] : value < evaluator.params[0]
    return {
      rows,
      firing: [...last.values()].flatMap(({ row, value }) => (fires(value) ? [row] : [])),
    }
  }

  it('reads as a login that sees one tenant, no hash of a token, and writes nothing', async () => {
    const { owner, sources } = world
    await owner.query(`insert into devices (tenant, id, channels, "tokenHash", "createdAt")
      values ('other', 'not-ours', '{}', 'x', 0)`)
    const seen = await sources.postgres.query('select distinct tenant from devices')
    expect(seen.rows).toEqual([{ tenant: 'default' }])
    const hash = sources.postgres.query('select "tokenHash" from devices')
    await expect(hash).rejects.toThrow('permission denied')
    const write = sources.postgres.query('delete from refusals')
    await expect(write).rejects.toThrow(/permission denied|read-only/)
  })

  it('finds no serial number in InfluxDB', async () => {
    const { influxUrl } = world.sources
    const q = 'SHOW SERIES ON isotherm'
    const answer = await fetch(`${influxUrl}/query?${new URLSearchParams({ q })}`)
    const text = await answer.text()
    expect(text).toContain('readings,channel=temperature')
    expect(text).not.toMatch(/id\.gs1\.org|\/21\//)
  })
})

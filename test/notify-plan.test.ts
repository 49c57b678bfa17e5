// Who is told of what, when, and why not: the plan by itself, and played at random over the real
// ledger and the real engine against an oracle that walks through the same days step by step.
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bounds } from '../config.ts'
import { isWithin, nextLocal, nextLocalHour } from '../domain/local-time.ts'
import type { Severity } from '../domain/profile/profile.ts'
import { foresee, knowsNothing, planFor } from '../quality/notify/plan.ts'
import type { ChannelTerms, Facts, NotificationRule } from '../quality/notify/terms.ts'
import { failing, rankOf } from '../quality/notify/terms.ts'
import type { Posted } from '../quality/post.ts'
import { hour, minute, type NotifyWorld, openNotifyWorld } from './notify-world.ts'

const terms: ChannelTerms = {
  ...{ via: 'email', name: 'Anna', address: 'anna@example.com', language: 'de', unit: 'C' },
  ...{ zone: 'Europe/Berlin', criticalAtOnce: false, spacingMs: 0 },
} as const
const facts: Facts = {
  ...{ kind: 'alert.raised', ref: 'a/1', at: Date.UTC(2026, 0, 1, 12), severity: 'major' },
  ...{ alert: 'a', gtin: '09521234543213', device: 'd-1', places: [] },
} as const
const rule = (more: Partial<NotificationRule> = {}): NotificationRule => ({
  ...{ id: 'r', name: 'r', enabled: true, when: {} },
  steps: [{ afterMs: 0, channels: ['anna'] }],
  ...more,
})

describe('local time', () => {
  it('comes round every day, also when clocks are put forward or back', () => {
    const zones = ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu']
    const days = fc.integer({ min: Date.UTC(2025, 0, 1), max: Date.UTC(2027, 0, 1) })
    fc.assert(
      fc.property(days, fc.nat(1439), fc.constantFrom(...zones), (after, wanted, zone) => {
        const next = nextLocal(after, wanted, zone)
        expect(next).toBeGreaterThan(after)
        // A day may have 25 hours; a time that is left out comes as much later.
        expect(next - after).toBeLessThanOrEqual(25 * hour)
        const [h, m] = new Intl.DateTimeFormat('en-GB', {
          ...{ timeZone: zone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
        })
          .format(next)
          .split(':')
        expect([0, 30, 60]).toContain(Number(h) * 60 + Number(m) - wanted)
        expect(nextLocalHour(after, zone) - after).toBeLessThanOrEqual(hour)
      }),
    )
  })

  it('shows a time twice in autumn, and quiet hours hold through both', () => {
    const quiet = { from: 22 * 60, to: 2 * 60 + 30 }
    const firstEnd = Date.UTC(2026, 9, 25, 0, 30)
    expect(isWithin(firstEnd - 1, quiet, 'Europe/Berlin')).toBe(true)
    expect(isWithin(firstEnd, quiet, 'Europe/Berlin')).toBe(false)
    expect(isWithin(firstEnd + 40 * minute, quiet, 'Europe/Berlin')).toBe(true)
    expect(nextLocal(firstEnd, quiet.to, 'Europe/Berlin')).toBe(firstEnd + hour)
    expect(nextLocal(firstEnd - 1, quiet.to, 'Europe/Berlin')).toBe(firstEnd)
    // 02:30 does not come on 29 March: 03:30 does.
    const spring = Date.UTC(2026, 2, 29, 0)
    expect(nextLocal(spring, 150, 'Europe/Berlin')).toBe(Date.UTC(2026, 2, 29, 1, 30))
  })
})

describe('a rule', () => {
  const docks = 'https://id.gs1.org/414/9521234000005/254/dock-3'
  const site = 'https://id.gs1.org/414/9521234000005'
  it.each([
    ['severity', { severity: 'critical' }, {}, { severity: 'critical' }],
    ['phases', { phases: ['transit'] }, { phase: 'origin' }, { phase: 'transit' }],
    ['gtins', { gtins: ['00000000000017'] }, {}, { gtin: '00000000000017' }],
    ['places', { places: [site] }, { places: [`${site}1`] }, { places: [docks] }],
    ['devices', { devices: ['d-2'] }, {}, { device: 'd-2' }],
    ['lanes', { lanes: [{ from: site }] }, { lane: { to: site } }, { lane: { from: docks } }],
    ['kinds', { kinds: ['recall.started'] }, {}, { kind: 'recall.started' }],
  ] as const)('is about what its condition on %s says', (name, when, not, fits) => {
    expect(failing(when as NotificationRule['when'], { ...facts, ...(not as object) })).toEqual([
      name,
    ])
    expect(failing(when as NotificationRule['when'], { ...facts, ...(fits as object) })).toEqual([])
  })

  it('tells each person once of one change, however many rules ask, and says which was the second', () => {
    const planned = planFor('anna', {
      ...{ facts, known: knowsNothing },
      rules: [
        rule(),
        rule({ id: 's', steps: [...rule().steps, { afterMs: hour, channels: ['anna'] }] }),
      ],
    })
    expect(planned).toEqual([
      { rule: 'r', step: 0, dueAt: facts.at },
      { rule: 's', step: 0, dueAt: facts.at, suppressed: 'duplicate' },
      { rule: 's', step: 1, dueAt: facts.at + hour },
    ])
  })

  it('is answered for in a preview: who, when, and which condition keeps the others from it', () => {
    const quiet = {
      ...terms,
      quiet: { from: 12 * 60, to: 15 * 60 },
      digest: { every: 'hour' as const },
    }
    const lines = foresee(facts, {
      rules: [
        rule({
          steps: [
            { afterMs: 0, channels: ['anna'] },
            { afterMs: 20 * minute, channels: ['ben'] },
          ],
        }),
        rule({ id: 's', when: { severity: 'critical', gtins: ['1'] } }),
        rule({ id: 't', enabled: false }),
        rule({ id: 'u' }),
      ],
      channels: new Map([
        ['anna', quiet],
        ['ben', { ...terms, digest: { every: 'hour' } }],
      ]),
    })
    const { at } = facts
    expect(lines).toMatchObject([
      {
        rule: 'r',
        channel: 'anna',
        step: 0,
        dueAt: at,
        tellAt: at + 2 * hour,
        held: 'quiet-hours',
      },
      { rule: 'r', channel: 'ben', step: 1, tellAt: at + hour, held: 'digest' },
      { rule: 's', failing: ['severity', 'gtins'] },
      { rule: 't', failing: ['enabled'] },
      { rule: 'u', channel: 'anna', suppressed: 'duplicate' },
    ])
  })
})

// ---- the engine against an oracle ----

interface Script {
  channels: {
    via: 'slack' | 'webhook'
    spacing: number
    quiet: boolean
    digest: boolean
    urgent: boolean
  }[]
  rules: { severity: Severity; gtin: boolean; ladder: { after: number; channel: number }[] }[]
  steps: Step[]
}
type Step =
  | { do: 'raise'; container: number; severity: Severity; gtin: number }
  | { do: 'change'; alert: number; to: 'severity' | 'verdict' | 'closed' | 'retracted' | 'moved' }
  | { do: 'acknowledge'; alert: number }
  | { do: 'rule'; rule: number; to: 'on' | 'off' | 'gone' }
  | { do: 'fail'; channel: number; with: 'busy' | 'silent' | 'refused' }
  | { do: 'pause'; channel: number }
  | { do: 'pass'; minutes: number }

const severity = fc.constantFrom<Severity>('minor', 'major', 'critical')
const pass = fc.record({
  do: fc.constant('pass' as const),
  minutes: fc.constantFrom(1, 4, 9, 25, 70, 400),
})
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('raise' as const),
      container: fc.nat(2),
      severity,
      gtin: fc.nat(1),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      ...{ do: fc.constant('change' as const), alert: fc.nat(5) },
      to: fc.constantFrom('severity', 'verdict', 'closed', 'retracted', 'moved'),
    }) as fc.Arbitrary<Step>,
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('acknowledge' as const), alert: fc.nat(5) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      ...{ do: fc.constant('rule' as const), rule: fc.nat(2) },
      to: fc.constantFrom('on', 'off', 'gone'),
    }) as fc.Arbitrary<Step>,
  },
  {
    weight: 2,
    arbitrary: fc.record({
      ...{ do: fc.constant('fail' as const), channel: fc.nat(2) },
      with: fc.constantFrom('busy', 'silent', 'refused'),
    }) as fc.Arbitrary<Step>,
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('pause' as const), channel: fc.nat(2) }) },
  { weight: 6, arbitrary: pass },
)
const script: fc.Arbitrary<Script> = fc.record({
  channels: fc.array(
    fc.record({
      via: fc.constantFrom('slack' as const, 'webhook' as const),
      ...{ spacing: fc.constantFrom(0, 10), quiet: fc.boolean() },
      ...{ digest: fc.boolean(), urgent: fc.boolean() },
    }),
    { minLength: 3, maxLength: 3 },
  ),
  rules: fc.array(
    fc.record({
      ...{ severity, gtin: fc.boolean() },
      ladder: fc.uniqueArray(fc.record({ after: fc.constantFrom(0, 15, 60), channel: fc.nat(2) }), {
        ...{ minLength: 1, maxLength: 3, selector: ({ after }) => after },
      }),
    }),
    { minLength: 3, maxLength: 3 },
  ),
  steps: fc.array(step, { minLength: 5, maxLength: 30 }),
})

const outcomes: Record<'busy' | 'silent' | 'refused', Posted> = {
  busy: { status: 503, error: 'answered 503' },
  silent: { status: null, error: 'no answer in time' },
  refused: { status: 400, error: 'answered 400' },
}

const berlinHour = new Intl.DateTimeFormat('en-GB', {
  ...{ timeZone: 'Europe/Berlin', hour: '2-digit', hourCycle: 'h23' },
})

/** What the oracle knows of an alert, and of each thing that was to be told. */
interface Mirror {
  status: 'open' | 'closed' | 'superseded' | 'retracted'
  heir?: string
  acknowledged: boolean
}
interface Promised {
  key: string
  subject: string
  alert: string
  kind: string
  at: number
  due: number
  severity: Severity
  rule: string
  step: number
  state: string
  message?: number
}

/** One channel, walked through by hand. */
class Oracle {
  readonly promised: Promised[] = []
  seen = 0
  messages = 0
  lastAt = Number.NEGATIVE_INFINITY
  nextAt = 0
  paused = false
  pending: { rows: Promised[]; tries: number }[] = []
  posts = 0
  readonly failures: ('busy' | 'silent' | 'refused')[] = []
  readonly name: string
  readonly of: Script['channels'][number]
  constructor(name: string, of: Script['channels'][number]) {
    this.name = name
    this.of = of
  }

  look(on: {
    now: number
    rules: Map<string, NotificationRule>
    notices: {
      kind: string
      ref: string
      at: number
      alert: string
      severity: Severity
      gtin: string
      subject: string
    }[]
    standing: (alert: string) => Mirror
  }): void {
    if (this.paused || this.nextAt > on.now) return
    for (;;) {
      while (this.pending.length > 0) {
        const [message] = this.pending
        this.posts++
        const failure = this.failures.shift()
        if (
          failure === undefined ||
          failure === 'refused' ||
          message!.tries >= bounds.notifyRetryMs.length
        ) {
          this.pending.shift()
          this.lastAt = Math.max(this.lastAt, on.now)
          for (const row of message!.rows) row.state = failure === undefined ? 'delivered' : 'dead'
          continue
        }
        this.nextAt = on.now + bounds.notifyRetryMs[message!.tries++]!
        return
      }
      for (const notice of on.notices.slice(this.seen)) this.promise(notice, [...on.rules.values()])
      this.seen = on.notices.length
      if (!this.tell(on)) return
    }
  }

  /** Every rung of every rule, one by one. */
  promise(
    {
      kind,
      ref,
      at,
      alert,
      severity,
      gtin,
      subject,
    }: Parameters<Oracle['look']>[0]['notices'][number],
    rules: NotificationRule[],
  ): void {
    const times = new Set<number>()
    const before = this.promised.filter((row) => row.subject === subject)
    const heard = before.some(({ state }) => ['sent', 'delivered', 'dead'].includes(state))
    const raised = before
      .filter((row) => row.kind === 'alert.raised' && !row.state.startsWith('not:'))
      .map((row) => rankOf(row.severity))
    for (const { id, enabled, when, steps } of rules) {
      if (!enabled || rankOf(severity) < rankOf(when.severity!)) continue
      if (kind === 'alert.workflow' || (when.gtins && !when.gtins.includes(gtin))) continue
      steps.forEach(({ afterMs, channels }, rung) => {
        if (!channels.includes(this.name)) return
        const row: Promised = {
          ...{ key: `${kind} ${ref} ${id} ${rung}`, subject, alert, kind, at, severity, rule: id },
          ...{ step: rung, due: at + afterMs, state: 'waits' },
        }
        const climbed = before.some((one) => one.rule === id && one.step === rung)
        if (kind === 'alert.raised') {
          if (raised.some((rank) => rank >= rankOf(severity))) row.state = 'not:duplicate'
        } else if (climbed) {
          row.due = at
          if (afterMs > 0 && !heard) row.state = 'not:not-escalated'
        }
        if (row.state === 'waits' && times.has(row.due)) row.state = 'not:duplicate'
        if (row.state === 'waits') times.add(row.due)
        this.promised.push(row)
      })
    }
  }

  tell({ now, rules, standing }: Parameters<Oracle['look']>[0]): boolean {
    const heard = new Set(
      this.promised.filter(({ message }) => message !== undefined).map(({ subject }) => subject),
    )
    const out: Promised[] = []
    for (const row of this.promised) {
      if (row.state !== 'waits' || row.due > now) continue
      const asking = rules.get(row.rule)
      const { status, acknowledged } = standing(row.alert)
      const gone = status === 'retracted' || status === 'superseded'
      if (!asking?.enabled) row.state = 'not:rule-gone'
      else if (gone && !heard.has(row.subject)) row.state = 'not:retracted'
      else if (row.due > row.at && status !== 'open') row.state = 'not:over'
      else if (row.due > row.at && acknowledged) row.state = 'not:acknowledged'
      else if (this.isQuiet(row, now)) continue
      else if (now < this.lastAt + this.of.spacing * minute) continue
      else out.push(row)
    }
    out.sort((a, b) => a.due - b.due || a.at - b.at)
    if (out.length === 0) return false
    const split =
      this.of.via === 'slack' ? () => '' : ({ key }: Promised) => key.replace(/ \S+ (\d+)$/, ' $1')
    for (const rows of Map.groupBy(out, split).values()) {
      this.messages++
      for (const row of rows) Object.assign(row, { state: 'sent', message: this.messages })
      this.pending.push({ rows, tries: 0 })
    }
    this.lastAt = now
    return true
  }

  isQuiet({ severity: of, due }: Promised, now: number): boolean {
    if (this.of.urgent && of === 'critical') return false
    const local = Number(berlinHour.format(now))
    if (this.of.quiet && (local >= 22 || local < 6)) return true
    return this.of.digest && Math.ceil(due / hour) * hour > now
  }
}

describe('over the ledger and the engine', () => {
  let world: NotifyWorld
  let tenants = 0
  const posts = new Map<string, { ok: Set<string>; count: number; ids: string[] }>()
  const failures = new Map<string, ('busy' | 'silent' | 'refused')[]>()
  beforeAll(async () => {
    world = await openNotifyWorld({
      post: async (url, { headers }) => {
        const of = posts.get(url) ?? { ok: new Set(), count: 0, ids: [] }
        posts.set(url, of)
        of.count++
        const failure = failures.get(url)?.shift()
        const id = headers['webhook-id'] ?? String(of.count)
        if (failure === undefined) of.ids.push(id)
        return failure === undefined ? { status: 200, error: null } : outcomes[failure]
      },
    })
  })
  afterAll(() => world.close())

  it('everybody is told what the oracle says, once, whatever happens in between', async () => {
    await fc.assert(fc.asyncProperty(script, play), { numRuns: 25 })
    expect(world.failures).toEqual([])
  })

  async function play({ channels, rules, steps }: Script): Promise<void> {
    const tenant = `t${++tenants}`
    const oracles: Oracle[] = []
    for (const [index, of] of channels.entries()) {
      const name = `${tenant}-c${index}`
      await world.channel(
        tenant,
        name,
        {
          ...{ via: of.via, zone: 'Europe/Berlin', criticalAtOnce: of.urgent },
          spacingMs: of.spacing * minute,
          ...(of.quiet && { quiet: { from: 22 * 60, to: 6 * 60 } }),
          ...(of.digest && { digest: { every: 'hour' as const } }),
        },
        { url: name },
      )
      oracles.push(new Oracle(name, of))
      failures.set(name, [])
    }
    const book = new Map<string, NotificationRule>()
    for (const [index, { severity: least, gtin, ladder }] of rules.entries()) {
      const made: NotificationRule = {
        ...{ id: `r${index}`, name: `r${index}`, enabled: true },
        when: { severity: least, ...(gtin && { gtins: ['09521234543213'] }) },
        steps: ladder
          .toSorted((a, b) => a.after - b.after)
          .map(({ after, channel }) => ({
            afterMs: after * minute,
            channels: [`${tenant}-c${channel}`],
          })),
      }
      book.set(made.id, made)
      await world.rule(tenant, made)
    }
    const mirrors = new Map<string, Mirror>()
    const play = { tenant, oracles, book, mirrors }
    for (const one of steps) await take(play, one)
    for (const oracle of oracles) {
      oracle.failures.length = 0
      failures.get(oracle.name)!.length = 0
      if (oracle.paused) await take(play, { do: 'pause', channel: oracles.indexOf(oracle) })
    }
    // Ladders end after an hour, nights after eight, and the longest wait for another attempt is
    // less than a day.
    for (const minutes of [20, 50, 70, 490, 490, 1100, 490, 490])
      await take(play, { do: 'pass', minutes })
    for (const oracle of oracles) {
      const rows = await world.log(tenant, { channel: oracle.name })
      const told = rows.map(({ kind, ref, rule: of, step: rung, state, reason, delivery }) => [
        `${kind} ${ref} ${of} ${rung}`,
        state === 'told' ? delivery!.status : state === 'suppressed' ? `not:${reason}` : 'waits',
      ])
      expect(Object.fromEntries(told)).toEqual(
        Object.fromEntries(oracle.promised.map(({ key, state }) => [key, state])),
      )
      const groups = Map.groupBy(
        rows.filter(({ message }) => message !== null),
        ({ message }) => message,
      )
      expect(groups.size).toBe(oracle.messages)
      const made = posts.get(oracle.name) ?? { count: 0, ids: [] }
      expect(made.count).toBe(oracle.posts)
      expect(new Set(made.ids).size).toBe(made.ids.length)
    }
  }

  interface Playing {
    tenant: string
    oracles: Oracle[]
    book: Map<string, NotificationRule>
    mirrors: Map<string, Mirror>
  }

  async function take({ tenant, oracles, book, mirrors }: Playing, one: Step): Promise<void> {
    // No two things at the very same moment: nothing says which of them is told first.
    world.pass(1)
    if (one.do === 'raise') {
      const id = `${tenant}-a${mirrors.size}`
      const gtin = one.gtin === 0 ? '09521234543213' : '09521234543220'
      mirrors.set(id, { status: 'open', acknowledged: false })
      const container = `${tenant}-p${one.container}`
      await world.alert(tenant, id, { severity: one.severity, gtin, container })
    } else if (one.do === 'change') await changeAlert(tenant, mirrors, one)
    else if (one.do === 'acknowledge') {
      const id = `${tenant}-a${one.alert}`
      const mirror = mirrors.get(id)
      if (!mirror || mirror.acknowledged || mirror.status !== 'open') return
      mirror.acknowledged = true
      await world.acknowledge(tenant, id)
    } else if (one.do === 'rule') {
      const known = book.get(`r${one.rule}`)
      if (!known) return
      if (one.to === 'gone') {
        book.delete(known.id)
        await world.dropRule(tenant, known.id)
      } else {
        const changed = { ...known, enabled: one.to === 'on' }
        book.set(known.id, changed)
        await world.rule(tenant, changed)
      }
    } else if (one.do === 'fail') {
      const oracle = oracles[one.channel]!
      oracle.failures.push(one.with)
      failures.get(oracle.name)!.push(one.with)
    } else if (one.do === 'pause') {
      const oracle = oracles[one.channel]!
      oracle.paused = !oracle.paused
      await world.change(tenant, oracle.name, { status: oracle.paused ? 'paused' : 'active' })
    } else {
      world.pass(one.minutes * minute)
      await world.runOnce()
      const on = await lookNow(tenant, { book, mirrors })
      for (const oracle of oracles) oracle.look(on)
    }
  }

  async function changeAlert(
    tenant: string,
    mirrors: Map<string, Mirror>,
    { alert, to }: Extract<Step, { do: 'change' }>,
  ): Promise<void> {
    const id = `${tenant}-a${alert}`
    const mirror = mirrors.get(id)
    if (mirror?.status !== 'open') return
    if (to === 'severity') await world.alert(tenant, id, { severity: 'critical' })
    else if (to === 'verdict') await world.alert(tenant, id, { verdict: 'indeterminate' })
    else if (to === 'moved') {
      const heir = `${tenant}-a${mirrors.size}`
      mirrors.set(heir, { status: 'open', acknowledged: mirror.acknowledged })
      Object.assign(mirror, { status: 'superseded', heir })
      const {
        container,
        gtin,
        severity: of,
        from,
      } = await world.alert(tenant, id, {
        ...{ status: 'superseded', supersededBy: heir },
      })
      await world.alert(tenant, heir, { container, gtin, severity: of, from: from - minute })
    } else {
      mirror.status = to
      const closed = { closed: { at: world.now(), by: 'readings' } }
      await world.alert(tenant, id, { status: to, ...(to === 'closed' && closed) })
    }
  }

  /** What has happened and how everything stands at this moment, as the oracle takes it. */
  async function lookNow(
    tenant: string,
    { book, mirrors }: Pick<Playing, 'book' | 'mirrors'>,
  ): Promise<Parameters<Oracle['look']>[0]> {
    const rows = await world.ledger.db
      .selectFrom('notices')
      .selectAll()
      .where('tenant', '=', tenant)
      .where('seq', 'is not', null)
      .orderBy('seq')
      .execute()
    const lives = await world.ledger.db
      .selectFrom('alertLives')
      .select(['alert', 'group'])
      .where('tenant', '=', tenant)
      .execute()
    const groups = new Map(lives.map(({ alert, group }) => [alert, group]))
    const notices = rows.map(({ kind, ref, recordTime: at, body }) => {
      const said = JSON.parse(body)
      const { id = said.alert, severity: of, gtin } = said.alert.id ? said.alert : said
      return { kind, ref, at, alert: id, severity: of, gtin, subject: groups.get(id)! }
    })
    const standing = (alert: string): Mirror => {
      let mirror = mirrors.get(alert)!
      while (mirror.heir !== undefined) mirror = mirrors.get(mirror.heir)!
      return { ...mirror, acknowledged: mirror.acknowledged || mirror.status === 'closed' }
    }
    return { now: world.now(), rules: book, notices, standing }
  }
})

import { describe, expect, it } from 'vitest'
import {
  channelBody,
  channelDraft,
  linesOf,
  newChannel,
  newRule,
  nextStep,
  ruleBody,
  ruleDraft,
} from '../dashboards/console/src/notifications/drafts.ts'
import {
  mediaNames,
  mediaOf,
  newSchedule,
  scheduleBody,
  scheduleDraft,
} from '../dashboards/console/src/notifications/schedule-drafts.ts'
import { channel, rule, schedule, triedOf } from '../dashboards/console/src/notifications/shapes.ts'

const email = {
  ...{ id: 'ch-1', name: 'Quality on call', via: 'email', address: 'oncall@example.com' },
  ...{ person: null, url: null, language: 'de', unit: 'C', zone: 'Europe/Berlin' },
  ...{ quietHours: { from: '22:00', to: '06:00' }, digest: { dailyAt: '07:30' } },
  ...{ criticalAtOnce: true, spacingMinutes: 10, status: 'active', reason: null },
  ...{ toldAt: null, failingSince: null, nextAttemptAt: null },
}

describe('a notification channel in the form of the console', () => {
  it('is sent back as it was when nothing was changed', () => {
    const { name, address, language, unit, zone, quietHours, digest } = email
    expect(channelBody(channelDraft(channel(email)), false)).toEqual({
      ...{ name, address, language, unit, zone, quietHours, digest },
      ...{ criticalAtOnce: true, spacingMinutes: 10 },
    })
  })

  it('sends a secret only when one was typed: what is kept stays', () => {
    const slack = channel({ ...email, via: 'slack', address: null, url: 'https://hooks.example/…' })
    const draft = channelDraft(slack)
    expect(channelBody(draft, false)).not.toHaveProperty('url')
    expect(channelBody({ ...draft, url: 'https://hooks.example/T/B' }, false)).toMatchObject({
      url: 'https://hooks.example/T/B',
    })
  })

  it('of a person has the language and zone of that person, so it tells none', () => {
    const look = { language: 'fr', unit: 'C', zone: 'UTC' } as const
    const draft = { ...newChannel(look), name: 'Ana', to: 'person', person: 'ana' } as const
    const body = channelBody(draft, true)
    expect(body).toMatchObject({ name: 'Ana', via: 'email', person: 'ana' })
    expect(body).not.toHaveProperty('language')
    expect(body).not.toHaveProperty('address')
  })

  it('for programs has neither quiet hours nor digest', () => {
    const look = { language: 'en', unit: 'C', zone: 'UTC' } as const
    const body = channelBody({ ...newChannel(look), name: 'MES', via: 'mqtt' }, true)
    expect(body).toEqual({ name: 'MES', via: 'mqtt', ...look })
  })

  it('is said to have worked or failed when it stands otherwise than before the test', () => {
    const before = channel(email)
    expect(triedOf(before, before)).toBeNull()
    expect(triedOf(before, channel({ ...email, toldAt: '2026-06-01T12:00:00Z' }))).toEqual({
      is: 'arrived',
    })
    const failing = { reason: 'refused', failingSince: '2026-06-01T12:00:00Z' }
    expect(triedOf(before, channel({ ...email, ...failing }))).toEqual({
      ...{ is: 'failed', reason: 'refused' },
    })
  })
})

describe('a notification rule in the form of the console', () => {
  const stored = {
    ...{ id: 'rule-1', name: 'Vaccines on the road', enabled: true },
    when: {
      ...{ severity: 'major', phases: ['transit'], gtins: ['09521234543213'] },
      lanes: [{ from: 'https://id.gs1.org/414/9521321000014' }],
    },
    steps: [
      { afterMinutes: 0, channels: ['ch-1'] },
      { afterMinutes: 15, channels: ['ch-2', 'ch-3'] },
    ],
  }

  it('is sent back as it was when nothing was changed', () => {
    const { name, enabled, when, steps } = stored
    expect(ruleBody(ruleDraft(rule(stored)))).toEqual({ name, enabled, when, steps })
  })

  it('asks nothing of what was left empty', () => {
    const draft = {
      ...newRule(),
      name: ' All ',
      severity: '' as const,
      lanes: [{ from: ' ', to: '' }],
    }
    expect(ruleBody(draft)).toMatchObject({ name: 'All', when: {} })
    expect(ruleBody(draft).when).toEqual({})
  })

  it('takes entries by line, comma or space, each once', () => {
    expect(linesOf(' a\nb, a;c  ')).toEqual(['a', 'b', 'c'])
  })

  it('offers each further rung a quarter of an hour later', () => {
    expect(nextStep([{ afterMinutes: '30', channels: [] }]).afterMinutes).toBe('45')
    expect(nextStep([{ afterMinutes: 'soon', channels: [] }]).afterMinutes).toBe('15')
  })
})

describe('a report that is sent again and again, in the form of the console', () => {
  const weekly = { every: 'week', weekday: 1, at: '07:00', zone: 'Europe/Berlin' }
  const stored = {
    ...{ id: 'report-1', name: 'Traceability', report: 'fsma204', media: 'text/csv' },
    ...{ query: { from: '{from}', to: '{to}' }, schedule: weekly, channels: ['ch-1'] },
  }
  const others = [
    { report: 'fsma204', query: { from: '{from}', to: '{to}', gtin: '09521234543213' } },
    { report: 'fsma204', query: { gtin: '09521234543213', lot: 'L7' } },
    { report: 'fmd', query: { gtin: '09521234543213' } },
    { report: 'bundle', query: { shipment: '952123400000000018', note: 'a=b' } },
    {
      report: 'recalls/r-1/report',
      query: { language: '{language}', unit: '{unit}', zone: '{zone}' },
    },
    { report: 'recalls/r-1/report', query: { language: 'de' } },
    { report: 'fsma204', query: {}, schedule: { ...weekly, every: 'day', weekday: undefined } },
    { report: 'fmd', query: {}, schedule: { every: 'month', day: 28, at: '00:00', zone: 'UTC' } },
  ]

  it.each([stored, ...others.map((part) => ({ ...stored, ...part }))])(
    'is sent back as it was when nothing was changed: $report $query',
    (one) => {
      const { id: _, ...fields } = one
      expect(scheduleBody(scheduleDraft(schedule(one)))).toEqual(fields)
    },
  )

  it('is shown in words where the form has fields for it, else as path and parameters', () => {
    const kinds = [stored, ...others].map(
      (part) => scheduleDraft(schedule({ ...stored, ...part })).kind,
    )
    expect(kinds).toEqual([
      ...['fsma204', 'fsma204', 'other', 'fmd', 'other', 'recall', 'other', 'other', 'fmd'],
    ])
  })

  it('offers each report in the forms that it has', () => {
    const [xlsx, csv, parquet, json] = mediaOf.fsma204
    expect([xlsx, csv, parquet, json].map((one) => mediaNames[one!])).toEqual([
      ...['XLSX', 'CSV', 'Parquet', 'JSON'],
    ])
    expect(mediaOf.fmd).toEqual([csv, parquet, json])
    expect(mediaOf.recall.map((one) => mediaNames[one])).toEqual(['PDF', 'JSON'])
  })

  it('begins as the traceability of a week, in the zone of the reader', () => {
    const body = scheduleBody({ ...newSchedule('Asia/Tokyo'), name: 'Weekly', channels: ['ch-1'] })
    expect(body).toMatchObject({
      report: 'fsma204',
      query: { from: '{from}', to: '{to}' },
      schedule: { every: 'week', weekday: 1, at: '07:00', zone: 'Asia/Tokyo' },
    })
  })
})

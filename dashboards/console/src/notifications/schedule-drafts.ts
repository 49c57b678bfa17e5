// Reports that are sent again and again as their form holds them, and what the form sends. What
// it has no fields for is kept as path and parameters. Pure; the server refuses what does not fit.
import { numberIn } from '../settings/profile.ts'
import type { rhythms, Schedule } from './shapes.ts'

export const reportKinds = ['fsma204', 'fmd', 'recall', 'other'] as const
export type ReportKind = (typeof reportKinds)[number]
export type Rhythm = (typeof rhythms)[number]

export const mediaNames: Readonly<Record<string, string>> = {
  'application/pdf': 'PDF',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': 'XLSX',
  'text/csv': 'CSV',
  'application/vnd.apache.parquet': 'Parquet',
  'application/json': 'JSON',
  'application/xml': 'XML',
}
const [pdf, xlsx, csv, parquet, json] = Object.keys(mediaNames) as [
  string,
  string,
  string,
  string,
  string,
]

/** In what forms each report comes, the best for people first. */
export const mediaOf: Readonly<Record<ReportKind, readonly string[]>> = {
  fsma204: [xlsx, csv, parquet, json],
  fmd: [csv, parquet, json],
  recall: [pdf, json],
  other: Object.keys(mediaNames),
}

export interface ScheduleDraft {
  name: string
  kind: ReportKind
  gtin: string
  lot: string
  recall: string
  /** Of others: path and parameters, `name=value` a line. */
  report: string
  params: string
  media: string
  every: Rhythm
  weekday: string
  day: string
  at: string
  zone: string
  channels: string[]
}

export const newSchedule = (zone: string): ScheduleDraft => ({
  ...{ name: '', kind: 'fsma204', gtin: '', lot: '', recall: '', report: '', params: '' },
  ...{ media: xlsx, every: 'week', weekday: '1', day: '1', at: '07:00', zone, channels: [] },
})

/** The time of a run, and the reader: the server puts them in. */
const timeOfRun = { from: '{from}', to: '{to}' }
const reader = { language: '{language}', unit: '{unit}', zone: '{zone}' }
export const standIns = { ...timeOfRun, ...reader }

export function scheduleDraft({ name, report, query, media, ...of }: Schedule): ScheduleDraft {
  const { schedule, channels } = of
  const params = Object.entries(query).map(([key, value]) => `${key}=${value}`)
  const draft: ScheduleDraft = {
    ...{ ...newSchedule(schedule.zone), name, media, report, params: params.join('\n') },
    ...{ gtin: query.gtin ?? '', lot: query.lot ?? '', every: schedule.every, at: schedule.at },
    weekday: String(schedule.weekday ?? 1),
    day: String(schedule.day ?? 1),
    recall: /^recalls\/([^/]+)\/report$/.exec(report)?.[1] ?? '',
    channels: [...channels],
  }
  const kind = reportKinds.find((one) => {
    const made = reportOf({ ...draft, kind: one })
    return made.report === report && sameParams(made.query, query)
  })
  return { ...draft, kind: kind ?? 'other' }
}

export function scheduleBody(draft: ScheduleDraft): Record<string, unknown> {
  const { name, media, every, weekday, day, at, zone, channels } = draft
  const when = {
    day: {},
    week: { weekday: numberIn(weekday) },
    month: { day: numberIn(day) },
  }[every]
  return {
    name: name.trim(),
    ...reportOf(draft),
    media,
    schedule: { every, ...when, at, zone },
    channels,
  }
}

type Params = Readonly<Record<string, string>>

function reportOf(draft: ScheduleDraft): { report: string; query: Params } {
  const { kind, recall, report, params } = draft
  const [gtin, lot] = [draft.gtin.trim(), draft.lot.trim()]
  const ofGtin = gtin === '' ? {} : { gtin }
  switch (kind) {
    case 'fsma204':
      return { report: 'fsma204', query: { ...timeOfRun, ...ofGtin } }
    case 'fmd':
      return { report: 'fmd', query: { ...ofGtin, ...(lot !== '' && { lot }) } }
    case 'recall':
      return { report: `recalls/${recall}/report`, query: reader }
    case 'other':
      return { report: report.trim(), query: paramsIn(params) }
  }
}

/** `name=value` a line; without a value it is empty. */
const paramsIn = (text: string): Params =>
  Object.fromEntries(
    text.split('\n').flatMap((line) => {
      const [name = '', ...value] = line.trim().split('=')
      return name === '' ? [] : [[name.trim(), value.join('=').trim()]]
    }),
  )

const sameParams = (a: Params, b: Params): boolean =>
  Object.keys(a).length === Object.keys(b).length &&
  Object.entries(a).every(([name, value]) => b[name] === value)

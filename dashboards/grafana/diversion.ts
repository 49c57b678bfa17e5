// Diversion and counterfeits: open cases by kind and place, what speaks for them, what reviewers
// said and what that did to the weights of the detectors. Of serial numbers it shows counts.
import { type Board, board } from './board.ts'
import { caseKindColours, chart, figures, fromOne, map, table } from './panels.ts'
import { apiCase, apiCaseSerials, cell, uids } from './places.ts'
import { postgres, sqlLines, sqlRows } from './sources.ts'
import { numberIn, ofTenant, timeOf } from './statements.ts'
import { rangeFrom, rangeTo, tenant } from './variables.ts'

const serials = numberIn('body', 'serialCount')
const nowMs = 'extract(epoch from now()) * 1000'
const opened = `${ofTenant()} and "openedAt" >= ${rangeFrom} and "openedAt" <= ${rangeTo}`
const dayOf = (column: string): string => `to_timestamp(floor(${column} / 86400000.0) * 86400)`

/** A row for each finding that a case rests on: what it weighs there, and where it was. */
const evidence = `(select c.id, c.kind, c.status, c.subject, c."openedAt",
    e ->> 'detector' as detector, (e ->> 'weight')::float8 as weight, e ->> 'words' as words,
    (e #>> '{facts,lat}')::float8 as latitude, (e #>> '{facts,lon}')::float8 as longitude
  from cases c cross join lateral json_array_elements(c.body::json -> 'evidence') as e
  where ${ofTenant('c')}) as evidence`

/** What each verdict changed for each detector that spoke: the newest of a case takes its place. */
const changes = `(select at, detector, sum(confirmed) as confirmed, sum(dismissed) as dismissed
  from (select v.at, d.detector, case v.verdict when 'confirmed' then 1 else 0 end as confirmed,
      case v.verdict when 'dismissed' then 1 else 0 end as dismissed
    from "caseVerdicts" v cross join lateral json_array_elements_text(v.detectors::json) as d(detector)
    where ${ofTenant('v')}
    union all
    select n.at, d.detector, case o.verdict when 'confirmed' then -1 else 0 end,
      case o.verdict when 'dismissed' then -1 else 0 end
    from "caseVerdicts" o join "caseVerdicts" n on n.tenant = o.tenant and n."case" = o."case"
      and n.number = (select min(number) from "caseVerdicts" x
        where x.tenant = o.tenant and x."case" = o."case" and x.number > o.number)
    cross join lateral json_array_elements_text(o.detectors::json) as d(detector)
    where ${ofTenant('o')}) as each group by at, detector) as changes`

/** As domain/case.ts weighs: ln((confirmed + 4) / (dismissed + 4)), by 2 at most. */
const shift = (confirmed: string, dismissed: string): string =>
  `greatest(-2, least(2, ln((${confirmed} + 4.0) / (${dismissed} + 4.0))))::float8`

export const diversion: Board = board({
  uid: uids.diversion,
  title: 'Isotherm: diversion and counterfeits',
  description: 'Cases, the evidence for them, and what reviewers said.',
  from: 'now-30d',
  refresh: '5m',
  variables: [tenant],
  panels: () => [
    now(),
    oldest(),
    byKind(),
    inTime(),
    places(),
    open(),
    byDetector(),
    verdicts(),
    weights(),
    untilFound(),
  ],
})

const now = () =>
  figures({
    title: 'Cases that wait',
    description: 'They are open until a person says what they are, whenever they were opened.',
    source: postgres,
    width: 18,
    queries: [
      sqlRows(
        'A',
        `select count(*) filter (where status = 'open') as open,
           coalesce(sum(${serials}) filter (where status = 'open'), 0)
             as "serials concerned, each time they are in one",
           count(*) filter (where status = 'confirmed') as confirmed,
           count(*) filter (where status = 'dismissed') as dismissed,
           count(*) filter (where status = 'withdrawn') as withdrawn
         from cases where ${ofTenant()}`,
      ),
    ],
  }).overrideByName('open', [fromOne('red')])

const oldest = () =>
  figures({
    title: 'The oldest waits for',
    description: 'Since it was opened.',
    source: postgres,
    width: 6,
    queries: [
      sqlRows(
        'A',
        `select coalesce(${nowMs} - min("openedAt"), 0) as "the oldest"
         from cases where ${ofTenant()} and status = 'open'`,
      ),
    ],
  }).overrideByName('the oldest', [{ id: 'unit', value: 'ms' }])

const byKind = () =>
  table({
    title: 'Cases by kind',
    description: 'All there are. Withdrawn: the evidence went before a person had looked.',
    source: postgres,
    width: 10,
    queries: [
      sqlRows(
        'A',
        `select kind, count(*) filter (where status = 'open') as open,
           count(*) filter (where status = 'confirmed') as confirmed,
           count(*) filter (where status = 'dismissed') as dismissed,
           count(*) filter (where status = 'withdrawn') as withdrawn,
           sum(${serials}) as serials
         from cases where ${ofTenant()} group by kind order by open desc, kind`,
      ),
    ],
    columns: { kind: { colours: caseKindColours, width: 140 } },
  })

const inTime = () =>
  chart({
    title: 'Cases by the day they were opened',
    description: 'Of each kind, whatever became of them.',
    source: postgres,
    width: 14,
    queries: [
      sqlLines(
        'A',
        `select ${dayOf('"openedAt"')} as time, kind as metric, count(*)::float8 as value
         from cases where ${opened} group by 1, 2 order by 1, 2`,
      ),
    ],
  })

const places = () =>
  map({
    title: 'Where it happened',
    description:
      'Places that the evidence of cases names, of those opened in the range: halts, openings, scans, loggers that are elsewhere.',
    source: postgres,
    width: 24,
    colourBy: 'weight',
    links: [apiCase(cell('id'))],
    queries: [
      sqlRows(
        'A',
        `select latitude, longitude, kind, detector, weight, words, id from ${evidence}
         where latitude is not null and longitude is not null
           and "openedAt" >= ${rangeFrom} and "openedAt" <= ${rangeTo}
         order by weight desc, id limit 2000`,
      ),
    ],
  })

const open = () =>
  table({
    title: 'Open cases',
    description: 'The likeliest first. Odds: natural logarithm; 1.1 is three to one.',
    source: postgres,
    width: 24,
    queries: [
      sqlRows(
        'A',
        `select kind, subject, round("logOdds"::numeric, 1) as odds, ${serials} as serials,
           (select string_agg(distinct e ->> 'detector', ', ')
             from json_array_elements(body::json -> 'evidence') as e) as detectors,
           body::json ->> 'summary' as summary, ${timeOf('"from"')} as "since",
           ${timeOf('"openedAt"')} as opened, revision, id
         from cases where ${ofTenant()} and status = 'open' order by "logOdds" desc, id limit 500`,
      ),
    ],
    columns: {
      kind: { colours: caseKindColours, width: 140 },
      subject: { links: [apiCase(cell('id'))] },
      serials: { links: [apiCaseSerials(cell('id'))], width: 90 },
      id: { hidden: true },
    },
  })

const byDetector = () =>
  table({
    title: 'Evidence by detector',
    description:
      'What each says now, whether it makes a case or not; what it weighs in cases; how reviewers have moved its weight.',
    source: postgres,
    width: 24,
    queries: [
      sqlRows(
        'A',
        `select f.detector, f.findings, f.subjects, coalesce(c.cases, 0) as "open cases",
           round(c.weight::numeric, 1) as "mean weight", coalesce(v.confirmed, 0) as confirmed,
           coalesce(v.dismissed, 0) as dismissed,
           round(${shift('coalesce(v.confirmed, 0)', 'coalesce(v.dismissed, 0)')}::numeric, 2)
             as "moved by", f.latest as "found last"
         from (select detector, count(*) as findings, count(distinct subject) as subjects,
             ${timeOf('max("foundAt")')} as latest
           from findings where ${ofTenant()} group by detector) as f
         left join (select detector, count(distinct id) as cases, avg(weight) as weight
           from ${evidence} where status = 'open' group by detector) as c on c.detector = f.detector
         left join (select detector, sum(confirmed) as confirmed, sum(dismissed) as dismissed
           from ${changes} group by detector) as v on v.detector = f.detector
         order by f.findings desc, f.detector`,
      ),
    ],
    columns: { detector: { width: 200 } },
  })

const verdicts = () =>
  chart({
    title: 'Verdicts by day',
    description: 'What reviewers said; of a case that was judged twice both.',
    source: postgres,
    width: 12,
    queries: [
      sqlLines(
        'A',
        `select ${dayOf('at')} as time, verdict as metric, count(*)::float8 as value
         from "caseVerdicts" where ${ofTenant()} and at >= ${rangeFrom} and at <= ${rangeTo}
         group by 1, 2 order by 1, 2`,
      ),
    ],
  })

const weights = () =>
  chart({
    title: 'What verdicts did to the weights',
    description:
      'By how much each detector’s log-odds are moved after each verdict: up when its cases are confirmed, down when they are dismissed, by 2 at most.',
    source: postgres,
    width: 12,
    queries: [
      sqlLines(
        'A',
        `select to_timestamp(at / 1000.0) as time, detector as metric,
           ${shift('confirmed', 'dismissed')} as value
         from (select at, detector,
             sum(confirmed) over (partition by detector order by at) as confirmed,
             sum(dismissed) over (partition by detector order by at) as dismissed
           from ${changes}) as moved
         where at >= ${rangeFrom} and at <= ${rangeTo} order by 1, 2`,
      ),
    ],
  })

const untilFound = () =>
  table({
    title: 'Time to a case',
    description:
      'From the first thing that its evidence tells of to its opening, of cases opened in the range.',
    source: postgres,
    width: 24,
    height: 7,
    queries: [
      sqlRows(
        'A',
        `select kind, count(*) as cases,
           round((percentile_cont(0.5) within group (order by hours))::numeric, 1) as "median, h",
           round((percentile_cont(0.9) within group (order by hours))::numeric, 1) as "nine of ten, h",
           round(max(hours)::numeric, 1) as "longest, h"
         from (select kind, ("openedAt" - "from") / 3600000.0 as hours from cases
           where ${opened}) as c group by kind order by kind`,
      ),
    ],
    columns: { kind: { colours: caseKindColours, width: 140 } },
  })

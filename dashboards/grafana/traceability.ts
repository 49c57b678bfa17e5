// Traceability: what is kept of units, how it grows, where it contradicts itself, and how far each
// recall is. Of serial numbers it shows counts, but for those that somebody must look at.
import { type Board, board } from './board.ts'
import { chart, figures, fromOne, table } from './panels.ts'
import { apiRecall, apiUnit, cell, uids } from './places.ts'
import { postgres, sqlLines, sqlRows } from './sources.ts'
import { numberIn, ofTenant, openEnd, packed, timeOf, wholeEpc } from './statements.ts'
import { braces, fromLedger, inSql, rangeFrom, rangeTo, tenant } from './variables.ts'

const pieceMs = braces('__interval_ms')

/** A time in epoch ms as the beginning of its piece of the range. */
const piece = (column: string): string =>
  `to_timestamp(${column} / ${pieceMs} * ${pieceMs} / 1000.0)`

const within = (column: string): string =>
  `${ofTenant()} and ${column} >= ${rangeFrom} and ${column} <= ${rangeTo}`

type Asked<Panel extends (of: never) => unknown> = Omit<
  Parameters<Panel>[0],
  'source' | 'queries'
> & { sql: string }

/** Panels of one statement to the ledger. */
const numbers = ({ sql, ...of }: Asked<typeof figures>) =>
  figures({ ...of, source: postgres, queries: [sqlRows('A', sql)] })
const rows = ({ sql, ...of }: Asked<typeof table>) =>
  table({ ...of, source: postgres, queries: [sqlRows('A', sql)] })
const lines = ({ sql, ...of }: Asked<typeof chart>) =>
  chart({ ...of, source: postgres, queries: [sqlLines('A', sql)] })

export const traceability: Board = board({
  uid: uids.traceability,
  title: 'Isotherm: recall and traceability',
  description: 'Units, events, containers and conflicts; recalls and how far their holders are.',
  variables: [
    tenant,
    fromLedger('recall', {
      label: 'Recall',
      sql: `select id as __value, name || case drill when 1 then ' (drill)' else '' end as __text
        from recalls where ${ofTenant()} order by status desc, "startedAt" desc limit 500`,
    }),
  ],
  panels: () => [
    now(),
    events(),
    recalls(),
    holders(),
    lots(),
    containers(),
    conflicts(),
    scans(),
    seenOften(),
    verifications(),
    receivers(),
    loads(),
  ],
})

const now = () =>
  numbers({
    title: 'Now',
    description:
      'Serial numbers and containers that any event named, what is packed, and what waits for somebody: open conflicts, open recalls without drills, messages not yet delivered.',
    width: 24,
    sql: `select (select count(*) from epcs where ${ofTenant()} and epc like '01/%/21/%') as serials,
           (select count(*) from epcs where ${ofTenant()} and epc like '00/%') as "logistic units",
           (select count(*) from stays where ${ofTenant()} and ${packed} and "to" = ${openEnd})
             as packed,
           (select count(*) from conflicts where ${ofTenant()} and "resolvedAt" is null)
             as "open conflicts",
           (select count(*) from recalls where ${ofTenant()} and status = 'open' and drill = 0)
             as "open recalls",
           (select count(*) from deliveries where ${ofTenant()} and "endedAt" is null)
             as "messages waiting"`,
  })
    .overrideByName('open conflicts', [fromOne('orange')])
    .overrideByName('open recalls', [fromOne('dark-red')])

const events = () =>
  lines({
    title: 'Events by what was done',
    description: 'By the time at which they were recorded; "none" has no business step.',
    width: 24,
    sql: `select ${piece('"recordTime"')} as time, coalesce("bizStep", 'none') as metric,
           count(*)::float8 as value
         from events where ${within('"recordTime"')} group by 1, 2 order by 1, 2`,
  })

/** A count in the figures of a recall. */
const standing = (name: string): string => numberIn('body', 'figures', 'standings', name)

const recalls = () =>
  rows({
    title: 'Recalls',
    description:
      'As last evaluated. Spared: units of the lots concerned that this recall does not mean.',
    width: 24,
    height: 7,
    sql: `select name, status, case drill when 1 then 'drill' else 'real' end as kind,
           ${timeOf('"startedAt"')} as "started at", ${numberIn('body', 'serialCount')} as units,
           ${standing('located')} as located, ${standing('inTransit')} as "in transit",
           ${standing('sold')} as sold, ${standing('destroyed')} as destroyed,
           ${standing('gone')} as gone, ${standing('unknown')} as unknown,
           ${numberIn('body', 'figures', 'spared', 'units')} as spared, revision, id
         from recalls where ${ofTenant()} order by status desc, "startedAt" desc limit 500`,
    columns: {
      name: { links: [apiRecall(cell('id'))] },
      status: { colours: { open: 'dark-red', closed: 'green' }, width: 90 },
      kind: { colours: { real: 'dark-red', drill: 'blue' }, width: 80 },
      id: { hidden: true },
    },
  })

const holders = () =>
  rows({
    title: 'Holders of the recall above',
    description: 'Who had its units when it began, and what became of them since then.',
    width: 24,
    height: 7,
    sql: `select holder, ${numberIn('counts', 'units')} as units,
           ${timeOf('"notifiedAt"')} as "notified at",
           ${timeOf('"acknowledgedAt"')} as "acknowledged at",
           ${numberIn('counts', 'returned')} as returned,
           ${numberIn('counts', 'quarantined')} as quarantined,
           ${numberIn('counts', 'destroyed')} as destroyed,
           ${timeOf('"acknowledgedAt"')} is null as waiting
         from "recallHolders" where ${ofTenant()} and recall = ${inSql('recall')}
         order by 2 desc, 1 limit 1000`,
  })

const lots = () =>
  rows({
    title: 'Units by product and lot',
    description: 'Serial numbers that any event named; the largest lots.',
    width: 12,
    sql: `select l.gtin, p.name as product, nullif(l.lot, '') as lot, nullif(l.expiry, '') as expiry,
           n.units
         from (select lot, count(*) as units from epcs
           where ${ofTenant()} and lot is not null group by lot order by 2 desc limit 500) as n
         join lots l on ${ofTenant('l')} and l.id = n.lot
         left join products p on ${ofTenant('p')} and p.gtin = l.gtin
         order by n.units desc, l.gtin, l.lot`,
  })

const containers = () =>
  rows({
    title: 'Fullest containers',
    description: 'What is directly inside now, not what is inside of that.',
    width: 12,
    sql: `select ${wholeEpc('e.epc')} as container, n.inside, ${timeOf('n.latest')} as "last packed"
         from (select parent, count(*) as inside, max("from") as latest from stays
           where ${ofTenant()} and ${packed} and "to" = ${openEnd}
           group by parent order by 2 desc limit 200) as n
         join epcs e on ${ofTenant('e')} and e.id = n.parent order by n.inside desc, 1`,
    columns: { container: { links: [apiUnit(cell('container'))] } },
  })

const conflicts = () =>
  rows({
    title: 'Open conflicts',
    description: 'Events that contradict each other about what is inside of what, newest first.',
    width: 24,
    height: 7,
    sql: `select x.kind, ${wholeEpc('c.epc')} as unit, ${wholeEpc('p.epc')} as parent,
           ${wholeEpc('o.epc')} as "other parent", ${timeOf('x."from"')} as since,
           ${timeOf('x."recordTime"')} as "found at"
         from conflicts x join epcs c on ${ofTenant('c')} and c.id = x.child
         join epcs p on ${ofTenant('p')} and p.id = x.parent
         left join epcs o on ${ofTenant('o')} and o.id = x."otherParent"
         where ${ofTenant('x')} and x."resolvedAt" is null order by x."recordTime" desc limit 500`,
    columns: { unit: { links: [apiUnit(cell('unit'))] } },
  })

const scans = () =>
  lines({
    title: 'Scans',
    description: 'Sessions by the time of their last scan, of units that are known and of others.',
    width: 12,
    sql: `select ${piece('"lastAt"')} as time,
           source || case epc when 0 then ' of unknown' else '' end as metric,
           count(*)::float8 as value
         from scans where ${within('"lastAt"')} group by 1, 2 order by 1, 2`,
  })

const seenOften = () =>
  rows({
    title: 'Units seen most often',
    description: 'In how many sessions; many, in many places, may be copies of one serial number.',
    width: 12,
    sql: `select ${wholeEpc('e.epc')} as unit, n.sessions, n.places, ${timeOf('n.latest')} as "last at"
         from (select epc, count(distinct session) as sessions, count(distinct place) as places,
             max("lastAt") as latest
           from scans where ${within('"lastAt"')} and epc > 0
           group by epc order by 2 desc limit 100) as n
         join epcs e on ${ofTenant('e')} and e.id = n.epc order by n.sessions desc, 1`,
    columns: { unit: { links: [apiUnit(cell('unit'))] } },
  })

const verifications = () =>
  lines({
    title: 'Verifications for trading partners',
    description: 'Product identifiers they asked about, by the answer.',
    width: 12,
    sql: `select ${piece('at')} as time,
           case verified when 1 then 'verified' else 'not verified' end as metric,
           count(*)::float8 as value
         from verifications where ${within('at')} group by 1, 2 order by 1, 2`,
  })

const receivers = () =>
  rows({
    title: 'Webhooks and subscriptions',
    description: 'Messages that wait, and since when a receiver does not answer.',
    width: 12,
    sql: `select e.id, e.kind, e.status, count(d.number) filter (where d."endedAt" is null) as waiting,
           ${timeOf('min(d."createdAt") filter (where d."endedAt" is null)')} as "waiting since",
           ${timeOf('e."failingSince"')} as "failing since", ${timeOf('e."toldAt"')} as "last told"
         from endpoints e left join deliveries d on ${ofTenant('d')} and d.endpoint = e.id
         where ${ofTenant('e')}
         group by e.id, e.kind, e.status, e."failingSince", e."toldAt" order by 4 desc, 1 limit 500`,
  })

const loads = () =>
  rows({
    title: 'Files of other systems',
    description: 'The last ones that were loaded; refused rows are listed at the load itself.',
    width: 24,
    height: 7,
    sql: `select ${timeOf('"createdAt"')} as "begun at", mapping, "rows", applied, already, refused,
           events, warnings, id
         from loads where ${ofTenant()} order by "createdAt" desc limit 200`,
  }).overrideByName('refused', [fromOne('orange')])

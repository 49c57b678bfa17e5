// The source of reports that are sent again and again: when one is due, a message for each of its
// receivers, which says what is to be made of which time; the report is made when it is sent, so
// that no transaction waits for it. Makes no report itself: `press` does.
import { createHash } from 'node:crypto'
import { bounds } from '../../config.ts'
import { nextRun, periodOf, type ReportSchedule } from '../../domain/report-schedule.ts'
import type { Delivery, Message } from '../../store/ledger/deliveries.ts'
import { type Endpoint, readEndpoint } from '../../store/ledger/endpoints.ts'
import type { LedgerQuery } from '../../store/ledger/ledger.ts'
import type { Filled, Source } from '../deliver.ts'
import type { Mailer } from '../mail.ts'
import { formatMail } from '../notify/formats.ts'
import { writeReportLetter } from '../notify/letter.ts'
import { readTerms } from '../notify/notify.ts'
import { type ChannelTerms, termsOf } from '../notify/terms.ts'
import type { Posted } from '../post.ts'

/** What is asked of the press: a report of the API, by its path. */
export interface ReportAsked {
  path: string
  /** {from} and {to} are the time that a run covers, {language}, {unit}, {zone} the reader's. */
  query: Readonly<Record<string, string>>
  media: string
}

/** The settings of an endpoint of kind `report`. */
export interface ReportSettings extends ReportAsked {
  name: string
  schedule: ReportSchedule
  /** Ids of notification channels by e-mail. */
  channels: readonly string[]
}

export interface Printed {
  fileName: string
  media: string
  bytes: Uint8Array
}

/** A text: why it never will be made like that. Throws when it may be made later. */
export type Press = (tenant: string, asked: ReportAsked) => Promise<Printed | string>

export const settingsOf = ({ settings }: Pick<Endpoint, 'settings'>): ReportSettings =>
  settings as unknown as ReportSettings

export const reportMessage = 'report'

interface Body extends ReportAsked {
  name: string
  channel: string
  from: number
  to: number
}

export function reportSource(by: { mailer: Mailer | undefined; press: Press }): Source {
  return {
    retryMs: bounds.notifyRetryMs,
    fill: (_db, endpoint, { now }) => Promise.resolve(fill(endpoint, now)),
    send: (endpoint, delivery, { db }) => send(by, { endpoint, delivery, db }),
  }
}

/** One message for each receiver, with the same id however often it is made. */
export function reportMessages(
  endpoint: Endpoint,
  { from, to }: { from: number; to: number },
): Message[] {
  const { channels, name, path, query, media } = settingsOf(endpoint)
  return channels.map((channel) => {
    const about = JSON.stringify([endpoint.id, channel, from, to])
    const id = `msg_${createHash('sha256').update(about).digest('hex').slice(0, 32)}`
    const body: Body = { name, channel, path, query, media, from, to }
    return { id, type: reportMessage, body: JSON.stringify(body) }
  })
}

function fill(endpoint: Endpoint, now: number): Filled | undefined {
  const { runAt: dueAt, notice, offset, pos, found } = endpoint
  if (dueAt === null || dueAt > now) return undefined
  const { schedule } = settingsOf(endpoint)
  const messages = reportMessages(endpoint, periodOf(schedule, { dueAt, now }))
  return { messages, place: { notice, offset, pos, found, runAt: nextRun(schedule, now) } }
}

async function send(
  { mailer, press }: { mailer: Mailer | undefined; press: Press },
  of: { endpoint: Endpoint; delivery: Delivery; db: LedgerQuery },
): Promise<Posted> {
  const { endpoint, delivery, db } = of
  const { tenant } = endpoint
  const asked = JSON.parse(delivery.body) as Body
  const channel = await readEndpoint(db, tenant, asked.channel)
  if (channel?.kind !== 'channel' || termsOf(channel).via !== 'email')
    return never(`there is no channel ${asked.channel} by e-mail`)
  const terms = await readTerms(db, channel)
  if (terms.address === undefined) return never('the person has no e-mail address, or is gone')
  if (!mailer) return never('no server for e-mail is set: ISOTHERM_SMTP_URL')
  const printed = await print(press, tenant, { asked, terms })
  if ('error' in printed) return printed
  const { fileName: filename, media: contentType, bytes: content } = printed
  if (content.length > bounds.reportMailBytesMax)
    return never(`${content.length} bytes are too many for a mail: ask for less`)
  const letter = writeReportLetter({ ...asked, fileName: filename }, terms)
  const mail = {
    ...formatMail(letter, undefined),
    attachments: [{ filename, contentType, content }],
  }
  return mailer.send(mail, { id: delivery.id, to: terms.address, at: delivery.createdAt })
}

async function print(
  press: Press,
  tenant: string,
  { asked, terms }: { asked: Body; terms: ChannelTerms },
): Promise<Printed | Posted> {
  const { from, to } = asked
  const { language, unit, zone } = terms
  const time = (at: number): string => new Date(at).toISOString()
  const known: Readonly<Record<string, string>> = {
    ...{ '{from}': time(from), '{to}': time(to) },
    ...{ '{language}': language, '{unit}': unit, '{zone}': zone },
  }
  const filled = Object.entries(asked.query).map(([name, value]) => [name, known[value] ?? value])
  try {
    const printed = await press(tenant, { ...asked, query: Object.fromEntries(filled) })
    return typeof printed === 'string' ? never(printed) : printed
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return { status: null, error: `the report was not made: ${reason}` }
  }
}

const never = (error: string): Posted => ({ status: null, error, permanent: true })

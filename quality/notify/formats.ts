// The forms that a message takes on its way: e-mail, Slack (Block Kit), Microsoft Teams (Adaptive
// Card), PagerDuty (Events API v2), and JSON for programs. Pure; docs/notifications.md shows each.
// Holds no secret: keys and addresses are put in where it is sent.
import type { Severity } from '../../domain/profile/profile.ts'
import type { Letter, LetterItem, Told, ToldItem } from './letter.ts'

/** An e-mail but for its sender and receiver. */
export interface Mail {
  subject: string
  text: string
  html: string
  /** Messages about one subject share it. */
  thread?: string
  attachments?: readonly MailAttachment[]
}

export interface MailAttachment {
  filename: string
  contentType: string
  content: Uint8Array
}

export function formatMail(letter: Letter, thread: string | undefined): Mail {
  const { subject } = letter
  return {
    subject: plain(subject).slice(0, 200),
    text: formatText(letter),
    html: formatHtml(letter),
    ...(thread !== undefined && { thread }),
  }
}

function formatText({ colon, counts, items, more, inbox, footer }: Letter): string {
  const blocks = items.map(({ title, facts, notes, link }) =>
    [
      title,
      ...notes,
      ...facts.map(({ label, value }) => `${label}${colon}${value}`),
      ...(link ? [`${link.label}${colon}${link.url}`] : []),
    ]
      .map(plain)
      .join('\n'),
  )
  return [
    ...(counts ? [plain(`${counts.label}${colon}${counts.value}`)] : []),
    ...blocks,
    ...(more ? [more] : []),
    ...(inbox ? [`${inbox.label}${colon}${inbox.url}`] : []),
    ...(footer ? [plain(footer)] : []),
    '',
  ].join('\n\n')
}

function formatHtml({
  language,
  colon,
  subject,
  counts,
  items,
  more,
  inbox,
  footer,
}: Letter): string {
  const paragraph = (text: string): string => `<p>${escapeHtml(text)}</p>`
  const anchor = ({ label, url }: { label: string; url: string }): string =>
    `<p><a href="${escapeHtml(url)}">${escapeHtml(label)}</a></p>`
  const itemOf = ({ title, facts, notes, link }: LetterItem): string =>
    [
      `<h2 style="font-size:16px">${escapeHtml(title)}</h2>`,
      ...notes.map((note) => `<p><b>${escapeHtml(note)}</b></p>`),
      `<table>${facts
        .map(
          ({ label, value }) =>
            `<tr><th scope="row" align="left" valign="top" style="padding-right:12px">${escapeHtml(label)}</th><td>${escapeHtml(value)}</td></tr>`,
        )
        .join('')}</table>`,
      ...(link ? [anchor(link)] : []),
    ].join('')
  return [
    `<!doctype html><html lang="${language}"><head><meta charset="utf-8"><title>${escapeHtml(subject)}</title></head>`,
    '<body style="font-family:sans-serif;font-size:14px">',
    ...(counts ? [paragraph(`${counts.label}${colon}${counts.value}`)] : []),
    ...items.map(itemOf),
    ...(more ? [paragraph(more)] : []),
    ...(inbox ? [anchor(inbox)] : []),
    ...(footer ? [`<hr>${paragraph(footer)}`] : []),
    '</body></html>',
  ].join('')
}

/** https://docs.slack.dev/reference/block-kit/blocks: a header of 150, a section of 3000. */
export function formatSlack({
  colon,
  subject,
  counts,
  items,
  more,
  inbox,
  footer,
}: Letter): object {
  const section = (text: string) => ({
    type: 'section',
    text: { type: 'mrkdwn', text: cut(text, 3000) },
  })
  const itemBlocks = ({ title, facts, notes, link }: LetterItem) => {
    const heading = link ? `*<${link.url}|${escapeSlack(title)}>*` : `*${escapeSlack(title)}*`
    const lines = facts.map(
      ({ label, value }) => `${escapeSlack(label)}${colon}${escapeSlack(value)}`,
    )
    return section([heading, ...notes.map((note) => `_${escapeSlack(note)}_`), ...lines].join('\n'))
  }
  return {
    text: escapeSlack(cut(subject, 300)),
    blocks: [
      { type: 'header', text: { type: 'plain_text', text: cut(plain(subject), 150) } },
      ...(counts ? [section(escapeSlack(`${counts.label}${colon}${counts.value}`))] : []),
      ...items.map(itemBlocks),
      ...(more ? [section(escapeSlack(more))] : []),
      ...(inbox ? [section(`<${inbox.url}|${escapeSlack(inbox.label)}>`)] : []),
      ...(footer
        ? [
            {
              type: 'context',
              elements: [{ type: 'mrkdwn', text: escapeSlack(cut(footer, 2000)) }],
            },
          ]
        : []),
    ],
  }
}

/** What the workflow "When a Teams webhook request is received" takes: one card, 28 KB at most. */
export function formatTeams({
  colon,
  subject,
  severity,
  counts,
  items,
  more,
  inbox,
  footer,
}: Letter) {
  const text = (said: string, more: object = {}) => ({
    type: 'TextBlock',
    text: escapeMarkdown(said),
    wrap: true,
    ...more,
  })
  const itemBlocks = ({ title, facts, notes, link }: LetterItem) => [
    text(title, { weight: 'Bolder', separator: true }),
    ...notes.map((note) => text(note, { isSubtle: true })),
    {
      type: 'FactSet',
      facts: facts.map(({ label, value }) => ({
        title: escapeMarkdown(label),
        value: escapeMarkdown(value),
      })),
    },
    ...(link
      ? [
          {
            type: 'ActionSet',
            actions: [{ type: 'Action.OpenUrl', title: link.label, url: link.url }],
          },
        ]
      : []),
  ]
  const content = {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    type: 'AdaptiveCard',
    version: '1.4',
    body: [
      text(cut(subject, 300), { size: 'Large', weight: 'Bolder', color: teamsColours[severity] }),
      ...(counts ? [text(`${counts.label}${colon}${counts.value}`)] : []),
      ...items.flatMap(itemBlocks),
      ...(more ? [text(more)] : []),
      ...(footer ? [text(footer, { isSubtle: true, size: 'Small' })] : []),
    ],
    ...(inbox && {
      actions: [{ type: 'Action.OpenUrl', title: inbox.label, url: inbox.url }],
    }),
  }
  const attachment = { contentType: 'application/vnd.microsoft.card.adaptive', contentUrl: null }
  return { type: 'message', attachments: [{ ...attachment, content }] }
}

const teamsColours: Readonly<Record<Severity, string>> = {
  ...{ info: 'Default', minor: 'Warning', major: 'Warning', critical: 'Attention' },
}

/** PagerDuty's words for how bad it is. */
const pagerSeverity: Readonly<Record<Severity, string>> = {
  ...{ info: 'info', minor: 'warning', major: 'error', critical: 'critical' },
}

export interface PagerOf {
  action: 'trigger' | 'acknowledge' | 'resolve'
  /** The same for all about one subject: at most 255 letters. */
  key: string
  /** Where it was seen. */
  source: string
  at: number
}

/** Events API v2, without its routing key. */
export function formatPager(letter: Letter, { action, key, source, at }: PagerOf): object {
  const base = { event_action: action, dedup_key: key.slice(0, 255) }
  if (action !== 'trigger') return base
  const { subject, severity, items, more, inbox } = letter
  const details = items.map(({ title, facts, notes }) => ({
    title,
    ...(notes.length > 0 && { notes }),
    ...Object.fromEntries(facts.map(({ label, value }) => [label, value])),
  }))
  const links = [...items.flatMap(({ link }) => link ?? []), ...(inbox ? [inbox] : [])]
  return {
    ...base,
    payload: {
      ...{ summary: cut(plain(subject), 1024), source, severity: pagerSeverity[severity] },
      ...{ timestamp: new Date(at).toISOString(), component: 'isotherm' },
      custom_details: {
        ...(details.length === 1 ? details[0] : { items: details }),
        ...(more && { more }),
      },
    },
    links: links.map(({ label, url }) => ({ href: url, text: label })),
    client: 'Isotherm',
  }
}

/** For programs: what is told, in our words, without a language. */
export function formatJson({ items, more, counts }: Told, { id, at }: { id: string; at: number }) {
  return {
    type: 'notification',
    timestamp: new Date(at).toISOString(),
    data: { id, counts, more, items: items.map(jsonOf) },
  }
}

const jsonOf = ({ subject, kind, severity, at, alert, rules, others, ...item }: ToldItem) => ({
  ...{ subject, kind, severity, at: new Date(at).toISOString(), rules, others },
  unacknowledgedMinutes: Math.round(item.unacknowledgedMs / 60_000),
  ...(alert && {
    alert: {
      ...{ id: alert.id, kind: alert.kind, status: alert.status, revision: alert.revision },
      ...{ gtin: alert.gtin, container: alert.container, device: alert.device },
      ...{ limitC: alert.limitC, peakC: alert.peakC, minutes: alert.minutes },
      from: new Date(alert.from).toISOString(),
      to: alert.to === null ? null : new Date(alert.to).toISOString(),
      ...{ serialCount: alert.serialCount, verdict: alert.verdict },
      serials: `/api/v1/alerts/${encodeURIComponent(alert.id)}/serials`,
    },
  }),
  ...(!alert && item.body && { data: item.body }),
})

const cut = (text: string, most: number): string =>
  text.length <= most ? text : `${text.slice(0, most - 1)}…`

/** Names come from outside: what breaks lines would break headers and lists. */
const plain = (text: string): string => text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ')

const htmlSigns: Readonly<Record<string, string>> = {
  ...{ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' },
}
const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (sign) => htmlSigns[sign]!)

/** https://docs.slack.dev/messaging/formatting-message-text: three signs, and no marks of ours. */
const escapeSlack = (text: string): string =>
  plain(text)
    .replace(/[&<>]/g, (sign) => htmlSigns[sign]!)
    .replace(/[*_~`|]/g, (sign) => `\u200b${sign}`)

const escapeMarkdown = (text: string): string => plain(text).replace(/[\\*_[\]()#`<>~-]/g, '\\$&')

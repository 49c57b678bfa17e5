// What a person who scans a code is told: JSON, or a page that works without script. The answer is
// one of a closed set (trace/verify/words.ts) and repeats nothing of what was asked, so that two
// units that stand the same get the same bytes, whatever their journeys were.
//
// That a number is known can be found out here: it is what verification is for. Guessing is slowed
// by network and by product, and numbers from a random pool are found once in 10,000 tries at best
// (EU 2016/161 Art. 4). An unknown number takes less time to answer than a known one; the answer
// says as much anyway.
import { createHash } from 'node:crypto'
import { z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { bounds } from '../config.ts'
import { formatDigitalLink, parseGs1 } from '../domain/gs1/gs1.ts'
import { countSessions } from '../store/ledger/scans.ts'
import { parsePreferences } from '../trace/link-choice.ts'
import { unitFacts } from '../trace/verify/facts.ts'
import {
  type ConsumerLanguage,
  consumerLanguages,
  consumerWords,
  type Sentences,
} from '../trace/verify/sentences.ts'
import { storageOf } from '../trace/verify/storage.ts'
import { registeredOf, standingOf } from '../trace/verify/verify.ts'
import { answerFor, type ConsumerAnswer, consumerStates, type Seen } from '../trace/verify/words.ts'
import { prefersPage, shareFreely } from './askers.ts'
import type { Deps } from './deps.ts'
import type { Env } from './identity.ts'
import { answerError, Problem, type ProblemStatus } from './problem.ts'
import { nounApp, open } from './route.ts'
import type { Strangers } from './strangers.ts'

const answerSchema = z
  .object({
    state: z.enum(consumerStates),
    storage: z.enum(['kept', 'not-kept', 'not-known']),
    seen: z.enum(['first', 'before', 'often']).openapi({
      description: 'in other sessions, of people who scanned it; a session lasts a day at most',
    }),
    title: z.string(),
    text: z.string(),
    advice: z.string(),
  })
  .openapi('ConsumerAnswer')

const route = open({
  method: 'get',
  path: '/api/v1/verify/{link}',
  tags: ['Digital Link'],
  summary: 'Is this product genuine?',
  description:
    'For everybody, without a token. JSON, or a page when `Accept` prefers text/html. Too many ' +
    'questions, most of all about numbers that nobody gave, are answered 429 with Retry-After.',
  request: {
    params: z.object({
      link: z.string().max(1000).openapi({
        description: 'the Digital Link as scanned, or another form of GTIN and serial number',
      }),
    }),
    query: z.object({
      language: z
        .string()
        .max(20)
        .optional()
        .openapi({
          description: `${consumerLanguages.join(', ')}; else as Accept-Language wants it`,
        }),
    }),
  },
  responses: {
    200: {
      description: 'How the unit stands',
      content: {
        'application/json': { schema: answerSchema },
        'text/html': { schema: z.string() },
      },
    },
  },
})

export function verify(deps: Deps, strangers: Strangers) {
  const app = nounApp()
  const wantsPage = (c: Context): boolean => prefersPage(c.req.header('Accept'))
  app.onError((error, c) => {
    const { contact } = strangers
    const page = pageOfProblem(error, c, contact)
    if (page) return page
    const told = answerError(error, c, deps.report)
    if (told.status < 500 || !wantsPage(c)) return told
    const retryAfter = told.headers.get('Retry-After')
    const headers = retryAfter === null ? {} : { 'Retry-After': retryAfter }
    const { away } = consumerWords[languageOf(c)]
    return pageOf(c, away, { status: told.status as ProblemStatus, headers, contact }) as Response
  })
  app.use('/api/v1/verify/*', shareFreely, strangers.admit)
  return app.openapi(route, async (c) => {
    c.header('Vary', 'Accept, Accept-Language')
    c.header('X-Robots-Tag', 'noindex')
    const key = parseGs1(c.req.valid('param').link)
    if (!key.ok || key.value.key !== 'sgtin') {
      const detail = 'want a GTIN with a serial number'
      const refusals = key.ok ? [{ code: 'gs1/key-unknown' as const, detail }] : key.refusals
      throw new Problem(
        400,
        refusals.map((refusal) => ({ ...refusal, path: 'path/link' })),
      )
    }
    const answer = await answerOf(c, { label: key.value, strangers, deps })
    return wantsPage(c)
      ? pageOf(c, answer, { status: 200, contact: strangers.contact })
      : c.json(answer, 200)
  })
}

/** What a person with a browser is told of a problem; undefined: a program asks, or of another. */
export function pageOfProblem(
  error: Error,
  c: Context,
  contact: string | undefined,
): Response | undefined {
  const page = error instanceof Problem ? problemPages[error.status] : undefined
  if (!page || !prefersPage(c.req.header('Accept'))) return undefined
  const { status, headers } = error as Problem
  const sentences = consumerWords[languageOf(c)][page]
  return pageOf(c, sentences, { status, headers, contact }) as Response
}

/** For a browser that comes with a code of many packages, of which nothing else is known here. */
export const pageOfGeneral = (c: Context, contact: string | undefined): Response =>
  pageOf(c, consumerWords[languageOf(c)].general, { status: 200, contact }) as Response

type Sgtin = { gtin: string; serial: string; lot?: string; expiry?: string }

async function answerOf(
  c: Context<Env>,
  { label, strangers, deps }: { label: Sgtin; strangers: Strangers; deps: Deps },
): Promise<ConsumerAnswer> {
  const { tenant, ledger } = strangers
  const at = deps.now()
  const epc = formatDigitalLink({ key: 'sgtin', gtin: label.gtin, serial: label.serial })
  strangers.admitProbe(c, label.gtin)
  const session = await strangers.sessionOf(c)
  const hash = await strangers.hashOf(epc)
  const limit = bounds.scanSessionsMany
  const others = await countSessions(ledger.db, tenant, { epc, hash, session, limit })
  const seen: Seen = others === 0 ? 'first' : others < limit ? 'before' : 'often'
  const facts = await unitFacts(ledger.db, tenant, epc)
  const registered = await registeredOf(ledger.db, tenant, facts)
  const storage = await storageOf({ ...deps, db: ledger.db }, tenant, facts)
  if (c.req.method !== 'HEAD')
    await strangers.record(ledger, tenant, [
      { epc, hash, session, source: 'verify', at, lot: label.lot, expiry: label.expiry },
    ])
  const standing = standingOf({ label, facts, registered, storage, seen }, at)
  if (!standing.known) strangers.countUnknown(c, label.gtin)
  return answerFor(standing, languageOf(c))
}

/** What people are told who come with a browser; programs get a problem. */
const problemPages: Partial<Record<ProblemStatus, 'unreadable' | 'slowed'>> = {
  400: 'unreadable',
  429: 'slowed',
}

/** What the reader chose on the page, else the first that the browser wants; else English. */
function languageOf(c: Context): ConsumerLanguage {
  const wanted = parsePreferences(c.req.header('Accept-Language'))
    .filter(({ q }) => q > 0)
    .map(({ name }) => name.split('-')[0])
  const known = (name: string | undefined): ConsumerLanguage | undefined =>
    consumerLanguages.find((language) => language === name?.toLowerCase())
  return known(c.req.query('language')) ?? wanted.map(known).find(Boolean) ?? 'en'
}

type Page = Sentences & Partial<ConsumerAnswer>

function pageOf(
  c: Context,
  answer: Page,
  {
    status,
    headers = {},
    contact,
  }: {
    status: ProblemStatus | 200
    headers?: Readonly<Record<string, string>>
    contact: string | undefined
  },
) {
  return c.html(formatPage(answer, { language: languageOf(c), contact }), status, {
    ...headers,
    'Content-Security-Policy': pagePolicy,
  })
}

const style = `
:root{color-scheme:light dark;--ink:#1a1a1a;--ground:#fff;--line:#767676;--mark:#5a5a5a}
:root[data-tone=good]{--mark:#0b6b2e}:root[data-tone=care]{--mark:#8a4b00}
:root[data-tone=bad]{--mark:#a4161a}
@media(prefers-color-scheme:dark){:root{--ink:#f2f2f2;--ground:#161616;--line:#9a9a9a;--mark:#b5b5b5}
:root[data-tone=good]{--mark:#6fd08c}:root[data-tone=care]{--mark:#f0b45c}
:root[data-tone=bad]{--mark:#ff8a8a}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:1.125rem/1.5 system-ui,sans-serif}
main{max-width:36rem;margin:0 auto;padding:2rem 1.25rem}
h1{margin:0 0 1rem;padding-left:1rem;border-left:.5rem solid var(--mark);
font-size:clamp(1.25rem,8vw,1.75rem);line-height:1.25;hyphens:auto;overflow-wrap:anywhere}
p{margin:0 0 1rem;overflow-wrap:anywhere}.advice{font-weight:600}.contact{margin:2rem 0 0}
a{display:inline-block;color:inherit}
dl{margin:2rem 0 0;border-top:1px solid var(--line)}
div{display:flex;flex-wrap:wrap;justify-content:space-between;gap:0 1rem;padding:.75rem 0;
border-bottom:1px solid var(--line)}
dd{margin:0;font-weight:600}
form{display:flex;flex-wrap:wrap;gap:.5rem;margin-top:2rem}
button{min-height:2.75rem;padding:0 .75rem;border:1px solid var(--line);border-radius:.375rem;
background:none;color:inherit;font:inherit;cursor:pointer}
button[aria-current]{font-weight:600;border-width:3px}
@media print{form{display:none}h1{border-color:currentcolor}}
`

const pagePolicy =
  `default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'; ` +
  "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

/** Every word of it is ours: nothing that was asked stands in it, and the form names no address. */
function formatPage(
  page: Page,
  { language, contact }: { language: ConsumerLanguage; contact: string | undefined },
): string {
  const { state, storage, seen, title, text, advice } = page
  const words = consumerWords[language]
  const rows = [
    ...(storage ? [[words.temperature, words.storage[storage]]] : []),
    ...(seen ? [[words.scannedBefore, words.seen[seen]]] : []),
  ]
  const known = state !== undefined && state !== 'unknown'
  const facts = rows.map(([name, value]) => `<div><dt>${name}</dt><dd>${value}</dd></div>`).join('')
  return `<!doctype html>
<html lang="${language}" data-tone="${toneOf(state)}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title><style>${style}</style></head>
<body><main><h1>${title}</h1><p>${text}</p><p class="advice">${advice}</p>
${known ? `<dl>${facts}</dl>` : ''}${contact ? formatContact(words.contact, contact) : ''}
<form aria-label="${words.language}">${consumerLanguages.map((each) => formatChoice(each, language)).join('')}</form>
</main></body></html>
`
}

/** `tel:`, `mailto:` or `https:`, as the operator set it. */
function formatContact(words: string, contact: string): string {
  const shown = escaped(contact.replace(/^(?:tel:|mailto:|https:\/\/)/, ''))
  return `\n<p class="contact">${words} <a href="${escaped(contact)}">${shown}</a></p>`
}

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')

const formatChoice = (language: ConsumerLanguage, current: ConsumerLanguage): string =>
  `<button name="language" value="${language}" lang="${language}"${
    language === current ? ' aria-current="true"' : ''
  }>${consumerWords[language].name}</button>`

/** Colour is never the only sign: the title says the same. */
function toneOf(state: ConsumerAnswer['state'] | undefined): 'good' | 'care' | 'bad' {
  if (state === 'genuine') return 'good'
  return state === 'seen-before' || state === undefined ? 'care' : 'bad'
}

// What the frame itself shows of the server: who is signed in, how many alerts are open, how far
// the data reach. Kept while signed in; pages load their own.
import { effect, signal, untracked } from '@preact/signals'
import { toProblem } from './client.ts'
import type { Unit } from './format.ts'
import { apiPath, read, tell } from './server.ts'
import { active, chosenZone, me, token, unit } from './session.ts'
import { objectOf, parseTime, textOf } from './shapes.ts'
import { type Event, listen, live, seeTime } from './stream.ts'
import { toast } from './toasts.tsx'
import { type Language, language, languages, numberFormat } from './words.ts'

/** `7`, or `100+`; null while not known. */
export const openAlerts = signal<string | null>(null)

const countMax = 100
const togetherMs = 1000

/** For as long as the page lives. */
export function openPulse(): void {
  effect(() => {
    if (token.value !== null) untracked(() => void loadMe())
  })
  effect(() => {
    if (active.value === null) {
      openAlerts.value = null
      return
    }
    untracked(() => {
      void countAlerts()
      void seeNewest()
    })
  })
  const raised: Event[] = []
  let waiting = false
  listen(['alert.raised', 'alert.changed'], (event, name) => {
    if (name === 'alert.raised') raised.push(event)
    if (waiting) return
    waiting = true
    setTimeout(() => {
      waiting = false
      void tellOf(raised.splice(0))
      void countAlerts()
    }, togetherMs)
  })
  let before = live.value
  live.subscribe((now) => {
    // What happened while nobody listened is not told again: ask for it.
    if (before === 'reconnecting' && now === 'live' && active.peek() !== null) {
      void countAlerts()
      void seeNewest()
    }
    before = now
  })
}

async function tellOf(raised: readonly Event[]): Promise<void> {
  if (raised.length === 0) return
  // A notice that does not come is no failure of the page: the count and the lists tell of it.
  const news = await import('./alert-news.ts').catch(() => null)
  await news?.tellOfAlerts(raised)
}

async function countAlerts(): Promise<void> {
  try {
    const page = objectOf(await read(apiPath('alerts'), { limit: countMax }))
    const count = Array.isArray(page.items) ? page.items.length : 0
    openAlerts.value = `${numberFormat(language.value).format(count)}${page.next ? '+' : ''}`
  } catch {
    openAlerts.value = null
  }
}

async function seeNewest(): Promise<void> {
  try {
    const page = objectOf(await read(apiPath('positions'), { limit: 100 }))
    const items = Array.isArray(page.items) ? page.items.map(objectOf) : []
    for (const { latest } of items) seeTime(parseTime(objectOf(latest).time))
  } catch {
    return
  }
}

/**
 * Servers that know no people answer 404: then everything is shown and the server decides. People
 * see things as they like them wherever they sign in; keys and the administrator as this browser
 * has it.
 */
async function loadMe(): Promise<void> {
  try {
    const json = objectOf(await read(apiPath('me')))
    if (json.kind === 'person') takeLikings(json)
    takeMe(json)
  } catch {
    me.value = null
  }
}

/** Who it is, as `GET /api/v1/me` tells it. */
export function takeMe(json: Readonly<Record<string, unknown>>): void {
  const isPerson = json.kind === 'person'
  me.value = {
    id: textOf(json.id),
    name: textOf(json.name) || textOf(json.printedName) || textOf(json.id),
    kind: textOf(json.kind),
    roles: Array.isArray(json.roles) ? json.roles.map(textOf) : [],
    zone: (isPerson && textOf(json.zone)) || null,
    mustChange: json.mustChange === true,
  }
}

function takeLikings(json: Readonly<Record<string, unknown>>): void {
  const liked = languages.find((name) => name === json.language)
  if (liked) language.value = liked
  if (json.unit === 'C' || json.unit === 'F') unit.value = json.unit
  chosenZone.value = textOf(objectOf(json.own).zone)
}

/** Keeps a person's choices with the account; others keep theirs in the browser alone. */
export async function keepLikings(choice: {
  language?: Language
  unit?: Unit
  zone?: string | null
}): Promise<void> {
  if (me.value?.kind !== 'person') return
  try {
    await tell('PATCH', apiPath('me'), choice)
  } catch (error) {
    const { message, remedy } = toProblem(error)
    toast(`${message} ${remedy}`, 'wrong')
  }
}

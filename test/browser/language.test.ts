// What a reader in German, French or Spanish meets, page by page, in a real browser: nothing that
// looks English; in one of them also what its buttons open, and what is said when the network is
// gone. Skipped when the system has no Chromium.
import { mkdirSync } from 'node:fs'
import { type Browser, chromium, type Page, type Request } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ruleSets } from '../../domain/profile/rule-sets.ts'
import { englishIn, textsOf } from './foreign.ts'
import { namesOfButtons, press, shut } from './press.ts'
import { adminToken, buildConsole, findChromium, openStage, type Stage } from './stage.ts'
import { addressOf, type Told, tellAll, written } from './story-of-all.ts'

const executablePath = findChromium()
const output = 'test/output'
const pictures = process.env.ISOTHERM_TEST_PICTURES !== undefined
if (!executablePath) console.warn('language.test: skipped, there is no chromium in PATH')

interface Registry {
  pages: readonly { path: string }[]
}
// Its pages are JSX, which only the console's own compiler options know.
const registry = '../../dashboards/console/src/pages.ts'
const { pages } = (await import(/* @vite-ignore */ registry)) as Registry

/** What may stay beside code: what people wrote, ids of rules, names of programs. */
const rules = Object.values(ruleSets).flatMap((set) => set.rules.map(({ id }) => id))
const names = [...written, ...rules, 'mosquitto_pub']
/** In one language all buttons are pressed, too. */
const pressedIn = 'de'

describe.skipIf(!executablePath)('pages in another language', { timeout: 120_000 }, () => {
  let browser: Browser
  let stage: Stage
  let told: Told

  beforeAll(async () => {
    buildConsole()
    mkdirSync(output, { recursive: true })
    stage = await openStage({ ISOTHERM_WEBHOOK_ALLOW: '127.0.0.1' })
    told = await tellAll(stage)
    const args = ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run']
    browser = await chromium.launch({ executablePath: executablePath!, args })
  }, 120_000)
  afterAll(async () => {
    await browser?.close()
    await stage?.close()
  })

  it.each(['de', 'fr', 'es'])('show and say nothing in English: %s', async (language) => {
    const { page, pending } = await openIn(browser, { stage, language })
    const found: string[] = []
    const look = lookAt(page, { language, found })
    const writes = { away: false }
    let opened = 0
    // Pressing changes nothing of the story: each page says that it cannot reach the server.
    if (language === pressedIn)
      await page.route('**/api/**', (route) =>
        writes.away && route.request().method() !== 'GET' ? route.abort() : route.continue(),
      )
    for (const { path } of pages) {
      await page.goto(`${stage.url}/${addressOf(path, told)}`)
      await settled(page, pending)
      await look(path)
      if (language !== pressedIn) continue
      const address = page.url()
      for (const name of await namesOfButtons(page)) {
        if (page.url() !== address) {
          await page.goto(address)
          await settled(page, pending)
        }
        writes.away = true
        const isPressed = await press(page, name)
        await expect.poll(() => pending.size).toBe(0)
        writes.away = false
        if (isPressed) await look(`${path}: ${name}`)
        if (await shut(page)) opened++
      }
    }
    if (language === pressedIn) expect(opened).toBeGreaterThan(15)
    await page.keyboard.press('?')
    await page.getByRole('dialog').waitFor()
    await look('shortcuts')
    // Another document: nothing stands open in it.
    await page.goto('about:blank')
    await page.goto(`${stage.url}/#/of/tomorrow`)
    await look('no such page')
    // What the server says is quoted, behind a sentence in the language of the reader.
    await page.goto(`${stage.url}/#/playground`)
    await page.locator('#topic').fill('nobody')
    await page.locator('main button[type=submit]').click()
    await page.locator('main q[lang=en]').waitFor()
    await look('a refused request')
    await page.context().close()
    expect(found).toEqual([])
  })
})

/** Gathers what looks English; with a picture where they are wanted. */
const lookAt =
  (page: Page, { language, found }: { language: string; found: string[] }) =>
  async (where: string): Promise<void> => {
    for (const text of await textsOf(page)) {
      const rest = names.reduce((left, name) => left.replaceAll(name, ''), text)
      const words = englishIn(rest, language)
      if (words.length > 0) found.push(`${where}: ${text} [${words.join(' ')}]`)
    }
    const file = `${output}/${language}-${where.replace(/\W+/g, '-').slice(0, 80)}.png`
    if (pictures) await page.screenshot({ path: file, fullPage: true })
  }

async function openIn(
  browser: Browser,
  { stage, language }: { stage: Stage; language: string },
): Promise<{ page: Page; pending: ReadonlySet<Request> }> {
  const context = await browser.newContext({
    ...{ viewport: { width: 1440, height: 900 }, timezoneId: 'Europe/Berlin', locale: language },
  })
  const page = await context.newPage()
  page.setDefaultTimeout(30_000)
  const pending = new Set<Request>()
  // The stream of events never ends.
  page.on('request', (request) => request.url().includes('/stream') || pending.add(request))
  for (const end of ['requestfinished', 'requestfailed'] as const)
    page.on(end as 'requestfinished', (request) => pending.delete(request))
  await page.addInitScript(`sessionStorage['isotherm.token'] ||= '${adminToken}'`)
  await page.goto(stage.url)
  return { page, pending }
}

/** Everything that was asked for is there and shown. */
async function settled(page: Page, pending: ReadonlySet<Request>): Promise<void> {
  await page.locator('main > *').first().waitFor()
  await expect.poll(() => pending.size).toBe(0)
  await page.evaluate('new Promise((done) => requestAnimationFrame(() => setTimeout(done)))')
  await expect.poll(() => pending.size).toBe(0)
  const text = (): Promise<string | null> => page.locator('main').textContent()
  await expect.poll(text).not.toMatch(/geladen …|Chargement[ \w]*…|Cargando[ \w]*…/)
}

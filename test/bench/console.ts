// V: the console in the system's Chromium: how soon it can be used, how much script that takes, and
// whether long tables, a chart of a million readings and the map keep up with the eye.
import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { type Browser, chromium, type Page } from 'playwright-core'
import {
  adminToken,
  buildConsole,
  findChromium,
  openStage,
  type Stage,
  shipper,
  tellStory,
} from '../browser/stage.ts'
import { skip, tell, title } from './figures.ts'

const assets = 'dashboards/console/dist'
const args = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run']
const readings = 1_000_000
const rows = 100_000
const perSend = 5000

export async function benchConsole(): Promise<void> {
  title('V  the console, in Chromium without a graphics card')
  const executablePath = findChromium()
  if (!executablePath) return skip('console', 'there is no chromium in PATH')
  buildConsole()
  tell({
    name: 'script of the first page, gzipped',
    value: initialKiB(),
    unit: 'KiB',
    aim: 150,
    better: 'less',
  })
  const stage = await openStage()
  const browser = await chromium.launch({ executablePath, args })
  try {
    await tellStory(stage)
    await measureStart(browser, stage)
    await measureTable(browser, stage)
    await measureChart(browser, stage)
    await measureMap(browser, stage)
  } finally {
    await browser.close()
    await stage.close()
  }
}

/** The entry and what it names to be loaded before. */
function initialKiB(): number {
  const html = readFileSync(`${assets}/index.html`, 'utf8')
  const scripts = [...html.matchAll(/(?:src|href)="\.\/(assets\/[^"]+\.js)"/g)].map(
    ([, file]) => file!,
  )
  const bytes = scripts.map((file) => gzipSync(readFileSync(`${assets}/${file}`)).length)
  return bytes.reduce((sum, size) => sum + size, 0) / 1024
}

async function openPage(browser: Browser): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } })
  const page = await context.newPage()
  await page.addInitScript(`sessionStorage['isotherm.token'] ||= '${adminToken}'`)
  return page
}

async function measureStart(browser: Browser, { url }: Stage): Promise<void> {
  const page = await openPage(browser)
  const begin = performance.now()
  await page.goto(`${url}/#/overview`)
  await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor()
  await page.locator('.figure b').first().waitFor()
  const ms = performance.now() - begin
  tell({
    name: 'first page usable, nothing cached',
    value: ms,
    unit: 'ms',
    aim: 1000,
    better: 'less',
  })
  await tellAction(page, 'shortcuts on a key', async () => {
    await page.keyboard.press('?')
    await page.getByRole('dialog').waitFor()
  })
  await page.context().close()
}

/** So many shipments come from no store here: what is measured is the table. */
async function measureTable(browser: Browser, { url }: Stage): Promise<void> {
  const page = await openPage(browser)
  const items = Array.from({ length: rows }, (_, index) => ({
    container: shipper(index),
    device: `L-${index}`,
    mountedFrom: '2026-03-01T10:00:00Z',
    mountedTo: null,
    openAlerts: index % 7 === 0 ? 1 : 0,
    latest: { time: '2026-03-01T12:00:00Z', value: index % 13 },
    position: null,
  }))
  const body = JSON.stringify({ items, next: null })
  await page.route('**/api/v1/positions?*', (route) =>
    route.fulfill({ contentType: 'application/json', body }),
  )
  await page.goto(`${url}/#/shipments`)
  await page.getByRole('link', { name: /SSCC/ }).first().waitFor()
  const step = `scrollBy(0, 400)`
  tell({
    name: `table of ${rows} rows, scrolled`,
    value: await framesOf(page, step),
    unit: 'frames/s',
    aim: 50,
  })
  await tellAction(page, 'the same, sorted', async () => {
    await page.evaluate('scrollTo(0, 0)')
    await page.getByRole('button', { name: 'Temperature' }).click()
    await page.locator('th[aria-sort="ascending"]').waitFor()
  })
  await page.context().close()
}

async function measureChart(browser: Browser, stage: Stage): Promise<void> {
  const every = Math.floor((10 * 3_600_000) / readings)
  for (let sent = 0; sent < readings; sent += perSend)
    await stage.send(
      'L-103',
      Array.from({ length: perSend }, (_, index) => ({
        time: stage.start + (sent + index) * every,
        temperature: 4 + ((sent + index) % 29) / 10,
      })),
    )
  await stage.settled()
  const page = await openPage(browser)
  const begin = performance.now()
  await page.goto(`${stage.url}/#/shipments/${encodeURIComponent(shipper(3))}`)
  await page.getByText('lowest to highest').waitFor()
  const ms = performance.now() - begin
  tell({ name: `page with a chart of ${readings} readings`, value: ms, unit: 'ms' })
  const step = `document.querySelector('.u-over').dispatchEvent(new MouseEvent('mousemove', {
    clientX: 300 + (frame * 7) % 900, clientY: 300, bubbles: true }))`
  tell({
    name: 'the same, the cursor going along',
    value: await framesOf(page, step),
    unit: 'frames/s',
    aim: 50,
  })
  await page.context().close()
}

async function measureMap(browser: Browser, { url }: Stage): Promise<void> {
  const page = await openPage(browser)
  await page.goto(`${url}/#/overview`)
  await page.locator('.map-ground').focus()
  for (let i = 0; i < 4; i++) await page.keyboard.press('+')
  const step = `document.querySelector('.map-ground').dispatchEvent(new KeyboardEvent('keydown', {
    key: frame % 60 < 30 ? 'ArrowRight' : 'ArrowLeft', bubbles: true, cancelable: true }))`
  tell({ name: 'map, moved', value: await framesOf(page, step), unit: 'frames/s', aim: 50 })
  await page.context().close()
}

async function tellAction(page: Page, name: string, act: () => Promise<void>): Promise<void> {
  await page.waitForLoadState()
  const begin = performance.now()
  await act()
  tell({ name, value: performance.now() - begin, unit: 'ms', aim: 100, better: 'less' })
}

/** Frames per second over three seconds while `step` is done in each. */
async function framesOf(page: Page, step: string): Promise<number> {
  const found = await page.evaluate(`new Promise((resolve) => {
    const begin = performance.now()
    let frame = 0
    const next = () => {
      ${step}
      frame++
      const ms = performance.now() - begin
      if (ms >= 3000) resolve((frame * 1000) / ms)
      else requestAnimationFrame(next)
    }
    requestAnimationFrame(next)
  })`)
  return Number(found)
}

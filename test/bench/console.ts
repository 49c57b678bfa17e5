// V: the console in the system's Chromium: how soon it can be used, how much script that takes, and
// whether long tables, a chart of a million readings and the map keep up with the eye.
import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { type Browser, chromium, type Page } from 'playwright-core'
import { associated, commissioned, packed } from '../../simulators/events.ts'
import { giai } from '../../simulators/keys.ts'
import {
  adminToken,
  at,
  buildConsole,
  findChromium,
  openStage,
  type Stage,
  serialOf,
  shipper,
  tellStory,
} from '../browser/stage.ts'
import { skip, tell, title } from './figures.ts'

const assets = 'dashboards/console/dist'
const args = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run']
const readings = 1_000_000
const rows = 100_000
const perSend = 5000
const serials = 20_000
const minute = 60_000

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
    await measureSerials(browser, stage)
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
  const sheet: Action = { name: 'shortcuts on a key', event: 'keydown', shown: 'dialog[open]' }
  await tellAction(page, sheet, () => page.keyboard.press('?'))
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
  await page.evaluate('scrollTo(0, 0)')
  const sorting: Action = {
    name: 'the same, sorted',
    event: 'click',
    shown: 'th[aria-sort="ascending"]',
  }
  await tellAction(page, sorting, () => page.getByRole('button', { name: 'Temperature' }).click())
  await page.context().close()
}

/** A shipper of very many that got too warm: one click from the inbox to its serials. */
async function measureSerials(browser: Browser, stage: Stage): Promise<void> {
  await tellWarmShipper(stage)
  const page = await openPage(browser)
  await page.goto(`${stage.url}/#/alerts`)
  const link = page.locator(`a[href^="#/alerts/"]`).filter({ hasText: shipper(4).slice(-18) })
  await link.first().waitFor()
  const shown = '.serials tbody tr:nth-child(100)'
  const opened: Action = {
    name: `alert to 100 of its ${serials} serials`,
    event: 'click',
    shown,
    aim: 300,
  }
  await tellAction(page, opened, () => link.first().click())
  await page.context().close()
}

async function tellWarmShipper(stage: Stage): Promise<void> {
  const { start } = stage
  const epcs = Array.from({ length: serials }, (_, index) => serialOf('W', index + 1))
  const device = { id: 'L-104', giai: giai('L104'), loggingIntervalSeconds: 300 }
  await stage.call('POST', '/api/v1/devices', device)
  const ilmd = { lot: 'LOT-W7', expiry: '2027-12-31' }
  const logger = { container: shipper(4), logger: device.giai }
  await stage.capture([associated(at(start), 'ADD', logger)])
  for (let from = 0; from < serials; from += perSend) {
    const some = epcs.slice(from, from + perSend)
    await stage.capture([commissioned(at(start - 60 * minute), some, ilmd)])
    await stage.capture([packed(at(start), shipper(4), some)])
  }
  await stage.settled()
  await stage.send(
    device.id,
    Array.from({ length: 48 }, (_, index) => ({
      time: start + 5 * index * minute,
      temperature: 11,
    })),
  )
  await stage.settled()
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

interface Action {
  name: string
  /** What begins it, and what is there when it is done. */
  event: 'keydown' | 'click'
  shown: string
  aim?: number
}

/**
 * As a person waits: from when the browser had the key or click, which may have stood in a queue,
 * to the end of the frame that shows what it did. The way of this program to the browser is no part.
 */
async function tellAction(page: Page, action: Action, act: () => Promise<void>): Promise<void> {
  const { name, event, shown, aim = 100 } = action
  await page.waitForLoadState()
  await page.evaluate(`window.acted = new Promise((resolve) => {
    const begin = ({ timeStamp }) => {
      const { port1, port2 } = new MessageChannel()
      port1.onmessage = () => resolve(performance.now() - timeStamp)
      const look = () => {
        if (document.querySelector('${shown}')) port2.postMessage(null)
        else requestAnimationFrame(look)
      }
      requestAnimationFrame(look)
    }
    addEventListener('${event}', begin, { capture: true, once: true })
  }); 0`)
  await act()
  tell({ name, value: Number(await page.evaluate('acted')), unit: 'ms', aim, better: 'less' })
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

// Two days in a real browser, by keys alone: a recall drill of which people are told by a rule that
// is set up, tried and followed in the console, and a case of goods that turn up where they may not
// be sold, with two reviewers. Skipped when the system has no Chromium.
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { type Browser, chromium, type Locator, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { commissioned, dispensed, packed, received, shipped } from '../../simulators/events.ts'
import { sgln, sgtin, sscc } from '../../simulators/keys.ts'
import {
  adminToken,
  at,
  buildConsole,
  findChromium,
  openStage,
  product,
  type Stage,
} from './stage.ts'

const executablePath = findChromium()
const output = 'test/output'
/** For people to look at: they take most of the time and prove nothing. */
const pictures = process.env.ISOTHERM_TEST_PICTURES !== undefined
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const ask = `axe
  .run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })
  .then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes[0].html))`
const minute = 60_000
/** A busy machine may take its time. */
const patient = { timeout: 30_000 }
const pallet = sscc(1, 60)
const serials = Array.from({ length: 24 }, (_, index) => sgtin(product, `Z${index + 1}`))
const late = Array.from({ length: 3 }, (_, index) => sgtin(product, `ZL${index + 1}`))
const ilmd = { lot: 'LOT-Z', expiry: '2027-12-31' }
const [plant, hub] = [sgln(1), sgln(2)]

if (!executablePath) console.warn('recall-and-case-day: skipped, there is no chromium in PATH')

describe.skipIf(!executablePath)('a recall drill and a case', { timeout: 120_000 }, () => {
  let browser: Browser
  let stage: Stage
  let page: Page
  let pager: Pager
  const complaints: string[] = []

  const look = async (name: string): Promise<void> => {
    for (const colorScheme of pictures ? (['light', 'dark'] as const) : []) {
      await page.emulateMedia({ colorScheme })
      await page.screenshot({ path: `${output}/day-${name}-${colorScheme}.png`, fullPage: true })
    }
    await page.evaluate(axe)
    const found = (await page.evaluate(ask)) as string[]
    expect(found).toEqual([])
  }
  const button = (name: string | RegExp): Locator =>
    page.getByRole('button', { name, exact: true }).last()
  /** As people without a mouse do: the focus goes there, and a key is pressed. */
  const press = (target: Locator, key = 'Enter'): Promise<void> => target.press(key)

  beforeAll(async () => {
    buildConsole()
    await mkdir(output, { recursive: true })
    pager = await openPager()
    stage = await openStage({ ISOTHERM_WEBHOOK_ALLOW: '127.0.0.1' })
    await tellSale(stage)
    const args = ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run']
    browser = await chromium.launch({ executablePath: executablePath!, args })
    const context = await browser.newContext({
      ...{ viewport: { width: 1440, height: 900 }, timezoneId: 'Europe/Berlin', locale: 'en-GB' },
    })
    page = await context.newPage()
    page.setDefaultTimeout(30_000)
    page.on('pageerror', (error) => complaints.push(String(error)))
    await page.addInitScript(`sessionStorage['isotherm.token'] ||= '${adminToken}'`)
  }, 120_000)

  afterAll(async () => {
    await browser?.close()
    await stage?.close()
    pager?.server.close()
    expect(complaints).toEqual([])
  })

  it('sets up whom to tell, and a test message arrives', async () => {
    await page.goto(`${stage.url}/#/notifications`)
    await page.getByText('Add a channel first').waitFor()
    await press(button('New channel'))
    await page.getByLabel('Name', { exact: true }).fill('Recall team')
    await page.getByLabel('Type', { exact: true }).selectOption('webhook')
    await page.getByLabel('Address (URL)').fill(pager.url)
    await press(button('Save'))
    await page.getByText(/^whsec_/).waitFor()
    await press(button('Send a test: Recall team'))
    await page.getByText('Test message accepted: the channel works.').waitFor()
    expect(pager.messages).toHaveLength(1)
  })

  it('says of what, in a rule', async () => {
    await press(button('New rule'))
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Name', { exact: true }).fill('Recalls and drills')
    await dialog.getByLabel('Minimum severity').selectOption('')
    await press(dialog.getByLabel('recall started'), 'Space')
    await press(dialog.getByLabel('Recall team'), 'Space')
    await look('rule')
    await press(button('Save'))
    await page.getByText('at once: Recall team').waitFor()
    await look('notifications')
  })

  it('drills a recall by lot: the clock runs, the units and their holders are known', async () => {
    await page.goto(`${stage.url}/#/recalls`)
    await page.getByLabel('Name').fill('Drill of lot Z')
    await page.getByLabel('Reason').fill('The drill of this quarter')
    await page.getByLabel('Any of these, one per line').fill('LOT-Z')
    await press(button('Start the drill'))
    await page
      .getByRole('timer')
      .getByText(/Running for 0:0/)
      .waitFor()
    await figure('Units in scope', 24)
    await figure('sold', 1)
    await figure('Holders', 2)
  })

  it('tells the people of the rule at once, and the log says that it was taken', async () => {
    await expect.poll(() => pager.messages.length, patient).toBe(2)
    const room = page.url()
    await page.goto(`${stage.url}/#/notifications`)
    const row = page.locator('tr', { hasText: 'recall started' })
    await row.getByText('delivered').waitFor()
    await press(row.getByRole('link'))
    await page.getByRole('dialog').getByText('Recalls and drills, Rung 1').waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await page.goto(room)
  })

  it('restates the drill when units of the lot come to light, without a reload', async () => {
    await stage.capture([commissioned(at(stage.start), late, ilmd)])
    await figure('Units in scope', 27)
    await page.getByText(/^Revision 2, .*27 units/).waitFor()
    await press(page.getByLabel('Save as file: Units'))
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      press(page.getByRole('button', { name: /^CSV/ }).filter({ visible: true })),
    ])
    expect(file.suggestedFilename()).toMatch(/^recalled-units_recall-.*_r2\.csv$/)
    const lines = readFileSync(await file.path(), 'utf8')
      .trim()
      .split('\n')
    expect(lines).toHaveLength(28)
  })

  it('asks each holder, ends with its time, and has blocked nothing', async () => {
    const holders = page.getByRole('button', { name: /^Mark as notified/ })
    for (let left = await holders.count(); left > 0; left--) {
      await press(holders.first())
      await expect.poll(() => holders.count(), patient).toBe(left - 1)
    }
    await press(page.getByRole('button', { name: /^Mark as acknowledged/ }).first())
    await figure('Acknowledged', 1)
    await look('drill')
    await press(button('Close'))
    await press(page.getByRole('dialog').getByRole('button', { name: 'Close' }).last())
    await page
      .getByRole('timer')
      .getByText(/^Took 0:0/)
      .waitFor()
    const told = (await stage.call('GET', `/api/v1/reports/fmd?gtin=${product}&lot=LOT-Z`)) as {
      items: { recalled: boolean }[]
    }
    expect(told.items.filter(({ recalled }) => recalled)).toEqual([])
  })

  it('finds a case: units on the way to Berlin are looked at in Poland, where nobody may sell them', async () => {
    for (const [index, place] of ['u3qc', 'u3k0', 'u35r', 'u2yh', 'u3qc', 'u3k0'].entries())
      await stage.call('POST', '/api/v1/scans', {
        session: `shop-${index}`,
        scans: [{ text: serials[index + 6], place, time: ago(50 - index) }],
      })
    const found = async (): Promise<number> =>
      ((await stage.call('GET', '/api/v1/cases')) as { items: unknown[] }).items.length
    await expect.poll(found, { timeout: 60_000, interval: 500 }).toBe(1)
    await page.goto(`${stage.url}/#/cases`)
    await press(page.locator('main a[href*="#/cases/"]').first())
    await page.locator('.evidence li').first().waitFor()
    await page
      .getByText(/were seen where their lot may not be sold/)
      .first()
      .waitFor()
    // The plant of its papers, and where it was looked at.
    await expect.poll(() => page.locator('.map-marks .mark').count(), patient).toBeGreaterThan(2)
    await page.getByText('No verdict yet.').waitFor()
    await look('case')
  })

  it('takes no verdict on a case that changed meanwhile, and the verdict after looking again', async () => {
    // The line to the server is lost: the page hears of nothing.
    await page.route('**/api/v1/stream', (route) => route.abort())
    await page.reload()
    await page.getByText(/Connection to the server lost/).waitFor()
    await press(page.getByRole('radio', { name: 'Confirmed' }), 'Space')
    await page.getByLabel('Reason').fill('Six shops in a country that the lot is not for')
    const [, id] = /#\/cases\/([^?]+)/.exec(page.url())!
    const trader = 'A parallel trader with a licence, it seems'
    await stage.call('POST', `/api/v1/cases/${id}/verdict`, {
      verdict: 'dismissed',
      reason: trader,
    })
    await press(button('Record verdict'))
    await page.getByText('The case changed after you opened it. Nothing was recorded.').waitFor()
    await press(button('Refresh'))
    await page.getByText(trader).waitFor()
    await press(page.getByRole('radio', { name: 'Confirmed' }), 'Space')
    await page.getByLabel('Reason').fill('The licence is for another lot')
    await press(button('Record verdict'))
    await page.getByText('confirmed', { exact: true }).waitFor()
    await page.unroute('**/api/v1/stream')
    const told = (await stage.call('GET', `/api/v1/cases/${id}`)) as {
      status: string
      verdicts: { verdict: string }[]
    }
    expect(told.status).toBe('confirmed')
    expect(told.verdicts.map(({ verdict }) => verdict).sort()).toEqual(['confirmed', 'dismissed'])
  })

  it('leaves single keys alone for who switched them off', async () => {
    await page.goto(`${stage.url}/#/preferences`)
    const letters = page.getByRole('checkbox', { name: 'Single-key shortcuts' })
    await press(letters, 'Space')
    expect(await letters.isChecked()).toBe(false)
    await page.reload()
    await page.getByText('live', { exact: true }).waitFor()
    await letters.evaluate('document.activeElement.blur()')
    // As a person types: keys without a pause between them are a scanner's.
    await page.keyboard.type('ugsw?/', { delay: 150 })
    expect(page.url()).toContain('#/preferences')
    expect(await page.getByRole('dialog').count()).toBe(0)
    expect(await page.evaluate(`localStorage['isotherm.unit']`)).toBe('C')
    await page.keyboard.press('Control+k')
    await page.getByRole('combobox', { name: /search/i }).waitFor()
    await page.keyboard.press('Escape')
    await press(letters, 'Space')
    await letters.evaluate('document.activeElement.blur()')
    await page.keyboard.type('ga', { delay: 150 })
    await expect.poll(() => page.url(), patient).toContain('#/alerts')
  })

  async function figure(name: string, value: number): Promise<void> {
    const cell = page.locator('.figures > div', {
      has: page.getByText(name, { exact: true }),
    })
    await expect.poll(() => cell.locator('dd').textContent(), patient).toBe(`${value}`)
  }
})

const ago = (minutes: number): string => new Date(Date.now() - minutes * minute).toISOString()

interface Pager {
  server: Server
  url: string
  messages: string[]
}

/** Somebody else's program, which takes every message. */
async function openPager(): Promise<Pager> {
  const messages: string[] = []
  const server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      messages.push(Buffer.concat(parts).toString())
      response.writeHead(204).end()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return { server, url: `http://127.0.0.1:${port}/recalls`, messages }
}

/** A lot for Germany: six units were delivered and one of them sold; the others are on their way. */
async function tellSale(stage: Stage): Promise<void> {
  const { start } = stage
  await stage.call('PUT', `/api/v1/products/${product}`, {
    name: 'Example vaccine, 10 doses',
    profile: { ruleSet: 'pharma-2-8', loggingIntervalSeconds: 600 },
  })
  await stage.call('PUT', `/api/v1/lots/${product}/LOT-Z`, { markets: ['DE'] })
  const spots = [
    { id: plant, name: 'Plant Basel', latitude: 47.56, longitude: 7.59, country: 'CH' },
    { id: hub, name: 'Hub Berlin', latitude: 52.52, longitude: 13.4, country: 'DE' },
  ]
  for (const { id, name, latitude, longitude, country } of spots)
    await stage.call('PUT', `/api/v1/master-data/BusinessLocation/${encodeURIComponent(id)}`, {
      attributes: {
        ...{ [`${cbv}name`]: name, [`${cbv}countryCode`]: country },
        ...{ [`${cbv}latitude`]: latitude, [`${cbv}longitude`]: longitude },
      },
    })
  const deal = { from: plant, to: hub, despatchAdvice: 'urn:epcglobal:cbv:bt:9521234000006:D1' }
  const inBerlin = { ...at(start + 600 * minute), place: hub }
  await stage.capture([
    commissioned(at(start - 60 * minute), serials, ilmd),
    shipped(at(start), serials.slice(0, 6), deal),
    received(inBerlin, serials.slice(0, 6)),
    dispensed({ ...inBerlin, time: start + 660 * minute }, serials.slice(0, 1)),
    packed(at(start + 300 * minute), pallet, serials.slice(6)),
    shipped(at(start + 600 * minute), [pallet], deal),
  ])
  await stage.settled()
}

const cbv = 'urn:epcglobal:cbv:mda#'

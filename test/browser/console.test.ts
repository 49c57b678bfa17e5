// The console in a real browser, against a real server. Skipped when the system has no Chromium.
import { readFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  adminToken,
  buildConsole,
  findChromium,
  openStage,
  type Stage,
  tellLate,
  tellStory,
} from './stage.ts'

const executablePath = findChromium()
const args = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]
const output = 'test/output'
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const sizes = {
  desk: { width: 1440, height: 900 },
  phone: { width: 390, height: 844 },
  wall: { width: 2560, height: 1440 },
}

if (!executablePath) console.warn('console.test: skipped, there is no chromium in PATH')

describe.skipIf(!executablePath)('the console', { timeout: 90_000 }, () => {
  let browser: Browser
  let stage: Stage
  /** What the pages complained about: blocked by the content policy, failed scripts. */
  const complaints: string[] = []

  const open = async (hash = '', { token = adminToken, viewport = sizes.desk } = {}) => {
    const context = await browser.newContext({
      viewport,
      timezoneId: 'Europe/Berlin',
      locale: 'en-GB',
    })
    const page = await context.newPage()
    page.setDefaultTimeout(30_000)
    page.on('pageerror', (error) => complaints.push(String(error)))
    page.on('console', (line) => {
      // A refused or interrupted request is written to the console by the browser itself.
      const expected = /status of 40[13]|ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED/
      if (line.type() === 'error' && !expected.test(line.text())) complaints.push(line.text())
    })
    await page.addInitScript(`sessionStorage['isotherm.token'] ||= '${token}'`)
    await page.goto(`${stage.url}/${hash}`)
    return page
  }

  beforeAll(async () => {
    buildConsole()
    await mkdir(output, { recursive: true })
    stage = await openStage()
    browser = await chromium.launch({ executablePath: executablePath!, args })
  }, 90_000)

  afterAll(async () => {
    await browser?.close()
    await stage?.close()
  })

  it('says where a token is found, refuses a wrong one and names the remedy', async () => {
    const page = await open('', { token: '' })
    await page.getByRole('button', { name: 'Access token' }).click()
    await page.getByLabel('Access token').fill('not-the-token')
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await page.getByText('Sign in again with a token that is in force.').waitFor()
    await expectAccessible(page)
    await page.screenshot({ path: `${output}/console-sign-in.png` })
    await page.getByLabel('Access token').fill(adminToken)
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await page.getByText('live', { exact: true }).waitFor()
    await page.context().close()
  })

  it('tells what to do next while nothing is there', async () => {
    const page = await open()
    await page.getByText('No logger has been mounted yet').waitFor()
    await expectAccessible(page)
    await page.screenshot({ path: `${output}/console-first-steps.png`, fullPage: true })
    await page.context().close()
  })

  it('whose first steps bring a first alert with the serials that were inside', async () => {
    const page = await open()
    await page.locator('.first-steps pre').first().waitFor()
    for (const command of await page.locator('.first-steps pre').allTextContents()) {
      const [, method, url, body] = /curl -X (\w+) (\S+)[\s\S]* -d '([\s\S]*)'$/.exec(command) ?? []
      if (method && url && body)
        await stage.call(method, url.slice(stage.url.length), JSON.parse(body))
      // No broker client is needed to say the same by HTTP.
      const temperature = /"temperature":([\d.]+)/.exec(command)?.[1]
      if (temperature)
        await stage.send('logger-1', [{ time: Date.now(), temperature: Number(temperature) }])
    }
    await stage.settled()
    const first = await alertOf(stage, 'logger-1')
    expect(first.serialCount).toBe(2)
    await page.locator(`a[href="#/alerts/${first.id}"]`).waitFor()
    await page.context().close()
  })

  it('takes the token out of the address bar', async () => {
    const page = await open(`#token=${adminToken}`, { token: '' })
    await page.getByText('live', { exact: true }).waitFor()
    expect(page.url()).not.toContain(adminToken)
    await page.context().close()
  })

  describe('with shipments under way', () => {
    beforeAll(() => tellStory(stage), 90_000)

    it('shows all serials that were inside the breach, with the hash of the set', async () => {
      const page = await open()
      const warm = await alertOf(stage, 'L-101')
      await page.locator(`a[href="#/alerts/${warm.id}"]`).click()
      await page.getByText(warm.serialSetHash).waitFor()
      const rows = page.locator('.serials tbody tr')
      await rows.nth(99).waitFor()
      const more = page.getByRole('button', { name: /Show more/ })
      while (await more.isVisible()) await more.click()
      await rows.nth(warm.serialCount - 1).waitFor()
      expect(await rows.count()).toBe(warm.serialCount)
      await page.context().close()
    })

    it('hands out the whole set as CSV', async () => {
      const warm = await alertOf(stage, 'L-101')
      const page = await open(`#/alerts/${warm.id}`)
      const [file] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('button', { name: 'Save CSV' }).click(),
      ])
      const lines = readFileSync(await file.path(), 'utf8')
        .trim()
        .split('\n')
      expect(lines).toHaveLength(warm.serialCount + 1)
      await page.context().close()
    })

    it('writes °F when asked to, and keeps to it after a reload', async () => {
      const warm = await alertOf(stage, 'L-101')
      const page = await open(`#/alerts/${warm.id}`)
      await page.locator('.facts').waitFor()
      await page.keyboard.press('u')
      const peakF = `${((warm.peakC * 9) / 5 + 32).toFixed(1)} °F`
      await page.locator('.facts').getByText(peakF).waitFor()
      await page.reload()
      await page.locator('.facts').getByText(peakF).waitFor()
      await page.context().close()
    })

    it('can be read with the keyboard: arrow keys go from reading to reading', async () => {
      const page = await open(`#/alerts/${(await alertOf(stage, 'L-101')).id}`)
      const chart = page.getByRole('slider', { name: 'Readings in the temperature chart' })
      await chart.focus()
      await chart.press('ArrowRight')
      await expect.poll(() => chart.getAttribute('aria-valuetext')).toMatch(/ \d{4}, .*\s°C$/)
      await page.context().close()
    })

    for (const theme of ['light', 'dark'] as const)
      for (const [name, viewport] of Object.entries(sizes))
        it(`has no accessibility violations and fits: ${theme}, ${name}`, async () => {
          const { id } = await alertOf(stage, 'L-101')
          const page = await open(`#/alerts/${id}`, { viewport })
          await page.evaluate(`localStorage['isotherm.theme'] = '${theme}'`)
          await page.reload()
          await page.locator('.plot canvas').waitFor()
          await page.locator('.serials tbody tr').nth(99).waitFor()
          await expectAccessible(page)
          await page.screenshot({ path: `${output}/console-${name}-${theme}.png` })
          await page.evaluate("document.querySelector('.serials').scrollIntoView()")
          await page.screenshot({ path: `${output}/console-${name}-${theme}-detail.png` })
          const overflow = await page.evaluate(
            'document.documentElement.scrollWidth - document.documentElement.clientWidth',
          )
          expect(overflow, 'pixels to scroll sideways').toBe(0)
          await page.context().close()
        })

    it('follows along: new readings and a restated set come without a reload', async () => {
      const warm = await alertOf(stage, 'L-101')
      const page = await open('#/devices/L-103')
      await page.getByText('live', { exact: true }).waitFor()
      await page.locator('.row', { hasText: 'logger L-103' }).waitFor()
      await stage.send('L-103', [{ time: Date.now(), temperature: 6.6 }])
      await page.locator('.row', { hasText: 'logger L-103' }).getByText('6.6 °C').waitFor()
      await page.goto(`${stage.url}/#/alerts/${warm.id}`)
      await page.locator('.serials tbody tr').first().waitFor()
      await tellLate(stage)
      const restated = await alertOf(stage, 'L-101')
      expect(restated.serialCount).toBe(warm.serialCount + 20)
      await page.getByText(restated.serialSetHash).waitFor()
      await page.getByText(`${restated.revision} revisions of this alert`).click()
      await page.getByText(/20 serials added/).waitFor()
      await page.screenshot({ path: `${output}/console-restated.png` })
      await page.context().close()
    })

    it('leaves holes empty instead of drawing a line through them', async () => {
      const page = await open(`#/alerts/${(await alertOf(stage, 'L-101')).id}`)
      await page.getByRole('button', { name: 'Whole trip' }).click()
      await page.getByText(/1 hole without data, 1\sh 1[0-9]\smin in all/).waitFor()
      await page.screenshot({ path: `${output}/console-trip.png` })
      await page.context().close()
    })

    it('looks closer where the mouse is drawn across, and back again', async () => {
      const page = await open(`#/alerts/${(await alertOf(stage, 'L-101')).id}`)
      await page.locator('.plot canvas').waitFor()
      const box = (await page.locator('.u-over').boundingBox())!
      await page.mouse.move(box.x + box.width * 0.4, box.y + 40)
      await page.mouse.down()
      await page.mouse.move(box.x + box.width * 0.5, box.y + 40, { steps: 4 })
      await page.mouse.up()
      const back = page.getByRole('button', { name: /Zoomed/ })
      await back.click()
      await back.waitFor({ state: 'detached' })
      await page.context().close()
    })

    it('shows a logger by itself, with an alert or without', async () => {
      const page = await open('#/devices/L-103')
      await page.getByText('still mounted').waitFor()
      await page.getByText(/always within 2.0\s°C to 8.0\s°C/).waitFor()
      await page.goto(`${stage.url}/#/devices/L-102`)
      await page.getByText(/outside 2.0\s°C to 8.0\s°C for/).waitFor()
      await page.screenshot({ path: `${output}/console-device.png` })
      await page.context().close()
    })

    it('draws lowest and highest where there are too many readings for single ones', async () => {
      for (const part of [0, 1])
        await stage.send(
          'L-103',
          Array.from({ length: 2000 }, (_, index) => ({
            time: stage.start + (part * 2000 + index) * 10_000 + 1000,
            temperature: 4 + (index % 5) / 2,
          })),
        )
      await stage.settled()
      const page = await open('#/devices/L-103')
      await page.getByText(/\d+ intervals of 5\smin/).waitFor()
      await page.getByText('lowest to highest').waitFor()
      await page.screenshot({ path: `${output}/console-buckets.png` })
      await page.context().close()
    })

    it('says that it reconnects when the server is gone, and when it is live again', async () => {
      const page = await open(`#/alerts/${(await alertOf(stage, 'L-101')).id}`)
      await page.getByText('live', { exact: true }).waitFor()
      await stage.stop()
      await page.getByText('reconnecting', { exact: true }).waitFor()
      await page.screenshot({ path: `${output}/console-reconnecting.png` })
      await stage.restart()
      await page.getByText('live', { exact: true }).waitFor()
      // What could not be loaded meanwhile is asked for again.
      await expect.poll(() => page.locator('.problem').count(), { timeout: 30_000 }).toBe(0)
      await page.locator('.plot canvas').waitFor()
      await page.context().close()
    })
  })

  it('broke no rule of its content policy and threw nothing', () => {
    expect(complaints).toEqual([])
  })
})

interface AlertRow {
  id: string
  device: string
  revision: number
  serialCount: number
  serialSetHash: string
  peakC: number
}

/** The open excursion of a device with the most serials. */
async function alertOf(stage: Stage, device: string): Promise<AlertRow> {
  const { items } = (await stage.call('GET', `/api/v1/alerts?device=${device}`)) as {
    items: AlertRow[]
  }
  const [first] = items.sort((a, b) => b.serialCount - a.serialCount)
  if (!first) throw new Error(`no alert of ${device}`)
  return first
}

async function expectAccessible(page: Page): Promise<void> {
  await page.evaluate(axe)
  const violations = await page.evaluate(`axe
    .run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })
    .then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes[0].html))`)
  expect(violations).toEqual([])
}

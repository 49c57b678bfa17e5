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
  product,
  type Stage,
  serialOf,
  shipper,
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
/** Of every page, for people to look at: they take most of the time and prove nothing. */
const pictures = process.env.ISOTHERM_TEST_PICTURES !== undefined
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const sizes = {
  desk: { width: 1440, height: 900 },
  small: { width: 1280, height: 800 },
  phone: { width: 360, height: 740 },
  /** A desk of 1280 x 800 at 200 % (WCAG 2.2, 1.4.4). */
  zoom: { width: 640, height: 400 },
}

if (!executablePath) console.warn('console.test: skipped, there is no chromium in PATH')

interface Registry {
  pages: readonly { path: string; group: string }[]
  groups: readonly string[]
}
// Its pages are JSX, which only the console's own compiler options know.
const registry = '../../dashboards/console/src/pages.ts'
const { pages, groups } = (await import(/* @vite-ignore */ registry)) as Registry

describe.skipIf(!executablePath)('the console', () => {
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
      const expected =
        /status of 40[0134]|ERR_CONNECTION_RE|ERR_EMPTY_RESPONSE|ERR_INCOMPLETE_CHUNKED/
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
    await page.getByText('Sign in again with a valid token.').waitFor()
    await expectAccessible(page)
    await page.screenshot({ path: `${output}/console-sign-in.png` })
    await page.getByLabel('Access token').fill(adminToken)
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await page.getByText('live', { exact: true }).waitFor()
    await page.context().close()
  })

  it('tells what to do next while nothing is there, and the steps bring a first alert', async () => {
    // A token in a link leaves the address bar.
    const page = await open(`#token=${adminToken}`, { token: '' })
    await page.getByText('No logger has been mounted yet').waitFor()
    // The table of shipments blames no filter either.
    await page.goto(`${stage.url}/#/shipments`)
    await page.getByRole('link', { name: 'To the first steps' }).click()
    await page.getByText('No logger has been mounted yet').waitFor()
    expect(page.url()).not.toContain(adminToken)
    await expectAccessible(page)
    await page.screenshot({ path: `${output}/console-first-steps.png`, fullPage: true })
    for (const command of await page.locator('.first-steps pre').allTextContents()) {
      const curl = /curl -X (\w+) '?([^\s']+)'?[\s\S]* -d '([\s\S]*)'$/
      const [, method, url, body] = curl.exec(command) ?? []
      // What the shell would do of it.
      const said = body?.replace(/'\$\(date [^)]*\)'/, new Date().toISOString())
      if (method && url && said)
        await stage.call(method, url.slice(stage.url.length), JSON.parse(said))
    }
    await stage.settled()
    const first = await alertOf(stage, 'logger-1')
    expect(first.serialCount).toBe(2)
    await page.locator(`a[href="#/alerts/${first.id}"]`).waitFor()
    await page.context().close()
  })

  describe('with shipments under way', () => {
    let page: Page
    let warm: AlertRow
    beforeAll(async () => {
      await tellStory(stage)
      for (const name of ['Quality', 'Warehouse'])
        await stage.call('POST', '/api/v1/notification-channels', {
          ...{ name, via: 'webhook', url: `https://${name.toLowerCase()}.example.test/alerts` },
        })
      warm = await alertOf(stage, 'L-101')
      page = await open()
    }, 90_000)
    afterAll(() => page?.context().close())
    const goTo = async (hash: string): Promise<void> => {
      await page.goto(`${stage.url}/#/`)
      await page.goto(`${stage.url}/${hash}`)
    }

    it('brings to the serials of an alert in two clicks, with the hash of the set', async () => {
      await page.locator(`a[href="#/alerts/${warm.id}"]`).first().click()
      await page.getByText(warm.serialSetHash).waitFor()
      const rows = page.locator('.serials tbody tr')
      await rows.nth(99).waitFor()
      const more = page.getByRole('button', { name: /Show more/ })
      while (await more.isVisible()) await more.click()
      await rows.nth(warm.serialCount - 1).waitFor()
      expect(await rows.count()).toBe(warm.serialCount)
    })

    it('hands out the whole set as CSV', async () => {
      const [file] = await Promise.all([
        page.waitForEvent('download'),
        page
          .getByLabel('Save as file: Affected serials')
          .click()
          .then(() => page.getByRole('button', { name: /^CSV/ }).filter({ visible: true }).click()),
      ])
      const lines = readFileSync(await file.path(), 'utf8')
        .trim()
        .split('\n')
      expect(lines).toHaveLength(warm.serialCount + 1)
    })

    it('writes °F when asked to, and keeps to it after a reload', async () => {
      const peakF = `${((warm.peakC * 9) / 5 + 32).toFixed(1)} °F`
      await page.keyboard.press('u')
      await page.locator('.facts').getByText(peakF).waitFor()
      await page.reload()
      await page.locator('.facts').getByText(peakF).waitFor()
      await page.keyboard.press('u')
    })

    it('can be read with the keyboard: arrow keys go from reading to reading', async () => {
      const chart = page.getByRole('slider', { name: 'Readings in the temperature chart' })
      await chart.focus()
      await chart.press('ArrowRight')
      await expect.poll(() => chart.getAttribute('aria-valuetext')).toMatch(/ \d{4}, .*\s°C$/)
    })

    it('leaves holes empty instead of drawing a line through them', async () => {
      await page.getByRole('button', { name: 'Whole trip' }).click()
      await page.getByText(/1 hole without data, 1\sh 1[0-9]\smin in total/).waitFor()
      await page.screenshot({ path: `${output}/console-trip.png` })
    })

    it('looks closer where the mouse is drawn across, and back again', async () => {
      const box = (await page.locator('.u-over').boundingBox())!
      await page.mouse.move(box.x + box.width * 0.4, box.y + 40)
      await page.mouse.down()
      await page.mouse.move(box.x + box.width * 0.5, box.y + 40, { steps: 4 })
      await page.mouse.up()
      const back = page.getByRole('button', { name: /Zoomed/ })
      await back.click()
      await back.waitFor({ state: 'detached' })
    })

    it('is gone through by keys alone: search, shortcuts, pages, rows', async () => {
      await goTo('#/overview')
      await page.keyboard.press('Control+k')
      await page.getByRole('combobox', { name: 'Search' }).waitFor()
      await page.keyboard.type('lan')
      await page.getByRole('option', { name: /^Lanes/ }).waitFor()
      await page.keyboard.press('Enter')
      await page.getByRole('heading', { level: 1, name: 'Lanes' }).waitFor()
      await page.keyboard.press('?')
      await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor()
      await expectAccessible(page)
      await page.keyboard.press('Escape')
      await page.getByRole('dialog').waitFor({ state: 'detached' })
      // As a person types: keys without a pause between them are a scanner's.
      await page.keyboard.type('gs', { delay: 150 })
      await page.getByRole('link', { name: /SSCC/ }).first().focus()
      await page.keyboard.press('End')
      const last = await page.evaluate('document.activeElement.getAttribute("href")')
      await page.keyboard.press('Enter')
      await expect.poll(() => page.evaluate('location.hash')).toBe(last)
    })

    it('finds a unit by its serial number alone, and a logger by its name', async () => {
      await page.keyboard.press('Control+k')
      await page.getByRole('combobox', { name: 'Search' }).waitFor()
      await page.keyboard.type('A0001')
      await page.getByRole('option', { name: /SN A0001/ }).waitFor()
      await page.locator('.palette-input').fill('L-103')
      await page.getByRole('option', { name: /^L-103/ }).waitFor()
      await page.keyboard.press('Escape')
    })

    it.each(groups)('has no accessibility violations in light and dark: %s', async (group) => {
      const wrong: string[] = []
      for (const { path } of pages.filter((entry) => entry.group === group)) {
        const segments = path.split('/').map((part) => (part.startsWith(':') ? idFor(path) : part))
        await goTo(`#/${segments.map(encodeURIComponent).join('/')}`)
        await settled(page)
        const name = path.replace(/\W+/g, '-')
        for (const theme of ['light', 'dark'] as const) {
          await page.emulateMedia({ colorScheme: theme })
          if (pictures) await page.screenshot({ path: `${output}/page-${name}-${theme}.png` })
          // All but contrast is the same in both.
          const found = await violationsOf(page, theme === 'light' ? null : ['color-contrast'])
          wrong.push(...found.map((text) => `${path} ${theme}: ${text}`))
        }
      }
      expect(wrong).toEqual([])
    })
    const idFor = (path: string): string => {
      if (path.startsWith('alerts')) return warm.id
      if (path.startsWith('shipments')) return shipper(1)
      if (path.startsWith('devices')) return 'L-101'
      if (path.startsWith('units')) return serialOf('A', 1)
      if (path.startsWith('products')) return product
      return 'none'
    }

    it.each([
      ['de', 'phone'],
      ['fr', 'phone'],
      ['es', 'phone'],
      ['de', 'zoom'],
    ] as const)('fits in %s on a %s, without scrolling sideways', async (language, size) => {
      const context = await browser.newContext({ viewport: sizes[size] })
      const small = await context.newPage()
      await small.addInitScript(`
        sessionStorage['isotherm.token'] ||= '${adminToken}'
        localStorage['isotherm.language'] = '${language}'`)
      const wide: string[] = []
      for (const { path } of pages.filter((entry) => !entry.path.includes('/:'))) {
        await small.goto(`${stage.url}/#/${path}`)
        await settled(small)
        if (pictures)
          await small.screenshot({
            path: `${output}/${size}-${language}-${path.replace(/\W+/g, '-')}.png`,
          })
        const overflow = await small.evaluate(
          'document.documentElement.scrollWidth - document.documentElement.clientWidth',
        )
        if (overflow !== 0) wide.push(`${path}: ${overflow} px`)
      }
      expect(wide).toEqual([])
      await context.close()
    })

    it.each(['small', 'phone'] as const)('stays where it is while it loads: %s', async (size) => {
      const context = await browser.newContext({ viewport: sizes[size] })
      const fresh = await context.newPage()
      await fresh.addInitScript(`
        sessionStorage['isotherm.token'] ||= '${adminToken}'
        window.shifted = 0
        new PerformanceObserver((list) => {
          for (const { value, hadRecentInput } of list.getEntries())
            if (!hadRecentInput) window.shifted += value
        }).observe({ type: 'layout-shift', buffered: true })`)
      const jumped: string[] = []
      const still = ['overview', 'shipments', 'alerts', 'lanes', 'places', 'audit', 'lab', 'people']
      still.push('notifications', 'recalls', 'devices/L-101', `alerts/${warm.id}`)
      for (const path of [...still, `shipments/${encodeURIComponent(shipper(1))}`]) {
        await fresh.goto(`${stage.url}/#/${path}`)
        await fresh.reload()
        await settled(fresh)
        const shift = (await fresh.evaluate('window.shifted')) as number
        // As web vitals have it: up to 0.1 nobody minds.
        if (shift > 0.1) jumped.push(`${path}: ${shift.toFixed(2)}`)
      }
      expect(jumped).toEqual([])
      await context.close()
    })

    it('says once why panels are missing while a store is away, and what came stays', async () => {
      const away = { status: 503, json: { title: 'Service Unavailable', status: 503 } }
      const missing = /\/(workflow|dispositions|similar|revisions|readings)\b/
      // Of its own: what is refused here is written to the console by the browser itself.
      const context = await browser.newContext({ viewport: sizes.desk })
      const lame = await context.newPage()
      await lame.addInitScript(`sessionStorage['isotherm.token'] ||= '${adminToken}'`)
      await lame.route(missing, (route) => route.fulfill(away))
      await lame.goto(`${stage.url}/#/alerts/${warm.id}`)
      await expect.poll(() => lame.getByText('This could not be loaded.').count()).toBe(5)
      expect(await lame.locator('.problem').count()).toBe(1)
      await lame.getByText(warm.serialSetHash).waitFor()
      await context.close()
    })

    it('leaves to a wall what is read: no buttons, no row by half', async () => {
      await goTo('#/overview')
      await page.setViewportSize({ width: 1280, height: 480 })
      await page.locator('.needs-now li').nth(1).waitFor()
      await page.keyboard.press('w')
      await page.getByText(/^and \d+ more$/).waitFor()
      await goTo('#/alerts')
      await page.locator('.group').first().waitFor()
      expect(await page.locator('main :is(button, input, select):visible').count()).toBe(0)
      await page.keyboard.press('Escape')
      await page.setViewportSize(sizes.desk)
    })

    it('comes back to the row that was opened, and does not take the focus from a filter', async () => {
      const focused = (attribute: string): Promise<unknown> =>
        page.evaluate(`document.activeElement.getAttribute('${attribute}')`)
      await goTo('#/shipments')
      await page.getByRole('link', { name: /SSCC/ }).last().focus()
      const opened = await focused('href')
      await page.keyboard.press('Enter')
      await page.getByRole('heading', { name: 'Route' }).waitFor()
      await page.goBack()
      await expect.poll(() => focused('href')).toBe(opened)
      await goTo('#/audit')
      await page.locator('input#by').pressSequentially('adm')
      expect([await focused('id'), await page.locator('input#by').inputValue()]).toEqual([
        'by',
        'adm',
      ])
    })

    it('begins a dialog in its first field, and gives the focus back', async () => {
      await goTo('#/devices')
      const button = page.getByRole('button', { name: 'Register a logger' })
      await button.press('Enter')
      const focused = (): Promise<unknown> =>
        page.evaluate('document.activeElement.id || document.activeElement.textContent')
      await expect.poll(focused).toBe('device-id')
      await page.keyboard.press('Escape')
      await expect.poll(focused).toBe('Register a logger')
    })

    it('follows along: new readings and a restated set come without a reload', async () => {
      await goTo('#/shipments')
      await stage.send('L-103', [{ time: Date.now(), temperature: 6.6 }])
      const key = shipper(3).split('/').at(-1)!
      await page.locator('tr', { hasText: key }).getByText('6.6 °C').waitFor()
      await goTo(`#/alerts/${warm.id}`)
      await page.locator('.serials tbody tr').first().waitFor()
      await tellLate(stage)
      const restated = await alertOf(stage, 'L-101')
      expect(restated.serialCount).toBe(warm.serialCount + 20)
      await page.getByText(restated.serialSetHash).waitFor()
      await page.getByText(`${restated.revision} revisions of this alert`).click()
      await page.getByText('20 serials added', { exact: true }).waitFor()
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
      await goTo(`#/shipments/${encodeURIComponent(shipper(3))}`)
      await page.getByText(/\d+ intervals of 5\smin/).waitFor()
      await page.getByText('lowest to highest').waitFor()
    })

    it('says that the line is lost when the server is gone, and is live again with it', async () => {
      await goTo('#/overview')
      await stage.stop()
      await page.getByText(/Connection to the server lost/).waitFor()
      await page.screenshot({ path: `${output}/console-reconnecting.png` })
      await stage.restart()
      await page.getByText('live', { exact: true }).waitFor()
      // What could not be loaded meanwhile is asked for again.
      await expect.poll(() => page.locator('.problem').count(), { timeout: 30_000 }).toBe(0)
      expect(await page.getByText(/Connection to the server lost/).count()).toBe(0)
    })
  })

  it('broke no rule of its content policy and threw nothing', () => {
    expect(complaints).toEqual([])
  })
})

/** What pages say of what is on its way, in all languages. */
const loading = /Loading|Wird geladen|werden geladen|hargement|Cargando/

/** Everything that was asked for is there: nothing says that it is loading. */
async function settled(page: Page): Promise<void> {
  await page.locator('main > *').first().waitFor()
  // Not by waitForFunction: it evaluates text, which the content policy forbids.
  const text = (): Promise<string | null> => page.locator('main').textContent()
  await expect.poll(text, { timeout: 30_000 }).not.toMatch(loading)
}

interface AlertRow {
  id: string
  device: string
  severity: string
  revision: number
  serialCount: number
  serialSetHash: string
  peakC: number
}

/** The open excursion of a device with the most serials; of such, the worst: it leads its group. */
async function alertOf(stage: Stage, device: string): Promise<AlertRow> {
  const { items } = (await stage.call('GET', `/api/v1/alerts?device=${device}`)) as {
    items: AlertRow[]
  }
  const rank = ({ severity }: AlertRow): number =>
    ['critical', 'major', 'minor', 'info'].indexOf(severity)
  const [first] = items.sort((a, b) => b.serialCount - a.serialCount || rank(a) - rank(b))
  if (!first) throw new Error(`no alert of ${device}`)
  return first
}

async function expectAccessible(page: Page): Promise<void> {
  expect(await violationsOf(page, null)).toEqual([])
}

/** `rules` null: all of WCAG 2.2 AA and good practice. */
async function violationsOf(page: Page, rules: readonly string[] | null): Promise<string[]> {
  await page.evaluate(`window.axe || (() => { ${axe} })()`)
  const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']
  const runOnly = rules ? { type: 'rule', values: rules } : { type: 'tag', values: tags }
  const found = await page.evaluate(`axe
    .run({ runOnly: ${JSON.stringify(runOnly)}, resultTypes: ['violations'] })
    .then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes[0].html))`)
  return found as string[]
}

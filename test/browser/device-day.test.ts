// The day of a new logger in a real browser: registered, tried, heard, refused. And a scanner that
// is set up wrong. Skipped when the system has no Chromium.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { prepareZXingModule, writeBarcode } from 'zxing-wasm/writer'
import { adminToken, buildConsole, findChromium, openStage, type Stage } from './stage.ts'

const executablePath = findChromium()
const args = ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-sync']
const output = 'test/output'
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const phone = { width: 390, height: 844 }
const desk = { width: 1280, height: 900 }

/** A film of one frame, in which a GS1 Digital Link stands as a QR Code: YUV4MPEG2, 4:2:0. */
async function filmOf(link: string): Promise<Buffer> {
  const wasm = createRequire(import.meta.url).resolve('zxing-wasm/writer/zxing_writer.wasm')
  const wasmBinary = new Uint8Array(readFileSync(wasm)).buffer
  prepareZXingModule({ overrides: { wasmBinary } })
  const { symbol } = await writeBarcode(link, { format: 'QRCode' })
  const [width, height, scale] = [640, 480, 8]
  const light = Buffer.alloc(width * height, 235)
  for (let y = 0; y < symbol.height * scale; y++)
    for (let x = 0; x < symbol.width * scale; x++) {
      const module = Math.floor(y / scale) * symbol.width + Math.floor(x / scale)
      if (symbol.data[module] === 0) light[(y + 60) * width + x + 120] = 16
    }
  const head = Buffer.from(`YUV4MPEG2 W${width} H${height} F5:1 Ip A1:1 C420jpeg\nFRAME\n`)
  return Buffer.concat([head, light, Buffer.alloc((width * height) / 2, 128)])
}

if (!executablePath) console.warn('device-day.test: skipped, there is no chromium in PATH')

describe.skipIf(!executablePath)('the day of a new logger', { timeout: 120_000 }, () => {
  let browser: Browser
  let stage: Stage
  let page: Page
  const complaints: string[] = []
  const folder = mkdtempSync(join(tmpdir(), 'isotherm-device-day-'))

  beforeAll(async () => {
    buildConsole()
    await mkdir(output, { recursive: true })
    stage = await openStage()
    const film = join(folder, 'code.y4m')
    writeFileSync(film, await filmOf('https://id.gs1.org/01/09521234543213/21/FILMED1'))
    const camera = [
      '--use-fake-ui-for-media-stream',
      '--use-fake-device-for-media-stream',
      `--use-file-for-fake-video-capture=${film}`,
    ]
    browser = await chromium.launch({ executablePath: executablePath!, args: [...args, ...camera] })
    const context = await browser.newContext({ viewport: desk, locale: 'en-GB' })
    page = await context.newPage()
    page.setDefaultTimeout(30_000)
    page.on('pageerror', (error) => complaints.push(String(error)))
    page.on('console', (line) => {
      if (line.type() === 'error' && !/status of 40[034]/.test(line.text()))
        complaints.push(line.text())
    })
    await page.addInitScript(`sessionStorage['isotherm.token'] ||= '${adminToken}'`)
  }, 120_000)

  afterAll(async () => {
    await browser?.close()
    await stage?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  const look = async (name: string): Promise<void> => {
    for (const theme of ['dark', 'light']) {
      await page.evaluate(`document.documentElement.dataset.theme = '${theme}'`)
      await page.evaluate(axe)
      const found = (await page.evaluate(
        "axe.run().then(({ violations }) => violations.map(({ id, nodes }) => id + ' ' + nodes[0].html))",
      )) as string[]
      expect(found).toEqual([])
      await page.screenshot({ path: `${output}/${name}-${theme}.png`, fullPage: true })
    }
    await page.setViewportSize(phone)
    const wide = await page.evaluate('document.documentElement.scrollWidth')
    expect(wide).toBeLessThanOrEqual(phone.width)
    await page.screenshot({ path: `${output}/${name}-phone.png`, fullPage: true })
    await page.setViewportSize(desk)
  }

  /** As fast as a scanner: all keys in one task. */
  const burst = async (code: string): Promise<void> => {
    const keys = JSON.stringify([...code, 'Enter'])
    await page.evaluate(`for (const key of ${keys})
      document.body.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }))`)
  }

  it('is registered, and told its token once', async () => {
    await page.goto(`${stage.url}/#/devices`)
    await page.getByRole('button', { name: 'Register a logger' }).click()
    await page.getByLabel('ID', { exact: true }).fill('logger-1')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('The token of logger-1').waitFor()
    await look('devices')
    await page.getByRole('link', { name: 'logger-1' }).click()
    await page.getByText('Nothing from this logger was refused.').waitFor()
  })

  it('is one of many: imported from a file, errors at their lines, tokens as a file once', async () => {
    await page.goto(`${stage.url}/#/devices`)
    await page.getByRole('button', { name: 'Import' }).click()
    const rows = page.getByLabel('Or paste its rows')
    const head = 'id;giai;loggingIntervalSeconds;calibratedAt;certificate'
    await rows.fill(`${head}\nfleet-1;;300;2026-02-10;C-1\nfleet 2;;often;;\nfleet-3;;;;C-2\n`)
    await page.getByRole('button', { name: 'Check' }).click()
    await page.getByText('3 things are wrong').waitFor()
    const told = await page
      .getByRole('table', { name: 'What is wrong' })
      .locator('th')
      .allTextContents()
    expect(told.slice(2)).toEqual(['3', '3', '4', '4'].slice(0, told.length - 2))
    await look('import-wrong')
    await rows.fill(`${head}\nfleet-1;;300;2026-02-10;C-1\nfleet-2;;300;;\nfleet-3;;300;;\n`)
    await page.getByRole('button', { name: 'Check' }).click()
    await page.getByText('3 loggers found, nothing wrong').waitFor()
    await look('import-found')
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Register 3 loggers' }).click(),
    ])
    const tokens = readFileSync(await file.path(), 'utf8')
      .trim()
      .split(/\r?\n/)
    expect(tokens.map((line) => line.split(',')[1])).toEqual([
      'id',
      'fleet-1',
      'fleet-2',
      'fleet-3',
    ])
    await page.getByText('3 loggers registered.').waitFor()
    await look('import-done')
    await page.getByRole('button', { name: 'Close' }).last().click()
    await page.getByRole('link', { name: 'fleet-3' }).waitFor()
  })

  it('is retired with others for one reason', async () => {
    await page.getByRole('button', { name: 'Select', exact: true }).click()
    await page.getByLabel('Select fleet-2').check()
    await page.getByLabel('Select fleet-3').check()
    await page.getByText('2 loggers selected').waitFor()
    await look('retire-choosing')
    await page.getByRole('button', { name: 'Retire', exact: true }).click()
    await page.getByLabel('Reason').fill('sold')
    await look('retire-many')
    await page.getByRole('dialog').getByRole('button', { name: 'Retire', exact: true }).click()
    await page.getByText('2 loggers retired.').waitFor()
    await page.getByRole('link', { name: 'fleet-2' }).waitFor({ state: 'detached' })
    await page.getByRole('link', { name: 'fleet-1' }).waitFor()
  })

  it('is tried in the playground, where what is wrong is marked', async () => {
    await page.goto(`${stage.url}/#/playground`)
    await page.getByRole('button', { name: 'Decode' }).click()
    await page.getByText('1 reading would be kept.').waitFor()
    expect(await page.locator('mark').allTextContents()).toEqual(['{1', '"4.3"2'])
    await page.getByText('reading/time-missing').waitFor()
    await look('playground')
  })

  it('is heard and refused, and its refusal goes on into the playground', async () => {
    await stage.call('POST', '/api/v1/readings?device=logger-1', [
      { time: Date.now(), temperature: 4.2 },
      { time: Date.now(), temperature: 'warm' },
    ])
    await stage.settled()
    await page.goto(`${stage.url}/#/devices/logger-1`)
    await page.getByText('Newest temperature').waitFor()
    await page.getByText('reading/value-invalid', { exact: true }).waitFor()
    await page.getByText('1 refused (reading/value-invalid), 1 readings kept').waitFor()
    await page.getByText(/bytes as received/).click()
    await look('device')
    await page.getByRole('link', { name: 'Open in the playground' }).click()
    await page.getByRole('button', { name: 'Decode' }).click()
    expect(await page.locator('mark').first().textContent()).toBe('"warm"1')
  })

  it('is scanned: a burst of keys on any page leads to what is known of the unit', async () => {
    await page.goto(`${stage.url}/#/devices`)
    await page.getByRole('button', { name: 'Register a logger' }).waitFor()
    await burst(']d2010952123454321321NOBODY1')
    await page.getByText('Not known here').waitFor()
    await look('scan')
  })

  it('is scanned by the camera, whose pictures are read within the browser', async () => {
    await page.goto(`${stage.url}/#/scan`)
    await page.getByRole('button', { name: 'Use the camera' }).click()
    await page.getByText('(21) FILMED1').waitFor()
  })

  it('says what is wrong with a scanner that loses FNC1', async () => {
    await page.goto(`${stage.url}/#/scanner-test`)
    await page.locator('.test-code svg').nth(1).waitFor()
    await burst(']d2010952123454321310LzA721yZaQwM-/1')
    await page.getByText('FNC1 is lost').waitFor()
    await burst(']d20109521234543213' + '21zYaQwMß-1')
    await page.getByText('Keyboard layout').waitFor()
    await look('scanner-test')
  })

  it('leaves nothing that the pages complain about', () => {
    expect(complaints).toEqual([])
  })
})

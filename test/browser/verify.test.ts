// The page for people who scan a code, in a real browser without script. Skipped when the system has
// no Chromium.
import { readFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findChromium, openStage, product, type Stage, serialOf, tellStory } from './stage.ts'

const executablePath = findChromium()
const args = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run']
const output = 'test/output'
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

if (!executablePath) console.warn('verify.test: skipped, there is no chromium in PATH')

describe.skipIf(!executablePath)('the page of a scanned code', { timeout: 60_000 }, () => {
  let browser: Browser
  let stage: Stage
  const complaints: string[] = []

  beforeAll(async () => {
    await mkdir(output, { recursive: true })
    stage = await openStage()
    await tellStory(stage)
    await stage.settled()
    browser = await chromium.launch({ executablePath: executablePath!, args })
  }, 60_000)
  afterAll(async () => {
    await browser?.close()
    await stage?.close()
  })

  const open = async (
    path: string,
    { script = false, dark = false } = {},
  ): Promise<{ page: Page; status: number }> => {
    const context = await browser.newContext({
      viewport: { width: 390, height: 844 },
      javaScriptEnabled: script,
      colorScheme: dark ? 'dark' : 'light',
    })
    const page = await context.newPage()
    page.on('console', (line) => {
      if (line.type() === 'error' && !line.text().includes('status of 4'))
        complaints.push(line.text())
    })
    const answer = await page.goto(stage.url + path)
    return { page, status: answer!.status() }
  }
  const scan = (serial: string): string => new URL(serial).pathname
  const titleOf = async (path: string): Promise<string | null> =>
    (await open(path)).page.textContent('h1')

  it('comes straight from the code on the package and says how the product stands', async () => {
    const { page, status } = await open(scan(serialOf('D', 1)))
    expect(status).toBe(200)
    expect(new URL(page.url()).pathname).toMatch(/^\/api\/v1\/verify\//)
    expect(await page.textContent('h1')).toBe('Known product')
    expect(await page.textContent('dl')).toContain('Stored within its limits')
    await page.screenshot({ path: `${output}/verify-genuine.png` })
    await page.getByRole('button', { name: 'Deutsch' }).click()
    await page.getByText('Innerhalb der Grenzen gelagert').waitFor()
    expect(await page.textContent('h1')).toBe('Bekanntes Produkt')
    expect(await titleOf(scan(serialOf('A', 1)))).toBe('This product was not stored correctly')
    expect(await titleOf(scan(serialOf('L', 1)))).toBe('Known product')
    expect(await titleOf(`/01/${product}/21/NOBODY`)).toBe('This code is not known')
    expect(await titleOf('/api/v1/verify/nonsense')).toBe('This code cannot be read')
  })

  it('has no faults that a checker of accessibility finds, in light and dark', async () => {
    for (const dark of [false, true])
      for (const [name, path] of [
        ['warm', scan(serialOf('A', 2))],
        ['well', scan(serialOf('D', 2))],
        ['unknown', `/01/${product}/21/NOBODY2`],
      ]) {
        const { page } = await open(path!, { script: true, dark })
        await page.evaluate(axe)
        const violations = await page.evaluate(`axe
          .run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })
          .then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes[0].html))`)
        expect(violations).toEqual([])
        await page.screenshot({ path: `${output}/verify-${name}-${dark ? 'dark' : 'light'}.png` })
      }
  })

  it('is complained about by no browser: its own style passes its own policy', () => {
    expect(complaints).toEqual([])
  })
})

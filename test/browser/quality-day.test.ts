// The day of a quality person in a real browser, against a real server: an excursion from the inbox
// to a signed partial release, a recall drill, and a case with a verdict. Skipped when the system
// has no Chromium.
import { readFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { associated, commissioned, packed, unpacked } from '../../simulators/events.ts'
import { giai, sgtin, sscc } from '../../simulators/keys.ts'
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
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const ask = `axe
  .run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })
  .then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes[0].html))`
const minute = 60_000
const pallet = sscc(1, 50)
const cases = [sscc(1, 51), sscc(1, 52)]
const serials = ['Q', 'R'].map((letter) =>
  Array.from({ length: 20 }, (_, index) => sgtin(product, `${letter}${index + 1}`)),
)

if (!executablePath) console.warn('quality-day.test: skipped, there is no chromium in PATH')

describe.skipIf(!executablePath)('the day of a quality person', { timeout: 90_000 }, () => {
  let browser: Browser
  let stage: Stage
  let page: Page
  const complaints: string[] = []

  /** As it is seen in both themes, and what axe finds. */
  const look = async (name: string): Promise<void> => {
    const found: string[] = []
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      await page.screenshot({ path: `${output}/quality-${name}-${colorScheme}.png` })
      await page.evaluate(axe)
      found.push(...((await page.evaluate(ask)) as string[]))
    }
    expect(found).toEqual([])
  }

  beforeAll(async () => {
    buildConsole()
    await mkdir(output, { recursive: true })
    stage = await openStage()
    await tellWarmPallet(stage)
    const args = ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run']
    browser = await chromium.launch({ executablePath: executablePath!, args })
    const context = await browser.newContext({
      ...{ viewport: { width: 1440, height: 900 }, timezoneId: 'Europe/Berlin', locale: 'en-GB' },
    })
    page = await context.newPage()
    page.setDefaultTimeout(30_000)
    page.on('pageerror', (error) => complaints.push(String(error)))
    await page.addInitScript(`sessionStorage['isotherm.token'] ||= '${adminToken}'`)
  }, 90_000)

  afterAll(async () => {
    await browser?.close()
    await stage?.close()
    expect(complaints).toEqual([])
  })

  it('begins with the inbox, worked through by keys alone', async () => {
    await page.goto(`${stage.url}/#/alerts`)
    await page.getByText('live', { exact: true }).waitFor()
    await page.locator('.group').first().waitFor()
    // As fast as people type; faster than that is a scanner.
    await page.keyboard.press('j', { delay: 80 })
    await page.keyboard.press('a', { delay: 80 })
    await page.getByLabel('Reason').fill('Seen: the reefer stood open')
    await page.keyboard.press('Tab')
    await page.getByRole('button', { name: 'Record', exact: true }).press('Enter')
    await page.locator('.group .status', { hasText: 'acknowledged' }).waitFor()
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'What happened' }).waitFor()
    await page.getByText('Seen: the reefer stood open').waitFor()
    // From an alert to its serials: none to click, they stand on its page.
    await page.locator('.serials tbody tr').first().waitFor()
    await look('alert')
  })

  it('decides by container, and a wrong token signs nothing', async () => {
    await page.getByRole('link', { name: 'Decide on the units' }).click()
    await page.getByLabel('Decision').selectOption('release')
    await page.getByRole('combobox', { name: 'Which units' }).selectOption('containers')
    await page.getByRole('checkbox').first().check()
    await page.getByRole('button', { name: 'Add a part' }).click()
    await page.getByLabel('Decision').nth(1).selectOption('reject')
    await page.getByLabel('Reason').fill('Stability data cover the first case, not the second')
    await look('decide')
    await page.getByRole('button', { name: 'Propose', exact: true }).click()
    await page.getByText('Not signed yet. Nothing is in force.').waitFor()
    await page.getByRole('button', { name: 'Sign', exact: true }).click()
    await page.getByLabel('Reason').fill('I agree with the record')
    await page.getByLabel('Printed name').fill('Ada Lovelace')
    await page.getByLabel(/^Your access token/).fill('not-the-token')
    await page.getByRole('button', { name: 'Sign now' }).click()
    await page.getByText('Nothing was signed.').waitFor()
    await look('sign')
  })

  it('signs once more, and only then it is recorded: pick list, EPCIS events, all in force', async () => {
    expect(await page.getByText('Signed by Ada Lovelace').count()).toBe(0)
    await page.getByLabel(/^Your access token/).fill(adminToken)
    await page.getByRole('button', { name: 'Sign now' }).click()
    await page.getByText(/Signed by Ada Lovelace/).waitFor()
    await page.getByText('Pick list: release, 20 units').waitFor()
    await page.locator('.pick-whole').waitFor()
    await look('disposition')
    const id = page.url().split('/').at(-1)!
    const told = (await stage.call('GET', `/api/v1/dispositions/${id}`)) as {
      state: string
      parts: { decision: string; count: number }[]
      captures: { events: number; keptAt: string | null }[]
    }
    expect(told.state).toBe('signed')
    expect(told.parts.map(({ decision, count }) => [decision, count])).toEqual([
      ['release', 20],
      ['reject', 20],
    ])
    expect(told.captures.every(({ keptAt }) => keptAt !== null)).toBe(true)
    await stage.settled()
    const epc = encodeURIComponent(serials[0]![0]!)
    const events = (await stage.call('GET', `/api/v1/units/${epc}/events`)) as {
      items: { bizStep: string | null; disposition: string | null }[]
    }
    expect(events.items.at(-1)?.disposition).toContain('sellable')
  })

  it('shows the decision on the passport of a unit', async () => {
    await page.goto(`${stage.url}/#/units/${encodeURIComponent(serials[1]![0]!)}`)
    await page.locator('.reasons').waitFor()
    await page.getByRole('link', { name: 'reject' }).waitFor()
    await look('unit')
  })

  it('refuses to sign a page that is no longer how things stand', async () => {
    const answer = (await stage.call('GET', '/api/v1/alerts?limit=1')) as {
      items: { id: string; revision: number; serialSetHash: string }[]
    }
    const { id, revision, serialSetHash } = answer.items[0]!
    const about = { alert: id, revision, serialSetHash }
    const propose = (decision: string) =>
      stage.call('POST', '/api/v1/dispositions', {
        ...{ about, parts: [{ decision, epcs: [serials[1]![1]!] }], reason: 'Two at once' },
      }) as Promise<{ id: string; recordHash: string }>
    const [mine, theirs] = [await propose('destroy'), await propose('return')]
    await page.goto(`${stage.url}/#/dispositions/${mine.id}`)
    await page.getByRole('button', { name: 'Sign', exact: true }).click()
    await page.getByLabel('Reason').fill('I agree')
    await page.getByLabel('Printed name').fill('Ada Lovelace')
    await page.getByLabel(/^Your access token/).fill(adminToken)
    await stage.call('POST', `/api/v1/dispositions/${theirs.id}/signature`, {
      ...{ meaning: 'approval', reason: 'First', recordHash: theirs.recordHash, revision },
      ...{ token: adminToken, printedName: 'Somebody Else' },
    })
    await page.getByRole('button', { name: 'Sign now' }).click()
    await page
      .getByText('Nothing was signed: the data changed after you opened this page.')
      .waitFor()
    await page.screenshot({ path: `${output}/quality-stale.png` })
  })

  it('turns down a proposal that can no longer be signed, with a reason, as the list says', async () => {
    await page.getByRole('button', { name: 'Refresh' }).click()
    await page.getByText('This can no longer be signed:').waitFor()
    const id = page.url().split('/').at(-1)!
    await page.goto(`${stage.url}/#/dispositions`)
    const row = page.locator('.rows li', { has: page.locator(`a[href$="${id}"]`) })
    await row.getByText('can no longer be signed').waitFor()
    await look('decisions')
    await row.getByRole('link').click()
    await page.getByRole('link', { name: 'Propose again' }).waitFor()
    expect(await page.getByRole('button', { name: 'Sign', exact: true }).count()).toBe(0)
    await page.getByRole('button', { name: 'Decline', exact: true }).click()
    await page.getByLabel('Reason').fill('Somebody was faster')
    await page.getByLabel('Printed name').fill('Ada Lovelace')
    await page.getByLabel(/^Your access token/).fill(adminToken)
    await look('turn-down')
    await page.getByRole('button', { name: 'Sign now' }).click()
    await page.getByText(/declined, with token: Somebody was faster/).waitFor()
    await look('turned-down')
    const told = (await stage.call('GET', `/api/v1/dispositions/${id}`)) as {
      state: string
      signature: { meaning: string }
    }
    expect([told.state, told.signature.meaning]).toEqual(['rejected', 'rejection'])
  })

  it('says what passports recommend anew, before it is proposed and before it is signed', async () => {
    // Two units left when it had just become warm, each into a box with a logger of its own.
    const gone = [serials[0]![19]!, serials[1]![19]!]
    const left = at(stage.start + 215 * minute)
    const later = at(stage.start + 400 * minute)
    for (const [i, unit] of gone.entries()) {
      const box = sscc(1, 58 + i)
      const id = `L-50${i + 1}`
      await stage.call('POST', '/api/v1/devices', { id, giai: giai(id.replace('-', '')) })
      await stage.capture([
        unpacked(left, cases[i]!, [unit]),
        packed(later, box, [unit]),
        associated(later, 'ADD', { container: box, logger: giai(id.replace('-', '')) }),
      ])
    }
    await stage.settled()
    const warm = (device: string) =>
      stage.send(
        device,
        Array.from({ length: 13 }, (_, i) => ({
          ...{ time: stage.start + (405 + i * 5) * minute, temperature: 11.5 },
        })),
      )
    const { items } = (await stage.call('GET', '/api/v1/alerts?limit=1')) as {
      items: { id: string }[]
    }
    await page.goto(`${stage.url}/#/alerts/${items[0]!.id}/decide`)
    const choice = page.getByRole('combobox', { name: /^Passport recommendation/ })
    await page.getByLabel('Decision').selectOption('quarantine')
    await choice.selectOption('out')
    await page.getByLabel('Reason').fill('Held until the loggers were looked at')
    await page.locator('.part-count', { hasText: '38 units' }).waitFor()
    await warm('L-501')
    await stage.settled()
    await page.getByRole('button', { name: 'Propose', exact: true }).click()
    await page.getByText(/^Nothing was recorded/).waitFor()
    await look('recommended-anew')
    await page.getByRole('button', { name: 'Refresh' }).click()
    await page.getByText('indeterminate 2 → 1; out 38 → 39').waitFor()
    await look('recommended-again')
    await page.getByRole('button', { name: 'Propose', exact: true }).click()
    await page.getByRole('button', { name: 'Sign', exact: true }).waitFor()
    // The page hears of it by itself.
    await warm('L-502')
    await page.getByText(/indeterminate → out\./).waitFor()
    expect(await page.getByRole('button', { name: 'Sign', exact: true }).count()).toBe(0)
    await look('recommended-stale')
  })

  it('drills a recall against the clock', async () => {
    await page.goto(`${stage.url}/#/recalls`)
    await page.getByLabel('Name').fill('Drill of lot Q')
    await page.getByLabel('Reason').fill('The drill of this quarter')
    await page.getByLabel('Any of these, one per line').fill('LOT-Q')
    await page.getByRole('button', { name: 'Start the drill' }).click()
    await page.getByText(/Running for 0:0/).waitFor()
    await page.getByRole('button', { name: /^Mark as notified/ }).click()
    await page.getByRole('button', { name: /^Mark as acknowledged/ }).click()
    await page.getByRole('button', { name: /^Mark as ack/ }).waitFor({ state: 'detached' })
    await look('recall')
    // Not that of a notice.
    await page.getByRole('main').getByRole('button', { name: 'Close', exact: true }).click()
    await page
      .getByRole('dialog')
      .getByRole('button', { name: 'Close', exact: true })
      .last()
      .click()
    await page.getByText(/^Took 0:0/).waitFor()
  })

  it('looks for the cause, plans an action, and says what is missing before the end', async () => {
    const { items } = (await stage.call('GET', '/api/v1/alerts?limit=1')) as {
      items: { id: string }[]
    }
    await page.goto(`${stage.url}/#/investigations?alert=${items[0]!.id}`)
    await page.getByLabel('Subject').fill('The reefer stood open')
    await page.getByRole('button', { name: 'Open', exact: true }).click()
    await page.getByText('Before it can be closed:').waitFor()
    await page.getByRole('button', { name: 'Compare with other units' }).click()
    await page.getByText(/\d+ affected/).waitFor()
    await page.getByLabel('Cause category').selectOption('equipment')
    await page.getByLabel('Why it happened').fill('The seal of the door was worn')
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await page.getByText('Saved as revision 2.').waitFor()
    await look('investigation')
  })

  it('asks what another profile would have done', async () => {
    await page.goto(`${stage.url}/#/back-tests`)
    await expect
      .poll(() => page.getByLabel('Proposed profile (JSON)').inputValue(), { timeout: 30_000 })
      .toContain('heat-30min')
    await page.getByRole('button', { name: 'Run the back-test' }).click()
    await page.getByText('What it would have changed').waitFor()
    await look('back-test')
  })

  it('judges a case with a reason', async () => {
    const scan = (session: string, place: string, minutesAgo: number) =>
      stage.call('POST', '/api/v1/scans', {
        session,
        scans: [{ text: serials[0]![3]!, place, time: ago(minutesAgo) }],
      })
    await scan('lisbon', 'eyck', 80)
    await scan('warsaw', 'u3qc', 40)
    await scan('porto', 'ez3f', 10)
    const found = async (): Promise<number> =>
      ((await stage.call('GET', '/api/v1/cases')) as { items: unknown[] }).items.length
    await expect.poll(found, { timeout: 60_000, interval: 500 }).toBe(1)
    await page.goto(`${stage.url}/#/cases`)
    await page.getByRole('link', { name: /copied serial numbers/ }).click()
    await page.locator('.evidence li').first().waitFor()
    await page.locator('.map-marks .mark').first().waitFor()
    await page.getByRole('radio', { name: 'Confirmed' }).check()
    await page.getByLabel('Reason').fill('Two phones a thousand kilometres apart')
    await page.getByRole('button', { name: 'Record verdict' }).click()
    await page.getByText('confirmed', { exact: true }).waitFor()
    await look('case')
  })
})

const ago = (minutes: number): string => new Date(Date.now() - minutes * minute).toISOString()

/** A pallet of two cases with 20 units each, above 8 °C for two hours. */
async function tellWarmPallet(stage: Stage): Promise<void> {
  const { start } = stage
  await stage.call('PUT', `/api/v1/products/${product}`, {
    name: 'Example vaccine, 10 doses',
    profile: { ruleSet: 'pharma-2-8', loggingIntervalSeconds: 600 },
  })
  const logger = { id: 'L-500', giai: giai('L500'), loggingIntervalSeconds: 600 }
  await stage.call('POST', '/api/v1/devices', logger)
  const made = at(start - 60 * minute)
  await stage.capture([
    commissioned(made, serials[0]!, { lot: 'LOT-Q', expiry: '2027-12-31' }),
    commissioned(made, serials[1]!, { lot: 'LOT-R', expiry: '2027-12-31' }),
    packed(made, cases[0]!, serials[0]!),
    packed(made, cases[1]!, serials[1]!),
    packed(made, pallet, cases),
    associated(at(start), 'ADD', { container: pallet, logger: giai('L500') }),
  ])
  await stage.settled()
  const readings = Array.from({ length: 60 }, (_, index) => ({
    time: start + index * 10 * minute,
    temperature: index > 20 && index < 34 ? 11.5 : 5,
  }))
  await stage.send('L-500', readings)
  await stage.settled()
}

// The day of a logistics person in a real browser, against a real server: from what needs them now
// to the shipment, its way, its cargo, its lane and the colleague who is told. Skipped when the
// system has no Chromium.
import { mkdir } from 'node:fs/promises'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { associated, commissioned, observed, packed, shipped } from '../../simulators/events.ts'
import { giai, gtin, pgln, sgln, sgtin, sscc } from '../../simulators/keys.ts'
import {
  at,
  buildConsole,
  findChromium,
  openStage,
  product,
  type Stage,
  serialOf,
} from './stage.ts'

const executablePath = findChromium()
const output = 'test/output'
const minute = 60_000
const pallet = sscc(1, 90)
const box = sgtin(gtin(1, 77), 'B1')
const serials = Array.from({ length: 12 }, (_, index) => serialOf('G', index + 1))
const [plant, hub, goal] = [sgln(1), sgln(31), sgln(32)]
const carrier = pgln(33)

if (!executablePath) console.warn('logistics-day.test: skipped, there is no chromium in PATH')

describe.skipIf(!executablePath)('the day of a logistics person', { timeout: 90_000 }, () => {
  let browser: Browser
  let stage: Stage
  let page: Page
  const complaints: string[] = []
  const link = (name: string | RegExp) => page.getByRole('link', { name })

  beforeAll(async () => {
    buildConsole()
    await mkdir(output, { recursive: true })
    stage = await openStage()
    const token = await tellTrip(stage)
    const args = ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run']
    browser = await chromium.launch({ executablePath: executablePath!, args })
    const context = await browser.newContext({
      ...{ viewport: { width: 1440, height: 900 }, timezoneId: 'Europe/Berlin', locale: 'en-GB' },
    })
    page = await context.newPage()
    page.setDefaultTimeout(60_000)
    page.on('pageerror', (error) => complaints.push(String(error)))
    await page.addInitScript(`sessionStorage['isotherm.token'] ||= '${token}'`)
  }, 90_000)

  afterAll(async () => {
    await browser?.close()
    await stage?.close()
    expect(complaints).toEqual([])
  })

  it('begins with what needs them now: which product is in trouble, and where', async () => {
    await page.goto(`${stage.url}/#/overview`)
    // A case on the same shipment stands below, with its product as well.
    const told = page.locator('.needs-now li', { hasText: 'Example vaccine, 10 doses' })
    const row = told.filter({ hasText: 'serials inside' })
    await row.getByText(/Lyon hub/).waitFor()
    await row.getByText(/12 serials inside/).waitFor()
    await page.screenshot({ path: `${output}/logistics-overview.png` })
    await row.getByRole('link').click()
    await link('Show shipment').click()
    await page.getByRole('heading', { level: 1, name: /^Shipment SSCC/ }).waitFor()
  })

  it('sees how warm the shipment is, where it stopped and when it will arrive', async () => {
    await page.getByText(/readings; lowest/).waitFor()
    const stops = page.locator('.stops li')
    await expect.poll(() => stops.allTextContents(), { timeout: 60_000 }).toHaveLength(2)
    expect(await stops.allTextContents()).toEqual([
      expect.stringMatching(/^Basel plant.*shipping/),
      expect.stringMatching(/^Lyon hub.*arriving/),
    ])
    // The hub was reached half an hour after its plan: so the end is late, too.
    await page.getByText('30 min behind plan at the last stop').waitFor()
    await page.getByText('Barcelona store').first().waitFor()
    await page.screenshot({ path: `${output}/logistics-shipment.png`, fullPage: true })
  })

  it('opens the cargo level by level, by keys, down to a serial', async () => {
    await page.locator('.cargo').getByRole('button').first().press('Enter')
    await page
      .locator('.cargo .tree .tree')
      .getByRole('link', { name: /SN G0012/ })
      .waitFor()
  })

  it('looks whether the lane is a risky one, and with whom', async () => {
    await page.goto(`${stage.url}/#/lanes?by=carrier`)
    const lane = page.locator('tbody tr', { hasText: 'Basel plant → Barcelona store' })
    await lane.getByText('Polar Freight').waitFor()
    await lane.getByText(/\d\s% \(/).waitFor()
    await page.screenshot({ path: `${output}/logistics-lanes.png` })
  })

  it('tells a colleague of quality: the alert is hers, and says why', async () => {
    await page.goto(`${stage.url}/#/alerts`)
    const group = page.locator('.group').first()
    await group.getByText(/Example vaccine, 10 doses/).waitFor()
    await group.getByRole('button', { name: 'Assign' }).click()
    await page.getByRole('combobox').last().selectOption({ label: 'Quinn Quality' })
    await page.getByRole('button', { name: 'Record', exact: true }).click()
    await group.getByText(/Quinn Quality/).waitFor()
    await group.getByRole('button', { name: 'Comment' }).click()
    await page.getByRole('dialog').getByRole('textbox').fill('The driver closed the door at 9:10.')
    await page.getByRole('button', { name: 'Record', exact: true }).click()
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await group.getByRole('link').first().click()
    await page.getByText('The driver closed the door at 9:10.').waitFor()
    // What quality decides is not for logistics to decide.
    expect(await link('Decide on the units').count()).toBe(0)
  })
})

const cbv = 'urn:epcglobal:cbv:mda#'
const own = 'urn:isotherm:mda#'

/** A pallet on its way that got too warm at the hub; returns the token of who looks after it. */
async function tellTrip(stage: Stage): Promise<string> {
  const { start } = stage
  await stage.call('PUT', `/api/v1/products/${product}`, {
    name: 'Example vaccine, 10 doses',
    profile: { ruleSet: 'pharma-2-8', loggingIntervalSeconds: 300 },
  })
  await stage.call('POST', '/api/v1/devices', {
    ...{ id: 'L-301', giai: giai('L301'), loggingIntervalSeconds: 300 },
  })
  await tellMasterData(stage)
  const deal = { from: plant, to: goal, despatchAdvice: 'urn:epcglobal:cbv:bt:9521234000013:D9' }
  const leaves = shipped(at(start + 30 * minute), [pallet], deal)
  const to = { type: 'possessing_party', destination: carrier }
  await stage.capture([
    commissioned(at(start - 60 * minute), serials, { lot: 'LOT-G', expiry: '2027-12-31' }),
    packed(at(start), box, serials),
    packed(at(start), pallet, [box]),
    associated(at(start), 'ADD', { container: pallet, logger: giai('L301') }),
    { ...leaves, destinationList: [...(leaves.destinationList as object[]), to] },
    observed({ ...at(start + 330 * minute), place: hub }, 'arriving', [pallet]),
  ])
  await stage.settled()
  const readings = Array.from({ length: 144 }, (_, index) => {
    const temperature = index > 84 && index < 110 ? 11.5 : 4.8
    return { time: start + index * 5 * minute, temperature, lat: 45.71, lon: 5.08 }
  })
  await stage.call('POST', '/api/v1/readings?device=L-301', readings)
  await stage.settled()
  await stage.call('POST', '/api/v1/people', {
    ...{ id: 'quinn', printedName: 'Quinn Quality', roles: ['quality'] },
  })
  const key = { name: 'Otto', roles: ['operator'] }
  return ((await stage.call('POST', '/api/v1/keys', key)) as { token: string }).token
}

async function tellMasterData(stage: Stage): Promise<void> {
  const put = (type: string, id: string, attributes: object): Promise<unknown> =>
    stage.call('PUT', `/api/v1/master-data/${encodeURIComponent(type)}/${encodeURIComponent(id)}`, {
      attributes,
    })
  const places = [
    { id: plant, name: 'Basel plant', latitude: 47.58, longitude: 7.59 },
    { id: hub, name: 'Lyon hub', latitude: 45.71, longitude: 5.08 },
    { id: goal, name: 'Barcelona store', latitude: 41.33, longitude: 2.08 },
  ]
  for (const { id, name, latitude, longitude } of places)
    await put('BusinessLocation', id, {
      ...{ [`${cbv}name`]: name, [`${cbv}latitude`]: latitude, [`${cbv}longitude`]: longitude },
    })
  await put('SourceDest', carrier, { [`${cbv}name`]: 'Polar Freight' })
  const when = (minutes: number): string => new Date(stage.start + minutes * minute).toISOString()
  const path = { type: 'LineString', coordinates: [] }
  await put('urn:isotherm:vtype:Plan', pallet, {
    [`${own}corridorM`]: 15_000,
    [`${own}legs`]: [
      { mode: 'road', from: plant, to: hub, departs: when(30), arrives: when(300), path },
      { mode: 'road', from: hub, to: goal, departs: when(360), arrives: when(900), path },
    ],
  })
}

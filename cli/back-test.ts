// `isotherm back-test GTIN --profile FILE`: asks a server, tells how far it is, and what a proposed
// profile would have done. Changes nothing.
import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { OperatorError } from '../domain/refusal.ts'
import { reach, type SendOptions } from './files.ts'

export interface BackTestOptions extends SendOptions {
  profile: string | undefined
  cost: string | undefined
  from: string | undefined
  to: string | undefined
}

interface Side {
  alerts: number
  out: number
  hours: number
  unitsOut: number
  cost: number | null
}

interface Told {
  id: string
  state: string
  detail: string | null
  progress: { devices: number; devicesDone: number; readings: number }
  report: {
    before: Side
    after: Side
    gained: { alerts: number; units: number }
    lost: { alerts: number; units: number }
    changed: { alerts: number }
    notJudged: Record<string, number>
    devices: number
    readings: number
  } | null
}

/** False when it failed or was cancelled. */
export async function backTestProduct(gtin: string, options: BackTestOptions): Promise<boolean> {
  const { profile, cost, from, to, json } = options
  if (profile === undefined)
    throw new OperatorError('nothing says what is proposed', 'give --profile FILE.json')
  const body = {
    profile: JSON.parse(readFileSync(profile, 'utf8')) as unknown,
    ...(cost !== undefined && { costPerUnit: Number(cost) }),
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
  }
  const { url, token, close } = await reach(options)
  try {
    const place = `${url}/api/v1/products/${encodeURIComponent(gtin)}/back-tests`
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    let told = await ask(place, { method: 'POST', headers, body: JSON.stringify(body) })
    for (let waitMs = 100; isOpen(told); waitMs = Math.min(2000, waitMs * 2)) {
      await delay(waitMs)
      told = await ask(`${place}/${told.id}`, { headers })
      const { devices, devicesDone } = told.progress
      if (process.stderr.isTTY) process.stderr.write(`\r${devicesDone} of ${devices} loggers `)
    }
    if (process.stderr.isTTY) process.stderr.write('\n')
    if (json) console.log(JSON.stringify(told))
    else tell(told)
    return told.report !== null
  } finally {
    await close()
  }
}

const isOpen = ({ state }: Told): boolean => state === 'waiting' || state === 'running'

async function ask(url: string, init: RequestInit): Promise<Told> {
  const answer = await fetch(url, init)
  const body = (await answer.json()) as Told & { detail?: string }
  if (answer.ok) return body
  throw new OperatorError(`the server refused: ${body.detail}`, 'see docs/back-tests.md')
}

function tell({ state, detail, report }: Told): void {
  if (!report) {
    console.log(`back-test ${state}${detail ? `: ${detail}` : ''}`)
    return
  }
  const { before, after, gained, lost, changed, notJudged } = report
  console.log(`${report.devices} loggers, ${report.readings} readings`)
  for (const [name, { alerts, out, hours, unitsOut, cost }] of [
    ['in force', before],
    ['proposed', after],
  ] as const)
    console.log(
      `  ${name}: ${alerts} excursions (${out} out), ${hours.toFixed(1)} h, ${unitsOut} units out` +
        `${cost === null ? '' : `, cost ${cost}`}`,
    )
  console.log(`  gained ${gained.alerts} (${gained.units} units), lost ${lost.alerts}`)
  console.log(`  changed ${changed.alerts}; not judged: ${JSON.stringify(notJudged)}`)
}

// Products with their profiles as settings show them. Pure but for putting a changed profile in
// force, which goes the way that the organisation asks for: at once, or back-tested and proposed.
import { Problem } from '../client.ts'
import { apiPath, read, tell } from '../server.ts'
import { numberOf, objectOf, parseTime, textOf } from '../shapes.ts'
import { write } from '../words/settings.ts'

type Json = Readonly<Record<string, unknown>>

export type Control = 'none' | 'signed' | 'four-eyes'
export const controls = ['none', 'signed', 'four-eyes'] as const

export interface ProductView {
  gtin: string
  name: string
  profile: Json
  rangeC: { min: number; max: number } | null
  ruleSet: string
  rules: Json[]
  version: number
  updatedAt: number | null
}

export interface Change {
  id: string
  state: 'proposed' | 'approved' | 'rejected'
  stale: boolean
  reason: string
  proposedBy: string
  proposedAt: number | null
  recordHash: string
  profile: Json
}

export function parseProductView(json: Json): ProductView {
  const profile = objectOf(json.profile)
  const range = objectOf(profile.rangeC)
  const [min, max] = [numberOf(range.min), numberOf(range.max)]
  return {
    gtin: textOf(json.gtin),
    name: textOf(json.name),
    profile,
    rangeC: min === null || max === null ? null : { min, max },
    ruleSet: textOf(profile.ruleSet),
    rules: Array.isArray(profile.rules) ? profile.rules.map(objectOf) : [],
    version: numberOf(json.version) ?? 0,
    updatedAt: parseTime(json.updatedAt),
  }
}

export function parseChange(json: Json): Change {
  const record = objectOf(json.record)
  const states = ['proposed', 'approved', 'rejected'] as const
  return {
    id: textOf(json.id),
    state: states.find((name) => name === json.state) ?? 'proposed',
    stale: json.stale === true,
    reason: textOf(record.reason),
    proposedBy: textOf(record.proposedBy),
    proposedAt: parseTime(record.proposedAt),
    recordHash: textOf(json.recordHash),
    profile: objectOf(record.profile),
  }
}

export const parseControl = (value: unknown): Control =>
  controls.find((name) => name === value) ?? 'none'

export interface Proposal {
  gtin: string
  profile: Json
  reason: string
  onProgress(text: string): void
}

const pollMs = 700

/** Back-tests the profile, waits for its report, proposes it. Throws a Problem. */
export async function propose({ gtin, profile, reason, onProgress }: Proposal): Promise<void> {
  const path = apiPath('products', gtin, 'back-tests')
  const started = objectOf(await tell('POST', path, { profile }))
  const id = textOf(started.id)
  for (;;) {
    const test = objectOf(await read(`${path}/${encodeURIComponent(id)}`))
    const state = textOf(test.state)
    const progress = objectOf(test.progress)
    const count = numberOf(progress.devices) ?? 0
    onProgress(write('product.testing', { done: numberOf(progress.devicesDone) ?? 0, count }))
    if (state === 'done') break
    if (state !== 'waiting' && state !== 'running')
      throw new Problem(
        409,
        write('product.testFailed', { detail: textOf(test.detail) || state }),
        '',
      )
    await new Promise((resolve) => setTimeout(resolve, pollMs))
  }
  await tell('POST', apiPath('products', gtin, 'changes'), { backTest: id, reason })
}

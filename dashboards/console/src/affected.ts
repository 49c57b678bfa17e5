// The serials inside the selected alert, page by page, and the revisions of the set. Counts only
// what it has loaded; the number and the hash of the whole set come with the alert.
import { signal } from '@preact/signals'
import { askJson, download, type Problem, toProblem } from './client.ts'
import { token } from './session.ts'
import {
  type Alert,
  parsePage,
  parseRevision,
  parseSerial,
  type Revision,
  type Serial,
} from './shapes.ts'

export interface Affected {
  alertId: string
  /** Of the alert when it was loaded: another one means that the set may have been restated. */
  revision: number
  /** Loaded so far; the page draws the first `shown` of them. */
  serials: Serial[]
  shown: number
  next: string | null
  revisions: Revision[]
  busy: boolean
  problem: Problem | null
}

export type FileFormat = 'csv' | 'ndjson'

/**
 * Asked for at once, so that the counts cover most sets whole; drawn at once, so that a phone keeps
 * up.
 */
const pageRows = 2000
const shownStep = 100
const mediaTypes: Readonly<Record<FileFormat, string>> = {
  csv: 'text/csv',
  ndjson: 'application/x-ndjson',
}

export const affected = signal<Affected | null>(null)

const pathOf = (id: string): string => `/api/v1/alerts/${encodeURIComponent(id)}`

/**
 * Loads the first page and the revisions. The old rows of the same alert stay until the new ones
 * are there.
 */
export async function loadAffected(alert: Alert | null): Promise<void> {
  if (!alert || token.value === null) {
    affected.value = null
    return
  }
  const { id, revision } = alert
  const old = affected.value?.alertId === id ? affected.value : null
  const base = { alertId: id, revision, shown: shownStep, next: null, problem: null }
  affected.value = old
    ? { ...old, revision, busy: true }
    : { ...base, serials: [], revisions: [], busy: true }
  const asking = { token: token.value }
  try {
    const query = { limit: pageRows }
    const [serials, revisions] = await Promise.all([
      askJson(`${pathOf(id)}/serials`, { ...asking, query }),
      askJson(`${pathOf(id)}/revisions`, asking),
    ])
    if (affected.value?.alertId !== id || affected.value.revision !== revision) return
    const page = parsePage(serials, parseSerial)
    affected.value = {
      ...base,
      shown: old?.shown ?? shownStep,
      serials: page.items,
      next: page.next,
      revisions: parsePage(revisions, parseRevision).items,
      busy: false,
    }
  } catch (error) {
    if (affected.value?.alertId !== id) return
    affected.value = { ...affected.value, busy: false, problem: toProblem(error) }
  }
}

/** Shows the next rows; asks for more when all that is loaded is shown. */
export async function showMore(): Promise<void> {
  const { value: current } = affected
  if (!current || current.busy || token.value === null) return
  const shown = current.shown + shownStep
  if (shown <= current.serials.length || !current.next) {
    affected.value = { ...current, shown }
    return
  }
  affected.value = { ...current, busy: true }
  const same = (): boolean =>
    affected.value?.alertId === current.alertId && affected.value.revision === current.revision
  try {
    const query = { limit: pageRows, cursor: current.next }
    const asking = { token: token.value, query }
    const page = parsePage(await askJson(`${pathOf(current.alertId)}/serials`, asking), parseSerial)
    if (!same()) return
    const serials = [...current.serials, ...page.items]
    affected.value = { ...current, serials, shown, next: page.next, busy: false, problem: null }
  } catch (error) {
    if (same()) affected.value = { ...current, busy: false, problem: toProblem(error) }
  }
}

/** The whole set as a file; undefined when it was handed to the browser, else why not. */
export async function saveSerials(id: string, format: FileFormat): Promise<Problem | undefined> {
  if (token.value === null) return undefined
  try {
    const fileName = `isotherm-alert-${id.replace(/[^\w.-]+/g, '_')}-serials.${format}`
    await download(`${pathOf(id)}/serials`, fileName, {
      token: token.value,
      accept: mediaTypes[format],
    })
    return undefined
  } catch (error) {
    return toProblem(error)
  }
}

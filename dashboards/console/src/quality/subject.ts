// What a decision is about: an alert or a recall as it stood when it was looked at, its units, and
// the containers that they are in. Loads; decides nothing.
import * as say from '../say.ts'
import { apiPath, read } from '../server.ts'
import * as d from './decode.ts'
import type { UnitShown } from './parts.ts'
import { verdict } from './shapes.ts'

export type SubjectKind = 'alert' | 'recall'

export interface Subject {
  kind: SubjectKind
  id: string
  /** A name to read: the container of an alert, else the id. */
  title: string
  revision: number
  serialSetHash: string
  serialCount: number
  units: UnitShown[]
  /** SSCCs inside what the alert watches; empty when there are none or too many to click. */
  containers: string[]
}

const head = d.shape({
  name: d.text,
  revision: d.number,
  serialSetHash: d.text,
  serialCount: d.number,
  container: d.text,
})
const unit = d.shape({ epc: d.text, verdict })
const content = d.shape({ epc: d.text, parent: d.text })

const pageRows = 2000
/** Verdicts are counted over so many units; whoever decides on more does it by containers. */
const unitsMax = 20_000
const containersMax = 60

const noun: Readonly<Record<SubjectKind, string>> = { alert: 'alerts', recall: 'recalls' }

export const subjectPath = (kind: SubjectKind, id: string): string => apiPath(noun[kind], id)
export const subjectPage = (kind: SubjectKind, id: string): string[] => [noun[kind], id]

/** The revision, the hash and the units belong together: another one meanwhile begins anew. */
export async function loadSubject(
  kind: SubjectKind,
  id: string,
  signal: AbortSignal,
): Promise<Subject> {
  const path = subjectPath(kind, id)
  const { name, revision, serialSetHash, serialCount, container } = head(
    await read(path, {}, signal),
  )
  const units: UnitShown[] = []
  let cursor: string | null = null
  do {
    const query = { limit: pageRows, revision, ...(cursor !== null && { cursor }) }
    const page: d.Page<UnitShown> = d.page(unit)(await read(`${path}/serials`, query, signal))
    units.push(...page.items)
    cursor = page.next
  } while (cursor !== null && units.length < unitsMax)
  const containers = container === '' ? [] : await containersIn(container, signal)
  const title = name || (container === '' ? id : say.key(container))
  return { kind, id, title, revision, serialSetHash, serialCount, units, containers }
}

async function containersIn(container: string, signal: AbortSignal): Promise<string[]> {
  try {
    const path = apiPath('units', container, 'content')
    const { items } = d.page(content)(await read(path, { limit: 1000 }, signal))
    const inside = new Set([
      ...items.map(({ epc }) => epc).filter(isSscc),
      ...items
        .map(({ parent }) => parent)
        .filter((parent) => isSscc(parent) && parent !== container),
    ])
    return inside.size > containersMax ? [] : [...inside].sort()
  } catch {
    // They are a convenience: names can be typed.
    return []
  }
}

const isSscc = (epc: string): boolean => /\/00\/\d{18}$/.test(epc)

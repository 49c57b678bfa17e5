// What a decision is about: an alert or a recall as it stood when it was looked at, what passports
// recommend for its units, and the containers that they are in. Loads; decides nothing.
import * as say from '../say.ts'
import { apiPath, read } from '../server.ts'
import * as d from './decode.ts'

export type SubjectKind = 'alert' | 'recall'

export interface Subject {
  kind: SubjectKind
  id: string
  /** A name to read: the container of an alert, else the id. */
  title: string
  revision: number
  serialSetHash: string
  serialCount: number
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
const content = d.shape({ epc: d.text, parent: d.text })

const containersMax = 60

const noun: Readonly<Record<SubjectKind, string>> = { alert: 'alerts', recall: 'recalls' }

export const subjectPath = (kind: SubjectKind, id: string): string => apiPath(noun[kind], id)
export const subjectPage = (kind: SubjectKind, id: string): string[] => [noun[kind], id]

/** The revision and the hash belong together: another one meanwhile begins anew. */
export async function loadSubject(
  kind: SubjectKind,
  id: string,
  signal: AbortSignal,
): Promise<Subject> {
  const path = subjectPath(kind, id)
  const { name, revision, serialSetHash, serialCount, container } = head(
    await read(path, {}, signal),
  )
  const containers = container === '' ? [] : await containersIn(container, signal)
  const title = name || (container === '' ? id : say.key(container))
  return { kind, id, title, revision, serialSetHash, serialCount, containers }
}

const recommendedCounts = d.shape({
  revision: d.number,
  serialSetHash: d.text,
  recommended: d.shape({
    ...{ hash: d.text, in: d.number, indeterminate: d.number, out: d.number, none: d.number },
  }),
})
export type RecommendedCounts = ReturnType<typeof recommendedCounts>

/** Of a set of any size: the server counts, which takes it seconds of a large one. */
export const loadRecommended = async (
  kind: SubjectKind,
  id: string,
  signal: AbortSignal,
): Promise<RecommendedCounts> =>
  recommendedCounts(await read(`${subjectPath(kind, id)}/recommended-counts`, {}, signal))

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

// What Grafana reads, as the code in dashboards/grafana renders it, for the tests that look at it.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { renderFiles } from '../dashboards/grafana/build.ts'
import type { Choice, Target } from './grafana-queries.ts'

export const folder = join(import.meta.dirname, '../dashboards/grafana')
export const read = (path: string): string => readFileSync(join(folder, path), 'utf8')
export const rendered = renderFiles()

/** Of a rendered dashboard, what these tests look at. */
export interface Panel {
  id: number
  type: string
  title: string
  datasource: { type: string; uid: string }
  targets: Target[]
  options: object
  transformations?: { id: string; options: { byField: string; mode: string } }[]
}
export interface Variable {
  name: string
  type: string
  datasource: Target['datasource']
  query: string
  current: Choice
  includeAll?: boolean
  allValue?: string
}
export interface Dashboard {
  uid: string
  title: string
  panels: Panel[]
  templating: { list: Variable[] }
  annotations: { list?: { name: string; target: Target }[] }
}
export interface Rule {
  uid: string
  title: string
  condition: string
  data: {
    refId: string
    datasourceUid: string
    relativeTimeRange: { from: number; to: number }
    model: Target & {
      type?: string
      expression?: string
      reducer?: string
      conditions?: { evaluator: { type: string; params: number[] } }[]
    }
  }[]
  annotations: Record<string, string>
  dashboardUid: string
  panelId: number
}

export const boards: Dashboard[] = [...rendered]
  .filter(([path]) => path.startsWith('dashboards/'))
  .map(([, text]) => JSON.parse(text))
export const rules: Rule[] = parse(
  rendered.get('provisioning/alerting/isotherm.yaml')!,
).groups.flatMap((group: { rules: Rule[] }) => group.rules)
export const named = (uid: string): Dashboard => boards.find((board) => board.uid === uid)!

/** Every value of a key, however deep. */
export function valuesOf(key: string, inside: unknown): unknown[] {
  if (typeof inside !== 'object' || inside === null) return []
  return Object.entries(inside).flatMap(([name, value]) => [
    ...(name === key ? [value] : []),
    ...valuesOf(key, value),
  ])
}

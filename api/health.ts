// Is it alive, is it ready, how much does it do. Liveness and readiness are public and say no more
// than that.
import { z } from '@hono/zod-openapi'
import type { Deps, Metric } from './deps.ts'
import { guarded, nounApp, open } from './route.ts'

const partsSchema = z
  .object({ ready: z.boolean(), parts: z.record(z.string(), z.enum(['up', 'waiting', 'down'])) })
  .openapi('Readiness')
const parts = { 'application/json': { schema: partsSchema } }

const live = open({
  method: 'get',
  path: '/livez',
  tags: ['health'],
  summary: 'Whether the process answers',
  responses: {
    200: { description: 'It does', content: { 'text/plain': { schema: z.string() } } },
  },
})
const ready = open({
  method: 'get',
  path: '/readyz',
  tags: ['health'],
  summary: 'Whether every part does its work',
  responses: {
    200: { description: 'All parts are up', content: parts },
    503: { description: 'Some part waits or is down', content: parts },
  },
})
const metrics = guarded(
  { noun: 'metrics', verb: 'read' },
  {
    method: 'get',
    path: '/metrics',
    tags: ['health'],
    summary: 'Figures for Prometheus',
    responses: {
      200: {
        description: 'Prometheus text format 0.0.4',
        content: { 'text/plain': { schema: z.string() } },
      },
    },
  },
)

export const health = (deps: Deps) =>
  nounApp()
    .openapi(live, (c) => c.text('alive\n', 200))
    .openapi(ready, (c) => {
      const states = Object.entries(deps.health().parts).map(([name, { state }]) => [name, state])
      const allUp = states.every(([, state]) => state === 'up')
      return c.json({ ready: allUp, parts: Object.fromEntries(states) }, allUp ? 200 : 503)
    })
    .openapi(metrics, (c) => c.text(formatMetrics(deps.health().metrics), 200))

/** Samples of one name stand together under its HELP and TYPE, as the format demands. */
export function formatMetrics(samples: readonly Metric[]): string {
  let text = ''
  for (const [name, own] of Map.groupBy(samples, (sample) => sample.name)) {
    const { help, type } = own[0]!
    text += `# HELP isotherm_${name} ${help}\n# TYPE isotherm_${name} ${type}\n`
    for (const { value, labels = {} } of own) {
      const pairs = Object.entries(labels).map(([key, label]) => `${key}="${escapeLabel(label)}"`)
      text += `isotherm_${name}${pairs.length > 0 ? `{${pairs.join(',')}}` : ''} ${value}\n`
    }
  }
  return text
}

const escapeLabel = (label: string): string =>
  label.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')

// Is it alive, is it ready, how much does it do. Liveness and readiness are public and say no more
// than that.
import { z } from '@hono/zod-openapi'
import type { Deps } from './deps.ts'
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
    .openapi(metrics, async (c) => c.text(await deps.metrics(), 200))

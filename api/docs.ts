// /openapi.json and /docs: the same description for machines and for people. The page is made here,
// without scripts and without anything from elsewhere, so that it works on a closed network.
import { createHash } from 'node:crypto'

interface Operation {
  summary?: string
  description?: string
  tags?: string[]
  parameters?: { name: string; in: string; required?: boolean; description?: string }[]
  requestBody?: unknown
  responses?: Record<string, { description?: string }>
}

/** What of an OpenAPI document the page shows. */
export interface ApiDocument {
  info: { title: string; version: string; description?: string }
  paths: Record<string, Record<string, Operation>>
}

const style = `body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color-scheme:light dark}
summary{cursor:pointer;padding:.4rem 0}code{font-family:ui-monospace,monospace}pre{overflow:auto;padding:.8rem;border:1px solid #8886}
table{border-collapse:collapse}td,th{text-align:left;padding:.2rem .8rem .2rem 0;vertical-align:top}`

export const docsPolicy = `default-src 'none'; style-src 'sha256-${createHash('sha256')
  .update(style)
  .digest('base64')}'; base-uri 'none'; frame-ancestors 'none'`

export function formatDocs(document: ApiDocument): string {
  const { title, version, description = '' } = document.info
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  )
  const byTag = Map.groupBy(operations, ({ operation }) => operation.tags?.[0] ?? 'other')
  const sections = [...byTag]
    .map(([tag, own]) => `<h2>${escapeHtml(tag)}</h2>${own.map(formatOperation).join('')}`)
    .join('')
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escapeHtml(title)} API</title><style>${style}</style></head><body><main><h1>${escapeHtml(title)} API ${escapeHtml(version)}</h1>
<p>${escapeHtml(description)}</p><p>For machines: <a href="/openapi.json">/openapi.json</a></p>${sections}</main></body></html>`
}

function formatOperation(entry: { path: string; method: string; operation: Operation }): string {
  const { path, method, operation } = entry
  const { summary = '', description = '', parameters = [], requestBody, responses = {} } = operation
  const rows = parameters.map(
    ({ name, in: place, required, description: text = '' }) =>
      `<tr><td><code>${escapeHtml(name)}</code></td><td>${place}${required ? ', required' : ''}</td><td>${escapeHtml(text)}</td></tr>`,
  )
  const answers = Object.entries(responses).map(
    ([status, { description: text = '' }]) =>
      `<tr><td><code>${escapeHtml(status)}</code></td><td>${escapeHtml(text)}</td></tr>`,
  )
  const body = requestBody
    ? `<h3>Body</h3><pre>${escapeHtml(JSON.stringify(requestBody, null, 2))}</pre>`
    : ''
  return `<details><summary><code>${method.toUpperCase()} ${escapeHtml(path)}</code> ${escapeHtml(summary)}</summary>
<p>${escapeHtml(description)}</p>${rows.length > 0 ? `<h3>Parameters</h3><table>${rows.join('')}</table>` : ''}${body}
<h3>Answers</h3><table>${answers.join('')}</table></details>`
}

const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`)

// Builds the console into dashboards/console/dist. Plain JavaScript, because it also runs right
// after `npm ci`, maybe on an older Node. With --if-possible it never fails the install: it says
// one sentence.
import { fileURLToPath } from 'node:url'

const ifPossible = process.argv.includes('--if-possible')
const configFile = fileURLToPath(new URL('./console/vite.config.js', import.meta.url))

try {
  // Vite is a development dependency: after `npm ci --omit=dev` it is not there.
  const { build } = await import('vite')
  await build({ configFile, logLevel: ifPossible ? 'error' : 'info' })
  if (ifPossible) console.log('console: built into dashboards/console/dist')
} catch (error) {
  if (!ifPossible) throw error
  const reason = String(error instanceof Error ? error.message : error).split('\n', 1)[0]
  console.log(
    `console: not built (${reason}); "npm ci" without --omit=dev, then "npm run build", brings it.`,
  )
}

// A real Prometheus for tests: a child process on a free loopback port that scrapes one server, in
// a temporary folder, ended by its pid. Stands in for nothing; where the binary is absent, tests
// skip.
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

/** Undefined when this machine has none; `apt-get install prometheus` brings it. */
export const prometheusPath: string | undefined = (process.env.PATH ?? '')
  .split(':')
  .concat('/usr/bin')
  .map((folder) => join(folder, 'prometheus'))
  .find((path) => existsSync(path))

export interface Prometheus {
  /** http://127.0.0.1:port */
  url: string
  /** Resolves when the server was scraped so many times more. */
  scraped(times: number): Promise<void>
  stop(): Promise<void>
}

/** `target`: http://host:port of what to scrape at /metrics, every second, with its token. */
export async function startPrometheus(of: { target: string; token: string }): Promise<Prometheus> {
  if (prometheusPath === undefined) throw new Error('there is no Prometheus on this machine')
  const folder = await mkdtemp(join(tmpdir(), 'isotherm-prometheus-'))
  const port = await freePort()
  const config = join(folder, 'prometheus.yml')
  await writeFile(
    config,
    `scrape_configs:
  - job_name: isotherm
    scrape_interval: 1s
    scrape_timeout: 1s
    authorization: { credentials: ${of.token} }
    static_configs: [{ targets: ['${new URL(of.target).host}'] }]
`,
  )
  const url = `http://127.0.0.1:${port}`
  const options = [`--config.file=${config}`, `--storage.tsdb.path=${join(folder, 'data')}`]
  const child = spawn(prometheusPath, [...options, `--web.listen-address=127.0.0.1:${port}`], {
    stdio: 'ignore',
  })
  if (!(await ready(url, child)))
    throw new Error(`Prometheus ended while it started (port ${port})`)
  return {
    url,
    scraped: async (times) => {
      const enough = (await scrapesOf(url)) + times
      while ((await scrapesOf(url)) < enough) await delay(100)
    },
    stop: async () => {
      const gone = new Promise((resolve) => child.once('exit', resolve))
      if (child.exitCode === null && child.kill('SIGKILL')) await gone
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function scrapesOf(url: string): Promise<number> {
  const query = encodeURIComponent('max(count_over_time(isotherm_build_info[10m]))')
  const answer = await fetch(`${url}/api/v1/query?query=${query}`)
  const { data } = (await answer.json()) as { data: { result: { value: [number, string] }[] } }
  return Number(data.result[0]?.value[1] ?? 0)
}

async function ready(url: string, child: ChildProcess): Promise<boolean> {
  while (child.exitCode === null && child.signalCode === null) {
    try {
      if ((await fetch(`${url}/-/ready`)).ok) return true
    } catch {
      // not listening yet
    }
    await delay(50)
  }
  return false
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}

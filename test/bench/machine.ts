// What a figure needs beside it to mean anything: the machine, and what a process cost it. Reads
// /proc, so figures of processes are told on Linux only. Measures nothing by itself.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { cpus, loadavg, totalmem } from 'node:os'

export interface Machine {
  cpu: string
  cpus: number
  memoryGiB: number
  node: string
  os: string
  date: string
  /** Of the minute before: above 0.5 something else ran, and the figures are too low. */
  load: number
}

export function machine(): Machine {
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cpus: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    os: osName(),
    date: new Date().toISOString(),
    load: loadavg()[0]!,
  }
}

/** User and system time of all threads, in seconds; undefined where there is no /proc. */
export function cpuSeconds(pid: number): number | undefined {
  const stat = statOf(pid)
  return stat && stat.user + stat.system
}

interface Stat {
  parent: number
  /** Seconds. */
  user: number
  system: number
  /** Of children that have ended. */
  ended: number
}

function statOf(pid: number): Stat | undefined {
  const text = readIfThere(`/proc/${pid}/stat`)
  if (text === undefined) return undefined
  // The name, in brackets, may hold spaces. Clock ticks are 100 a second on every Linux of today.
  const fields = text
    .slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number)
  const [user = 0, system = 0, ...ended] = fields.slice(11, 15).map((ticks) => ticks / 100)
  return { parent: fields[1]!, user, system, ended: ended[0]! + ended[1]! }
}

/**
 * MB. `rss` counts pages of mapped files that happen to be in memory, `anonymous` what only we
 * hold.
 */
export interface Memory {
  rss: number
  anonymous: number
}

export function memoryOf(pid: number): Memory | undefined {
  const text = readIfThere(`/proc/${pid}/smaps_rollup`)
  if (text === undefined) return undefined
  const mb = (name: string): number =>
    Math.round((Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)?.[1] ?? 0) * 1024) / 1e6)
  return { rss: mb('Rss'), anonymous: mb('Anonymous') }
}

/** Of several processes by name, children included: user and system time so far, in seconds. */
export function cpuOf(pids: Record<string, number>): Record<string, number> {
  const all = new Map(
    (existsSync('/proc') ? readdirSync('/proc') : [])
      .filter((name) => /^\d+$/.test(name))
      .map((name) => [Number(name), statOf(Number(name))]),
  )
  return eachOf(pids, (pid) => {
    const own = all.get(pid)
    if (!own) return Number.NaN
    const children = [...all.values()].filter((stat) => stat?.parent === pid)
    return children.reduce(
      (sum, stat) => sum + stat!.user + stat!.system,
      own.user + own.system + own.ended,
    )
  })
}

/** What they used between two such looks, in microseconds a packet. */
export function perPacket(
  before: Record<string, number>,
  after: Record<string, number>,
  packets: number,
): Record<string, number> {
  return eachOf(after, (seconds, name) => ((seconds - before[name]!) * 1e6) / Math.max(packets, 1))
}

/** Resident, in MB. */
export function memoryOfAll(pids: Record<string, number>): Record<string, number> {
  return eachOf(pids, (pid) => memoryOf(pid)?.rss ?? Number.NaN)
}

const eachOf = <T, U>(all: Record<string, T>, to: (one: T, name: string) => U): Record<string, U> =>
  Object.fromEntries(Object.entries(all).map(([name, one]) => [name, to(one, name)]))

function osName(): string {
  const release = readIfThere('/etc/os-release')
  return /^PRETTY_NAME="?([^"\n]*)/m.exec(release ?? '')?.[1] ?? process.platform
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}

// What a figure needs beside it to mean anything: the machine, and what a process cost it. Reads
// /proc, so figures of processes are told on Linux only. Measures nothing by itself.
import { readFileSync } from 'node:fs'
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
  const text = readIfThere(`/proc/${pid}/stat`)
  if (text === undefined) return undefined
  // The name, in brackets, may hold spaces. Clock ticks are 100 a second on every Linux of today.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / 100
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

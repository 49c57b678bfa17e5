// Child processes of the benchmarks: started with a line to wait for, ended by their process id, with
// whatever they started themselves (npm does not hand a signal on). What is still running when the
// benchmark ends, well or badly, is ended with it.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'

export interface Child {
  pid: number
  /** The line that said it was ready, or what else matched. */
  ready: RegExpExecArray
  /** All that it said on standard output so far, a line each. */
  lines: string[]
  /** Resolves with the exit code when it ended by itself. */
  ended: Promise<number | null>
  end(): Promise<void>
}

export interface StartOptions {
  command: string
  args: string[]
  env?: Record<string, string>
  cwd?: string
  /** Ready when a line of its output, of either kind, matches. */
  ready: RegExp
  readyMs?: number
}

const running = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of running) signal(child, 'SIGKILL')
})
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => process.exit(130))

/** Rejects, with the last lines it said, when it ends or stays silent instead of getting ready. */
export async function start(options: StartOptions): Promise<Child> {
  const { command, args, env, cwd, ready, readyMs = 30_000 } = options
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
    // A process group of its own, to be signalled as a whole.
    detached: true,
    ...(cwd && { cwd }),
  })
  running.add(child)
  const lines: string[] = []
  const said: string[] = []
  const ended = once(child, 'exit').then(([code]) => {
    running.delete(child)
    return code as number | null
  })
  const found = Promise.withResolvers<RegExpExecArray>()
  const hear = (line: string): void => {
    said.push(line)
    if (said.length > 20) said.shift()
    const match = ready.exec(line)
    if (match) found.resolve(match)
  }
  createInterface(child.stdout).on('line', (line) => {
    lines.push(line)
    hear(line)
  })
  createInterface(child.stderr).on('line', hear)
  child.once('error', found.reject)
  const complain = (what: string): void =>
    found.reject(new Error(`${command} ${args.join(' ')} ${what}:\n${said.join('\n')}`))
  ended.then((code) => complain(`ended with ${code}`))
  const timer = setTimeout(() => complain(`was not ready in ${readyMs} ms`), readyMs)
  try {
    const match = await found.promise
    return { pid: child.pid!, ready: match, lines, ended, end: () => end(child, ended) }
  } catch (error) {
    if (child.pid !== undefined) await end(child, ended)
    throw error
  } finally {
    clearTimeout(timer)
  }
}

async function end(child: ChildProcess, ended: Promise<unknown>): Promise<void> {
  const killAt = performance.now() + 20_000
  signal(child, 'SIGTERM')
  // The group is empty when there is nobody left to signal.
  while (signal(child, 0)) {
    if (performance.now() > killAt) signal(child, 'SIGKILL')
    await delay(20)
  }
  await ended
}

/** Signals the child's whole group; false when nobody is left in it. */
function signal({ pid }: ChildProcess, name: NodeJS.Signals | 0): boolean {
  try {
    return pid !== undefined && process.kill(-pid, name)
  } catch {
    return false
  }
}

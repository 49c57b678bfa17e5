// The main thread's end of the thread that owns the DuckDB file: requests out, answers in, failures
// in their kinds. Refuses to start a second thread on a folder within this process (DuckDB's lock
// only keeps other processes out).
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { Corrupt, OperatorError, Unavailable } from '../../domain/refusal.ts'
import type { ReadColumns } from './queries.ts'
import type { TablesOptions } from './tables.ts'
import type { SeriesFailure, SeriesReply, SeriesRequest } from './worker.ts'

export type SeriesAnswer = Extract<SeriesReply, { columns?: ReadColumns }>

export interface SeriesThread {
  /** Names of the series kept when the file was opened; their places are their keys. */
  names: readonly string[]
  ask(request: SeriesRequest, moved?: ArrayBuffer[]): Promise<SeriesAnswer>
  /** Requests not yet answered. */
  readonly asked: number
  /** Why it answers no more: the thread died, or DuckDB gave the file up. */
  readonly failure: Error | undefined
  /** Answers what was asked, then ends the thread and frees the folder. Never rejects. */
  end(): Promise<void>
}

/** Throws OperatorError (folder in use or not writable), Corrupt, or Unavailable. */
export async function startSeriesThread(
  folder: string,
  options: Omit<TablesOptions, 'file'>,
): Promise<SeriesThread> {
  if (openFolders.has(folder)) throw errorOf({ kind: 'locked', message: 'by this process' }, folder)
  makeFolder(folder)
  openFolders.add(folder)
  const worker = new Worker(new URL('./worker.ts', import.meta.url), {
    name: 'series',
    // Options of the process (--input-type, --import, …) are not meant for this thread.
    execArgv: [],
    workerData: { ...options, file: join(folder, 'series.duckdb'), readers: 2 },
  })
  const pending = new Map<number, PromiseWithResolvers<SeriesAnswer>>()
  let nextId = 0
  let failure: Error | undefined
  let exited = false
  const expect = (id: number): Promise<SeriesAnswer> => {
    const waiter = Promise.withResolvers<SeriesAnswer>()
    pending.set(id, waiter)
    return waiter.promise
  }
  const die = (cause: unknown): void => {
    failure ??= new Unavailable('the thread of the series store died', 1000, cause)
    for (const { reject } of pending.values()) reject(failure)
    pending.clear()
  }
  const ended = new Promise<void>((resolve) => {
    worker.once('exit', (code) => {
      exited = true
      openFolders.delete(folder)
      die(new Error(`exit code ${code}`))
      resolve()
    })
  })
  worker.on('error', die)
  worker.on('message', (reply: SeriesReply) => {
    const waiter = pending.get(reply.id)
    pending.delete(reply.id)
    if (!('failure' in reply)) return waiter?.resolve(reply)
    const error = errorOf(reply.failure, folder)
    if (reply.failure.kind === 'fatal') failure ??= error
    waiter?.reject(error)
  })
  const send = (request: SeriesRequest, moved: ArrayBuffer[] = []): Promise<SeriesAnswer> => {
    const id = nextId++
    const answer = expect(id)
    worker.postMessage({ id, request }, moved)
    return answer
  }
  try {
    const { names = [] } = await expect(-1)
    return {
      names,
      ask: (request, moved) => (failure ? Promise.reject(failure) : send(request, moved)),
      get asked() {
        return pending.size
      },
      get failure() {
        return failure
      },
      async end() {
        if (!exited) await send({ ask: 'close' }).catch(() => worker.terminate())
        await ended
      },
    }
  } catch (error) {
    await worker.terminate()
    throw error
  }
}

const openFolders = new Set<string>()

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true })
  } catch (error) {
    throw errorOf({ kind: 'unwritable', message: String(error) }, folder)
  }
}

function errorOf({ kind, message }: SeriesFailure, folder: string): Error {
  switch (kind) {
    case 'unavailable':
    case 'fatal':
      return new Unavailable(`the series store cannot serve now: ${message}`)
    case 'corrupt':
      return new Corrupt(folder, `the series store does not read as it was written: ${message}`)
    case 'locked':
      return new OperatorError(
        `the series store in ${folder} is in use (${message})`,
        'stop the other process, or give this one its own ISOTHERM_DATA_DIR',
      )
    case 'newer':
      return new OperatorError(
        `the series store in ${folder} was written by a newer release (${message})`,
        'start the newer release, or use another ISOTHERM_DATA_DIR',
      )
    case 'unwritable':
      return new OperatorError(
        `the series store cannot write to ${folder} (${message})`,
        'make the folder writable for this user, or set ISOTHERM_DATA_DIR',
      )
    case 'bug':
      return new Error(`series store: ${message}`)
  }
}

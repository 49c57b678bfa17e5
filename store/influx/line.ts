// The line to one InfluxDB: contact is made when it is needed and again after it was lost, and
// whoever asks for the health is told why it does not serve. Knows no rows.
import { setTimeout as delay } from 'node:timers/promises'
import { bounds } from '../../config.ts'
import { Unavailable } from '../../domain/refusal.ts'
import { askRun, type Contact, makeContact } from './contact.ts'
import { type InfluxHttp, type InfluxOptions, Missing, openInfluxHttp, Torn } from './http.ts'

export interface InfluxLine {
  http: InfluxHttp
  /** Runs a task that changes something, once there is contact. Throws Unavailable. */
  change<T>(task: (contact: Contact) => Promise<T>): Promise<T>
  /** Runs a task that reads; refuses more than `bounds.seriesReadsMax` at once. */
  read<T>(task: (contact: Contact) => Promise<T>): Promise<T>
  readonly failure: Error | undefined
  close(): Promise<void>
}

export function openInfluxLine(options: InfluxOptions): InfluxLine {
  const http = openInfluxHttp(options)
  const reach = makeReach(http)
  const wait = makeWait(http, options.tornMs ?? bounds.influxTornMs)
  const health = makeHealth(reach)
  const asked = new Set<Promise<unknown>>()
  let reads = 0
  let closing: Promise<void> | undefined

  const serve = async <T>(of: Kind, task: (contact: Contact) => Promise<T>): Promise<T> => {
    if (closing) throw new Unavailable('the series store is closed')
    const run = reach.contact().then(task)
    asked.add(run)
    try {
      const result = await run
      health.note(of, undefined)
      return result
    } catch (error) {
      health.note(of, error)
      throw error
    } finally {
      asked.delete(run)
    }
  }
  return {
    http,
    change: (task) => serve('change', (contact) => wait.over(() => task(contact))),
    async read(task) {
      if (reads >= bounds.seriesReadsMax)
        throw new Unavailable('too many reads of the series store at once', 200)
      reads++
      try {
        return await serve('read', task)
      } finally {
        reads--
      }
    },
    get failure() {
      return health.failure
    },
    close() {
      // A server that says nothing must not hold up the end of the process.
      const patience = delay(bounds.drainTimeoutMs, undefined, { ref: false })
      closing ??= Promise.race([Promise.allSettled(asked), patience]).then(() => {
        health.close()
        http.close()
      })
      return closing
    },
  }
}

type Kind = 'change' | 'read'

interface Reach {
  contact(): Promise<Contact>
  forget(): void
}

function makeReach(http: InfluxHttp): Reach {
  let contact: Promise<Contact> | undefined
  return {
    contact() {
      contact ??= makeContact(http).catch((error) => {
        contact = undefined
        throw error
      })
      return contact
    },
    forget() {
      contact = undefined
    },
  }
}

/**
 * After a half entry (store/influx/http.ts, Torn) a change is made once without being believed: it
 * lets the server begin a new file of its WAL when it next moves its memory to files. After that
 * wait the change is made again. A start of the server begins it anew.
 */
function makeWait(http: InfluxHttp, tornMs: number) {
  let torn: { error: Torn; run: string | undefined; since: number | undefined } | undefined
  const attempt = async <T>(task: () => Promise<T>): Promise<T> => {
    try {
      return await task()
    } catch (error) {
      if (error instanceof Torn) torn = { error, run: undefined, since: undefined }
      throw error
    }
  }
  const waitOut = async (task: () => Promise<unknown>): Promise<void> => {
    const run = await askRun(http)
    if (torn === undefined) return
    if (run !== torn.run) torn = { ...torn, run, since: undefined }
    const { error, since } = torn
    if (since === undefined) {
      await attempt(task)
      torn = { ...torn, since: Date.now() }
    } else if (Date.now() - since >= tornMs) {
      torn = undefined
      return
    }
    throw new Unavailable(error.message, error.retryAfterMs)
  }
  return {
    async over<T>(task: () => Promise<T>): Promise<T> {
      if (torn !== undefined) await waitOut(task)
      const before = torn
      const result = await attempt(task)
      // What was stored behind the half entry of another task is as little safe.
      if (torn !== before) throw torn!.error
      return result
    },
  }
}

/** A disk may be full while everything else answers: a change's failure ends with a change. */
function makeHealth(reach: Reach) {
  const failures: Partial<Record<Kind, Error | undefined>> = {}
  let probe: NodeJS.Timeout | undefined
  let closed = false
  const note = (of: Kind, error: unknown): void => {
    if (error === undefined) {
      failures[of] = undefined
      failures.read = undefined
    }
    if (!(error instanceof Unavailable) || closed) return
    if (error instanceof Missing) reach.forget()
    failures[of] = error
    probe ??= setTimeout(ask, bounds.influxProbeMs).unref()
  }
  /** Nobody may be asking for anything when it comes back. */
  const ask = (): void => {
    probe = undefined
    reach.forget()
    reach.contact().then(
      () => note('read', undefined),
      (error) => note('read', error),
    )
  }
  reach.contact().catch((error) => note('read', error))
  return {
    note,
    get failure() {
      return failures.change ?? failures.read
    },
    close() {
      closed = true
      clearTimeout(probe)
    },
  }
}

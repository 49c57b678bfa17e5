// The line to one InfluxDB: contact is made when it is needed and again after it was lost, and
// whoever asks for the health is told why it does not serve. Knows no rows.
import { bounds } from '../config.ts'
import { Unavailable } from '../domain/refusal.ts'
import { type Contact, makeContact } from './influx-contact.ts'
import { type InfluxHttp, type InfluxOptions, Missing, openInfluxHttp } from './influx-http.ts'

export interface InfluxLine {
  http: InfluxHttp
  /** Runs a task that changes something, once there is contact. Throws Unavailable. */
  change<T>(task: (contact: Contact) => Promise<T>): Promise<T>
  /** Runs a task that reads; refuses more than `bounds.seriesReadsMax` at once. */
  read<T>(task: () => Promise<T>): Promise<T>
  readonly failure: Error | undefined
  close(): Promise<void>
}

export function openInfluxLine(options: InfluxOptions): InfluxLine {
  const http = openInfluxHttp(options)
  const asked = new Set<Promise<unknown>>()
  /** A disk may be full while everything else answers: a write's failure ends with a write. */
  const failures: { change?: Error | undefined; read?: Error | undefined } = {}
  let contact: Promise<Contact> | undefined
  let closing: Promise<void> | undefined
  let reads = 0
  let probe: NodeJS.Timeout | undefined

  const reach = (): Promise<Contact> => {
    contact ??= makeContact(http).catch((error) => {
      contact = undefined
      throw error
    })
    return contact
  }
  const probeLater = (): void => {
    if (probe || closing) return
    probe = setTimeout(() => {
      probe = undefined
      contact = undefined
      reach().then(
        () => {
          failures.read = undefined
        },
        (error) => noteFailure('read', error),
      )
    }, bounds.influxProbeMs).unref()
  }
  const noteFailure = (of: 'change' | 'read', error: unknown): void => {
    if (!(error instanceof Unavailable)) return
    if (error instanceof Missing) contact = undefined
    failures[of] = error
    probeLater()
  }
  const serve = async <T>(
    of: 'change' | 'read',
    task: (contact: Contact) => Promise<T>,
  ): Promise<T> => {
    if (closing) throw new Unavailable('the series store is closed')
    const run = reach().then(task)
    asked.add(run)
    try {
      const result = await run
      failures.read = undefined
      if (of === 'change') failures.change = undefined
      return result
    } catch (error) {
      noteFailure(of, error)
      throw error
    } finally {
      asked.delete(run)
    }
  }
  reach().catch((error) => noteFailure('read', error))
  return {
    http,
    change: (task) => serve('change', task),
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
      return failures.change ?? failures.read
    },
    close() {
      closing ??= Promise.allSettled(asked).then(() => {
        clearTimeout(probe)
        http.close()
      })
      return closing
    },
  }
}

// What PostgreSQL and the way to it say when something fails, in the words of domain/refusal.ts.
// Codes: PostgreSQL documentation, appendix A. Never repeats a URL: a password may stand in it.
import { Corrupt, OperatorError, Unavailable } from '../../domain/refusal.ts'

/** Another transaction was in the way; the same steps may well succeed now. */
export class Contended extends Unavailable {}

/** Where a ledger is, without who asks and with what password. */
export const placeOf = (url: URL): string =>
  `PostgreSQL at ${url.hostname || 'localhost'}:${url.port || '5432'}${url.pathname}`

/**
 * Contended and Unavailable for what passes, Corrupt for damage; anything else is a bug and stays
 * as it is.
 */
export function postgresError(error: unknown): unknown {
  const code = codeOf(error)
  const text = error instanceof Error ? error.message : String(error)
  if (/^(40001|40P01)$/.test(code))
    return new Contended('other transactions want the same rows', 100, error)
  if (/^XX00[12]$/.test(code)) return new Corrupt('PostgreSQL', text, error)
  if (isPassing(code, text))
    return new Unavailable(`the ledger cannot serve: ${code || text}`, 1000, error)
  return error
}

/** The connection must not be used again. */
export const isLost = (error: unknown): boolean => {
  const code = codeOf(error)
  return /^(08|57P|25P03|0A000)/.test(code) || !/^[0-9A-Z]{5}$/.test(code)
}

function isPassing(code: string, text: string): boolean {
  // 08: connection. 53: disk full, memory, too many connections. 57P: shut down or starting. 57014:
  // a statement that took too long. 58: the system underneath. 25006: a standby. 25P03, 55P03:
  // waited too long.
  if (/^(08|53|57P|57014|58|25006|25P03|55P03|28)/.test(code)) return true
  // Another release changed a table under a prepared statement: a new connection knows it.
  if (code === '0A000' && text.includes('cached plan')) return true
  if (/^E[A-Z_]{3,}$/.test(code)) return true
  return /^(Connection terminated|timeout exceeded|Query read timeout|Client (was|has)|Cannot use a pool|The server does not support SSL)/.test(
    text,
  )
}

/** What the operator can do about a ledger that does not open. */
export function openError(error: unknown, url: URL): Error {
  const code = codeOf(error)
  const place = placeOf(url)
  const user = decodeURIComponent(url.username) || 'the system’s user'
  const database = decodeURIComponent(url.pathname.slice(1)) || user
  const is = (what: string, remedy: string): OperatorError =>
    new OperatorError(`${place} ${what}`, remedy, error)
  if (error instanceof OperatorError || error instanceof Corrupt) return error
  if (code.startsWith('28'))
    return is(
      `does not let ${user} in (${code})`,
      'correct user and password in ISOTHERM_LEDGER_URL, or pg_hba.conf of the server',
    )
  if (code === '3D000') return is(`has no database ${database}`, `createdb ${database}`)
  if (code === '42501')
    return is(
      `does not allow ${user} to make tables`,
      `psql -d ${database} -c 'grant create, usage on schema public to "${user}"'`,
    )
  const known = postgresError(error)
  if (known instanceof Corrupt) return known
  const reason = code || (error instanceof Error ? error.message : String(error))
  if (known instanceof Unavailable)
    return is(`does not serve: ${reason}`, 'start it, or correct ISOTHERM_LEDGER_URL')
  return error instanceof Error ? error : new Error(String(error))
}

/** SQLSTATE of the server, or the system's own code (ECONNREFUSED), through what wraps it. */
export function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return ''
  if ('code' in error && typeof error.code === 'string') return error.code
  return codeOf(error.cause)
}

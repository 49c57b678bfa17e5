// The operator's log: one JSON object a line on standard error, and no secret in any of them.
// Standard output is for what the operator asked.
import { type Logger, pino } from 'pino'
import type { Answered } from './api/observe.ts'
import { bounds, type Config } from './config.ts'
import { Superseded } from './domain/refusal.ts'
import type { Observer } from './observe.ts'
import type { WorkTo } from './work.ts'

export type { Logger }

/** Fields whose values never leave, wherever they stand. */
const secret = ['authorization', 'Authorization', 'cookie', 'Cookie', 'password', 'token', 'url']
const paths = secret.flatMap((name) => [name, `*.${name}`, `*.*.${name}`])

/** A URL's user and password, and a token behind its scheme: they come inside of other words. */
const credentials = /([a-z][a-z0-9+.-]*:\/\/)[^\s/"'@]*(?:@[^\s/"'@]*)*@/gi
const bearer = /\b(Bearer|Basic) +[A-Za-z0-9._~+/=-]+/gi

/** `write` gets whole lines; to standard error when absent. */
export function openLogger(
  level: Config['logLevel'],
  write: (line: string) => void = standardError(),
): Logger {
  const options = {
    level,
    base: { pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: { paths, censor: '[secret]' },
  }
  return pino(options, { write: (line: string) => write(withoutSecrets(line)) })
}

/** Text that others wrote, such as the message of a database's client. */
export const withoutSecrets = (text: string): string =>
  text.replace(credentials, '$1[secret]@').replace(bearer, '$1 [secret]')

/** Told of a follower that ended by itself. */
export const tellEnd =
  (logger: Logger): WorkTo['onEnded'] =>
  (follower, partition, error) => {
    if (error instanceof Superseded)
      logger.info({ follower, partition }, 'another process has this work now')
    else logger.error({ follower, partition, err: error }, 'has stopped')
  }

export function tellSlowSteps(observer: Observer, logger: Logger): Observer {
  const tell = sparingly((about) => logger.warn(about, 'a slow step'))
  return {
    ...observer,
    step: (follower, of) => {
      observer.step(follower, of)
      if (of.durationMs > bounds.slowStepMs) tell({ follower, ...of })
    },
  }
}

export function tellSlowRequests(
  metrics: { answered(answer: Answered): void },
  logger: Logger,
): (answer: Answered) => void {
  const tell = sparingly((about) => logger.warn(about, 'a slow request'))
  return (answer) => {
    metrics.answered(answer)
    logger.debug(answer, 'answered')
    if (answer.durationMs > bounds.slowRequestMs) tell({ ...answer })
  }
}

/**
 * Tells of the first of many that are alike, then once in a while, with how many there were since:
 * what is slow is slow by the hundred.
 */
function sparingly(tell: (about: object) => void): (about: object) => void {
  let againAt = Number.NEGATIVE_INFINITY
  let untold = 0
  return (about) => {
    const time = performance.now()
    if (time < againAt) {
      untold++
      return
    }
    tell(untold === 0 ? about : { ...about, untold })
    againAt = time + bounds.slowLineEveryMs
    untold = 0
  }
}

function standardError(): (line: string) => void {
  const destination = pino.destination({ fd: 2, sync: true })
  return (line) => {
    destination.write(line)
  }
}

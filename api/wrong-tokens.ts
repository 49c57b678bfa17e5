// Guessing tokens, slowed by network: after so many wrong ones nobody there is asked any more for a
// while, but for those whose token was right before. Nothing is kept longer than the process lives.
import { bounds } from '../config.ts'
import { networksOf } from './client-address.ts'
import type { Deps } from './deps.ts'
import { openLimiter } from './limiter.ts'

export interface WrongTokens {
  /** Of whom X-Forwarded-For is believed. */
  trusted: ReturnType<typeof networksOf>
  /** Ms until this network may try a token again; 0 for now. */
  waitFor(network: string, tokenHash: string): number
  count(network: string, tokenHash: string, right: boolean): void
}

const opened = new WeakMap<Deps, WrongTokens>()

/** One for everything that is asked for a token: HTTP and WebSockets. */
export function wrongTokens(deps: Deps): WrongTokens {
  const known = opened.get(deps)
  if (known) return known
  const keysMax = bounds.limiterKeysMax
  const limiter = openLimiter(bounds.wrongTokenRate, { now: deps.now, keysMax })
  const right = new Set<string>()
  const made: WrongTokens = {
    trusted: networksOf(deps.strangers?.proxies ?? []),
    waitFor: (network, hash) => (right.has(`${network} ${hash}`) ? 0 : limiter.look(network)),
    count: (network, hash, isRight) => {
      const key = `${network} ${hash}`
      right.delete(key)
      if (isRight) right.add(key)
      else limiter.take(network)
      if (right.size > keysMax) right.delete(right.values().next().value!)
    },
  }
  opened.set(deps, made)
  return made
}

// Guessing passwords, slowed: by person and network, by person, and by network as wrong tokens are.
// Nobody is locked out for ever, and nobody can lock a person out of the networks where they signed
// in before. Nothing is kept longer than the process lives.
import type { Context } from 'hono'
import { bounds } from '../../config.ts'
import { clientNetwork, originOf } from '../client-address.ts'
import type { Deps } from '../deps.ts'
import { openLimiter, refuseAfter } from '../limiter.ts'
import { wrongTokens } from '../wrong-tokens.ts'

/** Somebody at a network who says that they are this person. */
export interface Claim {
  tenant: string
  person: string
  network: string
}

export interface WrongPasswords {
  claim(c: Context, of: { tenant: string; person: string }): Claim
  /**
   * Before a password is looked at: Problem 429 while there have been too many wrong ones. Until it
   * is known to be right it counts for a wrong one: many at once get no more tries than one by one.
   */
  admit(claim: Claim): void
  /** What came of an admitted one. */
  count(claim: Claim, right: boolean): void
  /** Whether a refused attempt is still written down; each time it is asked, one is. */
  noted(): boolean
}

const opened = new WeakMap<Deps, WrongPasswords>()

/** One for signing in, for signatures and for changed passwords. */
export function wrongPasswords(deps: Deps): WrongPasswords {
  const known = opened.get(deps)
  if (known) return known
  const keep = { now: deps.now, keysMax: bounds.limiterKeysMax }
  const near = openLimiter(bounds.wrongPasswordRate, keep)
  const anywhere = openLimiter(bounds.wrongPasswordAnywhereRate, keep)
  const evidence = openLimiter(bounds.refusedEvidenceRate, { now: deps.now, keysMax: 1 })
  const right = new Set<string>()
  const tokens = wrongTokens(deps)
  const made: WrongPasswords = {
    claim: (c, of) => ({ ...of, network: clientNetwork(originOf(c), tokens.trusted) }),
    admit: (claim) => {
      refuseAfter(near.look(placeOf(claim)))
      if (!right.has(placeOf(claim))) {
        refuseAfter(tokens.waitFor(claim.network, ''))
        refuseAfter(anywhere.take(personOf(claim)))
      }
      near.take(placeOf(claim))
    },
    count: (claim, isRight) => {
      const place = placeOf(claim)
      if (!isRight) {
        if (!right.has(place)) tokens.count(claim.network, '', false)
        return
      }
      near.give(place)
      if (!right.has(place)) anywhere.give(personOf(claim))
      // The order of a Set is that of its insertions: the first is the one longest unheard of.
      right.delete(place)
      right.add(place)
      if (right.size > bounds.limiterKeysMax) right.delete(right.values().next().value!)
    },
    noted: () => evidence.take('all') === 0,
  }
  opened.set(deps, made)
  return made
}

const personOf = ({ tenant, person }: Claim): string => `${tenant}\n${person}`
const placeOf = (claim: Claim): string => `${personOf(claim)}\n${claim.network}`

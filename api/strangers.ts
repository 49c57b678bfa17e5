// Those who come without a token: people who scan a code. They belong to one tenant, that of the
// resolver; they are counted by network and slowed when they ask too much, most of all when they
// ask for numbers that nobody gave (guessing). Nothing of them is kept but a hash that means
// nothing the day after.
import { createHmac } from 'node:crypto'
import type { Context, MiddlewareHandler } from 'hono'
import { bounds } from '../config.ts'
import type { LedgerView } from '../store/ledger/ledger.ts'
import { dayKey, forgetScans, recordScans, type Scan, scanSecret } from '../store/ledger/scans.ts'
import { forgetSightings } from '../store/ledger/suspects.ts'
import { clientNetwork, networksOf, originOf } from './client-address.ts'
import type { Deps } from './deps.ts'
import type { Env } from './identity.ts'
import { openLimiter, refuseAfter } from './limiter.ts'

export interface Strangers {
  tenant: string
  /** How whoever answers for the products is reached: `tel:`, `mailto:` or `https:`. */
  contact: string | undefined
  /** Their tenant's part of the ledger. */
  ledger: LedgerView
  /** Counts the request; Problem 429 when there were too many. */
  admit: MiddlewareHandler<Env>
  /** Before a serial of this GTIN is looked up. Problem 429. */
  admitProbe(c: Context, gtin: string): void
  /** After: a number that nobody gave. */
  countUnknown(c: Context, gtin: string): void
  /** One network and one browser on one day. */
  sessionOf(c: Context): Promise<string>
  /** A session named by an application that has a token. */
  sessionNamed(name: string): Promise<string>
  /** Stands for an EPC that no event named. */
  hashOf(epc: string): Promise<string>
  /** Writes scans down, and now and then drops those past their time. */
  record(ledger: LedgerView, tenant: string, scans: readonly Scan[]): Promise<void>
}

const dayMs = 86_400_000

export function openStrangers(deps: Deps): Strangers {
  const { now } = deps
  const tenant = deps.strangers?.tenant ?? 'default'
  const trusted = networksOf(deps.strangers?.proxies ?? [])
  const networkOf = (c: Context): string => clientNetwork(originOf(c), trusted)
  const keep = { now, keysMax: bounds.limiterKeysMax }
  const requests = openLimiter(bounds.strangerRate, keep)
  const unknowns = openLimiter(bounds.unknownRate, keep)
  const products = openLimiter(bounds.unknownOfProductRate, keep)
  const probed = openLimiter(bounds.probedRate, keep)
  const key = openKeys(deps)
  const sessionNamed = async (name: string): Promise<string> => {
    const day = Math.floor(now() / dayMs)
    return digest(await key.ofDay(day), name)
  }
  return {
    tenant,
    contact: deps.strangers?.contact,
    ledger: deps.ledger.forTenant(tenant),
    admit: async (c, next) => {
      refuseAfter(requests.take(networkOf(c)))
      await next()
    },
    admitProbe: (c, gtin) => {
      const network = networkOf(c)
      refuseAfter(unknowns.look(network))
      // While somebody goes through the numbers of a product, from however many networks, each of
      // them gets few answers about it.
      if (products.look(gtin) > 0) refuseAfter(probed.take(`${gtin} ${network}`))
    },
    countUnknown: (c, gtin) => {
      unknowns.take(networkOf(c))
      products.take(gtin)
    },
    sessionOf: (c) => {
      const agent = (c.req.header('User-Agent') ?? '').slice(0, 300)
      return sessionNamed(`${networkOf(c)}\n${agent}`)
    },
    sessionNamed,
    hashOf: async (epc) => digest(await key.ofEpcs(), epc),
    record: openRecord(deps),
  }
}

function openRecord({ now }: Deps): Strangers['record'] {
  const forgotten = new Map<string, number>()
  const unknowns = openLimiter(bounds.unknownScansRate, { now, keysMax: 1 })
  return async (ledger, tenant, scans) => {
    const at = now()
    const trusted = scans.every(({ source }) => source === 'app' || source === 'trade')
    const unknown = trusted || unknowns.look('all') === 0
    const due = at - (forgotten.get(tenant) ?? -Infinity) >= bounds.scansForgetEveryMs
    const found = await ledger.transact(async (db) => {
      const before = at - bounds.scansKeptMs
      const unknownBefore = at - bounds.unknownScansKeptMs
      if (due) await forgetScans(db, tenant, { before, unknownBefore })
      if (due) await forgetSightings(db, tenant, before)
      return recordScans(db, tenant, { scans, unknown, heardAt: at })
    })
    if (!trusted && found > 0) unknowns.take('all')
    if (!due) return
    forgotten.set(tenant, at)
    if (forgotten.size > bounds.tenantViewsMax) forgotten.delete(forgotten.keys().next().value!)
  }
}

/** Asked for once; that of the day when a new one begins. */
function openKeys({ ledger }: Deps) {
  let ofEpcs: Promise<Uint8Array> | undefined
  let ofDay: { day: number; key: Promise<Uint8Array> } | undefined
  return {
    ofEpcs: (): Promise<Uint8Array> => {
      ofEpcs ??= scanSecret(ledger).catch((error: unknown) => {
        ofEpcs = undefined
        throw error
      })
      return ofEpcs
    },
    ofDay: (day: number): Promise<Uint8Array> => {
      if (ofDay?.day !== day) {
        const key = dayKey(ledger, day)
        ofDay = { day, key }
        key.catch(() => {
          ofDay = undefined
        })
      }
      return ofDay.key
    },
  }
}

const digest = (key: Uint8Array, text: string): string =>
  createHmac('sha256', key).update(text).digest('base64url').slice(0, 22)

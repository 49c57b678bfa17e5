// Who is it: what the broker asks for each CONNECT, and the administrator's first token. Tokens are
// compared by hash, in the same time however wrong they are.
import { timingSafeEqual } from 'node:crypto'
import type { Config } from './config.ts'
import type { Principal } from './ingest/topics.ts'
import type { Directory } from './store/ledger/directory.ts'
import type { Ledger } from './store/ledger/ledger.ts'
import { hashToken, keyByToken, newToken, readMeta, writeMeta } from './store/ledger/registry.ts'
import type { Stores } from './stores.ts'

/** Device id and token, or key id and token. */
export function authenticate({ ledger, directory, alone }: Stores, now: () => number) {
  return async (user: string, password: Buffer): Promise<Principal | undefined> => {
    if (user === '' || password.length === 0) return undefined
    const given = hashToken(password)
    const known = deviceWith(directory, user, { hash: given, now: now() })
    if (known) return known
    const key = await keyByToken(ledger.db, given)
    if (key?.id === user && key.mqtt)
      return { kind: 'service', id: key.id, tenant: key.tenant, ...key.mqtt }
    // Another process may have registered it, or changed its token, a moment ago.
    if (alone) return undefined
    await directory.refreshAll(user)
    return deviceWith(directory, user, { hash: given, now: now() })
  }
}

function deviceWith(
  directory: Directory,
  id: string,
  { hash, now }: { hash: string; now: number },
): Principal | undefined {
  for (const { tenant, tokenHash, until } of directory.credentials(id))
    if (timingSafeEqual(Buffer.from(hash), Buffer.from(tokenHash)) && (until ?? Infinity) > now) {
      const ends = until === undefined ? {} : { until }
      return { kind: 'device', id, tenant, publish: [], subscribe: [], ...ends }
    }
  return undefined
}

/**
 * The hash of the administrator's token: from the setting, else of the one made up at the first
 * start, of which the ledger keeps the hash. `fresh` is in clear only then.
 */
export async function adminToken(
  config: Config,
  ledger: Ledger,
): Promise<{ tokenHash: string; fresh: string | undefined }> {
  if (config.adminToken) return { tokenHash: hashToken(config.adminToken), fresh: undefined }
  const fresh = newToken()
  // Two processes may start for the first time at once: one of their tokens stands.
  const tokenHash = await ledger.transact(
    async (db) => {
      const known = await readMeta(db, 'adminTokenHash')
      if (known) return known
      await writeMeta(db, 'adminTokenHash', hashToken(fresh))
      return hashToken(fresh)
    },
    { serializable: true },
  )
  return { tokenHash, fresh: tokenHash === hashToken(fresh) ? fresh : undefined }
}

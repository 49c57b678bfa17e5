// The devices in memory: decoders and the broker ask for them with every packet. Filled at start,
// kept in step through `refresh` by whoever changes a device, here or in another process.
import { chunksOf, type Ledger } from './ledger.ts'
import { type Device, listCredentials, readDevice } from './ledger-registry.ts'

export interface Directory {
  device(tenant: string, id: string): Device | undefined
  /** Tenant and token hash of every device with this id (an MQTT user name carries no tenant). */
  credentials(id: string): { tenant: string; tokenHash: string }[]
  refresh(tenant: string, id: string): Promise<void>
  /** The same for every tenant with such a device: another process may have registered it. */
  refreshAll(id: string): Promise<void>
  readonly size: number
}

export async function openDirectory(ledger: Ledger): Promise<Directory> {
  // By id first: hardly any id is used by two tenants, and a joined key would be built with every
  // packet.
  const devices = new Map<string, { device: Device; tokenHash: string }[]>()
  let size = 0
  const add = (device: Device, tokenHash: string): void => {
    const others = (devices.get(device.id) ?? []).filter(
      (known) => known.device.tenant !== device.tenant,
    )
    size += others.length + 1 - (devices.get(device.id)?.length ?? 0)
    devices.set(device.id, [...others, { device, tokenHash }])
  }
  const refresh = async (tenant: string, id: string): Promise<void> => {
    const device = await readDevice(ledger.db, tenant, id)
    const row = await ledger.db
      .selectFrom('devices')
      .select('tokenHash')
      .where('tenant', '=', tenant)
      .where('id', '=', id)
      .executeTakeFirst()
    if (device && row) add(device, row.tokenHash)
  }
  const refreshAll = async (id: string): Promise<void> => {
    const rows = await ledger.db
      .selectFrom('devices')
      .select('tenant')
      .where('id', '=', id)
      .execute()
    for (const { tenant } of rows) await refresh(tenant, id)
  }
  for (const chunk of chunksOf(await listCredentials(ledger.db)))
    for (const { tenant, id, tokenHash } of chunk) {
      const device = await readDevice(ledger.db, tenant, id)
      if (device) add(device, tokenHash)
    }
  return {
    device: (tenant, id) => {
      const known = devices.get(id)
      if (known === undefined) return undefined
      for (const { device } of known) if (device.tenant === tenant) return device
      return undefined
    },
    credentials: (id) =>
      (devices.get(id) ?? []).map(({ device, tokenHash }) => ({
        tenant: device.tenant,
        tokenHash,
      })),
    refresh,
    refreshAll,
    get size() {
      return size
    },
  }
}

// The devices in memory: decoders and the broker ask for them with every packet. Filled at start,
// kept in step through `refresh` by whoever changes a device, here or in another process.
import type { Ledger } from './ledger.ts'
import { type Credential, type Device, listRegistered } from './registry.ts'

export interface Directory {
  device(tenant: string, id: string): Device | undefined
  /** Tenant and tokens of every device with this id (an MQTT user name carries no tenant). */
  credentials(id: string): (Credential & { tenant: string })[]
  refresh(tenant: string, id: string): Promise<void>
  /** The same for every tenant with such a device: another process may have registered it. */
  refreshAll(id: string): Promise<void>
  readonly size: number
}

export async function openDirectory(ledger: Ledger): Promise<Directory> {
  // By id first: hardly any id is used by two tenants, and a joined key would be built with every
  // packet.
  const devices = new Map<string, { device: Device; credentials: Credential[] }[]>()
  let size = 0
  const add = (device: Device, credentials: Credential[]): void => {
    const others = (devices.get(device.id) ?? []).filter(
      (known) => known.device.tenant !== device.tenant,
    )
    size += others.length + 1 - (devices.get(device.id)?.length ?? 0)
    devices.set(device.id, [...others, { device, credentials }])
  }
  const refreshAll = async (id: string): Promise<void> => {
    for (const known of await listRegistered(ledger.db, id)) add(known.device, known.credentials)
  }
  for (const known of await listRegistered(ledger.db)) add(known.device, known.credentials)
  return {
    device: (tenant, id) => {
      const known = devices.get(id)
      if (known === undefined) return undefined
      for (const { device } of known) if (device.tenant === tenant) return device
      return undefined
    },
    credentials: (id) =>
      (devices.get(id) ?? []).flatMap(({ device: { tenant }, credentials }) =>
        credentials.map((each) => ({ tenant, ...each })),
      ),
    // Hardly ever more than the one asked for.
    refresh: (_tenant, id) => refreshAll(id),
    refreshAll,
    get size() {
      return size
    },
  }
}

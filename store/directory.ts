// The devices in memory: decoders and the broker ask for them with every packet. Filled at start, kept in
// step by whoever changes a device through `refresh`.
import { chunksOf, type Ledger } from './ledger.ts'
import { type Device, listCredentials, readDevice } from './ledger-registry.ts'

export interface Directory {
  device(tenant: string, id: string): Device | undefined
  /** Tenant and token hash of every device with this id (an MQTT user name carries no tenant). */
  credentials(id: string): { tenant: string; tokenHash: string }[]
  refresh(tenant: string, id: string): Promise<void>
  readonly size: number
}

export async function openDirectory(ledger: Ledger): Promise<Directory> {
  const devices = new Map<string, { device: Device; tokenHash: string }>()
  const tenantsById = new Map<string, string[]>()
  const key = (tenant: string, id: string): string => `${tenant}/${id}`
  const add = (device: Device, tokenHash: string): void => {
    devices.set(key(device.tenant, device.id), { device, tokenHash })
    const tenants = tenantsById.get(device.id)
    if (!tenants) tenantsById.set(device.id, [device.tenant])
    else if (!tenants.includes(device.tenant)) tenants.push(device.tenant)
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
  for (const chunk of chunksOf(await listCredentials(ledger.db)))
    for (const { tenant, id, tokenHash } of chunk) {
      const device = await readDevice(ledger.db, tenant, id)
      if (device) add(device, tokenHash)
    }
  return {
    device: (tenant, id) => devices.get(key(tenant, id))?.device,
    credentials: (id) =>
      (tenantsById.get(id) ?? []).map((tenant) => ({
        tenant,
        tokenHash: devices.get(key(tenant, id))!.tokenHash,
      })),
    refresh,
    get size() {
      return devices.size
    },
  }
}

// How fast worlds are made, and how much of them is held: ten thousand loggers of the scenario
// `fleet`, with a million serials on their way, for a day. Sends nothing.
//
//   node --expose-gc test/bench/worlds.ts [DEVICES] [HOURS]
import { scenarios } from '../../simulators/scenarios.ts'
import { createTradeWorld } from '../../simulators/trade-world.ts'
import { emissionOf } from '../../simulators/wire.ts'
import { tell, title } from './figures.ts'

const [devices, hours] = [Number(process.argv[2] ?? 10_000), Number(process.argv[3] ?? 24)]
const startTime = Date.UTC(2026, 0, 5, 6)
const everyAction = 100_000

const before = process.cpuUsage()
const world = createTradeWorld({
  ...{ seed: 1, devices, startTime, endTime: startTime + hours * 3_600_000 },
  scenario: scenarios.fleet!,
})
let [said, readings, bytes, heldMax] = [0, 0, 0, 0]
for (const action of world.actions) {
  if (action.kind === 'readings') readings += action.readings.length
  bytes += JSON.stringify(emissionOf(action)).length
  if (++said % everyAction !== 0) continue
  globalThis.gc?.()
  heldMax = Math.max(heldMax, process.memoryUsage().heapUsed)
}
const seconds = process.cpuUsage(before).user / 1e6
const units = world.truth.shipments.reduce((sum, shipment) => sum + shipment.units, 0)
title(`W  a world of ${devices} loggers for ${hours} h, made and written as JSON`)
tell({ name: 'packets and requests', value: said / seconds, unit: '/s of processor' })
tell({ name: 'readings', value: readings / seconds, unit: '/s of processor' })
tell({ name: 'virtual time', value: (hours * 3600) / seconds, unit: 'times real' })
tell({ name: 'units packed', value: units, unit: '' })
tell({ name: 'JSON', value: bytes / 1e6, unit: 'MB' })
tell({ name: 'heap held at most, looked at now and then', value: heldMax / 1e6, unit: 'MB' })

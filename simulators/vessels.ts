// What keeps cargo cold: an insulated shipper with phase-change packs, and a refrigerated box
// (reefer). Both live on a fixed grid of ticks in absolute time: their mode (melting, cooling,
// defrosting) changes on ticks only, and inside a tick the equations are linear and solved exactly.
// So any cut of the time gives the same temperatures. Refuses to know weather, cargo identity or
// sensors: those come as functions or belong to others.
import {
  advance,
  approach,
  approachIntegral,
  createNetwork,
  doorHeatW,
  type Network,
} from './physics.ts'

/**
 * What surrounds a vessel at a time, epoch ms. Asked for whole minutes only, and holds for that
 * minute.
 */
export interface Surroundings {
  ambientC(time: number): number
  doorOpen(time: number): boolean
  /** The machine does not run. */
  failed(time: number): boolean
}

/** `loggerC`: the true temperature where the logger sits. `cargoC`: of the goods. */
export interface Vessel {
  readonly time: number
  readonly loggerC: number
  readonly cargoC: number
  /** Lives on to this time. Earlier times change nothing. */
  liveTo(time: number, surroundings: Surroundings): void
}

export interface PackSet {
  massKg: number
  meltC: number
  /** Latent heat. Ice: 334 kJ/kg. Paraffins for 5 °C: about 200 kJ/kg (makers' data sheets). */
  latentJPerKg: number
  /** One value for solid and liquid, so that the network does not change on melting. */
  specificJPerKgK: number
}

export const packSets = {
  pcm5: { massKg: 4, meltC: 5, latentJPerKg: 200_000, specificJPerKgK: 2000 },
  ice: { massKg: 5, meltC: 0, latentJPerKg: 334_000, specificJPerKgK: 2100 },
} as const satisfies Record<string, PackSet>

export interface ShipperStart {
  time: number
  packs: PackSet
  packC: number
  payloadC: number
  wallC: number
  /** 0 all solid, 1 all liquid; only matters at the melting point. */
  liquidFraction: number
  /** How often its phases are looked at, ms. Default a minute. */
  tickMs?: number
}

const minuteMs = 60_000
/** Polystyrene box of about 30 l: overall 0.7 W/K, in two halves around the wall's own 2 kJ/K. */
const shell = { outerWPerK: 1.4, innerWPerK: 1.4, wallJPerK: 2000 }
/** 6 kg of filled vials at 3 kJ/(kg K), touched by the packs. */
const payload = { heatJPerK: 18_000, toPacksWPerK: 3 }

/**
 * Order of heat flow: surroundings, wall, packs, payload. Packs are sensible, or at the melting
 * point.
 */
export function createShipper(start: ShipperStart): Vessel & {
  readonly liquidFraction: number
  readonly heatJ: number
} {
  const { packs, tickMs = minuteMs } = start
  const packJPerK = packs.massKg * packs.specificJPerKgK
  const latentJ = packs.massKg * packs.latentJPerKg
  const network = createNetwork({
    capacitiesJPerK: [shell.wallJPerK, packJPerK, payload.heatJPerK],
    linksWPerK: [
      [0, 1, shell.innerWPerK],
      [1, 2, payload.toPacksWPerK],
    ],
    surroundingsWPerK: [shell.outerWPerK, 0, 0],
  })
  const temperaturesC = [start.wallC, start.packC, start.payloadC]
  let time = start.time
  let moltenJ = start.packC > packs.meltC ? latentJ : start.packC < packs.meltC ? 0 : NaN
  if (Number.isNaN(moltenJ)) moltenJ = start.liquidFraction * latentJ
  let melting = moltenJ > 0 && moltenJ < latentJ

  const melt = (seconds: number, ambientC: number): void => {
    const wallSum = shell.outerWPerK + shell.innerWPerK
    const wallTo = (shell.outerWPerK * ambientC + shell.innerWPerK * packs.meltC) / wallSum
    const wallTau = shell.wallJPerK / wallSum
    const loadTau = payload.heatJPerK / payload.toPacksWPerK
    const { meltC } = packs
    const [wallC, , loadC] = temperaturesC as [number, number, number]
    const fromWall = approachIntegral(wallC, wallTo, { baseC: meltC, seconds, tauSeconds: wallTau })
    const fromLoad = approachIntegral(loadC, meltC, { baseC: meltC, seconds, tauSeconds: loadTau })
    moltenJ += shell.innerWPerK * fromWall + payload.toPacksWPerK * fromLoad
    temperaturesC[0] = approach(wallC, wallTo, seconds, wallTau)
    temperaturesC[2] = approach(loadC, meltC, seconds, loadTau)
  }
  /** On ticks only. Heat beyond all-liquid or all-solid becomes sensible: no joule is lost. */
  const changePhase = (): void => {
    const packC = temperaturesC[1]!
    if (melting) {
      if (moltenJ > 0 && moltenJ < latentJ) return
      const kept = moltenJ <= 0 ? 0 : latentJ
      temperaturesC[1] = packs.meltC + (moltenJ - kept) / packJPerK
      moltenJ = kept
      melting = false
    } else if (moltenJ === 0 ? packC > packs.meltC : packC < packs.meltC) {
      moltenJ += (packC - packs.meltC) * packJPerK
      temperaturesC[1] = packs.meltC
      melting = true
    }
  }
  return {
    get time() {
      return time
    },
    get loggerC() {
      return temperaturesC[2]!
    },
    get cargoC() {
      return temperaturesC[2]!
    },
    get liquidFraction() {
      return Math.min(1, Math.max(0, moltenJ / latentJ))
    },
    /** Above 0 °C and all solid, J. */
    get heatJ() {
      const [wallC, packC, loadC] = temperaturesC as [number, number, number]
      const sensible = shell.wallJPerK * wallC + packJPerK * packC + payload.heatJPerK * loadC
      return sensible + moltenJ
    },
    liveTo(until, surroundings) {
      time = byTicks(time, until, tickMs, (tick, seconds, isStart) => {
        if (isStart) changePhase()
        const ambientC = surroundings.ambientC(tick)
        if (melting) melt(seconds, ambientC)
        else advance(network, temperaturesC, { ambientC, heatW: 0, seconds })
      })
    },
  }
}

export interface ReeferStart {
  time: number
  setpointC: number
  cargoC: number
  /** How often its controller looks, ms. Default 10 s. */
  tickMs?: number
}

/**
 * Truck body of 20 m³, 45 m² at K = 0.5 W/(m²K): between the classes of the ATP agreement (0.4 and
 * 0.7), aged.
 */
const box = { wallWPerK: 22, airJPerK: 120_000, cargoJPerK: 1_250_000, airToCargoWPerK: 150 }
/**
 * The logger's housing, hung between two cartons: follows the air by 0.4 and the cargo by 0.6
 * within minutes.
 */
const housing = { heatJPerK: 200, toAirWPerK: 0.4, toCargoWPerK: 0.6 }
const machine = { coolingW: 2500, heatingW: 1500, bandK: 1 }
const defrost = { everyMs: 6 * 3_600_000, forMs: 15 * 60_000, heatW: 100 }
/**
 * Rear door with a strip curtain that stops 0.85 of the exchange; linear in the difference, taken
 * at 20 K.
 */
const rearDoor = { widthM: 2.2, heightM: 2.2, curtain: 0.85 }

/** W/K through the open rear door. */
export const rearDoorWPerK = ((1 - rearDoor.curtain) * doorHeatW(rearDoor, 5, 25)) / 20

/**
 * On/off control with hysteresis: cools above setpoint + band down to the setpoint, heats below
 * setpoint - band up to it. Defrosts every six hours from its start. The door switch stops the
 * machine while the door is open.
 */
export function createReefer(start: ReeferStart): Vessel & { readonly airC: number } {
  const closed = reeferNetwork(0)
  const open = reeferNetwork(rearDoorWPerK)
  const { setpointC, tickMs = 10_000 } = start
  const temperaturesC = [setpointC, start.cargoC, start.cargoC]
  let time = start.time
  let mode: 'off' | 'cool' | 'heat' = 'off'
  let heatW = 0
  let minute = Number.NaN
  let ambientC = 0
  let door = false
  let failed = false

  const lookAround = (tick: number, surroundings: Surroundings): void => {
    const here = Math.floor(tick / minuteMs) * minuteMs
    if (here === minute) return
    minute = here
    ambientC = surroundings.ambientC(minute)
    door = surroundings.doorOpen(minute)
    failed = surroundings.failed(minute)
  }
  const control = (tick: number): void => {
    const airC = temperaturesC[0]!
    const sinceStart = tick - start.time
    const defrosting = sinceStart % defrost.everyMs < defrost.forMs && sinceStart >= defrost.everyMs
    if (failed || door || defrosting) {
      mode = 'off'
      heatW = defrosting && !door && !failed ? defrost.heatW : 0
      return
    }
    if (airC > setpointC + machine.bandK) mode = 'cool'
    else if (airC < setpointC - machine.bandK) mode = 'heat'
    else if (mode === 'cool' && airC <= setpointC) mode = 'off'
    else if (mode === 'heat' && airC >= setpointC) mode = 'off'
    heatW = mode === 'cool' ? -machine.coolingW : mode === 'heat' ? machine.heatingW : 0
  }
  return {
    get time() {
      return time
    },
    get loggerC() {
      return temperaturesC[2]!
    },
    get cargoC() {
      return temperaturesC[1]!
    },
    get airC() {
      return temperaturesC[0]!
    },
    liveTo(until, surroundings) {
      time = byTicks(time, until, tickMs, (tick, seconds, isStart) => {
        lookAround(tick, surroundings)
        if (isStart) control(tick)
        advance(door ? open : closed, temperaturesC, { ambientC, heatW, seconds })
      })
    },
  }
}

function reeferNetwork(doorWPerK: number): Network {
  return createNetwork({
    capacitiesJPerK: [box.airJPerK, box.cargoJPerK, housing.heatJPerK],
    linksWPerK: [
      [0, 1, box.airToCargoWPerK],
      [0, 2, housing.toAirWPerK],
      [1, 2, housing.toCargoWPerK],
    ],
    surroundingsWPerK: [box.wallWPerK + doorWPerK, 0, 0],
  })
}

/**
 * Cuts [from, to) at the ticks of absolute time. `tick`: the one that rules; `isStart`: the piece
 * begins on it.
 */
function byTicks(
  from: number,
  to: number,
  tickMs: number,
  live: (tick: number, seconds: number, isStart: boolean) => void,
): number {
  let time = from
  while (time < to) {
    const tick = Math.floor(time / tickMs) * tickMs
    const end = Math.min(tick + tickMs, to)
    live(tick, (end - time) / 1000, time === tick)
    time = end
  }
  return Math.max(from, to)
}

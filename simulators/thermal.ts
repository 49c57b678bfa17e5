// Temperature histories of monitored cold places with the truth beside them: insulated shippers
// with phase-change packs, reefers with a controller, fridges on mains. A plan (thermal-plans.ts)
// says what is built and what happens to it; this file lives through it. Pure: the same plan gives
// the same history. Refuses to know servers, goods and limits of products.
import { createRandom } from './random.ts'

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs
/** Heat moves in steps of so many seconds; each node goes exactly where its neighbours pull it. */
const stepSeconds = 20

/** Two nodes, air and payload; the machine works on the air, packs take heat from it too. */
export interface ThermalBody {
  airJPerK: number
  payloadJPerK: number
  /** Air to the surroundings, closed and through the open door or lid. */
  wallWPerK: number
  doorWPerK: number
  airToPayloadWPerK: number
  /** Phase-change packs as an enthalpy: they melt over `widthK` around `meltC`. */
  packs?: {
    latentJ: number
    sensibleJPerK: number
    meltC: number
    widthK: number
    toAirWPerK: number
  }
  machine?: ThermalMachine
}

/** On/off with a band, or proportional within it. It does not cool while the door is open. */
export interface ThermalMachine {
  setpointC: number
  bandK: number
  coolingW: number
  heatingW: number
  isModulating: boolean
  /** Every so often it warms its coil for a while instead of cooling. */
  defrost?: { everyMs: number; forMs: number; heatW: number }
}

/** off: no cooling at all. weak: a part of the cooling, reached over `overMs`. */
export interface ThermalEvent {
  kind: 'off' | 'weak' | 'door' | 'ajar' | 'setpoint' | 'outdoors'
  /** Epoch ms; `to` is exclusive. */
  from: number
  to: number
  /** weak: what is left of the cooling (0-1). ajar: of the door's W/K. setpoint: °C more. */
  amount?: number
  overMs?: number
}

/** Air around the place, °C: a day, slow weather, sun outdoors; or a heated room without them. */
export interface ThermalSurroundings {
  meanC: number
  dayK: number
  /** When it is warmest, ms after midnight UTC. */
  warmestMs: number
  weatherK: number
  /** What the sun adds at its highest while outdoors, K. */
  sunK: number
  indoorsC?: number
}

export interface ThermalLogger {
  /** Where it sits: 1 in the air, 0 in the payload. */
  airShare: number
  lagMs: number
  noiseC: number
  /** What it rounds to, °C. */
  quantumC: number
  intervalMs: number
  /** Chance that a reading is lost, and times in which all are. */
  lossChance: number
  holes: readonly { from: number; to: number }[]
}

export interface ThermalPlan {
  seed: string
  kind: 'shipper' | 'reefer' | 'fridge'
  from: number
  to: number
  body: ThermalBody
  surroundings: ThermalSurroundings
  logger: ThermalLogger
  events: readonly ThermalEvent[]
  start: { airC: number; payloadC: number; packsC?: number }
  /** Upper limit of what is kept in it, °C. */
  limitC: number
}

export interface ThermalHistory {
  /** What its probe has, with lag, before noise and rounding; each minute from `from`. */
  trueC: Float64Array
  /** What it says. Ascending. */
  readings: { time: number; value: number }[]
  /**
   * What its probe would have from a time on, each minute, if nothing more happened but what was
   * under way: no new event, and nobody mends what is broken. No further than the first minute
   * above `untilC`, when that is all there is to know.
   */
  unmended(time: number, minutes: number, untilC?: number): Float64Array
}

interface Place {
  airC: number
  payloadC: number
  packsJ: number
  loggerC: number
  cooling: boolean
}

/** Openings of so long are forgotten doors. */
export const openingMs = 20 * minuteMs

/** Somebody ends it sooner or later; openings and yards end by themselves. */
export const needsMending = ({ kind, from, to }: ThermalEvent): boolean =>
  kind !== 'outdoors' && (kind !== 'door' || to - from >= openingMs)

/** Lives through a plan. */
export function liveThermal(plan: ThermalPlan): ThermalHistory {
  const { body, logger, from, to, start } = plan
  const ambient = ambientOf(plan)
  const minutes = Math.floor((to - from) / minuteMs)
  const place: Place = {
    airC: start.airC,
    payloadC: start.payloadC,
    packsJ: body.packs ? heatOfPacks(body.packs, start.packsC ?? start.airC) : 0,
    loggerC: logger.airShare * start.airC + (1 - logger.airShare) * start.payloadC,
    cooling: false,
  }
  const trueC = new Float64Array(minutes)
  const places: Place[] = []
  const readings: ThermalHistory['readings'] = []
  const measure = sensorOf(plan)
  for (let minute = 0; minute < minutes; minute++) {
    const time = from + minute * minuteMs
    trueC[minute] = place.loggerC
    places.push({ ...place })
    const reading = measure(time, place.loggerC)
    if (reading) readings.push(reading)
    liveMinute(plan, place, { time, events: plan.events, ambient })
  }
  return {
    trueC,
    readings,
    unmended: (since, count, untilC = Number.POSITIVE_INFINITY) => {
      const first = Math.min(minutes - 1, Math.max(0, Math.floor((since - from) / minuteMs)))
      const then = { ...places[first]! }
      const events = plan.events
        .filter((event) => event.from <= since && event.to > since)
        .map((event) => (needsMending(event) ? { ...event, to: Infinity } : event))
      const would = new Float64Array(Math.min(count, minutes - first))
      for (let minute = 0; minute < would.length; minute++) {
        would[minute] = then.loggerC
        if (then.loggerC > untilC) return would.subarray(0, minute + 1)
        liveMinute(plan, then, { time: from + (first + minute) * minuteMs, events, ambient })
      }
      return would
    },
  }
}

function liveMinute(
  plan: ThermalPlan,
  place: Place,
  {
    time,
    events,
    ambient,
  }: {
    time: number
    events: readonly ThermalEvent[]
    ambient: ReturnType<typeof ambientOf>
  },
): void {
  const now = happening(plan, events, time)
  const around = { ...now, ambientC: ambient(time, now.outdoors) }
  for (let second = 0; second < 60; second += stepSeconds) step(plan, place, around)
}

/** What the logger says within a minute, if it is its time and the reading is not lost. */
function sensorOf({ seed, from, logger }: ThermalPlan) {
  const { intervalMs, noiseC, quantumC, lossChance, holes } = logger
  const dice = createRandom(seed).fork('sensor')
  let next = from + dice.below(Math.ceil(intervalMs / 1000)) * 1000
  return (minute: number, trueC: number): { time: number; value: number } | undefined => {
    if (next >= minute + minuteMs) return undefined
    const time = next
    next += intervalMs
    const noisyC = trueC + noiseC * dice.normal()
    if (dice.chance(lossChance) || holes.some((hole) => time >= hole.from && time < hole.to))
      return undefined
    const value = Math.round(noisyC / quantumC) * quantumC
    return { time, value: Math.round(value * 1e4) / 1e4 }
  }
}

const mixed = ({ airC, payloadC }: Place, { airShare }: ThermalLogger): number =>
  airShare * airC + (1 - airShare) * payloadC

interface Happening {
  doorWPerK: number
  isOpen: boolean
  /** What is left of the cooling. */
  power: number
  setpointK: number
  defrostW: number | undefined
  outdoors: boolean
}

function happening(plan: ThermalPlan, events: readonly ThermalEvent[], time: number): Happening {
  const { body, from } = plan
  const now: Happening = {
    doorWPerK: 0,
    isOpen: false,
    power: 1,
    setpointK: 0,
    defrostW: undefined,
    outdoors: false,
  }
  const defrost = body.machine?.defrost
  if (defrost && time - from >= defrost.everyMs && (time - from) % defrost.everyMs < defrost.forMs)
    now.defrostW = defrost.heatW
  for (const event of events) {
    if (time < event.from || time >= event.to) continue
    const { kind, amount = 0, overMs = 0 } = event
    if (kind === 'off') now.power = 0
    else if (kind === 'weak')
      now.power *= 1 - (1 - amount) * Math.min(1, (time - event.from) / Math.max(overMs, 1))
    else if (kind === 'door') {
      now.doorWPerK = body.doorWPerK
      now.isOpen = true
    } else if (kind === 'ajar') now.doorWPerK = Math.max(now.doorWPerK, amount * body.doorWPerK)
    else if (kind === 'setpoint') now.setpointK = amount
    else now.outdoors = true
  }
  return now
}

function step(
  { body, logger }: ThermalPlan,
  place: Place,
  now: Happening & { ambientC: number },
): void {
  const { packs, payloadJPerK, airJPerK, airToPayloadWPerK } = body
  const { airC, payloadC } = place
  const outW = body.wallWPerK + now.doorWPerK
  const packsC = packs ? packsTemperature(packs, place.packsJ) : 0
  const packsW = packs?.toAirWPerK ?? 0
  const sumW = outW + airToPayloadWPerK + packsW
  const pull = outW * now.ambientC + airToPayloadWPerK * payloadC + packsW * packsC
  const airTo = (pull + machineW(body, place, now)) / sumW
  place.airC = airTo + (airC - airTo) * Math.exp((-sumW * stepSeconds) / airJPerK)
  const between = (airC + place.airC) / 2
  place.payloadC =
    between + (payloadC - between) * Math.exp((-airToPayloadWPerK * stepSeconds) / payloadJPerK)
  if (packs) place.packsJ += packsW * (between - packsC) * stepSeconds
  const follow = Math.exp((-stepSeconds * 1000) / Math.max(logger.lagMs, 1))
  const trueC = mixed(place, logger)
  place.loggerC = trueC + (place.loggerC - trueC) * follow
}

function machineW({ machine }: ThermalBody, place: Place, now: Happening): number {
  if (!machine) return 0
  if (now.defrostW !== undefined && now.power > 0) return now.defrostW
  // Ajar does not stop the machine; an open door does, by its switch.
  if (now.power === 0 || now.isOpen) return 0
  const { bandK, isModulating, coolingW, heatingW } = machine
  const aboveK = place.airC - (machine.setpointC + now.setpointK)
  if (isModulating) {
    const share = Math.max(-1, Math.min(1, aboveK / bandK))
    return share > 0 ? -coolingW * now.power * share : -heatingW * share
  }
  if (aboveK > bandK) place.cooling = true
  else if (aboveK < -bandK) place.cooling = false
  if (place.cooling) return -coolingW * now.power
  return aboveK < -2 * bandK ? heatingW : 0
}

type Packs = NonNullable<ThermalBody['packs']>

/** J above all solid at the lower end of melting; the inverse of packsTemperature. */
function heatOfPacks({ latentJ, sensibleJPerK, meltC, widthK }: Packs, temperatureC: number) {
  const solidC = meltC - widthK / 2
  if (temperatureC <= solidC) return (temperatureC - solidC) * sensibleJPerK
  const molten = Math.min(1, (temperatureC - solidC) / widthK)
  return (temperatureC - solidC) * sensibleJPerK + molten * latentJ
}

function packsTemperature({ latentJ, sensibleJPerK, meltC, widthK }: Packs, heatJ: number) {
  const solidC = meltC - widthK / 2
  if (heatJ <= 0) return solidC + heatJ / sensibleJPerK
  const melting = latentJ + widthK * sensibleJPerK
  if (heatJ < melting) return solidC + (heatJ / melting) * widthK
  return solidC + widthK + (heatJ - melting) / sensibleJPerK
}

/** Weather wanders back to its mean within half a day or so; known each ten minutes. */
function ambientOf({ seed, from, to, surroundings }: ThermalPlan) {
  const { meanC, dayK, warmestMs, weatherK, sunK, indoorsC } = surroundings
  const dice = createRandom(seed).fork('weather')
  const everyMs = 10 * minuteMs
  const keep = Math.exp(-everyMs / (12 * hourMs))
  const weather: number[] = [weatherK * dice.normal()]
  while (weather.length <= (to - from) / everyMs + 1)
    weather.push(keep * weather.at(-1)! + weatherK * Math.sqrt(1 - keep * keep) * dice.normal())
  return (time: number, outdoors: boolean): number => {
    const angle = (2 * Math.PI * (time - warmestMs)) / dayMs
    const sun = Math.max(0, Math.cos(angle + Math.PI / 5)) * sunK
    const outside = meanC + dayK * Math.cos(angle) + weather[Math.floor((time - from) / everyMs)]!
    if (outdoors) return outside + sun
    return indoorsC === undefined ? outside : indoorsC + 0.15 * (outside - meanC)
  }
}

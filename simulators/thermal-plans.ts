// Cold places drawn by chance, for simulators/thermal.ts: what is built, where it stands, what
// happens to it and what logs it, over ranges of real equipment. Refuses to choose what a forecast
// would like: most places have no fault, and much of what warms them passes by itself.
import { createRandom, type Random } from './random.ts'
import type {
  ThermalBody,
  ThermalEvent,
  ThermalLogger,
  ThermalMachine,
  ThermalPlan,
  ThermalSurroundings,
} from './thermal.ts'

const minuteMs = 60_000
const hourMs = 60 * minuteMs

export interface ThermalOptions {
  /** The same seed draws the same plan. */
  seed: string | number
  /** Epoch ms. */
  from: number
  hours: number
  kind?: ThermalPlan['kind']
  /** Whether its machine fails, its packs run out, its door stays open… Default: by chance. */
  fault?: boolean
}

/** °C: where it is kept and the limit above. */
interface Keeping {
  aimC: number
  limitC: number
}

/** Draws a place that keeps 2-8 °C goods mostly, sometimes frozen ones or a cool room. */
export function drawThermalPlan(options: ThermalOptions): ThermalPlan {
  const { from, hours } = options
  const random = createRandom(options.seed).fork('thermal')
  const to = from + Math.round(hours * hourMs)
  const kind = options.kind ?? random.pick(['shipper', 'reefer', 'fridge'] as const)
  const isFaulty = options.fault ?? random.chance(0.4)
  const keeping = drawKeeping(kind, random.fork('keeping'))
  const surroundings = drawSurroundings(keeping, kind, random.fork('around'))
  const draw = { kind, from, to, keeping, surroundings, isFaulty }
  const body = drawBody(draw, random.fork('body'))
  const events = drawEvents(draw, body, random.fork('events'))
  const logger = drawLogger(draw, random.fork('logger'))
  const chance = random.fork('start')
  const airC = keeping.aimC + chance.between(-1, 1.5)
  return {
    seed: `${options.seed}`,
    ...{ kind, from, to, body, surroundings, logger, events },
    start: {
      airC,
      payloadC: keeping.aimC + chance.between(-1, 1),
      ...(body.packs && { packsC: body.packs.meltC + chance.between(-0.2, 0) }),
    },
    limitC: keeping.limitC,
  }
}

interface Draw {
  kind: ThermalPlan['kind']
  from: number
  to: number
  keeping: Keeping
  surroundings: ThermalSurroundings
  isFaulty: boolean
}

function drawKeeping(kind: ThermalPlan['kind'], random: Random): Keeping {
  const dice = random.unit()
  if (dice < 0.75) return { aimC: random.between(3.5, 5.5), limitC: 8 }
  if (dice < 0.9 && kind !== 'shipper') return { aimC: random.between(-22, -19), limitC: -15 }
  return kind === 'fridge'
    ? { aimC: random.between(3.5, 5), limitC: 8 }
    : { aimC: random.between(17, 21), limitC: 25 }
}

function drawSurroundings(
  { aimC }: Keeping,
  kind: ThermalPlan['kind'],
  random: Random,
): ThermalSurroundings {
  const isIndoors = kind === 'fridge' || random.chance(0.4)
  const meanC = Math.max(random.between(14, 33), aimC + random.between(2, 12))
  return {
    meanC,
    dayK: random.between(2, 8),
    warmestMs: random.between(0, 24) * hourMs,
    weatherK: random.between(0.5, 3),
    sunK: random.between(2, 18),
    ...(isIndoors && { indoorsC: Math.max(random.between(18, 27), aimC + 3) }),
  }
}

function drawBody(draw: Draw, random: Random): ThermalBody {
  const { kind, keeping, surroundings } = draw
  const outsideK = (surroundings.indoorsC ?? surroundings.meanC) - keeping.aimC
  if (kind === 'shipper') return drawShipper(draw, outsideK, random)
  const isReefer = kind === 'reefer'
  // By their time constants: h of air with payload held, and of payload against the outside.
  const wallWPerK = isReefer ? random.between(15, 45) : random.between(0.8, 3.5)
  const airHours = random.between(0.05, 0.3)
  const payloadHours = isReefer ? random.between(6, 40) : random.between(2, 20)
  const airToPayloadWPerK = wallWPerK * random.between(2, 8)
  const needW = wallWPerK * Math.max(8, outsideK)
  const machine: ThermalMachine = {
    setpointC: keeping.aimC,
    bandK: isReefer ? random.between(0.3, 1) : random.between(0.5, 2),
    coolingW: needW * random.between(2, 6),
    heatingW: needW * random.between(0.5, 1.5),
    isModulating: random.chance(0.35),
    ...(random.chance(isReefer ? 0.8 : 0.4) && {
      defrost: {
        everyMs: Math.round(random.between(4, 12)) * hourMs,
        forMs: Math.round(random.between(8, 25)) * minuteMs,
        heatW: needW * random.between(0.1, 1),
      },
    }),
  }
  return {
    wallWPerK,
    airToPayloadWPerK,
    airJPerK: 3600 * airHours * airToPayloadWPerK,
    payloadJPerK: 3600 * payloadHours * wallWPerK,
    doorWPerK: wallWPerK * random.between(3, 15),
    machine,
  }
}

/** Packs that last for a part of the way when it is a fault, and well beyond it otherwise. */
function drawShipper(draw: Draw, outsideK: number, random: Random): ThermalBody {
  const hours = (draw.to - draw.from) / hourMs
  const wallWPerK = random.between(0.4, 1.5)
  const lastHours = hours * (draw.isFaulty ? random.between(0.2, 0.9) : random.between(1.8, 4))
  const latentJ = wallWPerK * Math.max(4, outsideK) * lastHours * 3600
  const packsKg = latentJ / 200_000
  return {
    wallWPerK,
    airToPayloadWPerK: random.between(0.8, 4),
    airJPerK: random.between(1500, 5000),
    payloadJPerK: random.between(2, 10) * 3500,
    doorWPerK: wallWPerK * random.between(3, 10),
    packs: {
      latentJ,
      sensibleJPerK: packsKg * 2000,
      meltC: draw.keeping.aimC + random.between(-0.5, 0.5),
      widthK: random.between(0.3, 1.5),
      // Air within a degree or so of the packs while they melt, or it would not be sold for 2-8 °C.
      toAirWPerK: wallWPerK * random.between(15, 40),
    },
  }
}

function drawEvents(draw: Draw, body: ThermalBody, random: Random): ThermalEvent[] {
  const { kind, from, to } = draw
  const events: ThermalEvent[] = []
  const at = (): number =>
    from + Math.round(random.between(0.03, 0.97) * ((to - from) / minuteMs)) * minuteMs
  const add = (event: Omit<ThermalEvent, 'to'>, minutes: number): void => {
    events.push({ ...event, to: event.from + Math.max(1, Math.round(minutes)) * minuteMs })
  }
  const days = (to - from) / (24 * hourMs)
  // Handling: openings of some minutes, as often as such a place sees them.
  const perDay = kind === 'fridge' ? random.between(0, 20) : random.between(0, 4)
  for (let left = Math.round(perDay * days); left > 0; left--)
    add(
      { kind: 'door', from: at() },
      kind === 'fridge' ? random.between(0.5, 4) : random.between(2, 12),
    )
  // Yards, aprons and ramps in the sun; a fridge stays where it is.
  for (let left = kind === 'fridge' ? 0 : random.below(3); left > 0; left--)
    add({ kind: 'outdoors', from: at() }, random.between(20, 400))
  if (draw.isFaulty) drawFaults(draw, body, { random, at, add })
  return events.sort((one, other) => one.from - other.from)
}

function drawFaults(
  { kind, from, to }: Draw,
  { machine }: ThermalBody,
  {
    random,
    at,
    add,
  }: {
    random: Random
    at: () => number
    add: (event: Omit<ThermalEvent, 'to'>, minutes: number) => void
  },
): void {
  if (!machine) {
    // The packs are the fault; sometimes somebody leaves the lid off the seal as well.
    if (random.chance(0.3)) add({ kind: 'ajar', from: at(), amount: random.between(0.1, 0.5) }, 300)
    return
  }
  const count = 1 + random.below(2)
  for (let left = count; left > 0; left--) {
    const kinds = ['off', 'off', 'weak', 'ajar', 'setpoint', 'door'] as const
    const fault = random.pick(kind === 'fridge' ? (['off', 'off', 'weak', 'ajar'] as const) : kinds)
    // Not before it has run for some hours; some are found at once, most are not.
    const start = Math.max(at(), from + 5 * hourMs)
    const minutes = random.chance(0.3) ? random.between(10, 90) : random.between(90, 900)
    if (start >= to) continue
    if (fault === 'off') add({ kind: 'off', from: start }, minutes)
    else if (fault === 'weak')
      add(
        {
          kind: 'weak',
          from: start,
          amount: random.between(0, 0.35),
          overMs: random.between(0, 6) * hourMs,
        },
        minutes * 3,
      )
    else if (fault === 'ajar')
      add({ kind: 'ajar', from: start, amount: random.between(0.1, 0.6) }, minutes)
    else if (fault === 'setpoint')
      add({ kind: 'setpoint', from: start, amount: random.between(2, 10) }, minutes * 2)
    else add({ kind: 'door', from: start }, random.between(20, 150))
  }
}

function drawLogger({ kind, from, to }: Draw, random: Random): ThermalLogger {
  const holes: { from: number; to: number }[] = []
  if (random.chance(0.2)) {
    const start = random.between(from, to)
    holes.push({ from: start, to: start + random.between(1, 6) * hourMs })
  }
  return {
    airShare: random.chance(0.4) ? random.between(0.6, 1) : random.between(0, 0.6),
    lagMs: random.between(1, kind === 'fridge' ? 15 : 8) * minuteMs,
    noiseC: random.pick([0.01, 0.03, 0.05, 0.1, 0.2]),
    quantumC: random.pick([0.01, 0.0625, 0.1, 0.1, 0.1, 0.5]),
    intervalMs: random.pick([1, 2, 5, 5, 5, 10, 10, 15]) * minuteMs,
    lossChance: random.chance(0.3) ? random.between(0.01, 0.1) : 0,
    holes,
  }
}

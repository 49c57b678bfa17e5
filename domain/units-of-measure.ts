// Units of measure by their UN/CEFACT Recommendation 20 codes, as EPCIS sensor reports and
// quantities carry them, and what one of a unit is in the base unit of its quantity. A unit that
// is not in the tables converts to nothing: it is equal to itself only.

/** The relative error that arithmetic with conversion factors may leave. */
const tolerance = 1e-9

/**
 * Each quantity with its units: code, factor to the base unit (the first one), offset of the zero.
 * A factor may be a fraction. Rec 20 Annex I; factors of inch, pound and the like are exact by
 * definition. Codes that Rec 20 marks as replaced still stand in old events.
 */
const quantities: Readonly<Record<string, string>> = {
  temperature: 'KEL 1, CEL 1 273.15, FAH 5/9 255.3722222222222, A48 5/9',
  ratio: `C62 1, P1 1/100, NX 1/1000, 59 1e-6, 61 1e-9, VP 1/100, 60 1/100, H87 1, EA 1, NMP 1,
    PR 2, DZN 12, SCO 20, HC 100, GRO 144, CEN 100, MIL 1000, GGR 1728, H60 1, L21 1, L19 1/1000`,
  length: `MTR 1, KMT 1e3, KTM 1e3, HMT 100, A45 10, DMT 0.1, CMT 0.01, MMT 1e-3, 4H 1e-6,
    C45 1e-9, C52 1e-12, A71 1e-15, A11 1e-10, MAM 1e6, NMI 1852, INH 0.0254, FOT 0.3048,
    YRD 0.9144, SMI 1609.344, AK 1.8288, X1 20.1168, M50 201.168, M49 20.11684, F49 5.02921,
    M51 0.3048006, M52 1609.347, 77 25.4e-6, M7 25.4e-9, H79 1/3000, A12 1.4959787e11,
    C63 3.085678e16, B57 9.46073e15`,
  area: `MTK 1, KMK 1e6, H18 1e4, HAR 1e4, H16 100, ARE 100, DAA 1e3, DMK 0.01, CMK 1e-4,
    MMK 1e-6, H30 1e-12, INK 6.4516e-4, FTK 0.09290304, YDK 0.83612736, MIK 2589988.110336,
    ACR 4046.873`,
  volume: `MTQ 1, LTR 1e-3, DMQ 1e-3, DLT 1e-4, CLT 1e-5, MLT 1e-6, CMQ 1e-6, 4G 1e-9, MMQ 1e-9,
    A44 0.01, HLT 0.1, K6 1, MAL 1e3, DMA 1e3, H19 1e6, H20 1e9, INQ 16.387064e-6,
    FTQ 0.028316846592, YDQ 0.764554857984, GLI 4.54609e-3, GLL 3.785411784e-3,
    OZI 28.4130625e-6, OZA 29.5735295625e-6, PTI 568.26125e-6, PTL 473.176473e-6,
    PTD 550.6104713575e-6, QTI 1.1365225e-3, QTL 946.352946e-6, QTD 1.101220942715e-3,
    BLL 0.158987294928, BUI 0.03636872, BUA 0.03523907016688, GLD 4.40488377086e-3`,
  mass: `KGM 1, GRM 1e-3, MGM 1e-6, MC 1e-9, CGM 1e-5, DG 1e-4, DJ 0.01, HGM 0.1, TNE 1e3, 2U 1e3,
    KTN 1e6, LBR 0.45359237, ONZ 0.028349523125, STI 6.35029318, STN 907.18474,
    LTN 1016.0469088, CWA 45.359237, CWI 50.80234544, GRN 64.79891e-6, DRI 1.7718451953125e-3,
    APZ 31.1034768e-3, DRA 3.8879346e-3, CTM 2e-4, F13 14.59390294`,
  time: `SEC 1, MIN 60, HUR 3600, DAY 86400, WEE 604800, MON 2629800, ANN 31557600, L95 31536000,
    C26 1e-3, B98 1e-6, C47 1e-9, H70 1e-12`,
  frequency: `HTZ 1, KHZ 1e3, MHZ 1e6, A86 1e9, D29 1e12, C97 1, RPS 1, RPM 1/60, C94 1/60,
    H10 1/3600`,
  speed: `MTS 1, KMH 5/18, KNT 463/900, HM 0.44704, FS 0.3048, FR 0.00508, K14 0.3048/3600,
    2M 0.01, C16 1e-3, H81 1e-3/60, 2X 1/60, M60 1/3600, IU 0.0254, M63 0.0254/60, H49 0.01/3600,
    M62 1e3, M57 26.8224, M58 1609.344`,
  acceleration: `MSK 1, A76 0.01, C11 1e-5, A73 0.3048, K40 9.80665, IV 0.0254, M38 1e3, M39 0.01,
    M40 0.9144, M41 1e-3, M42 1609.344`,
  angle: `C81 1, C25 1e-3, B97 1e-6, DD 0.017453292519943295, D61 2.908882086657216e-4,
    D62 4.84813681109536e-6, A91 0.015707963267948967, M43 9.817477042468104e-4,
    M44 6.283185307179586`,
  solidAngle: 'D27 1',
  angularVelocity: '2A 1, E96 0.017453292519943295, M46 0.10471975511965978',
  angularAcceleration: '2B 1, M45 0.017453292519943295',
  pressure: `PAL 1, C55 1, A97 100, KPA 1e3, MPA 1e6, A89 1e9, 74 1e-3, B96 1e-6, H75 10, BAR 1e5,
    MBR 100, HBA 1e7, PS 6894.757293168, ATM 101325, ATT 98066.5, HN 133.322387415,
    UA 101325/760, F79 3386.38864, F78 249.0889, HP 9.80665, H78 98.0665, C56 1e6, E01 1e4,
    E42 98066.5, E41 9.80665e6, B40 9.80665, K31 98.0665, K85 47.88025898`,
  force: `NEW 1, B47 1e3, B73 1e6, C20 1e-3, B92 1e-6, DU 1e-5, B37 9.80665, B51 9.80665,
    C78 4.4482216152605, L40 0.27801385095378125, M76 0.138254954376`,
  energy: `JOU 1, KJO 1e3, 3B 1e6, GV 1e9, D30 1e12, C68 1e15, C15 1e-3, WHR 3600, KWH 3.6e6,
    MWH 3.6e9, GWH 3.6e12, D32 3.6e15, A53 1.602176634e-19, B29 1.602176634e-16,
    B71 1.602176634e-13, A85 1.602176634e-10, BTU 1055.05585262, D70 4.1868, E14 4186.8,
    D35 4.184, K53 4184, A57 1e-7, 85 1.3558179483314004`,
  power: `WTT 1, KWT 1e3, MAW 1e6, A90 1e9, D31 1e12, C31 1e-3, D80 1e-6, BHP 745.69987158227022,
    HJ 735.49875, A25 735.49875, 2I 0.29307107017222, A63 1e-7`,
  apparentPower: 'D46 1, KVA 1e3, MVA 1e6',
  charge: `COU 1, A8 1, AMH 3600, E09 3.6, TAH 3.6e6, B26 1e3, D77 1e6, D86 1e-3, B86 1e-6,
    C40 1e-9, C71 1e-12`,
  current: 'AMP 1, B22 1e3, H38 1e6, 4K 1e-3, B84 1e-6, C39 1e-9, C70 1e-12, N96 10',
  currentDensity: 'A41 1, A4 1e4, A7 1e6, B23 1e3, B66 1e6',
  voltage: 'VLT 1, 2G 1, 2H 1, KVT 1e3, B78 1e6, 2Z 1e-3, D82 1e-6',
  electricField: 'D50 1, D47 100, D51 1e3, B55 1e3, B79 1e6, C30 1e-3, C3 1e-6',
  resistance: 'OHM 1, B49 1e3, B75 1e6, A87 1e9, H44 1e12, E45 1e-3, B94 1e-6',
  resistivity: 'C61 1, C60 0.01, B50 1e3, B76 1e6, A88 1e9, C23 1e-3, B95 1e-6, C46 1e-9',
  conductance: 'SIE 1, B53 1e3, C27 1e-3, B99 1e-6, N92 1e-12, NQ 1, NR 1e-6',
  conductivity: 'D10 1, B54 1e3, B77 1e6, H43 100, H61 0.1, G42 1e-4, G43 1e-6, L42 1e-12',
  capacitance: 'FAR 1, C10 1e-3, 4O 1e-6, C41 1e-9, 4T 1e-12, N90 1e3',
  inductance: '81 1, C14 1e-3, B90 1e-6, C43 1e-9, C73 1e-12, P24 1e3',
  magneticFlux: 'WEB 1, C33 1e-3, P11 1e3',
  magneticFluxDensity: 'D33 1, C29 1e-3, D81 1e-6, C48 1e-9, P13 1e3',
  magneticPotential: 'D60 1, B56 1e3',
  illuminance: `LUX 1, B60 1, KLX 1e3, P25 10.763910416709722, P27 10.763910416709722, P26 1e4`,
  luminance: `A24 1, P31 1e4, P30 3183.098861837907, P29 3.4262590996353905,
    P28 1550.0031000062, P32 10.763910416709722`,
  luminousFlux: 'LUM 1',
  luminousIntensity: 'CDL 1, P33 1e3, P34 1e-3',
  radioactivity:
    'BQL 1, 2Q 1e3, 4N 1e6, GBQ 1e9, H08 1e-6, CUR 3.7e10, 2R 3.7e13, MCU 3.7e7, M5 3.7e4',
  absorbedDose: 'A95 1, C13 1e-3, C80 0.01',
  doseEquivalent: 'D13 1, C28 1e-3, D91 0.01, L31 1e-5',
  absorbedDoseRate: `A96 1, P54 1e-3, P55 1e-6, P56 1e-9, P57 1/60, P58 1e-3/60, P59 1e-6/60,
    P60 1e-9/60, P61 1/3600, P62 1e-3/3600, P63 1e-6/3600, P64 1e-9/3600`,
  doseEquivalentRate: `P65 1, P66 1e-3, P67 1e-6, P68 1e-9, P69 0.01, P70 1/3600, P71 1e-3/3600,
    P72 1e-6/3600, P73 1e-9/3600, P74 1/60, P75 1e-3/60, P76 1e-6/60, P77 1e-9/60`,
  exposure: 'CKG 1, C8 1e-3, 2C 2.58e-4, 2Y 2.58e-7, KR 2.58e-1',
  density: `KMQ 1, A93 1e-3, GP 1e-6, GQ 1e-9, GL 1, F23 1, M1 1e-3, H29 1e-6, 23 1e3, GJ 1e3,
    B34 1e3, B35 1e3, D41 1e3, B72 1e3, G31 1e6, 87 16.018463373960142, GE 119.82642731689663,
    LA 27679.904710203125`,
  amount: 'C34 1, B45 1e3, C18 1e-3, FH 1e-6, Z9 1e-9',
  amountPerVolume: 'C36 1, C35 1e3, C38 1e3, B46 1e3, M33 1',
  molality: 'C19 1, D87 1e-3',
  molarMass: 'D74 1, A94 1e-3',
  molarVolume: 'A40 1, A37 1e-3, B58 1e-3, A36 1e-6',
  molarEnergy: 'B15 1, B44 1e3',
  dynamicViscosity: 'C65 1, C24 1e-3, 89 0.1, C7 1e-3, J32 1e-7',
  kinematicViscosity: 'S4 1, 91 1e-4, 4C 1e-6, C17 1e-6, M81 1e-4',
  specificVolume: 'A39 1, 22 0.1, H83 1e-3, KX 1e-6',
  volumeFlow: `MQS 1, MQH 1/3600, G53 1e-3, L2 1e-3/60, E32 1e-3/3600, 40 1e-6, 41 1e-6/60,
    G54 1e-6/3600, 2L 0.028316846592/60, 2K 0.028316846592/3600, G2 3.785411784e-3/60`,
  massFlow: `KGS 1, E93 1/3600, F31 1/60, F29 1e-3, F28 1e-3/60, F27 1e-3/3600, F26 1e-3/86400,
    E98 5/18`,
  massPerAreaTime: 'H56 1',
  volumetricFlux: 'P87 1',
  torque: 'NU 1, B48 1e3, B74 1e6, D83 1e-3, B93 1e-6, F88 0.01, M92 1.3558179483314004',
  linearMomentum: 'B31 1',
  angularMomentum: 'B33 1',
  surfaceTension: '4P 1, C22 1e-3',
  surfaceDensity: '28 1, GM 1e-3, GO 1e-6, 25 10, 37 0.305151727',
  irradiance: 'D54 1, C32 1e-3, D85 1e-6, N48 1e4',
  radiantIntensity: 'D57 1',
  memory: `A99 1, AD 8, C37 1e3, D36 1e6, B68 1e9, E83 1e12, 2P 8e3, 4L 8e6, E34 8e9, E35 8e12,
    E64 8192, E63 8388608, E62 8589934592`,
  wavenumber: 'C92 1, E90 100',
}

interface Unit {
  quantity: string
  factor: number
  offset: number
}

const units: ReadonlyMap<string, Unit> = new Map(
  Object.entries(quantities).flatMap(([quantity, text]) =>
    text.split(',').map((line): [string, Unit] => {
      const [code, factor, offset = '0'] = line.trim().split(/\s+/)
      return [code!, { quantity, factor: fraction(factor!), offset: fraction(offset) }]
    }),
  ),
)

/** Whether a text has the form of a Rec 20 code. */
export const isUnitCode = (text: string): boolean => /^[A-Z0-9]{2,3}$/.test(text)

/** Every code that converts; the first of a quantity is its base unit. */
export const unitCodes = (): ReadonlyMap<string, string> =>
  new Map([...units].map(([code, { quantity }]) => [code, quantity]))

/**
 * Compares a value in one unit with one in another: -1, 0, 1, or undefined when the units do not
 * measure the same. `difference`: the values are distances (a standard deviation), whose zero is
 * nothing, so that offsets do not count. Values that differ by less than conversion may cost are
 * equal.
 */
export function compareValues(
  a: { value: number; unit: string },
  b: { value: number; unit: string },
  difference = false,
): -1 | 0 | 1 | undefined {
  if (a.unit === b.unit) return order(a.value - b.value)
  const from = units.get(a.unit)
  const to = units.get(b.unit)
  if (!from || !to || from.quantity !== to.quantity) return undefined
  const base = (value: number, unit: Unit): number =>
    value * unit.factor + (difference ? 0 : unit.offset)
  const left = base(a.value, from)
  const right = base(b.value, to)
  // Near the zero of a base unit it is the offsets that leave an error.
  const slack = tolerance * Math.max(Math.abs(left), Math.abs(right), from.offset, to.offset)
  return Math.abs(left - right) <= slack ? 0 : order(left - right)
}

const order = (difference: number): -1 | 0 | 1 => (difference < 0 ? -1 : difference > 0 ? 1 : 0)

function fraction(text: string): number {
  const [above, below = '1'] = text.split('/')
  return Number(above) / Number(below)
}

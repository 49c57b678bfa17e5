// The Application Identifiers of the GS1 General Specifications §3 as one table: format, content
// rules, which others each needs or excludes, and its place in a Digital Link. Knows no syntax and
// judges no value: ai.ts does. A test compares it with GS1's own syntax dictionary.

/** N digits, X the 82 characters of GenSpecs Fig. 7.11-1, Y the 39 of Fig. 7.11-2, Z base64url. */
export type Charset = 'N' | 'X' | 'Y' | 'Z'

/** One part of a value. Only the last part varies in length; parts in brackets may be missing. */
export interface Component {
  set: Charset
  min: number
  max: number
  optional: boolean
  /** Names of content rules in linters.ts, in the order they are asked. */
  linters: readonly string[]
}

export interface AiEntry {
  ai: string
  /** As printed beside the value: `BATCH/LOT`. */
  title: string
  components: readonly Component[]
  /** The value has a predefined length: no FNC1 ends it (GenSpecs Fig. 7.8.5-2). */
  predefined: boolean
  /** May stand in the query of a Digital Link. */
  attribute: boolean
  /** One of these groups must be there as a whole; `n` is any digit. Empty: needs nothing. */
  requires: readonly (readonly string[])[]
  /** None of these may be there. */
  excludes: readonly string[]
  /** Keys only: the qualifiers a Digital Link may carry, in their order; alternatives. */
  chains?: readonly (readonly string[])[]
}

interface Options {
  req?: string
  ex?: string
  key?: string
  attribute?: false
}

type Row = readonly [ais: string, format: string, title: string, options?: Options]

const anyItem = '01,02,03,8006,8026'
const item = '01,02'
const ownItem = '01,03,8006'
const madeItem = '01,02,03'
const loggable = '00,01'
const logistic = '00'
const gtin = '01'
const perMeasure = '30,31nn,32nn,35nn,36nn'
const anySerialised = '00,01+21,03+21,253,255,8003,8004,8006+21,8010+8011,8017,8018'
const countries = 'N3,iso3166 [N3],iso3166 [N3],iso3166 [N3],iso3166 [N3],iso3166'

/** Six digits each, the last digit of the AI says how many of them are decimals. */
const netMeasures =
  '310 NET WEIGHT (kg); 311 LENGTH (m); 312 WIDTH (m); 313 HEIGHT (m); 314 AREA (m²); ' +
  '315 NET VOLUME (l); 316 NET VOLUME (m³); 320 NET WEIGHT (lb); 321 LENGTH (in); ' +
  '322 LENGTH (ft); 323 LENGTH (yd); 324 WIDTH (in); 325 WIDTH (ft); 326 WIDTH (yd); ' +
  '327 HEIGHT (in); 328 HEIGHT (ft); 329 HEIGHT (yd); 350 AREA (in²); 351 AREA (ft²); ' +
  '352 AREA (yd²); 356 NET WEIGHT (tr oz); 357 NET VOLUME (oz); 360 NET VOLUME (qt (US)); ' +
  '361 NET VOLUME (gal.); 364 NET VOLUME (in³); 365 NET VOLUME (ft³); ' +
  '366 NET VOLUME (yd³)'
const logisticMeasures =
  '331 LENGTH (m); 332 WIDTH (m); 333 HEIGHT (m); 334 AREA (m²); ' +
  '335 VOLUME (l); 336 VOLUME (m³); 341 LENGTH (in); ' +
  '342 LENGTH (ft); 343 LENGTH (yd); 344 WIDTH (in); 345 WIDTH (ft); 346 WIDTH (yd); ' +
  '347 HEIGHT (in); 348 HEIGHT (ft); 349 HEIGHT (yd); 353 AREA (in²); 354 AREA (ft²); ' +
  '355 AREA (yd²); 362 VOLUME (qt (US)); 363 VOLUME (gal (US)); 367 VOLUME (in³); ' +
  '368 VOLUME (ft³); 369 VOLUME (yd³)'

const predefined: Readonly<Record<string, number>> = {
  '00': 20,
  '01': 16,
  '02': 16,
  '03': 16,
  '04': 18,
  '11': 8,
  '12': 8,
  '13': 8,
  '14': 8,
  '15': 8,
  '16': 8,
  '17': 8,
  '18': 8,
  '19': 8,
  '20': 4,
  '31': 10,
  '32': 10,
  '33': 10,
  '34': 10,
  '35': 10,
  '36': 10,
  '41': 16,
}

const rows: readonly Row[] = [
  ['00', 'N18,csum,gcppos2', 'SSCC', { key: '' }],
  ['01', 'N14,csum,gcppos2', 'GTIN', { ex: '255,37', key: '22,10,21|235' }],
  ['02', 'N14,csum,gcppos2', 'CONTENT', { req: '37', ex: '01,03' }],
  ['03', 'N14,csum,gcppos2', 'MTO GTIN', { ex: '01,02,37,235', attribute: false }],
  ['10', 'X..20', 'BATCH/LOT', { req: anyItem }],
  ['11', 'N6,yymmd0', 'PROD DATE', { req: anyItem }],
  ['12', 'N6,yymmd0', 'DUE DATE', { req: '8020' }],
  ['13', 'N6,yymmd0', 'PACK DATE', { req: anyItem }],
  ['15', 'N6,yymmd0', 'BEST BEFORE or BEST BY', { req: anyItem }],
  ['16', 'N6,yymmd0', 'SELL BY', { req: anyItem }],
  ['17', 'N6,yymmd0', 'USE BY or EXPIRY', { req: '01,02,03,255,8006,8026' }],
  ['20', 'N2', 'VARIANT', { req: anyItem }],
  ['21', 'X..20', 'SERIAL', { req: ownItem, ex: '235', attribute: false }],
  ['22', 'X..20', 'CPV', { req: gtin, attribute: false }],
  ['235', 'X..28', 'TPX', { req: gtin, attribute: false }],
  ['240', 'X..30', 'ADDITIONAL ID', { req: anyItem }],
  ['241', 'X..30', 'CUST. PART No.', { req: anyItem }],
  ['242', 'N..6', 'MTO VARIANT', { req: '01,02,8006,8026' }],
  ['243', 'X..20', 'PCN', { req: '01,03' }],
  ['250', 'X..30', 'SECONDARY SERIAL', { req: '01+21,03+21,8006+21' }],
  ['251', 'X..30', 'REF. TO SOURCE', { req: ownItem }],
  ['253', 'N13,csum,gcppos1 [X..17]', 'GDTI', { key: '' }],
  ['254', 'X..20', 'GLN EXTENSION COMPONENT', { req: '414', attribute: false }],
  ['255', 'N13,csum,gcppos1 [N..12]', 'GCN', { ex: '01,02,415,8006,8020,8026', key: '' }],
  ['30', 'N..8', 'VAR. COUNT', { req: item }],
  ...measures(netMeasures, item),
  ...measures('330 GROSS WEIGHT (kg); 340 GROSS WEIGHT (lb)', loggable),
  ...measures(logisticMeasures, loggable, ', log'),
  ...measures('337 KG PER m²', gtin),
  ['37', 'N..8', 'COUNT', { req: '00+02,00+8026' }],
  ['3900-3909', 'N..15', 'AMOUNT', { req: '255,8020', ex: '390n,391n,394n,8111' }],
  ['3910-3919', 'N3,iso4217 N..15', 'AMOUNT', { req: '8020', ex: '391n' }],
  [
    '3920-3929',
    'N..15',
    'PRICE',
    { req: '01+30,01+31nn,01+32nn,01+35nn,01+36nn', ex: '392n,393n' },
  ],
  ['3930-3939', 'N3,iso4217 N..15', 'PRICE', { req: perMeasure, ex: '393n' }],
  ['3940-3943', 'N4', 'PRCNT OFF', { req: '255', ex: '394n,8111' }],
  ['3950-3955', 'N6', 'PRICE/UoM', { req: perMeasure, ex: '392n,393n,395n,8005' }],
  ['400', 'X..30', 'ORDER NUMBER'],
  ['401', 'X..30,gcppos1', 'GINC', { key: '' }],
  ['402', 'N17,csum,gcppos1', 'GSIN', { key: '' }],
  ['403', 'X..30', 'ROUTE', { req: logistic }],
  ['410', 'N13,csum,gcppos1', 'SHIP TO LOC'],
  ['411', 'N13,csum,gcppos1', 'BILL TO'],
  ['412', 'N13,csum,gcppos1', 'PURCHASE FROM'],
  ['413', 'N13,csum,gcppos1', 'SHIP FOR LOC'],
  ['414', 'N13,csum,gcppos1', 'LOC No.', { key: '254|7040' }],
  ['415', 'N13,csum,gcppos1', 'PAY TO', { req: '8020', key: '8020' }],
  ['416', 'N13,csum,gcppos1', 'PROD/SERV LOC'],
  ['417', 'N13,csum,gcppos1', 'PARTY', { key: '7040' }],
  ['420', 'X..20', 'SHIP TO POST', { ex: '421' }],
  ['421', 'N3,iso3166 X..9', 'SHIP TO POST', { ex: '4307' }],
  ['422', 'N3,iso3166', 'ORIGIN', { req: anyItem, ex: '426' }],
  ['423', countries, 'COUNTRY - INITIAL PROCESS', { req: madeItem, ex: '426' }],
  ['424', 'N3,iso3166', 'COUNTRY - PROCESS', { req: madeItem, ex: '426' }],
  ['425', countries, 'COUNTRY - DISASSEMBLY', { req: madeItem, ex: '426' }],
  ['426', 'N3,iso3166', 'COUNTRY - FULL PROCESS', { req: madeItem }],
  ['427', 'X..3', 'ORIGIN SUBDIVISION', { req: '01+422,02+422,03+422' }],
  ['4300', 'X..35,pcenc', 'SHIP TO COMP', { req: logistic }],
  ['4301', 'X..35,pcenc', 'SHIP TO NAME', { req: logistic }],
  ['4302', 'X..70,pcenc', 'SHIP TO ADD1', { req: logistic }],
  ['4303', 'X..70,pcenc', 'SHIP TO ADD2', { req: '4302' }],
  ['4304', 'X..70,pcenc', 'SHIP TO SUB', { req: logistic }],
  ['4305', 'X..70,pcenc', 'SHIP TO LOC', { req: logistic }],
  ['4306', 'X..70,pcenc', 'SHIP TO REG', { req: logistic }],
  ['4307', 'X2,iso3166alpha2', 'SHIP TO COUNTRY', { req: logistic }],
  ['4308', 'X..30', 'SHIP TO PHONE', { req: logistic }],
  ['4309', 'N10,latitude N10,longitude', 'SHIP TO GEO', { req: logistic }],
  ['4310', 'X..35,pcenc', 'RTN TO COMP', { req: logistic }],
  ['4311', 'X..35,pcenc', 'RTN TO NAME', { req: logistic }],
  ['4312', 'X..70,pcenc', 'RTN TO ADD1', { req: logistic }],
  ['4313', 'X..70,pcenc', 'RTN TO ADD2', { req: '4312' }],
  ['4314', 'X..70,pcenc', 'RTN TO SUB', { req: logistic }],
  ['4315', 'X..70,pcenc', 'RTN TO LOC', { req: logistic }],
  ['4316', 'X..70,pcenc', 'RTN TO REG', { req: logistic }],
  ['4317', 'X2,iso3166alpha2', 'RTN TO COUNTRY', { req: logistic }],
  ['4318', 'X..20', 'RTN TO POST', { req: logistic }],
  ['4319', 'X..30', 'RTN TO PHONE', { req: logistic }],
  ['4320', 'X..35,pcenc', 'SRV DESCRIPTION', { req: logistic }],
  ['4321', 'N1,yesno', 'DANGEROUS GOODS', { req: logistic }],
  ['4322', 'N1,yesno', 'AUTH TO LEAVE', { req: logistic }],
  ['4323', 'N1,yesno', 'SIG REQUIRED', { req: logistic }],
  ['4324', 'N6,yymmd0 N4,hhmi', 'NOT BEF DEL DT', { req: logistic }],
  ['4325', 'N6,yymmd0 N4,hhmi', 'NOT AFT DEL DT', { req: logistic }],
  ['4326', 'N6,yymmdd', 'REL DATE', { req: logistic }],
  ['4330', 'N6 [X1],hyphen', 'MAX TEMP F.', { req: logistic, ex: '4331' }],
  ['4331', 'N6 [X1],hyphen', 'MAX TEMP C.', { req: logistic, ex: '4330' }],
  ['4332', 'N6 [X1],hyphen', 'MIN TEMP F.', { req: logistic, ex: '4333' }],
  ['4333', 'N6 [X1],hyphen', 'MIN TEMP C.', { req: logistic, ex: '4332' }],
  ['7001', 'N13', 'NSN', { req: '01,02,8006,8026' }],
  ['7002', 'X..30', 'MEAT CUT', { req: item }],
  ['7003', 'N6,yymmdd N4,hhmi', 'EXPIRY TIME', { req: madeItem }],
  ['7004', 'N..4', 'ACTIVE POTENCY', { req: '01+10,03+10' }],
  ['7005', 'X..12', 'CATCH AREA', { req: item }],
  ['7006', 'N6,yymmdd', 'FIRST FREEZE DATE', { req: item }],
  ['7007', 'N6,yymmdd [N6],yymmdd', 'HARVEST DATE', { req: item }],
  ['7008', 'X..3', 'AQUATIC SPECIES', { req: item }],
  ['7009', 'X..10', 'FISHING GEAR TYPE', { req: item }],
  ['7010', 'X..2', 'PROD METHOD', { req: madeItem }],
  ['7011', 'N6,yymmdd [N4],hhmi', 'TEST BY DATE', { req: madeItem }],
  ['7020', 'X..20', 'REFURB LOT', { req: '01+416,03+416,8006+416' }],
  ['7021', 'X..20', 'FUNC STAT', { req: ownItem }],
  ['7022', 'X..20', 'REV STAT', { req: '01+7021,03+7021,8006+7021' }],
  ['7023', 'X..30,gcppos1', 'GIAI - ASSEMBLY'],
  ...tens('703', 'N3,iso3166999 X..27', 'PROCESSOR # ', { req: item }),
  ['7040', 'N1 X1 X1 X1,importeridx', 'UIC+EXT', { attribute: false }],
  ['7041', 'X..4,packagetype', 'UFRGT UNIT TYPE', { req: logistic, attribute: false }],
  ['710', 'X..20', 'NHRN PZN', { req: gtin }],
  ['711', 'X..20', 'NHRN CIP', { req: gtin }],
  ['712', 'X..20', 'NHRN CN', { req: gtin }],
  ['713', 'X..20', 'NHRN DRN', { req: gtin }],
  ['714', 'X..20', 'NHRN AIM', { req: gtin }],
  ['715', 'X..20', 'NHRN NDC', { req: gtin }],
  ['716', 'X..20', 'NHRN AIC', { req: gtin }],
  ['717', 'X..20', 'NHRN SRN', { req: gtin }],
  ...tens('723', 'X2 X..28', 'CERT # ', { req: '01,8004' }),
  ['7240', 'X..20', 'PROTOCOL', { req: '01,8006', ex: '03' }],
  ['7241', 'N2,mediatype', 'AIDC MEDIA TYPE', { req: '8017,8018' }],
  ['7242', 'X..25', 'VCN', { req: '8017,8018' }],
  ['7250', 'N8,yyyymmdd', 'DOB', { req: '8018', ex: '7251' }],
  ['7251', 'N8,yyyymmdd N4,hhmi', 'DOB TIME', { req: '8018', ex: '7250' }],
  ['7252', 'N1,iso5218', 'BIO SEX', { req: '8018' }],
  ['7253', 'X..40,pcenc', 'FAMILY NAME', { req: '8017,8018', ex: '7256,7259' }],
  ['7254', 'X..40,pcenc', 'GIVEN NAME', { req: '8017,8018', ex: '7256,7259' }],
  ['7255', 'X..10', 'SUFFIX', { req: '8017,8018', ex: '7256,7259' }],
  ['7256', 'X..90,pcenc', 'FULL NAME', { req: '8017,8018' }],
  ['7257', 'X..70,pcenc', 'PERSON ADDR', { req: '8018' }],
  ['7258', 'X3,posinseqslash', 'BIRTH SEQUENCE', { req: '8018+7259' }],
  ['7259', 'X..40,pcenc', 'BABY', { req: '8018', ex: '7256' }],
  ['8001', 'N4,nonzero N5,nonzero N3,nonzero N1,winding N1', 'DIMENSIONS', { req: gtin }],
  ['8002', 'X..20', 'CMT No.'],
  ['8003', 'N1,zero N13,csum,gcppos1 [X..16]', 'GRAI', { key: '' }],
  ['8004', 'X..30,gcppos1', 'GIAI', { key: '7040' }],
  ['8005', 'N6', 'PRICE PER UNIT', { req: item }],
  ['8006', 'N14,csum,gcppos2 N4,pieceoftotal', 'ITIP', { ex: '01,03,37', key: '22,10,21' }],
  ['8007', 'X..34,iban', 'IBAN', { req: '415' }],
  ['8008', 'N6,yymmdd N2,hh [N2],mi [N2],ss', 'PROD TIME', { req: madeItem }],
  ['8009', 'X..50', 'OPTSEN', { req: '00,01,03' }],
  ['8010', 'Y..30,gcppos1', 'CPID', { key: '8011' }],
  ['8011', 'N..12,nozeroprefix', 'CPID SERIAL', { req: '8010', attribute: false }],
  ['8012', 'X..20', 'VERSION', { req: ownItem }],
  ['8013', 'X..25,csumalpha,gcppos1', 'GMN', { key: '' }],
  ['8014', 'X..25,csumalpha,gcppos1,hasnondigit', 'MUDI', { req: gtin, attribute: false }],
  ['8017', 'N18,csum,gcppos1', 'GSRN - PROVIDER', { ex: '8018', key: '8019' }],
  ['8018', 'N18,csum,gcppos1', 'GSRN - RECIPIENT', { ex: '8017', key: '8019' }],
  ['8019', 'N..10', 'SRIN', { req: '8017,8018', attribute: false }],
  ['8020', 'X..25', 'REF No.', { req: '415', attribute: false }],
  ['8026', 'N14,csum,gcppos2 N4,pieceoftotal', 'ITIP CONTENT', { req: '37', ex: '02,03,8006' }],
  ['8030', 'Z..90', 'DIGSIG', { req: anySerialised }],
  ['8040', 'N15', 'IMEI', { req: '01+21', attribute: false }],
  ['8041', 'N15', 'IMEI2', { req: '01+21+8040', attribute: false }],
  ['8042', 'N32', 'ESIM', { req: '01+21+8040', attribute: false }],
  ['8043', 'N18 [N..2]', 'PSIM', { req: '01+21+8040', attribute: false }],
  ['8110', 'X..70,couponcode', ''],
  ['8111', 'N4', 'POINTS', { req: '255' }],
  ['8112', 'X..70,couponposoffer', ''],
  ['8200', 'X..70', 'PRODUCT URL', { req: gtin, attribute: false }],
  ['90', 'X..30', 'INTERNAL'],
  ['91-99', 'X..90', 'INTERNAL'],
]

const entries = new Map(rows.flatMap(entriesOf).map((entry) => [entry.ai, entry]))

/** The entry of an AI as it is written, undefined when there is no such AI. */
export const aiEntry = (ai: string): AiEntry | undefined => entries.get(ai)

export const allAis = (): readonly AiEntry[] => [...entries.values()]

/** The AI that starts at this place of a text. No AI is the start of another. */
export function aiAt(text: string, at: number): AiEntry | undefined {
  for (let length = 2; length <= 4; length++) {
    const entry = entries.get(text.slice(at, at + length))
    if (entry) return entry
  }
}

/** Whether an AI matches a pattern: digits, then perhaps `n` for any digit. */
export function aiMatches(ai: string, pattern: string): boolean {
  if (ai.length !== pattern.length || pattern[0] === 'n') return false
  for (let i = 0; i < ai.length; i++) if (pattern[i] !== 'n' && pattern[i] !== ai[i]) return false
  return true
}

/**
 * Length of AI and value together, by the first two digits of the AI, where no FNC1 is needed
 * (GenSpecs Fig. 7.8.5-2); undefined for all others. The list is closed for ever.
 */
export function predefinedLength(ai: string): number | undefined {
  return predefined[ai.slice(0, 2)]
}

function tens(start: string, format: string, title: string, options?: Options): Row[] {
  return [...'0123456789'].map((digit) => {
    const number = title.startsWith('CERT') ? Number(digit) + 1 : digit
    return [start + digit, format, title + number, options ?? {}] as const
  })
}

/** `310 NET WEIGHT (kg); 311 …`: the AIs 3100 to 3105 and so on, one decimal more each. */
function measures(list: string, req: string, mark = ''): Row[] {
  return list.split('; ').map((text) => {
    const start = text.slice(0, 3)
    const title = text.slice(4) + mark
    return [`${start}0-${start}5`, 'N6', title, { req, ex: `${start}n` }] as const
  })
}

function entriesOf([ais, format, title, options = {}]: Row): AiEntry[] {
  const { req, ex, key, attribute = true } = options
  const [first, last = first] = ais.split('-') as [string, string?]
  const components = format.split(' ').map(componentOf)
  const shared = {
    title,
    components,
    attribute,
    requires: req === undefined ? [] : req.split(',').map((group) => group.split('+')),
    excludes: ex === undefined ? [] : ex.split(','),
    ...(key !== undefined && {
      chains: key === '' ? [] : key.split('|').map((chain) => chain.split(',')),
    }),
  }
  const found: AiEntry[] = []
  for (let n = Number(first); n <= Number(last); n++) {
    const ai = String(n).padStart(first.length, '0')
    found.push({ ai, predefined: predefinedLength(ai) !== undefined, ...shared })
  }
  return found
}

function componentOf(spec: string): Component {
  const [, bracket, set, dots, digits, linters] = /^(\[?)([NXYZ])(\.\.)?(\d+)\]?(?:,(.*))?$/.exec(
    spec,
  ) as unknown as [string, string, Charset, string | undefined, string, string | undefined]
  const max = Number(digits)
  return {
    set,
    min: dots ? 1 : max,
    max,
    optional: bracket !== '',
    linters: linters?.split(',') ?? [],
  }
}

// What a refused packet looks like it was meant to be: readings on the topic of SenML, a table
// where JSON is wanted, a channel by another name. Guesses for the person who mends the sender:
// nothing is decoded by them. Pure; told in the languages of the console.
import type { Channel } from './reading.ts'
import { channels } from './reading.ts'
import type { Refusal } from './refusal.ts'
import { type RemedyLanguage, remedyOf } from './remedies.ts'
import { typeset } from './typography.ts'

export const hintNames = [
  ...(['senml', 'readings', 'equipment', 'wrapped', 'not-sparkplug', 'single-quotes'] as const),
  ...(['not-a-number', 'decimal-comma', 'hexadecimal', 'base64', 'table', 'empty'] as const),
] as const
export type HintName = (typeof hintNames)[number]

/** Undefined: it looks like nothing else. `topic`: a bare device id is readings by HTTP. */
export function hintOf(topic: string, body: string): HintName | undefined {
  const text = body.trim()
  if (text === '') return 'empty'
  const leaf = topic.startsWith('spBv1.0/') ? 'sparkplug' : topic.split('/')[3]
  if (!/^[[{]/.test(text)) return hintOfText(text)
  const value = parsed(text)
  if (value === undefined) return hintOfBroken(text)
  if (leaf === 'sparkplug') return 'not-sparkplug'
  const first = Array.isArray(value) ? value[0] : value
  if (typeof first !== 'object' || first === null) return undefined
  const has = (...names: string[]): boolean => names.some((name) => Object.hasOwn(first, name))
  if (leaf === 'senml') return has('time') ? 'readings' : undefined
  if (has('bn', 'bt', 'bu', 'bver') || (has('n', 'u') && has('v', 'vs', 'vb'))) return 'senml'
  if (has('CID', 'LMFR', 'LSER', 'ESER', 'RELT', 'ABST', 'TVC')) return 'equipment'
  const isList = (each: unknown): boolean => Array.isArray(each) && typeof each[0] === 'object'
  return !has('time') && Object.values(first).some(isList) ? 'wrapped' : undefined
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function hintOfBroken(text: string): HintName | undefined {
  if (/'[^'"]*'\s*:/.test(text)) return 'single-quotes'
  if (/[:[,]\s*-?(?:nan|inf|infinity|none|undefined)\b/i.test(text)) return 'not-a-number'
  return /:\s*-?\d+,\d+\s*[,}\]]/.test(text) ? 'decimal-comma' : undefined
}

function hintOfText(text: string): HintName | undefined {
  const dense = text.replace(/0x|[\s:]+/gi, '')
  if (dense.length >= 4 && dense.length % 2 === 0 && /^[0-9a-f]+$/i.test(dense))
    return 'hexadecimal'
  const [line = ''] = text.split('\n', 1)
  if (/[A-Za-z]/.test(line) && /[,;\t|]/.test(line)) return 'table'
  return text.length >= 12 && /^[A-Za-z0-9+/\s_-]+={0,2}$/.test(text) ? 'base64' : undefined
}

/** Names that others give to our channels, without case, digits at the end and marks. */
const otherNames: Readonly<Record<string, readonly string[]>> = {
  time: ['timestamp', 'ts', 'datetime', 'date', 'measuredat', 'utc', 'zeit', 'heure', 'hora'],
  temperature: ['temp', 'tmp', 't', 'temperatur', 'temperatura', 'tempc', 'temperaturec', 'degc'],
  humidity: ['hum', 'humid', 'rh', 'h', 'feuchte', 'relativehumidity', 'humedad', 'humidite'],
  battery: ['batt', 'bat', 'batterylevel', 'batterypercent', 'soc'],
  pressure: ['press', 'hpa', 'baro', 'pressurehpa'],
  light: ['lux', 'illuminance', 'lightlevel', 'lx'],
  shock: ['accel', 'acceleration', 'gforce', 'vibration'],
  door: ['dooropen', 'lid', 'opened'],
  lat: ['latitude'],
  lon: ['lng', 'long', 'longitude'],
  accuracy: ['acc', 'hdop', 'gpsaccuracy'],
}

/** The field that a name is likely to mean; a number at its end is that of a probe. */
export function nearName(
  name: string,
  declared: Readonly<Record<string, Channel>> = {},
): string | undefined {
  const [, word = '', probe = ''] = /^(.*?)[^A-Za-z0-9]*(\d{0,3})$/.exec(name.slice(0, 80)) ?? []
  const near = ownName(name, declared) ?? ownName(word, declared) ?? otherName(word)
  if (near === undefined || near === name) return undefined
  const isProbe = Number(probe) > 0 && near !== 'time' && ownName(name, declared) === undefined
  return isProbe ? `${near}.${Number(probe)}` : near
}

const plain = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, '')

const ownName = (name: string, declared: Readonly<Record<string, Channel>>): string | undefined =>
  [...Object.keys(declared), ...Object.keys(channels), 'time'].find(
    (each) => plain(each) === plain(name),
  )

const otherName = (name: string): string | undefined =>
  Object.keys(otherNames).find((each) => otherNames[each]!.includes(plain(name)))

/** What to do about a refusal, with the name that was likely meant. */
export function adviceFor(
  { code, path }: Pick<Refusal, 'code' | 'path'>,
  language: RemedyLanguage,
  declared?: Readonly<Record<string, Channel>>,
): string | null {
  const remedy = remedyOf(code, language)
  if (code !== 'reading/channel-unknown') return remedy
  const name = (path.split('/').at(-1) ?? '').replaceAll('~1', '/').replaceAll('~0', '~')
  const near = nearName(name, declared)
  return near === undefined
    ? remedy
    : `${typeset(meant[language], language).replace('{name}', near)} ${remedy ?? ''}`
}

const meant: Readonly<Record<RemedyLanguage, string>> = {
  en: 'Is it “{name}”?',
  de: 'Gemeint ist „{name}“?',
  fr: 'Est-ce « {name} » ?',
  es: '¿Es «{name}»?',
}

export const sayHint = (hint: HintName, language: RemedyLanguage): string =>
  typeset(hints[language][hint], language)

const en: Readonly<Record<HintName, string>> = {
  senml: 'This looks like SenML: publish it to …/senml instead of …/readings.',
  readings: 'This looks like readings JSON: publish it to …/readings instead of …/senml.',
  equipment:
    'This looks like equipment data of WHO and UNICEF: send it to POST /api/v1/transmissions.',
  wrapped: 'The readings stand inside another object: send the array alone, one object a reading.',
  'not-sparkplug':
    'This is JSON. Sparkplug B is protobuf; JSON goes to v1/{tenant}/{device}/readings.',
  'single-quotes':
    'Names stand in single quotes: JSON wants double ones. In Python use json.dumps.',
  'not-a-number': 'JSON knows no NaN, Infinity or None: leave out what was not measured.',
  'decimal-comma': 'A number has a decimal comma: JSON wants a point.',
  hexadecimal:
    'These are hexadecimal digits. Here: choose “hexadecimal”. A logger: send the bytes.',
  base64: 'This looks like Base64. Here: choose “Base64”. A logger: send the bytes.',
  table: 'This looks like a table (CSV): send files to POST /api/v1/imports, packets as JSON.',
  empty: 'The packet is empty.',
}

const de: Readonly<Record<HintName, string>> = {
  senml: 'Das sieht nach SenML aus: an …/senml senden statt an …/readings.',
  readings: 'Das sieht nach Messwerten als JSON aus: an …/readings senden statt an …/senml.',
  equipment:
    'Das sieht nach Anlagendaten von WHO und UNICEF aus: an POST /api/v1/transmissions senden.',
  wrapped:
    'Die Messwerte stecken in einem anderen Objekt: das Array allein senden, je Messwert ein Objekt.',
  'not-sparkplug':
    'Das ist JSON. Sparkplug B ist Protobuf; JSON geht an v1/{Mandant}/{Logger}/readings.',
  'single-quotes':
    'Namen stehen in einfachen Anführungszeichen: JSON verlangt doppelte. In Python json.dumps verwenden.',
  'not-a-number':
    'JSON kennt weder NaN noch Infinity oder None: Weglassen, was nicht gemessen wurde.',
  'decimal-comma': 'Eine Zahl hat ein Dezimalkomma: JSON verlangt einen Punkt.',
  hexadecimal:
    'Das sind Hexadezimalziffern. Hier „hexadezimal“ wählen; ein Logger muss die Bytes senden.',
  base64: 'Das sieht nach Base64 aus. Hier „Base64“ wählen; ein Logger muss die Bytes senden.',
  table:
    'Das sieht nach einer Tabelle (CSV) aus: Dateien an POST /api/v1/imports, Pakete als JSON.',
  empty: 'Das Paket ist leer.',
}

const fr: Readonly<Record<HintName, string>> = {
  senml: 'Cela ressemble à du SenML : publier sur …/senml et non sur …/readings.',
  readings: 'Cela ressemble à des mesures en JSON : publier sur …/readings et non sur …/senml.',
  equipment:
    'Cela ressemble à des données d’équipement de l’OMS et de l’UNICEF : les envoyer à POST /api/v1/transmissions.',
  wrapped:
    'Les mesures se trouvent dans un autre objet : envoyer le tableau seul, un objet par mesure.',
  'not-sparkplug':
    'C’est du JSON. Sparkplug B est du protobuf ; le JSON va sur v1/{client}/{enregistreur}/readings.',
  'single-quotes':
    'Les noms sont entre apostrophes : JSON exige des guillemets droits. En Python, utiliser json.dumps.',
  'not-a-number':
    'JSON ne connaît ni NaN, ni Infinity, ni None : omettre ce qui n’a pas été mesuré.',
  'decimal-comma': 'Un nombre a une virgule décimale : JSON exige un point.',
  hexadecimal:
    'Ce sont des chiffres hexadécimaux. Ici : choisir « hexadécimal » ; un enregistreur doit envoyer les octets.',
  base64:
    'Cela ressemble à du Base64. Ici : choisir « Base64 » ; un enregistreur doit envoyer les octets.',
  table:
    'Cela ressemble à un tableau (CSV) : envoyer les fichiers à POST /api/v1/imports, les paquets en JSON.',
  empty: 'Le paquet est vide.',
}

const es: Readonly<Record<HintName, string>> = {
  senml: 'Esto parece SenML: publicarlo en …/senml y no en …/readings.',
  readings: 'Esto parece JSON de lecturas: publicarlo en …/readings y no en …/senml.',
  equipment: 'Parecen datos de equipos de la OMS y UNICEF: enviarlos a POST /api/v1/transmissions.',
  wrapped: 'Las lecturas están dentro de otro objeto: enviar solo el array, un objeto por lectura.',
  'not-sparkplug':
    'Esto es JSON. Sparkplug B es protobuf; el JSON va a v1/{cliente}/{registrador}/readings.',
  'single-quotes':
    'Los nombres llevan comillas simples: JSON exige dobles. En Python, usar json.dumps.',
  'not-a-number': 'JSON no conoce NaN, Infinity ni None: omitir lo que no se midió.',
  'decimal-comma': 'Un número lleva coma decimal: JSON exige un punto.',
  hexadecimal:
    'Son dígitos hexadecimales. Aquí: elegir «hexadecimal»; un registrador debe enviar los bytes.',
  base64: 'Esto parece Base64. Aquí: elegir «Base64»; un registrador debe enviar los bytes.',
  table:
    'Esto parece una tabla (CSV): enviar los archivos a POST /api/v1/imports, los paquetes como JSON.',
  empty: 'El paquete está vacío.',
}

const hints: Readonly<Record<RemedyLanguage, Readonly<Record<HintName, string>>>> = {
  ...{ en, de, fr, es },
}

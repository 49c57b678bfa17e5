// What is recorded of units, as attributes that a comparison names (trace/cause-attributes.ts).
// What partners named themselves keeps its name.
import { catalogue, language, localeOf, writerOf } from '../words.ts'

export const attributeWords = catalogue({
  en: {
    ...{ readPoint: 'read point', bizLocation: 'location', lane: 'lane', input: 'input' },
    ...{ asset: 'returnable asset', container: 'container', logger: 'logger', gtin: 'GTIN' },
    ...{ lot: 'lot', expiry: 'expiry', supplier: 'supplier', shift: 'shift', line: 'line' },
    ofLot: 'of the lot, {name}',
    weekday: 'weekday, {step}',
    hour: 'hour, {step}',
    third: 'hours, {step}',
    transaction: 'document {type}',
    source: 'from, {type}',
    destination: 'to, {type}',
  },
  de: {
    ...{ readPoint: 'Lesepunkt', bizLocation: 'Ort', lane: 'Strecke', input: 'Einsatzstoff' },
    ...{ asset: 'Mehrwegbehälter', container: 'Behälter', logger: 'Logger', gtin: 'GTIN' },
    ...{ lot: 'Charge', expiry: 'Verfall', supplier: 'Lieferant', shift: 'Schicht' },
    line: 'Linie',
    ofLot: 'der Charge, {name}',
    weekday: 'Wochentag, {step}',
    hour: 'Stunde, {step}',
    third: 'Stunden, {step}',
    transaction: 'Beleg {type}',
    source: 'von, {type}',
    destination: 'an, {type}',
  },
  fr: {
    ...{ readPoint: 'point de lecture', bizLocation: 'lieu', lane: 'liaison', input: 'intrant' },
    ...{ asset: 'support réutilisable', container: 'contenant', logger: 'enregistreur' },
    ...{ gtin: 'GTIN', lot: 'lot', expiry: 'péremption', supplier: 'fournisseur' },
    ...{ shift: 'équipe', line: 'ligne' },
    ofLot: 'du lot, {name}',
    weekday: 'jour de la semaine, {step}',
    hour: 'heure, {step}',
    third: 'heures, {step}',
    transaction: 'document {type}',
    source: 'de, {type}',
    destination: 'vers, {type}',
  },
  es: {
    ...{ readPoint: 'punto de lectura', bizLocation: 'lugar', lane: 'ruta', input: 'insumo' },
    ...{ asset: 'activo retornable', container: 'contenedor', logger: 'registrador' },
    ...{ gtin: 'GTIN', lot: 'lote', expiry: 'caducidad', supplier: 'proveedor' },
    ...{ shift: 'turno', line: 'línea' },
    ofLot: 'del lote, {name}',
    weekday: 'día de la semana, {step}',
    hour: 'hora, {step}',
    third: 'horas, {step}',
    transaction: 'documento {type}',
    source: 'de, {type}',
    destination: 'a, {type}',
  },
})

const write = writerOf(attributeWords)
type Plain = 'readPoint'
const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']

/** `word`: what a word of the CBV is called. */
export function attributeName(name: string, word: (code: string) => string): string {
  const [, kind = '', step = ''] = /^(weekday|hour|third of day) of (.+)$/.exec(name) ?? []
  if (kind === 'weekday' || kind === 'hour') return write(kind, { step: word(step) })
  if (kind !== '') return write('third', { step: word(step) })
  const [, role = '', type = ''] = /^(bizTransaction|source|destination|lot) (.+)$/.exec(name) ?? []
  if (role === 'lot') return write('ofLot', { name: attributeName(type, word) })
  if (role === 'source' || role === 'destination') return write(role, { type: word(type) })
  if (role !== '') return write('transaction', { type: word(type) })
  return Object.hasOwn(attributeWords.en, name) ? write(name as Plain) : name
}

/** A weekday in the reader's language; undefined: the value is none. */
export function weekdayText(value: string): string | undefined {
  const day = days.indexOf(value)
  if (day < 0) return undefined
  const format = new Intl.DateTimeFormat(localeOf(language.value), {
    ...{ weekday: 'long', timeZone: 'UTC' },
  })
  // The first of January 2023 was a Sunday.
  return format.format(Date.UTC(2023, 0, 1 + day))
}

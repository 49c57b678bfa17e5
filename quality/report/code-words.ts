// Words for codes in printed reports, in the languages of people: severities, where the units of a
// recall are, what its criteria ask for. A code that is not known here stays as it is.
import type { ReportLanguage } from './words.ts'

const words: Readonly<Record<ReportLanguage, Readonly<Record<string, string>>>> = {
  en: {
    ...{ located: 'Located', inTransit: 'In transit', sold: 'Sold', destroyed: 'Destroyed' },
    ...{ gone: 'Gone', unknown: 'Unknown', spared: 'Spared by the criteria' },
    ...{ gtin: 'GTIN', lot: 'Lot', expiry: 'Expiry', supplier: 'Supplier', place: 'Place' },
    ...{ container: 'Container', epc: 'Unit' },
  },
  de: {
    ...{ temperature: 'Temperatur', humidity: 'Feuchte', pressure: 'Druck', light: 'Licht' },
    ...{ critical: 'kritisch', major: 'schwer', minor: 'leicht', info: 'Hinweis' },
    ...{ located: 'Verortet', inTransit: 'Unterwegs', sold: 'Verkauft', destroyed: 'Vernichtet' },
    ...{ gone: 'Abgegangen', unknown: 'Unbekannt', spared: 'Durch die Kriterien ausgenommen' },
    ...{ gtin: 'GTIN', lot: 'Charge', expiry: 'Verfall', supplier: 'Lieferant', place: 'Ort' },
    ...{ container: 'Behälter', epc: 'Einheit' },
  },
  fr: {
    ...{ temperature: 'température', humidity: 'humidité', pressure: 'pression' },
    light: 'lumière',
    ...{ critical: 'critique', major: 'majeure', minor: 'mineure', info: 'information' },
    ...{ located: 'Localisées', inTransit: 'En route', sold: 'Vendues', destroyed: 'Détruites' },
    ...{ gone: 'Sorties du circuit', unknown: 'Inconnues', spared: 'Exclues par les critères' },
    ...{ gtin: 'GTIN', lot: 'Lot', expiry: 'Péremption', supplier: 'Fournisseur', place: 'Lieu' },
    ...{ container: 'Contenant', epc: 'Unité' },
  },
  es: {
    ...{ temperature: 'temperatura', humidity: 'humedad', pressure: 'presión', light: 'luz' },
    ...{ critical: 'crítica', major: 'grave', minor: 'leve', info: 'información' },
    ...{ located: 'Localizadas', inTransit: 'En camino', sold: 'Vendidas' },
    ...{ destroyed: 'Destruidas', gone: 'Fuera del circuito', unknown: 'Desconocidas' },
    ...{ spared: 'Excluidas por los criterios', gtin: 'GTIN', lot: 'Lote', expiry: 'Caducidad' },
    ...{ supplier: 'Proveedor', place: 'Lugar', container: 'Contenedor', epc: 'Unidad' },
  },
}

/** Values of one criterion that are printed: a recall may name thousands of units. */
const criteriaValuesMax = 50

export const codeWord = (code: string, language: ReportLanguage): string =>
  words[language][code] ?? code

/** `temperature.2` is the channel of the second probe. */
export function channelWord(channel: string, language: ReportLanguage): string {
  const [name = '', probe] = channel.split('.')
  const word = codeWord(name, language)
  return word === name ? channel : probe === undefined ? word : `${word} ${probe}`
}

/** `GTIN: 0952…; Lot: A7 or A8`. What is more than a list of values stands as it was asked. */
export function criteriaText(criteria: readonly object[], language: ReportLanguage): string {
  return criteria
    .map((condition) => {
      const { field, anyOf, ...others } = condition as { field: string; anyOf?: readonly string[] }
      if (!anyOf || Object.keys(others).length > 0) return JSON.stringify(condition)
      const rest = anyOf.length - criteriaValuesMax
      const more = rest > 0 ? ` … (+${rest})` : ''
      return `${codeWord(field, language)}: ${anyOf.slice(0, criteriaValuesMax).join(', ')}${more}`
    })
    .join('; ')
}

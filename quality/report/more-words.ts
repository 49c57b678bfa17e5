// Words of printed reports that came with the second layout: below the curve, of who was told, and
// of units that were chosen by verdict.
import type { ReportLanguage } from './words.ts'

interface MoreWords {
  notified: string
  acknowledged: string
  noReadings: string
  chosen: string
  otherwise: string
  recommended: string
  chart: { curve: string; limit: string; breach: string; unknown: string }
}

export const moreWords: Readonly<Record<ReportLanguage, MoreWords>> = {
  en: {
    ...{ notified: 'Notified', acknowledged: 'Acknowledged' },
    noReadings: 'No readings of this time are known.',
    ...{ chosen: 'Chosen by passport verdict', otherwise: 'otherwise' },
    recommended: 'Recommended by passports',
    chart: { curve: 'reading', limit: 'limit', breach: 'breach', unknown: 'no data' },
  },
  de: {
    ...{ notified: 'Benachrichtigt', acknowledged: 'Bestätigt' },
    noReadings: 'Aus dieser Zeit sind keine Messwerte bekannt.',
    ...{ chosen: 'Gewählt nach Urteil des Passes', otherwise: 'anders gewählt' },
    recommended: 'Von Pässen empfohlen',
    chart: {
      ...{ curve: 'Messwert', limit: 'Grenze', breach: 'Überschreitung', unknown: 'keine Daten' },
    },
  },
  fr: {
    ...{ notified: 'Informé', acknowledged: 'Confirmé' },
    noReadings: 'Aucune mesure de cette période n’est connue.',
    ...{ chosen: 'Choisies selon le verdict du passeport', otherwise: 'choisies autrement' },
    recommended: 'Recommandé par les passeports',
    chart: {
      ...{ curve: 'mesure', limit: 'limite', breach: 'dépassement', unknown: 'pas de données' },
    },
  },
  es: {
    ...{ notified: 'Notificado', acknowledged: 'Confirmado' },
    noReadings: 'No se conoce ninguna lectura de ese periodo.',
    ...{ chosen: 'Elegidas según el veredicto del pasaporte', otherwise: 'elegidas de otro modo' },
    recommended: 'Recomendado por los pasaportes',
    chart: { curve: 'lectura', limit: 'límite', breach: 'rebasamiento', unknown: 'sin datos' },
  },
}

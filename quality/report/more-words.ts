// Words of printed reports that came with the second layout: below the curve, and of who was told.
import type { ReportLanguage } from './words.ts'

interface MoreWords {
  notified: string
  acknowledged: string
  noReadings: string
  chart: { curve: string; limit: string; breach: string; unknown: string }
}

export const moreWords: Readonly<Record<ReportLanguage, MoreWords>> = {
  en: {
    ...{ notified: 'Notified', acknowledged: 'Acknowledged' },
    noReadings: 'No readings of this time are known.',
    chart: { curve: 'reading', limit: 'limit', breach: 'breach', unknown: 'no data' },
  },
  de: {
    ...{ notified: 'Benachrichtigt', acknowledged: 'Bestätigt' },
    noReadings: 'Aus dieser Zeit sind keine Messwerte bekannt.',
    chart: {
      ...{ curve: 'Messwert', limit: 'Grenze', breach: 'Überschreitung', unknown: 'keine Daten' },
    },
  },
  fr: {
    ...{ notified: 'Informé', acknowledged: 'Accusé de réception' },
    noReadings: 'Aucune mesure de cette période n’est connue.',
    chart: {
      ...{ curve: 'mesure', limit: 'limite', breach: 'dépassement', unknown: 'pas de données' },
    },
  },
  es: {
    ...{ notified: 'Notificado', acknowledged: 'Acusado' },
    noReadings: 'No se conoce ninguna lectura de ese periodo.',
    chart: { curve: 'lectura', limit: 'límite', breach: 'superación', unknown: 'sin datos' },
  },
}

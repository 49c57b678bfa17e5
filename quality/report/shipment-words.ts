// Words that only the report of a shipment has, in the languages of people.
import type { ReportLanguage } from './words.ts'

interface ShipmentWords {
  shipment: string
  mounted: string
  way: string
  stops: string
  came: string
  left: string
  steps: string
  breaches: string
  since: string
  until: string
  none: string
}

export const shipmentWords: Readonly<Record<ReportLanguage, ShipmentWords>> = {
  en: {
    ...{ shipment: 'Shipment', mounted: 'Logger mounted', way: 'Route', stops: 'Stops' },
    ...{ came: 'First seen', left: 'Last seen', steps: 'What was done', breaches: 'Breaches' },
    ...{ since: 'From', until: 'To', none: 'No breach is known.' },
  },
  de: {
    ...{ shipment: 'Sendung', mounted: 'Logger angebracht', way: 'Strecke', stops: 'Stationen' },
    ...{ came: 'Zuerst gesehen', left: 'Zuletzt gesehen', steps: 'Vorgänge' },
    ...{
      breaches: 'Überschreitungen',
      since: 'Von',
      until: 'Bis',
      none: 'Keine Überschreitung bekannt.',
    },
  },
  fr: {
    ...{ shipment: 'Envoi', mounted: 'Enregistreur posé', way: 'Trajet', stops: 'Étapes' },
    ...{ came: 'Première observation', left: 'Dernière observation', steps: 'Opérations' },
    ...{ breaches: 'Dépassements', since: 'Du', until: 'Au', none: 'Aucun dépassement connu.' },
  },
  es: {
    ...{ shipment: 'Envío', mounted: 'Registrador colocado', way: 'Trayecto', stops: 'Paradas' },
    ...{ came: 'Primera observación', left: 'Última observación', steps: 'Operaciones' },
    ...{
      breaches: 'Rebasamientos',
      since: 'Desde',
      until: 'Hasta',
      none: 'Ningún rebasamiento conocido.',
    },
  },
}

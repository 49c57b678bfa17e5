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
    ...{ shipment: 'Shipment', mounted: 'Logger on it', way: 'Way', stops: 'Stops' },
    ...{ came: 'First seen', left: 'Last seen', steps: 'What was done', breaches: 'Breaches' },
    ...{ since: 'From', until: 'To', none: 'Nothing stands against it.' },
  },
  de: {
    ...{ shipment: 'Sendung', mounted: 'Logger daran', way: 'Weg', stops: 'Halte' },
    ...{ came: 'Zuerst gesehen', left: 'Zuletzt gesehen', steps: 'Was getan wurde' },
    ...{ breaches: 'Verletzungen', since: 'Von', until: 'Bis', none: 'Es liegt nichts vor.' },
  },
  fr: {
    ...{ shipment: 'Envoi', mounted: 'Enregistreur posé', way: 'Trajet', stops: 'Arrêts' },
    ...{ came: 'Vu d’abord', left: 'Vu en dernier', steps: 'Ce qui a été fait' },
    ...{ breaches: 'Dépassements', since: 'De', until: 'À', none: 'Rien ne lui est opposé.' },
  },
  es: {
    ...{ shipment: 'Envío', mounted: 'Registrador puesto', way: 'Camino', stops: 'Paradas' },
    ...{ came: 'Visto primero', left: 'Visto por último', steps: 'Qué se hizo' },
    ...{ breaches: 'Incumplimientos', since: 'De', until: 'A', none: 'Nada consta en su contra.' },
  },
}

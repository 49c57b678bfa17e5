// What the columns of workbooks are called in the languages of people. CSV, NDJSON and Parquet keep
// the names of the API.
import type { ReportLanguage } from '../../quality/report/words.ts'

type Words = Readonly<Record<string, string>>

const en: Words = {
  ...{ epc: 'Unit', gtin: 'GTIN', serial: 'Serial number', lot: 'Lot', expiry: 'Expiry date' },
  ...{ from: 'From', to: 'To', minutes: 'Minutes beyond', peakC: 'Worst', verdict: 'Verdict' },
  ...{ unknownMinutes: 'Minutes unknown', standing: 'Where it is', state: 'State' },
  ...{ place: 'Place', holder: 'Holder', units: 'Units', returned: 'Returned' },
  ...{ destroyed: 'Destroyed', quarantined: 'In quarantine', notifiedAt: 'Notified' },
  ...{ acknowledgedAt: 'Acknowledged', acknowledgedBy: 'Acknowledged by', note: 'Note' },
  ...{ pick: 'What to do', outermost: 'Outermost container', container: 'Container' },
  ...{ decision: 'Decision', time: 'Time', value: 'Value', valueC: 'Temperature', min: 'Least' },
  ...{ minC: 'Least', mean: 'Mean', meanC: 'Mean', max: 'Most', maxC: 'Most', count: 'Readings' },
  ...{ origin: 'From', destination: 'To', carrier: 'Carrier', product: 'Product' },
  ...{ month: 'Month', shipments: 'Shipments', excursions: 'With an excursion' },
  ...{ meanMinutes: 'Minutes beyond, mean', mostMinutes: 'Minutes beyond, most' },
  ...{ risk: 'Risk', riskLow: 'Risk, low', riskHigh: 'Risk, high', id: 'Number', kind: 'Kind' },
  ...{ status: 'Status', subject: 'About', summary: 'Summary', openedAt: 'Opened' },
  ...{ probability: 'Probability', serialCount: 'Units', seq: 'Entry', at: 'Time', by: 'By' },
  ...{ route: 'Request', path: 'Path', record: 'Record' },
  ...{ leafHash: 'SHA-256 of the leaf', device: 'Logger', mountedFrom: 'Logger mounted' },
  ...{ mountedTo: 'Logger removed', products: 'Products', unitCount: 'Units' },
  ...{ openAlerts: 'Open alerts', latestAt: 'Newest reading', latestC: 'Temperature' },
  ...{ severity: 'Severity', rule: 'Rule', limitC: 'Limit (°C)', raisedAt: 'Raised' },
  ...{ revision: 'Revision' },
}

const de: Words = {
  ...{ epc: 'Einheit', gtin: 'GTIN', serial: 'Seriennummer', lot: 'Charge', expiry: 'Verfall' },
  ...{ from: 'Von', to: 'Bis', minutes: 'Minuten außerhalb', peakC: 'Schlimmster Wert' },
  ...{ verdict: 'Urteil', unknownMinutes: 'Minuten unbekannt', standing: 'Verbleib' },
  ...{ state: 'Zustand', place: 'Ort', holder: 'Besitzer', units: 'Einheiten' },
  ...{ returned: 'Zurück', destroyed: 'Vernichtet', quarantined: 'Gesperrt' },
  ...{ notifiedAt: 'Benachrichtigt', acknowledgedAt: 'Bestätigt', acknowledgedBy: 'Bestätigt von' },
  ...{ note: 'Bemerkung', pick: 'Was zu tun ist', outermost: 'Äußerster Behälter' },
  ...{ container: 'Behälter', decision: 'Entscheidung', time: 'Zeit', value: 'Wert' },
  ...{ valueC: 'Temperatur', min: 'Kleinster', minC: 'Kleinste', mean: 'Mittel', meanC: 'Mittel' },
  ...{ max: 'Größter', maxC: 'Größte', count: 'Messwerte', origin: 'Von', destination: 'Nach' },
  ...{ carrier: 'Spediteur', product: 'Produkt', month: 'Monat', shipments: 'Sendungen' },
  ...{ excursions: 'Mit Exkursion', meanMinutes: 'Minuten außerhalb, Mittel' },
  ...{ mostMinutes: 'Minuten außerhalb, höchstens', risk: 'Risiko', riskLow: 'Risiko, untere' },
  ...{ riskHigh: 'Risiko, obere', id: 'Nummer', kind: 'Art', status: 'Stand', subject: 'Betrifft' },
  ...{ summary: 'Zusammenfassung', openedAt: 'Eröffnet', probability: 'Wahrscheinlichkeit' },
  ...{ serialCount: 'Einheiten', seq: 'Eintrag', at: 'Zeit', by: 'Von wem', route: 'Anfrage' },
  ...{ path: 'Pfad', record: 'Datensatz', leafHash: 'SHA-256 des Blatts' },
  ...{ device: 'Logger', mountedFrom: 'Logger angebracht', mountedTo: 'Logger abgenommen' },
  ...{ products: 'Produkte', unitCount: 'Einheiten', openAlerts: 'Offene Alarme' },
  ...{ latestAt: 'Neuester Messwert', latestC: 'Temperatur', severity: 'Schwere', rule: 'Regel' },
  ...{ limitC: 'Grenze (°C)', raisedAt: 'Gemeldet', revision: 'Fassung' },
}

const fr: Words = {
  ...{ epc: 'Unité', gtin: 'GTIN', serial: 'Numéro de série', lot: 'Lot', expiry: 'Péremption' },
  ...{ from: 'Du', to: 'Au', minutes: 'Minutes hors limite', peakC: 'Pire valeur' },
  ...{ verdict: 'Verdict', unknownMinutes: 'Minutes inconnues', standing: 'Localisation' },
  ...{ state: 'État', place: 'Lieu', holder: 'Détenteur', units: 'Unités' },
  ...{ returned: 'Retournées', destroyed: 'Détruites', quarantined: 'En quarantaine' },
  ...{ notifiedAt: 'Informé', acknowledgedAt: 'Accusé de réception' },
  ...{ acknowledgedBy: 'Accusé par', note: 'Remarque', pick: 'À faire' },
  ...{ outermost: 'Contenant extérieur', container: 'Contenant', decision: 'Décision' },
  ...{ time: 'Heure', value: 'Valeur', valueC: 'Température', min: 'Min.', minC: 'Min.' },
  ...{ mean: 'Moyenne', meanC: 'Moyenne', max: 'Max.', maxC: 'Max.', count: 'Mesures' },
  ...{ origin: 'De', destination: 'À', carrier: 'Transporteur', product: 'Produit' },
  ...{ month: 'Mois', shipments: 'Expéditions', excursions: 'Avec une excursion' },
  ...{ meanMinutes: 'Minutes hors limite, moyenne', mostMinutes: 'Minutes hors limite, maximum' },
  ...{ risk: 'Risque', riskLow: 'Risque, borne basse', riskHigh: 'Risque, borne haute' },
  ...{ id: 'Numéro', kind: 'Type', status: 'Statut', subject: 'Objet', summary: 'Résumé' },
  ...{ openedAt: 'Ouvert', probability: 'Probabilité', serialCount: 'Unités', seq: 'Entrée' },
  ...{ at: 'Heure', by: 'Par', route: 'Requête', path: 'Chemin' },
  ...{ record: 'Enregistrement', leafHash: 'SHA-256 de la feuille', device: 'Enregistreur' },
  ...{ mountedFrom: 'Enregistreur posé', mountedTo: 'Enregistreur retiré', products: 'Produits' },
  ...{ unitCount: 'Unités', openAlerts: 'Alertes ouvertes', latestAt: 'Dernière mesure' },
  ...{ latestC: 'Température', severity: 'Gravité', rule: 'Règle', limitC: 'Limite (°C)' },
  ...{ raisedAt: 'Signalée', revision: 'Révision' },
}

const es: Words = {
  ...{ epc: 'Unidad', gtin: 'GTIN', serial: 'Número de serie', lot: 'Lote', expiry: 'Caducidad' },
  ...{ from: 'Desde', to: 'Hasta', minutes: 'Minutos fuera', peakC: 'Peor valor' },
  ...{ verdict: 'Veredicto', unknownMinutes: 'Minutos desconocidos', standing: 'Paradero' },
  ...{ state: 'Estado', place: 'Lugar', holder: 'Tenedor', units: 'Unidades' },
  ...{ returned: 'Devueltas', destroyed: 'Destruidas', quarantined: 'En cuarentena' },
  ...{ notifiedAt: 'Notificado', acknowledgedAt: 'Acusado', acknowledgedBy: 'Acusado por' },
  ...{ note: 'Nota', pick: 'Qué hacer', outermost: 'Contenedor exterior' },
  ...{ container: 'Contenedor', decision: 'Decisión', time: 'Hora', value: 'Valor' },
  ...{ valueC: 'Temperatura', min: 'Mínimo', minC: 'Mínima', mean: 'Media', meanC: 'Media' },
  ...{ max: 'Máximo', maxC: 'Máxima', count: 'Lecturas', origin: 'Desde', destination: 'Hasta' },
  ...{ carrier: 'Transportista', product: 'Producto', month: 'Mes', shipments: 'Envíos' },
  ...{ excursions: 'Con excursión', meanMinutes: 'Minutos fuera, media' },
  ...{ mostMinutes: 'Minutos fuera, máximo', risk: 'Riesgo', riskLow: 'Riesgo, mínimo' },
  ...{ riskHigh: 'Riesgo, máximo', id: 'Número', kind: 'Tipo', status: 'Estado' },
  ...{ subject: 'Asunto', summary: 'Resumen', openedAt: 'Abierto', probability: 'Probabilidad' },
  ...{ serialCount: 'Unidades', seq: 'Entrada', at: 'Hora', by: 'Por', route: 'Petición' },
  ...{ path: 'Ruta', record: 'Registro', leafHash: 'SHA-256 de la hoja' },
  ...{ device: 'Registrador', mountedFrom: 'Registrador colocado' },
  ...{ mountedTo: 'Registrador retirado', products: 'Productos', unitCount: 'Unidades' },
  ...{ openAlerts: 'Alertas abiertas', latestAt: 'Última lectura', latestC: 'Temperatura' },
  ...{ severity: 'Gravedad', rule: 'Regla', limitC: 'Límite (°C)', raisedAt: 'Notificada' },
  ...{ revision: 'Revisión' },
}

export const columnWords: Readonly<Record<ReportLanguage, Words>> = { en, de, fr, es }

/** The name itself where there is no word: columns that an authority names keep its names. */
export const columnWord = (name: string, language: ReportLanguage): string =>
  columnWords[language][name] ?? name

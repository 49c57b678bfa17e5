// Titles and sources of the ready rule sets (domain/profile/rule-sets.ts), by their names. Titles
// of documents stay as they are.
import { catalogue, writerOf } from '../words.ts'

export const ruleSetWords = catalogue({
  en: {
    'who-fridge': 'Vaccine refrigerator (WHO)',
    'who-shipping-1': 'Shipping indicator type 1 (DTP, HepB, IPV, liquid vaccines)',
    'who-shipping-2': 'Shipping indicator type 2 (OPV, BCG, measles, freeze-dried vaccines)',
    'cdc-fridge': 'Vaccine refrigerator (CDC)',
    'cdc-freezer': 'Vaccine freezer (CDC)',
    'usp-crt': 'Controlled room temperature, {range}',
    'usp-cct': 'Controlled cold temperature, {range}',
    'usp-zone-ivb': 'Climatic zone IVb, {range}',
    'usp-cool': 'Cool, {range}',
    'usp-freezer': 'Freezer, {range}',
    'pharma-2-8': 'Refrigerated pharmaceuticals, {range}',
    'who-fridge.source': 'WHO EMS reference conditions HEAT and FRZE',
    'usp-crt.source':
      'USP <1079.2>: excursions 15–30 °C, at most 40 °C; MKT over 30 days at most 25 °C',
    'usp-cct.source':
      'USP <1079.2>: excursions 2–15 °C for at most 24 h; MKT over 24 h at most 8 °C',
    'usp-zone-ivb.source': 'USP <1079.2>, row of the 2025 revision; MKT over 30 days at most 30 °C',
    'usp-cool.source': 'USP <659>; excursions by stability data, no MKT',
    'usp-freezer.source': 'USP <659>; excursions by stability data, MKT is not for frozen goods',
    'pharma-2-8.source':
      'a proposal of this project: warnings half a degree inside the label, and when 5 °C would become 8 °C within the 30 minutes that it may be above',
  },
  de: {
    'who-fridge': 'Impfstoffkühlschrank (WHO)',
    'who-shipping-1': 'Transportindikator Typ 1 (DTP, HepB, IPV, flüssige Impfstoffe)',
    'who-shipping-2': 'Transportindikator Typ 2 (OPV, BCG, Masern, gefriergetrocknete Impfstoffe)',
    'cdc-fridge': 'Impfstoffkühlschrank (CDC)',
    'cdc-freezer': 'Impfstoffgefrierschrank (CDC)',
    'usp-crt': 'Kontrollierte Raumtemperatur, {range}',
    'usp-cct': 'Kontrollierte Kühltemperatur, {range}',
    'usp-zone-ivb': 'Klimazone IVb, {range}',
    'usp-cool': 'Kühl, {range}',
    'usp-freezer': 'Tiefgekühlt, {range}',
    'pharma-2-8': 'Kühlpflichtige Arzneimittel, {range}',
    'who-fridge.source': 'WHO EMS, Referenzbedingungen HEAT und FRZE',
    'usp-crt.source':
      'USP <1079.2>: Abweichungen 15–30 °C, höchstens 40 °C; MKT über 30 Tage höchstens 25 °C',
    'usp-cct.source':
      'USP <1079.2>: Abweichungen 2–15 °C höchstens 24 h; MKT über 24 h höchstens 8 °C',
    'usp-zone-ivb.source':
      'USP <1079.2>, Zeile der Fassung von 2025; MKT über 30 Tage höchstens 30 °C',
    'usp-cool.source': 'USP <659>; Abweichungen nach Stabilitätsdaten, keine MKT',
    'usp-freezer.source':
      'USP <659>; Abweichungen nach Stabilitätsdaten, MKT gilt nicht für Gefrorenes',
    'pharma-2-8.source':
      'Vorschlag dieses Projekts: Warnungen ein halbes Grad innerhalb des Etiketts, und wenn aus 5 °C in den zulässigen 30 Minuten 8 °C würden',
  },
  fr: {
    'who-fridge': 'Réfrigérateur à vaccins (OMS)',
    'who-shipping-1': 'Indicateur de transport de type 1 (DTC, HepB, VPI, vaccins liquides)',
    'who-shipping-2': 'Indicateur de transport de type 2 (VPO, BCG, rougeole, vaccins lyophilisés)',
    'cdc-fridge': 'Réfrigérateur à vaccins (CDC)',
    'cdc-freezer': 'Congélateur à vaccins (CDC)',
    'usp-crt': 'Température ambiante contrôlée, {range}',
    'usp-cct': 'Température froide contrôlée, {range}',
    'usp-zone-ivb': 'Zone climatique IVb, {range}',
    'usp-cool': 'Frais, {range}',
    'usp-freezer': 'Congélateur, {range}',
    'pharma-2-8': 'Médicaments réfrigérés, {range}',
    'who-fridge.source': 'OMS EMS, conditions de référence HEAT et FRZE',
    'usp-crt.source':
      'USP <1079.2> : excursions 15–30 °C, 40 °C au plus ; MKT sur 30 jours de 25 °C au plus',
    'usp-cct.source':
      'USP <1079.2> : excursions 2–15 °C pendant 24 h au plus ; MKT sur 24 h de 8 °C au plus',
    'usp-zone-ivb.source':
      'USP <1079.2>, ligne de la révision de 2025 ; MKT sur 30 jours de 30 °C au plus',
    'usp-cool.source': 'USP <659> ; excursions selon les données de stabilité, sans MKT',
    'usp-freezer.source':
      'USP <659> ; excursions selon les données de stabilité, MKT exclue pour les produits congelés',
    'pharma-2-8.source':
      'proposition de ce projet : avertissements un demi-degré en deçà de l’étiquette, et quand 5 °C deviendraient 8 °C dans les 30 minutes permises',
  },
  es: {
    'who-fridge': 'Frigorífico de vacunas (OMS)',
    'who-shipping-1': 'Indicador de transporte tipo 1 (DTP, HepB, VPI, vacunas líquidas)',
    'who-shipping-2': 'Indicador de transporte tipo 2 (VPO, BCG, sarampión, vacunas liofilizadas)',
    'cdc-fridge': 'Frigorífico de vacunas (CDC)',
    'cdc-freezer': 'Congelador de vacunas (CDC)',
    'usp-crt': 'Temperatura ambiente controlada, {range}',
    'usp-cct': 'Temperatura fría controlada, {range}',
    'usp-zone-ivb': 'Zona climática IVb, {range}',
    'usp-cool': 'Fresco, {range}',
    'usp-freezer': 'Congelador, {range}',
    'pharma-2-8': 'Medicamentos refrigerados, {range}',
    'who-fridge.source': 'OMS EMS, condiciones de referencia HEAT y FRZE',
    'usp-crt.source':
      'USP <1079.2>: excursiones 15–30 °C, 40 °C como máximo; MKT en 30 días de 25 °C como máximo',
    'usp-cct.source':
      'USP <1079.2>: excursiones 2–15 °C durante 24 h como máximo; MKT en 24 h de 8 °C como máximo',
    'usp-zone-ivb.source':
      'USP <1079.2>, fila de la revisión de 2025; MKT en 30 días de 30 °C como máximo',
    'usp-cool.source': 'USP <659>; excursiones según datos de estabilidad, sin MKT',
    'usp-freezer.source':
      'USP <659>; excursiones según datos de estabilidad, la MKT no vale para congelados',
    'pharma-2-8.source':
      'propuesta de este proyecto: avisos medio grado dentro de la etiqueta, y cuando 5 °C pasarían a 8 °C en los 30 minutos permitidos',
  },
})

const write = writerOf(ruleSetWords)
type Title = 'usp-crt'

/** `range`: as the reader writes it. A set of a newer server keeps its own title. */
export const titleOfRuleSet = (name: string, title: string, range: string): string =>
  Object.hasOwn(ruleSetWords.en, name) ? write(name as Title, { range }) : title

/** What is the title of a document stays as it is. */
export const sourceOfRuleSet = (name: string, source: string): string =>
  Object.hasOwn(ruleSetWords.en, `${name}.source`)
    ? write(`${name}.source` as 'usp-cool.source')
    : source

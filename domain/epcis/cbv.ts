// The words of the Core Business Vocabulary (GS1 CBV 2.0 §7) and the measurement types of the GS1
// Web Vocabulary, and their four spellings: bare word, CURIE, web URI, CBV 1 URN. Refuses words
// that the vocabulary does not have; terms of other vocabularies, as absolute URIs, stay as they
// are, and so do those of the Web Vocabulary that are not listed here.
import { isAbsoluteUri } from '../gs1/gs1.ts'

export interface Vocabulary {
  words: ReadonlySet<string>
  /** What stands before the word in a web URI and, where CBV 1 had one, in a URN. */
  namespaces: readonly string[]
}

const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/))
const cbv = (web: string, urn?: string): readonly string[] => [
  `https://ref.gs1.org/cbv/${web}-`,
  `https://ns.gs1.org/cbv/${web}-`,
  ...(urn ? [`urn:epcglobal:cbv:${urn}:`] : []),
]
const webVoc = ['https://gs1.org/voc/', 'https://www.gs1.org/voc/', 'https://ref.gs1.org/voc/']

export const bizStep: Vocabulary = {
  namespaces: cbv('BizStep', 'bizstep'),
  words: words(`
    accepting arriving assembling collecting commissioning consigning creating_class_instance
    cycle_counting decommissioning departing destroying disassembling dispensing encoding
    entering_exiting holding inspecting installing killing loading other packing picking
    receiving removing repackaging repairing replacing reserving retail_selling sampling
    sensor_reporting shipping staging_outbound stock_taking stocking storing transporting
    unloading unpacking void_shipping
  `),
}

export const disposition: Vocabulary = {
  namespaces: cbv('Disp', 'disp'),
  words: words(`
    active available completeness_inferred completeness_verified conformant container_closed
    container_open damaged destroyed dispensed disposed encoded expired in_progress in_transit
    inactive mismatch_class mismatch_instance mismatch_quantity needs_replacement
    no_pedigree_match non_conformant non_sellable_other partially_dispensed recalled reserved
    retail_sold returned sellable_accessible sellable_not_accessible stolen unavailable unknown
  `),
}

export const bizTransactionType: Vocabulary = {
  namespaces: cbv('BTT', 'btt'),
  words: words('bol cert desadv inv pedigree po poc prodorder recadv rma testprd testres upevt'),
}

export const sourceOrDestinationType: Vocabulary = {
  namespaces: cbv('SDT', 'sdt'),
  words: words('owning_party possessing_party location'),
}

export const errorReason: Vocabulary = {
  namespaces: cbv('ER', 'er'),
  words: words('did_not_occur incorrect_data'),
}

export const component: Vocabulary = {
  namespaces: cbv('Comp'),
  words: words(`
    x y z axial_distance azimuth height spherical_radius polar_angle elevation_angle easting
    northing latitude longitude altitude
  `),
}

export const alertType: Vocabulary = {
  namespaces: webVoc,
  words: words('ALARM_CONDITION ERROR_CONDITION'),
}

/** EffectiveDose and EffectiveDoseRate came after the schema of May 2023. */
export const measurementType: Vocabulary = {
  namespaces: webVoc,
  words: words(`
    AbsoluteHumidity AbsorbedDose AbsorbedDoseRate Acceleration Altitude AmountOfSubstance
    AmountOfSubstancePerUnitVolume Angle AngularAcceleration AngularMomentum AngularVelocity
    Area Capacitance Conductance Conductivity Count Density Dimensionless DoseEquivalent
    DoseEquivalentRate DynamicViscosity EffectiveDose EffectiveDoseRate ElectricCharge
    ElectricCurrent ElectricCurrentDensity ElectricFieldStrength Energy Exposure Force Frequency
    Illuminance Inductance Irradiance KinematicViscosity Length LinearMomentum Luminance
    LuminousFlux LuminousIntensity MagneticFlux MagneticFluxDensity MagneticVectorPotential Mass
    MassConcentration MassFlowRate MassPerAreaTime MemoryCapacity MolalityOfSolute MolarEnergy
    MolarMass MolarVolume Power Pressure RadiantFlux RadiantIntensity Radioactivity
    RelativeHumidity Resistance Resistivity SolidAngle SpecificVolume Speed SurfaceDensity
    SurfaceTension Temperature Time Torque Voltage Volume VolumeFlowRate VolumeFraction
    VolumetricFlux Wavenumber
  `),
}

const cbvVocabularies = [
  bizStep,
  disposition,
  bizTransactionType,
  sourceOrDestinationType,
  errorReason,
  component,
]

/** Prefixes of the EPCIS 2.0 context, in force without being declared. */
export const standardPrefixes: ReadonlyMap<string, string> = new Map([
  ['epcis', 'https://ref.gs1.org/epcis/'],
  ['cbv', 'https://ref.gs1.org/cbv/'],
  ['cbvmda', 'urn:epcglobal:cbv:mda:'],
  ['gs1', 'https://gs1.org/voc/'],
  ['rdfs', 'http://www.w3.org/2000/01/rdf-schema#'],
  ['owl', 'http://www.w3.org/2002/07/owl#'],
  ['xsd', 'http://www.w3.org/2001/XMLSchema#'],
  ['dcterms', 'http://purl.org/dc/terms/'],
])

/** `prefix:name` with the prefix replaced by what it stands for; other texts as they are. */
export function expandCurie(text: string, prefixes: ReadonlyMap<string, string>): string {
  const colon = text.indexOf(':')
  const namespace = colon > 0 ? prefixes.get(text.slice(0, colon)) : undefined
  return namespace === undefined ? text : namespace + text.slice(colon + 1)
}

/** The bare word of the vocabulary, the foreign term as it is, or undefined for what is neither. */
export function parseTerm(
  vocabulary: Vocabulary,
  text: string,
  prefixes: ReadonlyMap<string, string>,
): string | undefined {
  if (vocabulary.words.has(text)) return text
  if (!text.includes(':')) return
  const full = expandCurie(text, prefixes).replace(
    /^http:\/\/(?=([a-z]+\.)?gs1\.org\/)/,
    'https://',
  )
  const namespace = vocabulary.namespaces.find((start) => full.startsWith(start))
  if (namespace) {
    const word = full.slice(namespace.length)
    if (vocabulary.words.has(word)) return word
    // The Web Vocabulary grows by the year, and old lists wrote Molar_concentration or
    // MT-Temperature: a term of it that is not known here is a term all the same.
    return vocabulary.namespaces === webVoc ? text : undefined
  }
  // A word of another CBV list, or of none: CBV 2.0 §7 keeps its namespaces to itself.
  if (full.startsWith('urn:epcglobal:cbv:')) return
  if (cbvVocabularies.some((v) => v.namespaces.some((start) => full.startsWith(start)))) return
  return isAbsoluteUri(text) ? text : undefined
}

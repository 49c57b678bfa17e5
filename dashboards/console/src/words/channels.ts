// Names of channels, and of what is found about loggers and equipment.
import { catalogue, writerOf } from '../words.ts'

const channelWords = catalogue({
  en: {
    ...{ temperature: 'temperature', humidity: 'humidity', light: 'light', shock: 'shock' },
    ...{ door: 'door', battery: 'battery', pressure: 'pressure', lat: 'latitude' },
    ...{ lon: 'longitude', accuracy: 'position accuracy', open: 'open', closed: 'closed' },
    ...{ holes: 'holes', stuck: 'stuck', spikes: 'spikes', jump: 'jump', drift: 'drift' },
    ...{ duty: 'cooling runs too long', mains: 'power cuts', holdover: 'holdover too short' },
    ...{ clock: 'clock', calibration: 'calibration', ambient: 'ambient temperature' },
    ...{ compressor: 'compressor', doorOpen: 'door-open time' },
    ...{ monitorBattery: 'monitor battery', loggerBattery: 'logger battery' },
    connection: 'connection',
  },
  de: {
    ...{ temperature: 'Temperatur', humidity: 'Feuchte', light: 'Licht', shock: 'Stoß' },
    ...{ door: 'Tür', battery: 'Batterie', pressure: 'Druck', lat: 'Breite' },
    ...{ lon: 'Länge', accuracy: 'Genauigkeit der Position', open: 'offen', closed: 'zu' },
    ...{ holes: 'Lücken', stuck: 'hängt', spikes: 'Ausreißer', jump: 'Sprung', drift: 'Drift' },
    ...{ duty: 'Kühlung läuft zu lange', mains: 'Stromausfälle', holdover: 'Kälte hält zu kurz' },
    ...{ clock: 'Uhr', calibration: 'Kalibrierung', ambient: 'Umgebungstemperatur' },
    ...{ compressor: 'Kompressor', doorOpen: 'Zeit mit offener Tür' },
    ...{ monitorBattery: 'Batterie des Monitors', loggerBattery: 'Batterie des Loggers' },
    connection: 'Verbindung',
  },
  fr: {
    ...{ temperature: 'température', humidity: 'humidité', light: 'lumière', shock: 'choc' },
    ...{ door: 'porte', battery: 'batterie', pressure: 'pression', lat: 'latitude' },
    ...{ lon: 'longitude', accuracy: 'précision de la position', open: 'ouverte' },
    ...{ closed: 'fermée', holes: 'lacunes', stuck: 'figé', spikes: 'pointes', jump: 'saut' },
    ...{ drift: 'dérive', duty: 'le froid tourne trop longtemps', mains: 'coupures de courant' },
    ...{ holdover: 'froid gardé trop peu', clock: 'horloge', calibration: 'étalonnage' },
    ...{ ambient: 'température ambiante', compressor: 'compresseur' },
    ...{ doorOpen: 'temps porte ouverte', monitorBattery: 'batterie du moniteur' },
    ...{ loggerBattery: 'batterie de l’enregistreur' },
    connection: 'connexion',
  },
  es: {
    ...{ temperature: 'temperatura', humidity: 'humedad', light: 'luz', shock: 'golpe' },
    ...{ door: 'puerta', battery: 'batería', pressure: 'presión', lat: 'latitud' },
    ...{ lon: 'longitud', accuracy: 'precisión de la posición', open: 'abierta' },
    ...{ closed: 'cerrada', holes: 'huecos', stuck: 'atascado', spikes: 'picos', jump: 'salto' },
    ...{ drift: 'deriva', duty: 'el frío funciona demasiado', mains: 'cortes de corriente' },
    ...{ holdover: 'el frío dura poco', clock: 'reloj', calibration: 'calibración' },
    ...{ ambient: 'temperatura ambiente', compressor: 'compresor' },
    ...{ doorOpen: 'tiempo con la puerta abierta', monitorBattery: 'batería del monitor' },
    ...{ loggerBattery: 'batería del registrador' },
    connection: 'conexión',
  },
})

export const write = writerOf(channelWords)

/** What was found, by its kind; a kind of a newer server keeps its own name. */
export function nameOfFinding(kind: string): string {
  return kind in channelWords.en ? write(kind as keyof (typeof channelWords)['en']) : kind
}

// Messages of maps.
import { catalogue, writerOf } from '../words.ts'

export const map = catalogue({
  en: {
    map: 'map',
    'map.keys': '{name}: arrow keys move the map, + and − zoom in and out, 0 shows everything',
    'map.closer': 'Zoom in',
    'map.wider': 'Zoom out',
    'map.fit': 'Show everything',
    'map.cluster': {
      one: '{count} marker, {bad} with alerts',
      other: '{count} markers, {bad} with alerts',
    },
  },
  de: {
    map: 'Karte',
    'map.keys':
      '{name}: Pfeiltasten bewegen die Karte, + und − gehen näher und weiter, 0 zeigt alles',
    'map.closer': 'Näher',
    'map.wider': 'Weiter',
    'map.fit': 'Alles zeigen',
    'map.cluster': {
      one: '{count} Ding, {bad} mit Alarmen',
      other: '{count} Dinge, {bad} mit Alarmen',
    },
  },
  fr: {
    map: 'carte',
    'map.keys':
      '{name} : les flèches déplacent la carte, + et − rapprochent et éloignent, 0 montre tout',
    'map.closer': 'Plus près',
    'map.wider': 'Plus loin',
    'map.fit': 'Tout montrer',
    'map.cluster': {
      one: '{count} objet, {bad} avec alertes',
      other: '{count} objets, {bad} avec alertes',
    },
  },
  es: {
    map: 'mapa',
    'map.keys': '{name}: las flechas mueven el mapa, + y − acercan y alejan, 0 lo muestra todo',
    'map.closer': 'Más cerca',
    'map.wider': 'Más lejos',
    'map.fit': 'Mostrar todo',
    'map.cluster': {
      one: '{count} objeto, {bad} con alertas',
      other: '{count} objetos, {bad} con alertas',
    },
  },
})

export const writeMap = writerOf(map)

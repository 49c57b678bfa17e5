// Messages of the notice that an alert was raised: what, where, how bad.
import { catalogue, writerOf } from '../words.ts'

const alertNews = catalogue({
  en: {
    one: 'New alert, {severity}: {what}',
    many: {
      one: '{count} new alert, worst {severity}: {what}',
      other: '{count} new alerts, worst {severity}: {what}',
    },
    serials: { one: '{count} serial', other: '{count} serials' },
    at: 'at {place}',
  },
  de: {
    one: 'Neuer Alarm, {severity}: {what}',
    many: {
      one: '{count} neuer Alarm, der schlimmste {severity}: {what}',
      other: '{count} neue Alarme, der schlimmste {severity}: {what}',
    },
    serials: { one: '{count} Seriennummer', other: '{count} Seriennummern' },
    at: 'bei {place}',
  },
  fr: {
    one: 'Nouvelle alerte, {severity} : {what}',
    many: {
      one: '{count} nouvelle alerte, la pire {severity} : {what}',
      other: '{count} nouvelles alertes, la pire {severity} : {what}',
    },
    serials: { one: '{count} numéro de série', other: '{count} numéros de série' },
    at: 'à {place}',
  },
  es: {
    one: 'Nueva alerta, {severity}: {what}',
    many: {
      one: '{count} nueva alerta, la peor {severity}: {what}',
      other: '{count} nuevas alertas, la peor {severity}: {what}',
    },
    serials: { one: '{count} número de serie', other: '{count} números de serie' },
    at: 'en {place}',
  },
})

export const write = writerOf(alertNews)

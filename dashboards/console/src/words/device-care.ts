// Messages of what is done for loggers: new tokens, calibrations.
import { catalogue, writerOf } from '../words.ts'

export const deviceCare = catalogue({
  en: {
    'token.text':
      'Its connection ends once. With an overlap it comes back with the old token, and both are good until it has learned the new one.',
    'token.overlap': 'The old token',
    'token.0': 'is dead at once',
    'token.24': 'stays good for a day',
    'token.168': 'stays good for a week',
    'token.720': 'stays good for 30 days',
    'token.former': 'Old token good until',
  },
  de: {
    'token.text':
      'Seine Verbindung endet einmal. Mit einer Übergangszeit meldet er sich mit dem alten Token wieder an, und beide gelten, bis er das neue kennt.',
    'token.overlap': 'Das alte Token',
    'token.0': 'gilt sofort nicht mehr',
    'token.24': 'gilt noch einen Tag',
    'token.168': 'gilt noch eine Woche',
    'token.720': 'gilt noch 30 Tage',
    'token.former': 'Altes Token gilt bis',
  },
  fr: {
    'token.text':
      'Sa connexion est coupée une fois. Avec une période de transition, il revient avec l’ancien jeton, et les deux sont valables le temps qu’il apprenne le nouveau.',
    'token.overlap': 'L’ancien jeton',
    'token.0': 'n’est plus valable dès maintenant',
    'token.24': 'reste valable un jour',
    'token.168': 'reste valable une semaine',
    'token.720': 'reste valable 30 jours',
    'token.former': 'Ancien jeton valable jusqu’au',
  },
  es: {
    'token.text':
      'Su conexión se corta una vez. Con un período de transición vuelve con el token anterior, y ambos valen hasta que aprenda el nuevo.',
    'token.overlap': 'El token anterior',
    'token.0': 'deja de valer ahora mismo',
    'token.24': 'vale un día más',
    'token.168': 'vale una semana más',
    'token.720': 'vale 30 días más',
    'token.former': 'Token anterior válido hasta',
  },
})

export const write = writerOf(deviceCare)

// Messages of proposals that things have changed for: in lists, declined, proposed again.
import { catalogue, writerOf } from '../words.ts'

const stale = catalogue({
  en: {
    state: 'can no longer be signed',
    decline: 'Decline',
    'decline.title': 'Decline this proposal',
    again: 'Propose again',
    recommended: 'Passport recommendations have changed since you looked: {changes}.',
  },
  de: {
    state: 'kann nicht mehr unterschrieben werden',
    decline: 'Ablehnen',
    'decline.title': 'Diesen Vorschlag ablehnen',
    again: 'Neu vorschlagen',
    recommended: 'Seit Sie hinsahen, empfehlen die Pässe anderes: {changes}.',
  },
  fr: {
    state: 'ne peut plus être signée',
    decline: 'Refuser',
    'decline.title': 'Refuser cette proposition',
    again: 'Proposer de nouveau',
    recommended: 'Depuis que vous regardez, les passeports recommandent autre chose : {changes}.',
  },
  es: {
    state: 'ya no se puede firmar',
    decline: 'Rechazar',
    'decline.title': 'Rechazar esta propuesta',
    again: 'Proponer de nuevo',
    recommended: 'Desde que lo miró, los pasaportes recomiendan otra cosa: {changes}.',
  },
})

export const writeStale = writerOf(stale)

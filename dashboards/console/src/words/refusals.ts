// What a person does about a refusal, by its code (docs/refusals.md), where the code says more than
// the status. What exactly was wrong the server says.
import { catalogue, writerOf } from '../words.ts'

const refusalWords = catalogue({
  en: {
    'quality/stale': 'The alert or recall changed meanwhile: look at it again, then decide.',
    'quality/decided': 'Others have decided on some of these units: look at their decisions first.',
    'quality/units': 'Correct the parts: each unit in one part only, and only units in question.',
    'quality/step': 'Its state does not allow this step: read it again.',
    'request/signature': 'Give your own password or token once more.',
    'request/too-large': 'Ask for less at once, or cut it into several.',
  },
  de: {
    'quality/stale':
      'Alarm oder Rückruf hat sich inzwischen geändert: neu ansehen, dann entscheiden.',
    'quality/decided':
      'Andere haben über einige dieser Einheiten entschieden: zuerst deren Entscheidungen ansehen.',
    'quality/units':
      'Die Teile berichtigen: jede Einheit in nur einem Teil, und nur fragliche Einheiten.',
    'quality/step': 'Der Zustand erlaubt diesen Schritt nicht: neu lesen.',
    'request/signature': 'Das eigene Passwort oder Token noch einmal angeben.',
    'request/too-large': 'Weniger auf einmal verlangen, oder in mehrere teilen.',
  },
  fr: {
    'quality/stale': 'L’alerte ou le rappel a changé entre-temps : le revoir, puis décider.',
    'quality/decided':
      'D’autres ont décidé de certaines de ces unités : voir d’abord leurs décisions.',
    'quality/units':
      'Corriger les parties : chaque unité dans une seule, et seulement celles en question.',
    'quality/step': 'Son état ne permet pas cette étape : le relire.',
    'request/signature': 'Donner à nouveau votre propre mot de passe ou jeton.',
    'request/too-large': 'Demander moins à la fois, ou partager.',
  },
  es: {
    'quality/stale': 'La alerta o retirada cambió entretanto: véala de nuevo y luego decida.',
    'quality/decided':
      'Otros ya decidieron sobre algunas de estas unidades: vea antes sus decisiones.',
    'quality/units': 'Corrija las partes: cada unidad en una sola, y solo unidades en cuestión.',
    'quality/step': 'Su estado no permite este paso: léalo de nuevo.',
    'request/signature': 'Dé de nuevo su propia contraseña o token.',
    'request/too-large': 'Pida menos de una vez, o divídalo.',
  },
})

const write = writerOf(refusalWords)

/** Undefined: the status says as much. */
export function remedyOfCode(codes: readonly string[]): string | undefined {
  const known = codes.find((code): code is keyof (typeof refusalWords)['en'] =>
    Object.hasOwn(refusalWords.en, code),
  )
  return known === undefined ? undefined : write(known)
}

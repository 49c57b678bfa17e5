// What happened and what a person does about it, by the code of a refusal (docs/refusals.md), or by
// the status. What exactly was wrong the server says, in English.
import { catalogue, writerOf } from '../words.ts'

const refusalWords = catalogue({
  en: {
    'quality/stale': 'The alert or recall changed meanwhile: review it, then decide.',
    'quality/decided': 'Some of these units already have a decision: review it first.',
    'quality/recommended': 'Passports now recommend something else: review the units, then decide.',
    'quality/units': 'Correct the parts: each unit in one part only, and only units in question.',
    'quality/step': 'Its state does not allow this step: refresh it.',
    'request/signature': 'Enter your own password or token again.',
    'request/too-large': 'Ask for less at once, or split it.',
  },
  de: {
    'quality/stale':
      'Alarm oder Rückruf hat sich inzwischen geändert: neu ansehen, dann entscheiden.',
    'quality/decided':
      'Andere haben über einige dieser Einheiten entschieden: zuerst deren Entscheidungen ansehen.',
    'quality/recommended':
      'Die Pässe empfehlen inzwischen anderes: die Einheiten neu ansehen, dann entscheiden.',
    'quality/units':
      'Die Teile berichtigen: jede Einheit in nur einem Teil, und nur fragliche Einheiten.',
    'quality/step': 'Der Zustand erlaubt diesen Schritt nicht: neu lesen.',
    'request/signature': 'Das eigene Passwort oder Token noch einmal angeben.',
    'request/too-large': 'Weniger auf einmal verlangen, oder in mehrere teilen.',
  },
  fr: {
    'quality/stale':
      'L’alerte ou le rappel a changé entre-temps : l’examiner de nouveau, puis décider.',
    'quality/decided':
      'D’autres ont décidé de certaines de ces unités : voir d’abord leurs décisions.',
    'quality/recommended':
      'Les passeports recommandent autre chose désormais : revoir les unités, puis décider.',
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
    'quality/recommended':
      'Los pasaportes recomiendan ahora otra cosa: vea de nuevo las unidades y luego decida.',
    'quality/units': 'Corrija las partes: cada unidad en una sola, y solo unidades en cuestión.',
    'quality/step': 'Su estado no permite este paso: léalo de nuevo.',
    'request/signature': 'Dé de nuevo su propia contraseña o token.',
    'request/too-large': 'Pida menos de una vez, o divídalo.',
  },
})

/** What happened, by code, by family of codes, or by HTTP status. */
const happenings = catalogue({
  en: {
    '400': 'The request could not be understood.',
    '401': 'These credentials are not valid.',
    '403': 'Your roles do not allow this.',
    '404': 'This does not exist here.',
    '409': 'It conflicts with the current state.',
    '413': 'Too much at once.',
    '422': 'Part of the request is not valid.',
    '429': 'Too many requests in a short time.',
    '503': 'Part of the server is unavailable.',
    '500': 'Something went wrong on the server.',
    gs1: 'This is not a valid GS1 key.',
    epcis: 'The event does not conform to the standard.',
    profile: 'The profile is contradictory or incomplete.',
    unit: 'The serial number does not allow this.',
    pool: 'The pool of serial numbers does not allow this.',
    'device/unknown': 'No logger has this ID.',
    'device/duplicate': 'A logger already has this ID.',
    'device/retired': 'The logger is out of service.',
    file: 'The file has a column or value that cannot be read.',
    import: 'The file cannot be read as a logger file.',
    packet: 'The packet cannot be read.',
    reading: 'A reading holds an impossible value.',
    'reading/alias-only': 'No birth of its edge node has yet said what the alias stands for.',
    senml: 'The packet is not valid SenML.',
    'request/signature': 'The signature was not accepted.',
    'request/conflict': 'It conflicts with the current state.',
    'quality/step': 'This step is not possible now.',
  },
  de: {
    '400': 'Die Anfrage ist nicht zu verstehen.',
    '401': 'Damit ist niemand angemeldet.',
    '403': 'Ihre Rollen erlauben es nicht.',
    '404': 'Das gibt es hier nicht.',
    '409': 'Es passt nicht zu dem, was inzwischen da ist.',
    '413': 'Das ist zu viel auf einmal.',
    '422': 'Etwas darin kann nicht sein.',
    '429': 'In kurzer Zeit wurde zu viel verlangt.',
    '503': 'Ein Teil des Servers ist gerade nicht verfügbar.',
    '500': 'Im Server ging etwas schief.',
    gs1: 'So ist kein GS1-Schlüssel geschrieben.',
    epcis: 'Das Ereignis entspricht nicht dem Standard.',
    profile: 'Das Profil widerspricht sich, oder ihm fehlt etwas.',
    unit: 'Die Seriennummer lässt das nicht zu.',
    pool: 'Der Vorrat an Seriennummern lässt das nicht zu.',
    'device/unknown': 'Kein Logger hat diese Kennung.',
    'device/duplicate': 'Ein Logger hat diese Kennung schon.',
    'device/retired': 'Der Logger ist außer Dienst.',
    file: 'Eine Spalte oder ein Wert der Datei ist nicht zu lesen.',
    import: 'Die Datei ist nicht als die eines Loggers zu lesen.',
    packet: 'Das Paket ist nicht zu lesen.',
    reading: 'Ein Messwert kann nicht sein, was er sagt.',
    'reading/alias-only': 'Wofür der Alias steht, hatte noch kein BIRTH des Edge Node gesagt.',
    senml: 'Das Paket entspricht nicht SenML.',
    'request/signature': 'Die Unterschrift wurde nicht angenommen.',
    'request/conflict': 'Es passt nicht zu dem, was inzwischen da ist.',
    'quality/step': 'Dieser Schritt ist jetzt nicht möglich.',
  },
  fr: {
    '400': 'La demande n’est pas comprise.',
    '401': 'Personne n’est connecté avec cela.',
    '403': 'Vos rôles ne le permettent pas.',
    '404': 'Cela n’existe pas ici.',
    '409': 'Cela ne correspond pas à ce qui existe désormais.',
    '413': 'C’est trop à la fois.',
    '422': 'Quelque chose ne peut pas être ainsi.',
    '429': 'Trop de demandes en peu de temps.',
    '503': 'Une partie du serveur n’est pas disponible.',
    '500': 'Quelque chose a échoué dans le serveur.',
    gs1: 'Une clé GS1 ne s’écrit pas ainsi.',
    epcis: 'L’événement ne suit pas la norme.',
    profile: 'Le profil se contredit, ou il lui manque quelque chose.',
    unit: 'Le numéro de série ne le permet pas.',
    pool: 'La réserve de numéros de série ne le permet pas.',
    'device/unknown': 'Aucun enregistreur n’a cet identifiant.',
    'device/duplicate': 'Un enregistreur a déjà cet identifiant.',
    'device/retired': 'L’enregistreur est hors service.',
    file: 'Une colonne ou une valeur du fichier est illisible.',
    import: 'Ce fichier ne se lit pas comme celui d’un enregistreur.',
    packet: 'Le paquet est illisible.',
    reading: 'Une mesure ne peut pas être ce qu’elle dit.',
    'reading/alias-only': 'Aucun BIRTH du nœud edge n’avait encore dit ce que désigne l’alias.',
    senml: 'Le paquet ne suit pas SenML.',
    'request/signature': 'La signature n’a pas été acceptée.',
    'request/conflict': 'Cela ne correspond pas à ce qui existe désormais.',
    'quality/step': 'Cette étape n’est pas possible maintenant.',
  },
  es: {
    '400': 'La petición no se entiende.',
    '401': 'Nadie ha iniciado sesión con esto.',
    '403': 'Sus roles no lo permiten.',
    '404': 'Aquí no existe.',
    '409': 'No encaja con lo que hay ahora.',
    '413': 'Es demasiado de una vez.',
    '422': 'Algo en ello no puede ser.',
    '429': 'Se pidió demasiado en poco tiempo.',
    '503': 'Una parte del servidor no está disponible.',
    '500': 'Algo falló en el servidor.',
    gs1: 'Una clave GS1 no se escribe así.',
    epcis: 'El evento no sigue el estándar.',
    profile: 'El perfil se contradice o le falta algo.',
    unit: 'El número de serie no lo permite.',
    pool: 'La reserva de números de serie no lo permite.',
    'device/unknown': 'Ningún registrador tiene este identificador.',
    'device/duplicate': 'Un registrador ya tiene este identificador.',
    'device/retired': 'El registrador está fuera de servicio.',
    file: 'Una columna o un valor del archivo no se puede leer.',
    import: 'El archivo no se lee como el de un registrador.',
    packet: 'El paquete no se puede leer.',
    reading: 'Una lectura no puede ser lo que dice.',
    'reading/alias-only': 'Ningún BIRTH del nodo edge había dicho aún qué designa el alias.',
    senml: 'El paquete no sigue SenML.',
    'request/signature': 'La firma no fue aceptada.',
    'request/conflict': 'No encaja con lo que hay ahora.',
    'quality/step': 'Este paso no es posible ahora.',
  },
})

const write = writerOf(refusalWords)
const writeHappening = writerOf(happenings)

/** Undefined: the status says as much. */
export function remedyOfCode(codes: readonly string[]): string | undefined {
  const known = codes.find((code): code is keyof (typeof refusalWords)['en'] =>
    Object.hasOwn(refusalWords.en, code),
  )
  return known === undefined ? undefined : write(known)
}

/** A whole sentence; undefined when neither codes nor status are known. */
export function happeningOf(codes: readonly string[], status: number): string | undefined {
  const families = codes.map((code) => code.slice(0, code.indexOf('/')))
  const names = [...codes, ...families, String(status), status >= 500 ? '500' : '']
  const known = names.find((name): name is keyof (typeof happenings)['en'] =>
    Object.hasOwn(happenings.en, name),
  )
  return known === undefined ? undefined : writeHappening(known)
}

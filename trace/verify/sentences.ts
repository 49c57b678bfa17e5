// The sentences of the consumer's page in four languages: how a unit stands, how it was kept, and
// what is wrong with the question. A closed set, so that answers say nothing else. Decides nothing.
import type { ConsumerState, Seen, Storage } from './words.ts'

export const consumerLanguages = ['en', 'de', 'fr', 'es'] as const
export type ConsumerLanguage = (typeof consumerLanguages)[number]

/** What is so, what that means, and what to do. */
export interface Sentences {
  title: string
  text: string
  advice: string
}

export interface ConsumerWords {
  /** The language itself, as its speakers call it. */
  name: string
  states: Readonly<Record<ConsumerState, Sentences>>
  unreadable: Sentences
  /** A code of a product, a lot, a shipment: of many packages. */
  general: Sentences
  slowed: Sentences
  /** We are at fault. */
  away: Sentences
  /** Before how whoever answers for the product is reached. */
  contact: string
  /** Of the buttons that choose one. */
  language: string
  temperature: string
  storage: Readonly<Record<Storage, string>>
  scannedBefore: string
  seen: Readonly<Record<Seen, string>>
}

const say = (title: string, text: string, advice: string): Sentences => ({ title, text, advice })

const en: ConsumerWords = {
  name: 'English',
  states: {
    unknown: say(
      'This code is not known',
      'We have no record of a product with this code.',
      'Check the code for typing errors. If it is right, do not use the product and ask the seller.',
    ),
    recalled: say(
      'This product is recalled',
      'The maker has called this product back.',
      'Do not use it. Return it to where you got it, or ask there what to do.',
    ),
    withdrawn: say(
      'This product should not be on sale',
      'The product with this code was taken off the market.',
      'Do not use it. Ask the seller, and keep the package.',
    ),
    expired: say(
      'This product is out of date',
      'Its expiry date has passed.',
      'Do not use it. Ask where you got it how to dispose of it.',
    ),
    mismatch: say(
      'The label does not match our records',
      'The code is known, but the lot or the expiry date on the label are not those of the maker.',
      'Do not use the product. Ask the seller, and keep the package.',
    ),
    suspicious: say(
      'This code may have been copied',
      'The code is known, but what happened with it does not fit one single package.',
      'Do not use the product before somebody has checked it. Ask the seller.',
    ),
    'out-of-limits': say(
      'This product was not kept as it should be',
      'The code is known, but the temperature was outside the limits of the product.',
      'Do not use it before a professional has told you that you can.',
    ),
    'seen-before': say(
      'Known product, scanned before',
      'The code is known. Somebody has scanned it before.',
      'If that was you, all is well. If the package was sealed and you have not scanned it before, ask the seller.',
    ),
    genuine: say(
      'Known product',
      'The code is known, and nothing speaks against it.',
      'Check that the package is closed and undamaged.',
    ),
  },
  unreadable: say(
    'This code cannot be read',
    'It is not the code of a single product, or it has a typing error.',
    'Scan the square code on the package, or type it again.',
  ),
  general: say(
    'This code is not of a single package',
    'It names a product, a lot or a shipment. Nothing can be said about one package by it.',
    'Look on the package for the square code beside the serial number (SN), and scan that one.',
  ),
  slowed: say(
    'Too many questions',
    'More codes were asked about from here than one person scans.',
    'Wait a few minutes, then scan again.',
  ),
  away: say(
    'No answer just now',
    'The record of products cannot be reached. This says nothing about the product.',
    'Scan again in a few minutes.',
  ),
  contact: 'Questions about this product:',
  language: 'Language',
  temperature: 'Temperature',
  storage: {
    kept: 'Kept within its limits',
    'not-kept': 'Not kept within its limits',
    'not-known': 'Not known',
  },
  scannedBefore: 'Scanned before',
  seen: { first: 'No', before: 'Yes', often: 'Very often' },
}

const de: ConsumerWords = {
  name: 'Deutsch',
  states: {
    unknown: say(
      'Dieser Code ist nicht bekannt',
      'Wir haben keinen Eintrag zu einem Produkt mit diesem Code.',
      'Den Code auf Tippfehler prüfen. Stimmt er, das Produkt nicht verwenden und beim Verkäufer nachfragen.',
    ),
    recalled: say(
      'Dieses Produkt ist zurückgerufen',
      'Der Hersteller hat dieses Produkt zurückgerufen.',
      'Nicht verwenden. Dorthin zurückbringen, wo es herkommt, oder dort fragen, was zu tun ist.',
    ),
    withdrawn: say(
      'Dieses Produkt sollte nicht im Verkauf sein',
      'Das Produkt mit diesem Code wurde vom Markt genommen.',
      'Nicht verwenden. Beim Verkäufer nachfragen und die Packung aufheben.',
    ),
    expired: say(
      'Dieses Produkt ist abgelaufen',
      'Sein Verfallsdatum ist vorbei.',
      'Nicht verwenden. Dort, wo es herkommt, fragen, wie es zu entsorgen ist.',
    ),
    mismatch: say(
      'Das Etikett passt nicht zu unseren Einträgen',
      'Der Code ist bekannt, doch Charge oder Verfallsdatum auf dem Etikett sind nicht die des Herstellers.',
      'Das Produkt nicht verwenden. Beim Verkäufer nachfragen und die Packung aufheben.',
    ),
    suspicious: say(
      'Dieser Code könnte kopiert sein',
      'Der Code ist bekannt, doch was mit ihm geschah, passt nicht zu einer einzigen Packung.',
      'Das Produkt nicht verwenden, ehe es jemand geprüft hat. Beim Verkäufer nachfragen.',
    ),
    'out-of-limits': say(
      'Dieses Produkt wurde nicht gelagert, wie es sollte',
      'Der Code ist bekannt, doch die Temperatur lag außerhalb der Grenzen des Produkts.',
      'Nicht verwenden, ehe eine Fachperson es erlaubt hat.',
    ),
    'seen-before': say(
      'Bekanntes Produkt, schon gescannt',
      'Der Code ist bekannt. Jemand hat ihn schon gescannt.',
      'Waren Sie es selbst, ist alles gut. War die Packung versiegelt und Sie haben sie noch nicht gescannt, fragen Sie den Verkäufer.',
    ),
    genuine: say(
      'Bekanntes Produkt',
      'Der Code ist bekannt, und nichts spricht dagegen.',
      'Prüfen, ob die Packung geschlossen und unbeschädigt ist.',
    ),
  },
  unreadable: say(
    'Dieser Code ist nicht lesbar',
    'Es ist nicht der Code eines einzelnen Produkts, oder er hat einen Tippfehler.',
    'Den quadratischen Code auf der Packung scannen, oder ihn neu eingeben.',
  ),
  general: say(
    'Dieser Code steht nicht für eine einzelne Packung',
    'Er nennt ein Produkt, eine Charge oder eine Sendung. Über eine einzelne Packung sagt er nichts.',
    'Auf der Packung den quadratischen Code neben der Seriennummer (SN) suchen und diesen scannen.',
  ),
  slowed: say(
    'Zu viele Fragen',
    'Von hier wurde nach mehr Codes gefragt, als ein Mensch scannt.',
    'Einige Minuten warten, dann erneut scannen.',
  ),
  away: say(
    'Gerade keine Antwort',
    'Die Produktdaten sind nicht erreichbar. Über das Produkt sagt das nichts.',
    'In einigen Minuten erneut scannen.',
  ),
  contact: 'Fragen zu diesem Produkt:',
  language: 'Sprache',
  temperature: 'Temperatur',
  storage: {
    kept: 'Innerhalb der Grenzen gelagert',
    'not-kept': 'Nicht innerhalb der Grenzen gelagert',
    'not-known': 'Nicht bekannt',
  },
  scannedBefore: 'Schon gescannt',
  seen: { first: 'Nein', before: 'Ja', often: 'Sehr oft' },
}

const fr: ConsumerWords = {
  name: 'Français',
  states: {
    unknown: say(
      'Ce code n’est pas connu',
      'Nous n’avons aucune trace d’un produit portant ce code.',
      'Vérifiez qu’il n’y a pas de faute de frappe. Si le code est juste, n’utilisez pas le produit et demandez au vendeur.',
    ),
    recalled: say(
      'Ce produit est rappelé',
      'Le fabricant a rappelé ce produit.',
      'Ne l’utilisez pas. Rapportez-le où vous l’avez eu, ou demandez-y que faire.',
    ),
    withdrawn: say(
      'Ce produit ne devrait pas être en vente',
      'Le produit portant ce code a été retiré du marché.',
      'Ne l’utilisez pas. Demandez au vendeur et gardez l’emballage.',
    ),
    expired: say(
      'Ce produit est périmé',
      'Sa date de péremption est passée.',
      'Ne l’utilisez pas. Demandez où vous l’avez eu comment l’éliminer.',
    ),
    mismatch: say(
      'L’étiquette ne correspond pas à nos données',
      'Le code est connu, mais le lot ou la date sur l’étiquette ne sont pas ceux du fabricant.',
      'N’utilisez pas le produit. Demandez au vendeur et gardez l’emballage.',
    ),
    suspicious: say(
      'Ce code a peut-être été copié',
      'Le code est connu, mais son histoire ne peut être celle d’un seul emballage.',
      'N’utilisez pas le produit avant que quelqu’un l’ait vérifié. Demandez au vendeur.',
    ),
    'out-of-limits': say(
      'Ce produit n’a pas été conservé comme il faut',
      'Le code est connu, mais la température est sortie des limites du produit.',
      'Ne l’utilisez pas avant l’accord d’un professionnel.',
    ),
    'seen-before': say(
      'Produit connu, déjà scanné',
      'Le code est connu. Quelqu’un l’a déjà scanné.',
      'Si c’était vous, tout va bien. Si l’emballage était scellé et que vous ne l’aviez pas scanné, demandez au vendeur.',
    ),
    genuine: say(
      'Produit connu',
      'Le code est connu et rien ne s’y oppose.',
      'Vérifiez que l’emballage est fermé et intact.',
    ),
  },
  unreadable: say(
    'Ce code est illisible',
    'Ce n’est pas le code d’un seul produit, ou il contient une faute de frappe.',
    'Scannez le code carré sur l’emballage, ou saisissez-le à nouveau.',
  ),
  general: say(
    'Ce code n’est pas celui d’un seul emballage',
    'Il désigne un produit, un lot ou une expédition, et ne dit rien d’un emballage en particulier.',
    'Cherchez sur l’emballage le code carré à côté du numéro de série (SN), et scannez celui-là.',
  ),
  slowed: say(
    'Trop de questions',
    'On a demandé d’ici plus de codes qu’une personne n’en scanne.',
    'Attendez quelques minutes, puis scannez à nouveau.',
  ),
  away: say(
    'Pas de réponse pour le moment',
    'Les données des produits sont inaccessibles. Cela ne dit rien du produit.',
    'Scannez à nouveau dans quelques minutes.',
  ),
  contact: 'Questions sur ce produit :',
  language: 'Langue',
  temperature: 'Température',
  storage: {
    kept: 'Conservé dans ses limites',
    'not-kept': 'Non conservé dans ses limites',
    'not-known': 'Non connu',
  },
  scannedBefore: 'Déjà scanné',
  seen: { first: 'Non', before: 'Oui', often: 'Très souvent' },
}

const es: ConsumerWords = {
  name: 'Español',
  states: {
    unknown: say(
      'Este código no es conocido',
      'No tenemos ningún registro de un producto con este código.',
      'Compruebe que no haya errores al escribirlo. Si es correcto, no use el producto y pregunte al vendedor.',
    ),
    recalled: say(
      'Este producto está retirado',
      'El fabricante ha retirado este producto.',
      'No lo use. Devuélvalo donde lo obtuvo, o pregunte allí qué hacer.',
    ),
    withdrawn: say(
      'Este producto no debería estar a la venta',
      'El producto con este código fue apartado del mercado.',
      'No lo use. Pregunte al vendedor y guarde el envase.',
    ),
    expired: say(
      'Este producto está caducado',
      'Su fecha de caducidad ha pasado.',
      'No lo use. Pregunte donde lo obtuvo cómo desecharlo.',
    ),
    mismatch: say(
      'La etiqueta no coincide con nuestros registros',
      'El código es conocido, pero el lote o la fecha de la etiqueta no son los del fabricante.',
      'No use el producto. Pregunte al vendedor y guarde el envase.',
    ),
    suspicious: say(
      'Este código puede haber sido copiado',
      'El código es conocido, pero lo ocurrido con él no corresponde a un solo envase.',
      'No use el producto hasta que alguien lo haya comprobado. Pregunte al vendedor.',
    ),
    'out-of-limits': say(
      'Este producto no se conservó como debía',
      'El código es conocido, pero la temperatura salió de los límites del producto.',
      'No lo use hasta que un profesional le diga que puede.',
    ),
    'seen-before': say(
      'Producto conocido, ya escaneado',
      'El código es conocido. Alguien lo ha escaneado antes.',
      'Si fue usted, todo está bien. Si el envase estaba sellado y usted no lo había escaneado, pregunte al vendedor.',
    ),
    genuine: say(
      'Producto conocido',
      'El código es conocido y nada habla en su contra.',
      'Compruebe que el envase esté cerrado y sin daños.',
    ),
  },
  unreadable: say(
    'Este código no se puede leer',
    'No es el código de un solo producto, o tiene un error al escribirlo.',
    'Escanee el código cuadrado del envase, o escríbalo de nuevo.',
  ),
  general: say(
    'Este código no es de un solo envase',
    'Nombra un producto, un lote o un envío, y no dice nada de un envase en particular.',
    'Busque en el envase el código cuadrado junto al número de serie (SN) y escanee ese.',
  ),
  slowed: say(
    'Demasiadas preguntas',
    'Desde aquí se preguntó por más códigos de los que escanea una persona.',
    'Espere unos minutos y escanee de nuevo.',
  ),
  away: say(
    'Sin respuesta por ahora',
    'No se puede acceder a los datos de los productos. Esto no dice nada del producto.',
    'Escanee de nuevo en unos minutos.',
  ),
  contact: 'Preguntas sobre este producto:',
  language: 'Idioma',
  temperature: 'Temperatura',
  storage: {
    kept: 'Conservado dentro de sus límites',
    'not-kept': 'No conservado dentro de sus límites',
    'not-known': 'No conocido',
  },
  scannedBefore: 'Escaneado antes',
  seen: { first: 'No', before: 'Sí', often: 'Muy a menudo' },
}

export const consumerWords: Readonly<Record<ConsumerLanguage, ConsumerWords>> = { en, de, fr, es }

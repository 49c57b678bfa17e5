// The sentences of the consumer's page in four languages: how a unit stands, how it was kept, and
// what is wrong with the question. A closed set, so that answers say nothing else. Decides nothing.
import { typesetAll } from '../../domain/typography.ts'
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
      'Check the code for typing errors. If it is correct, do not use the product, and ask where you got it.',
    ),
    recalled: say(
      'This product is recalled',
      'The manufacturer has recalled this product.',
      'Do not use it. Return it to where you got it. If you have already used it, ask a doctor or pharmacist.',
    ),
    withdrawn: say(
      'This product should not be on sale',
      'The product with this code was taken off the market.',
      'Do not use it. Keep the package, and ask where you got it.',
    ),
    expired: say(
      'This product is out of date',
      'Its expiry date has passed.',
      'Do not use it. Ask a pharmacist or the seller how to dispose of it.',
    ),
    mismatch: say(
      'The label does not match our records',
      'The code is known, but the lot or expiry date on the label differs from that of the manufacturer.',
      'Do not use the product. Keep the package, and ask where you got it. If you have already used it, ask a doctor or pharmacist.',
    ),
    suspicious: say(
      'This code may have been copied',
      'The code is known, but its records do not fit a single package.',
      'Do not use the product until somebody has checked it. Keep the package, and ask where you got it.',
    ),
    'out-of-limits': say(
      'This product was not stored correctly',
      'The code is known, but the product was too warm or too cold for some time.',
      'Do not use it until a pharmacist or the manufacturer says that you can. If you have already used it, ask a doctor or pharmacist.',
    ),
    'seen-before': say(
      'Known product, scanned before',
      'The code is known. It has been scanned before.',
      'If that was you, all is well. If the package was sealed and you have not scanned it yet, ask where you got it.',
    ),
    genuine: say(
      'Known product',
      'The code is known, and there is no warning about it.',
      'Check that the package is closed and undamaged.',
    ),
  },
  unreadable: say(
    'This code cannot be read',
    'It is not the code of a single package, or it has a typing error.',
    'Scan the square code on the package, or type it again.',
  ),
  general: say(
    'This code does not identify a single package',
    'It stands for a product, a lot or a shipment, and says nothing about one package.',
    'Look on the package for the square code next to the serial number (SN), and scan that one.',
  ),
  slowed: say(
    'Too many requests',
    'More codes were checked from here than one person would scan.',
    'Wait a few minutes, then scan again.',
  ),
  away: say(
    'No answer at the moment',
    'Our records cannot be reached. This says nothing about the product.',
    'Scan again in a few minutes.',
  ),
  contact: 'Questions about this product:',
  language: 'Language',
  temperature: 'Temperature',
  storage: {
    kept: 'Stored within its limits',
    'not-kept': 'Not stored within its limits',
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
      'Prüfen Sie den Code auf Tippfehler. Stimmt er, verwenden Sie das Produkt nicht und fragen Sie dort nach, wo Sie es bekommen haben.',
    ),
    recalled: say(
      'Dieses Produkt ist zurückgerufen',
      'Der Hersteller hat dieses Produkt zurückgerufen.',
      'Verwenden Sie es nicht. Bringen Sie es dorthin zurück, wo Sie es bekommen haben. Haben Sie es schon verwendet, fragen Sie in einer Arztpraxis oder Apotheke nach.',
    ),
    withdrawn: say(
      'Dieses Produkt sollte nicht im Verkauf sein',
      'Das Produkt mit diesem Code wurde vom Markt genommen.',
      'Verwenden Sie es nicht. Heben Sie die Packung auf und fragen Sie dort nach, wo Sie es bekommen haben.',
    ),
    expired: say(
      'Dieses Produkt ist abgelaufen',
      'Sein Verfallsdatum ist überschritten.',
      'Verwenden Sie es nicht. Fragen Sie in der Apotheke oder beim Verkäufer, wie es zu entsorgen ist.',
    ),
    mismatch: say(
      'Das Etikett passt nicht zu unseren Einträgen',
      'Der Code ist bekannt, doch Charge oder Verfallsdatum auf dem Etikett stimmen nicht mit den Angaben des Herstellers überein.',
      'Verwenden Sie das Produkt nicht. Heben Sie die Packung auf und fragen Sie dort nach, wo Sie es bekommen haben. Haben Sie es schon verwendet, fragen Sie in einer Arztpraxis oder Apotheke nach.',
    ),
    suspicious: say(
      'Dieser Code könnte kopiert sein',
      'Der Code ist bekannt, doch was mit ihm geschah, passt nicht zu einer einzigen Packung.',
      'Verwenden Sie das Produkt nicht, bevor es jemand geprüft hat. Heben Sie die Packung auf und fragen Sie dort nach, wo Sie es bekommen haben.',
    ),
    'out-of-limits': say(
      'Dieses Produkt wurde nicht richtig gelagert',
      'Der Code ist bekannt, doch das Produkt war zeitweise zu warm oder zu kalt.',
      'Verwenden Sie es erst, wenn eine Apotheke oder der Hersteller es freigegeben hat. Haben Sie es schon verwendet, fragen Sie in einer Arztpraxis oder Apotheke nach.',
    ),
    'seen-before': say(
      'Bekanntes Produkt, schon gescannt',
      'Der Code ist bekannt. Er wurde schon einmal gescannt.',
      'Waren Sie das selbst, ist alles gut. War die Packung versiegelt und Sie haben sie noch nicht gescannt, fragen Sie dort nach, wo Sie sie bekommen haben.',
    ),
    genuine: say(
      'Bekanntes Produkt',
      'Der Code ist bekannt, und es liegt keine Warnung vor.',
      'Prüfen Sie, ob die Packung geschlossen und unbeschädigt ist.',
    ),
  },
  unreadable: say(
    'Dieser Code ist nicht lesbar',
    'Er gehört nicht zu einer einzelnen Packung oder enthält einen Tippfehler.',
    'Scannen Sie den quadratischen Code auf der Packung oder geben Sie ihn noch einmal ein.',
  ),
  general: say(
    'Dieser Code steht nicht für eine einzelne Packung',
    'Er steht für ein Produkt, eine Charge oder eine Sendung. Über eine einzelne Packung sagt er nichts.',
    'Suchen Sie auf der Packung den quadratischen Code neben der Seriennummer (SN) und scannen Sie diesen.',
  ),
  slowed: say(
    'Zu viele Anfragen',
    'Von hier wurden mehr Codes abgefragt, als ein Mensch scannt.',
    'Warten Sie einige Minuten und scannen Sie dann noch einmal.',
  ),
  away: say(
    'Gerade keine Antwort',
    'Unsere Daten sind im Moment nicht erreichbar. Über das Produkt sagt das nichts.',
    'Scannen Sie in einigen Minuten noch einmal.',
  ),
  contact: 'Fragen zu diesem Produkt:',
  language: 'Sprache',
  temperature: 'Temperatur',
  storage: {
    kept: 'Innerhalb der Grenzen gelagert',
    'not-kept': 'Außerhalb der Grenzen gelagert',
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
      'Vérifiez que le code ne contient pas de faute de frappe. S’il est correct, n’utilisez pas le produit et renseignez-vous là où vous l’avez obtenu.',
    ),
    recalled: say(
      'Ce produit fait l’objet d’un rappel',
      'Le fabricant a rappelé ce produit.',
      'Ne l’utilisez pas. Rapportez-le là où vous l’avez obtenu. Si vous l’avez déjà utilisé, demandez conseil à un médecin ou à un pharmacien.',
    ),
    withdrawn: say(
      'Ce produit ne devrait pas être en vente',
      'Le produit portant ce code a été retiré du marché.',
      'Ne l’utilisez pas. Gardez l’emballage et renseignez-vous là où vous l’avez obtenu.',
    ),
    expired: say(
      'Ce produit est périmé',
      'Sa date de péremption est dépassée.',
      'Ne l’utilisez pas. Demandez à un pharmacien ou au vendeur comment l’éliminer.',
    ),
    mismatch: say(
      'L’étiquette ne correspond pas à nos données',
      'Le code est connu, mais le lot ou la date de péremption figurant sur l’étiquette n’est pas celui du fabricant.',
      'N’utilisez pas le produit. Gardez l’emballage et renseignez-vous là où vous l’avez obtenu. Si vous l’avez déjà utilisé, demandez conseil à un médecin ou à un pharmacien.',
    ),
    suspicious: say(
      'Ce code a peut-être été copié',
      'Le code est connu, mais son historique ne peut pas être celui d’un seul emballage.',
      'N’utilisez pas le produit tant qu’il n’a pas été vérifié. Gardez l’emballage et renseignez-vous là où vous l’avez obtenu.',
    ),
    'out-of-limits': say(
      'Ce produit n’a pas été conservé correctement',
      'Le code est connu, mais le produit a été trop chaud ou trop froid pendant un certain temps.',
      'Ne l’utilisez pas sans l’accord d’un pharmacien ou du fabricant. Si vous l’avez déjà utilisé, demandez conseil à un médecin ou à un pharmacien.',
    ),
    'seen-before': say(
      'Produit connu, déjà scanné',
      'Le code est connu. Il a déjà été scanné.',
      'Si c’était vous, tout va bien. Si l’emballage était scellé et que vous ne l’aviez pas encore scanné, renseignez-vous là où vous l’avez obtenu.',
    ),
    genuine: say(
      'Produit connu',
      'Le code est connu et aucun avertissement ne le concerne.',
      'Vérifiez que l’emballage est fermé et intact.',
    ),
  },
  unreadable: say(
    'Ce code est illisible',
    'Ce n’est pas le code d’un emballage individuel, ou il contient une faute de frappe.',
    'Scannez le code carré sur l’emballage, ou saisissez-le à nouveau.',
  ),
  general: say(
    'Ce code n’est pas celui d’un seul emballage',
    'Il désigne un produit, un lot ou une expédition, et ne dit rien d’un emballage en particulier.',
    'Cherchez sur l’emballage le code carré à côté du numéro de série (SN) et scannez-le.',
  ),
  slowed: say(
    'Trop de demandes',
    'D’ici, plus de codes ont été demandés qu’une personne n’en scanne.',
    'Attendez quelques minutes, puis scannez à nouveau.',
  ),
  away: say(
    'Pas de réponse pour le moment',
    'Nos données ne sont pas accessibles. Cela ne dit rien du produit.',
    'Scannez à nouveau dans quelques minutes.',
  ),
  contact: 'Questions sur ce produit :',
  language: 'Langue',
  temperature: 'Température',
  storage: {
    kept: 'Dans les limites prévues',
    'not-kept': 'Hors des limites prévues',
    'not-known': 'Inconnue',
  },
  scannedBefore: 'Déjà scanné',
  seen: { first: 'Non', before: 'Oui', often: 'Très souvent' },
}

const es: ConsumerWords = {
  name: 'Español',
  states: {
    unknown: say(
      'No conocemos este código',
      'No tenemos ningún registro de un producto con este código.',
      'Compruebe que no haya errores en el código. Si es correcto, no use el producto y pregunte donde lo obtuvo.',
    ),
    recalled: say(
      'Este producto está retirado por el fabricante',
      'El fabricante ha ordenado retirar este producto.',
      'No lo use. Devuélvalo donde lo obtuvo. Si ya lo ha usado, consulte a un médico o farmacéutico.',
    ),
    withdrawn: say(
      'Este producto no debería estar a la venta',
      'El producto con este código se retiró del mercado.',
      'No lo use. Guarde el envase y pregunte donde lo obtuvo.',
    ),
    expired: say(
      'Este producto está caducado',
      'Su fecha de caducidad ya ha pasado.',
      'No lo use. Pregunte en la farmacia o al vendedor cómo desecharlo.',
    ),
    mismatch: say(
      'La etiqueta no coincide con nuestros registros',
      'Conocemos este código, pero el lote o la fecha de caducidad de la etiqueta no son los del fabricante.',
      'No use el producto. Guarde el envase y pregunte donde lo obtuvo. Si ya lo ha usado, consulte a un médico o farmacéutico.',
    ),
    suspicious: say(
      'Este código podría ser una copia',
      'Conocemos este código, pero su historial no puede ser el de un solo envase.',
      'No use el producto hasta que alguien lo haya comprobado. Guarde el envase y pregunte donde lo obtuvo.',
    ),
    'out-of-limits': say(
      'Este producto no se conservó como debía',
      'Conocemos este código, pero el producto estuvo un tiempo demasiado caliente o demasiado frío.',
      'No lo use sin el visto bueno de un farmacéutico o del fabricante. Si ya lo ha usado, consulte a un médico o farmacéutico.',
    ),
    'seen-before': say(
      'Producto conocido, ya escaneado',
      'Conocemos este código. Ya se ha escaneado antes.',
      'Si fue usted, todo está bien. Si el envase estaba precintado y usted aún no lo había escaneado, pregunte donde lo obtuvo.',
    ),
    genuine: say(
      'Producto conocido',
      'Conocemos este código y no hay ninguna advertencia sobre él.',
      'Compruebe que el envase esté cerrado y sin daños.',
    ),
  },
  unreadable: say(
    'Este código no se puede leer',
    'No es el código de un envase individual, o contiene un error.',
    'Escanee el código cuadrado del envase o escríbalo de nuevo.',
  ),
  general: say(
    'Este código no es de un solo envase',
    'Corresponde a un producto, un lote o un envío, y no dice nada de un envase en particular.',
    'Busque en el envase el código cuadrado junto al número de serie (SN) y escanee ese.',
  ),
  slowed: say(
    'Demasiadas consultas',
    'Desde aquí se han consultado más códigos de los que escanea una persona.',
    'Espere unos minutos y escanee de nuevo.',
  ),
  away: say(
    'Sin respuesta por ahora',
    'En este momento no podemos acceder a nuestros datos. Esto no dice nada del producto.',
    'Escanee de nuevo en unos minutos.',
  ),
  contact: 'Preguntas sobre este producto:',
  language: 'Idioma',
  temperature: 'Temperatura',
  storage: {
    kept: 'Dentro de los límites previstos',
    'not-kept': 'Fuera de los límites previstos',
    'not-known': 'Desconocida',
  },
  scannedBefore: 'Escaneado antes',
  seen: { first: 'No', before: 'Sí', often: 'Muchas veces' },
}

export const consumerWords: Readonly<Record<ConsumerLanguage, ConsumerWords>> = {
  ...{ en, de, es },
  fr: typesetAll(fr, 'fr'),
}

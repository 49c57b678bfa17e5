// What the sender of refused readings does about it, by the code of the refusal, in the languages
// of the console. Says nothing of what was wrong: the refusal's own detail does.
import type { RefusalCode } from './refusal.ts'
import { typeset } from './typography.ts'

export type RemedyLanguage = keyof typeof remedies

/** Null for codes that no packet of readings gets. */
export function remedyOf(code: RefusalCode, language: RemedyLanguage): string | null {
  const known: Partial<Record<RefusalCode, string>> = remedies[language]
  const remedy = known[code]
  return remedy === undefined ? null : typeset(remedy, language)
}

/** Typed by the English ones: a code that is missing in a language does not compile. */
const en = {
  'packet/topic-forbidden': 'Publish below the logger’s own topic, as its page shows it.',
  'packet/topic-unknown': 'Publish to v1/{tenant}/{logger}/readings, …/senml or …/status.',
  'packet/encoding': 'Send UTF-8, plain or as one whole gzip stream.',
  'packet/json': 'Write JSON (RFC 8259): look at the marked place for a comma or quote.',
  'packet/cbor': 'Send one CBOR array of maps (RFC 8428 §6), of definite, sensible size.',
  'packet/sparkplug': 'Send one Sparkplug B payload in protobuf, not compressed.',
  'packet/too-large': 'Send smaller packets: a few hours of readings each.',
  'packet/too-many-readings': 'Send several packets, or the whole as a file.',
  'device/unknown': 'Register the logger first, with the very id of the topic.',
  'device/retired': 'Put it back into service on its page, or stop whoever publishes for it.',
  'reading/shape': 'Send an object with "time" and channels, or an array of such.',
  'reading/time-missing': 'Give each reading the "time" at which it was measured.',
  'reading/time-invalid': 'Write RFC 3339 with Z or an offset, or epoch milliseconds.',
  'reading/time-before-2000':
    'Set the clock of the logger; are these seconds and not milliseconds?',
  'reading/time-in-future': 'Set the clock of the logger, and look at its time zone.',
  'reading/value-invalid': 'Send a number without quotes; leave the channel out if it has none.',
  'reading/out-of-physics': 'Look at the unit and at the cable: this cannot be measured.',
  'reading/channel-unknown': 'Correct the name, or declare the channel with the logger.',
  'reading/unit-unknown': 'Use a unit of the channel: C, F or K for temperatures.',
  'reading/empty': 'Send at least one channel with each time.',
  'reading/alias-only':
    'Nothing to do while the edge node hears commands: it is asked for its births. Then take this packet in once more.',
  'senml/shape': 'Send an array of SenML records (RFC 8428 §4).',
  'senml/version': 'Use version 10, the same in all records, or leave it out.',
  'senml/name': 'Use letters, digits and - : . / _ in names, beginning with a letter or digit.',
  'senml/value': 'Give each record exactly one of v, vs, vb, vd or s.',
  'senml/time': 'Send seconds since 1970 as a number; below 2^28 they count from now.',
  'senml/label-unknown': 'Leave labels out that end in an underscore.',
} as const satisfies Partial<Record<RefusalCode, string>>

type Remedies = Readonly<Record<keyof typeof en, string>>

const de: Remedies = {
  'packet/topic-forbidden':
    'Nur unter dem eigenen Topic des Loggers senden: Es steht auf seiner Seite.',
  'packet/topic-unknown': 'An v1/{Mandant}/{Logger}/readings, …/senml oder …/status senden.',
  'packet/encoding': 'UTF-8 senden, unkomprimiert oder als einen vollständigen gzip-Strom.',
  'packet/json':
    'Gültiges JSON senden (RFC 8259): An der markierten Stelle fehlt oft ein Komma oder Anführungszeichen.',
  'packet/cbor': 'Ein CBOR-Array von Maps senden (RFC 8428 §6), mit fester, vernünftiger Länge.',
  'packet/sparkplug': 'Ein Sparkplug-B-Paket in Protobuf senden, nicht komprimiert.',
  'packet/too-large': 'Kleinere Pakete senden: je einige Stunden Messwerte.',
  'packet/too-many-readings': 'Auf mehrere Pakete verteilen oder alles als Datei hochladen.',
  'device/unknown': 'Den Logger zuerst registrieren, mit genau der Kennung aus dem Topic.',
  'device/retired':
    'Auf seiner Seite wieder in Dienst nehmen, oder abstellen, was noch für ihn sendet.',
  'reading/shape': 'Ein Objekt mit "time" und Kanälen senden, oder ein Array davon.',
  'reading/time-missing': 'Jedem Messwert "time" mitgeben: wann gemessen wurde.',
  'reading/time-invalid':
    'RFC 3339 mit Z oder Zeitversatz schreiben, oder Millisekunden seit 1970.',
  'reading/time-before-2000': 'Die Uhr des Loggers stellen; sind es Sekunden statt Millisekunden?',
  'reading/time-in-future': 'Die Uhr des Loggers stellen und seine Zeitzone prüfen.',
  'reading/value-invalid': 'Eine Zahl ohne Anführungszeichen senden, oder den Kanal weglassen.',
  'reading/out-of-physics': 'Einheit und Kabel prüfen: Das kann nicht gemessen worden sein.',
  'reading/channel-unknown': 'Den Namen berichtigen oder den Kanal beim Logger angeben.',
  'reading/unit-unknown': 'Eine Einheit des Kanals verwenden: C, F oder K für Temperaturen.',
  'reading/empty': 'Zu jedem Zeitpunkt mindestens einen Kanal senden.',
  'reading/alias-only':
    'Nichts zu tun, solange der Edge Node Kommandos empfängt: Er wird um seine BIRTH-Nachrichten gebeten. Danach dieses Paket noch einmal einlesen.',
  'senml/shape': 'Ein Array von SenML-Records senden (RFC 8428 §4).',
  'senml/version': 'In allen Records Version 10 verwenden oder sie weglassen.',
  'senml/name':
    'In Namen nur Buchstaben, Ziffern und - : . / _ verwenden, am Anfang Buchstabe oder Ziffer.',
  'senml/value': 'Jedem Record genau eines von v, vs, vb, vd oder s geben.',
  'senml/time': 'Sekunden seit 1970 als Zahl senden; unter 2^28 zählen sie ab jetzt.',
  'senml/label-unknown': 'Felder weglassen, die auf einen Unterstrich enden.',
}

const fr: Remedies = {
  'packet/topic-forbidden': 'Publier sous le topic propre à l’enregistreur, indiqué sur sa page.',
  'packet/topic-unknown': 'Publier sur v1/{client}/{enregistreur}/readings, …/senml ou …/status.',
  'packet/encoding': 'Envoyer de l’UTF-8, non compressé ou en un seul flux gzip complet.',
  'packet/json':
    'Envoyer du JSON valide (RFC 8259) : il manque souvent une virgule ou un guillemet à l’endroit marqué.',
  'packet/cbor': 'Envoyer un tableau CBOR de maps (RFC 8428 §6), de taille définie et raisonnable.',
  'packet/sparkplug': 'Envoyer un paquet Sparkplug B en protobuf, non compressé.',
  'packet/too-large': 'Envoyer des paquets plus petits : quelques heures de mesures chacun.',
  'packet/too-many-readings': 'Répartir sur plusieurs paquets, ou envoyer le tout dans un fichier.',
  'device/unknown': 'Déclarer d’abord l’enregistreur, avec l’identifiant exact du topic.',
  'device/retired': 'Le remettre en service sur sa page, ou arrêter ce qui publie pour lui.',
  'reading/shape': 'Envoyer un objet avec "time" et des canaux, ou un tableau de tels objets.',
  'reading/time-missing': 'Donner à chaque mesure son "time" : l’instant où elle a été prise.',
  'reading/time-invalid':
    'Écrire selon RFC 3339, avec Z ou un décalage, ou en millisecondes depuis 1970.',
  'reading/time-before-2000':
    'Régler l’horloge de l’enregistreur ; serait-ce des secondes au lieu de millisecondes ?',
  'reading/time-in-future': 'Régler l’horloge de l’enregistreur et vérifier son fuseau horaire.',
  'reading/value-invalid':
    'Envoyer un nombre sans guillemets, ou omettre le canal s’il n’a pas de valeur.',
  'reading/out-of-physics':
    'Vérifier l’unité et le câble : une telle valeur ne peut pas avoir été mesurée.',
  'reading/channel-unknown': 'Corriger le nom, ou déclarer le canal pour l’enregistreur.',
  'reading/unit-unknown': 'Utiliser une unité du canal : C, F ou K pour les températures.',
  'reading/empty': 'Envoyer au moins un canal pour chaque instant.',
  'reading/alias-only':
    'Rien à faire tant que le nœud edge reçoit les commandes : ses messages BIRTH lui sont redemandés. Reprendre ensuite ce paquet.',
  'senml/shape': 'Envoyer un tableau d’enregistrements SenML (RFC 8428 §4).',
  'senml/version': 'Utiliser partout la version 10, ou ne pas l’indiquer.',
  'senml/name': 'Dans les noms : lettres, chiffres et - : . / _, lettre ou chiffre au début.',
  'senml/value': 'Donner à chaque enregistrement un seul champ parmi v, vs, vb, vd et s.',
  'senml/time':
    'Envoyer un nombre de secondes depuis 1970 ; en dessous de 2^28, elles se comptent à partir de maintenant.',
  'senml/label-unknown': 'Omettre les champs dont le nom se termine par un tiret bas.',
}

const es: Remedies = {
  'packet/topic-forbidden': 'Publicar bajo el topic propio del registrador, indicado en su página.',
  'packet/topic-unknown': 'Publicar en v1/{cliente}/{registrador}/readings, …/senml o …/status.',
  'packet/encoding': 'Enviar UTF-8, sin comprimir o como un solo flujo gzip completo.',
  'packet/json':
    'Enviar JSON válido (RFC 8259): a menudo falta una coma o una comilla en el lugar marcado.',
  'packet/cbor': 'Enviar un array CBOR de mapas (RFC 8428 §6), de tamaño definido y razonable.',
  'packet/sparkplug': 'Enviar un paquete Sparkplug B en protobuf, sin comprimir.',
  'packet/too-large': 'Enviar paquetes más pequeños: unas horas de lecturas cada uno.',
  'packet/too-many-readings': 'Repartir en varios paquetes, o enviar todo como archivo.',
  'device/unknown': 'Dar de alta antes el registrador, con el identificador exacto del topic.',
  'device/retired': 'Volver a ponerlo en servicio en su página, o parar lo que publica por él.',
  'reading/shape': 'Enviar un objeto con "time" y canales, o un array de ellos.',
  'reading/time-missing': 'Dar a cada lectura su "time": el momento en que se midió.',
  'reading/time-invalid':
    'Escribir según RFC 3339, con Z o desfase horario, o en milisegundos desde 1970.',
  'reading/time-before-2000': 'Poner en hora el registrador; ¿son segundos en vez de milisegundos?',
  'reading/time-in-future': 'Poner en hora el registrador y revisar su zona horaria.',
  'reading/value-invalid': 'Enviar un número sin comillas, u omitir el canal si no tiene valor.',
  'reading/out-of-physics': 'Revisar la unidad y el cable: un valor así no puede haberse medido.',
  'reading/channel-unknown': 'Corregir el nombre, o declarar el canal en el registrador.',
  'reading/unit-unknown': 'Usar una unidad del canal: C, F o K para temperaturas.',
  'reading/empty': 'Enviar al menos un canal en cada momento.',
  'reading/alias-only':
    'Nada que hacer mientras el nodo edge reciba comandos: se le piden de nuevo sus mensajes BIRTH. Después, volver a procesar este paquete.',
  'senml/shape': 'Enviar un array de registros SenML (RFC 8428 §4).',
  'senml/version': 'Usar en todos la versión 10, u omitirla.',
  'senml/name': 'En los nombres, solo letras, cifras y - : . / _, con letra o cifra al principio.',
  'senml/value': 'Dar a cada registro un solo campo de entre v, vs, vb, vd y s.',
  'senml/time':
    'Enviar como número los segundos desde 1970; por debajo de 2^28 cuentan desde ahora.',
  'senml/label-unknown': 'Omitir los campos cuyo nombre acaba en guion bajo.',
}

const remedies = { en, de, fr, es }

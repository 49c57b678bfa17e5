// What the sender of refused readings does about it, by the code of the refusal, in the languages
// of the console. Says nothing of what was wrong: the refusal's own detail does.
import type { RefusalCode } from './refusal.ts'

export type RemedyLanguage = keyof typeof remedies

/** Null for codes that no packet of readings gets. */
export function remedyOf(code: RefusalCode, language: RemedyLanguage): string | null {
  const known: Partial<Record<RefusalCode, string>> = remedies[language]
  return known[code] ?? null
}

/** Typed by the English ones: a code that is missing in a language does not compile. */
const en = {
  'packet/topic-forbidden': 'Publish below the device’s own topic, as its page shows it.',
  'packet/topic-unknown': 'Publish to v1/{tenant}/{device}/readings, …/senml or …/status.',
  'packet/encoding': 'Send UTF-8, plain or as one whole gzip stream.',
  'packet/json': 'Write JSON (RFC 8259): look at the marked place for a comma or quote.',
  'packet/cbor': 'Send one CBOR array of maps (RFC 8428 §6), of definite, sensible size.',
  'packet/sparkplug': 'Send one Sparkplug B payload in protobuf, not compressed.',
  'packet/too-large': 'Send smaller packets: a few hours of readings each.',
  'packet/too-many-readings': 'Send several packets, or the whole as a file.',
  'device/unknown': 'Register the device first, with the very id of the topic.',
  'device/retired': 'Put it back into service on its page, or stop whoever publishes for it.',
  'reading/shape': 'Send an object with "time" and channels, or an array of such.',
  'reading/time-missing': 'Give each reading the "time" at which it was measured.',
  'reading/time-invalid': 'Write RFC 3339 with Z or an offset, or epoch milliseconds.',
  'reading/time-before-2000':
    'Set the clock of the device; are these seconds and not milliseconds?',
  'reading/time-in-future': 'Set the clock of the device, and look at its time zone.',
  'reading/value-invalid': 'Send a number without quotes; leave the channel out if it has none.',
  'reading/out-of-physics': 'Look at the unit and at the cable: this cannot be measured.',
  'reading/channel-unknown': 'Correct the name, or declare the channel with the device.',
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
  'packet/topic-forbidden': 'Unter dem eigenen Thema des Geräts senden, wie seine Seite es zeigt.',
  'packet/topic-unknown': 'An v1/{Mandant}/{Gerät}/readings, …/senml oder …/status senden.',
  'packet/encoding': 'UTF-8 senden, offen oder als einen ganzen gzip-Strom.',
  'packet/json': 'JSON schreiben (RFC 8259): an der markierten Stelle fehlt oft ein Zeichen.',
  'packet/cbor': 'Ein CBOR-Array von Maps senden (RFC 8428 §6), von begrenzter Größe.',
  'packet/sparkplug': 'Ein Sparkplug-B-Paket in Protobuf senden, nicht komprimiert.',
  'packet/too-large': 'Kleinere Pakete senden: je einige Stunden Messwerte.',
  'packet/too-many-readings': 'Mehrere Pakete senden, oder das Ganze als Datei.',
  'device/unknown': 'Das Gerät zuerst anmelden, mit genau der Kennung des Themas.',
  'device/retired':
    'Auf seiner Seite wieder in Dienst nehmen, oder abstellen, was noch für es sendet.',
  'reading/shape': 'Ein Objekt mit "time" und Kanälen senden, oder ein Array davon.',
  'reading/time-missing': 'Jedem Messwert "time" mitgeben: wann gemessen wurde.',
  'reading/time-invalid': 'RFC 3339 mit Z oder Versatz schreiben, oder Epochen-Millisekunden.',
  'reading/time-before-2000': 'Die Uhr des Geräts stellen; sind es Sekunden statt Millisekunden?',
  'reading/time-in-future': 'Die Uhr des Geräts stellen und die Zeitzone ansehen.',
  'reading/value-invalid': 'Eine Zahl ohne Anführungszeichen senden, oder den Kanal weglassen.',
  'reading/out-of-physics': 'Einheit und Kabel ansehen: das kann nicht gemessen worden sein.',
  'reading/channel-unknown': 'Den Namen berichtigen, oder den Kanal beim Gerät anmelden.',
  'reading/unit-unknown': 'Eine Einheit des Kanals verwenden: C, F oder K für Temperaturen.',
  'reading/empty': 'Zu jeder Zeit mindestens einen Kanal senden.',
  'reading/alias-only':
    'Nichts zu tun, solange der Edge Node Kommandos empfängt: Er wird um seine BIRTH-Nachrichten gebeten. Danach dieses Paket noch einmal einlesen.',
  'senml/shape': 'Ein Array von SenML-Einträgen senden (RFC 8428 §4).',
  'senml/version': 'Überall Version 10 verwenden, oder sie weglassen.',
  'senml/name': 'In Namen Buchstaben, Ziffern und - : . / _ verwenden, vorn Buchstabe oder Ziffer.',
  'senml/value': 'Jedem Eintrag genau eines von v, vs, vb, vd oder s geben.',
  'senml/time': 'Sekunden seit 1970 als Zahl senden; unter 2^28 zählen sie ab jetzt.',
  'senml/label-unknown': 'Felder weglassen, die auf einen Unterstrich enden.',
}

const fr: Remedies = {
  'packet/topic-forbidden': 'Publier sous le sujet propre de l’appareil, indiqué sur sa page.',
  'packet/topic-unknown': 'Publier sur v1/{client}/{appareil}/readings, …/senml ou …/status.',
  'packet/encoding': 'Envoyer de l’UTF-8, brut ou en un seul flux gzip entier.',
  'packet/json':
    'Écrire du JSON (RFC 8259) : souvent une virgule ou un guillemet à l’endroit marqué.',
  'packet/cbor': 'Envoyer un tableau CBOR de maps (RFC 8428 §6), de taille raisonnable.',
  'packet/sparkplug': 'Envoyer un paquet Sparkplug B en protobuf, non comprimé.',
  'packet/too-large': 'Envoyer des paquets plus petits : quelques heures de mesures chacun.',
  'packet/too-many-readings': 'Envoyer plusieurs paquets, ou le tout en fichier.',
  'device/unknown': 'Enregistrer d’abord l’appareil, avec l’identifiant exact du sujet.',
  'device/retired': 'Le remettre en service sur sa page, ou arrêter ce qui publie pour lui.',
  'reading/shape': 'Envoyer un objet avec "time" et des canaux, ou un tableau de tels objets.',
  'reading/time-missing': 'Donner à chaque mesure son "time" : quand elle a été prise.',
  'reading/time-invalid': 'Écrire RFC 3339 avec Z ou un décalage, ou des millisecondes.',
  'reading/time-before-2000': 'Régler l’horloge ; des secondes au lieu de millisecondes ?',
  'reading/time-in-future': 'Régler l’horloge de l’appareil et vérifier son fuseau horaire.',
  'reading/value-invalid': 'Envoyer un nombre sans guillemets, ou omettre le canal.',
  'reading/out-of-physics': 'Vérifier l’unité et le câble : cela ne peut pas se mesurer.',
  'reading/channel-unknown': 'Corriger le nom, ou déclarer le canal avec l’appareil.',
  'reading/unit-unknown': 'Employer une unité du canal : C, F ou K pour les températures.',
  'reading/empty': 'Envoyer au moins un canal pour chaque instant.',
  'reading/alias-only':
    'Rien à faire tant que le nœud edge reçoit les commandes : ses messages BIRTH lui sont redemandés. Reprendre ensuite ce paquet.',
  'senml/shape': 'Envoyer un tableau d’enregistrements SenML (RFC 8428 §4).',
  'senml/version': 'Employer partout la version 10, ou ne pas l’indiquer.',
  'senml/name': 'Dans les noms : lettres, chiffres et - : . / _, lettre ou chiffre au début.',
  'senml/value': 'Donner à chaque enregistrement exactement un de v, vs, vb, vd ou s.',
  'senml/time': 'Envoyer des secondes depuis 1970 ; sous 2^28 elles comptent d’ici.',
  'senml/label-unknown': 'Omettre les champs qui finissent par un tiret bas.',
}

const es: Remedies = {
  'packet/topic-forbidden': 'Publicar bajo el tema propio del dispositivo, como dice su página.',
  'packet/topic-unknown': 'Publicar en v1/{cliente}/{dispositivo}/readings, …/senml o …/status.',
  'packet/encoding': 'Enviar UTF-8, sin comprimir o como un solo flujo gzip completo.',
  'packet/json': 'Escribir JSON (RFC 8259): a menudo falta un signo en el lugar marcado.',
  'packet/cbor': 'Enviar una matriz CBOR de mapas (RFC 8428 §6), de tamaño razonable.',
  'packet/sparkplug': 'Enviar un paquete Sparkplug B en protobuf, sin comprimir.',
  'packet/too-large': 'Enviar paquetes más pequeños: unas horas de lecturas cada uno.',
  'packet/too-many-readings': 'Enviar varios paquetes, o todo como archivo.',
  'device/unknown': 'Registrar antes el dispositivo, con el identificador exacto del tema.',
  'device/retired': 'Volver a ponerlo en servicio en su página, o parar lo que publica por él.',
  'reading/shape': 'Enviar un objeto con "time" y canales, o una matriz de ellos.',
  'reading/time-missing': 'Dar a cada lectura su "time": cuándo se midió.',
  'reading/time-invalid': 'Escribir RFC 3339 con Z o desfase, o milisegundos desde 1970.',
  'reading/time-before-2000': 'Poner en hora el reloj; ¿son segundos en vez de milisegundos?',
  'reading/time-in-future': 'Poner en hora el reloj del dispositivo y revisar su zona horaria.',
  'reading/value-invalid': 'Enviar un número sin comillas, u omitir el canal.',
  'reading/out-of-physics': 'Revisar la unidad y el cable: esto no se puede medir.',
  'reading/channel-unknown': 'Corregir el nombre, o declarar el canal con el dispositivo.',
  'reading/unit-unknown': 'Usar una unidad del canal: C, F o K para temperaturas.',
  'reading/empty': 'Enviar al menos un canal con cada hora.',
  'reading/alias-only':
    'Nada que hacer mientras el nodo edge reciba comandos: se le piden de nuevo sus mensajes BIRTH. Después, volver a tomar este paquete.',
  'senml/shape': 'Enviar una matriz de registros SenML (RFC 8428 §4).',
  'senml/version': 'Usar en todos la versión 10, u omitirla.',
  'senml/name': 'En los nombres, letras, cifras y - : . / _, con letra o cifra al principio.',
  'senml/value': 'Dar a cada registro exactamente uno de v, vs, vb, vd o s.',
  'senml/time': 'Enviar segundos desde 1970 como número; bajo 2^28 cuentan desde ahora.',
  'senml/label-unknown': 'Omitir los campos que acaban en guion bajo.',
}

const remedies = { en, de, fr, es }

// The words of words.ts in German, French and Spanish.
import type { LabWords } from './words.ts'

export const labWordsDe: LabWords = {
  'nothing-came': ['Nichts kam an.', 'Den Logger senden lassen, während die Sitzung läuft.'],
  refused: ['Zurückgewiesen mit {code}: {count}. Zuerst bei „{path}“: {detail}.', null],
  'all-readable': ['Alle {readings} Werte waren lesbar.', null],
  'units-right': ['Alle Werte in bekannter Einheit und möglich: {channels}.', null],
  'interval-undeclared': [
    'Für den Logger ist kein Messabstand angegeben.',
    'Den Messabstand beim Logger angeben.',
  ],
  'interval-unknown': [
    'Zu wenige Messwerte, um einen Abstand zu erkennen.',
    'Den Messabstand angeben, oder eine längere Sitzung laufen lassen.',
  ],
  'few-steps': ['Nur {steps} Schritte ohne Störung dazwischen.', 'Länger laufen lassen.'],
  regular: ['{regular} von {steps} Schritten sind {seconds} s lang, auf 10 %.', null],
  irregular: [
    '{regular} von {steps} Schritten sind {seconds} s lang, auf 10 %.',
    'Nach einem Zeitgeber messen, nicht nach dem Senden; oder den gemeinten Abstand angeben.',
  ],
  holes: [
    'Lücken ohne Störung durch die Sitzung: {count}.',
    'Auch messen und speichern, während der Logger sendet.',
  ],
  'on-time': ['Am schnellsten kam ein Messwert {seconds} s nach der Messung.', null],
  ahead: ['Die Uhr geht {seconds} s vor.', 'Die Uhr (NTP) auf UTC stellen; die Zeitzone prüfen.'],
  behind: [
    'Die Uhr geht nach, oder Messwerte kommen bestenfalls {seconds} s zu spät.',
    'Die Uhr (NTP) auf UTC stellen und ohne langes Warten senden.',
  ],
  'each-once': ['Jeder von {entries} Messwerten kam einmal, oder mit gutem Grund erneut.', null],
  renumbered: [
    'Erneut gesendet mit neuem seq: {count}. Ein Messwert sieht aus wie zwei.',
    'seq mit dem Messwert speichern und dieselben Bytes erneut senden.',
  ],
  rewritten: [
    'Erneut gesendet mit anderem Wert zur selben Zeit: {count}.',
    'Messwerte unverändert wiederholen; einer neuen Messung ihre eigene Zeit geben.',
  ],
  needless: [
    'Erneut gesendet, obwohl bestätigt: {count}.',
    'Messwerte aus dem Puffer nehmen, sobald PUBACK oder 202 da ist.',
  ],
  'in-order': ['Die Messwerte kamen in der Folge ihrer Zeiten.', null],
  'out-of-order': [
    'Nach neueren angekommen: {late} von {entries}. Sie gelten; Alarme kommen womöglich später.',
    'Die ältesten Messwerte des Puffers zuerst senden.',
  ],
  'nothing-lost': ['Von {expected} Messwerten aus Störungen fehlt keiner.', null],
  lost: [
    'Aus Störungen fehlen: {missing} von {expected}.',
    'Ohne Verbindung weiter messen, speichern und danach senden.',
  ],
  'no-outage': ['Keine Störung war lang genug.', 'Eine Störung mehrere Abstände dauern lassen.'],
  'no-cut': ['Keine Verbindung wurde getrennt.', null],
  back: ['Nach jeder von {count} Trennungen wieder da, spätestens {seconds} s danach.', null],
  'not-back': [
    'Nicht binnen einer Minute nach einer Trennung wieder da: {count}.',
    'Sich von selbst neu verbinden, auch wenn CONNECT abgelehnt wird: manche Clients geben dann auf, wenn man es ihnen nicht anders sagt.',
  ],
  hammers: [
    'Schon nach {seconds} s erneut versucht.',
    'Vor dem nächsten Versuch mindestens eine Sekunde warten, und jedes Mal länger.',
  ],
  'no-backoff': [
    'Die Pausen zwischen Versuchen wachsen nicht.',
    'Die Pause nach jedem Fehlschlag verdoppeln, bis zu einigen Minuten.',
  ],
  'no-jitter': [
    'Dieselben Pausen nach jeder von {count} Trennungen: kein Zufall darin.',
    'Jede Pause um einen Zufallsanteil verlängern, damit nicht alle zugleich wiederkommen.',
  ],
  'new-client-id': [
    'Verschiedene Client-Kennungen: {count}. Was auf die alten wartet, ist verloren.',
    'Eine einzige Client-Kennung verwenden, etwa die des Loggers.',
  ],
  'clean-session': [
    'Verbindet sich mit leerer Sitzung: Befehle warten nicht, solange er fort ist.',
    'CleanSession 0 verwenden, wenn der Logger Befehle annimmt.',
  ],
  'qos-0': [
    'Sendet mit QoS 0: was unterwegs verloren geht, ist verloren.',
    'Mit QoS 1 senden und Messwerte bis zum PUBACK behalten.',
  ],
  'nothing-withheld': ['Keine Bestätigung wurde zurückgehalten.', null],
  resent: ['Pakete ohne Bestätigung kamen erneut: {count}.', null],
  'not-resent': [
    'Pakete ohne Bestätigung, die nie erneut kamen: {count}.',
    'Messwerte bis zum PUBACK behalten und nach dem Verbinden erneut senden.',
  ],
  'resent-without-dup': [
    'Erneut gesendet ohne DUP: {count}.',
    'Beim Wiederholen DUP setzen und die Paketnummer behalten (MQTT 3.1.1 §4.4).',
  ],
  'no-refusals-met': ['Keine Anfrage traf auf 429 oder 503.', null],
  retried: ['Nach jeder von {faults} Abweisungen gewartet; wiederholt: {readings}.', null],
  'too-early': [
    'Anfragen vor Ablauf von Retry-After: {count}, die früheste {seconds} s zu früh.',
    'Vor jeder Anfrage so viele Sekunden warten, wie Retry-After sagt.',
  ],
  'not-retried': [
    'Mit 429 oder 503 abgewiesen und nie wiederholt: {count}.',
    'Messwerte bis zur 202 behalten und nach Retry-After erneut senden.',
  ],
}

export const labWordsFr: LabWords = {
  'nothing-came': ['Rien n’est arrivé.', 'Faire émettre l’enregistreur pendant la session.'],
  refused: ['Refusé avec {code} : {count}. D’abord à « {path} » : {detail}.', null],
  'all-readable': ['Les {readings} valeurs ont pu être lues.', null],
  'units-right': ['Toutes les valeurs ont une unité connue et sont possibles : {channels}.', null],
  'interval-undeclared': [
    'Aucun intervalle de mesure n’est déclaré pour l’enregistreur.',
    'Déclarer l’intervalle de mesure avec l’enregistreur.',
  ],
  'interval-unknown': [
    'Trop peu de mesures pour reconnaître un intervalle.',
    'Déclarer l’intervalle, ou faire une session plus longue.',
  ],
  'few-steps': ['Seulement {steps} pas sans panne entre eux.', 'Faire une session plus longue.'],
  regular: ['{regular} pas sur {steps} durent {seconds} s, à 10 % près.', null],
  irregular: [
    '{regular} pas sur {steps} durent {seconds} s, à 10 % près.',
    'Mesurer sur une minuterie et non après l’envoi ; ou déclarer l’intervalle voulu.',
  ],
  holes: [
    'Trous sans panne de la session : {count}.',
    'Mesurer et garder les mesures aussi pendant l’envoi.',
  ],
  'on-time': ['Au plus vite, une mesure est arrivée {seconds} s après sa prise.', null],
  ahead: [
    'L’horloge avance de {seconds} s.',
    'Régler l’horloge (NTP) en UTC ; vérifier le fuseau.',
  ],
  behind: [
    'L’horloge retarde, ou les mesures arrivent au mieux {seconds} s plus tard.',
    'Régler l’horloge (NTP) en UTC et envoyer sans longue attente.',
  ],
  'each-once': [
    'Chacune des {entries} mesures est venue une fois, ou de nouveau pour une bonne raison.',
    null,
  ],
  renumbered: [
    'Renvoyées avec un nouveau seq : {count}. Une mesure en paraît deux.',
    'Garder seq avec la mesure et renvoyer les mêmes octets.',
  ],
  rewritten: [
    'Renvoyées avec une autre valeur pour le même instant : {count}.',
    'Renvoyer une mesure telle quelle ; donner à une nouvelle mesure son propre instant.',
  ],
  needless: [
    'Renvoyées bien qu’acquittées : {count}.',
    'Retirer les mesures du tampon dès PUBACK ou 202.',
  ],
  'in-order': ['Les mesures sont venues dans l’ordre de leurs instants.', null],
  'out-of-order': [
    'Venues après de plus récentes : {late} sur {entries}. Elles comptent ; l’alerte peut tarder.',
    'Envoyer d’abord les mesures les plus anciennes du tampon.',
  ],
  'nothing-lost': ['Des {expected} mesures dues pendant les pannes, aucune ne manque.', null],
  lost: [
    'Manquent parmi celles dues pendant les pannes : {missing} sur {expected}.',
    'Continuer à mesurer hors ligne, garder les mesures et les envoyer ensuite.',
  ],
  'no-outage': ['Aucune panne assez longue.', 'Faire durer une panne plusieurs intervalles.'],
  'no-cut': ['Aucune connexion n’a été coupée.', null],
  back: ['Revenu après chacune des {count} coupures, au plus tard {seconds} s après.', null],
  'not-back': [
    'Pas revenu dans la minute après une coupure : {count}.',
    'Se reconnecter de soi-même, aussi après un CONNECT refusé : certains clients abandonnent alors, sauf réglage contraire.',
  ],
  hammers: [
    'Nouvel essai après {seconds} s seulement.',
    'Attendre au moins une seconde avant l’essai suivant, et plus à chaque fois.',
  ],
  'no-backoff': [
    'Les attentes entre essais ne croissent pas.',
    'Doubler l’attente après chaque échec, jusqu’à quelques minutes.',
  ],
  'no-jitter': [
    'Les mêmes attentes après chacune des {count} coupures : rien d’aléatoire.',
    'Ajouter une part aléatoire à chaque attente : un parc ne doit pas revenir d’un coup.',
  ],
  'new-client-id': [
    'Identifiants de client différents : {count}. Ce qui attend les anciens est perdu.',
    'Utiliser un seul identifiant, par exemple celui de l’enregistreur.',
  ],
  'clean-session': [
    'Il se connecte en session vierge : les commandes n’attendent pas pendant son absence.',
    'Se connecter avec CleanSession 0 si l’enregistreur reçoit des commandes.',
  ],
  'qos-0': [
    'Il publie avec QoS 0 : ce qui se perd en route est perdu.',
    'Publier avec QoS 1 et garder les mesures jusqu’au PUBACK.',
  ],
  'nothing-withheld': ['Aucun acquittement n’a été retenu.', null],
  resent: ['Paquets sans acquittement revenus : {count}.', null],
  'not-resent': [
    'Paquets sans acquittement jamais revenus : {count}.',
    'Garder les mesures jusqu’au PUBACK et les renvoyer après la connexion.',
  ],
  'resent-without-dup': [
    'Revenus sans DUP : {count}.',
    'Poser DUP et garder le numéro du paquet en le renvoyant (MQTT 3.1.1 §4.4).',
  ],
  'no-refusals-met': ['Aucune requête n’a rencontré 429 ou 503.', null],
  retried: ['Il a attendu après chacun des {faults} refus ; mesures renvoyées : {readings}.', null],
  'too-early': [
    'Requêtes avant la fin de Retry-After : {count}, la première {seconds} s trop tôt.',
    'Attendre autant de secondes que le dit Retry-After avant toute requête.',
  ],
  'not-retried': [
    'Refusées avec 429 ou 503 et jamais renvoyées : {count}.',
    'Garder les mesures jusqu’au 202 et les renvoyer après Retry-After.',
  ],
}

export const labWordsEs: LabWords = {
  'nothing-came': ['No llegó nada.', 'Hacer que el registrador envíe durante la sesión.'],
  refused: ['Rechazado con {code}: {count}. Primero en «{path}»: {detail}.', null],
  'all-readable': ['Se pudieron leer los {readings} valores.', null],
  'units-right': ['Todos los valores tienen unidad conocida y son posibles: {channels}.', null],
  'interval-undeclared': [
    'El registrador no tiene intervalo de medición declarado.',
    'Declarar el intervalo de medición en el registrador.',
  ],
  'interval-unknown': [
    'Demasiado pocas lecturas para conocer un intervalo.',
    'Declarar el intervalo, o hacer una sesión más larga.',
  ],
  'few-steps': ['Solo {steps} pasos sin fallo entre ellos.', 'Hacer una sesión más larga.'],
  regular: ['{regular} de {steps} pasos duran {seconds} s, con un 10 %.', null],
  irregular: [
    '{regular} de {steps} pasos duran {seconds} s, con un 10 %.',
    'Medir con un temporizador y no tras el envío; o declarar el intervalo previsto.',
  ],
  holes: [
    'Huecos sin fallo de la sesión: {count}.',
    'Medir y guardar lecturas también mientras se envía.',
  ],
  'on-time': ['En el mejor caso una lectura llegó {seconds} s después de tomarse.', null],
  ahead: ['El reloj adelanta {seconds} s.', 'Poner el reloj (NTP) en UTC y revisar la zona.'],
  behind: [
    'El reloj atrasa, o las lecturas llegan {seconds} s tarde en el mejor caso.',
    'Poner el reloj (NTP) en UTC y enviar sin largas esperas.',
  ],
  'each-once': ['Cada una de {entries} lecturas llegó una vez, o de nuevo con buen motivo.', null],
  renumbered: [
    'Reenviadas con otro seq: {count}. Una lectura parece dos.',
    'Guardar seq con la lectura y reenviar los mismos bytes.',
  ],
  rewritten: [
    'Reenviadas con otro valor para la misma hora: {count}.',
    'Reenviar una lectura tal cual; dar a una medición nueva su propia hora.',
  ],
  needless: [
    'Reenviadas aunque confirmadas: {count}.',
    'Quitar las lecturas del búfer cuando llega PUBACK o 202.',
  ],
  'in-order': ['Las lecturas llegaron en el orden de sus horas.', null],
  'out-of-order': [
    'Llegadas tras otras más nuevas: {late} de {entries}. Valen; la alerta puede tardar.',
    'Enviar primero las lecturas más antiguas del búfer.',
  ],
  'nothing-lost': ['De {expected} lecturas debidas durante los fallos no falta ninguna.', null],
  lost: [
    'Faltan de las debidas durante los fallos: {missing} de {expected}.',
    'Seguir midiendo sin conexión, guardar las lecturas y enviarlas después.',
  ],
  'no-outage': ['Ningún fallo duró bastante.', 'Dejar que un fallo dure varios intervalos.'],
  'no-cut': ['No se cortó ninguna conexión.', null],
  back: ['Volvió tras cada uno de {count} cortes, a más tardar {seconds} s después.', null],
  'not-back': [
    'No volvió en un minuto tras un corte: {count}.',
    'Conectarse de nuevo por sí mismo, también si se rechaza CONNECT: algunos clientes se rinden entonces si no se les indica otra cosa.',
  ],
  hammers: [
    'Nuevo intento tras solo {seconds} s.',
    'Esperar al menos un segundo antes del siguiente intento, y cada vez más.',
  ],
  'no-backoff': [
    'Las esperas entre intentos no crecen.',
    'Duplicar la espera tras cada fracaso, hasta unos minutos.',
  ],
  'no-jitter': [
    'Las mismas esperas tras cada uno de {count} cortes: nada de azar.',
    'Añadir una parte aleatoria a cada espera, para que no vuelvan todos a la vez.',
  ],
  'new-client-id': [
    'Identificadores de cliente distintos: {count}. Lo que espera a los viejos se pierde.',
    'Usar un solo identificador, como el del registrador.',
  ],
  'clean-session': [
    'Se conecta con sesión limpia: las órdenes no esperan mientras está ausente.',
    'Conectarse con CleanSession 0 si el registrador recibe órdenes.',
  ],
  'qos-0': [
    'Publica con QoS 0: lo que se pierde en el camino está perdido.',
    'Publicar con QoS 1 y guardar las lecturas hasta PUBACK.',
  ],
  'nothing-withheld': ['No se retuvo ninguna confirmación.', null],
  resent: ['Paquetes sin confirmación que volvieron: {count}.', null],
  'not-resent': [
    'Paquetes sin confirmación que nunca volvieron: {count}.',
    'Guardar las lecturas hasta PUBACK y reenviarlas tras conectarse.',
  ],
  'resent-without-dup': [
    'Volvieron sin DUP: {count}.',
    'Poner DUP y conservar el número del paquete al reenviarlo (MQTT 3.1.1 §4.4).',
  ],
  'no-refusals-met': ['Ninguna petición encontró 429 o 503.', null],
  retried: ['Esperó tras cada uno de {faults} rechazos; lecturas reenviadas: {readings}.', null],
  'too-early': [
    'Peticiones antes de acabar Retry-After: {count}, la primera {seconds} s demasiado pronto.',
    'Esperar tantos segundos como diga Retry-After antes de cualquier petición.',
  ],
  'not-retried': [
    'Rechazadas con 429 o 503 y nunca reenviadas: {count}.',
    'Guardar las lecturas hasta 202 y reenviarlas después de Retry-After.',
  ],
}

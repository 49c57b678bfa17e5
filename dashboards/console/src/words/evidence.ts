// What detectors found, as sentences of the console: the figures are the server's.
import { catalogue, writerOf } from '../words.ts'

export const evidenceWords = catalogue({
  en: {
    corridor:
      'Off the planned route for {minutes}, by up to {km} km where {allowed} km are allowed.',
    aside: 'Stood for {minutes}, {km} km beside the planned route, within its corridor.',
    market: '{units} of {scanned} scanned units were seen where their lot may not be sold.',
    'gap.no-shipping': 'Received without having been shipped.',
    'gap.no-receiving': 'Shipped but never received.',
    'gap.destination': 'Received at a place other than the one it was shipped to.',
    'gap.missing':
      '{missing} of {of} objects in its container are missing, though others were taken out.',
    'light.halted': 'Light of {lux} lx for {minutes} during an unplanned stop.',
    'light.way': 'Light of {lux} lx for {minutes} in transit.',
    'door.halted': 'Door open for {minutes} during an unplanned stop.',
    'door.way': 'Door open for {minutes} in transit.',
    stop: 'Unplanned stop of {minutes}.',
    dwell: 'Stayed in one area, away from known places, for {minutes}.',
    unpack:
      'Its logger saw light of {lux} lx where no event records an opening. Not accounted for: {missing}; scans of its units elsewhere: {scans}.',
    alibi:
      'Scanned {km} km or more from the container it should be in, which was with its logger: what was scanned is a copy.',
    unknown:
      'One session asked for {unknown} numbers that were never issued and {known} that exist.',
    run: 'It tried {run} consecutive numbers of {gtin}.',
    profile:
      'Compared with {peers} loggers that agree, it missed their change {missed} times and changed alone {alone} times, by up to {peak} K; {felt} times it followed.',
    divorce: 'Seen at {place} while the logger that should be on it was {km} km away.',
    'fence.no-go': 'In {place}, a no-go area, for {minutes}.',
    'fence.abroad': 'Outside the countries of its plan and markets for {minutes}.',
    'fence.foreign': 'Off its route at {place}, which is not in its plan, for {minutes}.',
    travel: 'Seen at two places at least {km} km apart within {minutes}.',
    sessions: '{sessions} sessions scanned it, in {places} places far apart.',
    returned: 'Returned: {sold} sales and {before} earlier returns are on record.',
    apart: 'Seen {km} km from its container, with no removal on record.',
    'late.leg':
      'By the end of leg {leg} it had taken at least {hours} longer than the {planned} planned.',
    late: 'Received {hours} later than planned.',
    label: 'The label says {said}; the record says otherwise.',
    status: 'Reported: {claim}, although it was {status}.',
    against: '{against} of its other loggers and documents place it elsewhere.',
  },
  de: {
    corridor:
      '{minutes} abseits des geplanten Wegs, höchstens {km} km, wo {allowed} km erlaubt sind.',
    aside: 'Stand {minutes} lang {km} km neben der geplanten Straße, innerhalb ihres Korridors.',
    market:
      '{units} von {scanned} gescannten Einheiten wurden gesehen, wo ihre Charge nicht verkauft werden darf.',
    'gap.no-shipping': 'Empfangen, ohne versandt worden zu sein.',
    'gap.no-receiving': 'Versandt und nie empfangen.',
    'gap.destination': 'An einem anderen Ort empfangen, als wohin es versandt wurde.',
    'gap.missing':
      '{missing} von {of} Stücken in seinem Behälter fehlen, obwohl andere entnommen wurden.',
    'light.halted':
      'Licht von {lux} lx für {minutes}, während es stand, wo niemand einen Halt geplant hatte.',
    'light.way': 'Licht von {lux} lx für {minutes} unterwegs.',
    'door.halted':
      'Seine Tür stand {minutes} offen, während es stand, wo niemand einen Halt geplant hatte.',
    'door.way': 'Seine Tür stand unterwegs {minutes} offen.',
    stop: 'Stand {minutes}, wo niemand einen Halt geplant hatte.',
    dwell: 'Verließ {minutes} lang ein Gebiet fern bekannter Orte nicht.',
    unpack:
      'Sein Logger sah Licht von {lux} lx, wo kein Ereignis sagt, dass jemand es öffnete. Nicht herausgekommen: {missing}; Scans seiner Einheiten anderswo: {scans}.',
    alibi:
      '{km} km oder mehr von seinem Behälter gescannt, in dem es sein müsste und der bei seinem Logger war: gescannt wurde eine Kopie.',
    unknown:
      'Eine Sitzung fragte nach {unknown} Nummern, die niemand vergab, und nach {known}, die es gibt.',
    run: 'Sie ging {run} aufeinander folgende Nummern von {gtin} durch.',
    profile:
      'Neben {peers} übereinstimmenden Loggern verpasste er {missed}-mal, was diese bewegte, und bewegte sich {alone}-mal allein, höchstens um {peak} K; {felt}-mal fühlte er dasselbe.',
    divorce: 'In {place} gesehen, während der Logger, der daran sein müsste, {km} km entfernt war.',
    'fence.no-go': '{minutes} in {place}, wo keine Sendung sein darf.',
    'fence.abroad': '{minutes} außerhalb der Länder seines Plans und seiner Märkte.',
    'fence.foreign': '{minutes} abseits seines Wegs in {place}, das nicht zu seinem Plan gehört.',
    travel: 'Binnen {minutes} an zwei Orten gesehen, die mindestens {km} km auseinanderliegen.',
    sessions: '{sessions} Sitzungen sahen es an, an {places} weit entfernten Orten.',
    returned: 'Zurückgegeben: bekannt sind {sold} Verkäufe und {before} frühere Rückgaben.',
    apart: '{km} km von seinem Behälter gesehen, aus dem es niemand nahm.',
    'late.leg':
      'Bis zum Ende von Etappe {leg} dauerte es mindestens {hours} länger als die geplanten {planned}.',
    late: '{hours} später empfangen als geplant.',
    label: 'Das Etikett sagt {said}; eingetragen ist anderes.',
    status: 'Gemeldet: {claim}, obwohl es {status} war.',
    against: '{against} seiner anderen Logger und Papiere sagen, es war anderswo.',
  },
  fr: {
    corridor:
      'Pendant {minutes} hors du trajet prévu, de {km} km au plus là où {allowed} km sont permis.',
    aside: 'Arrêt de {minutes} à {km} km de la route prévue, dans son couloir.',
    market: '{units} unités sur {scanned} scannées ont été vues là où leur lot ne peut être vendu.',
    'gap.no-shipping': 'Reçu sans avoir été expédié.',
    'gap.no-receiving': 'Expédié et jamais reçu.',
    'gap.destination': 'Reçu à un autre lieu que celui de destination.',
    'gap.missing':
      '{missing} éléments sur {of} de son contenant manquent, alors que d’autres en ont été retirés.',
    'light.halted': 'Lumière de {lux} lx pendant {minutes}, à l’arrêt là où aucun n’était prévu.',
    'light.way': 'Lumière de {lux} lx pendant {minutes} en route.',
    'door.halted': 'Sa porte est restée ouverte {minutes}, à l’arrêt là où aucun n’était prévu.',
    'door.way': 'Sa porte est restée ouverte {minutes} en route.',
    stop: 'Arrêt de {minutes} là où aucun n’était prévu.',
    dwell: 'N’a pas quitté une zone loin de tout lieu connu pendant {minutes}.',
    unpack:
      'Son enregistreur a vu une lumière de {lux} lx là où aucun événement ne dit qu’on l’a ouvert. Pas ressortis : {missing} ; scans de ses unités ailleurs : {scans}.',
    alibi:
      'Scanné à {km} km ou plus de son contenant, où il devrait être et qui était avec son enregistreur : ce qui a été scanné est une copie.',
    unknown:
      'Une session a demandé {unknown} numéros que personne n’a émis, et {known} qui existent.',
    run: 'Elle a parcouru {run} numéros consécutifs de {gtin}.',
    profile:
      'À côté de {peers} enregistreurs concordants, il a manqué {missed} fois ce qui les a fait réagir et a bougé seul {alone} fois, de {peak} K au plus ; {felt} fois il a senti la même chose.',
    divorce: 'Vu à {place} alors que l’enregistreur censé y être était à {km} km.',
    'fence.no-go': 'À {place}, où aucun envoi ne doit être, pendant {minutes}.',
    'fence.abroad': 'Hors des pays de son plan et de ses marchés pendant {minutes}.',
    'fence.foreign': 'Hors de son trajet à {place}, qui n’est pas de son plan, pendant {minutes}.',
    travel: 'Vu en deux lieux distants d’au moins {km} km en {minutes}.',
    sessions: '{sessions} sessions l’ont regardé, en {places} lieux éloignés.',
    returned: 'Retourné : {sold} ventes et {before} retours antérieurs sont connus.',
    apart: 'Vu à {km} km de son contenant, dont personne ne l’a retiré.',
    'late.leg': 'À la fin de l’étape {leg}, au moins {hours} de plus que les {planned} prévues.',
    late: 'Reçu {hours} plus tard que prévu.',
    label: 'L’étiquette dit {said} ; autre chose est enregistré.',
    status: 'Déclaré : {claim}, alors que c’était {status}.',
    against: '{against} de ses autres enregistreurs et documents le situent ailleurs.',
  },
  es: {
    corridor:
      'Durante {minutes} fuera del camino previsto, a {km} km como máximo donde se permiten {allowed} km.',
    aside: 'Parado {minutes} a {km} km de la carretera prevista, dentro de su corredor.',
    market: '{units} de {scanned} unidades escaneadas se vieron donde su lote no puede venderse.',
    'gap.no-shipping': 'Recibido sin haber sido expedido.',
    'gap.no-receiving': 'Expedido y nunca recibido.',
    'gap.destination': 'Recibido en otro lugar que el de destino.',
    'gap.missing': 'Faltan {missing} de {of} cosas de su contenedor, aunque otras se sacaron.',
    'light.halted': 'Luz de {lux} lx durante {minutes}, parado donde nadie lo había previsto.',
    'light.way': 'Luz de {lux} lx durante {minutes} en camino.',
    'door.halted': 'Su puerta estuvo abierta {minutes}, parado donde nadie lo había previsto.',
    'door.way': 'Su puerta estuvo abierta {minutes} en camino.',
    stop: 'Parado {minutes} donde nadie lo había previsto.',
    dwell: 'No salió durante {minutes} de una zona lejos de lugares conocidos.',
    unpack:
      'Su registrador vio luz de {lux} lx donde ningún evento dice que alguien lo abriera. No salieron: {missing}; escaneos de sus unidades en otra parte: {scans}.',
    alibi:
      'Escaneado a {km} km o más de su contenedor, en el que debería estar y que estaba con su registrador: lo escaneado es una copia.',
    unknown:
      'Una sesión preguntó por {unknown} números que nadie emitió y por {known} que existen.',
    run: 'Recorrió {run} números consecutivos de {gtin}.',
    profile:
      'Junto a {peers} registradores que concuerdan, {missed} veces no sintió lo que los movió y {alone} veces se movió solo, {peak} K como máximo; {felt} veces sintió lo mismo.',
    divorce: 'Visto en {place} mientras el registrador que debería llevar estaba a {km} km.',
    'fence.no-go': 'En {place}, donde no debe haber ningún envío, durante {minutes}.',
    'fence.abroad': 'Fuera de los países de su plan y de sus mercados durante {minutes}.',
    'fence.foreign': 'Fuera de su camino en {place}, que no es de su plan, durante {minutes}.',
    travel: 'Visto en dos lugares a {km} km o más entre sí en {minutes}.',
    sessions: '{sessions} sesiones lo miraron, en {places} lugares alejados.',
    returned: 'Devuelto: se conocen {sold} ventas y {before} devoluciones anteriores.',
    apart: 'Visto a {km} km de su contenedor, del que nadie lo sacó.',
    'late.leg':
      'Al final de la etapa {leg} había tardado al menos {hours} más que las {planned} previstas.',
    late: 'Recibido {hours} más tarde de lo previsto.',
    label: 'La etiqueta dice {said}; lo registrado es otro.',
    status: 'Comunicado: {claim}, aunque estaba {status}.',
    against: '{against} de sus otros registradores y documentos lo sitúan en otra parte.',
  },
})

export const writeEvidence = writerOf(evidenceWords)

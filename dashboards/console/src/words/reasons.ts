// Why a verdict is what it is, as sentences of the console: the figures are the server's.
import { catalogue, writerOf } from '../words.ts'

export const reasonWords = catalogue({
  en: {
    'no-profile': 'The product has no profile, so nobody knows what it stands.',
    'limits.none': 'The profile has no such limit.',
    'limits.within': 'Within all {limits} of them.',
    'limits.used-up':
      '{condition}: beyond it for {minutes}, where {allowed} are allowed; worst {worst}. {unknown} more unknown.',
    'limits.perhaps-used-up':
      '{condition}: beyond it for {minutes} of {allowed} allowed; with the {unknown} of which nothing is known perhaps too long.',
    'unknown-time': 'Nothing is known of {unknown}.',
    'calibration-overdue': 'The calibration of {device} was due on {due}, before it was relied on.',
    'calibration-untold': 'Nobody told when {devices} were calibrated.',
    known: 'All of the time is known, but for {unknown} that the profile allows for.',
    'mkt.refused': 'It is kept frozen: a mean kinetic temperature says nothing of it.',
    'mkt.not-allowed': 'The profile does not let the mean kinetic temperature be considered.',
    'mkt.not-needed': 'It was never above its label range.',
    'window.known': 'The window before each excursion is known.',
    'window.unknown-window': 'Of the {window} before an excursion up to {unknown} are not known.',
    'window.unknown-life': 'Not all of its life is known, which {budgets} budgets would need.',
    'mkt.above': 'The mean kinetic temperature, {mkt}, is above {limit}.',
    'mkt.unknown-window': 'The mean kinetic temperature cannot be formed: too much is unknown.',
    'mkt.within':
      'The mean kinetic temperature, {mkt}, holds {limit}; it closes nothing by itself.',
    elsewhere: '{condition} is judged by alerts only.',
    repeats: {
      one: 'It left its label range once.',
      other: 'It left its label range {count} times.',
    },
    'repeats.none': 'The profile has no label range.',
    'budget-added': 'Budget {limit}: {added} added, signed by {by} on {at}: {reason} ({document}).',
    'budget-addition-reversed':
      'Budget {limit}: {added} that {by} had added on {at} ({reason}, {document}) were taken back.',
    budget: 'Budget {limit}: {drawn} of {allowed} drawn, {added} added; {unknown} more unknown.',
  },
  de: {
    'no-profile': 'Das Produkt hat kein Profil, darum weiß niemand, was es verträgt.',
    'limits.none': 'Das Profil hat keine solche Grenze.',
    'limits.within': 'Innerhalb aller {limits}.',
    'limits.used-up':
      '{condition}: {minutes} außerhalb bei erlaubten {allowed}; Extremwert {worst}. Weitere {unknown} unbekannt.',
    'limits.perhaps-used-up':
      '{condition}: {minutes} außerhalb bei erlaubten {allowed}; mit {unknown}, von denen nichts bekannt ist, vielleicht zu lange.',
    'unknown-time': 'Von {unknown} ist nichts bekannt.',
    'calibration-overdue':
      'Die Kalibrierung von {device} war am {due} fällig, bevor man sich auf ihn verließ.',
    'calibration-untold': 'Niemand hat gesagt, wann {devices} kalibriert wurden.',
    known: 'Die ganze Zeit ist bekannt, bis auf {unknown}, die das Profil zulässt.',
    'mkt.refused':
      'Es wird gefroren gelagert: eine mittlere kinetische Temperatur sagt darüber nichts.',
    'mkt.not-allowed': 'Das Profil lässt die mittlere kinetische Temperatur nicht gelten.',
    'mkt.not-needed': 'Es war nie über seinem Lagerbereich.',
    'window.known': 'Das Fenster vor jeder Abweichung ist bekannt.',
    'window.unknown-window':
      'Von {window} vor einer Abweichung sind bis zu {unknown} nicht bekannt.',
    'window.unknown-life': 'Nicht sein ganzes Leben ist bekannt, das {budgets} Budgets brauchten.',
    'mkt.above': 'Die mittlere kinetische Temperatur, {mkt}, liegt über {limit}.',
    'mkt.unknown-window':
      'Die mittlere kinetische Temperatur lässt sich nicht bilden: zu viel ist unbekannt.',
    'mkt.within':
      'Die mittlere kinetische Temperatur, {mkt}, hält {limit} ein; für sich schließt sie nichts ab.',
    elsewhere: '{condition} beurteilen nur Alarme.',
    repeats: {
      one: 'Es verließ seinen Lagerbereich einmal.',
      other: 'Es verließ seinen Lagerbereich {count}-mal.',
    },
    'repeats.none': 'Das Profil hat keinen Lagerbereich.',
    'budget-added':
      'Budget {limit}: {added} hinzugefügt, unterschrieben von {by} am {at}: {reason} ({document}).',
    'budget-addition-reversed':
      'Budget {limit}: {added}, die {by} am {at} hinzugefügt hatte ({reason}, {document}), sind zurückgenommen.',
    budget:
      'Budget {limit}: {drawn} von {allowed} verbraucht, {added} hinzugefügt; weitere {unknown} unbekannt.',
  },
  fr: {
    'no-profile': 'Le produit n’a pas de profil : nul ne sait ce qu’il supporte.',
    'limits.none': 'Le profil n’a pas de telle limite.',
    'limits.within': 'Dans les {limits} limites.',
    'limits.used-up':
      '{condition} : hors limite pendant {minutes}, pour {allowed} admises ; extrême {worst}. {unknown} de plus sans données.',
    'limits.perhaps-used-up':
      '{condition} : hors limite pendant {minutes}, pour {allowed} admises ; avec {unknown} sans données, peut-être trop longtemps.',
    'unknown-time': 'On ne sait rien de {unknown}.',
    'calibration-overdue': 'L’étalonnage de {device} était dû le {due}, avant qu’on s’y fie.',
    'calibration-untold': 'Nul n’a dit quand {devices} ont été étalonnés.',
    known: 'Tout le temps est connu, sauf {unknown} que le profil admet.',
    'mkt.refused': 'Il est conservé congelé : une température cinétique moyenne n’en dit rien.',
    'mkt.not-allowed': 'Le profil ne permet pas de considérer la température cinétique moyenne.',
    'mkt.not-needed': 'Il n’a jamais dépassé la plage de l’étiquette.',
    'window.known': 'La période avant chaque excursion est connue.',
    'window.unknown-window':
      'Sur les {window} avant une excursion, jusqu’à {unknown} sont inconnues.',
    'window.unknown-life':
      'Toute sa vie n’est pas connue, or {budgets} budgets en auraient besoin.',
    'mkt.above': 'La température cinétique moyenne, {mkt}, dépasse {limit}.',
    'mkt.unknown-window': 'La température cinétique moyenne ne peut être formée : trop d’inconnu.',
    'mkt.within':
      'La température cinétique moyenne, {mkt}, respecte {limit} ; elle ne clôt rien à elle seule.',
    elsewhere: '{condition} n’est jugée que par les alertes.',
    repeats: {
      one: 'Il a quitté la plage de l’étiquette {count} fois.',
      other: 'Il a quitté la plage de l’étiquette {count} fois.',
    },
    'repeats.none': 'Le profil n’indique pas de plage d’étiquette.',
    'budget-added':
      'Budget {limit} : {added} ajoutées, signé par {by} le {at} : {reason} ({document}).',
    'budget-addition-reversed':
      'Budget {limit} : {added} ajoutées par {by} le {at} ({reason}, {document}), puis reprises.',
    budget:
      'Budget {limit} : {drawn} sur {allowed} consommées, {added} ajoutées ; {unknown} de plus inconnues.',
  },
  es: {
    'no-profile': 'El producto no tiene perfil: nadie sabe qué soporta.',
    'limits.none': 'El perfil no tiene tal límite.',
    'limits.within': 'Dentro de los {limits} límites.',
    'limits.used-up':
      '{condition}: fuera del límite durante {minutes}, con {allowed} permitidos; extremo {worst}. Otros {unknown} sin datos.',
    'limits.perhaps-used-up':
      '{condition}: fuera del límite durante {minutes}, con {allowed} permitidos; con {unknown} sin datos, quizá demasiado tiempo.',
    'unknown-time': 'Nada se sabe de {unknown}.',
    'calibration-overdue': 'La calibración de {device} vencía el {due}, antes de fiarse de él.',
    'calibration-untold': 'Nadie dijo cuándo se calibraron {devices}.',
    known: 'Todo el tiempo se conoce, salvo {unknown} que el perfil admite.',
    'mkt.refused': 'Se conserva congelado: una temperatura cinética media no dice nada de ello.',
    'mkt.not-allowed': 'El perfil no permite considerar la temperatura cinética media.',
    'mkt.not-needed': 'Nunca estuvo por encima del rango de su etiqueta.',
    'window.known': 'Se conoce la ventana antes de cada excursión.',
    'window.unknown-window':
      'De los {window} antes de una excursión, hasta {unknown} no se conocen.',
    'window.unknown-life': 'No se conoce toda su vida, que necesitarían {budgets} presupuestos.',
    'mkt.above': 'La temperatura cinética media, {mkt}, supera {limit}.',
    'mkt.unknown-window':
      'No puede formarse la temperatura cinética media: se desconoce demasiado.',
    'mkt.within':
      'La temperatura cinética media, {mkt}, respeta {limit}; por sí sola no cierra nada.',
    elsewhere: '{condition} solo lo juzgan las alertas.',
    repeats: {
      one: 'Salió una vez del rango de su etiqueta.',
      other: 'Salió {count} veces del rango de su etiqueta.',
    },
    'repeats.none': 'El perfil no tiene rango de etiqueta.',
    'budget-added':
      'Presupuesto {limit}: {added} añadidos, firmado por {by} el {at}: {reason} ({document}).',
    'budget-addition-reversed':
      'Presupuesto {limit}: {added} que {by} añadió el {at} ({reason}, {document}), deshechos después.',
    budget:
      'Presupuesto {limit}: {drawn} de {allowed} gastados, {added} añadidos; {unknown} más desconocidos.',
  },
})

export const writeReason = writerOf(reasonWords)

// What verdicts say, and the clauses that they rest on, in the languages of people: for the console
// and for printed reports. Words only; which sentence a finding gets is in sentences.ts.

export const reasonWords = {
  en: {
    'step.hard-limits': 'hard limits',
    'step.evidence': 'evidence',
    'step.window': 'window',
    'step.excursion-limits': 'excursion limits',
    'step.mkt': 'mean kinetic temperature',
    'step.repeats': 'repeats',
    'outcome.passed': 'passed',
    'outcome.out': 'out',
    'outcome.indeterminate': 'indeterminate',
    'outcome.noted': 'noted',
    'no-profile': 'The product has no profile, so its limits are unknown.',
    'limits.none': 'The profile has no such limit.',
    'limits.within': 'All limits met ({limits}).',
    'limits.used-up':
      '{condition}: {minutes}, {allowed} allowed; worst {worst}; {unknown} more without data.',
    'limits.perhaps-used-up':
      '{condition}: {minutes} of {allowed} allowed; the {unknown} without data could exceed it.',
    'unknown-time': 'No data for {unknown}.',
    'calibration-overdue':
      'The calibration of {device} was due on {due}, before its readings were used.',
    'calibration-untold': 'No calibration on record for {devices}.',
    known: 'All time is known, except {unknown} that the profile allows.',
    'mkt.refused': 'Frozen product: the mean kinetic temperature does not apply.',
    'mkt.not-allowed': 'The profile does not allow the mean kinetic temperature to be considered.',
    'mkt.not-needed': 'It was never above its label range.',
    'window.known': 'The window before each excursion is known.',
    'window.unknown-window': 'Up to {unknown} of the {window} before an excursion are unknown.',
    'window.unknown-life': 'Not all of its life is known; budgets that require it: {budgets}.',
    'mkt.above': 'The mean kinetic temperature, {mkt}, is above {limit}.',
    'mkt.unknown-window': 'The mean kinetic temperature cannot be calculated: too much is unknown.',
    'mkt.within':
      'The mean kinetic temperature, {mkt}, is within {limit}; it closes nothing on its own.',
    elsewhere: '{condition} is judged by alerts only.',
    repeats: {
      one: 'It left its label range once.',
      other: 'It left its label range {count} times.',
    },
    'repeats.none': 'The profile has no label range.',
    'budget-added': 'Budget {limit}: {added} added, signed by {by} on {at}: {reason} ({document}).',
    'budget-addition-reversed':
      'Budget {limit}: the {added} added by {by} on {at} ({reason}, {document}) were reversed.',
    budget: 'Budget {limit}: {drawn} of {allowed} drawn, {added} added; {unknown} more unknown.',
  },
  de: {
    'step.hard-limits': 'Absolute Grenzen',
    'step.evidence': 'Datenlage',
    'step.window': 'Zeitfenster',
    'step.excursion-limits': 'Grenzen für Abweichungen',
    'step.mkt': 'Mittlere kinetische Temperatur',
    'step.repeats': 'Wiederholungen',
    'outcome.passed': 'bestanden',
    'outcome.out': 'außerhalb',
    'outcome.indeterminate': 'unbestimmt',
    'outcome.noted': 'vermerkt',
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
    'calibration-untold': 'Für {devices} ist keine Kalibrierung gemeldet.',
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
    'step.hard-limits': 'Limites absolues',
    'step.evidence': 'Données',
    'step.window': 'Période',
    'step.excursion-limits': 'Limites d’excursion',
    'step.mkt': 'Température cinétique moyenne',
    'step.repeats': 'Répétitions',
    'outcome.passed': 'conforme',
    'outcome.out': 'hors limites',
    'outcome.indeterminate': 'indéterminé',
    'outcome.noted': 'noté',
    'no-profile': 'Le produit n’a pas de profil : nul ne sait ce qu’il supporte.',
    'limits.none': 'Le profil n’a pas de telle limite.',
    'limits.within': 'Dans les {limits} limites.',
    'limits.used-up':
      '{condition} : hors limite pendant {minutes}, pour {allowed} admises ; extrême {worst}. {unknown} de plus sans données.',
    'limits.perhaps-used-up':
      '{condition} : hors limite pendant {minutes}, pour {allowed} admises ; avec {unknown} sans données, peut-être trop longtemps.',
    'unknown-time': 'On ne sait rien de {unknown}.',
    'calibration-overdue': 'L’étalonnage de {device} était dû le {due}, avant qu’on s’y fie.',
    'calibration-untold': 'Aucun étalonnage n’est déclaré pour {devices}.',
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
    'step.hard-limits': 'Límites absolutos',
    'step.evidence': 'Datos',
    'step.window': 'Ventana',
    'step.excursion-limits': 'Límites de excursión',
    'step.mkt': 'Temperatura cinética media',
    'step.repeats': 'Repeticiones',
    'outcome.passed': 'conforme',
    'outcome.out': 'fuera de límites',
    'outcome.indeterminate': 'indeterminado',
    'outcome.noted': 'anotado',
    'no-profile': 'El producto no tiene perfil: nadie sabe qué soporta.',
    'limits.none': 'El perfil no tiene tal límite.',
    'limits.within': 'Dentro de los {limits} límites.',
    'limits.used-up':
      '{condition}: fuera del límite durante {minutes}, con {allowed} permitidos; extremo {worst}. Otros {unknown} sin datos.',
    'limits.perhaps-used-up':
      '{condition}: fuera del límite durante {minutes}, con {allowed} permitidos; con {unknown} sin datos, quizá demasiado tiempo.',
    'unknown-time': 'Nada se sabe de {unknown}.',
    'calibration-overdue': 'La calibración de {device} vencía el {due}, antes de fiarse de él.',
    'calibration-untold': 'No consta ninguna calibración de {devices}.',
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
} as const

/**
 * References are the standards' own. Of each the English is what verdicts name, word for word, and
 * finds the others.
 */
export const clauseWords = {
  en: {
    label: 'USP <1079>: storage as its label says',
    hard: 'USP <1079.2>: freezing and ceilings are limits of their own',
    excursion: 'USP <1079.2>: excursions stay within what stability data allow',
    gap: 'USP <1079.2>: all available data are used; what is unknown is not good',
    mkt: 'USP <1079.2>: looked back from and including the excursion; closes none by itself',
    frozen: 'USP <1079.2>: not for frozen products',
    repeats: 'USP <1079.2>: repeated excursions are loss of control; the owner limits them',
    calibration: 'EU GDP 2013/C 343/01 §3.3: calibrated at least yearly',
    budget: 'stability budget: minutes of its whole life, from the stability report (ICH Q1A)',
    addition: 'stability budget: what stability data allow beyond it, signed (21 CFR 11.50)',
  },
  de: {
    label: 'USP <1079>: Lagerung wie auf dem Etikett angegeben',
    hard: 'USP <1079.2>: Einfrieren und Höchsttemperatur sind eigene Grenzen',
    excursion:
      'USP <1079.2>: Temperaturabweichungen bleiben innerhalb dessen, was Stabilitätsdaten zulassen',
    gap: 'USP <1079.2>: Alle verfügbaren Daten werden genutzt; Unbekanntes gilt nicht als gut',
    mkt: 'USP <1079.2>: Rückschau einschließlich der Temperaturabweichung; schließt für sich allein keine ab',
    frozen: 'USP <1079.2>: nicht für gefrorene Produkte',
    repeats:
      'USP <1079.2>: Wiederholte Temperaturabweichungen sind Kontrollverlust; der Eigentümer begrenzt ihre Zahl',
    calibration: 'EU-GDP 2013/C 343/01 §3.3: mindestens jährlich kalibriert',
    budget: 'Stabilitätsbudget: Minuten des ganzen Lebens, laut Stabilitätsbericht (ICH Q1A)',
    addition:
      'Stabilitätsbudget: was Stabilitätsdaten darüber hinaus zulassen, unterschrieben (21 CFR 11.50)',
  },
  fr: {
    label: 'USP <1079> : conservation conforme à l’étiquette',
    hard: 'USP <1079.2> : la congélation et les plafonds sont des limites à part',
    excursion:
      'USP <1079.2> : les excursions restent dans ce que permettent les données de stabilité',
    gap: 'USP <1079.2> : toutes les données disponibles sont utilisées ; ce qui est inconnu n’est pas réputé conforme',
    mkt: 'USP <1079.2> : rétrospective incluant l’excursion ; n’en clôt aucune à elle seule',
    frozen: 'USP <1079.2> : ne s’applique pas aux produits congelés',
    repeats:
      'USP <1079.2> : des excursions répétées sont une perte de maîtrise ; le titulaire en limite le nombre',
    calibration: 'BPD UE 2013/C 343/01 §3.3 : étalonnage au moins annuel',
    budget:
      'budget de stabilité : minutes sur toute la vie du produit, selon le rapport de stabilité (ICH Q1A)',
    addition:
      'budget de stabilité : ce que les données de stabilité permettent en plus, signé (21 CFR 11.50)',
  },
  es: {
    label: 'USP <1079>: conservación según la etiqueta',
    hard: 'USP <1079.2>: la congelación y los máximos son límites aparte',
    excursion: 'USP <1079.2>: las excursiones no exceden lo que permiten los datos de estabilidad',
    gap: 'USP <1079.2>: se usan todos los datos disponibles; lo desconocido no se da por bueno',
    mkt: 'USP <1079.2>: retrospectiva que incluye la excursión; por sí sola no cierra ninguna',
    frozen: 'USP <1079.2>: no vale para productos congelados',
    repeats:
      'USP <1079.2>: las excursiones repetidas son pérdida de control; el titular limita su número',
    calibration: 'BPD de la UE 2013/C 343/01 §3.3: calibración al menos anual',
    budget:
      'presupuesto de estabilidad: minutos de toda su vida, según el informe de estabilidad (ICH Q1A)',
    addition:
      'presupuesto de estabilidad: lo que los datos de estabilidad permiten además, firmado (21 CFR 11.50)',
  },
} as const

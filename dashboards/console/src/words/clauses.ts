// What the clauses ask that reasons of verdicts rest on. The references are the standards' own; of
// each the English is what the server says, word for word, and finds the others.
import { catalogue, writerOf } from '../words.ts'

export const clauseWords = catalogue({
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
})

const write = writerOf(clauseWords)
type Key = keyof (typeof clauseWords)['en']

/** A clause of a newer server stays as it says it. */
export function clauseText(clause: string): string {
  const known = (Object.keys(clauseWords.en) as Key[]).find((key) => clauseWords.en[key] === clause)
  return known ? write(known) : clause
}

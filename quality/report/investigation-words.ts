// Words that only the report of an investigation has, in the languages of people.
import type { ReportLanguage } from './words.ts'

const en = {
  ...{ title: 'Investigation', open: 'open', closed: 'closed', opened: 'Opened', category: 'Kind' },
  ...{ alerts: 'Alerts', cases: 'Cases', decisions: 'Decisions', cause: 'Root cause' },
  ...{ whys: 'Five whys', actions: 'Corrective and preventive actions', kind: 'Kind' },
  ...{ corrective: 'corrective', preventive: 'preventive', text: 'What is done', owner: 'By whom' },
  ...{ due: 'Until', done: 'Done', effect: 'Effective', effective: 'yes', ineffective: 'no' },
  ...{ comments: 'Comments', closing: 'closing of the investigation', unsaid: 'not known yet' },
  ...{ noActions: 'No action is planned.' },
}
export type InvestigationWords = Record<keyof typeof en, string>

const de: InvestigationWords = {
  ...{ title: 'Untersuchung', open: 'offen', closed: 'abgeschlossen', opened: 'Eröffnet' },
  ...{ category: 'Art', alerts: 'Alarme', cases: 'Fälle', decisions: 'Entscheidungen' },
  ...{ cause: 'Grundursache', whys: 'Fünfmal „Warum?“', kind: 'Art' },
  ...{ actions: 'Korrektur- und Vorbeugungsmaßnahmen', corrective: 'korrigierend' },
  ...{ preventive: 'vorbeugend', text: 'Was getan wird', owner: 'Verantwortlich', due: 'Bis' },
  ...{ done: 'Erledigt', effect: 'Wirksam', effective: 'ja', ineffective: 'nein' },
  ...{ comments: 'Kommentare', closing: 'Abschluss der Untersuchung' },
  ...{ unsaid: 'noch nicht bekannt', noActions: 'Keine Maßnahme ist geplant.' },
}

const fr: InvestigationWords = {
  ...{ title: 'Investigation', open: 'ouverte', closed: 'close', opened: 'Ouverte', kind: 'Type' },
  ...{ category: 'Type', alerts: 'Alertes', cases: 'Dossiers', decisions: 'Décisions' },
  ...{ cause: 'Cause racine', whys: 'Cinq pourquoi', corrective: 'corrective' },
  ...{ actions: 'Actions correctives et préventives', preventive: 'préventive' },
  ...{ text: 'Ce qui est fait', owner: 'Responsable', due: 'Jusqu’au', done: 'Faite' },
  ...{ effect: 'Efficace', effective: 'oui', ineffective: 'non', comments: 'Commentaires' },
  ...{ closing: 'clôture de l’investigation', unsaid: 'pas encore connu' },
  ...{ noActions: 'Aucune action n’est prévue.' },
}

const es: InvestigationWords = {
  ...{ title: 'Investigación', open: 'abierta', closed: 'cerrada', opened: 'Abierta' },
  ...{ category: 'Tipo', alerts: 'Alertas', cases: 'Casos', decisions: 'Decisiones', kind: 'Tipo' },
  ...{ cause: 'Causa raíz', whys: 'Cinco porqués', corrective: 'correctiva' },
  ...{ actions: 'Acciones correctivas y preventivas', preventive: 'preventiva' },
  ...{ text: 'Qué se hace', owner: 'Responsable', due: 'Hasta', done: 'Hecha', effect: 'Eficaz' },
  ...{ effective: 'sí', ineffective: 'no', comments: 'Comentarios' },
  ...{ closing: 'cierre de la investigación', unsaid: 'aún no se sabe' },
  ...{ noActions: 'No hay acciones planificadas.' },
}

export const investigationWords: Readonly<Record<ReportLanguage, InvestigationWords>> = {
  ...{ en, de, fr, es },
}

/** Kinds of causes; in English as the record has them. */
export const categoryWords: Readonly<Record<ReportLanguage, Readonly<Record<string, string>>>> = {
  en: {},
  de: {
    ...{ equipment: 'Ausrüstung', packaging: 'Verpackung', handling: 'Handhabung' },
    ...{ carrier: 'Frachtführer', process: 'Ablauf', human: 'Mensch', supplier: 'Lieferant' },
    ...{ environment: 'Umwelt', data: 'Daten', other: 'andere' },
  },
  fr: {
    ...{ equipment: 'équipement', packaging: 'emballage', handling: 'manutention' },
    ...{ carrier: 'transporteur', process: 'processus', human: 'humain' },
    ...{ supplier: 'fournisseur', environment: 'environnement', data: 'données', other: 'autre' },
  },
  es: {
    ...{ equipment: 'equipo', packaging: 'embalaje', handling: 'manipulación' },
    ...{ carrier: 'transportista', process: 'proceso', human: 'humana', supplier: 'proveedor' },
    ...{ environment: 'entorno', data: 'datos', other: 'otra' },
  },
}

// Kinds of entries of the audit log in words.
import { catalogue, writerOf } from '../words.ts'

export const evidenceKinds = catalogue({
  en: {
    ...{ request: 'request', 'settings.changed': 'organisation changed' },
    ...{ 'sign-in': 'signed in', 'sign-in.refused': 'sign-in refused' },
    ...{ 'password.changed': 'password changed', 'signature.refused': 'signature refused' },
    ...{ 'person.created': 'person added', 'person.changed': 'person changed' },
    ...{ 'alert.workflow': 'alert workflow', 'profile.proposed': 'profile proposed' },
    ...{ 'profile.signed': 'profile signed', 'disposition.proposed': 'decision proposed' },
    ...{ 'disposition.signed': 'decision signed', 'disposition.rejected': 'decision declined' },
    ...{ 'budget-correction.proposed': 'budget time proposed' },
    ...{ 'device.retired': 'logger retired', 'device.restored': 'logger returned to service' },
    'device.clock-corrected': 'logger clock corrected',
    'device.clock-correction-withdrawn': 'logger clock correction withdrawn',
    ...{ 'investigation.open': 'investigation opened', 'investigation.plan': 'action planned' },
    ...{
      'investigation.edit': 'investigation edited',
      'investigation.close': 'investigation closed',
    },
  },
  de: {
    ...{ request: 'Anfrage', 'settings.changed': 'Organisation geändert' },
    ...{ 'sign-in': 'Anmeldung', 'sign-in.refused': 'Anmeldung abgewiesen' },
    ...{ 'password.changed': 'Passwort geändert', 'signature.refused': 'Unterschrift abgewiesen' },
    ...{ 'person.created': 'Person angelegt', 'person.changed': 'Person geändert' },
    ...{ 'alert.workflow': 'Schritt an einem Alarm', 'profile.proposed': 'Profil vorgeschlagen' },
    'profile.signed': 'Profil unterschrieben',
    'disposition.proposed': 'Entscheidung vorgeschlagen',
    'disposition.signed': 'Entscheidung unterschrieben',
    'disposition.rejected': 'Entscheidung abgelehnt',
    'budget-correction.proposed': 'Zeit für ein Budget vorgeschlagen',
    'device.retired': 'Logger außer Dienst gestellt',
    'device.restored': 'Logger wieder in Dienst genommen',
    'device.clock-corrected': 'Uhr eines Loggers korrigiert',
    'device.clock-correction-withdrawn': 'Korrektur einer Uhr zurückgenommen',
    ...{ 'investigation.open': 'Untersuchung eröffnet', 'investigation.plan': 'Maßnahme geplant' },
    'investigation.edit': 'Untersuchung bearbeitet',
    'investigation.close': 'Untersuchung geschlossen',
  },
  fr: {
    ...{ request: 'requête', 'settings.changed': 'organisation modifiée' },
    ...{ 'sign-in': 'connexion', 'sign-in.refused': 'connexion refusée' },
    ...{ 'password.changed': 'mot de passe modifié', 'signature.refused': 'signature refusée' },
    ...{ 'person.created': 'personne ajoutée', 'person.changed': 'personne modifiée' },
    ...{ 'alert.workflow': 'étape d’une alerte', 'profile.proposed': 'profil proposé' },
    ...{ 'profile.signed': 'profil signé', 'disposition.proposed': 'décision proposée' },
    ...{ 'disposition.signed': 'décision signée', 'disposition.rejected': 'décision refusée' },
    'budget-correction.proposed': 'temps proposé pour un budget',
    'device.retired': 'enregistreur mis hors service',
    'device.restored': 'enregistreur remis en service',
    'device.clock-corrected': 'horloge d’un enregistreur corrigée',
    'device.clock-correction-withdrawn': 'correction d’une horloge reprise',
    ...{ 'investigation.open': 'enquête ouverte', 'investigation.plan': 'action prévue' },
    ...{ 'investigation.edit': 'enquête modifiée', 'investigation.close': 'enquête close' },
  },
  es: {
    ...{ request: 'petición', 'settings.changed': 'organización modificada' },
    ...{ 'sign-in': 'inicio de sesión', 'sign-in.refused': 'inicio de sesión rechazado' },
    ...{ 'password.changed': 'contraseña cambiada', 'signature.refused': 'firma rechazada' },
    ...{ 'person.created': 'persona añadida', 'person.changed': 'persona modificada' },
    ...{ 'alert.workflow': 'paso de una alerta', 'profile.proposed': 'perfil propuesto' },
    ...{ 'profile.signed': 'perfil firmado', 'disposition.proposed': 'decisión propuesta' },
    ...{ 'disposition.signed': 'decisión firmada', 'disposition.rejected': 'decisión rechazada' },
    'budget-correction.proposed': 'tiempo propuesto para un presupuesto',
    'device.retired': 'registrador retirado del servicio',
    'device.restored': 'registrador de nuevo en servicio',
    'device.clock-corrected': 'reloj de un registrador corregido',
    'device.clock-correction-withdrawn': 'corrección de un reloj deshecha',
    ...{
      'investigation.open': 'investigación abierta',
      'investigation.plan': 'acción planificada',
    },
    'investigation.edit': 'investigación modificada',
    'investigation.close': 'investigación cerrada',
  },
})

const write = writerOf(evidenceKinds)

/** Undefined: it has no words here. */
export const nameOfEvidence = (kind: string): string | undefined =>
  Object.hasOwn(evidenceKinds.en, kind) ? write(kind as 'request') : undefined

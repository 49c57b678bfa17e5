// States of units, what events claim of them, and how the two contradict each other; states of
// alerts. Codes of the server (domain/lifecycle/lifecycle.ts) in words.
import { catalogue, writerOf } from '../words.ts'

export const lifeWords = catalogue({
  en: {
    ...{ 'state.unknown': 'unknown', 'state.allocated': 'allocated' },
    ...{ 'state.commissioned': 'commissioned', 'state.in_transit': 'in transit' },
    ...{ 'state.available': 'available', 'state.returned': 'returned', 'state.held': 'on hold' },
    ...{ 'state.locked': 'in quarantine', 'state.checked_out': 'checked out' },
    ...{ 'state.sold': 'sold', 'state.sample': 'sample', 'state.free_sample': 'free sample' },
    ...{ 'state.exported': 'exported', 'state.stolen': 'stolen', 'state.consumed': 'consumed' },
    ...{ 'state.decommissioned': 'decommissioned', 'state.destroyed': 'destroyed' },
    ...{ 'state.recalled': 'recalled', 'state.conflict': 'contradictory' },
    ...{ 'claim.encode': 'allocated', 'claim.commission': 'commissioned' },
    ...{ 'claim.exist': 'observed active', 'claim.use': 'handled' },
    ...{ 'claim.receive': 'received', 'claim.release': 'observed saleable' },
    ...{ 'claim.return': 'returned', 'claim.hold': 'put on hold', 'claim.ship': 'shipped' },
    ...{ 'claim.void': 'shipment voided', 'claim.lock': 'quarantined' },
    ...{ 'claim.checkOut': 'checked out for repackaging', 'claim.sell': 'sold or dispensed' },
    ...{ 'claim.sample': 'taken as a sample', 'claim.freeSample': 'given away as a sample' },
    ...{ 'claim.export': 'exported', 'claim.steal': 'stolen', 'claim.consume': 'consumed' },
    ...{ 'claim.decommission': 'decommissioned', 'claim.destroy': 'destroyed' },
    'problem.contradiction': '{claim}, although its state was “{state}”. Both cannot be true.',
    'problem.gap': '{claim}, although its state was “{state}”. An event is missing in between.',
    'problem.forbidden': '{claim}, although its state was “{state}”. This is not allowed.',
    'problem.container': 'its container: {claim}',
    ...{ 'alert.open': 'open', 'alert.closed': 'closed', 'alert.superseded': 'replaced' },
    'alert.retracted': 'retracted',
  },
  de: {
    ...{ 'state.unknown': 'unbekannt', 'state.allocated': 'zugeteilt' },
    ...{ 'state.commissioned': 'in Betrieb genommen', 'state.in_transit': 'unterwegs' },
    ...{ 'state.available': 'verfügbar', 'state.returned': 'zurückgegeben' },
    ...{ 'state.held': 'zurückgehalten', 'state.locked': 'gesperrt' },
    ...{ 'state.checked_out': 'ausgebucht', 'state.sold': 'verkauft', 'state.sample': 'Muster' },
    ...{ 'state.free_sample': 'Gratismuster', 'state.exported': 'ausgeführt' },
    ...{ 'state.stolen': 'gestohlen', 'state.consumed': 'verbraucht' },
    ...{ 'state.decommissioned': 'außer Betrieb genommen', 'state.destroyed': 'vernichtet' },
    ...{ 'state.recalled': 'zurückgerufen', 'state.conflict': 'widersprüchlich' },
    ...{ 'claim.encode': 'zugeteilt', 'claim.commission': 'in Betrieb genommen' },
    ...{ 'claim.exist': 'aktiv vorgefunden', 'claim.use': 'bearbeitet' },
    ...{ 'claim.receive': 'empfangen', 'claim.release': 'für verkäuflich befunden' },
    ...{ 'claim.return': 'zurückgegeben', 'claim.hold': 'zurückgehalten' },
    ...{ 'claim.ship': 'versandt', 'claim.void': 'Versand für ungültig erklärt' },
    ...{ 'claim.lock': 'gesperrt', 'claim.checkOut': 'zum Umverpacken ausgebucht' },
    ...{ 'claim.sell': 'verkauft oder abgegeben', 'claim.sample': 'als Muster entnommen' },
    ...{ 'claim.freeSample': 'als Gratismuster abgegeben', 'claim.export': 'ausgeführt' },
    ...{ 'claim.steal': 'gestohlen', 'claim.consume': 'verbraucht' },
    ...{ 'claim.decommission': 'außer Betrieb genommen', 'claim.destroy': 'vernichtet' },
    'problem.contradiction':
      '{claim}, obwohl der Zustand „{state}“ war. Beides kann nicht stimmen.',
    'problem.gap': '{claim}, obwohl der Zustand „{state}“ war. Dazwischen fehlt ein Ereignis.',
    'problem.forbidden': '{claim}, obwohl der Zustand „{state}“ war. Das war nicht zulässig.',
    'problem.container': 'ihr Behälter: {claim}',
    ...{ 'alert.open': 'offen', 'alert.closed': 'geschlossen', 'alert.superseded': 'ersetzt' },
    'alert.retracted': 'zurückgenommen',
  },
  fr: {
    ...{ 'state.unknown': 'inconnu', 'state.allocated': 'attribué' },
    ...{ 'state.commissioned': 'mis en service', 'state.in_transit': 'en transit' },
    ...{ 'state.available': 'disponible', 'state.returned': 'retourné' },
    ...{ 'state.held': 'retenu', 'state.locked': 'en quarantaine' },
    ...{ 'state.checked_out': 'sorti du système', 'state.sold': 'vendu' },
    ...{ 'state.sample': 'échantillon', 'state.free_sample': 'échantillon gratuit' },
    ...{ 'state.exported': 'exporté', 'state.stolen': 'volé', 'state.consumed': 'consommé' },
    ...{ 'state.decommissioned': 'désactivé', 'state.destroyed': 'détruit' },
    ...{ 'state.recalled': 'rappelé', 'state.conflict': 'contradictoire' },
    ...{ 'claim.encode': 'attribution', 'claim.commission': 'mise en service' },
    ...{ 'claim.exist': 'constat d’activité', 'claim.use': 'manipulation' },
    ...{ 'claim.receive': 'réception', 'claim.release': 'constat d’aptitude à la vente' },
    ...{ 'claim.return': 'retour', 'claim.hold': 'retenue', 'claim.ship': 'expédition' },
    ...{ 'claim.void': 'annulation de l’expédition', 'claim.lock': 'mise en quarantaine' },
    ...{ 'claim.checkOut': 'sortie pour reconditionnement', 'claim.sell': 'vente ou dispensation' },
    ...{ 'claim.sample': 'prélèvement d’échantillon' },
    ...{ 'claim.freeSample': 'remise comme échantillon', 'claim.export': 'exportation' },
    ...{ 'claim.steal': 'vol', 'claim.consume': 'consommation' },
    ...{ 'claim.decommission': 'désactivation', 'claim.destroy': 'destruction' },
    'problem.contradiction':
      '{claim}, alors que son état était « {state} ». Les deux ne peuvent être vrais.',
    'problem.gap':
      '{claim}, alors que son état était « {state} ». Un événement manque entre les deux.',
    'problem.forbidden': '{claim}, alors que son état était « {state} ». Ce n’était pas admis.',
    'problem.container': 'son contenant : {claim}',
    ...{ 'alert.open': 'ouverte', 'alert.closed': 'close', 'alert.superseded': 'remplacée' },
    'alert.retracted': 'annulée',
  },
  es: {
    ...{ 'state.unknown': 'desconocido', 'state.allocated': 'asignado' },
    ...{ 'state.commissioned': 'puesto en servicio', 'state.in_transit': 'en tránsito' },
    ...{ 'state.available': 'disponible', 'state.returned': 'devuelto' },
    ...{ 'state.held': 'retenido', 'state.locked': 'en cuarentena' },
    ...{
      'state.checked_out': 'dado de salida',
      'state.sold': 'vendido',
      'state.sample': 'muestra',
    },
    ...{ 'state.free_sample': 'muestra gratuita', 'state.exported': 'exportado' },
    ...{ 'state.stolen': 'robado', 'state.consumed': 'consumido' },
    ...{ 'state.decommissioned': 'desactivado', 'state.destroyed': 'destruido' },
    ...{ 'state.recalled': 'retirado', 'state.conflict': 'contradictorio' },
    ...{ 'claim.encode': 'asignación', 'claim.commission': 'puesta en servicio' },
    ...{ 'claim.exist': 'hallazgo como activo', 'claim.use': 'manipulación' },
    ...{ 'claim.receive': 'recepción', 'claim.release': 'declaración de apto para la venta' },
    ...{ 'claim.return': 'devolución', 'claim.hold': 'retención', 'claim.ship': 'expedición' },
    ...{ 'claim.void': 'anulación de la expedición', 'claim.lock': 'puesta en cuarentena' },
    ...{ 'claim.checkOut': 'salida para reenvasado', 'claim.sell': 'venta o dispensación' },
    ...{ 'claim.sample': 'toma como muestra', 'claim.freeSample': 'entrega como muestra' },
    ...{ 'claim.export': 'exportación', 'claim.steal': 'robo', 'claim.consume': 'consumo' },
    ...{ 'claim.decommission': 'desactivación', 'claim.destroy': 'destrucción' },
    'problem.contradiction':
      '{claim}, aunque su estado era «{state}». No pueden ser ciertas ambas cosas.',
    'problem.gap': '{claim}, aunque su estado era «{state}». Falta un evento entre ambos.',
    'problem.forbidden': '{claim}, aunque su estado era «{state}». No debió hacerse.',
    'problem.container': 'su contenedor: {claim}',
    ...{ 'alert.open': 'abierta', 'alert.closed': 'cerrada', 'alert.superseded': 'sustituida' },
    'alert.retracted': 'anulada',
  },
})

const write = writerOf(lifeWords)
type Key = keyof (typeof lifeWords)['en']
const known = (key: string): key is Key => Object.hasOwn(lifeWords.en, key)

/** A state or claim of a newer server keeps its own name. */
function named(kind: 'state' | 'claim' | 'alert', code: string): string {
  const key = `${kind}.${code}`
  return known(key) ? write(key as 'state.sold') : code
}

export const stateText = (state: string): string => named('state', state)
export const alertStateText = (status: string): string => named('alert', status)

export interface ToldProblem {
  kind: string
  claim: string
  status: string
  inherited: boolean
  detail: string
}

export function problemText({ kind, claim, status, inherited, detail }: ToldProblem): string {
  const key = `problem.${kind}`
  if (!known(key) || claim === '') return detail
  const said = named('claim', claim)
  const whole = inherited ? write('problem.container', { claim: said }) : said
  return write(key as 'problem.gap', { claim: whole, state: stateText(status) })
}

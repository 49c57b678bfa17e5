// What places and parties are called, for printed reports: the name of master data with the number,
// else the key as it is. Guesses nothing.
import type { LedgerQuery } from '../../store/ledger/ledger.ts'
import { readMasterData } from '../../store/ledger/master.ts'

const locationType = 'urn:epcglobal:epcis:vtype:BusinessLocation'
const partyType = 'urn:epcglobal:epcis:vtype:SourceDest'
const nameAttribute = 'urn:epcglobal:cbv:mda#name'

/** `Basel plant (GLN 9521234000013)`. A party (417) may have the number of its place (414). */
export async function nameOfHolder(db: LedgerQuery, tenant: string, id: string): Promise<string> {
  const asked = [
    { type: locationType, id: id.replace('/417/', '/414/') },
    { type: partyType, id },
  ]
  const gln = /\/41[47]\/(\d{13})/.exec(id)?.[1]
  for (const one of asked) {
    const name = (await readMasterData(db, tenant, one))?.attributes[nameAttribute]
    if (typeof name === 'string') return gln ? `${name} (GLN ${gln})` : name
  }
  return id
}

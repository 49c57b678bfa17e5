// Vectors of standards lie beside the project, not in it: found, or told that they are absent.
import { existsSync, readFileSync } from 'node:fs'

const folder = '../shared/data'

/** Whether a file of vectors is there; says so when it is not. */
export function vectorsPresent(name: string): boolean {
  const here = existsSync(`${folder}/${name}`)
  if (!here) console.warn(`skipped: ${folder}/${name} not present`)
  return here
}

export const readVectors = (name: string): string => readFileSync(`${folder}/${name}`, 'utf8')

export const loadVectors = <T>(name: string): T => JSON.parse(readVectors(name)) as T

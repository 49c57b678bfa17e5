// Which passwords people may choose (NIST SP 800-63B §3.1.1.2): long ones that are not among the
// first that anybody would try. No rules of composition, no expiry: both make passwords worse.
import { bounds } from '../../config.ts'

export interface PasswordOwner {
  id: string
  printedName: string
  email: string | null
}

/** Why not; undefined when nothing speaks against it. */
export function refusesPassword(password: string, owner: PasswordOwner): string | undefined {
  const { passwordCharsMin, passwordCharsMax } = bounds
  const text = password.normalize('NFKC')
  const { length } = [...text]
  if (length < passwordCharsMin)
    return `${length} characters: want ${passwordCharsMin} at least; some words in a row will do`
  if (length > passwordCharsMax) return `${length} characters: at most ${passwordCharsMax} are kept`
  const low = text.toLowerCase()
  if (isTiring(low)) return 'repeats or counts: among the first that anybody would try'
  const word = ownWords(owner).find((own) => low.includes(own))
  if (word !== undefined) return 'holds a name that anybody would try first'
  if (isCommon(low)) return 'is among the passwords that are used most'
  return undefined
}

/**
 * Half of its characters or more repeat what stands before them, or follow it in the alphabet, in
 * the digits or on the keyboard.
 */
function isTiring(text: string): boolean {
  const letters = [...text]
  // abcabcabcabc: a piece of up to a third, again and again.
  for (let piece = 1; piece <= letters.length / 3; piece++)
    if (letters.every((letter, at) => letter === letters[at % piece])) return true
  const steps = letters.slice(1).filter((letter, at) => follows(letters[at]!, letter)).length
  return steps * 4 >= letters.length * 3
}

const rows = ['abcdefghijklmnopqrstuvwxyz', '01234567890', '1234567890ß', 'qwertyuiop', 'asdfghjkl']
  .concat(['zxcvbnm', 'qwertzuiop', 'yxcvbnm', 'azertyuiop', 'qsdfghjklm', 'wxcvbn'])
  .flatMap((row) => [row, [...row].reverse().join('')])

const follows = (before: string, after: string): boolean =>
  before === after || rows.some((row) => row.includes(before + after))

/** What is known of whoever chooses, and of what it is for. */
const ownWords = ({ id, printedName, email }: PasswordOwner): string[] =>
  [id, ...printedName.split(/[\s.,_-]+/), (email ?? '').split('@')[0]!, 'isotherm']
    .map((word) => word.normalize('NFKC').toLowerCase())
    .filter((word) => [...word].length >= 4)

/** Without what people put behind a word and within it to please rules of composition. */
function isCommon(text: string): boolean {
  const words = [text, text.replaceAll(/^[^\p{L}]+|[^\p{L}]+$/gu, '')]
  const plain = words.map((word) => [...word].map((letter) => disguises[letter] ?? letter).join(''))
  const bare = [...words, ...plain].map((word) => word.replaceAll(/[^\p{L}\d]/gu, ''))
  return bare.some((word) => common.has(word) || isMadeOf(word))
}

/** passwordpassword, letmeinwelcome: nothing but words of the list. */
function isMadeOf(text: string): boolean {
  if (text === '') return false
  const reached = new Set([0])
  for (let at = 0; at < text.length; at++) {
    if (!reached.has(at)) continue
    for (const word of common) if (text.startsWith(word, at)) reached.add(at + word.length)
  }
  return reached.has(text.length)
}

const disguises: Record<string, string> = {
  ...{ '0': 'o', '1': 'i', '3': 'e', '4': 'a', '5': 's', '7': 't', $: 's', '@': 'a', '!': 'i' },
}

/** Stems of those at the head of every published list, and of what offices add to them. */
const common = new Set(
  `password passwort passwd motdepasse contraseña contrasena kennwort qwerty qwertz azerty letmein
  welcome willkommen bienvenue bienvenido monkey dragon football baseball basketball superman batman
  sunshine princess iloveyou loveyou ichliebedich jetaime tequiero trustno1 trustnoi trustno master
  shadow michael jennifer jordan hunter charlie abc123 abcd1234 admin administrator root default
  changeme changeit secret geheim guest login access test testing hello hallo bonjour computer
  internet starwars pokemon whatever freedom mustang cheese summer winter spring autumn sommer
  frühling herbst january february march april june july august september october november december
  monday tuesday wednesday thursday friday saturday sunday company quality pharma vaccine
  coldchain temperature warehouse logistics 123456 1234567 12345678 123456789 1234567890 111111
  123123 654321 666666 987654321 qwertyuiop asdfghjkl zxcvbnm 1q2w3e4r 1qaz2wsx q1w2e3r4 p@ssw0rd`
    .split(/\s+/)
    .filter((word) => word !== ''),
)

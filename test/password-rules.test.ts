// What people may choose as a password, and how it is kept.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { refusesPassword } from '../api/people/password-rules.ts'
import { hashPassword, isPassword, oneTimePassword } from '../api/people/passwords.ts'

const ada = { id: 'ada.example', printedName: 'Ada van Example', email: 'lovelace@example.org' }
const refused = (password: string): boolean => refusesPassword(password, ada) !== undefined

describe('a password', () => {
  it('of some length is taken, whatever it is made of', () => {
    for (const fine of [
      'correct horse battery staple',
      'kühlkette bleibt heil',
      'vkq9-ttmd-8s2c',
      'zwölf Frösche am Teich',
      'пароль из четырёх слов',
      '!)-§=?{[]}~#+%',
      '冷たい鎖は切れないはずです',
      'x7'.padEnd(128, 'zpqwmvnbjdlr'),
    ])
      expect([fine, refusesPassword(fine, ada)]).toEqual([fine, undefined])
  })

  it('that is too short or too long is not', () => {
    expect(refused('k9#vTq2$xZ7')).toBe(true)
    expect(refused('a9k'.repeat(50))).toBe(true)
    // Counted in characters, not in bytes or halves of pairs.
    expect(refused('😀🎈🐙🌵🍕🎲🧊🚚📦🌡️🔑')).toBe(false)
    expect(refused('😀🎈🐙🌵🍕🎲')).toBe(true)
  })

  it('that everybody tries first is not, however it is disguised', () => {
    for (const known of [
      'password1234',
      'Password12345!',
      'P@ssw0rd2026!',
      'passwordpassword',
      'qwertyuiop12',
      'qwertzuiopas',
      'asdfghjkl;12',
      '123456789012',
      '098765432109',
      'aaaaaaaaaaaa',
      'abcabcabcabc',
      'xyz9xyz9xyz9',
      'abcdefghijkl',
      'Welcome2026!!',
      'letmein-welcome',
      'Summer2026!!!',
      'Willkommen2026',
      'iloveyou1234',
      'isotherm-2026',
    ])
      expect([known, refused(known)]).toEqual([known, true])
  })

  it('with a name of its owner is not', () => {
    for (const own of ['ada.example-77xk', 'qqExampleqq99', 'my lovelace 9931', 'EXAMPLE-kdw9-29'])
      expect([own, refused(own)]).toEqual([own, true])
    // Short names stand in too many words.
    expect(refused('a vanished armada')).toBe(false)
  })

  it('made for somebody is taken, and no two are alike', () => {
    const made = Array.from({ length: 50 }, oneTimePassword)
    expect(new Set(made).size).toBe(50)
    for (const password of made) {
      expect(password).toMatch(/^([a-z2-9]{5}-){3}[a-z2-9]{5}$/)
      expect(refused(password)).toBe(false)
    }
  })

  it('chosen at random is taken', () => {
    const letters = [...'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 -_.,']
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...letters), { minLength: 20, maxLength: 60 }),
        (chosen) => {
          const text = chosen.join('')
          // By chance it may hold a name or be a few letters again and again.
          fc.pre(!/exam|ada\.|love|isot/i.test(text) && new Set(chosen).size > 12)
          expect(refusesPassword(text, ada)).toBeUndefined()
        },
      ),
    )
  })
})

describe('a kept password', () => {
  const cost = { N: 1024, r: 8, p: 1 }

  it('is known again, in whatever form its letters come, and no other is', async () => {
    const kept = await hashPassword('Tür zum Kühlraum', cost)
    expect(kept).toMatch(/^\$scrypt\$ln=10,r=8,p=1\$[\w+/]{22}\$[\w+/]{43}$/)
    expect(kept).not.toContain('Kühlraum')
    expect(await isPassword('Tür zum Kühlraum'.normalize('NFD'), kept)).toBe(true)
    expect(await isPassword('Tür zum Kühlraum ', kept)).toBe(false)
    expect(await isPassword('', kept)).toBe(false)
    expect(await hashPassword('Tür zum Kühlraum', cost)).not.toBe(kept)
  })

  it('is checked as RFC 7914 has it', async () => {
    // §12, third vector: "pleaseletmein", salt "SodiumChloride", N=16384, r=8, p=1; first 32 bytes.
    const salt = Buffer.from('SodiumChloride').toString('base64').replaceAll('=', '')
    const hash = '7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2'
    const base64 = Buffer.from(hash, 'hex').toString('base64').replaceAll('=', '')
    const kept = `$scrypt$ln=14,r=8,p=1$${salt}$${base64}`
    expect(await isPassword('pleaseletmein', kept)).toBe(true)
    expect(await isPassword('pleaseletmeout', kept)).toBe(false)
  })

  it('of nobody is never right', async () => {
    expect(await isPassword('whatever it may be', undefined)).toBe(false)
  })
})

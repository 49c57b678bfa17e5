// The web host behind the key in tags of the ++ schemes (TDS 2.3 §14.5.16): seven bits a character,
// where usual beginnings and endings are one or two sequences, or URN Code 40 for capitals. Refuses
// what can be no name of a host.
import { BitFault, type BitReader, numberBits, readCode40, take, writeCode40 } from './epc-bits.ts'

/** TDS 2.3 Table 14-11: codes that ASCII has for what stands in no host, or in none as capital. */
const short: Readonly<Record<string, number>> = {
  'qr.': 0x1e,
  'www.': 0x1f,
  'id.': 0x20,
  '.com': 0x5b,
  '.org': 0x5c,
  '.net': 0x5d,
  '.int': 0x5e,
  '.edu': 0x60,
  '.gov': 0x7b,
  '.mil': 0x7c,
  '.biz': 0x7d,
  '.eco': 0x7e,
  '.med': 0x7f,
}

/** Its tables B1 to B4: the code is the number of the table, the next seven bits the place. */
const long: readonly (readonly string[])[] = [
  endings(`ac ad ae af ag ai al am ao aq ar as at au aw ax az ba bb bd be bf bg bh bi bj bm bn bo bq
    br bs bt bw by bz ca cc cd cf cg ch ci ck cl cm cn co cr cu cv cw cx cy cz de dj dk dm do dz ec
    ee eg eh er es et eu fi fj fk fm fo fr ga gd ge gf gg gh gi gl gm gn gp gq gr gs gt gu gw gy hk
    hm hn hr ht hu id ie il im in io iq ir is it je jm jo jp ke kg kh ki km kn kp kr kw ky kz la lb
    lc li`),
  endings(`lk lr ls lt lu lv ly ma mc md me mg mh mk ml mm mn mo mp mq mr ms mt mu mv mw mx my mz na
    nc ne nf ng ni nl no np nr nu nz om pa pe pf pg ph pk pl pm pn pr ps pt pw py qa re ro rs ru rw
    sa sb sc sd se sg sh si sk sl sm sn sr ss st su sv sx sy sz tc td tf tg th tj tk tl tm tn to tr
    tt tv tw tz ua ug us uy uz va vc ve vg vi vn vu wf ws ye yt za zm zw`),
  endings(`com.au net.au org.au co.at com.bd co.bd com.br net.br co.nz com.ng com.pk co.in com.in
    co.il co.jp co.za co.kr com.es com.lk co.th co.tt com.tt com.tr biz.tr com.ua co.uk co.zm com.zm
    com.cn org.cn net.cn gov.cn`),
  ['.tech'],
]

const shortText = new Map(Object.entries(short).map(([text, code]) => [code, text]))
/** Longest first. */
const sequences = [
  ...Object.entries(short).map(([text, code]) => [text, [code]] as const),
  ...long.flatMap((table, number) => table.map((text, place) => [text, [number, place]] as const)),
].sort(([a], [b]) => b.length - a.length)

const isHost = (text: string): boolean => /^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?$/.test(text)

/** Undefined when it is no host, or one of more than 63 sequences. */
export function writeHost(host: string): string | undefined {
  if (!isHost(host)) return
  if (/^[A-Z0-9.-]+$/.test(host))
    return host.length > 63
      ? undefined
      : `0${numberBits(String(host.length), 6)}${writeCode40(host)}`
  const codes: number[] = []
  for (let at = 0; at < host.length && codes.length < 64; ) {
    const found = sequences.find(([text]) => host.startsWith(text, at))
    codes.push(...(found ? found[1] : [host.charCodeAt(at)]))
    at += found ? found[0].length : 1
  }
  if (codes.length > 63) return
  return `1${[codes.length, ...codes].map((code, i) => numberBits(String(code), i ? 7 : 6)).join('')}`
}

export function readHost(reader: BitReader): string {
  const at = reader.at
  const isShort = take(reader, 1) === '1'
  const length = Number.parseInt(take(reader, 6), 2)
  const host = isShort ? readSequences(reader, length) : readCode40(reader, length)
  if (isHost(host)) return host
  throw new BitFault('no name of a host', { at, length: reader.at - at })
}

function readSequences(reader: BitReader, length: number): string {
  let host = ''
  for (let i = 0; i < length; i++) {
    const code = Number.parseInt(take(reader, 7), 2)
    const table = long[code]
    if (!table) host += shortText.get(code) ?? String.fromCharCode(code)
    else {
      host += table[Number.parseInt(take(reader, 7), 2)] ?? ' '
      i++
    }
  }
  return host
}

function endings(text: string): string[] {
  return text.split(/\s+/).map((one) => `.${one}`)
}

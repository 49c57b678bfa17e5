// The command line: arguments in, lines and an exit code out. Each command speaks to a server over
// HTTP and MQTT like anybody else; `serve` is the server. A command is loaded when it is asked for:
// loading all of Isotherm takes longer than most of them.
import { lstatSync } from 'node:fs'
import { parseArgs } from 'node:util'
import type { PersonOptions } from './cli/care.ts'
import type { SendOptions } from './cli/files.ts'
import { type Config, parseConfig } from './config.ts'
import { Corrupt, OperatorError, Unavailable } from './domain/refusal.ts'

const usage = `isotherm <command>

  serve                      everything in one process on embedded stores (default)
  demo                       the same in a temporary folder, with a simulated fleet
  simulate                   a simulated fleet against a running server
                             --scenario NAME --devices N --seed S --hours H
                             --speed X (1 real time) or virtual (as fast as possible)
                             --out FOLDER: into files, with the truth (docs/simulators.md)
  import FILE [FILE ...]     logger files; --utc-offset +01:00 (clock of the logger), --device ID;
                             tables also --zone Europe/Berlin --dates dmy --start TIME
  capture FILE [FILE ...]    EPCIS documents, JSON or XML
  load FILE [FILE ...]       serials, aggregations, shipments from ERP, WMS, MES as CSV;
                             --mapping FILE.json or the name of a mapping (docs/loading.md)
  back-test GTIN             what a proposed profile would have done to the readings there are;
                             --profile FILE.json --cost PER-UNIT --from TIME --to TIME
  detect FILE.csv            how unusual each row of timestamp,value is, 0 to 1; --out FILE
  export DIR                 all that ledger and series hold, for other stores; the server is stopped
  import DIR                 an export, into the empty stores of the settings; may be run again
  backup [DIR]               the embedded stores, also while a server uses them
  restore DIR                a backup, into an empty data folder
  people add ID              an account, with a password for the first time;
                             --name 'Printed Name' --roles admin,quality --email ADDRESS
  verify audit               an exported evidence log, without a server: --file FILE.ndjson,
                             --head FILE.json of a head kept before, --key PUBLIC-KEY
  verify report FILE.pdf     a printed report against the record that is attached to it
  doctor                     looks at everything a server needs, says what is broken and what mends it

  --url URL --token TOKEN    of the running server (also ISOTHERM_URL, ISOTHERM_TOKEN); import and
                             capture work without a running server too
  --json                     one JSON object a line instead of text
Settings are environment variables ISOTHERM_*: see docs/operations.md.`

const options = {
  url: { type: 'string' },
  mqtt: { type: 'string' },
  token: { type: 'string' },
  json: { type: 'boolean', default: false },
  mapping: { type: 'string' },
  help: { type: 'boolean', short: 'h', default: false },
  devices: { type: 'string', default: '12' },
  seed: { type: 'string', default: '1' },
  speed: { type: 'string', default: '1' },
  hours: { type: 'string' },
  scenario: { type: 'string', default: 'cold-chain' },
  start: { type: 'string' },
  'utc-offset': { type: 'string', default: '+00:00' },
  device: { type: 'string' },
  zone: { type: 'string' },
  dates: { type: 'string' },
  profile: { type: 'string' },
  cost: { type: 'string' },
  from: { type: 'string' },
  to: { type: 'string' },
  out: { type: 'string' },
  file: { type: 'string' },
  head: { type: 'string', multiple: true, default: [] as string[] },
  key: { type: 'string' },
  name: { type: 'string' },
  roles: { type: 'string', default: '' },
  email: { type: 'string' },
} as const

type Options = ReturnType<typeof parse>['values']

const parse = (argv: string[]) => parseArgs({ args: argv, options, allowPositionals: true })

/** Runs a command; sets the exit code: 0 fine, 1 failed, 2 wrong use. */
export async function main(argv: string[]): Promise<void> {
  try {
    await run(argv)
  } catch (error) {
    if (error instanceof OperatorError)
      console.error(`isotherm: ${error.message}\n  -> ${error.remedy}`)
    else if (error instanceof Corrupt || error instanceof Unavailable)
      console.error(`isotherm: ${error.message}`)
    else if (
      error instanceof TypeError &&
      'code' in error &&
      String(error.code).startsWith('ERR_PARSE_ARGS')
    )
      console.error(`isotherm: ${error.message}\n\n${usage}`)
    else console.error(error)
    process.exitCode = process.exitCode ?? 1
  }
}

async function run(argv: string[]): Promise<void> {
  const { values, positionals } = parse(argv)
  const [command = 'serve', ...files] = positionals
  if (values.help) {
    console.log(usage)
    return
  }
  if (command === 'doctor') {
    const { doctor } = await import('./cli/care.ts')
    if (!(await doctor(process.env, values.json))) process.exitCode = 1
    return
  }
  if (command === 'detect') {
    if (files.length !== 1) throw wrongUse('isotherm detect needs one file', 'detect FILE.csv')
    const { detectFile } = await import('./cli/detect.ts')
    if (!(await detectFile(files[0]!, values))) process.exitCode = 1
    return
  }
  if (command === 'verify') {
    if (!(await verify(files, values))) process.exitCode = 1
    return
  }
  await runWith(parseConfig(process.env), { command, files, values })
}

/** Commands that know the settings. */
async function runWith(
  config: Config,
  { command, files, values }: { command: string; files: string[]; values: Options },
): Promise<void> {
  switch (command) {
    case 'serve':
      return (await import('./cli/serve.ts')).serveUntilTold(config)
    case 'demo':
      return (await import('./cli/serve.ts')).demo(config)
    case 'simulate':
      return (await import('./cli/simulate.ts')).simulate({
        ...values,
        urlDefault: process.env.ISOTHERM_URL ?? 'http://127.0.0.1:8080',
        token: () => tokenOf(values),
      })
    case 'export':
      if (!files[0]) throw wrongUse('isotherm export needs a folder', 'export DIR')
      return (await import('./cli/move.ts')).exportTo(files[0], sendOptions(values, config))
    case 'import':
    case 'capture':
      return takeIn(command, files, sendOptions(values, config))
    case 'load':
      return load(files, { ...sendOptions(values, config), mapping: values.mapping })
    case 'back-test': {
      if (!files[0]) throw wrongUse('isotherm back-test needs a product', 'back-test GTIN')
      const { profile, cost, from, to } = values
      const asked = { ...sendOptions(values, config), profile, cost, from, to }
      const { backTestProduct } = await import('./cli/back-test.ts')
      if (!(await backTestProduct(files[0], asked))) process.exitCode = 1
      return
    }
    case 'people':
      if (files[0] !== 'add' || !files[1]) throw wrongUse('isotherm people?', 'people add ID')
      return (await import('./cli/care.ts')).addPerson(files[1], personOptions(values, config))
    case 'backup':
      return (await import('./cli/backup.ts')).backup(files[0], sendOptions(values, config))
    case 'restore':
      if (!files[0]) throw wrongUse('isotherm restore needs a backup', 'restore DIR')
      return (await import('./cli/backup.ts')).restore(files[0], sendOptions(values, config))
    default:
      throw wrongUse(`there is no command "${command}"`, '--help lists the commands')
  }
}

async function takeIn(
  command: 'import' | 'capture',
  files: string[],
  options: SendOptions,
): Promise<void> {
  if (files.length === 0) throw wrongUse(`isotherm ${command} needs a file`, `${command} FILE`)
  // A folder is an export and no logger file, of which `isotherm import` takes many.
  if (command === 'import' && lstatSync(files[0]!, { throwIfNoEntry: false })?.isDirectory())
    return (await import('./cli/move.ts')).importFrom(files[0]!, options)
  const { sendFiles } = await import('./cli/files.ts')
  if (!(await sendFiles(command, files, options))) process.exitCode = 1
}

async function load(
  files: string[],
  options: SendOptions & { mapping: string | undefined },
): Promise<void> {
  if (files.length === 0) throw wrongUse('isotherm load needs a file', 'load FILE --mapping MAP')
  const { loadFile } = await import('./cli/load.ts')
  for (const file of files) if (!(await loadFile(file, options))) process.exitCode = 1
}

function tokenOf(values: Options): string {
  const token = values.token ?? process.env.ISOTHERM_TOKEN ?? process.env.ISOTHERM_ADMIN_TOKEN
  if (token) return token
  throw new OperatorError('no token', 'give --token, or set ISOTHERM_TOKEN')
}

const personOptions = (values: Options, config: Config): PersonOptions => ({
  ...sendOptions(values, config),
  ...{ name: values.name, roles: values.roles, email: values.email },
})

const sendOptions = (values: Options, config: Config): SendOptions => ({
  url: values.url ?? process.env.ISOTHERM_URL,
  token: () => tokenOf(values),
  config,
  json: values.json,
  utcOffset: values['utc-offset'],
  device: values.device,
  zone: values.zone,
  dates: values.dates,
  start: values.start,
})

async function verify(
  [what, named]: readonly string[],
  { file, head: heads, key, json }: Options,
): Promise<boolean> {
  const { verifyAudit, verifyReport } = await import('./cli/care.ts')
  if (what === 'report' && named !== undefined) return verifyReport(named, json)
  if (what === 'audit' && file) return verifyAudit({ file, heads, key, json })
  throw wrongUse('verify what?', 'verify audit --file FILE, or verify report FILE.pdf')
}

function wrongUse(what: string, use: string): OperatorError {
  process.exitCode = 2
  return new OperatorError(what, `isotherm ${use}`)
}

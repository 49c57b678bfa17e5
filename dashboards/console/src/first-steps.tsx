// What to do when nothing is there yet: the commands that bring a product, a logger, serials inside
// a shipper and a first excursion. Each can be copied; `$TOKEN` stands for the token, which is
// never printed here.
import { CopyButton } from './copy-button.tsx'
import { addressOf } from './router.ts'
import { writeBoard as write } from './words/board.ts'
import { writeTitle } from './words/titles.ts'

/** Pages where the same is done without commands. */
const byHand = ['products', 'loggers', 'places', 'people', 'notifications'] as const

interface Step {
  title: string
  command: string
}

export function FirstSteps() {
  return (
    <section class="panel first-steps" aria-labelledby="steps-title">
      <header>
        <h2 id="steps-title">{write('steps')}</h2>
      </header>
      <p>{write('steps.text')}</p>
      <p class="actions actions-start">
        {write('steps.here')}
        {byHand.map((name) => (
          <a key={name} class="button" href={addressOf([name === 'loggers' ? 'devices' : name])}>
            {writeTitle(name)}
          </a>
        ))}
      </p>
      <ol>
        {stepsFor(location.origin).map((step) => (
          <StepView key={step.title} step={step} />
        ))}
      </ol>
    </section>
  )
}

function StepView({ step }: { step: Step }) {
  return (
    <li>
      <div class="step-head">
        <h3>{step.title}</h3>
        <CopyButton text={step.command} name={write('steps.copy', { title: step.title })} />
      </div>
      <pre>{step.command}</pre>
    </li>
  )
}

// GS1 keeps prefix 952 for examples: these keys can never belong to a real thing.
const gtin = '09521234543213'
const shipper = 'https://id.gs1.org/00/095212340000000013'
const logger = 'https://id.gs1.org/8004/9521234LOGGER1'
const serials = ['A1', 'A2'].map((serial) => `https://id.gs1.org/01/${gtin}/21/${serial}`)

function stepsFor(origin: string): Step[] {
  const send = (method: string, path: string, body: unknown): string =>
    [
      `curl -X ${method} ${origin}${path}`,
      `-H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json'`,
      `-d '${JSON.stringify(body)}'`,
    ].join(' \\\n  ')
  return [
    { title: write('steps.token'), command: 'TOKEN=…' },
    {
      title: write('steps.product'),
      command: send('PUT', `/api/v1/products/${gtin}`, {
        name: 'Example vaccine',
        profile: { ruleSet: 'cdc-fridge' },
      }),
    },
    {
      title: write('steps.device'),
      command: send('POST', '/api/v1/devices', {
        id: 'logger-1',
        giai: logger,
        loggingIntervalSeconds: 300,
      }),
    },
    {
      title: write('steps.capture'),
      command: send('POST', '/epcis/capture', captureOf()),
    },
    {
      title: write('steps.reading'),
      command: [
        `curl -X POST '${origin}/api/v1/readings?device=logger-1'`,
        `-H "Authorization: Bearer $LOGGER_TOKEN" -H 'Content-Type: application/json'`,
        `-d '[{"time":"'$(date -u +%FT%TZ)'","temperature":9.4}]'`,
      ].join(' \\\n  '),
    },
    {
      title: write('steps.alerts'),
      command: `curl -H "Authorization: Bearer $TOKEN" ${origin}/api/v1/alerts`,
    },
  ]
}

function captureOf(): unknown {
  const hourAgo = new Date(Math.floor(Date.now() / 60_000) * 60_000 - 3_600_000).toISOString()
  const common = { eventTime: hourAgo, eventTimeZoneOffset: '+00:00', action: 'ADD' }
  return {
    '@context': ['https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld'],
    type: 'EPCISDocument',
    schemaVersion: '2.0',
    creationDate: hourAgo,
    epcisBody: {
      eventList: [
        { type: 'ObjectEvent', ...common, bizStep: 'commissioning', epcList: serials },
        {
          type: 'AggregationEvent',
          ...common,
          bizStep: 'packing',
          parentID: shipper,
          childEPCs: serials,
        },
        { type: 'AssociationEvent', ...common, parentID: shipper, childEPCs: [logger] },
      ],
    },
  }
}

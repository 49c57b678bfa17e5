// Writes what the code in this folder says as the files that Grafana reads: dashboards/*.json and
// provisioning/alerting/isotherm.yaml. The files are committed, so whoever runs Grafana needs
// neither this nor the SDK. Asks nothing over the network.
//
//   node dashboards/grafana/build.ts [--isotherm https://isotherm.example.org] [--out FOLDER]
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { device } from './device.ts'
import { diversion } from './diversion.ts'
import { excursion } from './excursion.ts'
import { fleet } from './fleet.ts'
import { pipeline } from './pipeline.ts'
import { quality } from './quality.ts'
import { formatRules } from './rules.ts'
import { shipment } from './shipment.ts'
import { traceability } from './traceability.ts'
import { isothermUrlDefault } from './variables.ts'

/** Text of each file by its path below this folder. */
export function renderFiles(isothermUrl: string = isothermUrlDefault): Map<string, string> {
  const boards = [fleet, shipment, excursion, device, pipeline, traceability, quality, diversion]
  const files = boards.map((board): [string, string] => [
    `dashboards/${board.uid}.json`,
    formatJson(board.render(isothermUrl)),
  ])
  return new Map([...files, ['provisioning/alerting/isotherm.yaml', formatRules()]])
}

/** As the formatter of this project leaves JSON: short lists of plain values on one line. */
function formatJson(value: unknown): string {
  const text = `${JSON.stringify(value, null, 2)}\n`
  const plain = String.raw`(?:"(?:[^"\\]|\\.)*"|-?[\d.]+|true|false|null)`
  const list = new RegExp(
    String.raw`^( *(?:"[^"\n]*": )?)\[\n *(${plain}(?:,\n *${plain})*)\n *\](,?)$`,
    'gm',
  )
  return text.replace(list, (whole, before, items, comma) => {
    const line = `${before}[${items.replace(/,\n */g, ', ')}]${comma}`
    return line.length <= 100 ? line : whole
  })
}

function main(): void {
  const { values } = parseArgs({
    options: {
      isotherm: { type: 'string', default: isothermUrlDefault },
      out: { type: 'string', default: import.meta.dirname },
    },
  })
  for (const [path, text] of renderFiles(values.isotherm.replace(/\/$/, ''))) {
    const file = join(values.out, path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
    console.log(file)
  }
}

if (import.meta.main) main()

// The programs that the console gives to copy, each run as it stands against a real server.
import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cutAt } from '../dashboards/console/src/devices/marked.ts'
import { snippetsFor } from '../dashboards/console/src/devices/snippets.ts'
import { type Server, serve } from '../main.ts'
import { configOf, listenerOf } from './served.ts'

const run = promisify(execFile)
const folders = (process.env.PATH ?? '').split(delimiter)
const isThere = (tool: string): boolean => folders.some((folder) => existsSync(join(folder, tool)))

describe('each program of the console sends a first reading', () => {
  const folder = mkdtempSync(join(tmpdir(), 'isotherm-snippets-'))
  let server: Server
  beforeAll(async () => {
    server = await serve(configOf(folder))
  })
  afterAll(async () => {
    await server.close()
    rmSync(folder, { recursive: true, force: true })
  })

  it.each([
    ['mosquitto_pub', 'mosquitto_pub', ['sh', '-c']],
    ['curl', 'curl', ['sh', '-c']],
    ['Node', 'node', [process.execPath, '--input-type=module', '-e']],
    ['Python', 'python3', ['python3', '-c']],
  ])('with %s, where it is installed', async (name, tool, [command, ...args]) => {
    if (!isThere(tool)) return console.warn(`snippets.test: skipped, there is no ${tool}`)
    const listener = listenerOf(server)
    const made = await listener.api('POST', '/api/v1/devices', { id: `logger-${tool}` })
    const { id, token, mqtt } = made as unknown as Made
    const snippets = snippetsFor({
      device: id,
      topic: mqtt.topics.readings,
      origin: new URL(server.httpUrl).origin,
      mqttPort: Number(new URL(server.mqttUrl!).port),
    })
    const { text } = snippets.find((snippet) => snippet.name === name)!
    await run(command!, [...args, text], { env: { ...process.env, TOKEN: token } })
    await server.settled()
    const state = (await listener.api('GET', `/api/v1/devices/${id}`)) as unknown as State
    expect(state.latest).toMatchObject([{ channel: 'temperature', value: 4.2 }])
    expect(Math.abs(Date.parse(state.latest[0]!.time) - Date.now())).toBeLessThan(600_000)
  })
})

/** What the sketch uses of its libraries, as their headers declare it. */
const boardHeaders = {
  'Arduino.h': 'void delay(unsigned long ms); void configTime(long, int, const char *);',
  'WiFi.h':
    'enum { WL_CONNECTED = 3 }; class WiFiClient {}; class WiFiClass { public: int begin(const char *, const char *); int status(); }; extern WiFiClass WiFi;',
  'PubSubClient.h':
    'class PubSubClient { public: PubSubClient(WiFiClient &); PubSubClient &setServer(const char *, unsigned short); bool connected(); bool connect(const char *, const char *, const char *); bool loop(); bool publish(const char *, const char *); };',
}

describe('the program for an Arduino-like board', () => {
  it('compiles, where there is a compiler', async () => {
    if (!isThere('g++')) return console.warn('snippets.test: skipped, there is no g++')
    const folder = mkdtempSync(join(tmpdir(), 'isotherm-sketch-'))
    for (const [name, text] of Object.entries(boardHeaders)) writeFileSync(join(folder, name), text)
    const { text } = snippetsFor({
      ...{ device: 'logger-1', topic: 'v1/default/logger-1/readings' },
      ...{ origin: 'https://cold.example', mqttPort: 1883 },
    }).find(({ name }) => name === 'Arduino')!
    // As the Arduino tools do: their header in front, and C's own.
    const sketch = `#include <stdio.h>\n#include "Arduino.h"\n${text}\n`
    writeFileSync(join(folder, 'sketch.cpp'), sketch)
    const flags = ['-std=c++17', '-fsyntax-only', '-Wall', '-Werror', `-I${folder}`]
    await run('g++', [...flags, join(folder, 'sketch.cpp')])
    rmSync(folder, { recursive: true, force: true })
  })
})

interface Made {
  id: string
  token: string
  mqtt: { topics: { readings: string } }
}
interface State {
  latest: { channel: string; time: string; value: number }[]
}

describe('a text cut where refusals point', () => {
  it('is whole again when joined, and marks each place, an outer one where it begins', () => {
    const pieces = cutAt('[{"a":1},2]', [
      { at: 6, length: 1 },
      { at: 1, length: 7 },
      { at: 9, length: 1 },
      { at: null, length: 1 },
    ])
    expect(pieces.map(({ text }) => text).join('')).toBe('[{"a":1},2]')
    expect(pieces.filter(({ mark }) => mark !== null)).toEqual([
      { text: '{', mark: 1 },
      { text: '1', mark: 0 },
      { text: '2', mark: 2 },
    ])
  })

  it('marks the end where the text ends too early', () => {
    expect(cutAt('{"a":', [{ at: 5, length: 1 }]).at(-1)).toEqual({ text: '⌫', mark: 0 })
  })
})

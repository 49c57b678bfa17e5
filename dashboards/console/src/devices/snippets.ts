// Programs that send a first reading, to be copied: one text each, run by test/snippets.test.ts.
// The token never stands in them: they take it from the environment variable TOKEN.

export interface Snippet {
  name: 'mosquitto_pub' | 'curl' | 'Node' | 'Python' | 'Arduino'
  text: string
}

export interface SnippetFor {
  device: string
  /** `v1/default/logger-1/readings` */
  topic: string
  /** `https://cold.example` */
  origin: string
  mqttPort: number
}

export function snippetsFor(given: SnippetFor): Snippet[] {
  const host = new URL(given.origin).hostname.replace(/^\[|\]$/g, '')
  return [
    { name: 'mosquitto_pub', text: mosquitto(given, host) },
    { name: 'curl', text: curl(given) },
    { name: 'Node', text: node(given) },
    { name: 'Python', text: python(given) },
    { name: 'Arduino', text: arduino(given, host) },
  ]
}

const mosquitto = ({ device, topic, mqttPort }: SnippetFor, host: string): string =>
  `mosquitto_pub -h ${host} -p ${mqttPort} -u '${device}' -P "$TOKEN" -q 1 \\
  -t '${topic}' \\
  -m "{\\"time\\": $(date +%s)000, \\"temperature\\": 4.2}"`

const curl = ({ device, origin }: SnippetFor): string =>
  `curl --fail-with-body --retry 5 -X POST '${origin}/api/v1/readings?device=${device}' \\
  -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' \\
  -d "{\\"time\\": $(date +%s)000, \\"temperature\\": 4.2}"`

const node = ({ device, origin }: SnippetFor): string =>
  `import { env } from 'node:process'

const answer = await fetch('${origin}/api/v1/readings?device=${device}', {
  method: 'POST',
  headers: {
    Authorization: 'Bearer ' + env.TOKEN,
    'Content-Type': 'application/json',
  },
  body: JSON.stringify([{ time: Date.now(), temperature: 4.2 }]),
})
console.log(answer.status, await answer.text())
if (!answer.ok) throw new Error('not taken')`

const python = ({ device, origin }: SnippetFor): string =>
  `import json, os, time, urllib.request

request = urllib.request.Request(
    "${origin}/api/v1/readings?device=${device}",
    data=json.dumps([{"time": int(time.time() * 1000), "temperature": 4.2}]).encode(),
    headers={
        "Authorization": "Bearer " + os.environ["TOKEN"],
        "Content-Type": "application/json",
    },
)
with urllib.request.urlopen(request) as answer:
    print(answer.status, answer.read().decode())`

const arduino = ({ device, topic, mqttPort }: SnippetFor, host: string): string =>
  `#include <WiFi.h>
#include <time.h>
#include <PubSubClient.h>

#define TOKEN "..."  // the device's token
WiFiClient net;
PubSubClient mqtt(net);

void setup() {
  WiFi.begin("network", "password");
  while (WiFi.status() != WL_CONNECTED) delay(200);
  configTime(0, 0, "pool.ntp.org");  // readings carry UTC
  mqtt.setServer("${host}", ${mqttPort});
}

void loop() {
  if (!mqtt.connected()) mqtt.connect("${device}", "${device}", TOKEN);
  mqtt.loop();
  time_t now = time(nullptr);
  if (now > 1600000000) {  // the clock is set
    char body[80];
    snprintf(body, sizeof body, "{\\"time\\": %lld000, \\"temperature\\": %.2f}",
             (long long)now, 4.2);
    mqtt.publish("${topic}", body);
  }
  delay(60000);
}`

// The doctor's look at an MQTT broker outside that we follow: does it answer, does it let us in,
// and may we share a subscription. Takes no packet: the topic it asks for is nobody's.
import mqtt from 'mqtt'
import type { UpstreamSetting } from '../config-urls.ts'
import {
  answerWithinMs,
  broken,
  type Check,
  isLocal,
  reasonOf,
  well,
} from '../store/check/check.ts'

const part = 'upstream mqtt'

export async function checkUpstream({ url, tenants }: UpstreamSetting): Promise<Check[]> {
  const { host } = new URL(url.replace(/^mqtts?/, 'http'))
  let client: mqtt.MqttClient
  try {
    client = await mqtt.connectAsync(url, {
      clientId: `isotherm-doctor-${process.pid}`,
      connectTimeout: answerWithinMs,
      reconnectPeriod: 0,
    })
  } catch (error) {
    return [refusal(error, host)]
  }
  try {
    const topic = `$share/isotherm-doctor/v1/${tenants[0]}/isotherm-doctor/nothing`
    const granted = await client.subscribeAsync(topic, { qos: 1 })
    // 0x80: refused (MQTT-3.9.3-2).
    if (granted.some(({ qos }) => (qos as number) === 128)) throw new Error('refused')
    return [well(part, `the broker at ${host} lets us in and shares a subscription`)]
  } catch (error) {
    const allow = `let the user of ISOTHERM_MQTT_UPSTREAM_URL read v1/${tenants[0]}/# there (ACL)`
    return [broken(part, `${host} does not let us subscribe: ${reasonOf(error)}`, allow)]
  } finally {
    await client.endAsync(true).catch(() => undefined)
  }
}

function refusal(error: unknown, host: string): Check {
  const { code } = error as { code?: unknown }
  // Bad user name or password, not authorized (MQTT-3.2.2-6; 134 and 135 in MQTT 5).
  if ([4, 5, 134, 135].includes(code as number)) {
    const put = 'put a user and password that it knows into ISOTHERM_MQTT_UPSTREAM_URL'
    return broken(part, `${host} refuses the credentials`, put)
  }
  const start = isLocal(host)
    ? 'systemctl start mosquitto'
    : `start the broker on ${host}, or set ISOTHERM_MQTT_UPSTREAM_URL to where it is`
  return broken(part, `${host} does not answer: ${reasonOf(error)}`, start)
}

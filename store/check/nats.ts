// The doctor's look at NATS: does it answer, which version, does it let us in, has it JetStream,
// and nodes enough for the replicas asked for. Makes no stream.
import { jetstreamManager } from '@nats-io/jetstream'
import { connect, type NatsConnection } from '@nats-io/transport-node'
import type { NatsSetting } from '../../config-urls.ts'
import { answerWithinMs, broken, type Check, doubtful, isLocal, reasonOf, well } from './check.ts'

const part = 'nats'

export async function checkNats(setting: NatsSetting): Promise<Check[]> {
  const { servers, user, password, token } = setting
  let connection: NatsConnection
  try {
    connection = await connect({
      servers,
      ...(user !== undefined && { user, pass: password ?? '' }),
      ...(token !== undefined && { token }),
      timeout: answerWithinMs,
      reconnect: false,
    })
  } catch (error) {
    return [refusal(error, setting)]
  }
  try {
    return await ask(connection, setting)
  } finally {
    await connection.close()
  }
}

async function ask(connection: NatsConnection, setting: NatsSetting): Promise<Check[]> {
  const { version = '?', connect_urls: others = [] } = connection.info ?? {}
  const enable = 'nats-server -js (or jetstream {} in its configuration file)'
  try {
    const jetstream = await jetstreamManager(connection, { timeout: answerWithinMs })
    const { limits, storage } = await jetstream.getAccountInfo()
    // -1: no limit.
    if (limits.max_storage >= 0 && storage >= 0.9 * limits.max_storage) {
      const detail = `JetStream holds ${storage} of the ${limits.max_storage} bytes it may hold`
      return [doubtful(part, detail, 'raise jetstream { max_file_store } of the servers')]
    }
  } catch (error) {
    const detail = `JetStream is not enabled (${reasonOf(error)})`
    return [broken(part, detail, enable)]
  }
  const nodes = new Set([connection.getServer(), ...others]).size
  if (nodes < setting.replicas) {
    const detail = `${nodes} of its servers are seen, and ${setting.replicas} replicas are wanted`
    const fewer = `start the other servers of the cluster, or set replicas=${nodes > 2 ? 3 : 1}`
    return [broken(part, detail, `${fewer} in ISOTHERM_LOG_URL`)]
  }
  const at = connection.getServer()
  return [well(part, `NATS ${version} at ${at} with JetStream, ${nodes} servers seen`)]
}

function refusal(error: unknown, { servers }: NatsSetting): Check {
  const said = reasonOf(error)
  if (/authorization|authentication/i.test(said)) {
    const put = 'put a user and password, or a token, that it knows into ISOTHERM_LOG_URL'
    return broken(part, 'it refuses the credentials', put)
  }
  const port = servers[0]?.split(':').at(-1)
  const start = `nats-server -js -p ${port}`
  const here = servers.every(isLocal)
  const elsewhere = `${start} (on its machine), or set ISOTHERM_LOG_URL to where it is`
  return broken(part, `${servers.join(', ')} does not answer: ${said}`, here ? start : elsewhere)
}

// Who is told of what, and what became of it: channels, rules with a preview, the log, reports that
// are sent again and again. What is told decides the server.
import { type Loaded, useLoad } from '../load.ts'
import { Channels } from '../notifications/channels.tsx'
import { Log } from '../notifications/log.tsx'
import { Preview } from '../notifications/preview.tsx'
import { Rules } from '../notifications/rules.tsx'
import { Schedules } from '../notifications/schedules.tsx'
import { channel, rule } from '../notifications/shapes.ts'
import type { PageProps } from '../pages.ts'
import * as d from '../quality/decode.ts'
import { apiPath, read } from '../server.ts'
import { mayAs } from '../settings/may.ts'
import '../settings/settings.css'
import '../notifications/notifications.css'

/** More than the server lets there be (notificationChannelsMax). */
const channelsMax = 500

export default function Notifications({ query }: PageProps) {
  const channels = useAll('notification-channels', channel)
  const rules = useAll('notification-rules', rule)
  const may = mayAs('admin', 'quality', 'operator')
  return (
    <div class="page notifications">
      <div class="sides">
        <Channels loaded={channels} may={may} />
        <Rules loaded={rules} channels={channels.value ?? []} may={may} />
      </div>
      {rules.value && rules.value.length > 0 && <Preview rules={rules.value} />}
      <Log query={query} channels={channels.value ?? []} rules={rules.value ?? []} may={may} />
      <Schedules channels={channels.value ?? []} may={mayAs('admin', 'quality')} />
    </div>
  )
}

const useAll = <T,>(name: string, item: d.Decode<T>): Loaded<T[]> =>
  useLoad(
    name,
    async (signal) => d.page(item)(await read(apiPath(name), { limit: channelsMax }, signal)).items,
    [`changed:${name}`],
  )

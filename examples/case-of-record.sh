#!/usr/bin/env bash
# The case of record against a running server: two cases on a pallet, a logger on the pallet, one case taken off at
# 10:07, 10 °C from 10:00 to 10:40, a rule of 30 minutes above 8 °C. Prints the affected serials as CSV.
# Needs curl, node and mosquitto_pub.
#   TOKEN=… examples/case-of-record.sh [http://127.0.0.1:8080] [MQTT port]
set -euo pipefail
API=${1:-http://127.0.0.1:8080}
MQTT_PORT=${2:-1883}
AUTH="Authorization: Bearer ${TOKEN:?set TOKEN to the token of an administrator}"
JSON='Content-Type: application/json'
here=$(cd "$(dirname "$0")" && pwd)
field() { node -p "JSON.parse(require('node:fs').readFileSync(0)).$1"; }

curl -fsS -X PUT "$API/api/v1/products/09521234543213" -H "$AUTH" -H "$JSON" -o /dev/null -d '{
  "name": "Vaccine, 10 doses",
  "profile": {
    "rangeC": {"min": 2, "max": 8},
    "rules": [{"id": "heat", "kind": "single", "above": 8, "forMinutes": 30, "severity": "major"}],
    "loggingIntervalSeconds": 300
  }
}'
device_token=$(curl -fsS -X POST "$API/api/v1/devices" -H "$AUTH" -H "$JSON" \
  -d '{"id": "logger-1", "giai": "https://id.gs1.org/8004/9521234LOG1"}' | field token)
curl -fsS -X POST "$API/epcis/capture" -H "$AUTH" -H 'Content-Type: application/ld+json' \
  --data @"$here/pallet.jsonld" -o /dev/null

host=$(node -p "new URL('$API').hostname")
for minute in $(seq 0 5 55); do
  temperature=5
  if [ "$minute" -lt 40 ]; then temperature=10; fi
  printf '{"time": "2026-03-02T10:%02d:00Z", "temperature": %s}\n' "$minute" "$temperature"
done | mosquitto_pub -h "$host" -p "$MQTT_PORT" -u logger-1 -P "$device_token" -q 1 \
  -t v1/default/logger-1/readings -l

# Acknowledged is kept; recorded and judged follows at once. Ask until it is there.
for _ in $(seq 100); do
  alert=$(curl -fsS "$API/api/v1/alerts?device=logger-1" -H "$AUTH" |
    node -p "const {items: [a]} = JSON.parse(require('node:fs').readFileSync(0)); a?.to ? a.id : ''")
  if [ -n "$alert" ]; then break; fi
  sleep 0.1
done
curl -fsS "$API/api/v1/alerts/$alert/serials" -H "$AUTH" -H 'Accept: text/csv'

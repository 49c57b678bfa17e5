#!/bin/sh
# Hands the exposure of a unit over from one installation to another, and prints its passport there.
# Needs curl and node.
#   MAKER=http://… MAKER_TOKEN=… SHOP=http://… SHOP_TOKEN=… examples/hand-over.sh DIGITAL-LINK [tenant]
set -eu
unit=$(node -p 'encodeURIComponent(process.argv[1])' "$1")
json='Content-Type: application/json'
shop="Authorization: Bearer ${SHOP_TOKEN:?}"

# The maker signs what the unit went through.
signed=$(curl -fsS -X POST -H "Authorization: Bearer ${MAKER_TOKEN:?}" \
  "$MAKER/api/v1/units/$unit/hand-over")

# Once, and over a way that can be trusted: the shop believes the key of the maker.
key=$(curl -fsS "$MAKER/.well-known/isotherm-keys/${2:-default}" |
  node -p 'const { keys } = JSON.parse(require("node:fs").readFileSync(0));
    JSON.stringify({ name: "Maker", key: keys.at(-1) })')
curl -fsS -o /dev/null -H "$shop" -H "$json" -d "$key" "$SHOP/api/v1/hand-over-keys"

# The shop captures it as any other event; from then on the unit's budgets go on from it.
printf %s "$signed" |
  curl -fsS -o /dev/null -H "$shop" -H "$json" --data-binary @- "$SHOP/epcis/capture"

sleep "${WAIT:-2}"
curl -fsS -H "$shop" "$SHOP/api/v1/units/$unit/passport"

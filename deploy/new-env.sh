#!/bin/sh
# Prints .env.example with a random secret wherever one is missing:
#   sh deploy/new-env.sh > deploy/.env
set -eu
cd "$(dirname "$0")"
# 192 bits as letters: NATS would read one that begins with a digit as a number.
secret() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n' | tr '0-9' 'g-p'; }
while IFS= read -r line; do
  case $line in
    [A-Z]*=) printf '%s%s\n' "$line" "$(secret)" ;;
    *) printf '%s\n' "$line" ;;
  esac
done < .env.example

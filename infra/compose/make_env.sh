#!/usr/bin/env bash
# Creates .env with all settings, and generates the secrets that it lacks, also those that came with a later version.
set -euo pipefail
cd "$(dirname "$0")/../.."

random() { head -c 256 /dev/urandom | base64 -w0 | tr -dc 'A-Za-z0-9' | head -c "$1"; }
fill() { sed -i -E "s|^(# ?)?$1=.*|$1=$2|" "$draft"; }
has() { grep -qE "^$1=[^ #]" "$draft"; }
names() { grep -qE "^(# ?)?$1=" "$draft"; }

umask 077
draft=$(mktemp .env.XXXXXX)
trap 'rm -f "$draft"' EXIT
if [ -e .env ]; then cat .env; else cat .env.example infra/compose/env.example; fi >"$draft"
new=
for name in POSTGRES_PASSWORD DATABASE_PASSWORD STORAGE_SECRET_KEY VALKEY_PASSWORD RABBITMQ_PASSWORD GRAFANA_PASSWORD \
  METRICS_TOKEN AKASHI_SECRET; do
  has "$name" && continue
  names "$name" || printf '%s=\n' "$name" >>"$draft"
  fill "$name" "$(random 64)"
  new="$new $name"
done
if [ ! -e .env ]; then
  fill AKASHI_ADMIN_EMAIL admin@example.org
  fill AKASHI_ADMIN_PASSWORD "$(random 20)"
  echo "install  wrote .env with generated secrets: sign in with its AKASHI_ADMIN_EMAIL and AKASHI_ADMIN_PASSWORD" >&2
elif [ -n "$new" ]; then
  echo "install  generated in .env:$new" >&2
else
  exit 0
fi
chmod 600 "$draft"
mv "$draft" .env

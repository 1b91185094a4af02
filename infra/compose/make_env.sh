#!/usr/bin/env bash
# Creates .env when it does not exist: all settings, with generated secrets.
set -euo pipefail
cd "$(dirname "$0")/../.."
[ ! -e .env ] || exit 0

random() { head -c 256 /dev/urandom | base64 -w0 | tr -dc 'A-Za-z0-9' | head -c "$1"; }

umask 077
draft=$(mktemp .env.XXXXXX)
cat .env.example infra/compose/env.example >"$draft"
fill() { sed -i -E "s|^(# ?)?$1=.*|$1=$2|" "$draft"; }
for name in POSTGRES_PASSWORD STORAGE_SECRET_KEY VALKEY_PASSWORD RABBITMQ_PASSWORD GRAFANA_PASSWORD METRICS_TOKEN; do
  fill "$name" "$(random 32)"
done
fill AKASHI_SECRET "$(random 64)"
fill AKASHI_ADMIN_EMAIL admin@example.org
fill AKASHI_ADMIN_PASSWORD "$(random 20)"
mv "$draft" .env
echo "install  wrote .env with generated secrets: sign in with its AKASHI_ADMIN_EMAIL and AKASHI_ADMIN_PASSWORD" >&2

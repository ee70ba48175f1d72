#!/usr/bin/env bash
# Makes the secrets that an installation lacks: ./secrets/database-password with database-url, and grafana-password.
set -euo pipefail
folder="${SECRETS:-$(dirname "$0")/secrets}"
random() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }
# Only its owner enters the folder; inside containers the files are read by accounts with other numbers.
keep() { printf '%s' "$2" >"$folder/$1" && chmod 0444 "$folder/$1"; }
[ -e "$folder" ] || mkdir -m 0700 "$folder"
if [ -e "$folder/database-password" ]; then
    echo "$folder has the secrets of the database already; they were not changed" >&2
else
    password=$(random)
    keep database-password "$password"
    keep database-url "postgresql+psycopg://sharehub:$password@postgres:5432/sharehub"
fi
[ -e "$folder/grafana-password" ] || keep grafana-password "$(random)"

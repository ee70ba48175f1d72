#!/usr/bin/env bash
# Makes the secrets of a new installation, once: ./secrets/database-password and ./secrets/database-url.
set -euo pipefail
folder="${SECRETS:-$(dirname "$0")/secrets}"
if [ -e "$folder" ]; then
    echo "$folder exists already; nothing was changed" >&2
    exit 0
fi
mkdir -m 0700 "$folder"
password=$(od -An -N24 -tx1 /dev/urandom | tr -d ' \n')
# Only its owner enters the folder; inside containers the files are read by accounts with other numbers.
printf '%s' "$password" >"$folder/database-password"
printf 'postgresql+psycopg://sharehub:%s@postgres:5432/sharehub' "$password" >"$folder/database-url"
chmod 0444 "$folder"/*

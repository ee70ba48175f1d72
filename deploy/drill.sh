#!/usr/bin/env bash
# Plays the demo on the compose stack, and then does what befalls an operator: every service is killed, rolled,
# the database is backed up, lost and restored to a point in time. Ends with exit code 1 where a step fails.
#
#   deploy/drill.sh            # in a project of its own; it is removed afterwards, volumes and all
#
# COMPOSE is the program (`docker compose`); images are those of the environment (SHAREHUB_IMAGE, KAFKA_IMAGE, …).
set -Eeuo pipefail
cd "$(dirname "$0")"
export COMPOSE_PROJECT_NAME=sharehub-drill HTTP_PUBLISH=${HTTP_PUBLISH:-127.0.0.1:18080}
export PROMETHEUS_PUBLISH=${PROMETHEUS_PUBLISH:-127.0.0.1:19090}
SECRETS=$(mktemp -d)/secrets
export SECRETS
log=$(dirname "$SECRETS")/log
day=2026-03-02
# As a site does: with a file of its own in the place of .env, which starts the demo as well.
echo "DECIDE_ON=$day" >"$(dirname "$SECRETS")/site.env"
compose="${COMPOSE:-docker compose} --env-file $(dirname "$SECRETS")/site.env"
begun=$SECONDS

say() { printf '[%4d s] %s\n' "$((SECONDS - begun))" "$*"; }
quietly() { "$@" >"$log" 2>&1 || { say "FAILED: $*"; tail -20 "$log"; $compose logs --tail 20; exit 1; }; }
hub() { $compose exec -T web sharehub --json "$@" 2>/dev/null; }
figure() { hub status | python3 -c "import json, sys; print(json.load(sys.stdin)$1)"; }
database() { $compose exec -T postgres psql -U sharehub -d sharehub -Atqc "$1"; }
id_of() { $compose ps -q "$1" | sed -n 1p; } # not head: it would end before all is told, and break the pipe

until_true() { # SECONDS WORDS COMMAND…
    local deadline=$((SECONDS + $1)) words=$2
    shift 2
    until "$@" >/dev/null 2>&1; do
        [ "$SECONDS" -lt "$deadline" ] || { say "FAILED: $words"; $compose ps; $compose logs --tail 30; exit 1; }
        sleep 1
    done
    say "$words"
}
well() { [ "$(docker inspect -f '{{.State.Health.Status}}' "$1")" = healthy ]; }
healthy() { well "$(id_of "$1")"; }
restarted() { # a container that was started again after a kill: its process is another one
    [ "$(docker inspect -f '{{.State.Pid}} {{.State.Running}}' "$1")" != "$2 true" ] &&
        [ "$(docker inspect -f '{{.State.Running}}' "$1")" = true ]
}
same() { [ "$2" = "$3" ] && say "$1: $3" || { say "FAILED: $1 is $3 instead of $2"; $compose logs --tail 30; exit 1; }; }
feeds() { # one hash over every feed, as its recipient reads it
    $compose exec -T web python -c '
import hashlib, json
from sharehub.feeds import Feeds
from sharehub.hub import open_hub
from sharehub.settings import Settings

with open_hub(Settings.read(None, None, {})) as hub:
    read = {one["recipient"]: hub.pull(one["recipient"]) for one in Feeds(hub).recipients()}
print(hashlib.sha256(json.dumps(read, sort_keys=True, default=str).encode()).hexdigest()[:16])' 2>/dev/null
}
push() { # a company nobody has spoken of gets the best tax rating: one record, and one event for cn-tax-service
    company=$(database "SELECT value FROM identifiers i WHERE scheme = 'CN-USCC'
        AND NOT EXISTS (SELECT FROM measures m WHERE m.entity_id = i.entity_id) ORDER BY value LIMIT 1")
    curl -sS --fail-with-body --retry 10 --retry-all-errors --retry-delay 3 -X POST "http://$HTTP_PUBLISH/api/v1/records/cn-tax" -H "Authorization: Bearer $token" \
        -H 'Content-Type: application/json' -d '{"kind": "rating", "record_key": "drill/'"$1"'", "jurisdiction": "cn",
        "subject": {"kind": "company", "identifiers": [{"scheme": "CN-USCC", "value": "'"$company"'"}], "names": []},
        "decided_on": "'"$day"'", "rating_system": "tax-credit-rating", "grade": "A", "year": 2025}'
}
panels() { python3 panels.py "http://$PROMETHEUS_PUBLISH"; }
sent() { [ "$(hub feed pull cn-tax-service -f jsonl | wc -l)" = "$1" ]; }
restore() { # BACKUP INSTANT: the database as it was then; what it was is kept beside it
    quietly $compose run --rm --no-deps -T -u postgres --entrypoint bash postgres -euc '
        rm -rf "$PGDATA.before" && mv "$PGDATA" "$PGDATA.before" && cp -a "/archive/base/'"$1"'" "$PGDATA"
        printf "%s\n" "restore_command = '"'cp /archive/wal/%f %p'"'" "recovery_target_time = '"'$2'"'" \
            "recovery_target_timeline = current" "recovery_target_action = promote" >>"$PGDATA/postgresql.auto.conf"
        touch "$PGDATA/recovery.signal"'
    quietly $compose up -d --no-deps postgres
    until_true 300 "the database is restored to $2" promoted
}
promoted() { [ "$(database 'SELECT pg_is_in_recovery()')" = f ]; }
finish() {
    code=$?
    $compose --profile demo --profile observe down --volumes --timeout 20 >/dev/null 2>&1 || true
    rm -rf "$(dirname "$SECRETS")"
    exit "$code"
}
trap finish EXIT
trap 'say "FAILED: line $LINENO: $BASH_COMMAND"' ERR

./new-secrets.sh
say "starting"
services="consolidator relay timers webhooks web"
quietly $compose up -d --no-build
until_true 300 "HTTP is ready" healthy web
for service in $services; do
    for container in $($compose ps -q "$service"); do until_true 60 "$service is healthy" well "$container"; done
done
quietly $compose --profile observe up -d --no-deps prometheus
quietly $compose --profile demo run --rm -T demo
tail -1 "$log"
say "the demo is as it must be"
records=$(figure '["records"]')
before=$(feeds)

until_true 120 "Prometheus reads every container" panels
panels

for service in $services kafka postgres; do
    container=$(id_of "$service")
    process=$(docker inspect -f '{{.State.Pid}}' "$container")
    kill -9 "$process"
    until_true 300 "$service was killed and runs again" restarted "$container" "$process"
done
until_true 300 "PostgreSQL is healthy again" healthy postgres
until_true 300 "Kafka is healthy again" healthy kafka
until_true 300 "HTTP is ready again" healthy web

same "every feed after the kills" "$before" "$(feeds)"
token=$(hub token new cn-tax | python3 -c 'import json, sys; print(json.load(sys.stdin)["token"])')
events=$(hub feed pull cn-tax-service -f jsonl | wc -l)
quietly push 1
until_true 300 "a record that was pushed after the kills has led to its event" sent "$((events + 1))"

for service in $services; do
    for container in $($compose ps -q "$service"); do
        until_true 60 "$service is healthy after the kills" well "$container"
        docker stop --time 30 "$container" >/dev/null
        same "exit code of $service when it is told to stop" 0 "$(docker inspect -f '{{.State.ExitCode}}' "$container")"
        docker start "$container" >/dev/null
    done
done
until_true 300 "all were rolled, HTTP is ready" healthy web

$compose exec -T -u postgres postgres pg_basebackup -U sharehub -D /archive/base/drill --checkpoint=fast
too_early=$(database 'SELECT clock_timestamp()')
say "the database is backed up"
quietly push 2
until_true 300 "a second record has led to its event" sent "$((events + 2))"
records=$(figure '["records"]')
before=$(feeds)
instant=$(database 'SELECT clock_timestamp()')
database 'SELECT pg_switch_wal()' >/dev/null
sleep 2
database 'DROP TABLE records CASCADE' >/dev/null 2>&1
say "somebody dropped a table"

quietly $compose stop $services postgres
restore drill "$too_early"
if $compose run --rm --no-deps -T relay relay --until-caught-up 2>"$(dirname "$SECRETS")/refused"; then
    say "FAILED: the relay runs on a database that is older than what it has sent"
    exit 1
fi
grep -h 'was sent' "$(dirname "$SECRETS")/refused"
say "the relay refuses a database that is older than what has left"
quietly $compose stop postgres
restore drill "$instant"
quietly $compose up -d --no-build
until_true 300 "HTTP is ready" healthy web
same "records after the restore" "$records" "$(figure '["records"]')"
same "every feed after the restore" "$before" "$(feeds)"
quietly push 3
until_true 300 "a third record has led to its event" sent "$((events + 3))"
say "done"

#!/usr/bin/env bash
# The part of CI that needs containers, on a machine without any registry: as root, on Debian. It installs an engine if
# there is none, builds stand-ins for the images that cannot be pulled, runs the tests against them and plays the drill
# on the compose stack. It ends what it started.
#
# What the machine lacks (an engine, a mirror, disk, time) is said and skipped; what a test finds fails.
# BUDGET: the seconds within which every part must have begun and can be expected to end.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
began=$SECONDS
budget=${BUDGET:-1500}
export DOCKER_BUILDKIT=0 TESTCONTAINERS_RYUK_DISABLED=true TESTCONTAINERS_HOST_OVERRIDE=127.0.0.1
HUB=sharehub-ci
engine=

say() { echo "containers [$((SECONDS - began)) s]: $*" >&2; }
skip() {
    say "SKIPPED, not tested in containers: $*"
    exit 0
}
left() { echo $((budget - SECONDS + began)); }
bounded() { timeout --kill-after 30 "$(left)" "$@"; } # what prepares; it may take what is left
finish() {
    code=$?
    trap - EXIT
    docker image rm -f "$HUB" >/dev/null 2>&1 || true
    if [ -n "$engine" ]; then
        kill "$engine" 2>/dev/null || true
        wait "$engine" 2>/dev/null || true
    fi
    umount "$work"/run/netns/* 2>/dev/null || true
    rm -rf "$work" || true
    exit "$code"
}
trap finish EXIT
trap 'exit 143' TERM INT

install_engine() {
    { bounded apt-get update -q && DEBIAN_FRONTEND=noninteractive bounded apt-get install -y -q --no-install-recommends \
        docker.io docker-compose debootstrap iptables; } </dev/null >"$work/apt.log" 2>&1 || { tail -3 "$work/apt.log" >&2; return 1; }
}
start_engine() { # OPTIONS, with folders and a socket of its own: what an engine of this machine may have kept is none of ours
    export DOCKER_HOST=unix://$work/docker.sock
    dockerd --host "$DOCKER_HOST" --data-root "$work/engine" --exec-root "$work/run" --pidfile "$work/engine.pid" "$@" \
        >"$work/dockerd.log" 2>&1 &
    engine=$!
    for _ in $(seq 60); do
        docker info >/dev/null 2>&1 && return
        kill -0 "$engine" 2>/dev/null || break
        sleep 1
    done
    say "no engine${*:+ with $*}: $(tail -1 "$work/dockerd.log")"
    kill "$engine" 2>/dev/null || true
    wait "$engine" 2>/dev/null || true
    engine=
    return 1
}
reached() { # ADDRESS: by the machine, by what enters the container, and by a name from another one
    curl -sSf -o /dev/null "http://$1/" && docker exec "$network" true && docker run --rm --network "$network" "$base" \
        python3 -c "import urllib.request as r; r.urlopen('http://$network:8000/', timeout=5)"
}
allowed() { # what the stack asks of an engine: limits, a read-only root, a network with names, a port, a way in
    local network=$HUB-probe answered=1
    docker network create "$network"
    docker run -d --name "$network" --network "$network" --read-only --cap-drop ALL --memory 64m --cpus 0.5 \
        --pids-limit 32 -p 127.0.0.1::8000 "$base" python3 -m http.server
    for _ in $(seq 10); do
        sleep 1
        reached "$(docker port "$network" 8000 | sed -n 1p)" && answered=0 && break
    done
    docker rm -f "$network"
    docker network rm "$network"
    return "$answered"
}

[ "$(df --output=avail -k "$work" | tail -1)" -gt 12000000 ] || skip "less than 12 GB are free in $work"
if ! docker info >/dev/null 2>&1; then
    [ "$(id -u)" = 0 ] || skip "no engine runs, and only root could start one"
    command -v dockerd >/dev/null && command -v debootstrap >/dev/null || install_engine || skip "no engine can be installed here"
    start_engine || start_engine --storage-driver vfs || start_engine --storage-driver vfs --iptables=false --ip6tables=false ||
        skip "this machine lets no engine run"
    say "the engine runs"
fi
command -v debootstrap >/dev/null || install_engine || skip "there is no debootstrap to make a base image with"
COMPOSE="docker compose"
$COMPOSE version >/dev/null 2>&1 || COMPOSE=docker-compose
$COMPOSE version >/dev/null 2>&1 || install_engine || skip "there is no compose"
export COMPOSE

base=sharehub-standin-base
bounded deploy/standin/build.sh python || skip "the base image cannot be made"
allowed >"$work/allowed.log" 2>&1 || { tail -3 "$work/allowed.log" >&2; skip "the engine of this machine does not do what the stack asks of one"; }
bounded deploy/standin/build.sh kafka:4.3.1 kafka:3.7.2 postgres:15 postgres:18 prometheus || skip "the stand-ins cannot be made"
say "the stand-ins are built"
image() { # TARGET
    bounded docker build --quiet --network host --build-arg "PYTHON_IMAGE=$base" -f deploy/Dockerfile "$@" . >"$work/build.log" 2>&1 ||
        { tail -20 "$work/build.log" >&2; return 1; }
}
image --target fetched || skip "the locked packages cannot be fetched"
image -t "$HUB" || { say "FAILED: the hub's image"; exit 1; }
size() { docker image inspect -f '{{.Size}}' "$1" | numfmt --to=si; }
say "the hub's image is built: $(size "$HUB")B, of which the base has $(size "$base")B"

# `make test` has run every suite on the embedded servers. Here the tests that lean on the servers most are run on the
# oldest versions that the documents promise and on the newest; `make test-containers` alone runs all suites.
suites="tests/integration/test_relay.py tests/integration/test_fencing.py tests/integration/test_consolidate.py tests/acceptance/test_demo.py"
part() { # SECONDS WORDS COMMAND…
    [ "$(left)" -gt "$1" ] || { say "SKIPPED, for $(left) s are left and it may take $1 s: $2"; return 0; }
    say "$2"
    "${@:3}" || { say "FAILED: $2"; exit 1; }
}
test_with() { # KAFKA POSTGRES
    SHAREHUB_TEST_KAFKA_IMAGE=sharehub-standin-kafka:$1 SHAREHUB_TEST_POSTGRES_IMAGE=sharehub-standin-postgres:$2 \
        make test-containers "TEST_SUITES=$suites"
}
rules() {
    docker run --rm -v "$PWD/deploy/prometheus:/etc/prometheus:ro" --entrypoint sh sharehub-standin-prometheus -ec \
        'promtool check config /etc/prometheus/prometheus.yaml && promtool test rules /etc/prometheus/alerts.test.yaml'
}
drill() {
    SHAREHUB_IMAGE=$HUB KAFKA_IMAGE=sharehub-standin-kafka:4.3.1 POSTGRES_IMAGE=sharehub-standin-postgres:18 \
        PROMETHEUS_IMAGE=sharehub-standin-prometheus deploy/drill.sh
}
part 60 "alerts" rules
part 300 "tests with Kafka 4.3.1 and PostgreSQL 18" test_with 4.3.1 18
part 420 "the drill on the compose stack" drill
part 300 "tests with Kafka 3.7.2 and PostgreSQL 15" test_with 3.7.2 15
say "done"

#!/usr/bin/env bash
# The part of CI that needs containers, on a machine without any registry: as root, on Debian. It installs an engine if
# there is none, builds stand-ins for the images that cannot be pulled, runs the tests against them and plays the drill
# on the compose stack. It ends what it started. Where no engine runs, it says so and ends well.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
began=$SECONDS
export DOCKER_BUILDKIT=0 TESTCONTAINERS_RYUK_DISABLED=true TESTCONTAINERS_HOST_OVERRIDE=127.0.0.1
engine=

say() { echo "containers [$((SECONDS - began)) s]: $*" >&2; }
skip() {
    say "$*: nothing was tested in containers; the embedded run stands alone"
    exit 0
}
finish() {
    code=$?
    docker image rm -f sharehub-ci >/dev/null 2>&1 || true
    if [ -n "$engine" ]; then
        kill "$engine" 2>/dev/null || true
        wait "$engine" 2>/dev/null || true
    fi
    rm -rf "$work"
    exit "$code"
}
trap finish EXIT

install_engine() {
    { apt-get update -q && apt-get install -y -q --no-install-recommends docker.io docker-compose debootstrap iptables; } \
        >"$work/apt.log" 2>&1
}
start_engine() { # with folders of its own: what an engine of this machine may have kept is none of ours
    dockerd --data-root "$work/engine" --exec-root "$work/run" --pidfile "$work/engine.pid" >"$work/dockerd.log" 2>&1 &
    engine=$!
    for _ in $(seq 60); do
        docker info >/dev/null 2>&1 && return
        kill -0 "$engine" 2>/dev/null || break
        sleep 1
    done
    tail -3 "$work/dockerd.log" >&2
    engine=
    return 1
}

if ! docker info >/dev/null 2>&1; then
    [ "$(id -u)" = 0 ] || skip "no engine runs, and only root could start one"
    command -v dockerd >/dev/null && command -v debootstrap >/dev/null || install_engine || skip "no engine can be installed here"
    start_engine || skip "this machine lets no engine run"
    say "the engine runs"
fi
command -v debootstrap >/dev/null || install_engine || skip "there is no debootstrap to make a base image with"
COMPOSE="docker compose"
$COMPOSE version >/dev/null 2>&1 || COMPOSE=docker-compose
export COMPOSE

deploy/standin/build.sh kafka:4.3.1 kafka:3.7.2 postgres:15 postgres:18
say "the stand-ins are built"
built=$SECONDS
docker build --quiet --network host --build-arg PYTHON_IMAGE=sharehub-standin-base -f deploy/Dockerfile -t sharehub-ci . \
    >"$work/build.log" 2>&1 || { tail -20 "$work/build.log" >&2; exit 1; }
say "the hub's image is built in $((SECONDS - built)) s: $(docker image inspect -f '{{.Size}}' sharehub-ci | numfmt --to=si)B," \
    "of which the base has $(docker image inspect -f '{{.Size}}' sharehub-standin-base | numfmt --to=si)B"

test_with() { # KAFKA POSTGRES SUITES
    say "tests with Kafka $1 and PostgreSQL $2"
    SHAREHUB_TEST_KAFKA_IMAGE=sharehub-standin-kafka:$1 SHAREHUB_TEST_POSTGRES_IMAGE=sharehub-standin-postgres:$2 \
        make test-containers ${3:+"TEST_SUITES=$3"}
}
# `make test` has run every suite on the embedded servers. Here the tests that lean on the servers most are run on the
# oldest versions that the documents promise and on the newest; `make test-containers` alone runs all suites.
suites="tests/integration/test_relay.py tests/integration/test_fencing.py tests/acceptance/test_demo.py"
test_with 3.7.2 15 "$suites"
test_with 4.3.1 18 "$suites"

SHAREHUB_IMAGE=sharehub-ci KAFKA_IMAGE=sharehub-standin-kafka:4.3.1 POSTGRES_IMAGE=sharehub-standin-postgres:18 deploy/drill.sh
say "all passed"

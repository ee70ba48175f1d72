# Recipes for people and for CI. `make demo` and `make test` need Python >= 3.11, pip and make, nothing else.

PYTHON ?= python3
# Each test worker has a Kafka and a PostgreSQL of its own.
TEST_WORKERS ?= 2
BIN := .venv/bin
STAMP := .venv/.ready

.PHONY: setup demo test check bench test-fault test-api test-interop test-browser chromium test-containers image docs lock clean

setup: $(STAMP)

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "sharehub needs Python >= 3.11, this is " + sys.version.split()[0])'
	@$(PYTHON) -m venv --clear .venv 2>/dev/null || $(PYTHON) -m venv --clear --without-pip .venv
	@echo "installing the locked packages into .venv (about half a minute)"
	$(PYTHON) -m pip --python $(BIN)/python install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(PYTHON) -m pip --python $(BIN)/python install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: setup
	$(BIN)/sharehub demo $(DEMO_ARGS)

test: setup
	$(BIN)/python -m pytest -n $(TEST_WORKERS) --dist loadfile $(TEST_ARGS)

check: setup
	$(BIN)/ruff format --check src tests benchmarks connectors examples
	$(BIN)/ruff check src tests benchmarks connectors examples
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: setup
	$(BIN)/python -m benchmarks --json bench.json --readme README.md $(BENCH_ARGS)

test-interop: setup
	$(BIN)/python -m pytest tests/interop -p no:faulthandler $(TEST_ARGS)

test-fault: setup
	$(BIN)/python -m pytest tests/fault $(TEST_ARGS)

test-api: setup
	$(BIN)/python -m pytest tests/api -m api $(TEST_ARGS)

test-browser: setup
	@command -v chromium >/dev/null || command -v google-chrome >/dev/null || $(MAKE) --no-print-directory chromium
	$(BIN)/python -m pytest tests/browser $(TEST_ARGS)

chromium:
	@test "$$(id -u)" = 0 || { echo "make test-browser needs Chromium: sudo apt-get install chromium" >&2; exit 2; }
	apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium fonts-noto-cjk >/dev/null

# The same tests against servers in containers. Those of the embedded stack itself stay with it, and so do the kill tests of
# tests/fault, which end Kafka by its process. Images: SHAREHUB_TEST_KAFKA_IMAGE, SHAREHUB_TEST_POSTGRES_IMAGE.
TEST_SUITES ?= tests/integration tests/acceptance
test-containers: setup
	SHAREHUB_TEST_STACK=containers $(BIN)/python -m pytest -n $(TEST_WORKERS) --dist loadfile $(TEST_SUITES) \
		--ignore tests/integration/test_embedded.py $(TEST_ARGS)

image:
	docker build -f deploy/Dockerfile -t sharehub $(IMAGE_ARGS) .

docs: setup
	$(BIN)/python -m sharehub.reference docs

lock:
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --extra dev pyproject.toml -o requirements.lock

clean:
	rm -rf .venv .mypy_cache .ruff_cache .hypothesis build dist

# Muster · 报到. `make help` lists the targets. Needs git, make and Python 3.11 or newer (with venv); all else is installed into .venv.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run web test test-all coverage bench bench-engine lint format lock docs messages browser clean

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -qq
# The package itself: its builder is in the locks, so nothing is fetched that they do not name.
PACKAGE := --no-deps --no-build-isolation --editable .
UV_COMPILE = $(BIN)/uv pip compile --quiet --universal --no-strip-extras --no-header --no-emit-index-url --no-emit-find-links \
	--generate-hashes $(if $(UPGRADE),--upgrade)
COMPILE = $(UV_COMPILE) --group build pyproject.toml
COMPILE_WEB = $(UV_COMPILE) --group web
# Split the tests over the cores, and one more, since browsers and killed servers are waited for; who has run its own takes
# over some of the others'. `make test JOBS=0` runs them one after the other.
JOBS ?= $(shell echo $$(($$(nproc 2>/dev/null || echo 2) + 1)))

help: ## show this list
	@grep -E '^[a-z-]+:.*## ' Makefile | sed -E 's/^([a-z-]+):[^#]*## /\1\t/' | awk -F'\t' '{printf "  make %-12s %s\n", $$1, $$2}'

run: $(VENV)/.run web ## serve on SQLite in ./data with the example district; prints address and login
	@$(BIN)/muster serve $(if $(BIND),--bind $(BIND))

test: $(VENV)/.dev web browser ## install what tests need, run all checks and the tests
	@$(call check_and_test,-m "not slow")

test-all: $(VENV)/.dev web browser ## the same with the long suites
	@$(call check_and_test,)

coverage: $(VENV)/.dev ## branch coverage; the modules that hold rules must reach 100 %
	$(BIN)/pytest -q -n $(JOBS) -m "not slow" --cov --cov-report=
	$(BIN)/coverage report --skip-covered
	$(BIN)/coverage report --skip-covered --fail-under=100 \
		--include='server/engine/*,server/feel/*,server/dmn/*,server/forms/*,server/governance/*,server/service/*,server/access.py'

bench: $(VENV)/.dev ## measure the common workload on SQLite and PostgreSQL and print the table
	@$(BIN)/python -m tests.load.three_step

bench-engine: $(VENV)/.dev ## measure steps of the engine, and picking one of a million timers, and print the table
	@$(BIN)/python -m tests.load.bench_engine

lint: $(VENV)/.dev ## the checks without the tests
	@$(check) test -z "$$failed"

format: $(VENV)/.dev ## let ruff lay out the code and mend what it can
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

docs: $(VENV)/.dev web browser ## write the generated pages and pictures of docs/ anew
	$(BIN)/python -m tests.docs.elements_page
	$(BIN)/python -m tests.docs.diagram_pictures
	$(BIN)/python -m tests.docs.coverage_page

messages: $(VENV)/.dev ## bring the catalogues of server/locale to what the pages say, and list what is not translated
	@$(BIN)/python -m tests.pages.catalogue

lock: $(VENV)/.dev ## resolve the dependencies anew; UPGRADE=1 takes newer versions
	$(PIP) install uv
	$(COMPILE) --all-extras --output-file requirements-dev.lock
	$(COMPILE) --constraint requirements-dev.lock --output-file requirements.lock
	$(COMPILE_WEB) --constraint requirements-dev.lock --output-file requirements-web.lock

# The pages work without what is built here, but for diagrams and editors; a machine without npm's registry serves all the same.
web: server/static/dist/manifest.json

server/static/dist/manifest.json: $(wildcard web/*.json web/*.mjs web/src/* web/src/*/*) | $(VENV)/.made
	@if ! node -e 'process.exit(Number(process.versions.node.split(".")[0]) < 20)' 2>/dev/null; then \
	  $(PIP) install --require-hashes -r requirements-web.lock; fi; \
	$(BIN)/python web/build.py || echo 'Going on without: pages show everything but diagrams and editors.' >&2

browser: # what the browser tests need, where it can be installed without asking
	@sh tests/browser/install_chromium.sh

clean: ## remove everything that make made, except ./data
	rm -rf $(VENV) web/node_modules server/static/dist build *.egg-info .coverage .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

# Every check runs, whatever the others say; $$failed names those that did not pass.
define check
failed=; \
run() { printf '\n== %s\n' "$$1"; shift; "$$@" || failed="$$failed [$$*]"; }; \
run 'style' $(BIN)/ruff check; \
run 'layout' $(BIN)/ruff format --check --quiet; \
run 'types' $(BIN)/mypy; \
run 'imports' $(BIN)/lint-imports --no-logo;
endef

# Skipped tests are named once more at the end: what did not run must not look as if it had passed.
define check_and_test
set -o pipefail; log=$$(mktemp); trap 'rm -f "$$log"' EXIT; \
$(check) \
tests() { $(BIN)/pytest -n $(JOBS) --dist worksteal $(1) | tee "$$log"; }; run 'tests' tests; \
if grep -q '^SKIPPED' "$$log"; then printf '\n!! NOT RUN on this machine:\n'; grep '^SKIPPED' "$$log" | sed 's/^SKIPPED/!!/'; fi; \
if [ -n "$$failed" ]; then printf '\n!! FAILED:%s\n' "$$failed"; exit 1; fi; printf '\nEverything passed.\n'
endef

$(VENV)/.made:
	@for python in $(PYTHON) python3.13 python3.12 python3.11 python3 python; do \
	  if "$$python" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then \
	    "$$python" -m venv $(VENV) && touch $@ && exit 0; \
	    exit 1; \
	  fi; \
	done; \
	echo 'Muster needs Python 3.11 or newer with venv, and found none.' >&2; \
	echo 'Debian, Ubuntu: apt-get install python3 python3-venv. Elsewhere: make PYTHON=/path/to/python3' >&2; exit 1

$(VENV)/.run: $(VENV)/.made requirements.lock pyproject.toml
	@echo 'Installing Muster into $(VENV) (once, about half a minute plus downloads) …'
	@$(PIP) install --require-hashes -r requirements.lock && $(PIP) install $(PACKAGE)
	@touch $@

$(VENV)/.dev: $(VENV)/.made requirements-dev.lock pyproject.toml
	@echo 'Installing Muster and what its tests need into $(VENV) (once) …'
	@$(PIP) install --require-hashes -r requirements-dev.lock && $(PIP) install $(PACKAGE)
	@touch $@ $(VENV)/.run

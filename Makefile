# Havn on this machine. Needs Python 3.11 or newer and make; everything else is installed into .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PACKAGES := libs/events libs/standards libs/chassis services/intake services/notification services/psychology \
	services/coordinating-advice services/aftercare services/orchestrator deploy/nats \
	deploy/embedded deploy/cli
SOURCES := $(foreach package,$(PACKAGES),$(package)/src) tests
# The PostgreSQL wheel only wants to say which folder it takes for its lock file.
export PYTHONWARNINGS := ignore:XDG_RUNTIME_DIR

.DEFAULT_GOAL := help
# What `make lock` asks of uv: every Python from ours on, hashes, and no registry's address.
COMPILE := --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --quiet

.PHONY: help install run test lint types contracts unit suite bench mutants lock clean-data clean

help: ## List the targets.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(VENV)/.installed: requirements.lock $(foreach package,$(PACKAGES),$(package)/pyproject.toml)
	@echo "Making $(VENV) from requirements.lock ..."
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Havn needs Python 3.11 or newer."; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@echo "Installing Havn's packages ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation \
		$(foreach package,$(PACKAGES),-e $(package))
	@touch $@

install: $(VENV)/.installed ## Make the environment from the hash-locked list.

run: install ## Start PostgreSQL, NATS and the six services, play the demonstration, run until Ctrl-C.
	@exec $(BIN)/python -m havn_embedded run

test: install lint types contracts suite ## Everything that must hold: lint, types, import contracts, the whole suite.

lint: install ## Lint and formatting of imports.
	@echo "== lint"
	@$(BIN)/ruff check .

types: install ## Strict types.
	@echo "== types"
	@$(BIN)/mypy $(SOURCES)

contracts: install ## Who may import whom.
	@echo "== import contracts"
	@$(BIN)/lint-imports

unit: install ## Only the tests that need no server.
	@$(BIN)/python -m pytest tests/unit -q

suite: install ## All tests, two at a time.
	@echo "== tests"
	@$(BIN)/python -m pytest -n 2 --dist loadgroup

bench: install ## Speed and memory, as ratios of figures taken in the same run; kept in bench.json.
	@$(BIN)/python -m tests.benchmarks

mutants: install ## Do the tests notice a changed rule? PACKAGE=libs/standards for one, SAMPLE=40 for some of its mutants.
	@$(BIN)/python -m tests.mutation $(PACKAGE) $(if $(SAMPLE),--sample $(SAMPLE))

lock: install ## Renew requirements.lock and services.lock from their .in (needs uv).
	@uv pip compile $(COMPILE) requirements.in -o requirements.lock
	@uv pip compile $(COMPILE) services.in -c requirements.lock -o services.lock

clean-data: ## Forget what `make run` has stored.
	@$(PYTHON) -c 'import shutil; shutil.rmtree(".havn", ignore_errors=True)'

clean: clean-data ## Remove the environment too.
	@$(PYTHON) -c 'import shutil; shutil.rmtree("$(VENV)", ignore_errors=True)'

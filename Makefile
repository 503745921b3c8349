# Set-up is part of every target: what is there already is used as it is.

PYTHON ?= python3
VENV := .venv
READY := $(VENV)/.ready
RUN := $(VENV)/bin/python -m

.DEFAULT_GOAL := help
.PHONY: help setup demo test check format bench-quick bench-link bench-redact e2e chaos order histories fuzz canary mutants lock clean

help:  ## Say what there is
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "make %-12s %s\n", $$1, $$2}'

setup: $(READY)  ## Make the environment; the command is then at .venv/bin/custody

$(READY): requirements/dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed: make PYTHON=python3.11") if sys.version_info < (3, 11) else None'
	rm -rf $(VENV)
	$(PYTHON) -m venv $(VENV)
	$(RUN) pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	$(RUN) pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $(READY)

demo: $(READY)  ## See it happen: the whole road, and the proof (OPTIONS="--changes 50000 --keep")
	$(VENV)/bin/custody demo $(OPTIONS)

test: $(READY) check  ## All tests but the long ones, on the real parts (OPTIONS="tests/golden -x")
	$(RUN) tests.both $(OPTIONS)

e2e: $(READY)  ## Everything that is tried on the real parts, the long tests too
	$(RUN) pytest -m stack $(OPTIONS)

check: $(READY)  ## Format, lint (security rules among them), types, layers
	$(RUN) ruff format --check .
	$(RUN) ruff check .
	$(RUN) mypy
	$(VENV)/bin/lint-imports --no-logo

format: $(READY)  ## Format the code
	$(RUN) ruff format .
	$(RUN) ruff check --fix .

bench-quick: $(READY)  ## CPU-seconds per million changes of the road, and of its stages
	$(RUN) bench.quick $(OPTIONS)

bench-link: $(READY)  ## Linking: stream against batch, quality on every set, speed against a million; Splink beside it where installed
	$(RUN) pytest tests/linkage -m long
	$(RUN) bench.link $(OPTIONS)

bench-redact: $(READY)  ## CPU-seconds per million notes of redaction, layer by layer
	$(RUN) bench.redact $(OPTIONS)

chaos: $(READY)  ## A long campaign of kills: the tests' short one, many times with other seeds
	CUSTODY_CHAOS_ROUNDS=10 $(RUN) pytest tests/e2e/test_chaos.py $(OPTIONS)

order: $(READY)  ## Races and restarts many times over, and snapshots of a large table
	CUSTODY_ORDER_ROUNDS=10 CUSTODY_SNAPSHOT_ROWS=300000 $(RUN) pytest tests/e2e/test_order.py tests/e2e/test_snapshots.py $(OPTIONS)

histories: $(READY)  ## A million steps of random histories against a naive interpreter
	$(RUN) tests.property.campaign $(OPTIONS)

fuzz: $(READY)  ## A million mutated inputs through every decoder; what fails is shrunk and saved
	$(RUN) tests.fuzz.campaign $(OPTIONS)

canary: $(READY)  ## Fifteen thousand marked values go in everywhere; none that must be hidden is in any byte that comes out
	CUSTODY_CANARY_PEOPLE=400 $(RUN) pytest tests/e2e/test_canary.py -o timeout=1800 $(OPTIONS)

mutants: $(READY)  ## Defects made on purpose: each must be caught by a test
	$(RUN) tests.mutations.run $(OPTIONS)

lock: $(READY)  ## Resolve the requirements anew (needs uv)
	uv pip compile pyproject.toml --extra stack --extra dev --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-emit-find-links --no-annotate --no-header --quiet --upgrade --output-file requirements/dev.txt

clean:  ## Remove everything that was made here, but not the cache of parts
	-test -x $(VENV)/bin/custody && CUSTODY_DATA=.custody/demo $(VENV)/bin/custody down
	-test -x $(VENV)/bin/custody && $(VENV)/bin/custody down
	rm -rf $(VENV) .custody lake build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache

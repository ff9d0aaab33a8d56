# The only task runner. `make` prints help; `make demo` and `make test` need nothing but python3 (3.11+), venv and make.
SHELL := /bin/sh
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# The tests fill all cores with processes: threads of linear algebra would only wait for each other.
PYTEST := OPENBLAS_NUM_THREADS=1 $(BIN)/pytest

.PHONY: help setup demo test test-quick test-browser test-dask soak fuzz faults attacks canary check audit format docs words picture lock bench clean

help: ## Print this help
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-13s %s\n", $$1, $$2}'

setup: $(STAMP) ## Make .venv with the versions of constraints.txt

$(STAMP): pyproject.toml constraints.txt
	@echo "Setting up $(VENV): about two minutes the first time ..."
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Conjoin needs Python 3.11 or later")'
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install --quiet --disable-pip-version-check --upgrade --constraint constraints.txt pip
	@$(BIN)/python -c 'import tomllib; print("\n".join(tomllib.load(open("pyproject.toml", "rb"))["dependency-groups"]["dev"]))' > $(VENV)/dev.txt
	@rm -f $(VENV)/.failed
	@{ $(BIN)/pip install --disable-pip-version-check --progress-bar on --constraint constraints.txt --editable . \
		--requirement $(VENV)/dev.txt || touch $(VENV)/.failed; } | grep -E '^(Collecting|Successfully)' | cut -c1-100
	@test ! -e $(VENV)/.failed
	@touch $@

demo: $(STAMP) ## Run the nightly flow over the invented samples and write the briefing
	@$(BIN)/conjoin demo

test: $(STAMP) ## Run all tests
	@$(PYTEST) -n auto --dist worksteal --randomly-seed=2026

test-quick: $(STAMP) ## Run the tests that need no process, browser or flow
	@$(PYTEST) -n auto --dist worksteal --randomly-seed=2026 -m "not slow"

test-browser: $(STAMP) ## Open the briefing and the desk in headless Chromium, which must be installed
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --constraint constraints.txt axe-playwright-python
	@$(BIN)/pytest --randomly-seed=2026 tests/browser/check_*.py

test-dask: $(STAMP) ## Run the tests that need a local Dask cluster; installs conjoin[dask]
	@$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dask]'
	@$(BIN)/pytest -m dask

soak: $(STAMP) ## Match crowds of 200,000 rows, each in a process of its own, and try every law with 5,000 random examples
	@$(BIN)/pytest -m soak -p no:randomly
	@CONJOIN_EXAMPLES=$${CONJOIN_EXAMPLES:-5000} $(BIN)/pytest -n auto --timeout 86400 tests/property

fuzz: $(STAMP) ## Read 20,000 damaged files (CONJOIN_FUZZ=number), each in a process of its own with limits
	@$(BIN)/pytest -m fuzz tests/fuzz

faults: $(STAMP) ## Kill runs, fill disks, take memory, and run 300 nights in a row: several hours, as root for its mounts
	@$(BIN)/pytest -m faults -p no:randomly

attacks: $(STAMP) ## Attack packs: 50 invented poolings, 5 readers, 20 changes of hidden rows each; 10 histories of releases
	@CONJOIN_CONSORTIA=50 CONJOIN_CHANGES=20 CONJOIN_POOLINGS=10 CONJOIN_RELEASES=12 $(BIN)/pytest -n auto --timeout 86400 \
		tests/attacks/test_non_interference.py tests/attacks/test_releases.py

canary: $(STAMP) ## Try the newest SQLAlchemy, which is bounded: red when the bound can go (DECISIONS 53)
	@rm -rf .canary && $(BIN)/pip install --quiet --no-deps --upgrade --target .canary/newest 'sqlalchemy>=2.1'
	@if PYTHONPATH=.canary/newest $(BIN)/pytest -q tests/integration/test_serve.py -k server_of_our_own; \
		then echo "It schedules: the bound on SQLAlchemy can go."; exit 1; else echo "Still needed."; fi
	@rm -rf .canary

check: $(STAMP) ## Lint, types, SQL style, layers, generated files, known vulnerabilities
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/sqlfluff lint --processes 2 warehouse
	$(BIN)/nbstripout --verify notebooks/*.ipynb
	$(BIN)/python -m conjoin.cli.docs --check
	@$(MAKE) --no-print-directory audit

audit: $(STAMP) ## Look for known vulnerabilities in what is locked; where their list cannot be reached, say so
	@$(BIN)/python tests/support/audit.py

format: $(STAMP) ## Format code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(STAMP) ## Write the generated pages: DICTIONARY.md, INDEX.md, LICENCES.md, commands and figures in README.md
	$(BIN)/python -m conjoin.cli.docs
	$(BIN)/python tests/support/licences.py

words: $(STAMP) ## Count the words of the open lists again, after a change to how names are cut
	$(BIN)/python -m conjoin.tools.words tests/data/real/os_hub/production_sites.csv tests/data/real/oar_lists.csv

picture: demo ## Draw the picture of README.md from the data of the demo
	@$(BIN)/python -m conjoin.cli.docs --picture

lock: $(STAMP) ## Write constraints.txt from what is installed
	@$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dask]'
	@$(BIN)/pip list --format=freeze --exclude conjoin | grep -vE '^(pip|setuptools)==' | LC_ALL=C sort -f > constraints.txt
	@wc -l constraints.txt

bench: $(STAMP) ## Run the benchmarks, each beside its peer
	$(BIN)/python benchmarks/reading.py
	$(BIN)/python benchmarks/warehouse.py
	$(BIN)/python benchmarks/rules.py

clean: ## Remove the environment, caches and the data folder of the demo
	rm -rf $(VENV) .data .pytest_cache .mypy_cache .ruff_cache .hypothesis .canary .audit dist

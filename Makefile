.DEFAULT_GOAL := help
.PHONY: help setup demo test lint format bench docs site dist faults clean

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/ready

help: ## Show the verbs
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

# One install, done again only when what it installs from changes.
$(READY): pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "xerosync needs Python 3.11 or newer; name one with PYTHON=python3.12")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade --constraint constraints.txt pip
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable . --group dev
	@touch $(READY)

setup: $(READY) ## Make .venv with xerosync and all that its tests need

demo: $(READY) ## Plan accounts.yaml against a local Xero
	@$(BIN)/xerosync plan --sandbox
	@printf '\nNext, with `source $(BIN)/activate`:\n'
	@printf '  xerosync apply --sandbox           do it: shows the plan, asks, sends, proves\n'
	@printf '  xerosync plan --sandbox            again: no changes\n'
	@printf '  edit accounts.yaml                 and plan once more\n'
	@printf '  xerosync sandbox --reset           start the books afresh\n'

test: $(READY) ## Run every test
	$(BIN)/python -m pytest --numprocesses auto $(TESTS)

lint: $(READY) ## Check style, form and types
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

format: $(READY) ## Put the code in form
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

bench: $(READY) ## Print the measures
	$(BIN)/python benchmarks/run.py

docs: $(READY) ## Write the generated parts of the documents
	@for script in docs/make_*.py; do echo "$$script"; COLUMNS=80 TERM=dumb $(BIN)/python "$$script"; done

site: $(READY) ## Build the documents as a site, into build/site; a warning is an error
	$(BIN)/python docs/site/build.py build/site
	@echo 'Open build/site/index.html'

dist: $(READY) ## Build wheel and sdist into dist/, and prove them on every Python of this machine
	$(BIN)/python tests/packaging/prove.py dist $(if $(EVERY),--every)

faults: $(READY) ## Prove the table of faults: each fault at each call, and 200 seeds of many
	$(BIN)/python docs/make_faults.py --check --seeds 200

clean: ## Remove what the other verbs made
	rm -rf $(VENV) .xerosync build dist .coverage .hypothesis .mypy_cache .pytest_cache .ruff_cache

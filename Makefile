.DEFAULT_GOAL := help
.PHONY: help setup demo practice check test lint format bench docs site dist faults laws clean

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/ready

# Images often set this; then each of the tests' processes would compile xerosync anew.
unexport PYTHONDONTWRITEBYTECODE

# What `make check` leaves to `make test`: whole processes, shells, browsers, archives, laws, the sandbox,
# the questions to a demo company, the documents' recipes, every hostile name and every wrong type.
SLOW := $(addprefix --ignore=tests/,ci docs doctor/demo end_to_end laws packaging contract sandbox xero/auth \
  chartfile/syntax/test_bounds.py chartfile/test_editors.py chartfile/test_wrong_types.py chartfile/validate/test_schema.py \
  cli/test_advice.py cli/test_guides.py cli/commands/test_plan_usage.py cli/commands/test_sandbox.py \
  cli/commands/test_usage.py cli/doctor/test_bundle.py cli/doctor/test_demo_company.py cli/doctor/test_network.py \
  cli/doctor/test_sign_in_steps.py cli/many/test_engine.py cli/many/test_interrupts.py cli/many/test_run.py \
  organisations/compare/test_compare.py plan/saved/test_wrong_types.py \
  render/test_hostile_names.py render/review/test_hostile_reviews.py \
  xero/test_against_sandbox.py xero/test_usage.py xero/test_wrong_answers.py) --ignore-glob='*_laws.py'

help: ## List these commands
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

# Installs once, and again only if one of these two files has changed.
$(READY): pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "xerosync needs Python 3.11 or newer; choose one with PYTHON=python3.12")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade --constraint constraints.txt pip
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable . --group dev
	@touch $(READY)

setup: $(READY) ## Install xerosync, and the Python packages that its tests need, into .venv

demo: $(READY) ## Plan accounts.yaml against a local Xero
	@$(BIN)/xerosync plan --sandbox
	@printf '\nNext, after `source $(BIN)/activate`:\n'
	@printf '  xerosync apply --sandbox           show the plan, ask, apply it and verify the result\n'
	@printf '  xerosync plan --sandbox            plan again: no changes\n'
	@printf '  edit accounts.yaml                 then plan again\n'
	@printf '  xerosync sandbox --reset           go back to the original books\n'

practice: $(READY) ## Plan twelve clients of a practice against a local Xero, and compare them with their standard
	@cd examples/practice && { test -e .xerosync/sandbox.db || ../../$(BIN)/xerosync sandbox --organisations 12 --reset; }
	@cd examples/practice && ../../$(BIN)/xerosync plan --sandbox -f clients
	@cd examples/practice && ../../$(BIN)/xerosync compare --sandbox -f clients --html-file compare.html >/dev/null
	@printf '\nEvery client beside the standard, as a page to open in a browser:\n'
	@printf '  open examples/practice/compare.html        on macOS\n'
	@printf '  xdg-open examples/practice/compare.html    on Linux\n'

check: lint ## Lint and run the quick tests, in under a minute: run it before each commit
	$(BIN)/python -m pytest --quiet --numprocesses auto --dist worksteal $(SLOW)

# One process more than there are processors: many tests wait for processes of their own.
test: $(READY) ## Run every test
	$(BIN)/python -m pytest --numprocesses $$(($$(getconf _NPROCESSORS_ONLN) + 1)) --dist worksteal $(TESTS)

lint: $(READY) ## Check style, formatting and types
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

format: $(READY) ## Format the code, and fix style where ruff can
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

bench: $(READY) ## Measure speed
	$(BIN)/python benchmarks/run.py

docs: $(READY) ## Write the generated parts of the documents
	@for script in docs/make_*.py; do echo "$$script"; COLUMNS=80 TERM=dumb $(BIN)/python "$$script"; done

site: $(READY) ## Build the documents as a site in build/site; a warning is an error
	$(BIN)/python docs/site/build.py build/site
	@echo 'Open build/site/index.html'

dist: $(READY) ## Build the wheel and the sdist in dist/, and test them on every Python here
	$(BIN)/python tests/packaging/prove.py dist $(if $(EVERY),--every) $(if $(TESTED),--tested)

faults: $(READY) ## Check the table of faults: each fault at each call, and 200 random mixes
	$(BIN)/python docs/make_faults.py --check --seeds 200

laws: $(READY) ## Test the laws of a plan with 2,000 random examples each; LAWS=20000 tests more
	LAWS=$${LAWS:-2000} $(BIN)/python -m pytest --numprocesses auto $(TESTS) tests/laws tests/plan/test_cycles.py tests/plan/matching/test_renumbering.py

clean: ## Delete .venv, .xerosync with its journals, and what was built or cached, except __pycache__
	rm -rf $(VENV) .xerosync examples/practice/.xerosync examples/practice/compare.html build dist .coverage .hypothesis .mypy_cache .pytest_cache .ruff_cache

# Everything a developer or an operator types here. `make help` lists it.
#
# PYTHON  the Python to build the environment with, 3.11 or newer     make run PYTHON=python3.13
# VENV    the folder of the environment                                make test VENV=.venv-other
# ARGS    options handed on to almoner or pytest                       make run ARGS="--port 9000"
# BENCH   which benchmarks                                             make bench BENCH=append
# WORKERS processes that share the tests; each has a server of its own  make test WORKERS=1

PYTHON ?= python3
VENV ?= .venv
ARGS ?=
WORKERS ?= logical
BENCH ?= append decode live rebuild time_travel http reads import_and_query

bin := $(VENV)/bin
# Each file to one process, in the order of tests/conftest.py: what takes longest begins first.
shared := -n $(WORKERS) --dist loadfile --no-loadscope-reorder
pip_install := $(bin)/python -m pip install --quiet --disable-pip-version-check --no-input -c constraints.txt

.DEFAULT_GOAL := help
.PHONY: help run test check bench bench-full bench-peers

help: ## Show what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

run: $(VENV)/.installed ## Install, simulate a small health system once, and serve it
	@$(bin)/almoner demo $(ARGS)

test: $(VENV)/.installed-dev ## Run the tests, but for the slow ones
	$(bin)/python -m pytest -m "not slow" $(shared) $(ARGS)

check: test ## Everything that must hold: the tests, style, types, the slow tests, coverage of the domain
	$(bin)/ruff check --no-cache .
	$(bin)/ruff format --no-cache --check .
	@$(MAKE) --no-print-directory -j 2 _types _coverage
	$(bin)/python -m pytest -m slow $(shared) $(ARGS)

.PHONY: _types _coverage
_types:
	$(bin)/mypy

_coverage:
	$(bin)/coverage run -m pytest tests/domain --quiet $(ARGS)
	$(bin)/coverage report --skip-covered --fail-under=100

bench: $(VENV)/.installed-dev ## Measure the program (minutes); ends with a table of all targets
	@set -e; for each in $(BENCH); do \
		echo "== $$each"; $(bin)/python -m benchmarks.$$each $(ARGS); \
	done
	@echo; $(bin)/python -m benchmarks.report

bench-full: $(VENV)/.installed-dev bench-peers ## The same and what takes longer: ten million events, a million under fire
	@$(MAKE) --no-print-directory bench BENCH="$(BENCH) peers order_under_fire scale" ARGS="--full $(ARGS)"

bench-peers: ## Install what the program is measured against besides, where there is a Node.js
	@if command -v npm >/dev/null; then \
		cd benchmarks/peers && npm install --silent --no-audit --no-fund --no-package-lock; \
	else echo "There is no npm here: emmett-postgresql is left out."; fi

# The stamps say that what is declared is installed, so that the second time is quick. An
# environment that was begun and not finished, or whose Python is gone, is made anew.
$(VENV)/.installed: setup.cfg pyproject.toml constraints.txt
	@$(MAKE) --no-print-directory _environment
	@echo "Installing into $(VENV); this takes a minute, once."
	@$(pip_install) -e .
	@touch $@

$(VENV)/.installed-dev: setup.cfg pyproject.toml constraints.txt
	@$(MAKE) --no-print-directory _environment
	@echo "Installing into $(VENV), with the tools for tests; this takes a minute, once."
	@$(pip_install) -e '.[dev]'
	@touch $@ $(VENV)/.installed

.PHONY: _environment
_environment:
	@command -v $(PYTHON) >/dev/null || { \
		echo "There is no $(PYTHON) here. Install Python 3.11 or newer (Debian: python3 python3-venv)," \
		"or name one: make PYTHON=/path/to/python3" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "$(PYTHON) is older than Python 3.11. Name a newer one: make PYTHON=python3.11" >&2; exit 1; }
	@$(bin)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear $(VENV) || { \
		echo "$(PYTHON) cannot make an environment (Debian: apt install python3-venv)." >&2; exit 1; }

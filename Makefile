# Everything sets itself up in .venv; only python3 (3.11 or later, with venv) and make are needed.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: help redis demo test lint types check bench docs clean

help:
	@echo "make demo    the main job on real data: decorate, call, read, break, teach"
	@echo "make test    all tests"
	@echo "make lint    format and lint"
	@echo "make types   strict types of the package, and the decorator as users see it"
	@echo "make check   all three, as CI does"
	@echo "make bench   call overhead, side by side with other libraries"

$(STAMP): pyproject.toml
	@echo "Setting up $(VENV) (once; a minute or two) …"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "POET needs Python 3.11 or later; run: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[ml,redis]' --group dev
	@touch $@

demo: $(STAMP)
	@$(BIN)/poet demo

test: $(STAMP) redis
	$(BIN)/python -m pytest

# The queue over Redis is tested against a real server, which the tests start themselves.
redis:
	@command -v redis-server >/dev/null || { \
		echo "Installing redis-server for the tests of the queue …"; \
		{ apt-get update -qq && apt-get install -y -qq redis-server; } >/dev/null 2>&1 || \
		{ echo "The tests need redis-server, and it could not be installed here."; \
		  echo "Install it (apt install redis-server, brew install redis) and run make again."; exit 1; }; }

lint: $(STAMP)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: $(STAMP)
	$(BIN)/mypy
	$(BIN)/mypy --config-file= --strict tests/typing/api.py

check: lint types test

bench: $(STAMP)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --group bench
	$(BIN)/python benchmarks/overhead.py

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis

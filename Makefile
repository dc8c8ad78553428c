# Everything a developer or a newcomer does. `make` alone lists it.

PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
BIN := .venv/bin
WORKERS ?= 4  # tests at a time: many of them wait for a clock or a socket

LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	--no-strip-extras --no-emit-index-url --no-emit-find-links --upgrade

.PHONY: help setup demo test check coverage bench audit translations cities lock clean

help:
	@echo "make demo    try it: a sample site, a stand-in Telegram and the bot, on this machine alone"
	@echo "make setup   create .venv with everything in it"
	@echo "make test    run every check and test"
	@echo "make coverage   run every test, and show what of the code none of them runs"
	@echo "make bench   run the benchmarks"
	@echo "make audit   ask PyPI whether a pinned library has known weaknesses"
	@echo "make translations   bring bot/locale up to date with the sentences in the code"
	@echo "make cities  renew the table of the world's big cities"
	@echo "make lock    renew the pinned versions in requirements*.txt"
	@echo "make clean   remove .venv and every trace of a run"

.venv/bin/python:
	@if [ -z "$(PYTHON)" ]; then \
		echo "Tagalong needs Python 3.11 or newer, and this machine has none that make could find."; \
		echo "Install it (Debian, Ubuntu: python3 and python3-venv; macOS: brew install python; or python.org),"; \
		echo "or name one: make PYTHON=/path/to/python3 $(MAKECMDGOALS)"; exit 1; fi
	@if ! $(PYTHON) -c 'import venv, ensurepip' 2>/dev/null; then \
		echo "$(PYTHON) lacks the venv module, which Debian and Ubuntu ship apart."; \
		echo "Install it: apt install python3-venv (or name another Python: make PYTHON=... $(MAKECMDGOALS))"; exit 1; fi
	@echo "Creating .venv with $$($(PYTHON) --version) ..."
	@$(PYTHON) -m venv --clear .venv

.venv/deployed: requirements.txt | .venv/bin/python
	@echo "Installing what Tagalong runs on (pinned, with hashes) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

.venv/developed: requirements-dev.txt .venv/deployed
	@echo "Installing what its tests need ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

.venv/benched: requirements-bench.txt .venv/developed
	@echo "Installing what the benchmarks compare with ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-bench.txt
	@touch $@

setup: .venv/developed

demo: .venv/deployed
	@exec $(BIN)/python -m bot demo

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/bandit -q -c pyproject.toml -r bot handlers

test: check
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal

coverage: setup
	$(BIN)/python -m pytest --cov -n $(WORKERS) --dist worksteal

bench: .venv/benched
	$(BIN)/python -m tests.bench

audit: .venv/developed
	@$(BIN)/pip-audit --disable-pip --require-hashes -r requirements.txt || { \
		echo "Not clean: either weaknesses were found, and stand above, or the advisories could not be read;"; \
		echo "then nothing was looked at: run make audit where they can be."; exit 1; }

translations: setup
	$(BIN)/python -m babel.messages.frontend extract -F pyproject.toml --sort-by-file --add-location=file --no-wrap \
		--project=Tagalong -o bot/locale/tagalong.pot bot handlers
	$(BIN)/python -m babel.messages.frontend update --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date --no-wrap \
		--domain=tagalong -i bot/locale/tagalong.pot -d bot/locale

cities: setup
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv run --no-project ops/cities.py

lock: .venv/bin/python
	$(BIN)/python -m pip install --quiet uv
	$(LOCK) -o requirements.txt pyproject.toml
	$(LOCK) --group dev -c requirements.txt -o requirements-dev.txt
	$(LOCK) --group bench -c requirements.txt -c requirements-dev.txt -o requirements-bench.txt

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage* tests/screenshots

# Two commands on a fresh Debian machine: `make report` and `make test`. Everything installed is remembered by
# content (hash of the lock file), so a second run installs nothing.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
QUARTER ?= 2025-Q3
export PIP_DISABLE_PIP_VERSION_CHECK := 1

RUNTIME := $(VENV)/.installed-$(shell sha256sum requirements.lock pyproject.toml | sha256sum | cut -c1-12)
DEV := $(VENV)/.installed-dev-$(shell sha256sum requirements-dev.lock pyproject.toml | sha256sum | cut -c1-12)

.PHONY: report test test-fast test-sdmx lint docs bench lock sample wheel bundle clean pdfjs

report: $(RUNTIME) sample
	$(BIN)/reporter build -q $(QUARTER) --lang both

sample: $(RUNTIME)
	@$(BIN)/reporter sample data

test: $(DEV)
	@.ci/system-packages browser
	$(BIN)/pytest -q -n 2 --dist loadfile

# What a change is tried against while it is being made: no whole build, no browser.
test-fast: $(DEV)
	$(BIN)/pytest -q -n 2 --dist loadfile -m "not slow and not browser"

# A second program reads the SDMX files: pysdmx wants pyarrow, with which pandas would give the product other text types, so it stands apart.
test-sdmx: $(DEV)
	@$(BIN)/pip install -q --require-hashes --no-deps --upgrade --target .cache/sdmx -r requirements-sdmx.lock
	PYTHONPATH=.cache/sdmx $(BIN)/pytest -q tests/exports/test_statistics.py -k pysdmx

lint: $(DEV)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# Documents that are made from declarations: docs/tables.md from data/tables.
docs: $(RUNTIME)
	$(BIN)/python -m reporter.domain.schema

bench: $(DEV)
	@for study in tests/bench/bench_*.py; do echo "== $$study"; PYTHONPATH=. $(BIN)/python $$study || exit 1; done

# Needs node: does pdf.js (Firefox's reader) find every Thai word?
pdfjs: $(DEV)
	@npm install --silent --no-save --prefix .cache/pdfjs pdfjs-dist@5
	PDFJS=.cache/pdfjs/node_modules/pdfjs-dist $(BIN)/pytest -q tests/pdf/test_pdfjs.py

# Lock files carry hashes; run after changing dependencies in pyproject.toml.
lock: $(DEV)
	$(BIN)/pip install -q uv
	$(BIN)/uv pip compile pyproject.toml --group dev --all-extras --universal --python-version 3.11 \
	  --generate-hashes --no-annotate --no-header -q -o requirements-dev.lock
	$(BIN)/uv pip compile pyproject.toml --group build --constraint requirements-dev.lock --universal \
	  --python-version 3.11 --generate-hashes --no-annotate --no-header -q -o requirements.lock
	$(BIN)/uv pip compile --group sdmx --universal \
	  --python-version 3.11 --generate-hashes --no-annotate --no-header -q -o requirements-sdmx.lock

# One file that installs where the internet is blocked (docs/operation.md).
bundle: $(DEV)
	@PYTHON=$(BIN)/python .ci/bundle dist/reporter-offline.tar

wheel: $(DEV)
	$(BIN)/python -m build --wheel --no-isolation

$(VENV)/bin/python:
	@.ci/system-packages
	$(PYTHON) -m venv $(VENV)

$(RUNTIME): requirements.lock pyproject.toml | $(VENV)/bin/python
	@.ci/system-packages
	@echo "ติดตั้งไลบรารีจาก requirements.lock — installing the locked libraries"
	@if [ ! -e $(DEV) ]; then $(BIN)/python -m pip install -q --require-hashes -r requirements.lock; fi
	@$(BIN)/python -m pip install -q --no-deps --no-build-isolation -e .
	@rm -f $(VENV)/.installed-[0-9a-f]*; touch $@

$(DEV): requirements-dev.lock pyproject.toml | $(VENV)/bin/python
	@.ci/system-packages
	@echo "ติดตั้งเครื่องมือทดสอบจาก requirements-dev.lock — installing the locked test tools"
	@$(BIN)/python -m pip install -q --require-hashes -r requirements-dev.lock
	@$(BIN)/python -m pip install -q --no-deps --no-build-isolation -e .
	@rm -f $(VENV)/.installed-dev-*; touch $@

clean:
	rm -rf out site dist .cache data/series data/surveys data/.generated

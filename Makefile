# `make demo` and `make test` need Python 3.11 and nothing else; docs/install.md says what they do.
# Arguments for the program behind a target: make test ARGS="tests/scoring -k decay"

ARGS ?=
PACKAGES = leadscore insights handoff scoring crm accounts kernel
BIN = .venv/bin
LAUNCH = $(BIN)/python -m leadscore.embedded

# With it set each start of each program takes seconds longer.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo test check prove bench requirements css screenshots messages format lint types clean
.DEFAULT_GOAL := help

help:                ## show this list
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile | expand -t 14

# The stamp is made last, so an installation that was cut short is taken up again.
.venv/.installed: requirements.txt requirements-dev.txt bin/venv
	@bin/venv

# exec: the launcher takes the place of make's shell, so Ctrl-C reaches it.
demo: .venv/.installed   ## start the product with the demo company, until Ctrl-C; PORT=8000, EMPTY=1 starts without it
	@exec $(LAUNCH) demo

test: .venv/.installed   ## run the tests against a real PostgreSQL and Valkey; ARGS=…
	@exec $(LAUNCH) run -- python -m pytest -m "not prove" -n 2 $(ARGS)

check: lint types        ## everything a change has to pass: format, lint, contracts, types, Django, messages, tests
	@exec $(LAUNCH) run -- bin/check-running $(ARGS)

prove: .venv/.installed  ## the long proofs, up to 40 minutes
	@exec $(LAUNCH) run -- bin/prove-running $(ARGS)

# What the product is measured against, in an environment of its own.
.venv-bench/.installed: bench/requirements.txt .venv/.installed
	@echo "Making .venv-bench"
	@rm -rf .venv-bench
	@if uv --version >/dev/null 2>&1; \
		then uv venv --quiet --python $(BIN)/python .venv-bench && uv pip install --quiet --python .venv-bench/bin/python -r $<; \
		else $(BIN)/python -m venv .venv-bench && .venv-bench/bin/python -m pip install --quiet --disable-pip-version-check -r $<; fi
	@touch $@

bench: .venv/.installed .venv-bench/.installed ## measure on 100,000 leads, into docs/performance.md; SCALE=full for a million, STEPS=scan,runs
	@exec $(LAUNCH) --var var/bench run --keep -- python -m bench

lint: .venv/.installed   ## format (checked only), lint, import contracts, templates, security, messages
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/djlint --quiet --check --lint templates
	$(BIN)/bandit --quiet --recursive --severity-level medium --confidence-level medium $(PACKAGES)
	$(BIN)/python -m tools.messages --check

types: .venv/.installed  ## mypy
	$(BIN)/mypy .

format: .venv/.installed ## write the house's format
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .
	-$(BIN)/djlint --quiet --reformat templates

messages: .venv/.installed ## collect the texts to translate and compile the translations
	$(BIN)/python -m tools.messages

css: .venv/.installed    ## build the stylesheet from the templates
	$(BIN)/python static_src/build.py

screenshots: .venv/.installed ## pictures of every screen of the demo into var/screenshots, and those of docs/screenshots
	@SCREENSHOTS=var/screenshots exec $(LAUNCH) run -- python -m pytest -m browser tests/e2e/test_screenshots.py $(ARGS)

# Universal: one file serves every platform and Python from 3.11 on. Versions change only where they have to; ARGS=--upgrade
requirements:            ## compile requirements*.txt from their .in files; needs uv
	uv pip compile --quiet --generate-hashes --universal --python-version 3.11 --custom-compile-command "make requirements" requirements.in --output-file requirements.txt $(ARGS)
	uv pip compile --quiet --generate-hashes --universal --python-version 3.11 --custom-compile-command "make requirements" requirements-dev.in --output-file requirements-dev.txt $(ARGS)

clean:                   ## delete .venv, the demo's data, the logs and all caches
	@[ ! -d var ] || [ ! -e .venv/.installed ] || $(LAUNCH) clean
	rm -rf .venv .venv-bench var .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

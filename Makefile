# What a user or a contributor runs; `make help` lists it.  Each environment is made once, and again when what it
# depends on changes.

PYTHON ?= python3
VENV ?= .venv
ARGS ?=
BIN := $(VENV)/bin
BENCH := .venv-bench
PYTHONS := 3.11 3.12 3.13 3.14
PEERS := khal icalendar recurring-ical-events caldav apscheduler pydantic-settings typer rich keyring
TORTURES := tests/test_machine.py tests/test_attacks_on_state.py tests/test_soak.py tests/test_soak_service.py tests/test_faults.py
TORTURES += tests/test_booted.py tests/test_google_faults.py tests/test_storm.py
PIP_INSTALL := -m pip install -qq --disable-pip-version-check
LOCK := build/uv/bin/uv pip compile -q --upgrade --universal --python-version 3.11 --generate-hashes
LOCK += --no-emit-index-url --no-annotate --custom-compile-command 'make lock'

# $(call install,ENVIRONMENT,LOCK,WHAT): first everything in the lock, setuptools too, each file with its hash; then
# what lies here, which takes nothing besides.
define install
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "unbusy needs Python 3.11 or newer; name one: make PYTHON=python3.12" >&2; exit 1; }
	@echo "Installing into $(1), which takes a minute ..."
	@$(PYTHON) -m venv $(1)
	@$(1)/bin/python $(PIP_INSTALL) --require-hashes --requirement locks/$(2).txt
	@$(1)/bin/python $(PIP_INSTALL) --no-deps --no-build-isolation $(3)
endef

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help demo test test-all emulator lint types contracts check torture fleet-torture bench-fleet soak mutations fuzz bench golden simulate docs man pictures sdist wheel lock install-user install-system clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(VENV)/.for-use ## an example calendar, planned and shown; ./demo is yours to play with
	@$(BIN)/unbusy demo demo

test: $(VENV)/.for-tests ## all tests; ARGS="-k focus" for some
	@$(BIN)/python -m pytest -q -n auto $(ARGS)

test-all: ## all tests on each Python from 3.11 to 3.14 that is here, one after the other; names those that are not
	@failed=; for version in $(PYTHONS); do \
		if ! python$$version -c '' 2>/dev/null; then echo "Python $$version: not here"; continue; fi; \
		echo "Python $$version:"; \
		$(MAKE) --no-print-directory test VENV=.venv-$$version PYTHON=python$$version || failed="$$failed $$version"; \
	done; test -z "$$failed" || { echo "failed on$$failed" >&2; exit 1; }

emulator: ## with Node: an emulator of Google's sign-in, for the tests that use it
	@npm ci --prefix tests/emulator --ignore-scripts --no-audit --no-fund

lint: $(VENV)/.for-tests ## ruff: rules and format
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: $(VENV)/.for-tests ## mypy, strict
	@$(BIN)/mypy

contracts: $(VENV)/.for-tests ## who may import whom
	@$(BIN)/lint-imports --no-logo

check: lint types contracts test ## everything that a change has to pass

torture: $(VENV)/.for-tests ## the state machine on new paths, counted; crashes and faults, one by one; an hour or so
	@command -v strace >/dev/null || echo "No strace (apt-get install strace): what it refuses is left out." >&2
	@UNBUSY_TORTURE=1 $(BIN)/python -m pytest -q -s $(TORTURES) $(ARGS)

fleet-torture: $(VENV)/.for-tests ## a company's leaders while workers and the database are killed; an hour; UNBUSY_FLEET_MINUTES=2 for less
	@ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || echo "No PostgreSQL server (apt-get install postgresql)." >&2
	@UNBUSY_TORTURE=1 $(BIN)/python -m pytest -q -s tests/test_fleet_torture.py tests/test_fleet_jobs.py tests/test_fleet.py tests/test_postgres.py $(ARGS)

bench-fleet: $(VENV)/.for-tests ## what a leader and cycle cost in a fleet, database included; some minutes; ARGS="--leaders 100" for less
	@$(BIN)/python -m bench.fleet $(ARGS)

soak: $(VENV)/.for-tests ## seven months of the service in minutes, over both changes of the clock: what it leaves behind
	@UNBUSY_TORTURE=1 $(BIN)/python -m pytest -q -s tests/test_soak_service.py $(ARGS)

mutations: $(VENV)/.for-tests ## breaks one guard at a time on a copy of the tree: its tests must fail; ARGS=word for some
	@$(BIN)/python tests/mutations.py $(ARGS)

fuzz: $(VENV)/.for-tests ## the reader of calendars under a coverage-guided fuzzer; ARGS=-max_total_time=600 for longer
	@$(BIN)/python $(PIP_INSTALL) --require-hashes --requirement locks/fuzz.txt
	@$(BIN)/python tests/fuzz_reader.py -max_total_time=60 -timeout=10 $(ARGS)

bench: $(VENV)/.for-tests $(BENCH)/unbusy/.done $(BENCH)/peers/.done ## beside other programs, some minutes; ARGS=--quick
	@$(BIN)/python -m bench $(BENCH) $(ARGS)
	@$(BIN)/python -m bench.caldav
	@$(BIN)/python -m bench.google
	@$(BIN)/python -m bench.idle
	@$(BIN)/python -m bench.worst

golden: $(VENV)/.for-tests ## the fortnights of eight leaders written anew; read what differs
	@UNBUSY_GOLDEN=write $(BIN)/python -m pytest -q -n 0 tests/test_golden.py

simulate: $(VENV)/.for-tests ## whether it helps: years of six leaders, with it and without; ARGS="--leader light --seed 1" for one
	@$(BIN)/python -m simulate $(ARGS)

docs: $(VENV)/.for-tests ## the pages as a site with search, in build/docs/index.html; read without any network
	@$(BIN)/python docs/make_site.py build/docs

man: $(VENV)/.for-use ## the manual pages, in docs/man/
	@$(BIN)/unbusy man docs/man

pictures: $(VENV)/.for-tests ## picture and text in docs/report.md
	@PYTHONPATH=tests $(BIN)/python tests/drawing.py

sdist: $(VENV)/.for-tests ## the source archive for packagers, in dist/: with tests, docs and units
	@$(BIN)/python -m build --sdist --no-isolation --outdir dist .

wheel: $(VENV)/.for-tests ## the wheel, in dist/
	@$(BIN)/python -m build --wheel --no-isolation --outdir dist .

# Newer versions of atheris have no file for Python 3.11.
lock: ## locks the newest versions that pyproject.toml allows, with the hash of each file, in locks/
	@$(PYTHON) -m venv --clear build/uv
	@build/uv/bin/python $(PIP_INSTALL) uv
	@echo 'setuptools>=77' | $(LOCK) --extra test --extra mcp --extra docs --extra fleet --output-file locks/tests.txt pyproject.toml -
	@echo 'setuptools>=77' | $(LOCK) --constraint locks/tests.txt --output-file locks/use.txt pyproject.toml -
	@echo 'atheris<3.1' | $(LOCK) --output-file locks/fuzz.txt -

install-user: ## for yourself: ~/.local/bin/unbusy and a unit for your session
	$(call install,$(HOME)/.local/share/unbusy/venv,use,--force-reinstall .)
	@mkdir -p $(HOME)/.local/bin
	@ln -sf $(HOME)/.local/share/unbusy/venv/bin/unbusy $(HOME)/.local/bin/unbusy
	@$(HOME)/.local/bin/unbusy service install --user --no-start
	@rm -rf build unbusy.egg-info
	@echo "Installed.  Next: ~/.config/unbusy/config.toml (config.example.toml has every option), unbusy plan, unbusy apply,"
	@echo "then: systemctl --user enable --now unbusy (see systemd/README.md)"

install-system: ## as root, for a server: /usr/local/bin/unbusy and hardened units
	$(call install,/opt/unbusy,use,--force-reinstall .)
	@ln -sf /opt/unbusy/bin/unbusy /usr/local/bin/unbusy
	@/usr/local/bin/unbusy service install --system --no-start
	@mkdir -p /etc/unbusy
	@test -e /etc/unbusy/config.toml || { echo 'state = "/var/lib/unbusy"'; sed '/^#* *state *=/d' config.example.toml; } \
		> /etc/unbusy/config.toml
	@chmod -R a+rX /opt/unbusy /etc/unbusy
	@test ! -d /run/systemd/system || systemctl daemon-reload
	@rm -rf build unbusy.egg-info
	@echo "Installed.  Next: edit /etc/unbusy/config.toml, then systemctl enable --now unbusy (see systemd/README.md)"

clean: ## removes what make has made here
	@rm -rf $(VENV) .venv-3.* $(BENCH) demo build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	@find daemon connectors policies tests bench simulate -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/.for-use: pyproject.toml locks/use.txt
	$(call install,$(VENV),use,--editable .)
	@touch $@

$(VENV)/.for-tests: pyproject.toml locks/tests.txt
	$(call install,$(VENV),tests,--editable .)
	@touch $(VENV)/.for-use $@

# As users install it: an editable installation starts more slowly.
$(BENCH)/unbusy/.done: pyproject.toml locks/use.txt $(shell find daemon connectors policies -name '*.py' -o -name '*.toml')
	$(call install,$(BENCH)/unbusy,use,--force-reinstall .)
	@rm -rf build unbusy.egg-info
	@touch $@

$(BENCH)/peers/.done: bench/constraints.txt
	@echo "Installing other programs into $(BENCH)/peers, which takes a minute ..."
	@$(PYTHON) -m venv $(BENCH)/peers
	@$(BENCH)/peers/bin/python $(PIP_INSTALL) --constraint $< $(PEERS)
	@touch $@

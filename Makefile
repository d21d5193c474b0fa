# Python 3.11 or newer, make and a package index are enough: every target makes the environment it needs.

PYTHON ?= python3
UV ?= $(shell command -v uv >/dev/null 2>&1 && echo uv || echo pipx run uv)

ifeq ($(OS),Windows_NT)
SCRIPTS := Scripts
else
SCRIPTS := bin
endif

BIN := .venv/$(SCRIPTS)
OLDEST_BIN := .venv-oldest/$(SCRIPTS)
PIP := -m pip --disable-pip-version-check --no-input
TOUCH := -c "import pathlib, sys; pathlib.Path(sys.argv[1]).touch()"
COMPILE = $(UV) pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
	--no-emit-package ctnb pyproject.toml

.DEFAULT_GOAL := help
.PHONY: help demo test test-oldest check soak bench lab notebooks docs catalogues pins
.DELETE_ON_ERROR:

help: ## Say what each target does
	@$(PYTHON) -c "import pathlib, re; [print(f'make {name:12}{text}') for name, text in re.findall(r'(?m)^([a-z-]+):.*?## (.+)', pathlib.Path('Makefile').read_text(encoding='utf-8'))]"

demo: .venv/installed-demo ## Run the whole journey on the sample deals; the results go to demo_output
	$(BIN)/ctnb demo --out demo_output

# Several at a time, but for those that count requests in a second. Some last a millisecond and some half a minute: a
# process that has none left takes some of another's.
PYTEST = python -m pytest
TOGETHER = -n auto --dist worksteal -m "not alone"

test: .venv/installed-test ## Run the tests
	$(BIN)/$(PYTEST) $(TOGETHER) $(PYTEST_ARGS)
	$(BIN)/$(PYTEST) -m alone $(or $(PYTEST_ARGS),tests/integration/alone)

# What a browser shows, what networks, disks and a killed process do to a run, at what pace processes send, what a shell
# gets from a nightly run, and what a release holds, does not depend on the versions of pandas, NumPy and Arrow.
ANY_PANDAS = $(addprefix --ignore=tests/,browser contract integration/alone \
	integration/test_benchmarks.py integration/test_cli_nightly.py \
	integration/test_client.py integration/test_code_blocks.py integration/test_company_networks.py \
	integration/test_full_disk.py integration/test_howtos.py integration/test_idle_connections.py \
	integration/test_kills.py integration/test_mutants.py integration/test_release.py \
	integration/test_site.py integration/test_studio_page.py integration/test_team_kills.py integration/test_wheel.py \
	property/test_ledger_agreement.py property/test_ledger_machine.py unit/delivery/pace)

test-oldest: .venv-oldest/installed-oldest ## Run the tests that depend on pandas on its oldest version, in an environment of its own
	$(OLDEST_BIN)/$(PYTEST) $(TOGETHER) $(ANY_PANDAS) $(PYTEST_ARGS)

check: .venv/installed-test ## Check style, types, imports and the examples in docstrings
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/python -m pytest -q --doctest-modules ctnb

soak: .venv/installed-test ## Kill hundreds of runs, read ten million phones in two ways, and count strangers; half an hour
	$(BIN)/python tests/tools/soak.py
	$(BIN)/python tests/tools/postgres_soak.py
	$(BIN)/python tests/tools/preview_soak.py
	$(BIN)/python tests/tools/phone_soak.py
	$(BIN)/python tests/tools/settling_soak.py
	$(BIN)/python tests/tools/journal_download_soak.py

bench: .venv/installed-bench ## Measure speed against the plain way; figures go to build/bench, and with BENCH_ARGS=--publish to docs
	$(BIN)/python -m benchmarks.run $(BENCH_ARGS)

lab: .venv/installed-lab ## Open the notebooks in JupyterLab
	$(BIN)/jupyter lab notebooks

notebooks: .venv/installed-test ## Run the notebooks anew, in place, and draw the README's pictures
	$(BIN)/python docs/make_notebooks.py
	$(BIN)/python docs/make_pictures.py

docs: .venv/installed-docs ## Build the docs into build/docs, Russian with English under en; warnings are errors
	$(BIN)/python docs/build_site.py

catalogues: .venv/installed-docs ## Bring docs/locale up to date with pages, docstrings and notebooks
	$(BIN)/python docs/build_site.py --catalogues docs/locale

pins: ## Pin the requirements anew (needs uv or pipx)
	$(COMPILE) --extra excel requirements/build.in -o requirements/demo.txt
	$(COMPILE) --extra bench --extra excel requirements/build.in -o requirements/bench.txt
	$(COMPILE) --extra test requirements/build.in -o requirements/test.txt
	$(COMPILE) --extra excel --extra notebook requirements/build.in -o requirements/lab.txt
	$(COMPILE) --extra docs requirements/build.in -o requirements/docs.txt
	$(COMPILE) --extra test requirements/build.in requirements/oldest.in -o requirements/oldest.txt

.venv/pyvenv.cfg .venv-oldest/pyvenv.cfg:
	@$(PYTHON) -c "import sys; sys.version_info >= (3, 11) or sys.exit('Python 3.11 or newer is needed, this is ' + sys.version.split()[0])" || (echo "Name another Python: make PYTHON=/path/to/python3.11" && exit 1)
	$(PYTHON) -m venv $(@D)

# One environment for demo, test, lab and docs: the pins agree, so a bigger set only adds.
.venv/installed-%: requirements/%.txt pyproject.toml | .venv/pyvenv.cfg
	$(BIN)/python $(PIP) install -q --require-hashes -r $<
	$(BIN)/python $(PIP) install -q --no-index --no-deps --no-build-isolation -e .
	@$(BIN)/python $(TOUCH) $@

.venv-oldest/installed-%: requirements/%.txt pyproject.toml | .venv-oldest/pyvenv.cfg
	$(OLDEST_BIN)/python $(PIP) install -q --require-hashes -r $<
	$(OLDEST_BIN)/python $(PIP) install -q --no-index --no-deps --no-build-isolation -e .
	@$(OLDEST_BIN)/python $(TOUCH) $@

# The commands of the project; `make` prints them.
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
LOCK := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header

.DEFAULT_GOAL := help
# Tests start hundreds of processes: each would compile the application anew where the environment forbids to keep it.
unexport PYTHONDONTWRITEBYTECODE
.PHONY: help install run test cover check bench prove calibrate format lock clean

help: ## print these targets
	@grep -hE '^[a-z]+:.*## ' Makefile | sed -E 's/^([a-z]+):.*## (.*)/  make \1\t\2/' | expand -t 18

install: $(VENV)/installed ## make .venv and install Kutsu with its locked dependencies

run: install ## install, fill the demo city on the first run, serve it and say where
	@$(BIN)/kutsu demo --serve

test: check $(VENV)/browser ## install what tests need, then check and run all tests: a quarter of an hour on two cores
	@$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder

cover: $(VENV)/browser ## run all tests and count the lines and branches that they run: 95 % at least
	@$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder --cov

check: $(VENV)/developing ## ruff, mypy and the import contracts
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

bench: $(VENV)/developing ## print the speed ratios against their targets
	@$(BIN)/python -m tests.bench

prove: $(VENV)/browser ## run the long proofs and print their figures
	@$(BIN)/python -m pytest -m prove -n 2 --hypothesis-profile=prove --proofs docs/proofs.md

calibrate: $(VENV)/developing ## simulate what the verdicts promise and keep the figures as docs/calibration.md
	@OPENBLAS_NUM_THREADS=1 $(BIN)/python -m tests.measurement.calibrate

format: $(VENV)/developing ## let ruff mend what it can and format the code
	@$(BIN)/ruff check --fix-only
	@$(BIN)/ruff format

lock: ## pin the dependencies anew (LOCK_FLAGS=--upgrade for newer releases)
	@command -v uv >/dev/null || { echo "Locking needs uv: run 'pip install uv'."; exit 1; }
	@$(LOCK) $(LOCK_FLAGS) pyproject.toml --extra postgresql --group build -o requirements.lock
	@$(LOCK) $(LOCK_FLAGS) pyproject.toml --group dev -c requirements.lock -o requirements-dev.lock

clean: ## remove .venv and what the tools cache
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage .coverage.* htmlcov build dist

# Each stamp is as new as the last installation of what it depends on. The locks name everything there is to
# install; left to look for itself, pip trips over a newer release of what a tool wants with an extra. Python compiles
# what is used when it is first used; pip would compile all there is, which takes a third of its time.
$(BIN)/pip: .ci/setup.sh
	@python=$$(.ci/setup.sh python) && $$python -m venv $(VENV)
	@touch $@

$(VENV)/installed: $(BIN)/pip requirements.lock pyproject.toml
	@echo "Installing the locked dependencies into $(VENV)"
	@$(PIP) install --no-compile --require-hashes --no-deps -r requirements.lock
	@$(PIP) install --no-deps --no-index --no-build-isolation --editable .
	@touch $@

$(VENV)/developing: $(VENV)/installed requirements-dev.lock
	@echo "Installing the locked tools into $(VENV)"
	@$(PIP) install --no-compile --require-hashes --no-deps -r requirements-dev.lock
	@touch $@

$(VENV)/browser: $(VENV)/developing .ci/setup.sh
	@.ci/setup.sh chromium $(BIN)/python
	@touch $@

# The commands of the project; `make` prints them.
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
LOCKED := --require-hashes --no-deps -r
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header

.DEFAULT_GOAL := help
# Tests start hundreds of processes: each would compile the application anew where the environment forbids to keep it.
unexport PYTHONDONTWRITEBYTECODE
.PHONY: help install run test tests cover check bench prove calibrate format lock clean

help: ## print these targets
	@grep -hE '^[a-z]+:.*## ' Makefile | sed -E 's/^([a-z]+):.*## (.*)/  make \1\t\2/' | expand -t 18

install: $(VENV)/installed ## make .venv and install Kutsu with its locked dependencies

run: install ## install, fill the demo city on the first run, serve it and say where
	@$(BIN)/kutsu --database "$${KUTSU_DATABASE_URL:-sqlite:///demo.db}" demo --serve

# The type checker works in one process: the other core begins with the tests meanwhile.
test: $(VENV)/browser ## install what tests need, then check and run all tests: a quarter of an hour on two cores
	@$(MAKE) --no-print-directory -j2 check tests

tests: $(VENV)/browser
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

lock: $(BIN)/uv ## pin the dependencies anew (LOCK_FLAGS=--upgrade for newer releases)
	@$(LOCK) $(LOCK_FLAGS) --group installer -o requirements-installer.lock
	@$(LOCK) $(LOCK_FLAGS) pyproject.toml --extra postgresql --group build -o requirements.lock
	@$(LOCK) $(LOCK_FLAGS) pyproject.toml --group dev -c requirements.lock -o requirements-dev.lock

clean: ## remove .venv and what the tools cache
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage .coverage.* htmlcov build dist

# Each stamp is as new as the last installation of what it depends on. The locks name everything there is to
# install. uv takes a tenth of pip's time; pip also knows an index that a machine has told it alone of. Python compiles
# what is used when it is first used, and neither compiles the rest.
define install_locked
@echo "Installing $(1) into $(VENV)"
@$(BIN)/uv pip install --quiet --python $(BIN)/python $(LOCKED) $(2) || $(PIP) install --no-compile $(LOCKED) $(2)
endef

$(BIN)/uv: .ci/setup.sh requirements-installer.lock
	@python=$$(.ci/setup.sh python) && $$python -m venv $(VENV)
	@$(PIP) install --no-compile $(LOCKED) requirements-installer.lock
	@touch $@

$(VENV)/installed: $(BIN)/uv requirements.lock pyproject.toml
	$(call install_locked,the locked dependencies,requirements.lock)
	@$(PIP) install --no-deps --no-index --no-build-isolation --editable .
	@touch $@

$(VENV)/developing: $(VENV)/installed requirements-dev.lock
	$(call install_locked,the locked tools,requirements-dev.lock)
	@touch $@

$(VENV)/browser: $(VENV)/developing .ci/setup.sh
	@.ci/setup.sh chromium $(BIN)/python
	@touch $@

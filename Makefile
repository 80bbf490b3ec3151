# Each of these is enough on a clean machine: it makes .venv and installs what it needs.
#   make lab [ARGS="--no-browser --port 8899"]   JupyterLab on the notebooks
#   make check [ARGS="tests/topics/gates"]       the quick tests: no browser, nothing killed
#   make test [ARGS="tests/browser -x"]          every kind of test, settings sampled anew
#   make test-all                                the same over every setting of every large grid
#   make web                                     the browser's code in Node: tests, types, lint
#   make run [ARGS="-p kernel_size=5 -o out"]    a notebook, headless; says where the page is
#   make bench                                   speed and memory, as ratios; takes some minutes
#   make lint                                    ruff and mypy
# NOTEBOOK=04_cnn opens another notebook than the start, or runs another than 01_convolution.
# TORCH_INDEX=ADDRESS takes torch from another package index, such as PyTorch's of CPU builds.

PYTHON ?= python3
VENV ?= .venv
TORCH_INDEX ?=
ARGS ?=
BIN := $(VENV)/bin

# Two workers, each with one thread; live tests share one JupyterLab, so one worker (tests/conftest.py).
PYTEST := OMP_NUM_THREADS=1 $(BIN)/python -m pytest --numprocesses 2

.PHONY: lab check test test-all web run bench lint fix browser node clean

lab: NOTEBOOK ?= 00_start
lab: $(VENV)/installed-lab
	$(BIN)/jupyter lab --LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate notebooks/$(NOTEBOOK).ipynb $(ARGS)

check: $(VENV)/installed-test
	CONVRNN_TESTS=check $(PYTEST) -m "not browser and not kills" $(ARGS)

test: $(VENV)/installed-test browser node
	CONVRNN_TESTS=test $(PYTEST) $(ARGS)

test-all: $(VENV)/installed-test browser node
	CONVRNN_TESTS=all $(PYTEST) $(ARGS)

web: node
	npm test
	npm run lint

run: NOTEBOOK ?= 01_convolution
run: $(VENV)/installed-base
	$(BIN)/convrnn-lab run $(NOTEBOOK) $(ARGS)

bench: $(VENV)/installed-bench browser
	OMP_NUM_THREADS=1 $(BIN)/python -m tests.benchmarks $(ARGS)

lint: $(VENV)/installed-test node
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	npm run lint

fix: $(VENV)/installed-test
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# A browser that is there is used; else Debian's, and where that is not to be had, Playwright's.
browser: $(VENV)/installed-test
	@$(BIN)/python -m tests.browser.chromium

# Node is found as the browser is; its packages are only for tests, and the product needs neither.
node: node_modules/installed

node_modules/installed: package-lock.json
	@$(PYTHON) tests/web/find_node.py
	npm ci --no-audit --no-fund --loglevel=error
	@touch $@

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/installed-base: EXTRA =
$(VENV)/installed-%: EXTRA = [$*]
$(VENV)/installed-%: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --constraint constraints.txt $(if $(TORCH_INDEX),--extra-index-url $(TORCH_INDEX)) --editable ".$(EXTRA)"
	@# JupyterLab asks every new user about news, over the lower right corner of the figure.
	@mkdir -p $(VENV)/share/jupyter/lab/settings
	@echo '{"@jupyterlab/apputils-extension:notification": {"fetchNews": "false"}}' > $(VENV)/share/jupyter/lab/settings/overrides.json
	@touch $@

clean:
	rm -rf $(VENV) node_modules out build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis

# Each of these is enough on a clean machine: it makes .venv and installs what it needs.
#   make lab [ARGS="--no-browser --port 8899"]   JupyterLab on the notebooks
#   make test [ARGS="tests/trace -x"]            all tests, a browser's included
#   make run [ARGS="-p kernel_size=5 -o out"]    a notebook, headless; says where the page is
#   make bench                                   speed and memory, as ratios; takes some minutes
#   make lint                                    ruff and mypy
# NOTEBOOK=04_cnn opens or runs another notebook than the first.
# TORCH_INDEX=ADDRESS takes torch from another package index, such as PyTorch's of CPU builds.

PYTHON ?= python3
VENV ?= .venv
TORCH_INDEX ?=
ARGS ?=
NOTEBOOK ?= 01_convolution
BIN := $(VENV)/bin

.PHONY: lab test run bench lint fix browser clean

lab: $(VENV)/installed-lab
	$(BIN)/jupyter lab --LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate notebooks/$(NOTEBOOK).ipynb $(ARGS)

test: $(VENV)/installed-test browser
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest $(ARGS)

run: $(VENV)/installed-base
	$(BIN)/convrnn-lab run $(NOTEBOOK) $(ARGS)

bench: $(VENV)/installed-bench browser
	OMP_NUM_THREADS=1 $(BIN)/python -m tests.benchmarks $(ARGS)

lint: $(VENV)/installed-test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

fix: $(VENV)/installed-test
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# A browser that is there is used; else Debian's, and where that is not to be had, Playwright's.
browser: $(VENV)/installed-test
	@$(BIN)/python -m tests.browser.chromium

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
	rm -rf $(VENV) out build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis

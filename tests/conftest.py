import os
import signal

# Before torch is imported: the models are small, and two threads on shared cores are slower.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import nbformat
import pytest
import torch

from tests.sampling import LEVEL, SEED

# A shell that starts the tests in the background has their processes ignore Ctrl-C.
signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_report_header():
    return f"sample: {LEVEL}, CONVRNN_SEED={SEED}"


@pytest.fixture
def rng():
    return torch.Generator().manual_seed(0)


@pytest.fixture
def notebook(tmp_path):
    """Return a function that writes a notebook of the given code cells."""

    def write(*sources, name="small"):
        cells = [nbformat.v4.new_code_cell(source) for source in sources]
        if cells:
            cells[0].metadata["tags"] = ["parameters"]
        path = tmp_path / f"{name}.ipynb"
        nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
        return path

    return write

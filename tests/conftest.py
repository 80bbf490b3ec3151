import os
import signal

# Before torch is imported: the models are small, and two threads on shared cores are slower.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import nbformat
import pytest
import torch
from filelock import FileLock
from xdist.scheduler import LoadScopeScheduling

from tests.sampling import LEVEL, SEED

# A shell that starts the tests in the background has their processes ignore Ctrl-C.
signal.signal(signal.SIGINT, signal.default_int_handler)


LIVE = ("tests/browser/test_lab.py", "tests/browser/test_live", "tests/browser/test_controls_live")


class OneLab(LoadScopeScheduling):
    """Gives all live tests to one process, which has one JupyterLab, and every other test alone."""

    def _split_scope(self, nodeid):
        return "lab" if nodeid.startswith(LIVE) else nodeid


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    # In place of `--dist loadgroup`: pytest-xdist 3.8 sets groups where pytest 9.2 no longer looks.
    return OneLab(config, log)


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


@pytest.fixture(scope="session")
def report_of(tmp_path_factory):
    """Return a function to the report of a shipped notebook with its own parameters.

    It is made once in a run of the tests, whichever worker asks first. Nothing may change it.
    """
    from convrnn_lab import reports
    from tests.stored import of_notebook

    base = tmp_path_factory.getbasetemp()
    # A worker of pytest-xdist has a folder of its own inside the one of the run.
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "reports"
    folder.mkdir(exist_ok=True)

    def report(name):
        paths = folder / f"{name}.ipynb", folder / f"{name}.html"
        measures = name in ("07_timing", "07b_layers")
        parameters = {"store": str(folder / f"{name}.jsonl")} if measures else {}
        with FileLock(folder / f"{name}.lock"):
            if not all(path.exists() for path in paths):
                if parameters:
                    of_notebook(parameters["store"])
                return reports.run(name, parameters, folder)
        return reports.Report(*paths, parameters, 0.0)

    return report

"""Sweeps against the ways to get as many reports without them, in one run."""

import concurrent.futures
import multiprocessing
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nbformat
import psutil

from convrnn_lab import reports
from tests.benchmarks import table
from tests.benchmarks.processes import BIN, seconds
from tests.browser import chromium
from tests.sweeps import synthetic

REPORTS = 50
_LESSONS = 12
_IMPORTS = """\
import plotly.graph_objects as go
import torch

from convrnn_lab import data, reports, trace"""
_WORK = """\
steps = trace.convolution(data.image("digit 3")[None], data.kernel("box", size)[None, None])
reports.record("outputs", steps.output.numel())
reports.record("picture", go.Figure(go.Heatmap(z=steps.output[0].numpy())))"""


def _notebook(folder):
    """Write a short report: it imports torch and the package, and has one figure."""
    sources = ("size: int = 3", _IMPORTS, _WORK)
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    cells[0].metadata["tags"] = ["parameters"]
    book = nbformat.v4.new_notebook(cells=cells)
    book.metadata["kernelspec"] = {"name": "python3", "display_name": "P", "language": "python"}
    path = Path(folder) / "short.ipynb"
    nbformat.write(book, path)
    return path


def _swept(path, folder, *grid):
    """Return the seconds of a sweep, and the largest memory of its processes, by kind."""
    command = [BIN / "convrnn-lab", "sweep", path, "-q", "-j", "2", "-o", folder]
    began = time.perf_counter()
    process = subprocess.Popen([*command, *grid], stdout=subprocess.DEVNULL)
    parent, sizes = psutil.Process(process.pid), {"parent": [], "worker": []}
    while process.poll() is None:
        try:
            sizes["parent"].append(parent.memory_info().rss / 1e6)
            for child in parent.children():
                if "convrnn_lab.sweeps.worker" in " ".join(child.cmdline()):
                    sizes["worker"].append(child.memory_info().rss / 1e6)
        except psutil.Error:
            pass
        time.sleep(0.2)
    assert process.returncode == 0
    return time.perf_counter() - began, sizes


def _shell(number, path, folder, name):
    done = Path(folder) / f"{number}.ipynb"
    return seconds(BIN / "papermill", path, done, "-p", name, str(3 + number % 9)) + seconds(
        BIN / "jupyter", "nbconvert", "--to", "html", done
    )


def _in_process(number, path, folder):
    """Execute with papermill and export, as a script of one's own would; runs in a child."""
    import papermill
    from nbconvert import HTMLExporter

    done = Path(folder) / f"{number}.ipynb"
    book = papermill.execute_notebook(path, done, {"size": 3 + number % 9}, progress_bar=False)
    exporter = _KEPT.setdefault("exporter", HTMLExporter())
    page, _ = exporter.from_notebook_node(book)
    done.with_suffix(".html").write_text(page, "utf-8")


_KEPT = {}


def sweeping():
    with tempfile.TemporaryDirectory() as folder:
        path = _with_seed(_notebook(folder))
        grid = ("-g", "size=3:11", "-g", f"seed=1:{REPORTS}", "--random", str(REPORTS))
        ours, sizes = _swept(path, Path(folder) / "study", *grid)
        alone = _by_commands(path, folder, "size", REPORTS)
        inside = _two_processes(path, folder)
    label = f"{REPORTS} short reports, 2 at a time, wall"
    for against, other, target in (
        ("papermill and nbconvert commands, 2 at a time, 4 run and scaled", alone, 0.1),
        ("papermill and exporter in 2 processes, 8 run and scaled", inside, 0.3),
    ):
        yield table.ratio(label, [ours], [other], target, unit="s", against=against)
    yield table.bound("memory of the sweep's own process", max(sizes["parent"]), 300, unit="MB")
    workers = sizes["worker"]
    late = sorted(workers[-len(workers) // 4 :])
    early = sorted(workers[len(workers) // 4 : len(workers) // 2])
    yield table.ratio(
        "memory of a worker, last quarter of a sweep",
        [late[len(late) // 2]],
        [early[len(early) // 2]],
        1.25,
        unit="MB",
        against="second quarter",
    )


def _with_seed(path):
    book = nbformat.read(path, as_version=4)
    book.cells[0].source += "\nseed: int = 0"
    nbformat.write(book, path)
    return path


def _by_commands(path, folder, name, count):
    """Return what `count` reports would take with the commands, of which 4 are run."""
    began = time.perf_counter()
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda number: _shell(number, path, folder, name), range(4)))
    return (time.perf_counter() - began) * count / 4


def _two_processes(path, folder):
    """Return what the reports would take without the start of the processes, which is once."""
    context = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(2, mp_context=context) as pool:
        for count in (4, 8):  # the first ones import
            began = time.perf_counter()
            list(pool.map(_in_process, range(count), [path] * count, [folder] * count))
    return (time.perf_counter() - began) * REPORTS / 8


def lesson():
    """Make 12 reports of notebook 01, pages included, as the commands make them without pages."""
    source = reports.find("01_convolution").path
    with tempfile.TemporaryDirectory() as folder:
        grid = ("-g", "kernel_size=3,5,7", "-g", "stride=1:4")
        ours, _ = _swept(source, Path(folder) / "study", *grid)
        pages = list((Path(folder) / "study" / "reports").glob("*.html"))
        assert len(pages) == _LESSONS
        assert all(page.read_text("utf-8").count("data-page") > 2 for page in pages)
        other = _by_commands(source, folder, "kernel_size", _LESSONS)
    label = f"{_LESSONS} reports of notebook 01, 2 at a time, pages included, wall"
    against = "papermill and nbconvert commands, 2 at a time, no live page, 4 run and scaled"
    yield table.ratio(label, [ours], [other], 0.15, unit="s", against=against)


def report_overhead():
    """Compare what one report costs beyond its cells, whose time is taken in a warm process."""
    with tempfile.TemporaryDirectory() as folder:
        path = _notebook(folder)
        code = f"size = 3\n{_IMPORTS}\n"
        script = (
            f"import time, sys\nexec({code + _WORK!r})\nbegan = time.perf_counter()\n"
            f"exec({_IMPORTS + chr(10) + _WORK!r})\n"
            "print(time.perf_counter() - began, file=sys.stderr)"
        )
        done = subprocess.run(
            [sys.executable, "-c", script], capture_output=True, text=True, check=True
        )
        own = float(done.stderr.strip().splitlines()[-1])
        ours = [each - own for each in _ours_alone(path, folder)]
        other = [each - own for each in _papermill_alone(path, folder)]
    yield table.ratio(
        "one report beyond its cells' own run time, page included",
        ours,
        other,
        0.15,
        unit="s",
        against="papermill in process, no page,",
    )


def _ours_alone(path, folder):
    """Return what each report of a sweep took, the first ones, which warm up, left out."""
    study = Path(folder) / "one"
    swept = reports.sweep(path, {"size": list(range(3, 12))}, study, jobs=1, progress=False)
    return swept["seconds"].tolist()[2:]


def _papermill_alone(path, folder):
    import papermill

    found = []
    for number in range(4):
        began = time.perf_counter()
        papermill.execute_notebook(path, f"{folder}/p.ipynb", {"size": 3}, progress_bar=False)
        if number:  # the first one imports
            found.append(time.perf_counter() - began)
    return found


def indexing():
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        path = synthetic.study(Path(folder)).folder.path / "index.html"
        yield table.bound("index of 500 reports", path.stat().st_size / 1e6, 10, unit="MB")
        browser = playwright.chromium.launch(executable_path=chromium.path(), args=chromium.FLAGS)
        times = []
        for _ in range(5):
            page = browser.new_page()
            began = time.perf_counter()
            page.goto(path.as_uri())
            page.wait_for_selector("body[data-ready]")
            times.append(time.perf_counter() - began)
            page.close()
        browser.close()
    yield table.bound("index of 500 reports, until it can be used", sorted(times)[2], 2, unit="s")

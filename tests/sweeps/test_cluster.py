"""A real Dask cluster of two worker processes on this machine."""

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import psutil
import pytest

from convrnn_lab.reports import ReportError
from convrnn_lab.sweeps.table import read
from tests.helpers import wait_for
from tests.sweeps.test_sweep import SMALL, files, sweep

pytestmark = pytest.mark.kills

DASK = Path(sys.executable).parent / "dask"


def dask(*arguments):
    return subprocess.Popen(
        [DASK, *map(str, arguments)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


@pytest.fixture
def scheduler(tmp_path):
    """The processes of a scheduler and of two workers, each with a nanny, and its address."""
    file = tmp_path / "scheduler.json"
    options = ("--scheduler-file", file, "--no-dashboard")
    processes = [dask("scheduler", "--host", "127.0.0.1", "--port", 0, *options)]
    wait_for(file.exists)
    local = ("--local-directory", tmp_path / "dask")
    processes += [dask("worker", "--nthreads", 1, *options, *local) for _ in range(2)]
    yield json.loads(file.read_text("utf-8"))["address"], processes
    for process in processes:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def dask_worker(nanny):
    """Return the process that a nanny looks after, once it is there."""

    def look():
        children = psutil.Process(nanny.pid).children()
        return [child for child in children if "spawn_main" in " ".join(child.cmdline())]

    return wait_for(look)[0]


def test_a_cluster_makes_the_same_and_a_lost_report_is_made_again(notebook, tmp_path, scheduler):
    address, (_, nanny, _) = scheduler
    marks = tmp_path / "marks"
    marks.mkdir()
    source = f"import os, time\nopen(f'{marks}/{{n}}-{{os.getpid()}}', 'w').close(); time.sleep(1)"
    path = notebook(SMALL[0], source, SMALL[1])
    victim = dask_worker(nanny)

    def kill():
        wait_for(lambda: list(marks.iterdir()))
        victim.kill()

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        table = sweep(path, {"n": range(8)}, tmp_path / "far", scheduler=address)
    finally:
        killer.join()

    near = sweep(path, {"n": range(8)}, tmp_path / "near")
    same = ["n", "square", "status", "kernel", "report"]
    assert table[same].to_dict("records") == near[same].to_dict("records")
    assert files(tmp_path / "far") == files(tmp_path / "near")
    assert set(table["status"]) == {"done"}
    assert not victim.is_running()


def test_a_scheduler_that_goes_away_ends_the_sweep_in_words(
    notebook, tmp_path, scheduler, monkeypatch
):
    monkeypatch.setattr("convrnn_lab.sweeps.cluster._CONNECT_S", 3)
    address, (process, *_) = scheduler
    path = notebook("n: int = 1", "import time; time.sleep(n)")

    def kill():
        wait_for(lambda: list((tmp_path / "far").glob("reports/*.json")))
        process.kill()

    killer = threading.Thread(target=kill)
    killer.start()
    with pytest.raises(
        ReportError,
        match=f"^the Dask scheduler at {address} has gone away; "
        "the same command goes on from there$",
    ):
        sweep(path, {"n": [0, 3, 4, 5, 6]}, tmp_path / "far", scheduler=address)
    killer.join()

    table = read(tmp_path / "far")
    assert table["status"][0] == "done"
    assert "not run" in set(table["status"])


def test_a_scheduler_that_is_not_there_is_named(notebook, tmp_path, monkeypatch):
    monkeypatch.setattr("convrnn_lab.sweeps.cluster._CONNECT_S", 1)

    with pytest.raises(ReportError, match=r"^no Dask scheduler answers at tcp://127.0.0.1:9$"):
        sweep(notebook(*SMALL), {"n": [1]}, tmp_path / "far", scheduler="tcp://127.0.0.1:9")

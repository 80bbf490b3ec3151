"""What happens to a sweep when processes are killed, or its own is."""

import contextlib
import json
import os
import random
import resource
import signal
import subprocess
import sys
import threading
from pathlib import Path

import psutil
import pytest

from convrnn_lab.sweeps import table
from tests.helpers import WAIT_S, wait_for
from tests.sweeps.test_sweep import SMALL, files, sweep

pytestmark = pytest.mark.kills


def ours(process=None):
    """Return the processes of workers, fork servers and kernels that a process has started."""
    found = []
    for child in (process or psutil.Process()).children(recursive=True):
        try:
            if "convrnn_lab." in " ".join(child.cmdline()):
                found.append(child)
        except psutil.Error:
            pass
    return found


def gone(processes):
    wait_for(lambda: not any(each.is_running() and each.status() != "zombie" for each in processes))


@pytest.fixture
def killer():
    """Kills workers and kernels of the sweep at random, and once what kernels are forked from."""
    generator, stop, seen, killed = random.Random(0), threading.Event(), [], []

    def kill():
        while len(killed) < 20 and not stop.wait(generator.uniform(0.5, 2)):
            running = ours()
            seen.extend(running)
            with contextlib.suppress(psutil.Error):  # it has just ended
                servers = {
                    each for each in running if each.ppid() == os.getpid() and fork_server(each)
                }
                victims = list(servers) if len(killed) == 10 else [*set(running) - servers]
                if victims:
                    victim = generator.choice(sorted(victims, key=lambda each: each.pid))
                    victim.kill()
                    killed.append(victim)

    thread = threading.Thread(target=kill)
    thread.start()
    yield killed
    stop.set()
    thread.join()
    gone(seen)


def fork_server(process):
    return any("fork_server.main()" in part for part in process.cmdline())


def test_two_hundred_reports_outlive_random_kills(notebook, tmp_path, killer):
    folder = tmp_path / "study"
    path = notebook(*SMALL)

    found = sweep(path, {"n": range(200)}, folder)

    assert len(killer) == 20
    assert set(found["status"]) <= {"done", "failed"}
    failed = found[found["status"] == "failed"]
    assert failed["reason"].str.contains("kernel|process").all()
    done = [n for n in range(200) if n not in set(failed["n"])]
    assert [found["square"][n] for n in done] == [n * n for n in done]
    assert not list((folder / "reports").glob(".*"))
    expected = {f"n={n}{end}" for n in done for end in (".html", ".ipynb", ".json")}
    assert set(files(folder)) == expected | {f"n={n}.json" for n in failed["n"]}
    for name in files(folder):
        if not name.endswith(".html"):
            json.loads((folder / "reports" / name).read_text("utf-8"))


def test_what_was_lost_and_only_that_is_run_again(notebook, tmp_path):
    folder = tmp_path / "study"
    path = notebook(*SMALL)
    sweep(path, {"n": range(6)}, folder)
    for lost in ("n=1.json", "n=2.html", "n=3.ipynb"):
        (folder / "reports" / lost).unlink()
    record = folder / "reports" / "n=4.json"
    record.write_text(record.read_text("utf-8")[:40], "utf-8")
    before = {n: (folder / "reports" / f"n={n}.ipynb") for n in (0, 5)}
    times = {n: each.stat().st_mtime_ns for n, each in before.items()}

    found = sweep(path, {"n": range(6)}, folder)

    assert set(found["status"]) == {"done"}
    assert {n: each.stat().st_mtime_ns for n, each in before.items()} == times
    assert len(files(folder)) == 18


def command(*arguments, **options):
    return subprocess.Popen(
        [sys.executable, "-m", "convrnn_lab.cli", "sweep", *map(str, arguments), "-q", "-j", "2"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        **options,
    )


@pytest.fixture
def endless(notebook, tmp_path):
    """A notebook of which report 0 ends and the others do not, and a folder of marks."""
    marks = tmp_path / "marks"
    marks.mkdir()
    source = f"import time; open(f'{marks}/{{n}}', 'w').close(); time.sleep(200 if n else 0)"
    return notebook("n: int = 1", source), marks


def test_ctrl_c_ends_a_sweep_that_can_be_resumed(endless, tmp_path):
    path, marks = endless
    process = command(path, "-g", "n=0,1,2", "-o", tmp_path / "study")
    wait_for(lambda: len(list(marks.iterdir())) == 3)
    started = ours(psutil.Process(process.pid))

    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=WAIT_S)

    assert process.returncode == 1
    assert errors.splitlines()[0] == "stopped; the same command goes on from here"
    assert list(table.read(tmp_path / "study")["status"]) == ["done", "not run", "not run"]
    assert files(tmp_path / "study") == ["n=0.html", "n=0.ipynb", "n=0.json"]
    gone(started)


def test_when_the_sweep_itself_is_killed_nothing_of_it_stays(endless, tmp_path):
    path, marks = endless
    process = command(path, "-g", "n=0,1,2", "-o", tmp_path / "study")
    wait_for(lambda: len(list(marks.iterdir())) == 3)
    started = ours(psutil.Process(process.pid))
    assert len(started) >= 5  # two workers, a fork server, two kernels
    (sockets,) = {each.environ().get("CONVRNN_LAB_SOCKETS") for each in started}
    assert Path(sockets).is_dir()

    process.kill()
    process.communicate()

    gone(started)
    wait_for(lambda: not Path(sockets).exists())
    # Its lock has gone with it.
    assert set(sweep(path, {"n": [0]}, tmp_path / "study")["status"]) == {"done"}


def test_a_second_sweep_into_the_folder_is_refused(endless, tmp_path):
    path, marks = endless
    first = command(path, "-g", "n=1", "-o", tmp_path / "study")
    wait_for(lambda: list(marks.iterdir()))

    second = command(path, "-g", "n=2", "-o", tmp_path / "study")
    _, errors = second.communicate(timeout=WAIT_S)

    first.send_signal(signal.SIGINT)
    first.communicate(timeout=WAIT_S)
    assert second.returncode == 1
    assert errors.startswith("Error: folder must be free; got ")
    assert f", in which process {first.pid} on " in errors
    assert errors.endswith(" is running a sweep\n")


def test_a_cell_without_an_end_is_ended_with_all_it_started(notebook, tmp_path):
    source = (
        "import subprocess, time\n"
        f"child = subprocess.Popen(['sleep', '200'])\nopen({str(tmp_path / 'pid')!r}, 'w').write("
        "str(child.pid))\ntime.sleep(200)"
    )

    found = sweep(notebook("n: int = 1", source), {"n": [1]}, tmp_path / "study", timeout_s=5)

    assert list(found["reason"]) == ["small has a cell that took over 5 s"]
    pid = int((tmp_path / "pid").read_text())
    wait_for(lambda: not psutil.pid_exists(pid) or psutil.Process(pid).status() == "zombie")


def test_a_full_disk_ends_the_sweep_in_words(notebook, tmp_path):
    def limit():
        # Writing past it fails as writing to a full disk does.
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))

    process = command(notebook(*SMALL), "-g", "n=1,2,3", "-o", tmp_path / "study", preexec_fn=limit)
    _, errors = process.communicate(timeout=WAIT_S)

    assert process.returncode == 1
    assert errors == (
        f"Error: {tmp_path / 'study' / 'reports'} could not be written: File too large; "
        "the same command goes on from there\n"
    )
    assert not [name for name in files(tmp_path / "study") if not name.endswith(".json")]

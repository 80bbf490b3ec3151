import os
import re
import resource
import signal
import subprocess
import sys

import nbformat
import psutil
import pytest

from convrnn_lab import reports
from convrnn_lab.reports import ReportError
from tests.helpers import WAIT_S, refused, wait_for


def files(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_run_leaves_a_notebook_and_a_page(notebook, tmp_path):
    path = notebook("size: int = 1", "print('size', size)")

    report = reports.run(path, {"size": 4}, tmp_path / "new" / "folder")

    assert files(tmp_path / "new" / "folder") == ["small.html", "small.ipynb"]
    executed = nbformat.read(report.notebook, as_version=4)
    assert executed.cells[-1].outputs[0].text == "size 4\n"
    assert "size 4" in report.page.read_text("utf-8")
    assert report.parameters == {"size": 4}
    assert report.seconds > 0


def test_what_a_cell_prints_is_cut_and_said_so(notebook, tmp_path):
    path = notebook("", "for _ in range(100): print('x' * 10**6)", "print('after')")

    report = reports.run(path, output=tmp_path)

    cells = nbformat.read(report.notebook, as_version=4).cells
    (output,) = cells[-2].outputs
    assert len(output.text) < 1_000_100
    assert output.text.endswith("\n[cut: a cell may print 1,000,000 characters]\n")
    assert cells[-1].outputs[0].text == "after\n"


def test_the_kernel_has_one_thread_and_the_parents_environment_stays(notebook, tmp_path):
    path = notebook("", "import os; print(os.environ['OMP_NUM_THREADS'])")
    before = dict(os.environ)

    report = reports.run(path, output=tmp_path)

    assert dict(os.environ) == before
    assert nbformat.read(report.notebook, as_version=4).cells[-1].outputs[0].text == "1\n"


def test_text_reaches_the_notebook_as_it_is(notebook, tmp_path):
    nasty = """'"\\\n</script><script>alert(1)</script>{}%s"""
    path = notebook('word: str = ""', "word")

    report = reports.run(path, {"word": nasty}, tmp_path)

    (output,) = nbformat.read(report.notebook, as_version=4).cells[-1].outputs
    assert output.data["text/plain"] == repr(nasty)
    assert "<script>alert(1)" not in report.page.read_text("utf-8")


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("1 / 0", "small stopped at '1 / 0' (cell 1): ZeroDivisionError: division by zero"),
        (
            "from convrnn_lab import explorers\nexplorers.convolution(stride=0)",
            "small stopped at 'from convrnn_lab import explorers' (cell 1): ValueError: "
            "stride must be an integer from 1 to 4; got 0",
        ),
        (
            "class Shown:\n    def _repr_html_(self):\n        raise KeyError('x')\nShown()",
            "small stopped at 'class Shown:' (cell 1): KeyError: 'x'",
        ),
        ("import os; os._exit(1)", "small lost its kernel in the middle of a cell"),
    ],
)
def test_a_failing_cell_fails_the_run_and_leaves_no_file(notebook, tmp_path, source, message):
    path = notebook("", source)
    output = tmp_path / "out"

    with pytest.raises(ReportError, match=f"^{re.escape(message)}$"):
        reports.run(path, output=output)

    assert files(output) == []


def test_a_fault_of_an_explorer_fails_the_run(notebook, tmp_path):
    path = notebook(
        "",
        "import plotly.graph_objects as go\n"
        "from convrnn_lab.explorers import Explorer, Slider\n"
        "controls = {'n': Slider('n', 0, 3, 0)}\n"
        "Explorer(lambda n: go.Figure() if n < 2 else 1 // 0, controls, name='x')",
    )

    with pytest.raises(ReportError, match="ZeroDivisionError"):
        reports.run(path, output=tmp_path / "out")


def test_a_cell_without_an_end_is_ended(notebook, tmp_path):
    path = notebook("", "import time; time.sleep(60)")

    with pytest.raises(ReportError, match=r"^small has a cell that took over 1 s$"):
        reports.run(path, output=tmp_path / "out", timeout_s=1)

    assert files(tmp_path / "out") == []


def test_a_kernel_that_is_not_installed_is_named(tmp_path):
    book = nbformat.v4.new_notebook(metadata={"kernelspec": {"name": "r", "display_name": "R"}})
    nbformat.write(book, tmp_path / "small.ipynb")

    with pytest.raises(ReportError, match=r"^small is for a kernel that is not installed: r$"):
        reports.run(tmp_path / "small.ipynb", output=tmp_path)


def test_a_failure_keeps_the_files_of_the_last_run(notebook, tmp_path):
    output = tmp_path / "out"
    reports.run(notebook("", "print('good')"), output=output)
    before = {name: (output / name).read_bytes() for name in files(output)}

    with pytest.raises(ReportError):
        reports.run(notebook("", "1 / 0"), output=output)

    assert {name: (output / name).read_bytes() for name in files(output)} == before


def test_a_folder_that_cannot_be_written_is_refused_before_anything_starts(notebook, tmp_path):
    (tmp_path / "file").write_text("", "utf-8")
    path = notebook("")

    with refused(
        f"output must be a folder that can be written; got {str(tmp_path / 'file')!r} (File exists)"
        if len(str(tmp_path / "file")) < 58
        else "output must be a folder that can be written; got "
        f"{repr(str(tmp_path / 'file'))[:59]}… (File exists)"
    ):
        reports.run(path, output=tmp_path / "file")
    with pytest.raises(
        ValueError, match=r"^output must be a folder that can be written; got '/proc"
    ):
        reports.run(path, output="/proc/no/such")


def command(*arguments, **options):
    return subprocess.Popen(
        [sys.executable, "-m", "convrnn_lab.cli", *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )


def test_a_full_disk_leaves_no_half_file(notebook, tmp_path):
    path = notebook("", "print('x' * 10)")
    output = tmp_path / "out"

    def limit():
        # Writing past it fails as writing to a full disk does.
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))

    process = command("run", path, "-q", "-o", output, preexec_fn=limit)
    _, errors = process.communicate(timeout=WAIT_S)

    assert process.returncode == 1
    assert errors.startswith(
        f"Error: {output / 'small.ipynb'} could not be written: File too large"
    )
    assert files(output) == []


@pytest.mark.kills
def test_ctrl_c_leaves_no_file_and_no_kernel(notebook, tmp_path):
    mark = f"open({str(tmp_path / 'pid')!r}, 'w').write(str(__import__('os').getpid()))"
    path = notebook("", f"import time; {mark}; time.sleep(200)")
    process = command("run", path, "-q", "-o", tmp_path / "out", start_new_session=True)
    kernel = int(wait_for(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text()))

    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=WAIT_S)

    assert process.returncode == 1
    assert errors.strip().splitlines()[-1] == "Aborted!"
    assert files(tmp_path / "out") == []
    wait_for(lambda: not psutil.pid_exists(kernel))

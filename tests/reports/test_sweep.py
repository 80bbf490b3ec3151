import json
import os

import nbformat
import pandas as pd
import pytest

from convrnn_lab import reports

SMALL = "n: int = 1", "from convrnn_lab import reports\nreports.record('square', n * n)"


def files(folder):
    return sorted(path.name for path in (folder / "reports").iterdir())


def sweep(path, grid, folder, **options):
    return reports.sweep(path, grid, folder, **{"jobs": 2, "progress": False} | options)


def printed(folder, name):
    """Return what the last cell of a report printed."""
    (output,) = nbformat.read(folder / "reports" / f"{name}.ipynb", as_version=4).cells[-1].outputs
    return output.text


def test_a_sweep_leaves_reports_a_table_and_an_index(notebook, tmp_path):
    folder = tmp_path / "study"

    table = sweep(notebook(*SMALL), {"n": [3, 4]}, folder)

    assert table[["n", "square", "status"]].to_dict("records") == [
        {"n": 3, "square": 9, "status": "done"},
        {"n": 4, "square": 16, "status": "done"},
    ]
    assert (table["seconds"] > 0).all()
    assert set(table["kernel"]) == {"forked"}
    assert files(folder) == [f"n={n}{end}" for n in (3, 4) for end in (".html", ".ipynb", ".json")]
    assert reports.results(folder / "reports" / "n=3.ipynb") == {"square": 9}
    pd.testing.assert_frame_equal(table, pd.read_parquet(folder / "results.parquet"))
    lines = (folder / "results.csv").read_text("utf-8").splitlines()
    assert lines[0] == "n,square,status,seconds,reason,kernel,report"
    assert [line.split(",")[:3] for line in lines[1:]] == [["3", "9", "done"], ["4", "16", "done"]]
    assert list((folder / ".sweep" / "work").parent.glob("work")) == []


def test_nothing_of_one_report_is_in_another(notebook, tmp_path):
    path = notebook(
        "n: int = 0",
        "import json, os, random, threading\n"
        "import numpy, torch\n"
        "import convrnn_lab\n"
        "seen = {\n"
        "    'names': 'mine' in globals() or hasattr(convrnn_lab, 'mine'),\n"
        "    'environment': 'MINE' in os.environ,\n"
        "    'files': os.listdir(),\n"
        "    'folder': os.getcwd(),\n"
        "    'threads': torch.get_num_threads(),\n"
        "    'process': os.getpid(),\n"
        "    'group': os.getpgid(0),\n"
        "    'numpy': numpy.random.random(),\n"
        "    'random': random.random(),\n"
        "    'torch': torch.rand(1).item(),\n"
        "}",
        "mine = convrnn_lab.mine = os.environ['MINE'] = 'x'\n"
        "open('mine', 'w').close(); torch.set_num_threads(2); torch.manual_seed(n)\n"
        "numpy.random.seed(n); random.seed(n)",
        "print(json.dumps(seen))",
    )

    sweep(path, {"n": range(4)}, tmp_path / "study")

    seen = [json.loads(printed(tmp_path / "study", f"n={n}")) for n in range(4)]
    for each in seen:
        assert not each["names"]
        assert not each["environment"]
        assert each["files"] == []
        assert each["threads"] == 1
        assert each["group"] == each["process"] != os.getpid()
    for key in ("folder", "process", "numpy", "random", "torch"):
        assert len({each[key] for each in seen}) == 4, key


def test_only_what_is_missing_failed_or_stale_is_run_again(notebook, tmp_path):
    folder = tmp_path / "study"
    source = "import os; assert n != 2 or os.path.exists('@'); print(n)".replace(
        "@", str(tmp_path / "mended")
    )
    path = notebook("n: int = 1", source)
    first = sweep(path, {"n": [1, 2]}, folder)
    times = {name: (folder / "reports" / name).stat().st_mtime_ns for name in files(folder)}
    (tmp_path / "mended").touch()

    second = sweep(path, {"n": [1, 2, 3]}, folder)

    assert list(first["status"]) == ["done", "failed"]
    assert list(second["status"]) == ["done", "done", "done"]
    assert (folder / "reports" / "n=1.html").stat().st_mtime_ns == times["n=1.html"]


def test_a_failure_is_a_row_with_its_reason(notebook, tmp_path):
    path = notebook("n: int = 1", "print('before')\n1 / n")

    table = sweep(path, {"n": [0, 1]}, tmp_path / "study")

    assert list(table["status"]) == ["failed", "done"]
    assert table["reason"][0] == (
        "small stopped at \"print('before')\" (cell 3): ZeroDivisionError: division by zero"
    )
    record = json.loads((tmp_path / "study" / "reports" / "n=0.json").read_text("utf-8"))
    assert record["lines"][-1] == "ZeroDivisionError: division by zero"
    assert files(tmp_path / "study") == ["n=0.json", "n=1.html", "n=1.ipynb", "n=1.json"]


@pytest.mark.parametrize("change", ["notebook", "version"])
def test_results_of_another_notebook_or_version_are_stale(notebook, tmp_path, monkeypatch, change):
    folder = tmp_path / "study"
    sweep(notebook(*SMALL), {"n": [1, 2]}, folder)
    if change == "notebook":
        notebook(SMALL[0], SMALL[1].replace("n * n", "n + n"))
    else:
        monkeypatch.setattr("convrnn_lab.reports.planning.__version__", "99")
    before = (folder / "reports" / "n=1.html").stat().st_mtime_ns

    table = sweep(tmp_path / "small.ipynb", {"n": [1, 2]}, folder)

    assert (folder / "reports" / "n=1.html").stat().st_mtime_ns > before
    assert list(table["square"]) == ([2, 4] if change == "notebook" else [1, 4])

import json
import os
import sys

import nbformat
import pandas as pd
import pytest

from convrnn_lab import reports
from convrnn_lab.sweeps.folder import opened
from tests.helpers import refused

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


@pytest.mark.kills
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


@pytest.mark.kills
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


@pytest.mark.kills
@pytest.mark.parametrize("change", ["notebook", "version"])
def test_results_of_another_notebook_or_version_are_stale(notebook, tmp_path, monkeypatch, change):
    folder = tmp_path / "study"
    sweep(notebook(*SMALL), {"n": [1, 2]}, folder)
    if change == "notebook":
        notebook(SMALL[0], SMALL[1].replace("n * n", "n + n"))
    else:
        monkeypatch.setattr("convrnn_lab.sweeps.plan.__version__", "99")
    before = (folder / "reports" / "n=1.html").stat().st_mtime_ns

    table = sweep(tmp_path / "small.ipynb", {"n": [1, 2]}, folder)

    assert (folder / "reports" / "n=1.html").stat().st_mtime_ns > before
    assert list(table["square"]) == ([2, 4] if change == "notebook" else [1, 4])


HOSTILE = [
    "../../../no/passwd",
    "/",
    "..",
    "x" * 300,
    "字" * 300,
    "'\"; import os; os._exit(1)",
    "{{7*7}} {n} %s \\n",
    "</script><script>alert(1)</script>",
    "=1+1",
    "a,b=c",
    "\u202e\u200b",
    "line\nbreak",
    "$(touch x) `id`",
]

MANY_THINGS = """\
from convrnn_lab import reports
reports.record('n', n)
reports.record('status', 'mine')
reports.record('mixed', n if n else 0.5)
reports.record('kind', 'x' if n else 3)
if n: reports.record('only', True)
reports.record('table', [{'a': 1}])
reports.record('back', word)
open('left', 'w').write('x')"""


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """A sweep that several tests read: its folder, and its table by its rows."""
    home = tmp_path_factory.mktemp("home")
    path = home / "small.ipynb"
    sources = (
        "n: int = 1\nword: str = ''",
        "print('before')\n1 / (n + 1)",
        MANY_THINGS,
        "import os; print(os.getcwd())",
    )
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    cells[0].metadata["tags"] = ["parameters"]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    words = [{"n": n, "word": word} for n, word in enumerate(HOSTILE, start=2)]
    points = [*({"n": n, "word": "w"} for n in (-1, 0, 1)), *words]
    table = sweep(path, points, home / "study")
    return home / "study", table.set_index("n", drop=False)


@pytest.mark.kills
def test_a_failure_is_a_row_with_its_reason(study):
    folder, table = study

    assert list(table["status (report)"]) == ["failed", *["done"] * (2 + len(HOSTILE))]
    assert table["reason"][-1] == (
        "small stopped at \"print('before')\" (cell 3): ZeroDivisionError: division by zero"
    )
    (page,) = (name.removesuffix(".json") for name in files(folder) if name.startswith("n=-1"))
    record = json.loads((folder / "reports" / f"{page}.json").read_text("utf-8"))
    assert record["lines"][-1] == "ZeroDivisionError: division by zero"
    assert not (folder / "reports" / f"{page}.html").exists()
    assert not (folder / "reports" / f"{page}.ipynb").exists()


@pytest.mark.kills
def test_hostile_texts_stay_texts(study):
    folder, table = study

    assert list(table["back"])[3:] == HOSTILE
    assert sorted(each.name for each in folder.parent.iterdir()) == ["small.ipynb", "study"]
    assert sorted(each.name for each in folder.iterdir()) == [
        ".sweep",
        "index.html",
        "reports",
        "results.csv",
        "results.parquet",
        "sweep.json",
    ]
    assert len(files(folder)) == 1 + 3 * (2 + len(HOSTILE))
    for page in (folder / "reports").glob("*.html"):
        assert "<script>alert(1)" not in page.read_text("utf-8")
    # A spreadsheet would compute it.
    assert "'=1+1" in pd.read_csv(folder / "results.csv")["word"].tolist()


@pytest.mark.kills
def test_a_notebook_s_own_files_stay_in_a_folder_that_goes_away(study):
    folder, _ = study

    own = printed(folder, "n=0,word=w").strip()

    assert own.startswith(str(folder / ".sweep" / "work"))
    assert not os.path.exists(own)  # noqa: PTH110
    assert not list(folder.parent.rglob("left"))


@pytest.mark.kills
def test_kinds_of_results_make_columns(study):
    _, table = study

    table = table.loc[[0, 1]]
    assert list(table)[:7] == ["n", "word", "n (result)", "status", "mixed", "kind", "back"]
    assert {"only", "status (report)"} < set(table)
    assert "table" not in table
    assert list(table["mixed"]) == [0.5, 1.0]
    assert list(table["kind"]) == ["3", "x"]
    assert table["only"].tolist() == [None, True]


@pytest.mark.kills
def test_files_and_modules_beside_the_notebook_are_found(notebook, tmp_path, monkeypatch):
    (tmp_path / "mine.py").write_text("VALUE = 3", "utf-8")
    (tmp_path / "data.csv").write_text("1\n", "utf-8")
    monkeypatch.chdir(tmp_path)
    path = notebook(
        "file: str = ''", "import mine, pathlib\nprint(mine.VALUE, pathlib.Path(file).read_text())"
    )

    table = sweep(path, {"file": ["data.csv"]}, tmp_path / "study")

    assert list(table["file"]) == ["data.csv"]
    assert printed(tmp_path / "study", "file=data.csv") == "3 1\n\n"


@pytest.mark.kills
@pytest.mark.parametrize("way", ["no fork", "other kernel"])
def test_where_kernels_are_not_forked_they_are_started_and_it_is_said(
    notebook, tmp_path, monkeypatch, way
):
    path = notebook("n: int = 1", "print(n)")
    reason = "this system cannot fork"
    if way == "no fork":
        monkeypatch.setenv("CONVRNN_LAB_FORK", "0")
        reason = "CONVRNN_LAB_FORK is 0"
    else:
        spec = {"argv": ["env", "python", "-m", "ipykernel_launcher", "-f", "{connection_file}"]}
        spec |= {"display_name": "Another Python", "language": "python"}
        home = tmp_path / "jupyter" / "kernels" / "another"
        home.mkdir(parents=True)
        (home / "kernel.json").write_text(json.dumps(spec), "utf-8")
        monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))
        monkeypatch.setenv("PATH", os.path.dirname(sys.executable), prepend=os.pathsep)  # noqa: PTH120
        book = nbformat.read(path, as_version=4)
        book.metadata["kernelspec"] = {"name": "another", "display_name": "Another Python"}
        nbformat.write(book, path)
        reason = "it asks for the kernel Another Python"

    table = sweep(path, {"n": [1, 2]}, tmp_path / "study")

    assert list(table["reason"]) == ["", ""]
    assert set(table["kernel"]) == {reason}


def test_a_folder_of_something_else_is_refused(notebook, tmp_path):
    folder = tmp_path / "study"
    path = notebook("n: int = 1\nm: int = 1", "n")
    folder.mkdir()
    with opened(folder, "small", ["n"]):
        pass
    taken = tmp_path / "taken"
    taken.mkdir()
    (taken / "thesis.tex").write_text("", "utf-8")

    with refused(
        f"folder must be empty or of a sweep of small over m; got {shown(folder)}, "
        "which belongs to that of small over n"
    ):
        sweep(path, {"m": [1]}, folder)
    with refused(
        f"folder must be empty or of a sweep of small over n; got {shown(taken)}, "
        "which holds other files"
    ):
        sweep(path, {"n": [1]}, taken)
    assert [each.name for each in taken.iterdir()] == ["thesis.tex"]


def test_a_folder_of_a_notebook_that_has_another_name_now_is_the_same_sweeps(tmp_path):
    (tmp_path / "sweep.json").write_text('{"notebook": "06_timing", "names": ["b", "a"]}', "utf-8")

    with opened(tmp_path, "07_timing", ["a", "b"]):
        pass

    about = json.loads((tmp_path / "sweep.json").read_text("utf-8"))
    assert about == {"notebook": "07_timing", "names": ["a", "b"]}


def test_nothing_is_started_where_a_point_is_wrong(notebook, tmp_path):
    path = notebook("n: int = 1\nm: int = 1", "n")

    with refused("n must be int; got 'x'; and parameter must be one of n, m; got 'k'"):
        sweep(path, {"n": [1, "x"], "k": [1]}, tmp_path / "study")
    with refused(
        "grid must have fewer than 1,000,000 points unless yes is given; got 1,000,000, which take "
        "at least 2.9 days and 0.5 TB"
    ):
        sweep(path, {"n": range(1000), "m": range(1000)}, tmp_path / "study")
    with refused("grid must be lists of values by parameter, or a list of points; got [1]"):
        sweep(path, [1], tmp_path / "study")
    with refused("n must be given once; got it in grid and in fixed"):
        sweep(path, {"n": [1]}, tmp_path / "study", fixed={"n": 2})
    with refused("jobs must be an integer from 1 to 1024; got 0"):
        sweep(path, {"n": [1]}, tmp_path / "study", jobs=0)
    assert not (tmp_path / "study").exists()


@pytest.mark.kills
def test_a_long_path_of_temporary_files_is_no_hindrance(notebook, tmp_path, monkeypatch):
    long = tmp_path / ("t" * 120)
    long.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(long))

    table = sweep(notebook(*SMALL), {"n": [1]}, tmp_path / "study")

    assert list(table["kernel"]) == ["forked"]
    assert list(long.iterdir()) == []


@pytest.mark.kills
def test_a_sweep_works_inside_a_notebook(notebook, tmp_path):
    inner = notebook(*SMALL, name="inner")
    source = (
        "from convrnn_lab import reports\n"
        f"table = reports.sweep({str(inner)!r}, {{'n': [2, 3]}}, {str(tmp_path / 'study')!r})\n"
        "print(table['square'].tolist(), set(table['kernel']))"
    )

    report = reports.run(notebook("", source, name="outer"), output=tmp_path / "out")

    outputs = nbformat.read(report.notebook, as_version=4).cells[-1].outputs
    assert outputs[-1].text == "[4, 9] {'forked'}\n"


def shown(path):
    text = repr(str(path))
    return text if len(text) <= 60 else f"{text[:59]}…"

from pathlib import Path

import pytest
from click.testing import CliRunner

from convrnn_lab import cli
from convrnn_lab.sweeps import sweep as sweeps
from convrnn_lab.sweeps.messages import State
from convrnn_lab.sweeps.plan import Ended


@pytest.fixture
def invoke(monkeypatch):
    """Return a function that calls the command with a sweep that runs nothing."""
    seen = {}

    def sweep(notebook, grid, folder, **options):
        seen.update(name=notebook.name, points=list(grid), folder=folder, **options)
        return seen.pop("ended", None) or Ended({State.DONE: grid.count}, {"forked": 1}, [])

    def run(*arguments, **ended):
        seen.clear()
        seen.update(ended)
        result = CliRunner().invoke(cli.main, ["sweep", *map(str, arguments)])
        return result, seen

    monkeypatch.setattr(sweeps, "run", sweep)
    return run


def test_options_are_handed_on_and_the_files_named(invoke):
    arguments = ("-g", "hidden_size=8:16:8", "-g", "cell=GRU,LSTM", "-p", "length=32", "-o", "x")
    more = ("-j", 3, "--force", "--timeout", 9, "--scheduler", "tcp://a:1", "-q")

    result, seen = invoke("05_hidden_state", *arguments, *more)

    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines() == [
        "reports  4 done",
        "table    x/results.csv, x/results.parquet",
        "index    x/index.html",
    ]
    assert seen["points"][-1] == {"length": 32, "hidden_size": 16, "cell": "LSTM"}
    options = ("folder", "jobs", "force", "timeout_s", "scheduler", "yes", "progress")
    assert [seen[each] for each in options] == [Path("x"), 3, True, 9, "tcp://a:1", False, False]


def test_a_random_part_of_a_grid_and_repeated_points(invoke):
    result, seen = invoke("05_hidden_state", "-g", "seed=0:99,5", "--random", 7, "--seed", 1)

    assert len(seen["points"]) == 7
    assert result.stderr == "repeated points dropped: 1\n"


def test_failures_are_named_and_the_status_is_1(invoke):
    cold = {"this system cannot fork": 7}
    ended = Ended({State.FAILED: 6, State.DONE: 1}, cold, ["it \x1b[31mbroke"] * 5)

    result, _ = invoke("05_hidden_state", "-g", "seed=1:7", ended=ended)

    assert result.exit_code == 1
    assert result.stdout.splitlines()[0] == "reports  1 done, 6 failed"
    assert result.stderr.splitlines() == [
        "kernels were not forked but started one by one: this system cannot fork",
        *["failed   it broke"] * 5,
        "failed   and 1 more",
    ]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-g", "seed=x"], "seed must be int; got 'x'"),
        (["-g", "cells.csv"], "grid must be NAME=VALUES or the path of a YAML or CSV file; got "),
        (["-p", "seed=1", "-g", "seed=2"], "seed must be given once; got it again in 'seed=2'"),
        (["--random", "0"], "random must be an integer of at least 1; got 0"),
    ],
)
def test_what_cannot_be_swept_ends_with_one_sentence(invoke, arguments, message):
    result, seen = invoke("05_hidden_state", *arguments)

    assert result.exit_code == 1
    assert result.stderr.startswith(f"Error: {message}")
    assert seen == {}


def test_a_very_large_grid_is_asked_about_where_somebody_can_answer(invoke, monkeypatch):
    monkeypatch.setattr("convrnn_lab.sweeps.command._interactive", lambda: True)
    monkeypatch.setattr("convrnn_lab.sweeps.grid.MANY", 5)

    result, seen = invoke("05_hidden_state", "-g", "seed=1:9", "-j", 2)

    assert result.exit_code == 1
    assert "9 reports take at least 0.0 days and 0.0 TB. Go on? [y/N]:" in result.stdout
    assert seen == {}

import types

import pytest

from convrnn_lab.sweeps import progress
from convrnn_lab.sweeps.messages import State, Summary


def plan(done=0, failed=0, stale=0, missing=0, force=False):
    counts = (done, failed, stale, missing)
    found = dict(zip(State, counts, strict=True))
    grid = types.SimpleNamespace(count=sum(counts))
    return types.SimpleNamespace(found=found, grid=grid, waiting=3, force=force)


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"missing": 3}, ""),
        ({"done": 2, "missing": 3}, "2 of 5 reports are done already"),
        ({"done": 2, "missing": 1, "force": True}, ""),
        (
            {"stale": 2, "failed": 1},
            "2 are stale: the notebook or the package has changed; 1 failed before",
        ),
    ],
)
def test_what_an_earlier_sweep_has_left_is_said(given, text, capsys):
    with progress.shown(plan(**given), enabled=True):
        pass

    out, errors = capsys.readouterr()
    assert out == ""
    assert text in errors


def test_the_line_says_how_far_it_is(capsys):
    with progress.shown(plan(missing=3), enabled=True) as bar:
        bar.step(Summary("a", State.DONE), 2)
        bar.step(Summary("b", State.FAILED), 1)

    assert "2/3" in capsys.readouterr().err
    assert bar._bar.postfix == "done=1, failed=1, running=1"


def test_it_is_quiet_where_nobody_asked(capsys):
    with progress.shown(plan(done=1), enabled=False) as bar:
        bar.step(Summary("a", State.DONE), 0)

    assert capsys.readouterr() == ("", "")

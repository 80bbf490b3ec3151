"""What every guide must be; topics call `check` with their explorers."""

import re

from convrnn_lab.explorer import guide

WORDS = 30


def check(explorer, steps, count=(3, 6)):
    """See that each step can be shown, asks what it answers, and is short."""
    assert count[0] <= len(steps) <= count[1]
    assert explorer.guide == tuple(steps)  # none left out
    assert any(step.question for step in steps)
    for step in steps:
        assert explorer.view.refusal(guide.setting(explorer.view, step)) is None
        for text in (step.says, step.watch, step.question, step.reason):
            for sentence in re.split(r"(?<=[.?!:;]) ", text):
                assert len(sentence.split()) <= WORDS, sentence
        if step.question:
            assert len(set(step.choices)) == len(step.choices) >= 2
            assert step.reason


def drawn(sheet, name):
    """Return the trace of a sheet that has a name."""
    return next(trace for trace in sheet.traces if trace["name"] == name)

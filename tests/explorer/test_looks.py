"""Looks of every explorer, in Python and in the browser."""

import pytest

from convrnn_lab import explorers
from tests.explorer.looks import check, settings_by_chance

EXPLORERS = {
    "convolution": explorers.convolution,
    "convolution1d": explorers.convolution1d,
    "writing": lambda: explorers.writing("if x: {}  # ends in a row"),
}
"""What has looks, by name."""


@pytest.mark.parametrize("name", EXPLORERS)
def test_every_place_looks_the_same_in_python_and_in_the_browser(name, tmp_path):
    view = EXPLORERS[name]().view

    check(view, view.start, tmp_path, count=100)
    for settings in settings_by_chance(view, 3):
        check(view, settings, tmp_path, count=20)

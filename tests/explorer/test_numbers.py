"""Numbers are rounded and written alike in Python and in the browser: the cases are shared."""

import json
from pathlib import Path

import numpy as np
import pytest

from convrnn_lab.drawing import theme
from convrnn_lab.explorer.controls import nearest

CASES = json.loads((Path(__file__).parents[1] / "web" / "number_cases.json").read_text("utf-8"))


@pytest.mark.parametrize(("value", "significant", "text"), CASES["number"])
def test_a_number_is_written_as_the_browser_writes_it(value, significant, text):
    assert theme.number(float(value), significant) == text


@pytest.mark.parametrize(("wanted", "offered", "found"), CASES["nearest"])
def test_the_nearest_value_is_the_one_that_the_browser_takes(wanted, offered, found):
    assert nearest(wanted, offered) == found


def test_numbers_of_numpy_are_written_like_those_of_python():
    assert theme.number(np.float32(0.5)) == theme.number(np.float64(0.5)) == "0.5"
    assert theme.number(np.int64(1500)) == "1,500"


def test_a_switch_is_no_number():
    assert nearest(2, [False, True]) is False

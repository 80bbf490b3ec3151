"""Numbers in code to be copied, as Python and the browser write them."""

import numpy as np

from convrnn_lab.drawing import look_texts, looks
from convrnn_lab.drawing.looks import Look
from tests.drawing.test_window_looks import agree
from tests.sampling import LEVEL, SEED

COUNT = {"check": 100, "test": 400, "all": 4000}[LEVEL]


def test_the_browser_writes_numbers_as_python_does(tmp_path):
    chance = np.random.default_rng(SEED)
    whole = chance.integers(-20, 20, COUNT)
    # Of few digits: of two texts that are as near, either is right.
    drawn = chance.normal(size=COUNT) * 10.0 ** chance.integers(-12, 20, COUNT)
    sizes = np.array([f"{each:.3e}" for each in drawn], dtype=np.float32)
    values = np.float32(
        [[0.0, -0.0, 1e-4, 1e16, 16777216.0, 0.1, 3.0], *[[each] * 7 for each in whole]]
    )
    made = [
        Look("listed", values),
        Look("listed", sizes),
        Look("changes", "weight", values, np.ones_like(values)),
        Look("changes", "weight", sizes, np.zeros_like(sizes)),
    ]

    agree(made, tmp_path)


def test_whole_numbers_are_written_as_floats():
    values = np.float32([[3, -2], [0.5, 0]])

    assert looks.listed(values) == "[[3.0, -2.0], [0.5, 0.0]]"
    assert look_texts.changes("w", values, np.zeros_like(values)) == (
        "w[0, 0] = 3.0\nw[0, 1] = -2.0\nw[1, 0] = 0.5\n"
    )

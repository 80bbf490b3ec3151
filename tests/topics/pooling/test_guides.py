"""What the guides through pools say, held to the figures that they show."""

from itertools import pairwise

import numpy as np

from convrnn_lab import explorers
from tests.explorer.guides import drawn


def test_what_the_guide_of_an_image_says():
    explorer = explorers.pooling("digit 3", kind="Lp", window=5, stride=3)
    sheets = [explorer.sheet(**step.sets) for step in explorer.guide]
    facts = [dict(sheet.facts) for sheet in sheets]

    assert [sheet.title for sheet in sheets] == [
        f"64 × 64 in, {size} × {size} out" for size in (32, 32, 63, 21, 22, 5)
    ]
    assert facts[2]["Winners"].endswith("of at most 4 windows each")
    assert facts[3]["Never read"] == "the last row and the last column"
    assert facts[4]["Taps here"] == "1 of 9 on the input"
    ends = [(n * 64 // 5, -(-(n + 1) * 64 // 5)) for n in range(5)]
    assert {end - start for start, end in ends} == {13, 14}
    assert all(start < end for (_, end), (start, _) in pairwise(ends))


def test_what_the_guide_of_a_signal_says():
    explorer = explorers.pooling1d("sunspots", window=2, padding=1)
    kept, sunk, squares, cubes = (
        drawn(explorer.sheet(**step.sets), "output")["y"] for step in explorer.guide
    )

    assert kept.max() == kept[10] == 1
    assert f"{sunk.max():.3g}" == f"{sunk[10]:.3g}" == "0.78"
    assert (sunk[:8] < 0).all()
    assert (squares[:8] > 0).all()
    assert np.isnan(cubes[:8]).all()
    assert np.isfinite(cubes[9:12]).all()


def edges(stripes):
    """Count how often stripes turn from dark to bright, or back."""
    return np.diff(stripes > 0.5).sum()


def test_what_the_guide_of_a_shift_says():
    explorer = explorers.shift("photograph", stride=3)
    sheets = [explorer.sheet(**step.sets) for step in explorer.guide]

    assert [sheet.title.split("consistency ")[1] for sheet in sheets] == [
        *("1", "0.402", "−0.185", "1", "0.915", "−1")
    ]
    assert not drawn(sheets[0], "difference")["z"].any()
    change = abs(drawn(sheets[1], "difference")["z"])
    assert change[:, 16:].mean() > 1.5 * change[:, :16].mean()  # fine stripes are on the right
    right = [drawn(sheets[2], "input")["z"][0, 52:], drawn(sheets[2], "output")["z"][0, 26:]]
    assert [edges(stripes) for stripes in right] == [10, 1]
    board = [set(drawn(sheets[5], name)["z"].flat) for name in ("output", "moved output")]
    assert board == [{0.0}, {1.0}]
    assert dict(sheets[5].facts)["Consistency, max pool"] == "1"
    pooled = explorer.sheet(image="checkerboard", kind="max pool", stride=2, shift=1)
    assert set(drawn(pooled, "output")["z"].flat) == {1.0}


def test_inputs_of_another_size_get_no_guide():
    assert explorers.pooling(image_size=32).guide == ()
    assert explorers.pooling1d(length=50).guide == ()
    assert explorers.shift(image_size=32).guide == ()
    assert explorers.shift(kernel="box").guide == ()

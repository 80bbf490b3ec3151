"""What the guides through convolutions say, held to the figures that they show."""

import numpy as np

from convrnn_lab import explorers
from convrnn_lab.explorer import guide
from convrnn_lab.topics.convolution import guides
from tests.explorer.guides import drawn


def test_the_sizes_that_the_guide_of_an_image_names():
    explorer = explorers.convolution("digit 3", kernel="box", stride=2)

    titles = [explorer.sheet(**step.sets).title for step in explorer.guide]

    assert titles == [f"64 × 64 in, {size} × {size} out" for size in (62, 62, 31, 64, 60)]
    facts = dict(explorer.sheet(**explorer.guide[4].sets).facts)
    assert facts["Window"] == "3 × 3 taps over 5 × 5 samples"


def test_what_the_guide_of_a_signal_says_of_the_beat():
    explorer = explorers.convolution1d("sunspots", kernel_size=3, stride=2)
    smooth, steep, same, causal = (explorer.sheet(**step.sets) for step in explorer.guide)

    beat, output = drawn(smooth, "input")["y"], drawn(same, "output")["y"]
    assert drawn(smooth, "output")["y"].max() < beat.max()
    assert drawn(smooth, "weight")["y"].sum() == np.float32(1)
    assert abs(output[beat.argmax()]) < 0.1 * abs(output).max()  # on the top
    assert abs(output[2:30]).max() < 0.1 * abs(output).max()  # before the beat
    assert steep.title == "96 samples in, 92 out"
    assert dict(same.facts)["Output length"].startswith("⌊(96 + 2·2 −")
    assert (same.title, causal.title) == ("96 samples in, 96 out",) * 2
    peaks = [abs(drawn(sheet, "output")["y"]).argmax() for sheet in (same, causal)]
    assert peaks == [step.sets["position"] for step in explorer.guide[2:]] == [37, 39]


def test_the_counts_that_the_guide_of_a_transposed_convolution_names():
    explorer = explorers.transposed_convolution("photograph", kernel="Sobel x")
    sheets = [explorer.sheet(**step.sets) for step in explorer.guide]
    counts = [drawn(sheet, "overlap")["z"] for sheet in sheets]

    assert [sheet.title.split(", ")[1] for sheet in sheets] == [
        f"{size} × {size} out" for size in (21, 15, 16, 27, 13, 16)
    ]
    assert set(counts[0].flat) == {1}
    assert counts[1].max() == 4
    assert set(counts[2][2:-2, 2:-2].flat) == {4}
    assert (drawn(sheets[3], "output")["z"][counts[3] == 0] == 0).all()
    assert not counts[5][-1].any()
    assert not counts[5][:, -1].any()
    assert counts[5][:-1, :-1].all()
    assert {(size - 3) // 2 + 1 for size in (15, 16)} == {7}


def test_inputs_of_another_size_get_no_guide():
    assert explorers.convolution(image_size=32).guide == ()
    assert explorers.convolution1d(length=50).guide == ()
    assert explorers.transposed_convolution(image_size=8).guide == ()
    assert len(explorers.convolution("digit 3").guide) == len(guides.IMAGE)


def test_steps_set_all_that_their_sentences_rely_on():
    call = {"kernel": "box", "kernel_size": 2, "stride": 3, "padding": 1, "dilation": 2}
    for plain, other in (
        (explorers.convolution(), explorers.convolution("digit 3", **call)),
        (explorers.convolution1d(), explorers.convolution1d("sunspots", **call)),
    ):
        for step in plain.guide:
            wanted, found = (guide.setting(each.view, step) for each in (plain, other))
            places = ("row", "column", "position")
            assert {k: v for k, v in found.items() if k not in places} == {
                k: v for k, v in wanted.items() if k not in places
            }


def test_the_counts_that_the_guide_of_several_channels_names():
    explorer = explorers.channels("flower", stride=2)
    sheets = [explorer.sheet(**step.sets) for step in explorer.guide]
    facts = [dict(sheet.facts) for sheet in sheets]

    answers = [step.answer for step in explorer.guide if step.question]
    assert answers == [str(3 * 9), str(4 * 3 * 9), str(3 * 9), str(3 * 9 + 4 * 3)]
    assert facts[2]["Parameters"] == "4 filters · 3 channels · 9 weights + 4 biases = 112"
    assert facts[4]["Parameters"] == "3 filters · 1 channel · 9 weights + 3 biases = 30"
    assert facts[5]["At this size"].endswith("depthwise 27, then pointwise 12: together 39")
    titles = [sheet.panels[3].title for sheet in sheets]
    assert titles[2] == "Filter 2: vertical edges"
    assert titles[3] == "Filter 0: red against the rest"
    assert explorers.channels(image_size=32).guide == ()

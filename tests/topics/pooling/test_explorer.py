import itertools
import random
import re

import numpy as np
import plotly.graph_objects as go
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, strategies as st

from convrnn_lab import data, explorers, trace
from convrnn_lab.drawing import theme
from convrnn_lab.topics.pooling.kind_controls import KINDS, arguments
from tests import copied
from tests.helpers import refused
from tests.sampling import SEED, examples, sampled


def by_name(figure, name):
    return next(trace for trace in figure.traces if trace["name"] == name)


def shape(figure, name):
    return next(each for each in figure.shapes if each["name"] == name)["path"]


def expected(source, axes, values):
    """Return what torch makes of a setting."""
    kind = values["kind"]
    if kind not in ("max", "average", "Lp"):
        size = 1 if "global" in kind else values["output_size"]
        name = "adaptive_max_pool" if "max" in kind else "adaptive_avg_pool"
        return getattr(F, f"{name}{axes}d")(source, size)
    options = {
        "kernel_size": values["window"],
        "stride": None if values["stride"] == "window" else values["stride"],
        "ceil_mode": values["ceil_mode"] == "yes",
    }
    if kind == "Lp":
        return getattr(F, f"lp_pool{axes}d")(source, values["p"], **options)
    options["padding"] = values["padding"]
    if kind == "max":
        return getattr(F, f"max_pool{axes}d")(source, dilation=values["dilation"], **options)
    counts = values["include_padding"] == "yes"
    return getattr(F, f"avg_pool{axes}d")(source, count_include_pad=counts, **options)


def check(explorer, source, values):
    axes = source.ndim - 1
    state = explorer.view.state(values)
    assert state.refusal is None
    assert state.values == {name: values[name] for name in explorer.view.settings}
    output = expected(source, axes, values)[0]
    figure = explorer.view(**values)
    key = "z" if axes == 2 else "y"
    shown = torch.from_numpy(by_name(figure, "output")[key])
    torch.testing.assert_close(shown, output, rtol=1e-6, atol=1e-6, equal_nan=True)
    place = (values["row"], values["column"]) if axes == 2 else (values["position"],)
    np.testing.assert_allclose(
        by_name(figure, "result")[key].item(), output[place].item(), rtol=1e-5, atol=1e-6
    )


def test_settings_of_the_image_explorer_agree_with_torch():
    """Of all kinds; image and position by chance."""
    chance = random.Random(SEED)
    explorer = explorers.pooling("digit 3", row=0, column=0)

    grid = list(explorer.view.combinations({"image": ["digit 3"], "row": [0], "column": [0]}))

    paddings = sum(window // 2 + 1 for window in range(1, 9))
    largest, average, root = paddings * 5 * 3 * 2, paddings * 5 * 2 * 2, 8 * 5 * 2 * 4
    assert len(grid) == largest + average + root + 2 * 8 + 2
    for values in sampled(grid, 300):
        settled = values | {"image": chance.choice(("digit 3", "digit 8"))}
        for name in ("row", "column"):
            settled[name] = chance.choice(explorer.declared[name].offered(settled))
        check(explorer, data.image(settled["image"])[None], settled)


def test_settings_of_the_signal_explorer_agree_with_torch():
    chance = random.Random(SEED)
    explorer = explorers.pooling1d(position=0)
    for values in sampled(explorer.view.combinations({"position": [0]}), 300):
        settled = values | {
            "position": chance.choice(explorer.declared["position"].offered(values))
        }
        check(explorer, data.signal(settled["signal"])[None], settled)


def test_every_position_of_one_setting_agrees_with_torch():
    explorer = explorers.pooling("digit 5", window=4, stride=3, padding=2, ceil_mode=True)
    fixed = {
        name: [value] for name, value in explorer.start.items() if name not in ("row", "column")
    }

    settings = list(explorer.view.combinations(fixed))

    # ⌈(28 + 4 − 4) / 3⌉ + 1 = 11, but the last one would start at 30, in the padding.
    assert len(settings) == 10 * 10
    for values in sampled(settings, 20):
        check(explorer, data.image("digit 5")[None], values)


def test_the_window_of_a_figure_is_that_of_the_trace():
    """What each panel shows, of all kinds; settings and positions by chance."""
    chance = random.Random(SEED)
    explorer = explorers.pooling("digit 3", row=0, column=0)
    settings = list(explorer.view.combinations({"image": ["digit 3"], "row": [0], "column": [0]}))
    for values in chance.sample(settings, 60):
        place = {
            name: chance.choice(explorer.declared[name].offered(values))
            for name in ("row", "column")
        }
        options = arguments(values)
        steps = trace.pooling(data.image("digit 3")[None], KINDS[values["kind"]], **options, axes=2)
        window = steps.window(0, *place.values())

        sheet = explorer.view(**values | place)

        assert_same(by_name(sheet, "patch")["z"], window.patch)
        counted = by_name(sheet, "counted")["z"]
        if window.winner is not None:
            taps = np.argwhere(counted == 1).tolist()
            assert counted.sum() == 1
            assert window.winner == tuple(
                axis[tap] for axis, tap in zip(window.taps, taps[0], strict=True)
            )
            row, column = window.winner
            assert shape(sheet, "winner").startswith(f"M{column - 0.5},{row - 0.5}H{column + 0.5}")
        elif window.divisor is None:
            assert not counted.any()
            assert shape(sheet, "winner") == ""
        else:
            wanted = window.terms if values["kind"] == "Lp" else window.counted.float()
            assert_same(counted, wanted)
            assert f": the divisor is {window.divisor}" in dict(sheet.facts)["Taps here"]
            assert f"sum {theme.number(float(window.total))}" in sheet.panels[4].title
        assert dict(sheet.facts)["Taps here"].startswith(
            f"{int(window.inside.sum())} of {window.patch.numel()} on the input"
        )


def assert_same(shown, wanted):
    np.testing.assert_allclose(shown, wanted.numpy(), rtol=1e-6, atol=1e-6)


def test_figures_are_valid_for_plotly_in_many_settings():
    for explorer in (explorers.pooling("digit 3"), explorers.pooling1d()):
        fixed = {"image": ["digit 3"]} if "image" in explorer.declared else {}
        settings = itertools.islice(explorer.view.combinations(fixed), 0, 100_000, 3989)
        for values in sampled(settings, 6):
            assert isinstance(explorer.figure(**values), go.Figure)


def test_winners_are_marked_and_the_one_of_the_window_is_outlined():
    explorer = explorers.pooling(torch.eye(4), row=1, column=1)

    figure = explorer.view(**explorer.start)

    # Windows without a one have zeros only, of which the first wins.
    assert shape(figure, "winners") == (
        "M-0.5,-0.5H0.5V0.5H-0.5ZM1.5,-0.5H2.5V0.5H1.5ZM-0.5,1.5H0.5V2.5H-0.5ZM1.5,1.5H2.5V2.5H1.5Z"
    )
    assert shape(figure, "winner") == "M1.5,1.5H2.5V2.5H1.5Z"
    assert shape(figure, "window") == "M1.5,1.5H3.5V3.5H1.5Z"
    average = explorer.view(**explorer.start | {"kind": "average"})
    assert shape(average, "winner") == ""
    assert shape(average, "winners") == ""
    row = explorers.pooling(torch.eye(4), stride=1, window=1, row=0, column=0)
    assert shape(row.view(**row.start), "winners").startswith("M-0.5,-0.5H3.5V0.5H-0.5Z")


def test_winners_and_taps_of_a_signal_are_marked():
    figure = explorers.pooling1d([0.0, 1.0, 0.5, -1.0], window=2, position=1).sheet()

    taps = by_name(figure, "taps")
    assert (taps["x"].tolist(), taps["y"].tolist()) == ([2, 3], [0.5, -1])
    assert shape(figure, "window") == "M1.5,-1.16H3.5V1.16H1.5Z"
    assert shape(figure, "winner") == "M1.5,-1.16H2.5V1.16H1.5Z"
    # The winners are samples 1 and 2: two diamonds.
    assert shape(figure, "winners").count("Z") == 2
    facts = dict(figure.facts)
    assert facts["Winners"] == "2 of 4 values, of at most 1 window each"


def test_the_arithmetic_is_written_above_the_result():
    image = torch.tensor([[1.0, 2.0], [3.0, 4.0]])

    def title(**options):
        return explorers.pooling(image, **options).sheet().panels[4].title

    assert title() == "= the largest, 4"
    assert title(kind="average") == "= sum 10 / 4 = 2.5"
    assert title(kind="average", padding=1, row=0, column=0) == "= sum 1 / 4 = 0.25"
    assert title(kind="average", padding=1, include_padding=False, row=0, column=0) == (
        "= sum 1 / 1 = 1"
    )
    assert title(kind="Lp") == "= (sum 30)^(1/2) = 5.48"
    assert title(kind="Lp", p=1) == "= (sum 10) = 10"
    cut = explorers.pooling(torch.ones(3, 3), kind="Lp", ceil_mode=True, row=1, column=1)
    assert cut.sheet().panels[4].title == "= (sum 1 · 4/1)^(1/2) = 2"


def test_the_facts_are_those_of_the_setting():
    options = {"window": 3, "stride": 2, "padding": 1, "row": 0, "column": 14}
    explorer = explorers.pooling("digit 3", kind="average", ceil_mode=True, **options)

    facts = dict(explorer.sheet().facts)

    assert facts == {
        "Output height": "⌈(28 + 2·1 − 1·(3 − 1) − 1) / 2⌉ + 1 = 15",
        "Output width": "⌈(28 + 2·1 − 1·(3 − 1) − 1) / 2⌉ + 1 = 15",
        "Window": "3 × 3, no holes",
        "Taps here": "2 of 9 on the input, 4 on the padding: the divisor is 6",
        "Ceil mode adds": "the last row and the last column",
        "Never read": "nothing",
        "Parameters": "none: nothing is learnt",
    }
    assert explorer.sheet().code == (
        'pixels = data.image("digit 3")\n'
        "layer = torch.nn.AvgPool2d(3, stride=2, padding=1, ceil_mode=True)\n"
        "output = layer(pixels[None])[0]"
    )
    floor = dict(explorer.sheet(ceil_mode="no", column=0).facts)
    assert floor["Never read"] == "nothing"  # the row that no window reaches is one of padding
    bare = explorers.pooling("digit 3", window=3, stride=2).sheet()
    assert dict(bare.facts)["Never read"] == "the last row and the last column"
    assert floor["Ceil mode adds"] == "nothing"


def test_a_window_that_would_start_in_the_padding_is_said_not_to_be_made():
    explorer = explorers.pooling1d(torch.ones(3), window=2, stride=4, padding=1, ceil_mode=True)

    facts = dict(explorer.sheet().facts)

    assert facts["Output length"] == (
        "⌈(3 + 2·1 − 1·(2 − 1) − 1) / 4⌉ + 1 = 2, less 1 that would start in the padding = 1"
    )


def test_an_adaptive_window_says_where_it_starts_and_ends():
    explorer = explorers.pooling1d(kind="adaptive average", output_size=5, position=1)

    facts = dict(explorer.sheet().facts)

    assert facts["Window"] == "20 here: ⌊1·96/5⌋ = 19 to under ⌈2·96/5⌉ = 39"
    assert facts["Output length"] == "5, as asked for"


def test_a_setting_comes_back_with_its_kind():
    explorer = explorers.pooling("digit 3", window=3, padding=1)

    explorer.controls["kind"].value = "global average"
    assert explorer.figure().layout.title.text == "28 × 28 in, 1 × 1 out"
    assert explorer.values["padding"] == 0
    explorer.controls["kind"].value = "max"

    assert explorer.values["window"] == 3
    assert explorer.figure().layout.title.text == "28 × 28 in, 9 × 9 out"


def test_values_that_are_no_numbers_are_drawn():
    root = explorers.pooling1d(torch.tensor([-1.0, -1.0, 1.0, 1.0]), kind="Lp", window=2, p=3)
    nothing = explorers.pooling(
        torch.ones(1, 1), window=2, stride=2, padding=1, dilation=3, ceil_mode=True
    )

    assert "NaN" in root.sheet(position=0).panels[4].title
    assert nothing.sheet().panels[4].title == "= the largest of nothing, −∞"
    for explorer in (root, nothing):
        assert isinstance(explorer.figure(), go.Figure)


@pytest.mark.parametrize("kind", ["max", "Lp", "adaptive max", "global average"])
def test_padding_that_is_not_counted_waits_for_a_kind_that_could(kind):
    explorer = explorers.pooling("digit 3", kind=kind, include_padding=False, padding=0)

    assert explorer.values["include_padding"] == "no"
    explorer.controls["kind"].value = "average"
    assert explorer.values["include_padding"] == "no"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"kind": "median"},
            "kind must be one of max, average, Lp, adaptive max, adaptive average, global max, "
            "global average; got 'median'",
        ),
        ({"window": 9}, "window must be an integer from 1 to 8; got 9"),
        ({"stride": 0}, "stride must be one of 1, 2, 3, 4, window; got 0"),
        ({"padding": 2}, "padding must be one of 0, 1; got 2"),
        ({"kind": "average", "dilation": 2}, "dilation must be one of 1; got 2"),
        ({"kind": "Lp", "padding": 1}, "padding must be one of 0; got 1"),
        ({"p": 5}, "p must be an integer from 1 to 4; got 5"),
        ({"output_size": 0}, "output_size must be an integer from 1 to 8; got 0"),
        ({"ceil_mode": "yes"}, "ceil_mode must be one of False, True; got 'yes'"),
        ({"row": 32}, "row must be an integer from 0 to 31; got 32"),
        ({"image_size": 1000}, "image_size must be an integer from 1 to 256; got 1000"),
        (
            {"image": torch.zeros(5, 5), "window": 8},
            "window must fit the padded input of 5 samples; got window=8 for length=5 "
            "with padding=0",
        ),
    ],
)
def test_a_start_that_makes_no_pool_is_refused(options, message):
    with refused(message):
        explorers.pooling(**options)


def test_a_small_image_is_refused_in_words_and_the_rest_goes_on():
    explorer = explorers.pooling(torch.ones(4, 4))

    explorer.controls["window"].value = 8

    assert explorer.refusal == (
        "window must fit the padded input of 4 samples; got window 8 for length 4 with padding 0"
    )
    explorer.controls["window"].value = 3
    assert explorer.refusal is None


@pytest.mark.parametrize(
    ("options", "step", "title"),
    [
        ({"stride": 1}, 1, "position (samples of the input)"),
        ({"window": 4}, 4, "position (samples of the input): value i stands at 4 · i"),
        (
            {"kind": "adaptive max", "output_size": 5},
            96 / 5,
            "position (samples of the input): value i stands at 96/5 · i",
        ),
        ({"kind": "global average"}, 96, "position (samples of the input)"),
    ],
)
def test_the_output_of_a_signal_stands_on_the_axis_of_its_input(options, step, title):
    sheet = explorers.pooling1d(position=0, **options).sheet()

    given, made = sheet.panels[:2]
    assert given.xaxis["range"] == made.xaxis["range"]
    assert by_name(sheet, "output")["dx"] == step
    assert made.click == {"x": {"control": "position", "step": step}}
    assert made.xaxis["title"]["text"] == title


@given(
    window=st.integers(1, 8),
    stride=st.integers(1, 4),
    dilation=st.integers(1, 3),
    padding=st.integers(0, 4),
    ceil_mode=st.sampled_from(["no", "yes"]),
)
@examples(300)
def test_input_window_and_output_fit_on_their_axis(**options):
    explorer = explorers.pooling1d(position=0)
    values = explorer.view.state(explorer.start | options).values
    last = explorer.declared["position"].offered(values)[-1]
    sheet = explorer.view(**values, position=last)

    given, made = (panel.xaxis for panel in sheet.panels[:2])
    line = by_name(sheet, "output")

    assert given["range"] == made["range"]
    low, high = made["range"]
    assert low < 0 <= line["dx"] * last < high
    window = next(each for each in sheet.shapes if each["name"] == "window")
    left, right = (float(each) for each in re.findall(r"[MH](-?[\d.]+)", window["path"])[:2])
    assert low < left < right < high


def check_copied(sheet, key, **own):
    made = copied.run(sheet.code, **own)

    shown = torch.from_numpy(by_name(sheet, "output")[key])
    torch.testing.assert_close(made["output"], shown, equal_nan=True)


def test_what_is_copied_makes_the_output_of_the_figure():
    for explorer in (
        explorers.pooling("digit 3", row=0, column=0),
        explorers.pooling1d(position=0),
    ):
        places = {name: [0] for name in ("row", "column", "position")}
        for values in sampled(explorer.view.combinations(places), 30):
            check_copied(explorer.view(**values), "z" if "row" in values else "y")


def test_an_array_of_your_own_is_called_by_its_argument():
    image = torch.linspace(-1, 1, 70).reshape(10, 7)

    check_copied(explorers.pooling(image, image_size=8).sheet(), "z", image=image)
    check_copied(explorers.pooling1d(image[0], kind="Lp", p=1).sheet(), "y", signal=image[0])

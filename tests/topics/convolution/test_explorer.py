import itertools
import random

import numpy as np
import plotly.graph_objects as go
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, strategies as st

from convrnn_lab import data, explorers
from tests.helpers import REFUSAL, refused
from tests.sampling import SEED, examples, sampled
from tests.topics.convolution.rounding import assert_rounded_sums


def by_name(figure, name):
    return next(trace for trace in figure.traces if trace["name"] == name)


def expected(axes, values):
    """Return what torch makes of a setting in float64, and of the magnitudes; None if nothing."""
    source = data.image(values["image"]) if axes == 2 else data.signal(values["signal"])
    make = data.kernel if axes == 2 else data.kernel1d
    padding = values["padding"]
    source = source.double()[None, None]
    if padding == "causal":
        source = F.pad(source, (values["dilation"] * (values["kernel_size"] - 1), 0))
        padding = 0
    convolve = F.conv2d if axes == 2 else F.conv1d
    options = {"stride": values["stride"], "padding": padding, "dilation": values["dilation"]}
    try:
        weight = make(values["kernel"], values["kernel_size"]).double()[None, None]
        exact = convolve(source, weight, **options)[0, 0]
    except (ValueError, RuntimeError):  # no kernel of that size, or none that fits
        return None
    return exact, convolve(source.abs(), weight.abs(), **options)[0, 0]


def check(explorer, axes, values):
    refusal, wanted = explorer.view.refusal(values), expected(axes, values)
    if wanted is None:
        assert REFUSAL.match(refusal), refusal
        with refused(refusal):
            explorer.view(**values)
        return
    assert refusal is None
    settings = explorer.view.state(values).values
    assert settings == {name: values[name] for name in explorer.view.settings}
    exact, magnitudes = wanted
    products = values["kernel_size"] ** axes + 1
    sheet, key = explorer.view(**values), "z" if axes == 2 else "y"
    shown = torch.from_numpy(by_name(sheet, "output")[key])
    assert_rounded_sums(shown, exact, magnitudes, products)
    place = (values["row"], values["column"]) if axes == 2 else (values["position"],)
    product = torch.from_numpy(by_name(sheet, "product")[key]).sum().float()
    assert_rounded_sums(product, exact[place], magnitudes[place], products)


def settled(explorer, values, chance, places):
    """Return a setting with a place of the output by chance."""
    for name in places:
        offered = explorer.declared[name].offered(values)
        values = values | {name: chance.choice(offered) if offered else 0}
    return values


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel")
def test_settings_of_the_image_explorer_agree_with_torch():
    """Of kernel, size, stride, padding and dilation; image and position by chance."""
    chance = random.Random(SEED)
    explorer = explorers.convolution("digit 3", row=0, column=0)

    grid = list(explorer.view.combinations({"image": ["digit 3"], "row": [0], "column": [0]}))

    sizes = sum(size + 1 for size in range(1, 12))
    assert len(grid) == len(data.KERNELS) * sizes * 4 * 4
    for values in sampled(grid, 600):
        drawn = values | {"image": chance.choice(("digit 3", "digit 8"))}
        check(explorer, 2, settled(explorer, drawn, chance, ("row", "column")))


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel")
def test_settings_of_the_signal_explorer_agree_with_torch():
    chance = random.Random(SEED)
    explorer = explorers.convolution1d(position=0)
    for values in sampled(explorer.view.combinations({"position": [0]}), 600):
        check(explorer, 1, settled(explorer, values, chance, ("position",)))


def test_every_position_of_one_setting_agrees_with_torch():
    explorer = explorers.convolution("digit 5", kernel_size=4, stride=3, padding=2, dilation=2)
    fixed = {
        name: [value] for name, value in explorer.start.items() if name not in ("row", "column")
    }

    settings = list(explorer.view.combinations(fixed))

    assert len(settings) == 9 * 9
    for values in sampled(settings, 20):
        check(explorer, 2, values)


def test_figures_are_valid_for_plotly_in_many_settings():
    """Figures are built as plain dicts; plotly's own checks run here instead of at every move."""
    for make in (explorers.convolution, explorers.convolution1d):
        explorer = make()
        settings = list(itertools.islice(explorer.view.combinations(), 0, 200_000, 9973))
        for values in sampled(settings, 6):
            if explorer.view.refusal(values) is None:
                assert isinstance(explorer.figure(**values), go.Figure)


def test_own_images_stand_first_in_the_list(tmp_path):
    from PIL import Image

    Image.linear_gradient("L").save(tmp_path / "own.png")

    by_path = explorers.convolution(tmp_path / "own.png")
    by_array = explorers.convolution(torch.eye(12))

    assert by_path.controls["image"].options[0] == ("own.png", "own.png")
    assert by_path.values["image"] == "own.png"
    assert by_array.values["image"] == "your image"
    assert by_array.figure().layout.title.text == "12 × 12 in, 10 × 10 out"
    by_array.controls["image"].value = "digit 1"
    assert by_array.figure().layout.title.text == "28 × 28 in, 26 × 26 out"


def test_own_signals_stand_first_in_the_list():
    explorer = explorers.convolution1d([0.0, 1.0, 0.0, 0.0, 2.0, 0.0])

    assert explorer.values["signal"] == "your signal"
    assert by_name(explorer.sheet(), "input")["y"].tolist() == [0.0, 0.5, 0.0, 0.0, 1.0, 0.0]


def test_the_bias_is_added_and_shown():
    explorer = explorers.convolution("digit 3", kernel="box", bias=0.25, row=0, column=0)

    figure = explorer.sheet()

    assert by_name(figure, "output")["z"][0, 0] == pytest.approx(0.25)
    assert "sum 0 + bias 0.25 = 0.25" in figure.panels[4].title


def test_the_facts_are_those_of_the_setting():
    figure = explorers.convolution("digit 3", stride=3, padding=1, dilation=2).sheet()

    facts = dict(figure.facts)

    assert facts == {
        "Output height": "⌊(28 + 2·1 − 2·(3 − 1) − 1) / 3⌋ + 1 = 9",
        "Output width": "⌊(28 + 2·1 − 2·(3 − 1) − 1) / 3⌋ + 1 = 9",
        "Window": "3 × 3 taps over 5 × 5 samples",
        "Parameters": "9 weights + 1 bias = 10",
        "Multiply-adds": "9 · 9 outputs · 9 = 729",
        "Never read": "2 of 28 rows and 2 of 28 columns",
    }
    assert "torch.nn.Conv2d(1, 1, 3, stride=3, padding=1, dilation=2)" in figure.code


def test_the_window_outlines_its_taps_and_holes():
    whole = explorers.convolution("digit 3", padding=1, row=0, column=2).sheet()
    holes = explorers.convolution("digit 3", dilation=2, row=0, column=2).sheet()

    def path(figure, name):
        return next(shape["path"] for shape in figure.shapes if shape["name"] == name)

    assert path(whole, "window") == path(whole, "taps") == "M0.5,-1.5H3.5V1.5H0.5Z"
    assert path(holes, "window") == "M1.5,-0.5H6.5V4.5H1.5Z"
    assert path(holes, "taps").count("M") == 9
    assert path(holes, "taps").startswith("M1.5,-0.5H2.5V0.5H1.5ZM3.5,-0.5")
    assert path(whole, "value") == "M1.5,-0.5H2.5V0.5H1.5Z"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"kernel_size": 0}, "kernel_size must be an integer from 1 to 11; got 0"),
        ({"kernel_size": 12}, "kernel_size must be an integer from 1 to 11; got 12"),
        ({"stride": 0}, "stride must be an integer from 1 to 4; got 0"),
        ({"dilation": 0}, "dilation must be an integer from 1 to 4; got 0"),
        ({"padding": 3}, "padding must be one of 0, 1, 2, same; got 3"),
        ({"padding": "Same"}, "padding must be one of 0, 1, 2, same; got 'Same'"),
        ({"padding": "causal"}, "padding must be one of 0, 1, 2, same; got 'causal'"),
        (
            {"padding": "same", "stride": 2},
            'padding must be a number where the stride is over 1; got "same" with stride=2',
        ),
        ({"row": 62}, "row must be an integer from 0 to 61; got 62"),
        ({"bias": float("nan")}, "bias must be a finite number; got nan"),
        ({"seed": -1}, "seed must be an integer of at least 0; got -1"),
        ({"image_size": 1000}, "image_size must be an integer from 1 to 256; got 1000"),
        (
            {"image": torch.zeros(5, 5), "kernel_size": 11},
            "kernel_size must fit the padded input of 5 samples; got kernel_size=11 for length=5 "
            "with padding=0",
        ),
        (
            {"kernel": "Laplacian", "kernel_size": 2},
            "kernel_size must be at least 3 for Laplacian; got 2",
        ),
        (
            {"image": torch.zeros(1, 2, 3, 4)},
            "image must be a name, a path, or an array of (height, width) or (height, width, 3); "
            "got shape (1, 2, 3, 4)",
        ),
    ],
)
def test_a_start_that_makes_no_convolution_is_refused(options, message):
    with refused(message):
        explorers.convolution(**options)


def test_a_refused_slider_is_told_in_the_words_of_the_controls():
    explorer = explorers.convolution("digit 3")

    def refusal(**values):
        return explorer.view.refusal(explorer.start | values)

    assert refusal(kernel_size=11, dilation=4) == (
        "kernel size must fit the padded input of 28 samples; got kernel size 11 with dilation 4 "
        "spans 41 for length 28 with padding 0"
    )
    assert refusal(kernel="Laplacian", kernel_size=2) == (
        "kernel size must be at least 3 for Laplacian; got 2"
    )
    assert refusal(padding="same", stride=2) == (
        'padding must be a number where the stride is over 1; got "same" with stride 2'
    )


@pytest.mark.parametrize("image", ["photograph", "digit 0", "digit 1", "digit 7", "stripes"])
@pytest.mark.parametrize("padding", [0, "same"])
def test_a_figure_begins_where_something_is_to_be_seen(image, padding):
    sheet = explorers.convolution(image, padding=padding).sheet()

    patch, whole = (by_name(sheet, name)["z"] for name in ("patch", "input"))

    assert np.ptp(patch) > np.ptp(whole) / 2


@pytest.mark.parametrize("signal", data.SIGNALS)
def test_a_figure_of_a_signal_begins_where_something_is_to_be_seen(signal):
    sheet = explorers.convolution1d(signal).sheet()

    patch, whole = (by_name(sheet, name)["y"] for name in ("patch", "input"))

    assert np.ptp(patch) > np.ptp(whole) / 2


def test_a_figure_of_one_colour_begins_in_the_middle():
    explorer = explorers.convolution(torch.ones(9, 7))

    assert (explorer.values["row"], explorer.values["column"]) == (3, 2)


def test_the_smallest_image_and_one_of_zeros_are_drawn():
    assert explorers.convolution(torch.zeros(1, 1), kernel_size=1, kernel="identity").sheet()
    assert explorers.convolution(torch.zeros(3, 200), image_size=256).sheet()


@pytest.mark.parametrize(("padding", "peak"), [("causal", 42), ("same", 40), (0, 38)])
def test_the_shift_of_the_padding_is_seen_on_one_axis(padding, peak):
    pulse = torch.zeros(96)
    pulse[40] = 1.0

    sheet = explorers.convolution1d(pulse, padding=padding).sheet()

    given, made = sheet.panels[:2]
    assert given.xaxis["range"] == made.xaxis["range"]
    assert made.xaxis["title"]["text"] == "position (samples of the input)"
    line = by_name(sheet, "output")
    assert line["x0"] + line["dx"] * int(line["y"].argmax()) == peak


def test_with_a_stride_each_value_stands_at_a_sample_of_the_input():
    sheet = explorers.convolution1d(stride=3, position=4).sheet()

    line, mark = by_name(sheet, "output"), by_name(sheet, "value")

    assert (line["x0"], line["dx"], mark["x"]) == (0, 3, [12])
    assert sheet.panels[1].xaxis["title"]["text"] == (
        "position (samples of the input): value i stands at 3 · i"
    )
    assert sheet.panels[1].click == {"x": {"control": "position", "step": 3}}


@given(
    size=st.integers(1, 11),
    stride=st.integers(1, 4),
    dilation=st.integers(1, 4),
    padding=st.one_of(st.integers(0, 10), st.sampled_from(["same", "causal"])),
)
@examples(300)
def test_input_and_output_fit_on_their_axis(size, stride, dilation, padding):
    values = {"kernel": "box", "kernel_size": size, "stride": stride}
    explorer = explorers.convolution1d(position=0)
    settings = values | {"padding": padding, "dilation": dilation, "signal": "ECG", "position": 0}
    if explorer.view.refusal(settings) is not None:
        return

    given, made = (panel.xaxis for panel in explorer.view(**settings).panels[:2])
    line = explorer.view(**settings).panels[1].traces[0]

    assert given["range"] == made["range"]
    low, high = made["range"]
    assert low < 0
    assert high > 95
    assert low < line["x0"] <= line["x0"] + line["dx"] * (line["y"].shape[0] - 1) < high

import itertools
import random

import plotly.graph_objects as go
import pytest
import torch
import torch.nn.functional as F

from convrnn_lab import data, explorers
from convrnn_lab.explorer import own_panels
from tests.helpers import REFUSAL, refused
from tests.sampling import SEED, sampled
from tests.topics.convolution.rounding import assert_rounded_sums


def by_name(figure, name):
    return next(trace for trace in figure.traces if trace["name"] == name)


def shape(figure, name):
    return next(each for each in figure.shapes if each["name"] == name)["path"]


def expected(values):
    """Return what torch makes of a setting in float64, and of the magnitudes; None if nothing."""
    names = ("stride", "padding", "output_padding", "dilation")
    options = {name: values[name] for name in names}
    image = data.image(values["image"], size=7).double()[None, None]
    try:
        weight = data.kernel(values["kernel"], values["kernel_size"]).double()[None, None]
        exact = F.conv_transpose2d(image, weight, **options)[0, 0]
    except (ValueError, RuntimeError):
        return None
    magnitudes = F.conv_transpose2d(image.abs(), weight.abs(), **options)[0, 0]
    return (exact, magnitudes) if exact.numel() else None


def test_settings_agree_with_torch():
    """Of all settings; image and positions by chance."""
    chance = random.Random(SEED)
    places = ("row", "column", "output_row", "output_column")
    explorer = explorers.transposed_convolution(**dict.fromkeys(places, 0))
    fixed = {"image": ["digit 3"]} | dict.fromkeys(places, (0,))
    grid = list(explorer.view.combinations(fixed))
    added = sum(max(stride, dilation) for stride in range(1, 5) for dilation in range(1, 4))
    assert len(grid) == len(data.KERNELS) * sum(range(1, 6)) * added
    for values in sampled(grid, 600):
        settled = values | {"image": chance.choice(("digit 3", "digit 8"))}
        for name in places:
            offered = explorer.declared[name].offered(settled)
            settled[name] = chance.choice(offered) if offered else 0
        refusal, wanted = explorer.view.refusal(settled), expected(settled)
        if wanted is None:
            assert REFUSAL.match(refusal), settled
            with refused(refusal):
                explorer.view(**settled)
            continue
        assert refusal is None
        exact, magnitudes = wanted
        products = settled["kernel_size"] ** 2
        sheet = explorer.view(**settled)
        shown = torch.from_numpy(by_name(sheet, "output")["z"])
        assert_rounded_sums(shown, exact, magnitudes, products)
        gathered = torch.from_numpy(by_name(sheet, "gathered")["z"]).sum().float()
        place = (settled["output_row"], settled["output_column"])
        assert_rounded_sums(gathered, exact[place], magnitudes[place], products)


def test_figures_are_valid_for_plotly_in_many_settings():
    explorer = explorers.transposed_convolution()
    for values in sampled(itertools.islice(explorer.view.combinations(), 0, 400_000, 19_997), 6):
        if explorer.view.refusal(values) is None:
            assert isinstance(explorer.figure(**values), go.Figure)


def test_both_sides_are_outlined():
    explorer = explorers.transposed_convolution(
        torch.ones(3, 3), row=1, column=0, output_row=3, output_column=2, padding=1
    )

    figure = explorer.view(**explorer.start)

    # The copy of row 1 starts at 1·2 − 1 = 1, that of column 0 at −1.
    assert shape(figure, "copy") == "M-1.5,0.5H1.5V3.5H-1.5Z"
    # Row 3 of the output is row 4 without the padding: the last tap of row 1, the first of row 2.
    # Column 2 is column 3, which only the middle tap of column 1 reaches.
    assert shape(figure, "read") == "M0.5,0.5H1.5V2.5H0.5Z"
    assert by_name(figure, "gathered")["z"].tolist() == [[pytest.approx(1 / 9)]] * 2


def test_the_overlap_and_the_facts_are_those_of_the_setting():
    figure = explorers.transposed_convolution(torch.ones(2, 2), output_row=2, output_column=2)

    drawn, facts = figure.sheet(), dict(figure.sheet().facts)

    assert by_name(drawn, "overlap")["z"].tolist() == [
        [1, 1, 2, 1, 1],
        [1, 1, 2, 1, 1],
        [2, 2, 4, 2, 2],
        [1, 1, 2, 1, 1],
        [1, 1, 2, 1, 1],
    ]
    assert facts == {
        "Output height": "(2 − 1)·2 − 2·0 + 1·(3 − 1) + 0 + 1 = 5",
        "Output width": "(2 − 1)·2 − 2·0 + 1·(3 − 1) + 0 + 1 = 5",
        "Reads rows": "0, 1",
        "Reads columns": "0, 1",
        "Products per value": "1, 2, 4",
        "Multiply-adds": "2 · 2 inputs · 9 = 36",
    }
    assert drawn.panels[3].title == "Gathered: 4 products, sum 0.444"


def test_a_large_overlap_is_drawn_without_its_numbers():
    explorer = explorers.transposed_convolution()

    by_size = {
        stride: explorer.view(**explorer.values | {"stride": stride}).panels[4] for stride in (1, 2)
    }

    assert {each: panel.traces[0]["z"].shape for each, panel in by_size.items()} == {
        1: (9, 9),
        2: (15, 15),
    }
    assert [by_size[each].digits for each in (1, 2)] == [2, -1]
    assert [by_size[each].traces[0]["texttemplate"] for each in (1, 2)] == ["%{z:.2~f}", ""]
    assert not own_panels.needs_plotly(explorer.view.base)
    assert not own_panels.needs_plotly({"panels": [by_size[2].content()]})


def test_the_browser_computes_every_setting_but_the_image():
    view = explorers.transposed_convolution().view

    assert [*view.settings] == ["image"]
    assert [*view.computed] == [
        "kernel",
        "kernel_size",
        "stride",
        "padding",
        "dilation",
        "output_padding",
    ]


def test_a_value_that_no_kernel_reaches_is_said_to_be_one():
    explorer = explorers.transposed_convolution(
        torch.ones(2, 2), kernel_size=1, stride=3, output_row=1, output_column=1
    )

    figure = explorer.sheet()

    assert dict(figure.facts)["Reads rows"] == "none: no kernel reaches here"
    assert figure.panels[3].title == "Gathered: 0 products, sum 0"
    assert shape(explorer.view(**explorer.start), "read") == ""


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"kernel_size": 6}, "kernel_size must be an integer from 1 to 5; got 6"),
        ({"stride": 0}, "stride must be an integer from 1 to 4; got 0"),
        ({"dilation": 4}, "dilation must be an integer from 1 to 3; got 4"),
        ({"padding": 3}, "padding must be an integer from 0 to 2; got 3"),
        ({"output_padding": 2}, "output_padding must be an integer from 0 to 1; got 2"),
        ({"row": 7}, "row must be an integer from 0 to 6; got 7"),
        ({"output_row": 15}, "output_row must be an integer from 0 to 14; got 15"),
        ({"image_size": 17}, "image_size must be an integer from 1 to 16; got 17"),
        (
            {"image": torch.ones(1, 1), "kernel_size": 5, "padding": 4},
            "padding must leave at least one of 5 output samples; got 4 at each end",
        ),
    ],
)
def test_a_start_that_makes_no_output_is_refused(options, message):
    with refused(message):
        explorers.transposed_convolution(**options)

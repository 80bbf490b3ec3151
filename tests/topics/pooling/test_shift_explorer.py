import plotly.graph_objects as go
import pytest
import torch

from convrnn_lab import data, explorers, trace
from convrnn_lab.topics.pooling.shift_explorer import KINDS
from tests import copied
from tests.helpers import refused
from tests.sampling import sampled


def by_name(figure, name):
    return next(each for each in figure.traces if each["name"] == name)


def test_a_setting_shows_what_the_layer_makes_of_the_moved_image():
    explorer = explorers.shift("digit 3")
    pixels = data.image("digit 3")

    settings = list(explorer.view.combinations({"image": ["digit 3"]}))
    assert len(settings) == 4 * 4 * 9
    for values in sampled(settings, 40):
        figure = explorer.view(**values)
        stride = values["stride"]
        cut = pixels[: 28 // stride * stride, : 28 // stride * stride]
        pool = trace.shift_pool(KINDS[values["kind"]], stride)
        moved = cut.roll(values["shift"], 1)
        assert (by_name(figure, "moved input")["z"] == moved.numpy()).all()
        for name, image in (("output", cut), ("moved output", moved)):
            shown = torch.from_numpy(by_name(figure, name)["z"])
            torch.testing.assert_close(shown, pool(image[None, None])[0, 0])
        if values["shift"] % stride == 0:
            assert abs(by_name(figure, "difference")["z"]).max() < 1e-6
        line = by_name(figure, values["kind"])["y"]
        assert len(line) == 9
        facts = dict(figure.facts)
        assert facts[f"Consistency, {values['kind']}"] == f"{line[values['shift']]:.3g}".replace(
            "-", "−"
        )


def test_what_is_copied_makes_the_output_of_the_figure():
    own = torch.rand(13, 10, generator=torch.Generator().manual_seed(0))
    explorer = explorers.shift(own, kernel="Sobel x", image_size=12)
    for values in sampled(explorer.view.combinations(), 30):
        sheet = explorer.view(**values)

        steps = copied.run(sheet.code, image=own)["steps"]

        for name, made in (
            ("output", steps.output),
            ("moved output", steps.moved_output),
            ("difference", steps.difference.float()),
        ):
            torch.testing.assert_close(made, torch.from_numpy(by_name(sheet, name)["z"]))
        assert sheet.title.endswith(f"consistency {steps.consistency:.3g}".replace("-", "−"))


def test_figures_are_valid_for_plotly():
    for name in ("photograph", "stripes", "checkerboard"):
        explorer = explorers.shift(name)
        for stride in (1, 3, 4):
            assert isinstance(explorer.figure(stride=stride), go.Figure)


def test_of_a_large_image_one_shift_is_drawn_at_a_time():
    large, small = explorers.shift(image_size=144), explorers.shift(image_size=128)

    assert (list(large.view.looks), list(small.view.looks)) == ([], ["shift"])
    assert isinstance(large.figure(shift=3), go.Figure)
    assert dict(large.sheet(shift=3).facts)["The output should move"] == (
        "3 / 2 = 1.5 values, no whole number"
    )


def test_all_shifts_are_drawn_on_the_same_scales():
    explorer = explorers.shift("stripes")

    ends = {
        tuple(
            panel.scale[1:]
            for panel in explorer.view(**explorer.start | {"shift": each}).panels[:5]
        )
        for each in range(9)
    }

    assert len(ends) == 1


def test_the_checkerboard_turns_into_its_opposite():
    figure = explorers.shift("checkerboard", kind="strided convolution").sheet()

    assert figure.title == "strided convolution, stride 2, moved by 1: consistency −1"
    assert by_name(figure, "output")["z"].max() == 0
    assert by_name(figure, "moved output")["z"].min() == 1


def test_the_kernel_of_the_strided_convolution_can_be_chosen():
    figure = explorers.shift("digit 3", kind="strided convolution", kernel="Sobel x").sheet()

    weight = data.kernel("Sobel x", 3)
    pool = trace.shift_pool("strided convolution", 2, weight=weight)
    expected = pool(data.image("digit 3")[None, None])[0, 0]
    torch.testing.assert_close(torch.from_numpy(by_name(figure, "output")["z"]), expected)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"kind": "max"},
            "kind must be one of max pool, average pool, strided convolution, blur pool; got 'max'",
        ),
        ({"stride": 5}, "stride must be an integer from 1 to 4; got 5"),
        ({"shift": 9}, "shift must be an integer from 0 to 8; got 9"),
        (
            {"image": torch.zeros(3, 3), "stride": 4},
            "stride must be at most the image's sides; got 4",
        ),
    ],
)
def test_a_start_that_cannot_be_shown_is_refused(options, message):
    with refused(message):
        explorers.shift(**options)

import math

import pytest
import torch

from convrnn_lab import explorers
from convrnn_lab.topics.gates.gradient_explorer import RADII, receptive_field
from convrnn_lab.topics.gates.gradient_layer import CELLS, layer
from tests import copied
from tests.helpers import refused
from tests.sampling import sampled


def facts(figure):
    return dict(figure.facts)


def traces(figure):
    return {each["name"]: each for each in figure.traces}


def slopes(values):
    return torch.from_numpy(values).log().diff()


def test_every_radius_matrix_and_bias_is_drawn():
    explorer = explorers.gradient_through_time(length=16, hidden_size=4)
    some = {"length": [16], "hidden_size": [4], "clip": ["off", 0.1], "seed": [1], "lag": [15]}
    grid = list(explorer.view.combinations(some | {"layers": [6], "towards": ["state"]}))

    for values in sampled(grid, 60):
        assert explorer.view.state(values).content is not None

    assert len(grid) == len(CELLS) * len(RADII) * 2 * 7 * 2


@pytest.mark.parametrize("radius", RADII)
@pytest.mark.parametrize("towards", ["input", "state"])
def test_a_linear_layer_falls_by_its_radius_at_each_step(radius, towards):
    explorer = explorers.gradient_through_time(radius=radius, towards=towards, length=32)

    drawn = traces(explorer.view(**explorer.start))

    wanted = pytest.approx([math.log(radius)] * 31, abs=1e-6)
    if towards == "state":
        assert slopes(drawn["linear"]["y"]).tolist() == wanted
        assert drawn["linear"]["y"][0] == pytest.approx(4)  # of 16 units, the norm of the identity
    assert slopes(drawn["predicted"]["y"]).tolist() == wanted
    # Of an orthogonal matrix all singular values are equal.
    for name in ("largest", "smallest"):
        assert slopes(drawn[name]["y"]).tolist() == wanted


def test_the_line_to_the_input_has_the_slope_too():
    explorer = explorers.gradient_through_time(radius=0.7)

    assert slopes(traces(explorer.view(**explorer.start))["linear"]["y"]).tolist() == pytest.approx(
        [math.log(0.7)] * 63, abs=1e-6
    )


@pytest.mark.parametrize("cell", CELLS)
def test_what_is_drawn_is_autograds(cell):
    explorer = explorers.gradient_through_time(
        cell=cell, matrix="random", length=16, hidden_size=4, forget_bias=2, seed=1
    )

    figure = explorer.view(**explorer.start)

    scope = copied.run(figure.code)
    series = scope["values"][:, None].double()
    whole = torch.autograd.functional.jacobian(lambda x: scope["module"](x[None])[0][0, -1], series)
    wanted = whole[:, :, 0].norm(dim=0).flip(0)
    assert traces(figure)[cell]["y"] == pytest.approx(wanted.numpy(), rel=1e-9)


def test_a_larger_forget_bias_brings_the_lstms_gradient_further():
    explorer = explorers.gradient_through_time()

    ends = [
        traces(explorer.view(**explorer.start | {"forget_bias": bias}))["LSTM"]["y"][-1]
        for bias in (-2, 0, 1, 2)
    ]

    assert ends == sorted(ends)
    assert ends[-1] > 1e6 * ends[0]


def test_what_only_chooses_among_numbers_that_are_there_is_a_look():
    """A page had one lag, one cell, and no clipping, which its text asks for."""
    explorer = explorers.gradient_through_time()

    assert list(explorer.view.settings) == [
        *("radius", "matrix", "forget_bias", "length", "hidden_size", "seed")
    ]
    assert list(explorer.view.looks) == ["cell", "clip", "towards", "layers", "lag"]


@pytest.mark.parametrize(("layers", "seen"), [(1, 3), (3, 15), (6, 64)])
def test_the_shade_ends_where_the_convolution_or_the_series_does(layers, seen):
    explorer = explorers.gradient_through_time(length=64)

    figure = explorer.view(**explorer.start | {"layers": layers})

    (shade,) = (each for each in figure.shapes if each["name"] == "field")
    assert shade["path"].startswith("M-0.5,")
    assert f"H{seen - 0.5}V" in shade["path"]


def test_without_clipping_no_line_is_dotted():
    explorer = explorers.gradient_through_time(clip="off")

    figure = explorer.sheet()

    assert math.isnan(max(traces(figure)["clipped"]["y"]))
    assert figure.panels[0].title.endswith("▲ GRU, dashed: predicted")
    clipped = explorer.view(**explorer.start | {"clip": 10.0, "cell": "GRU"})
    assert clipped.panels[0].title.endswith("dashed: predicted, dotted: GRU, clipped")


def test_horizon_and_receptive_field_stand_on_one_axis():
    explorer = explorers.gradient_through_time(radius=0.8, layers=3)

    figure = explorer.sheet()

    bars = traces(figure)["horizon"]
    shown = dict(zip(bars["y"], bars["x"], strict=True))
    assert shown["linear"] == math.ceil(math.log(0.01) / math.log(0.8))
    assert [shown[f"{n} conv"] for n in range(1, 7)] == [3, 7, 15, 31, 63, 127]
    assert "sees 15 steps" in facts(figure)["Causal convolution"]


def test_a_receptive_field_is_what_a_causal_convolution_sees():
    x = torch.zeros(1, 1, 40, requires_grad=True)
    out = x
    for each in range(3):
        out = torch.nn.functional.pad(out, (2 * 2**each, 0))
        out = torch.nn.functional.conv1d(out, torch.ones(1, 1, 3), dilation=2**each)
    (found,) = torch.autograd.grad(out[0, 0, -1], x)

    assert int((found != 0).sum()) == receptive_field(3)


def test_clipping_lowers_the_line_and_keeps_its_slope():
    explorer = explorers.gradient_through_time(radius=1.5, clip=0.1)

    drawn = traces(explorer.view(**explorer.start))

    clipped = torch.from_numpy(drawn["clipped"]["y"])
    assert clipped.norm().item() == pytest.approx(0.1, rel=1e-4)
    assert slopes(drawn["clipped"]["y"]).tolist() == pytest.approx([math.log(1.5)] * 63, abs=1e-6)


def test_what_is_under_the_limit_is_not_clipped():
    explorer = explorers.gradient_through_time(radius=0.5, clip=10.0)

    figure = explorer.view(**explorer.start)

    assert facts(figure)["linear, clipped to 10"].endswith("left as it is")
    assert (traces(figure)["clipped"]["y"] == traces(figure)["linear"]["y"]).all()


def test_only_the_gated_cells_are_computed_anew_for_a_bias():
    explorer = explorers.gradient_through_time(length=16)

    one, other = (explorer.view(**explorer.start | {"forget_bias": bias}) for bias in (1, 2))

    same = [traces(one)[cell]["y"].tolist() == traces(other)[cell]["y"].tolist() for cell in CELLS]
    assert same == [True, True, False, False]


def test_a_gru_keeps_by_its_update_gate():
    options = {"radius": 1.0, "matrix": "random", "hidden_size": 4, "seed": 0}

    module = layer("GRU", forget_bias=3, **options)

    assert module.bias_ih_l0.chunk(3)[1].tolist() == [3] * 4
    assert module.bias_hh_l0.chunk(3)[1].tolist() == [0] * 4
    assert module.bias_ih_l0.chunk(3)[0].abs().max() <= 0.5


def test_a_series_of_ones_own_is_read_and_a_short_one_refused():
    explorer = explorers.gradient_through_time("ECG", length=16)
    assert traces(explorer.sheet())["tanh"]["y"][0] > 0

    with refused("length must be at most the series' 20 samples; got 64"):
        explorers.gradient_through_time(torch.zeros(20))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"cell": "RNN"}, "cell must be one of linear, tanh, LSTM, GRU; got 'RNN'"),
        ({"matrix": "zero"}, "matrix must be one of orthogonal, random; got 'zero'"),
        ({"length": 65}, "length must be one of 16, 32, 64, 128; got 65"),
        ({"layers": 7}, "layers must be an integer from 1 to 6; got 7"),
        ({"lag": 64}, "lag must be an integer from 0 to 63; got 64"),
        ({"clip": 2.0}, "clip must be one of off, 0.1, 1.0, 10.0; got 2.0"),
        ({"towards": "weights"}, "towards must be one of input, state; got 'weights'"),
    ],
)
def test_what_is_not_offered_is_refused(options, message):
    with refused(message):
        explorers.gradient_through_time(**options)

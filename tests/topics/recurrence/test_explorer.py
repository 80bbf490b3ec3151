import copy
import math
import random
import re

import numpy as np
import plotly.graph_objects as go
import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pack_sequence

from convrnn_lab import checks, data, explorers, models, trace
from convrnn_lab.drawing import looks, theme
from convrnn_lab.topics.recurrence.explorer import CELLS
from convrnn_lab.topics.recurrence.units import ORDERS
from convrnn_lab.topics.recurrence.views import LESS_SILENCE as LESS
from tests import copied
from tests.helpers import refused
from tests.sampling import SEED, sampled

STRUCTURE = {
    "length": [1, 2, 13],
    "hidden_size": [1, 5],
    "spectral_radius": ["as PyTorch", 1.2],
    "forget_bias": ["as PyTorch", 5],
    "seed": [3],
    "first_state": [0, 1],
    "edit": ["none"],
    "frequency": ["1/16"],
    "drawn": ["as they are"],
}


def by_name(figure, name):
    return next((each for each in figure.traces if each["name"] == name), None)


def facts(figure):
    return dict(figure.facts)


def steps(values):
    name, length = values["series"], values["length"]
    if name == "text":
        return data.one_hot(data.encode(data.text("heapq")[:length]))
    top, bottom = map(int, values["frequency"].split("/"))
    options = {"frequency": top / bottom, "seed": values["seed"]}
    return data.series(name, length=length, **options)[:, None]


def torch_module(values, features):
    options = {"layers": values["layers"], "bidirectional": values["direction"] == "both"}
    if values["cell"] == "RNN ReLU":
        options["nonlinearity"] = "relu"
    if values["spectral_radius"] != "as PyTorch":
        options["spectral_radius"] = values["spectral_radius"]
    if values["cell"] == "LSTM" and values["forget_bias"] != "as PyTorch":
        options["forget_bias"] = values["forget_bias"]
    return models.recurrent(
        values["cell"].split()[0],
        input_size=features,
        hidden_size=values["hidden_size"],
        seed=values["seed"],
        **options,
    )


def expected(values, module, given):
    """Return hidden and cell states, shape (time, unit), by torch's module run step by step."""
    shape = (module.num_layers * (1 + module.bidirectional), module.hidden_size)
    state = torch.full(shape, float(values["first_state"]), dtype=given.dtype)
    backward, layer = values["shown"] == "backward", values["layer"]
    if module.bidirectional or module.num_layers > 1:
        # Only the outputs of the last layer are seen from outside, and no cells.
        if layer < module.num_layers - 1:
            return None, None
        state = (state, state) if module.mode == "LSTM" else state
        return module(given, state)[0].chunk(2 if module.bidirectional else 1, -1)[backward], None
    hidden, cells = [], []
    state = (state, state) if module.mode == "LSTM" else state
    for x in given.split(1):
        _, state = module(x, state)
        hidden.append(state[0][0] if isinstance(state, tuple) else state[0])
        cells.append(state[1][0] if isinstance(state, tuple) else state[0])
    return torch.stack(hidden), torch.stack(cells) if module.mode == "LSTM" else None


def check(explorer, values):
    figure = explorer.view(**values)
    given = steps(values)
    with torch.no_grad():
        module = torch_module(values, given.shape[1])
        runs = expected(values, module, given)
        exact = expected(values, copy.deepcopy(module).double(), given.double())
    for name, wanted, true in zip(("hidden", "cell"), runs, exact, strict=True):
        drawn = by_name(figure, name)
        if wanted is not None:
            order = [int(each) for each in drawn["y"]]
            assert sorted(order) == list(range(values["hidden_size"]))
            shown = torch.from_numpy(drawn["z"]).T
            # A cell that amplifies what enters it amplifies rounding too, torch's as well as ours.
            own = (wanted - true).abs().max().item()
            atol = max(2e-6, 8 * own)
            torch.testing.assert_close(shown, wanted[:, order], rtol=1e-5, atol=atol)
    assert (by_name(figure, "cell") is None) == (values["cell"] != "LSTM")
    check_lens(figure, values)


def check_lens(figure, values):
    """Rebuild the unit's h and c from the numbers of the table and of the step before."""
    table = by_name(figure, "lens")["z"].astype(float)
    unit, time = values["unit"], values["time"]
    earlier = time + 1 if values["shown"] == "backward" else time - 1
    at = {}
    for name in ("hidden", "cell"):
        drawn = by_name(figure, name)
        if drawn is not None:
            row = drawn["z"][drawn["y"].index(str(unit))]
            inside = 0 <= earlier < len(row)
            at[name] = row[time], row[earlier] if inside else values["first_state"]
    np.testing.assert_allclose(table[:, :4].sum(axis=1), table[:, 4], atol=1e-5, rtol=1e-5)
    sigmoid = 1 / (1 + np.exp(-table[:, 4]))
    now, before = at["hidden"]
    if values["cell"] == "LSTM":
        i, f, o = sigmoid[[0, 1, 3]]
        cell = f * at["cell"][1] + i * math.tanh(table[2, 4])
        assert at["cell"][0] == pytest.approx(cell, abs=1e-5)
        made = o * math.tanh(cell)
    elif values["cell"] == "GRU":
        made = (1 - sigmoid[1]) * math.tanh(table[2, 4]) + sigmoid[1] * before
    else:
        total = table[0, 4]
        made = max(0.0, total) if values["cell"] == "RNN ReLU" else math.tanh(total)
    assert now == pytest.approx(made, rel=1e-5, abs=1e-5)


def test_every_structure_agrees_with_torch():
    """Cells, layers, directions, sizes, first states; series, unit, order and step by chance."""
    chance = random.Random(SEED)
    explorer = explorers.hidden_state()
    grid = explorer.view.combinations(
        STRUCTURE | {"series": ["sine"], "unit": [0], "time": [0], "sort": ["index"]}
    )
    grid = list(grid)
    for values in sampled(grid, 150):
        settled = values | {
            "series": chance.choice(explorer.controls["series"].options)[1],
            "sort": chance.choice(ORDERS),
            "unit": chance.randrange(values["hidden_size"]),
            "time": chance.randrange(values["length"]),
        }
        check(explorer, settled)
    shapes = sum(layers * directions for layers in (1, 2, 3) for directions in (1, 2))
    assert len(grid) == (3 + 2) * shapes * 3 * 2 * 2 * 2  # an LSTM has two forget biases


def test_settings_by_chance_agree_with_torch():
    chance = random.Random(SEED)
    explorer = explorers.hidden_state()
    for _ in sampled(range(150), 45):
        values = {}
        for name, control in explorer.declared.items():
            values[name] = chance.choice(control.offered(values))
        values |= {
            "edit": "none",
            "to": 0.0,
            "drawn": "as they are",
            "length": min(values["length"], 90),
        }
        if values["cell"] == "RNN ReLU":
            values["spectral_radius"] = 0.8  # the others explode, and nothing is left to compare
        values["time"] = min(values["time"], values["length"] - 1)
        check(explorer, values)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize(
    ("kind", "weights", "place"),
    [("W_x", "weight_ih", (0,)), ("W_h", "weight_hh", (1,)), ("b_", "bias_ih", ())],
)
def test_one_weight_can_be_set(cell, kind, weights, place):
    explorer = explorers.hidden_state("noise", cell=cell, length=12, hidden_size=3, layers=2)
    letters = {"LSTM": "ifgo", "GRU": "rzn"}.get(cell, "")
    offered = explorer.declared["edit"].offered(explorer.values)
    assert offered[0] == "none"
    assert [each for each in offered if each.startswith(kind)] == (
        [kind + letter for letter in letters] or [kind]
    )
    for gate, name in enumerate(each for each in offered if each.startswith(kind)):
        places = {"of_unit": 1, "of_layer": "1", "unit": 1, "layer": 1, "time": 7}
        settled = explorer.values | {"edit": name, "to": 2.5} | places
        given = steps(settled)
        module = torch_module(settled, 1)
        weight = getattr(module, f"{weights}_l1").data
        was = weight[(3 * gate + 1, *place)].item()
        weight[(3 * gate + 1, *place)] = 2.5

        figure = explorer.view(**settled)

        shown = torch.from_numpy(by_name(figure, "hidden")["z"]).T
        with torch.no_grad():
            torch.testing.assert_close(shown, module(given)[0])
        assert facts(figure)[f"{name} of unit 1"] == f"2.5, was {theme.number(was)}"
        namespace = copied.run(figure.code)
        torch.testing.assert_close(shown, namespace["run"].hidden[1, 0, :, 0])
        check_lens(figure, settled)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("series", ["text", "noise", "square", "ECG"])
def test_the_lines_of_code_give_the_states_shown(cell, series):
    explorer = explorers.hidden_state(
        series, cell=cell, length=9, first_state=-1, spectral_radius=0.8, seed=4, forget_bias=3
    )

    figure = explorer.sheet()

    shown = torch.from_numpy(by_name(figure, "hidden")["z"]).T
    namespace = copied.run(figure.code)
    torch.testing.assert_close(shown, namespace["run"].hidden[0, 0, :, 0])


def test_the_equations_have_the_numbers_of_the_step():
    explorer = explorers.hidden_state("noise", cell="GRU", length=9, time=4, unit=2)

    written = facts(explorer.sheet())

    run = trace.recurrence(
        models.recurrent("GRU", input_size=1, hidden_size=8),
        data.series("noise", length=9)[:, None],
    )
    step = run.step(0, 0, 4, 0, 2)
    numbers = [
        float(each)
        for each in re.findall(
            r"-?[\d.]+(?:e-\d+)?", written["Reset r(4)"].replace("− ", "-").replace("−", "-")
        )
    ]
    gate = step.gates["reset"]
    terms = [gate.from_input, gate.input_bias, gate.from_hidden, gate.hidden_bias, gate.value]
    assert numbers == pytest.approx(terms, rel=5e-3)
    assert written["h(4)"].endswith(f"= {step.hidden:.3g}".replace("-", "−"))
    assert written["Cho et al. 2014"].endswith(
        f"h = {step.reset_first.hidden:.3g}".replace("-", "−")
    )


def test_what_moves_with_the_step_is_a_shape():
    """Plotly draws shapes alone in a fraction of the time; only the lens has other numbers."""
    view = explorers.hidden_state("noise").view
    shown = view.state(view.start).content

    first, second = (
        looks.seen({"panels": shown["panels"]}, view.places(view.start | {"time": time}))
        for time in (3, 40)
    )

    for old, new in zip(first["panels"], second["panels"], strict=True):
        if old["title"].startswith(("Unit", "Weights")):
            continue
        assert old["layout"]["shapes"] != new["layout"]["shapes"]
        for a, b in zip(old["data"], new["data"], strict=True):
            for key in a:
                assert np.array_equal(a[key], b[key]), key


def test_a_click_on_a_sorted_row_looks_at_the_unit_in_it():
    explorer = explorers.hidden_state("noise", length=20, sort="memory", unit=3)

    sheet = explorer.sheet()

    order = trace.units(
        trace.recurrence(
            models.recurrent("LSTM", input_size=1, hidden_size=8),
            data.series("noise", length=20)[:, None],
        )
    ).order("memory")
    hidden = sheet.panels[1]
    assert list(hidden.click["y"]["order"]) == list(order) != sorted(order)
    assert hidden.traces[0]["y"] == [*map(str, order)]
    row = order.index(3)
    assert hidden.shapes[1]["path"] == f"M-0.5,{row - 0.5}H19.5V{row + 0.5}H-0.5Z"


def test_figures_are_valid_for_plotly():
    for series in ("text", "impulse", "power demand"):
        for cell in CELLS:
            explorer = explorers.hidden_state(series, cell=cell, direction="both", layers=2)
            assert isinstance(explorer.figure(shown="backward", layer=1), go.Figure)
            assert isinstance(explorer.figure(length=1, hidden_size=1), go.Figure)
    assert isinstance(explorers.side_by_side("text").figure(), go.Figure)


def test_nan_in_a_series_is_shown_and_said():
    own = torch.randn(40, generator=torch.Generator().manual_seed(0))
    own[17] = torch.nan

    explorer = explorers.hidden_state(own, cell="LSTM", length=40, time=30)

    figure = explorer.sheet()
    shown = by_name(figure, "hidden")["z"]
    assert np.isfinite(shown[:, :17]).all()
    assert np.isnan(shown[:, 17:]).all()
    assert facts(figure)["Input not finite"] == "first at step 17"
    assert facts(figure)["State not finite"] == "from step 17 on, where it is NaN"


def test_an_exploding_state_leaves_the_first_steps_readable():
    explorer = explorers.hidden_state(
        "noise", cell="RNN ReLU", length=512, hidden_size=16, spectral_radius=1.5, seed=4, time=511
    )

    figure = explorer.sheet()

    drawn = by_name(figure, "hidden")
    places = np.argwhere(~np.isfinite(drawn["z"]))
    unit, broken = places[places[:, 1].argmin()].tolist()
    assert facts(figure)["State not finite"] == f"from step {broken} on, where it is infinite"
    assert facts(explorer.sheet(time=broken, unit=unit))[f"h({broken})"].endswith("= ∞")
    assert drawn["zmax"] <= 20 * drawn["z"][:, :16].max()
    assert "up to" in figure.panels[1].title


def test_where_a_state_is_lost_is_said_as_its_direction_reads():
    module = models.recurrent("GRU", input_size=1, hidden_size=2, layers=2, bidirectional=True)
    steps = torch.zeros(9, 1)
    steps[5] = torch.nan

    explorer = explorers.recurrence(module, steps[None])

    said = {
        (layer, way): facts(explorer.sheet(layer=layer, shown=way))["State not finite"]
        for layer in (0, 1)
        for way in ("forward", "backward")
    }
    assert said == {
        (0, "forward"): "from step 5 on, where it is NaN",
        (0, "backward"): "from step 5 back, where it is NaN",
        (1, "forward"): "from step 0 on, where it is NaN",
        (1, "backward"): "from step 8 back, where it is NaN",
    }


def test_the_table_of_the_lens_names_its_rows_and_columns():
    shown = explorers.hidden_state(cell="GRU").view.base["panels"]
    tabs = {panel["tab"]: panel for panel in shown if "tab" in panel}
    panel, weights = tabs["One unit, one step"], tabs["Weights"]

    assert weights["layout"]["yaxis"]["ticktext"] == ["r", "z", "n"]
    assert panel["layout"]["xaxis"]["ticktext"] == ["W x", "b", "W h", "b", "sum", "value"]
    assert panel["layout"]["yaxis"]["ticktext"] == ["r", "z", "n"]


def test_side_by_side_shows_the_four_modules_on_one_input():
    explorer = explorers.side_by_side("square", length=20, hidden_size=3, seed=2, time=7)
    for values in explorer.view.combinations(
        {
            "series": ["square", "text"],
            "frequency": ["1/8"],
            "length": [1, 20],
            "hidden_size": [3],
            "seed": [2],
        }
    ):
        figure = explorer.view(**values)
        for cell in CELLS:
            same = {"cell": cell, "layers": 1, "direction": "forward", "forget_bias": "as PyTorch"}
            module = torch_module(values | same, steps(values).shape[1])
            with torch.no_grad():
                wanted = module(steps(values))[0]
            torch.testing.assert_close(torch.from_numpy(by_name(figure, cell)["z"]).T, wanted)
            length = wanted[values["time"]].norm().item()
            assert facts(figure)[cell].startswith(f"|h({values['time']})| = {length:.3g},")


MODULES = [
    nn.RNN(2, 4, nonlinearity="relu"),
    nn.LSTM(2, 4, 2, bidirectional=True, batch_first=True, proj_size=3),
    nn.GRU(2, 4, 2, bias=False),
]


@pytest.mark.parametrize("module", MODULES, ids=lambda module: type(module).__name__)
def test_any_module_is_shown_for_every_sequence(module, rng):
    given = torch.randn(3, 3, 2, generator=rng)
    explorer = explorers.recurrence(module, given)

    with torch.no_grad():
        output = module(given)[0]
    if not module.batch_first:
        output = output.transpose(0, 1)
    for values in explorer.view.combinations({"layer": [module.num_layers - 1]}):
        figure = explorer.view(**values)
        way = int(values["shown"] == "backward")
        parts = output[values["batch"]].chunk(1 + module.bidirectional, dim=-1)
        drawn = by_name(figure, "hidden")
        wanted = parts[way][:, [int(each) for each in drawn["y"]]]
        torch.testing.assert_close(torch.from_numpy(drawn["z"]).T, wanted)
    assert isinstance(explorer.figure(), go.Figure)


def test_sequences_of_several_lengths_have_their_own_steps(rng):
    packed = pack_sequence([torch.randn(n, 6, generator=rng) for n in (7, 2)])
    explorer = explorers.recurrence(nn.GRU(6, 3), packed)

    explorer.controls["batch"].value = 1

    assert explorer.controls["time"].max == 1
    assert by_name(explorer.sheet(), "hidden")["z"].shape == (3, 2)
    assert by_name(explorer.sheet(), "input")["z"].shape == (6, 2)


def test_own_series_stand_first_in_the_list(tmp_path):
    path = tmp_path / "own.csv"
    path.write_text("value\n1\n2\n4\n3\n")

    explorer = explorers.hidden_state(path, length=4)

    assert explorer.controls["series"].options[0] == ("own.csv", "own.csv")
    assert by_name(explorer.sheet(), "input")["y"].tolist() == [0.25, 0.5, 1, 0.75]
    explorer.controls["series"].value = "sunspots"
    assert explorer.controls["length"].max == 309


@pytest.mark.parametrize("made", [list, np.array, torch.tensor])
def test_a_series_of_ones_own_may_be_any_array(made):
    explorer = explorers.hidden_state(made([1.0, 2.0, 4.0, 3.0]), length=4)

    assert by_name(explorer.sheet(), "input")["y"].tolist() == [0.25, 0.5, 1, 0.75]


def test_controls_that_mean_nothing_offer_one_value():
    explorer = explorers.hidden_state("ECG", cell="GRU")

    for name in ("frequency", "forget_bias", "layer", "shown", "to"):
        offered = explorer.declared[name].offered(explorer.values)
        assert len(offered) == 1, name


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"length": 0}, "length must be an integer from 1 to 512; got 0"),
        (
            {"series": "sunspots", "length": 310},
            "length must be an integer from 1 to 309; got 310",
        ),
        ({"cell": "RNN"}, "cell must be one of RNN tanh, RNN ReLU, LSTM, GRU; got 'RNN'"),
        ({"hidden_size": 65}, "hidden_size must be an integer from 1 to 64; got 65"),
        ({"hidden_size": "8"}, "hidden_size must be an integer from 1 to 64; got '8'"),
        ({"layers": 4}, "layers must be an integer from 1 to 3; got 4"),
        (
            {"forget_bias": 6},
            "forget_bias must be one of as PyTorch, -2, -1, 0, 1, 2, 3, 4, 5; got 6",
        ),
        ({"seed": -1}, "seed must be an integer from 0 to 99; got -1"),
        ({"first_state": 2}, "first_state must be one of -1, 0, 1; got 2"),
        ({"unit": 8}, "unit must be an integer from 0 to 7; got 8"),
        ({"time": 64}, "time must be an integer from 0 to 63; got 64"),
        (
            {"frequency": "1/5"},
            "frequency must be one of 1/64, 1/48, 1/32, 1/24, 1/16, 1/12, 1/8, 1/6, 1/4, 1/3; "
            "got '1/5'",
        ),
        (
            {"series": "heart"},
            f"series must be one of {', '.join(data.SERIES)}, or a CSV file; got 'heart', which "
            "is not there",
        ),
    ],
)
def test_a_start_that_is_out_of_range_is_refused(options, message):
    with refused(message):
        explorers.hidden_state(**options)


def test_a_file_with_text_in_it_is_refused(tmp_path):
    path = tmp_path / "words.csv"
    path.write_text("1\ntwo\n3\n")

    with refused(
        f"series must be a file with one number a line; got {checks.shown(str(path))}, "
        "where line 2 is 'two'"
    ):
        explorers.hidden_state(path, length=3)


def test_what_is_left_of_an_impulse_is_drawn_without_what_the_biases_do():
    explorer = explorers.hidden_state("impulse", cell="RNN tanh", length=40, spectral_radius=0.5)

    plain, left = (
        by_name(explorer.sheet(drawn=drawn), "hidden")["z"] for drawn in ("as they are", LESS)
    )

    # The impulse is at step 4. The biases hold the states up; what is left of the impulse fades.
    assert not left[:, :4].any()
    assert abs(plain[:, -1]).max() > 0.1
    assert 0 < abs(left[:, 5]).max() < abs(left[:, 4]).max()
    assert abs(left[:, -1]).max() < 1e-6
    assert explorer.sheet(drawn=LESS).panels[1].title == "Hidden state less that over zeros, 8 × 40"


def test_an_rnn_has_no_forget_bias_to_set():
    explorer = explorers.hidden_state(cell="RNN tanh")
    assert explorer.controls["forget_bias"].disabled

    explorer.controls["cell"].value = "LSTM"

    assert not explorer.controls["forget_bias"].disabled


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.mix = nn.Linear(3, 2)
        self.lstm = nn.LSTM(2, 4, batch_first=True)
        self.unused = nn.GRU(2, 2)

    def forward(self, x):
        return self.lstm(self.mix(x), (torch.ones(1, 1, 4), torch.zeros(1, 1, 4)))[0]


def test_a_layer_inside_a_model_is_shown_with_what_the_model_gives_it(rng):
    model, steps = Encoder().train(), torch.randn(1, 9, 3, generator=rng)

    explorer = explorers.recurrence(model, steps, layer="lstm")

    with torch.no_grad():
        wanted = model(steps)[0]
    drawn = torch.from_numpy(by_name(explorer.sheet(), "hidden")["z"]).T
    torch.testing.assert_close(drawn, wanted)
    assert model.training
    assert not model.lstm._forward_pre_hooks


def test_a_series_of_the_package_is_read_by_a_module_of_one_feature():
    explorer = explorers.recurrence(nn.LSTM(1, 4), data.series("ECG"))

    assert by_name(explorer.sheet(), "hidden")["z"].shape == (4, 64)


def test_a_model_without_the_layer_that_is_asked_for_is_refused():
    model, steps = Encoder(), torch.zeros(1, 9, 3)
    with refused(
        "module must be a torch.nn.RNN, LSTM or GRU; got Encoder, which has the recurrent layers "
        "lstm and unused"
    ):
        explorers.recurrence(model, steps)
    with refused("layer must be one of lstm; got 'unused'"):
        explorers.recurrence(model, steps, layer="unused")
    with refused(
        "state must be None with a layer, which the model gives its state; got shape (1, 1, 4)"
    ):
        explorers.recurrence(model, steps, torch.zeros(1, 1, 4), layer="lstm")
    with refused("module must call a torch.nn.RNN, LSTM or GRU for this input; got Linear"):
        explorers.recurrence(nn.Linear(3, 2), steps, layer="lstm")
    with refused("module must be a torch.nn.Module; got 'LSTM'"):
        explorers.recurrence("LSTM", steps, layer="lstm")
    with refused(
        "input must suit the model; got shape (2,): mat1 and mat2 shapes cannot be multiplied "
        "(1x2 and 3x2)"
    ):
        explorers.recurrence(model, torch.zeros(2), layer="lstm")


def test_a_module_that_is_not_known_is_refused():
    with refused("module must be a torch.nn.RNN, LSTM or GRU; got Linear"):
        explorers.recurrence(nn.Linear(2, 2), torch.zeros(3, 2))
    with refused("state must be a tensor of shape (1, 2); got shape (1, 3)"):
        explorers.recurrence(nn.GRU(1, 2), torch.zeros(3, 1), torch.zeros(1, 3))
    with refused("input must be torch.float32 on cpu, as the module is; got torch.float64 on cpu"):
        explorers.recurrence(nn.GRU(1, 2), torch.zeros(3, 1).double())


def test_a_widget_of_plotlys_can_hold_the_figure():
    figure = explorers.hidden_state(length=16, hidden_size=4).figure()

    spots = [shape for shape in figure.layout.shapes if shape.type in {"circle", "rect"}]
    visible = [shape.visible for shape in spots]
    assert visible
    assert all(each is True for each in visible)  # a widget cannot send numpy's
